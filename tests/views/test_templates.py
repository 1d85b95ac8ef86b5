"""What a strict Content-Security-Policy asks of templates, scripts and the style sheet."""

import hashlib
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from webapp.diagram.palette import page_rules, page_tokens
from webapp.paths import resource_directory

TEMPLATES = sorted(resource_directory("templates").rglob("*.html"))
STATIC = resource_directory("static")


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
@pytest.mark.parametrize(
    "pattern",
    [
        pytest.param(r"\sstyle\s*=", id="inline style"),
        pytest.param(r"<style", id="style element"),
        pytest.param(r"<script(?![^>]*\ssrc=)", id="inline script"),
        pytest.param(r"\son\w+\s*=", id="inline handler"),
        pytest.param(r"hx-on|hx-vals=.js:|hx-trigger=[^>]*\[", id="htmx features that need eval"),
        pytest.param(r"\|\s*safe\b", id="unescaped output"),
        pytest.param(r'(src|href|action)="/', id="an address that ignores where the app is mounted"),
    ],
)
def test_no_template_has_what_the_policy_forbids(path: Path, pattern: str) -> None:
    """The browser would refuse it, or a prefix would break it."""
    assert not re.search(pattern, path.read_text(encoding="utf-8"))


def test_the_vendored_file_is_the_one_listed() -> None:
    """Name, version inside the file and checksum agree with VERSIONS.md."""
    listed = (STATIC / "vendor" / "VERSIONS.md").read_text(encoding="utf-8")
    for name, version, checksum in re.findall(r"\| (\S+\.js) \|[^|]*\| (\S+) \|.*\| ([0-9a-f]{64}) \|", listed):
        data = (STATIC / "vendor" / name).read_bytes()
        assert hashlib.sha256(data).hexdigest() == checksum
        assert version in name
        assert f'version="{version}"' in data.decode()
    assert {path.name for path in (STATIC / "vendor").glob("*.js")} == set(re.findall(r"\S+\.js(?= \|)", listed))


@pytest.mark.parametrize(("block", "written"), [("palette", page_rules), ("tokens", page_tokens)])
def test_the_style_sheet_has_the_colours_of_the_drawing(block: str, written: Callable[[], str]) -> None:
    """What stands between the two marks is written by the palette, each token once for both themes."""
    sheet = (STATIC / "css" / "nodefall.css").read_text(encoding="utf-8")
    assert sheet.split(f"/* {block} */\n")[1].split(f"/* end of {block} */")[0].rstrip(" ") == written()


def test_no_script_writes_markup_or_evaluates_text() -> None:
    """What the server escaped stays escaped."""
    for path in (STATIC / "js").glob("*.js"):
        assert not re.search(
            r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function", path.read_text()
        )
