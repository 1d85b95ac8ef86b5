"""Text -> documents -> objects as plain data."""

import json
from typing import Any

import pytest

from webapp.limits import Limits
from webapp.manifests.documents import raw_objects, read_documents
from webapp.manifests.tree import Document, Exhausted, Unreadable, Usage


def objects(text: str, **limits: int) -> list[tuple[Any, Any, int]]:
    """Return apiVersion, kind and line of every object."""
    usage = Usage(Limits(**limits))
    found = []
    for document in read_documents(text, usage):
        assert isinstance(document, Document)
        found += [(raw.api_version, raw.kind, raw.line) for raw in raw_objects(document, usage)]
    return found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        pytest.param("kind: Pod\napiVersion: v1\n", [("v1", "Pod", 1)], id="an object"),
        pytest.param("---\n# comment\n\nkind: Pod\n", [(None, "Pod", 4)], id="a comment before it"),
        pytest.param(
            "kind: List\nitems:\n- kind: Pod\n-\n  kind: Node\n", [(None, "Pod", 3), (None, "Node", 5)], id="a list"
        ),
        pytest.param("kind: PodList\napiVersion: v1\nitems:\n- metadata: {}\n", [("v1", "Pod", 4)], id="a typed list"),
        pytest.param(
            "kind: PodList\napiVersion: v1\nitems:\n- kind: Node\n", [("v1", "Node", 4)], id="an raw with its own kind"
        ),
        pytest.param(
            "kind: List\nitems: [{kind: List, items: [{kind: Pod}]}]\n", [(None, "Pod", 2)], id="a list in a list"
        ),
        pytest.param("kind: List\nitems: []\n", [], id="an empty list"),
        pytest.param("kind: List\nitems:\n", [], id="a list of null"),
        pytest.param("kind: List\nitems: [1]\n", [(None, None, 2)], id="an raw that is no object"),
        pytest.param(
            "kind: AllowList\nitems: {}\n", [(None, "AllowList", 1)], id="a kind that only sounds like a list"
        ),
        pytest.param(
            '{"kind": "List", "items": [\n{"kind": "Pod"},\n{"kind": "Node"}]}',
            [(None, "Pod", 2), (None, "Node", 3)],
            id="JSON",
        ),
        pytest.param("{kind: Pod, # YAML\n}", [(None, "Pod", 1)], id="flow YAML that begins like JSON"),
        pytest.param('{"kind": "Pod",}', [(None, "Pod", 1)], id="JSON with a comma too many"),
        pytest.param(
            '{"kind": "Pod"}\n---\n{"kind": "Node"}', [(None, "Pod", 1), (None, "Node", 3)], id="JSON with separators"
        ),
        pytest.param('{\n\t"kind":\t"Pod"\n}', [(None, "Pod", 2)], id="JSON with tabs"),
    ],
)
def test_objects_are_found_with_their_lines(text: str, found: list[Any]) -> None:
    """In the order of the text."""
    assert objects(text) == found


def test_a_huge_single_line_of_json_is_read() -> None:
    """Ten thousand objects without a line feed."""
    text = json.dumps(
        {"kind": "List", "items": [{"kind": "Pod", "metadata": {"name": f"p{n}"}} for n in range(10_000)]}
    )
    assert len(objects(text)) == 10_000


def test_broken_json_is_explained_by_the_yaml_reader() -> None:
    """Once, at its line."""
    (found,) = read_documents('{"kind": "Pod",\n "metadata": {"name": "a"\n', Usage(Limits()))
    assert isinstance(found, Unreadable)
    assert (found.line, "never closed" in found.message) == (2, True)


def test_values_that_json_counted_are_not_counted_again() -> None:
    """When the YAML reader takes over."""
    usage = Usage(Limits())
    list(read_documents("[1, 2, 3,]", usage))
    assert usage.nodes < 12


def test_the_items_of_a_list_count_as_documents() -> None:
    """So that one list can't get around the limit."""
    with pytest.raises(Exhausted, match="more than 2 documents"):
        objects("kind: List\nitems: [{kind: A}, {kind: B}, {kind: C}]\n", documents=2)
