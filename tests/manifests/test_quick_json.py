"""The quick reading of JSON gives what the reader with lines and limits gives: data, lines and problems."""

import json
from dataclasses import replace
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.manifests.test_pieces import described
from tests.real_manifests import FOLDERS
from webapp.manifests import (
    DEFAULT,
    Limits,
    Manifests,
    Upload,
    json_reader,
    json_shapes,
    object_decoder,
    quick_json,
    read,
)
from webapp.manifests.quick_decoder import Unusual
from webapp.manifests.quick_json import NotQuick, read_quickly
from webapp.manifests.tree import Document, Unreadable, Usage

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**5), 10**5) | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "b", "kind", "items"]), inner),
    max_leaves=12,
)
LISTS = st.builds(
    lambda items, kind: {"kind": kind, "items": items}, st.lists(VALUES), st.sampled_from(["List", "Pod"])
)


def read_all(text: str, limits: Limits = DEFAULT) -> list[Any]:
    """Return all that is known of the values of a text."""
    try:
        return [described(one) for one in json_reader.read_json(text, Usage(limits))]
    except Unreadable as error:
        return [described(error)]


def slowly(text: str, limits: Limits = DEFAULT) -> list[Any]:
    """Return the same without the quick reading."""
    with patch.object(json_reader, "read_quickly", side_effect=NotQuick):
        return read_all(text, limits)


@given(st.lists(VALUES | LISTS, min_size=1, max_size=2), st.sampled_from([None, 1, 4]))
def test_values_are_read_the_same(values: list[Any], indent: int | None) -> None:
    """On one line or on many, one after another."""
    text = "\n".join(json.dumps(value, indent=indent, ensure_ascii=False) for value in values)
    assert read_all(text) == slowly(text)


@given(
    LISTS,
    st.integers(0, 200),
    st.sampled_from(['"', "{", "]", ",", ":", "\\", "\n", "", "\x01", "NaN", '"a": 1,', "\\ud800"]),
)
@example({"kind": "List", "items": []}, 0, '"kind": 1,')
def test_broken_text_is_broken_in_the_same_way(value: Any, at: int, put: str) -> None:
    """Whatever is not quite JSON."""
    text = json.dumps(value, indent=1)
    assert read_all(text[:at] + put + text[at:]) == slowly(text[:at] + put + text[at:])


@pytest.mark.parametrize(
    "text",
    [
        pytest.param('{"a": 1, "a": 2}', id="a duplicate key"),
        pytest.param('{"kind": "List", "items": [{"a": 1, "a": 2}]}', id="a duplicate key in an item"),
        pytest.param('{"a": ' + "9" * 80 + "}", id="a number that is no number of Go's"),
        pytest.param('{"a": "\\ud83d\\ude00"}', id="a surrogate pair"),
        pytest.param('{"a": "\\ud83d"}', id="half of one"),
        pytest.param('{"a": [NaN]}', id="not a number"),
        pytest.param('{"a":' * 70 + "1" + "}" * 70, id="too deep"),
        pytest.param('{"a":' * 5000 + "1" + "}" * 5000, id="far too deep"),
        pytest.param('{"a": "[[[[[[' + "[" * 80 + '"}', id="brackets in a text"),
        pytest.param('{"a": "' + "x" * 1_100_000 + '"}', id="a long text"),
    ],
)
def test_what_the_scanner_does_not_know_is_read_with_care(text: str) -> None:
    """It takes some of it, and has no limits."""
    assert read_all(text) == slowly(text)


TEXTS = st.text(alphabet='ab5,:" \\{}[]/\n\té', max_size=6)
SCALARS = TEXTS | st.integers(-(10**10), 10**10) | st.sampled_from([None, True, 1.5, -0.0, "Secret", "ConfigMap"])


def item(kind: str, texts: list[Any]) -> dict[str, Any]:
    """Return an object of one of a few shapes, with these scalars in it."""
    one, two, *more = texts
    spec = {"clusterIPs": [two, *more[:1]], "ports": [{"port": one}]} if kind == "Service" else {two: {one: more}}
    return {"apiVersion": "v1", "kind": kind, "metadata": {"name": one, "note": two}, "spec": spec, "end": more[:1]}


ITEMS = st.lists(
    st.builds(
        item, st.sampled_from(["Service", "ConfigMap", "Secret", "List"]), st.lists(TEXTS, min_size=2, max_size=4)
    )
    | st.builds(lambda one, two: {"kind": "Secret", "apiVersion": one, "data": {"a": two}}, SCALARS, SCALARS)
    | st.builds(lambda one, two: {"kind": "Pod", "apiVersion": "v1", "spec": {"a": one, "b": two}}, SCALARS, SCALARS),
    max_size=8,
)


@given(
    ITEMS,
    st.integers(1, 4),
    st.none() | st.integers(0, 3000),
    st.sampled_from(['"', "x", ",", "\n", " ", "{", ": ", "\\"]),
    st.sampled_from([1, 40, 1 << 12]),
)
@example([item("ConfigMap", ["a\nb", "c"])] * 2 + [item("ConfigMap", ["d", "c"])], 4, None, "", 1)
@example([{"kind": "Pod", "apiVersion": "v1", "spec": {"a": n, "b": "x"}} for n in (1, 2, 3)], 4, 333, "x", 1 << 12)
def test_items_of_a_few_shapes_are_read_the_same(
    items: list[Any], indent: int, at: int | None, put: str, ahead: int
) -> None:
    """Each in the way that the ones like it were read, and none that only looks like them, however far one looks."""
    text = json.dumps({"kind": "List", "items": items, "end": {}}, indent=indent)
    text = text if at is None else text[:at] + put + text[at:]
    with patch.multiple(json_shapes, _LEAST_AHEAD=ahead, _MOST_AHEAD=ahead):
        assert read_all(text) == slowly(text)


