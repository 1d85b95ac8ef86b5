"""JSON text -> documents."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.limits import Limits
from webapp.manifests.json_reader import is_json, read_json
from webapp.manifests.tree import Unreadable, Usage


def values(text: str, **limits: int) -> list[Any]:
    """Return the values of a text."""
    return [document.data for document in read_json(text, Usage(Limits(**limits)))]


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text().filter(lambda key: key != "<<"), inner, max_size=4)
    ),
    max_leaves=20,
)


@given(value=VALUES, indent=st.sampled_from([None, 2, "\t"]))
def test_what_json_writes_is_read_back(value: Any, indent: int | str | None) -> None:
    """On one line, indented, with tabs; any text, any number."""
    assert values(json.dumps(value, indent=indent)) == [value]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        pytest.param("", [], id="nothing"),
        pytest.param('{"a":1}{"b":2}\n[3]', [{"a": 1}, {"b": 2}, [3]], id="one after another"),
        pytest.param('{"a":\t"x\\ud83d\\ude00"}', [{"a": "x😀"}], id="a surrogate pair"),
        pytest.param('{"a": "\\ud800"}', [{"a": "\ufffd"}], id="half a pair is what Go makes of it"),
        pytest.param('{"' + "k" * 2000 + '": 1}', [{"k" * 2000: 1}], id="a key that YAML would not take"),
        pytest.param('{"a": 1e400}', [{"a": float("inf")}], id="a number beyond a float"),
    ],
)
def test_json_is_more_than_yaml_takes(text: str, found: list[Any]) -> None:
    """All of it is read."""
    assert values(text) == found


@pytest.mark.parametrize(
    "text",
    [
        '{"a":1,}',
        "[1,]",
        '{"a" 1}',
        "{",
        "[",
        '"x',
        "{]",
        "[}",
        '{"a":[}',
        "nul",
        ":",
        ",",
        "[1 2]",
        "{1: 2}",
        "[01]",
        "]",
        '{"a":}',
        "// x\n{}",
        '{"a": "\\x"}',
        "1,",
        "[,]",
        "{,}",
        '{"a":1 "b":2}',
        '["a":1]',
        "[1]]",
        '"a":1',
        "['a']",
        '"\n"',
    ],
)
def test_what_is_not_json_is_left_to_yaml(text: str) -> None:
    """It raises, and the caller tries YAML."""
    with pytest.raises(Unreadable):
        values(text)


def test_lines_are_those_of_the_entries() -> None:
    """Counted from 1, for maps and lists."""
    (document,) = read_json('\n{"a": 1,\n "b": [\n 1,\n 2]}', Usage(Limits()))
    inner = document.data["b"]
    assert [line + document.base for line in document.lines_of(document.data)] == [2, 3]
    assert [line + document.base for line in document.lines_of(inner)] == [4, 5]


def test_keys_that_stand_twice_are_noted() -> None:
    """The last one holds, as in Go."""
    (document,) = read_json('{"a": 1,\n"a": 2}', Usage(Limits()))
    assert (document.data, document.duplicates) == ({"a": 2}, ((2, "a"),))


@pytest.mark.parametrize(
    ("text", "limits"),
    [
        pytest.param("[[[]]]", {"depth": 2}, id="depth"),
        pytest.param("[1,2,3,4]", {"nodes": 3}, id="values"),
        pytest.param('["xxxx"]', {"scalar_length": 3}, id="a long text"),
    ],
)
def test_limits_hold_for_json_too(text: str, limits: dict[str, int]) -> None:
    """NP002."""
    with pytest.raises(Unreadable) as caught:
        values(text, **limits)
    assert caught.value.id == "NP002"


@pytest.mark.parametrize(
    ("text", "json_like"),
    [("{}", True), ("\n [", True), ("{{ .Values }}", False), ("a: {}", False), ("", False)],
)
def test_json_is_told_by_its_first_bracket(text: str, *, json_like: bool) -> None:
    """Two braces begin a template."""
    assert is_json(text) is json_like
