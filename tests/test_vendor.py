"""Vendored files are what static/vendor/VERSIONS.md says they are."""

import hashlib
import re

import pytest

from webapp.paths import resource_directory

STATIC = resource_directory("static")
RECORDED = (STATIC / "vendor" / "VERSIONS.md").read_text(encoding="utf-8")
FILES = [
    path
    for name in ("vendor", "fonts")
    for path in sorted((STATIC / name).iterdir())
    if not path.name.startswith(("LICENSE-", "VERSIONS"))
]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_each_file_is_recorded_with_its_checksum(path):
    """Nobody has changed a vendored file by hand."""
    row = re.search(rf"^\| {re.escape(path.name)} \|(?:.*\|)? (\w{{64}}) \|$", RECORDED, re.MULTILINE)
    assert row is not None
    assert row[1] == hashlib.sha256(path.read_bytes()).hexdigest()


def test_every_recorded_licence_is_there():
    """Each licence that VERSIONS.md names lies beside the files it covers."""
    licences = set(re.findall(r"LICENSE-\w+(?:\.txt)?", RECORDED))
    assert licences == {path.name for path in STATIC.glob("*/LICENSE-*")}


def test_htmx_is_the_version_in_its_name():
    """The file says the version that its name and VERSIONS.md say."""
    (path,) = (STATIC / "vendor").glob("htmx-*.min.js")
    version = path.name.removeprefix("htmx-").removesuffix(".min.js")
    assert f'"{version}"' in path.read_text(encoding="utf-8")
    assert f"| {path.name} | htmx.org (dist/htmx.min.js) | {version} |" in RECORDED
