"""What stands around manifests is read past, with all line numbers right."""

from textwrap import indent

import pytest

from webapp.manifests import Upload, read
from webapp.manifests.surrounding_text import unwrapped

SERVICE = "apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {ports: [{port: 80}]}\n"
OTHER = SERVICE.replace("web", "api")
RELEASE = """\
NAME: shop
LAST DEPLOYED: Mon Nov 30 10:00:00 2026
NAMESPACE: default
STATUS: pending-install
REVISION: 1
HOOKS:
---
# Source: shop/templates/tests/test.yaml
apiVersion: v1
kind: Pod
metadata: {name: shop-test}
MANIFEST:
---
# Source: shop/templates/web.yaml
"""


@pytest.mark.parametrize(
    ("text", "found"),
    [
        pytest.param(f"```yaml\n{SERVICE}```\n", [("web", 2)], id="a fence around it"),
        pytest.param(f"```\n{SERVICE}```\nIt is: refused [\n", [("web", 2)], id="words after it"),
        pytest.param(f"My service: [\n\n~~~ yml\n{SERVICE}~~~\n", [("web", 4)], id="words before it"),
        pytest.param(f"```yaml\n{SERVICE}", [("web", 2)], id="never closed"),
        pytest.param(f"{SERVICE}```\n", [("web", 1)], id="never opened"),
        pytest.param(f"```yaml\n{SERVICE}```\nand\n```yaml\n{OTHER}```\n", [("web", 2), ("api", 9)], id="two blocks"),
        pytest.param(f"```bash\nkubectl: [\n```\n```yaml\n{OTHER}```\n", [("api", 5)], id="a command before it"),
        pytest.param(indent(f"```yaml\n{SERVICE}```\n", "  "), [("web", 2)], id="indented"),
        pytest.param(
            f"1. Apply:\n\n{indent(f'```yaml{chr(10)}{SERVICE}---{chr(10)}{OTHER}```', '   ')}\n",
            [("web", 4), ("api", 9)],
            id="below a list item of Markdown",
        ),
        pytest.param(f"cat <<EOF | kubectl apply -f -\n{SERVICE}EOF\necho: [\n", [("web", 2)], id="a shell command"),
        pytest.param(
            f"#!/bin/sh\nkubectl apply -f - <<'END'\n{SERVICE}END\ncat > x <<-EOF\n{OTHER}EOF\n",
            [("web", 3), ("api", 9)],
            id="two shell commands",
        ),
        pytest.param(f"me@host:~$ kubectl get svc web -o yaml\n{SERVICE}", [("web", 2)], id="the command above it"),
        pytest.param(
            '{"kind": "ServiceList", "apiVersion": "v1", "items": [{"metadata": {"name": "web"}}]}\n'
            "==== START logs for container c of pod default/web ====\n{{ a: [\n---\nkind: Pod\n"
            "==== END logs for container c of pod default/web ====\n"
            '{"kind": "ServiceList", "apiVersion": "v1", "items": [{"metadata": {"name": "api"}}]}\n',
            [("web", 1), ("api", 7)],
            id="kubectl cluster-info dump",
        ),
        pytest.param(
            '```json\n{"apiVersion": "v1", "kind": "Service",\n"metadata": {"name": "web"}}\n```',
            [("web", 2)],
            id="JSON",
        ),
        pytest.param(RELEASE + SERVICE, [("web", 15)], id="helm install --dry-run"),
        pytest.param(f"{RELEASE}{SERVICE}\nNOTES:\nGet it: [\n---\n{OTHER}", [("web", 15)], id="with its notes"),
        pytest.param(f"COMPUTED VALUES:\na: 1\n\nHOOKS:\nMANIFEST:\n---\n{SERVICE}", [("web", 7)], id="helm get all"),
        pytest.param(f"WARNING: a: b\nwalk.go:74: found\n---\n{SERVICE}", [("web", 4)], id="warnings before it"),
        pytest.param(f"# Source: shop/web.yaml\n{SERVICE}", [("web", 2)], id="helm template"),
    ],
)
def test_manifests_are_found_in_what_stands_around_them(text: str, found: list[tuple[str, int]]) -> None:
    """At the lines that they have in the file."""
    manifests = read([Upload("x.yaml", text.encode())])
    assert [(one.metadata.name, one.source.line) for one in manifests.services] == found
    assert (manifests.pods, [one.id for one in manifests.problems]) == ((), ["NP034"] * ("Source" not in text[:9]))


@pytest.mark.parametrize(
    "text",
    [
        SERVICE,
        "kind: ConfigMap\ndata:\n  readme: |\n    ```yaml\n    a: b\n    ```\n",
        "kind: ConfigMap\ndata:\n  MANIFEST: x\n  NOTES: y\n",
        "MANIFEST:\n  a: b\n",
        "kind: ConfigMap\ndata:\n  run: |\n    cat <<EOF\n    a: b\n    EOF\n",
    ],
)
def test_what_belongs_to_a_manifest_stays(text: str) -> None:
    """A block of text may hold Markdown."""
    assert unwrapped(text) == (text, "")


def test_json_has_nothing_around_it() -> None:
    """Whatever its strings look like: a log in an annotation is not that of a container."""
    text = f'{{"note": "==== START logs for container a of pod b ====", "metadata": {{"name": "web"}}, {_HEAD}'
    manifests = read([Upload("web.json", text.encode())])
    assert [one.metadata.name for one in manifests.services] == ["web"]
    assert "NP034" not in [one.id for one in manifests.problems]


_HEAD = '"apiVersion": "v1", "kind": "Service", "spec": {"ports": [{"port": 80}]}}'


def test_no_line_is_lost() -> None:
    """Whatever is emptied."""
    text = f"a\n```yaml\n{SERVICE}```\nb\n```sh\nc\n```"
    assert unwrapped(text)[0].count("\n") == text.count("\n")
