"""Reading piece by piece gives what reading the whole with libyaml gives: the same objects, lines and problems."""

from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.real_manifests import FOLDERS
from webapp.manifests import Limits, Manifests, Upload, object_decoder, pieces, read, yaml_reader
from webapp.manifests.documents import RawObject, raw_objects
from webapp.manifests.kind_spelling import OTHER_KINDS
from webapp.manifests.quick_decoder import Unusual
from webapp.manifests.tree import Document, Unreadable, Usage
from webapp.manifests.yaml_loader import YamlLoader

LIMITS = Limits(nodes=10_000_000)


def plainly(upload: Upload) -> Manifests:
    """Return what reading the whole text with libyaml gives."""
    with (
        patch.object(yaml_reader, "read_pieces", side_effect=Unreadable(1, "")),
        patch.object(object_decoder, "quick_fields", side_effect=Unusual),
    ):
        return read([upload], LIMITS)


def located(data: Any, document: Document) -> Any:
    """Return data with its types and the lines of all its entries."""
    if isinstance(data, dict | list):
        entries = data.items() if isinstance(data, dict) else enumerate(data)
        lines = [line + document.base for line in document.lines_of(data)]
        return [(key, line, located(one, document)) for (key, one), line in zip(entries, lines, strict=True)]
    return type(data), repr(data)


def described(document: Document | Unreadable) -> Any:
    """Return all that is known of a document; of what is not used, the keys."""
    if isinstance(document, Unreadable):
        return document.line, document.message, document.hint
    raws = list(raw_objects(document, Usage(LIMITS)))
    duplicates = () if all(map(is_unused, raws)) else document.duplicates
    return duplicates, [(raw.line, str(raw.api_version), str(raw.kind), content(raw)) for raw in raws]


def is_unused(raw: RawObject) -> bool:
    """Return whether an object is of a kind that is only counted."""
    return isinstance(raw.kind, str) and raw.kind in OTHER_KINDS - {"List"}


def content(raw: RawObject) -> Any:
    """Return the data of an object with its lines, of one that is not used its keys."""
    return list(raw.data) if is_unused(raw) else located(raw.data, raw.document)


def both(text: str) -> tuple[list[Any], list[Any]]:
    """Return the documents as they are read, and as libyaml alone reads them."""
    quick = [described(one) for one in yaml_reader.read_yaml(text, Usage(LIMITS))]
    with patch.object(yaml_reader, "read_pieces", side_effect=Unreadable(1, "")):
        return quick, [described(one) for one in yaml_reader.read_yaml(text, Usage(LIMITS))]


@pytest.mark.corpus
@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_real_files_are_read_the_same(folder: Path) -> None:
    """Objects with their lines, problems, counts of kinds."""
    for path in sorted(path for path in folder.rglob("*.[yj]*") if path.is_file()):
        upload = Upload(path.name, path.read_bytes(), picked=True)
        assert read([upload], LIMITS) == plainly(upload), path


# --- made up ----------------------------------------------------------------------------------------------------------

PLAIN = ["web", "80", "1.5", "yes", "~", "0x1F", "10.0.0.1", "a:b", "a#b", "http://x:80/y", "-1", ":8080", "'it''s'"]
WORDS = st.sampled_from(
    [
        *PLAIN, *PLAIN, *PLAIN, *PLAIN, '"q"', '"a\\nb"', "1e3", "2001-01-01", "{}", "[]", "{a: b, c: 1}", "[a, b]",
        "a b", '["x" ]', "''", "null", "-x", "<<", "{a:b}", "c# d", "*x", "&x 1", "!!str 5", "|", ">", "?", "@x", "`x",
        "%x", "a: b", "[{a: b}]", "a, b: c",
    ]
)  # fmt: skip
KEYS = st.sampled_from(
    ["kind", "a", "b", "metadata", "items", "y", "true", "1", "a/b.c", "'q'", '"r"', "f:x", ".", "<<", "? c"]
)
TEXTS = st.sampled_from(
    [
        "|\n{0}one\n{0} two\n", "|-\n{0}a: b\n{0}- c\n\n", ">\n{0}one\n{0}two\n\n{0}three\n", "|+\n{0}x\n\n\n",
        "|\n\n{0}x\n",
        "'one\n{0}two\n\n{0}three'\n", '"one\n{0}two\\\n{0}\\ three"\n', "one\n{0}two\n",
        "one # no\n{0}two\n", "|2\n{0}x\n", "\n{0}text: on its line\n", "\n{0}a text\n{0}of two\n",
        "\n{0}|\n{0}block\n", "'{0}\n---\nx'\n", '"---\n{0}x"\n', "|\n---\n",
    ]
)  # fmt: skip