def test_what_looks_like_the_items_before_has_to_be_json_as_they_are() -> None:
    """The third has a word in place of a number, and the text that would fit there elsewhere."""
    pods = [{"kind": "Pod", "apiVersion": "v1", "spec": {"a": n, "b": "word"}} for n in range(3)]
    text = json.dumps({"kind": "List", "items": pods}, indent=4).replace('"a": 2,', '"a": word,')
    with pytest.raises(Unreadable):
        list(json_reader.read_json(text, Usage(DEFAULT)))


@pytest.mark.parametrize("depth", [61, 62, 63, 64])
def test_the_limit_of_nesting_counts_the_list_around_an_item(depth: int) -> None:
    """An item is looked at by itself, two levels down."""
    deep = '{"a":' * depth + "1" + "}" * depth
    text = f'{{"kind": "List", "items": [\n{{"kind": "Pod"}},\n{deep}]}}'
    assert read_all(text) == slowly(text)


@pytest.mark.parametrize("more", [0, 1, 30])
def test_the_limit_of_values_is_that_of_the_reader_with_lines(more: int) -> None:
    """Also where most of them are in items like others."""
    pods = [{"kind": "Pod", "apiVersion": "v1", "spec": {"a": n, "b": [1, [2], {}]}} for n in range(50)]
    text = json.dumps({"kind": "List", "items": pods}, indent=4)
    needed = Usage(DEFAULT)
    with patch.object(json_reader, "read_quickly", side_effect=NotQuick):
        list(json_reader.read_json(text, needed))
    limits = replace(DEFAULT, nodes=needed.nodes - 1 + more)
    assert read_all(text, limits) == slowly(text, limits)


def test_a_list_of_one_shape_is_not_taken_apart_again_and_again() -> None:
    """The shape that is expected tells by itself whether a text is one of it."""
    pods = [
        {"kind": "Pod", "apiVersion": "v1", "metadata": {"name": f"p{n}"}, "ips": [f"10.0.0.{n}"]} for n in range(9)
    ]
    text = json.dumps({"kind": "List", "items": pods}, indent=4)
    with patch.object(quick_json, "taken_apart", side_effect=quick_json.taken_apart) as taken:
        assert read_all(text) == slowly(text)
    assert taken.call_count == 2


@pytest.mark.parametrize("ahead", [1, 100, 1 << 12])
@pytest.mark.parametrize(
    ("other", "most"),
    [
        pytest.param({"kind": "Job", "spec": {"ips": ["10.0.0.1", "x"], "a": ["b"]}}, 5, id="of another shape"),
        pytest.param({"kind": "Secret", "apiVersion": "v1"}, 5, id="of a kind that is not used"),
        pytest.param([], 4, id="no object, in whose scalars nobody looks"),
    ],
)
def test_behind_an_item_unlike_the_others_they_are_known_again(ahead: int, other: Any, most: int) -> None:
    """Two are taken apart before the next can be expected, then the other one and what comes behind it."""
    pods = [{"kind": "Pod", "apiVersion": "v1", "metadata": {"name": f"p{n}"}, "ips": ["10.0.0.1"]} for n in range(40)]
    text = json.dumps({"kind": "List", "items": [*pods[:20], other, *pods[20:]]}, indent=4)
    with (
        patch.multiple(json_shapes, _LEAST_AHEAD=ahead, _MOST_AHEAD=ahead),
        patch.object(quick_json, "taken_apart", side_effect=quick_json.taken_apart) as taken,
    ):
        assert read_all(text) == slowly(text)
    assert taken.call_count <= most


def test_the_lines_inside_an_item_are_worked_out_when_they_are_asked_for() -> None:
    """Not before, and only those of that item."""
    asked: list[str] = []

    def positional(part: str) -> Document:
        asked.append(part)
        return next(json_reader.read_json(part, Usage(DEFAULT)))

    text = '{"kind": "List",\n"items": [{"a": 1},\n{"b": [\n1, {\n"c": 1}]}]}'
    (document,) = read_quickly(text, Usage(DEFAULT), positional)
    first, second = document.parts
    assert (first.line, second.line, asked) == (2, 3, [])
    inner = second.data[0]["b"][1]
    assert [line + second.base for line in second.lines_of(inner)] == [5]
    assert asked == ['{"b": [\n1, {\n"c": 1}]}']


def plainly(upload: Upload) -> Manifests:
    """Return what the readers with lines give."""
    with (
        patch.object(json_reader, "read_quickly", side_effect=NotQuick),
        patch.object(object_decoder, "quick_fields", side_effect=Unusual),
    ):
        return read([upload])


@pytest.mark.corpus
@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_real_files_are_read_the_same(folder: Any) -> None:
    """Objects with their lines, and problems."""
    for path in sorted(folder.rglob("*.json")):
        upload = Upload(path.name, path.read_bytes(), picked=True)
        assert read([upload]) == plainly(upload), path


def test_objects_that_look_alike_have_their_own_lines() -> None:
    """Their paths are known from the first of them."""
    services = [
        {"kind": "Service", "apiVersion": "v1", "metadata": {"name": f"s{n}"}, "spec": {"ports": [{"port": n + 1}]}}
        for n in range(3)
    ]
    upload = Upload("x.json", json.dumps({"kind": "List", "items": services}, indent=2).encode())
    assert read([upload]) == plainly(upload)
    assert [one.source.lines["spec.ports[0].port"] for one in read([upload]).services] == [13, 27, 41]
