"""The file itself: no name becomes code, nothing is loaded, the same question gives the same bytes, it stays small."""

import json
import re
from base64 import b64encode
from hashlib import sha256
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from tests.diagram.offline.generated import cluster_of
from tests.diagram.pictures import HOSTILE
from webapp.cluster.model import Cluster
from webapp.diagram import draw
from webapp.diagram.wording import MOMENT_TITLES
from webapp.failure import FailureKind, Moment, Scenario, Target
from webapp.paths import resource_directory
from webapp.views.page.wording import ACCESS_PATHS, MOMENTS

SAMPLES = sorted(resource_directory("samples").glob("*.yaml"))
SHOP = resource_directory("samples") / "shop.yaml"
WEB = Scenario(
    down=frozenset({Target(kind=FailureKind.NODE, name="worker-2")}), at=Moment.FAILED, service="default/web"
)


class Elements(HTMLParser):
    """Collects elements, and the texts of scripts and style sheets."""

    def __init__(self, page: str) -> None:
        """Read the page."""
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[str, list[str]] = {"script": [], "style": []}
        self._inside = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note the element."""
        self.found.append((tag, dict(attrs)))
        self._inside = tag

    def handle_data(self, data: str) -> None:
        """Keep what is inside of scripts and style sheets."""
        if self._inside in self.texts:
            self.texts[self._inside].append(data)

    def handle_endtag(self, tag: str) -> None:  # noqa: ARG002 - as Python calls it
        """Leave the element."""
        self._inside = ""


def page(its: Cluster, scenario: Scenario = WEB) -> str:
    """Return the file as text."""
    return draw(its, scenario, "html").decode()


def plan_in(text: str) -> dict[str, Any]:
    """Return the data that the script reads."""
    found = re.search(r'<script type="application/json" id="plan">(.*?)</script>', text, re.DOTALL)
    assert found is not None
    read: dict[str, Any] = json.loads(found[1])
    return read


def hostile(folder: Path) -> Cluster:
    """Return a cluster in which every free text tries to become code."""
    evil = "</script><script>alert(1)</script><!--\u2028\u2029&lt;\"'`${1}"
    items = [
        {
            "apiVersion": "v1",
            "kind": "Node",
            "metadata": {"name": name, "labels": {"topology.kubernetes.io/zone": name}},
        }
        for name in (evil, *HOSTILE)
    ]
    items += [
        {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": f"{evil}{i}", "labels": {"app": evil}},
            "spec": {"nodeName": name, "containers": [{"name": "c", "image": "x"}]},
            "status": {"podIP": f"10.0.0.{i}", "phase": "Running"},
        }
        for i, name in enumerate((evil, *HOSTILE), 1)
    ]
    service = {"type": "NodePort", "selector": {"app": evil}, "ports": [{"port": 80, "targetPort": 8080}]}
    items += [{"apiVersion": "v1", "kind": "Service", "metadata": {"name": evil}, "spec": service}]
    path = folder / "hostile.json"
    path.write_text(json.dumps({"apiVersion": "v1", "kind": "List", "items": items}), encoding="utf-8")
    return cluster_of(path)


def test_names_never_end_the_script_they_are_in(tmp_path: Path) -> None:
    """There are two script elements, the data and the script; every name is text, whole and unchanged."""
    its = hostile(tmp_path)
    text = page(its, Scenario(at=Moment.BEFORE, service=next(iter(its.services))))
    read = Elements(text)
    scripts = [attributes for tag, attributes in read.found if tag == "script"]
    assert scripts == [{"type": "application/json", "id": "plan"}, {}]
    assert [node["n"] for node in plan_in(text)["nodes"]] == list(its.nodes)
    assert not [name for _, attributes in read.found for name in attributes if name.startswith("on")]
    assert not {"\u2028", "\u2029"} & set("".join(read.texts["script"]))


@pytest.mark.parametrize("scenario", [WEB, Scenario(at=Moment.BEFORE)], ids=["service", "cluster"])
def test_the_policy_allows_exactly_what_is_in_the_file(scenario: Scenario) -> None:
    """Nothing is loaded from anywhere; the hashes are those of its script and of its style sheets."""
    read = Elements(page(cluster_of(SHOP), scenario))
    policy = next(a["content"] for tag, a in read.found if a.get("http-equiv") == "Content-Security-Policy") or ""
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert rules["default-src"] == "'none'"

    def allowed(texts: list[str]) -> set[str]:
        return {f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'" for text in texts}

    assert set(rules["style-src"].split()) == allowed(read.texts["style"])
    assert set(rules["script-src"].split()) == allowed(read.texts["script"][1:])
    loads = [(tag, a) for tag, a in read.found if tag in ("link", "img", "iframe", "object") or "src" in a]
    assert loads == []
    assert not [a for _, a in read.found if "style" in a]


def test_the_same_question_gives_the_same_bytes() -> None:
    """Whatever was asked of the cluster before, and whatever the order of the manifests."""
    one, other = cluster_of(SHOP), cluster_of(SHOP)
    draw(other, Scenario(service="default/api"), "html")
    assert draw(one, WEB, "html") == draw(other, WEB, "html")


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.stem)
def test_an_ordinary_cluster_stays_under_300_kb(sample: Path) -> None:
    """With the recovery of every node and zone."""
    its = cluster_of(sample)
    assert len(draw(its, Scenario(at=Moment.BEFORE), "html")) < 300_000


def test_it_opens_in_the_state_it_was_saved_in() -> None:
    """The words of the scenario, its name, and the port."""
    saved = plan_in(draw(cluster_of(SHOP), WEB, "html", name="rack 7").decode())["saved"]
    assert saved | {"port": 0} == {
        "down": ["node/worker-2"],
        "drain": [],
        "at": "failed",
        "via": "dns",
        "name": "rack 7",
        "port": 0,
    }
    text = page(cluster_of(SHOP))
    assert plan_in(text)["ports"][plan_in(text)["saved"]["port"]]["service"] == "default/web"


def test_failures_that_the_script_can_not_combine_are_in_it_as_they_were_saved() -> None:
    """At each of their times."""
    scenario = Scenario(down=frozenset({Target(kind=FailureKind.PARTITION, name="worker-2")}), service="default/web")
    states = plan_in(page(cluster_of(SHOP), scenario))["states"]
    assert {f"partition/worker-2@{at}" for at in ("failed", "detected", "rescheduled")} <= states.keys()


def test_times_and_access_paths_are_called_as_on_the_page() -> None:
    """The page's own titles."""
    assert {moment: words.title for moment, words in MOMENTS.items()} == MOMENT_TITLES
    says = plan_in(page(cluster_of(SHOP)))["says"]["access"]
    assert {way: says[way] for way in ACCESS_PATHS} == ACCESS_PATHS


def test_signs_follow_the_reader_into_the_dark() -> None:
    """They are drawn by reference, where a rule for what is in the picture doesn't reach them."""
    text = page(cluster_of(SHOP), WEB)
    used = set(re.findall(r'<symbol[^>]*>(?:<g|<path) class="(sign-[a-z-]+)"', text))
    assert used
    for name in used:
        assert re.search(rf"(?<!dg )\.{name}\{{(?:stroke|fill):var\(--", text), name


def test_colours_stand_in_the_style_sheet_alone() -> None:
    """It follows the reader into the dark, and thousands of elements need none of their own."""
    text = page(cluster_of(SHOP))
    markup = re.sub(r"<(style|script)\b.*?</\1>", "", text, flags=re.DOTALL)
    assert re.findall(r'(?:fill|stroke)="#', markup) == []