@st.composite
def entries(draw: st.DrawFn, indent: int, depth: int) -> str:
    """Return the lines of a block map or list that begins at the column `indent`, mostly right."""
    made, is_list = "", draw(st.booleans())
    for _ in range(draw(st.integers(1, 4))):
        made += " " * (indent + draw(st.sampled_from([0] * 40 + [1, -1, 2])))
        if is_list:
            made += draw(st.sampled_from(["- ", "- ", "-   "]))
        if not is_list or draw(st.booleans()):
            made += f"{draw(KEYS)}:"
            more = draw(st.integers(0, 7 if depth else 4))
            deeper = indent + draw(st.sampled_from([2, 4])) + 2 * is_list
            if more > 4:
                made += "\n" + draw(entries(deeper if draw(st.integers(0, 3)) else indent + 2 * is_list, depth - 1))
                continue
            made += " "
        else:
            more, deeper = 1, indent + 3
        made += draw(TEXTS).format(" " * deeper) if more == 4 else draw(WORDS) + draw(ENDS)
    return made


ENDS = st.sampled_from(["\n"] * 8 + [" # said\n", "  \n", "\n# metadata:\n", "\n\n", "\n   # kind: Secret\n", "\t\n"])


@st.composite
def documents(draw: st.DrawFn) -> str:
    """Return documents, some of them lists of objects."""
    made = []
    for _ in range(draw(st.integers(1, 3))):
        if draw(st.booleans()):
            made.append(
                "apiVersion: v1\nkind: ConfigMap\ndata:\n" + draw(entries(draw(st.sampled_from([2, 2, 2, 0])), 3))
            )
        elif draw(st.booleans()):
            indent = draw(st.sampled_from(["", "  "]))
            items = draw(st.lists(st.sampled_from(ITEMS), min_size=1, max_size=3))
            made.append("kind: List\nitems:\n" + "".join(f"{indent}- {one}" for one in items) + "apiVersion: v1\n")
        else:
            made.append(draw(entries(0, 2)))
    separator = draw(
        st.sampled_from(["---\n"] * 4 + ["--- # next\n", "...\n---\n", "--- \n", "---a: b\n", "\n---\n\n"])
    )
    return draw(st.sampled_from(["", "---\n", "# first\n", "%YAML 1.1\n---\n"])) + separator.join(made)


ITEMS = [
    "kind: Secret\n",
    "kind: Pod\n  metadata:\n    name: x\n",
    "'a\n- b'\n",
    "&a b\n",
    "*a\n",
    "|\n    x\n",
    "a: {b: c}\n",
]


@given(documents())
@example("a: 'x\n---\ny'\n")
@example("items:\n- a: |\n- b\n")
@example("kind: List\nitems:\n- a: &x 1\n- b: *x\n")
@example('kind: List\nitems:\n- a: "x\n- b: y"\n')
@example("a: |\n  x\n # comment\nb: 1\n")
@example("a:\n- b\n- c\nd: e\n")
@example("a: 1\na: 2\n")
@example("  kind: List\nitems:\n- a: 1\n")
@example("|\nkind: Secret\napiVersion: v1\n")
@example("apiVersion: v1\nkind: ConfigMap\n  - b\nmetadata: x\n")
def test_made_up_documents_are_read_the_same(text: str) -> None:
    """Whatever is in doubt goes to libyaml."""
    quick, plain = both(text)
    assert quick == plain


@given(documents(), st.sampled_from(["\r\n", "\r", "\ufeff", "\x85", "\u2028", "\x0b", "é", "“"]))
def test_odd_characters_change_nothing(text: str, odd: str) -> None:
    """Line ends of other systems, byte order marks, what only some take for a line's end."""
    upload = Upload("a.yaml", text.replace("\n", odd, 1).encode(), picked=True)
    assert read([upload], LIMITS) == plainly(upload)


