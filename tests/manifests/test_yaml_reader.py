"""YAML text -> documents: events, limits, merge keys, and going on after a bad document."""

from typing import Any

import pytest

from webapp.limits import Limits
from webapp.manifests.tree import Document, Unreadable, Usage
from webapp.manifests.yaml_reader import read_yaml


def outcome(text: str, **limits: int) -> list[Any]:
    """Return the data of each document, `(id, line)` for those that can't be read."""
    found = read_yaml(text, Usage(Limits(**limits)))
    return [one.data if isinstance(one, Document) else (one.id, one.line) for one in found]


@pytest.mark.parametrize(
    ("text", "documents"),
    [
        pytest.param("", [], id="nothing"),
        pytest.param("# only a comment\n", [], id="a comment"),
        pytest.param("---\n---\na: 1\n", [None, {"a": 1}], id="an empty document before another"),
        pytest.param("a: 1\n...\n---\nb: 2\n", [{"a": 1}, {"b": 2}], id="an end mark"),
        pytest.param("%YAML 1.1\n---\na: 1\n", [{"a": 1}], id="a directive"),
        pytest.param("a: {b: [1, x], c: }\n", [{"a": {"b": [1, "x"], "c": None}}], id="flow style"),
        pytest.param("a: |\n  x\n  y\nb: >-\n  x\n  y\n", [{"a": "x\ny\n", "b": "x y"}], id="block texts"),
        pytest.param("a: '80'\nb: \"8\\x30\"\n", [{"a": "80", "b": "80"}], id="quoted numbers are texts"),
        pytest.param("1: a\ntrue: b\n1.50: c\nn: d\n", [{"1": "a", "true": "b", "1.5": "c", "false": "d"}], id="keys"),
        pytest.param("a: 😀\nb: é\n", [{"a": "😀", "b": "é"}], id="characters beyond ASCII"),
        pytest.param("a: <<\nb: [<<]\n", [{"a": "<<", "b": ["<<"]}], id="<< as a value"),
        pytest.param("a: &x 1\nb: *x\n", [{"a": 1, "b": 1}], id="an alias of a scalar"),
        pytest.param(
            "a: &x {p: 1}\nb: [*x, *x]\n", [{"a": {"p": 1}, "b": [{"p": 1}, {"p": 1}]}], id="an alias of a map"
        ),
        pytest.param("a: &x 1\nb: &x 2\nc: *x\n", [{"a": 1, "b": 2, "c": 2}], id="an anchor that is set again"),
        pytest.param("&x a: b\nc: *x\n", [{"a": "b", "c": "a"}], id="an anchored key"),
        pytest.param("a: ! 80\n", [{"a": 80}], id="the non-specific tag"),
    ],
)
def test_documents_come_out_as_go_reads_them(text: str, documents: list[Any]) -> None:
    """One entry for each document, empty ones included."""
    assert outcome(text) == documents


@pytest.mark.parametrize(
    ("text", "merged"),
    [
        pytest.param("<<: *d\nz: 1", {"p": 1, "q": 1, "z": 1}, id="a map"),
        pytest.param("<<: *d\np: 2", {"p": 2, "q": 1}, id="what stands after the merge wins"),
        pytest.param("p: 2\n<<: *d", {"p": 1, "q": 1}, id="so does the merge, over what stands before it"),
        pytest.param("<<: [*d, *e]", {"p": 1, "q": 1, "r": 1}, id="of a list the first map wins"),
        pytest.param("<<: {p: 3}", {"p": 3}, id="an inline map"),
        pytest.param("<<: []", {}, id="an empty list"),
    ],
)
def test_merge_keys_are_expanded(text: str, merged: dict[str, Any]) -> None:
    """In the order of the entries, as goyaml.v2/decode.go does it (mapping, merge)."""
    indented = text.replace("\n", "\n  ")
    (document,) = outcome(f"d: &d {{p: 1, q: 1}}\ne: &e {{p: 9, r: 1}}\nm:\n  {indented}\n")
    assert document["m"] == merged


@pytest.mark.parametrize(
    ("text", "line"),
    [
        pytest.param("a: 1\nb: *x\n", 2, id="an alias of nothing"),
        pytest.param("a: &x\n  - *x\n", 2, id="an alias of what it stands in"),
        pytest.param("a: 1\n{b: 1}: c\n", 2, id="a map as a key"),
        pytest.param("? [b]\n: c\n", 1, id="a list as a key"),
        pytest.param("a: 1\n~: b\n", 2, id="null as a key"),
        pytest.param("a: 1\n<<: 1\n", 2, id="a merge of a scalar"),
        pytest.param("a: &x [{}]\nb:\n  <<: *x\n", 3, id="a merge of an alias of a list"),
        pytest.param("a:\n  <<: [1]\n", 2, id="a merge of a list of scalars"),
        pytest.param("a: !!int x\n", 1, id="a tag that doesn't fit"),
    ],
)
def test_what_no_manifest_may_hold_is_refused_with_its_line(text: str, line: int) -> None:
    """The whole document, as kubectl refuses it."""
    assert outcome(text) == [("NP001", line)]


