"""Which files of a folder or archive are looked at."""

import pytest

from webapp.manifests.candidate_files import is_hidden, is_never_manifest, is_outside, may_hold_objects, shown


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
    ("name", "never"),
    [("a.yaml", False), ("a.yaml.tmpl", False), ("a", False), ("a.txt", False)]
    + [(name, True) for name in ("README.md", "logo.PNG", "main.go", "terraform.tfstate")],
)
def test_endings_say_what_a_file_can_not_be(name: str, *, never: bool) -> None:
    """What may be one is looked into."""
    assert is_never_manifest(name) is never


@pytest.mark.parametrize(
    ("name", "data", "may"),
    [
        ("a.yaml", b"kind: Service", True),
        ("a.yaml", b"- kind: Service", True),
        ("a.json", b'{"items":[],"kind":"List"}', True),
        ("a.yaml", b"mankind: x\nkinds: y\nkind-of: z\n", False),
        ("Chart.yaml", b"name: c", True),
        ("kustomization.yaml", b"resources: [a]", True),
        ("huge.json", b" " * 1_000_000 + b"kind: x", False),
    ],
)
def test_a_first_look_finds_the_keys_of_an_object(name: str, data: bytes, *, may: bool) -> None:
    """Of a large file only the beginning is looked at: kubectl writes apiVersion first."""
    assert may_hold_objects(name, data) is may


def test_names_are_shown_on_one_line_and_cut_at_the_front() -> None:
    """The end of a path says more than its beginning."""
    assert shown("a\nb\u202e.yaml", 80) == "a\ufffdb\ufffd.yaml"
    assert shown("deep/" * 10 + "a.yaml", 12) == "…deep/a.yaml"
