"""A comparison as one file: what differs, and both sides, whatever they are called."""

import json
from html import unescape
from pathlib import Path
from re import findall

import pytest
from click.testing import CliRunner

from webapp.check.compare import compare
from webapp.cli import cli
from webapp.cluster.build import build
from webapp.cluster.model import Cluster
from webapp.documents.comparison_page import comparison_page
from webapp.manifests import Upload, read

SHOP = (Path(__file__).parents[2] / "samples" / "shop.yaml").read_text(encoding="utf-8")
LOCAL = SHOP.replace("type: NodePort", "type: NodePort\n  externalTrafficPolicy: Local", 1)


def cluster(text: str) -> Cluster:
    """Return what manifests make."""
    return build(read([Upload(name="shop.yaml", data=text.encode())]))


def page(old: str, new: str) -> str:
    """Return the file about a change."""
    before, after = cluster(old), cluster(new)
    return comparison_page(compare(before, after), before, after)


def test_it_says_what_differs_and_has_both_sides() -> None:
    """The worse first; each side is a page that simulates, and a picture for paper."""
    text = page(SHOP, LOCAL)
    rows = findall(r"<tr><td><span class=\"\w+\">([^<]*)</span></td><th scope=\"row\">([^<]*)</th><td>([^<]*)", text)
    assert rows == [
        ("✕ Worse", "default/web:80/TCP", "answered by DNS"),
        ("~ Differs", "default/web", "externalTrafficPolicy"),
    ]
    before, after = map(unescape, findall(r'srcdoc="([^"]*)"', text))
    assert "policy Cluster" in before
    assert "policy Local" in after
    assert text.count('src="data:image/svg+xml;base64,') == 2


def test_a_side_without_the_service_says_so() -> None:
    """There is nothing to draw of it."""
    assert page(SHOP, SHOP.replace("type: NodePort", "type: ClusterIP")).count("There is no service") == 0
    gone = page(SHOP, SHOP.replace("kind: Service\n", "kind: Endpoints\n", 1))
    assert gone.count("<iframe") == 1
    assert "There is no service default/web here." in gone


def test_nothing_that_differs_is_said_in_one_sentence() -> None:
    """Without any side."""
    text = page(SHOP, SHOP)
    assert "Clients from outside get the same as before." in text
    assert "<iframe" not in text


def test_it_loads_nothing_and_runs_only_what_its_sides_run() -> None:
    """A frame has the policy of the file around it also."""
    text = page(SHOP, LOCAL)
    (policy,) = findall(r'Content-Security-Policy" content="([^"]*)"', text)
    assert policy.startswith("default-src 'none'; script-src 'sha256-")
    side = unescape(findall(r'srcdoc="([^"]*)"', text)[0])
    (own,) = findall(r"script-src ('sha256-[^']*')", side)
    assert own in policy
    assert "unsafe" not in policy


@pytest.mark.parametrize("name", ['"><script>alert(1)</script>', "</iframe><b>", "&quot;x"])
def test_a_name_is_never_markup(name: str) -> None:
    """Not in the table, nor in what stands around a side."""
    metadata, ports = {"name": name}, [{"port": 80}]
    service = {"kind": "Service", "metadata": metadata, "spec": {"type": "NodePort", "ports": ports}}
    old = json.dumps({"apiVersion": "v1"} | service)
    text = page(old, old.replace("80", "81"))
    assert "<script>alert" not in text
    assert "</iframe><b>" not in text


def test_the_command_line_prints_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the exit status of the other formats."""
    monkeypatch.chdir(tmp_path)
    Path("old.yaml").write_text(SHOP, encoding="utf-8")
    Path("new.yaml").write_text(LOCAL, encoding="utf-8")
    told = CliRunner().invoke(cli, ["diff", "old.yaml", "new.yaml", "--output", "html"])
    assert (told.stdout, told.exit_code) == (page(SHOP, LOCAL), 1)