def test_keys_that_stand_twice_are_noted_and_the_last_one_holds() -> None:
    """Each with its line; a merge is no second time."""
    (document,) = read_yaml("a: 1\nb: &b {c: 1}\na: 2\nd:\n  <<: *b\n  c: 3\n", Usage(Limits()))
    assert isinstance(document, Document)
    assert (document.data["a"], document.duplicates) == (2, ((3, "a"),))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        pytest.param("a: 1\n---\nb: [\n---\nc: 3\n", [{"a": 1}, ("NP001", 3), {"c": 3}], id="an open bracket"),
        pytest.param("a: 1\n---\nb: 'x\n---\nc: 3\n", [{"a": 1}, ("NP001", 3), {"c": 3}], id="an open quote"),
        pytest.param("b:\n\tx: 1\n--- # next\nc: 3\n", [("NP001", 2), {"c": 3}], id="a tab"),
        pytest.param("--- @\n---\nc: 3\n", [("NP001", 1), {"c": 3}], id="on the line of the separator"),
        pytest.param("  a: 1\nb: 2\n---\nc: 3\n", [("NP001", 2), {"c": 3}], id="a first line that is indented more"),
        pytest.param("a: *x\n---\nb: *x\n---\nc: 3\n", [("NP001", 1), ("NP001", 3), {"c": 3}], id="two in a row"),
        pytest.param("a: [\n", [("NP001", 1)], id="the last one"),
    ],
)
def test_a_bad_document_does_not_lose_the_others(text: str, found: list[Any]) -> None:
    """Reading goes on at the next line that is ---, with the right lines."""
    assert outcome(text) == found


def test_lines_after_a_bad_document_count_from_the_top_of_the_file() -> None:
    """The document's own line and those of its entries."""
    *_, document = read_yaml("a: [\n---\nb:\n- c\n- d: 1\n", Usage(Limits()))
    assert isinstance(document, Document)
    lines = [line + document.base for line in document.lines_of(document.data["b"])]
    assert (document.line, document.first_line(document.data, 0), lines) == (2, 3, [4, 5])


def test_lines_of_a_merged_map_are_those_of_the_merge() -> None:
    """What was merged stands where it was merged."""
    (document,) = read_yaml("a: &a {p: 1}\nb:\n  q: 1\n  <<: *a\n", Usage(Limits()))
    assert isinstance(document, Document)
    merged = document.data["b"]
    assert dict(zip(merged, document.lines_of(merged), strict=True)) == {"q": 2, "p": 3}


@pytest.mark.parametrize(
    ("text", "limits", "found"),
    [
        pytest.param("[[[1]]]", {"depth": 2}, [("NP002", 1)], id="depth"),
        pytest.param("a: &a [[1]]\nb: [*a]\n", {"depth": 3}, [("NP002", 2)], id="depth through an alias"),
        pytest.param("a: xxxxxx\n---\nb: 1\n", {"scalar_length": 5}, [("NP002", 1), {"b": 1}], id="a long text"),
        pytest.param("[1, 2, 3, 4]", {"nodes": 3}, [("NP002", 1)], id="values"),
        pytest.param("a: &a [1,2,3,4,5,6,7,8]\nb: [*a,*a,*a]\n", {"nodes": 20}, [("NP002", 2)], id="values of aliases"),
        pytest.param("a: &a 1\nb: [*a, *a]\n", {"aliases": 1}, [("NP002", 2)], id="aliases"),
        pytest.param("%\n" * 4, {"directives": 2}, [("NP002", 1)], id="directives"),
    ],
)
def test_limits_stop_a_document(text: str, limits: dict[str, int], found: list[Any]) -> None:
    """Each with its own message, at the line where it was hit."""
    assert outcome(text, **limits) == found


def test_many_broken_documents_end_the_file() -> None:
    """After as many as the limit says, with one more problem that says so."""
    found = outcome("a: [\n---\n" * 10, broken_documents=3)
    assert [one[0] for one in found] == ["NP001", "NP001", "NP001", "NP002"]


def test_the_limit_on_values_ends_everything() -> None:
    """Nothing is read after it, not even a next document."""
    *_, last = read_yaml("[1, 2, 3]\n---\n[1, 2, 3]\n---\na: 1\n", Usage(Limits(nodes=7)))
    assert isinstance(last, Unreadable)
    assert "7 values" in last.message
