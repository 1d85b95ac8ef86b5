"""What a strict Content-Security-Policy asks of templates, scripts and the style sheet."""

import hashlib
import re
from pathlib import Path

import pytest

from webapp.diagram.palette import page_rules
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


def test_the_style_sheet_paints_the_diagram_as_the_drawing_names_it() -> None:
    """The block between the two marks is written by the palette."""
    sheet = (STATIC / "css" / "nodefall.css").read_text(encoding="utf-8")
    assert sheet.split("/* palette */\n")[1].split("/* end of palette */")[0] == page_rules()


def test_the_dark_tokens_are_the_same_by_system_and_by_switch() -> None:
    """They stand twice in the style sheet, as CSS asks."""
    sheet = (STATIC / "css" / "nodefall.css").read_text(encoding="utf-8")
    system, switch = (
        re.findall(r"--[\w-]+: [^;]+", block) for block in re.findall(r"\{([^{}]*color-scheme: dark;[^}]*)\}", sheet)
    )
    assert system == switch
    assert system


def test_no_script_writes_markup_or_evaluates_text() -> None:
    """What the server escaped stays escaped."""
    for path in (STATIC / "js").glob("*.js"):
        assert not re.search(
            r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function", path.read_text()
        )