def test_everyday_documents_never_reach_libyaml() -> None:
    """Otherwise all of the above would prove nothing."""
    text = "kind: List\nitems:\n" + "- kind: Pod\n  metadata:\n    name: x\n  spec: {a: b}\n" * 3
    with patch.object(pieces, "YamlLoader", side_effect=AssertionError):
        (document,) = pieces.read_pieces(text, "", Usage(LIMITS))
    assert len(document.data["items"]) == len(document.parts) == 3


@pytest.mark.parametrize(
    "data",
    [
        pytest.param("data:\n  a: |\n    kind: x\n   b\n", id="a text that ends too early"),
        pytest.param("data:\n    a: 1\n  b: 2\n", id="a column that fits nowhere"),
        pytest.param("data:\n  a: 1\n    b: 2\n", id="an entry below a value"),
        pytest.param("data: {a: 1\n", id="a bracket"),
        pytest.param("data: 'a\n", id="a quote"),
        pytest.param("data:\n- a\nb\n", id="a text below an item"),
        pytest.param("data:\n- a\n  b: 1\n", id="an entry below an item"),
        pytest.param("data:\n~: 1\n", id="no key"),
        pytest.param("data:\n<<: 1\n", id="a merge of nothing"),
        pytest.param("data: !!int x\n", id="a tag"),
        pytest.param("data: *x\n", id="an alias"),
        pytest.param('data: "\\q"\n', id="an escape"),
        pytest.param("data: a # b\n  c\n", id="a text after a comment"),
        pytest.param("\tdata: a\n", id="a tab"),
        pytest.param("a:\n" + "".join(" " * n + "a:\n" for n in range(1, 70)), id="too deep"),
        pytest.param("data: " + "x" * 2_000_000 + "\n", id="too long"),
    ],
)
def test_what_is_wrong_is_said_of_kinds_that_are_not_used(data: str) -> None:
    """Although nobody reads them."""
    upload = Upload("a.yaml", f"apiVersion: v1\nkind: ConfigMap\n{data}---\nkind: Secret\n".encode(), picked=True)
    found = read([upload], LIMITS)
    assert found == plainly(upload)
    assert {"NP001", "NP002"} & {one.id for one in found.problems}


def test_kinds_that_are_not_used_are_not_built() -> None:
    """Their keys are known."""
    text = "apiVersion: v1\nkind: Secret\nmetadata:\n  name: x\ndata:\n  a: |\n    b: c\n  d:\n  - e: f\n"
    (document,) = pieces.read_pieces(text, "", Usage(LIMITS))
    assert document.data == {"apiVersion": "v1", "kind": "Secret", "metadata": None, "data": None}


def test_libyaml_is_asked_about_a_single_item() -> None:
    """The others are read as ever."""
    text = "kind: List\nitems:\n- a: 1\n- b: &x 1\n  c: *x\n- d: 1\n"
    with patch.object(pieces, "YamlLoader", side_effect=YamlLoader) as asked:
        (document,) = pieces.read_pieces(text, "", Usage(LIMITS))
    assert [call.args[0] for call in asked.call_args_list] == ["- b: &x 1\n  c: *x\n"]
    assert [part.data for part in document.parts] == [[{"a": 1}], [{"b": 1, "c": 1}], [{"d": 1}]]


@pytest.mark.parametrize("limit", [{"depth": 4}, {"scalar_length": 40}, {"nodes": 50}, {"aliases": 2}])
def test_limits_hold_as_they_do_for_the_whole(limit: dict[str, int]) -> None:
    """Each is hit by one of these documents or all together."""
    text = "a: {b: &x 1, c: *x, d: *x, e: *x}\n---\na:\n  b:\n    c:\n      d:\n        e: 1\n---\nkind: List\nitems:\n"
    text += "- a: 1\n- b: " + "x" * 50 + "\n- c: [1, 2, 3, 4, 5, 6]\n  d:\n  - 1\n"
    limits = Limits(**limit)
    quick = [described(one) for one in yaml_reader.read_yaml(text, Usage(limits))]
    with patch.object(yaml_reader, "read_pieces", side_effect=Unreadable(1, "")):
        assert quick == [described(one) for one in yaml_reader.read_yaml(text, Usage(limits))]
