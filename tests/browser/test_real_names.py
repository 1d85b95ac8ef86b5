"""Names as long as clouds and Kubernetes make them: nothing is wider than its place."""

import pytest

from tests.browser.conftest import OpenPage

NODE = "ip-10-20-30-40.eu-central-1.compute.internal"
SERVICE = "checkout-" + "x" * 54
MANIFESTS = f"""
apiVersion: v1
kind: Node
metadata: {{name: {NODE}}}
status: {{addresses: [{{type: InternalIP, address: 10.20.30.40}}]}}
---
apiVersion: v1
kind: Service
metadata: {{name: {SERVICE}, namespace: payments-production-eu}}
spec: {{type: NodePort, selector: {{app: checkout}}, ports: [{{port: 80, nodePort: 30080}}]}}
---
apiVersion: v1
kind: Pod
metadata: {{name: checkout-7c9d, namespace: payments-production-eu, labels: {{app: checkout}}}}
spec: {{nodeName: {NODE}, containers: [{{name: c, image: registry.example/checkout:1}}]}}
"""


@pytest.mark.parametrize("width", [320, 390, 1024, 1440])
def test_long_names_stay_inside_the_panel_and_the_window(visit: OpenPage, width: int) -> None:
    """With a node of EKS down, and a service and namespace of 85 characters in focus."""
    page = visit("/", viewport={"width": width, "height": 900})
    page.locator("textarea").first.fill(MANIFESTS)
    page.get_by_role("button", name="Visualize").click()
    page.wait_for_url("**/t/**")
    page.goto(f"{page.url.split('?')[0]}?down=node/{NODE}&at=failed")
    assert page.evaluate("document.documentElement.scrollWidth") == width
    outside = page.locator(".panel").evaluate(
        "panel => [...panel.querySelectorAll('h2, a, p, .btn, .wide')]"
        ".filter(it => it.getBoundingClientRect().right > panel.getBoundingClientRect().right)"
        ".map(it => it.textContent.trim())"
    )
    assert outside == []
