"""Behind a real nginx and a real Caddy, with the configurations that docs/deploy.md recommends."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.request import Request, urlopen

import pytest

from tests.fronts import CADDY, NGINX, Front, fronted
from tests.servers import PATIENCE
from webapp.paths import resource_directory

pytestmark = pytest.mark.servers

SHOP = (resource_directory("samples") / "shop.yaml").read_bytes()


@pytest.fixture(scope="module", params=[NGINX, CADDY])
def front(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    """Give a proxy at the root of its host."""
    folder = tmp_path_factory.mktemp("front")
    settings = {"NODEFALL_MAX_UPLOAD_BYTES": "100000", "NODEFALL_RATE_LIMIT": "", "NODEFALL_WORKERS": "0"}
    with fronted(request.param, folder, settings=settings) as made:
        yield made


@pytest.fixture(params=[NGINX, CADDY])
def limited(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Front]:
    """Give a proxy whose nodefall takes three readings of manifests an hour from each client."""
    with fronted(
        request.param, tmp_path, settings={"NODEFALL_RATE_LIMIT": "30 per hour", "NODEFALL_WORKERS": "0"}
    ) as made:
        yield made


@pytest.fixture(scope="module")
def below(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    """Give a proxy that has nodefall below a path; in the browser's tests it is Caddy as well."""
    folder = tmp_path_factory.mktemp("below")
    with fronted(NGINX, folder, path="/tools/nodefall", settings={"NODEFALL_WORKERS": "0"}) as made:
        yield made


def simulated(front: Front, address: str) -> int:
    """Send a costly request that says it came from an address; return the status."""
    return front.ask("/api/v1/simulate", SHOP, {"X-Forwarded-For": address, "Content-Type": "text/yaml"}).status


def test_a_rate_limit_counts_who_asks_and_not_who_he_says_he_is(limited: Front) -> None:
    """Another X-Forwarded-For with each request doesn't make another client of him."""
    assert [simulated(limited, f"9.9.9.{number}") for number in range(5)] == [200, 200, 200, 429, 429]


def test_cookies_are_secure_and_links_are_https(front: Front) -> None:
    """The process itself speaks http: the proxy says what the browser speaks."""
    shared = front.ask("/t/sample-shop?share=link").text
    assert re.search(r'value="(https?://[^/"]+)/t/sample-shop', shared)[1] == front.base
    form = {"Content-Type": "application/x-www-form-urlencoded", "Origin": front.base}
    made = front.ask("/upload", b"text=" + b"apiVersion%3A+v1%0Akind%3A+Service%0Ametadata%3A+%7Bname%3A+a%7D", form)
    assert made.status == 303
    created = front.ask(f"{stored(front)}/share", b"keep=7", form)
    assert created.status == 303
    assert "Secure" in created.headers["Set-Cookie"]


def stored(front: Front) -> str:
    """Return the path of an upload made past the proxy."""
    address = f"http://{front.processes[0]}/upload"
    headers = {"X-Forwarded-For": "8.8.8.8", "Host": "localhost"}
    with urlopen(Request(address, SHOP, headers), timeout=PATIENCE) as answer:
        return re.search(r"/t/[\w-]{16,}", answer.geturl() + answer.read().decode())[0]


def test_what_a_client_says_of_itself_is_not_believed(front: Front) -> None:
    """A host, a prefix or a user that only a proxy may name."""
    told = {"X-Forwarded-Host": "evil.example", "X-Forwarded-Prefix": "//evil.example", "X-Forwarded-User": "root"}
    answer = front.ask("/t/sample-shop?share=link", headers=told)
    assert answer.status == 200
    assert "evil.example" not in answer.text


def test_another_host_gets_nothing(front: Front) -> None:
    """Past the proxy: it would have asked by the name of the site. Probes ask an address."""
    for path, status in (("/help", 400), ("/healthz", 200), ("/readyz", 200)):
        assert asked_past(front, path, {"X-Forwarded-Host": "evil.example"}) == status


def asked_past(front: Front, path: str, headers: dict[str, str]) -> int:
    """Ask a process itself; return the status."""
    try:
        with urlopen(Request(f"http://{front.processes[0]}{path}", headers=headers), timeout=PATIENCE) as answer:
            return int(answer.status)
    except OSError as error:
        return int(error.code)


def test_figures_are_not_for_the_public(front: Front) -> None:
    """Prometheus asks the processes themselves."""
    assert front.ask("/metrics").status == 404
    assert asked_past(front, "/metrics", {}) == 200


def test_too_large_an_upload_is_answered_with_our_page(front: Front) -> None:
    """It says the limit and what helps. Beyond its own limit nginx answers alone, see below."""
    answer = front.ask("/upload", b"#" * 200_000, {"Content-Type": "text/yaml"})
    assert "An upload may have 98 kB" in answer.text
    assert answer.status == 413


def test_what_nginx_refuses_by_itself_is_answered_with_our_page(below: Front) -> None:
    """Its own says "413 Request Entity Too Large" and nothing else."""
    answer = below.ask("/upload", b"#" * (70 << 20), {"Content-Type": "text/yaml"})
    assert "An upload may have 64 MB" in answer.text
    assert answer.status == 413


def test_below_a_path_every_link_stays_there(below: Front) -> None:
    """Scripts, forms, redirects and what is shared; the path is never there twice."""
    answer = below.ask("/t/sample-shop?share=link")
    links = re.findall(r'(?:href|src|action|hx-get)="(/[^"]*|https://localhost[^"]*)"', answer.text)
    assert len(links) > 20
    assert [link for link in links if link.count("/tools/nodefall/") != 1] == []
    assert f'value="{below.base}/t/sample-shop' in answer.text
    script = next(link for link in links if link.endswith(".js")).removeprefix("/tools/nodefall")
    assert below.ask(script).status == 200
    assert below.ask("/samples/webapp-service").headers["Location"].startswith("/tools/nodefall/t/")
    wrong = below.ask("/t/sample-shop?down=node/none")
    assert (wrong.status, 'href="/tools/nodefall/t/sample-shop"' in wrong.text) == (400, True)


def test_a_proxy_may_take_the_path_out_itself(below: Front) -> None:
    """As `proxy_pass http://nodefall/` does, with X-Forwarded-Prefix or without it; probes know no path either."""
    for prefix in ({}, {"X-Forwarded-Prefix": "/tools/nodefall"}):
        request = Request(f"http://{below.processes[0]}/help", headers={"X-Forwarded-Host": "localhost", **prefix})
        with urlopen(request, timeout=PATIENCE) as answer:  # noqa: S310
            assert 'href="/tools/nodefall/' in answer.read().decode()


def test_programs_are_answered_below_a_path(below: Front) -> None:
    """The API, by the address that the documentation has."""
    answer = below.ask("/api/v1/simulate?down=node/worker-2", SHOP, {"Content-Type": "text/yaml"})
    assert json.loads(answer.text)["down"] == ["node/worker-2"]
