"""Which files of a folder or archive are looked at."""

import pytest

from webapp.manifests.selection import is_hidden, is_never_manifest, is_outside, is_surely_manifest, shown


@pytest.mark.parametrize(
    ("name", "hidden"),
    [(".git/config", True), ("a/.b/c.yaml", True), ("__MACOSX/a.yaml", True), ("./a.yaml", False), ("a/b.yaml", False)],
)
def test_hidden_files_are_told_by_any_part_of_their_path(name: str, *, hidden: bool) -> None:
    """And what macOS adds to archives."""
    assert is_hidden(name) is hidden


@pytest.mark.parametrize(
    ("name", "outside"),
    [("/etc/passwd", True), ("a/../../b", True), ("..\\b", True), ("C:\\b", True), ("\\b", True), ("a..b/c", False)],
)
def test_paths_that_lead_outside_are_told(name: str, *, outside: bool) -> None:
    """On any system's terms."""
    assert is_outside(name) is outside


@pytest.mark.parametrize(
    ("name", "never", "surely"),
    [
        ("a.yaml", False, True),
        ("a.YML", False, True),
        ("a.json", False, True),
        ("a.yaml.tmpl", False, True),
        ("a", False, False),
        ("a.txt", False, False),
        ("README.md", True, False),
        ("logo.PNG", True, False),
        ("main.go", True, False),
    ],
)
def test_endings_say_what_a_file_may_be(name: str, *, never: bool, surely: bool) -> None:
    """What is neither is read to find out."""
    assert (is_never_manifest(name), is_surely_manifest(name)) == (never, surely)


def test_names_are_shown_on_one_line_and_cut_at_the_front() -> None:
    """The end of a path says more than its beginning."""
    assert shown("a\nb\u202e.yaml", 80) == "a\ufffdb\ufffd.yaml"
    assert shown("deep/" * 10 + "a.yaml", 12) == "…deep/a.yaml"
