"""Documents in the making: the lines of everything, compared with PyYAML's own."""

from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from webapp.limits import Limits
from webapp.manifests.tree import Document, Usage
from webapp.manifests.yaml_reader import read_yaml

NAMES = st.sampled_from(["a", "b", "c", "spec", "ports"])
DATA = st.recursive(
    st.sampled_from(["x", "two\nlines\n", 80, None]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=15,
)


def expected(node: yaml.Node, path: str = "") -> dict[str, int]:
    """Return the lines of all entries by PyYAML's node graph."""
    found = {}
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            found[f"{path}.{key.value}"] = key.start_mark.line + 1
            found |= expected(value, f"{path}.{key.value}")
    if isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            found[f"{path}[{index}]"] = value.start_mark.line + 1
            found |= expected(value, f"{path}[{index}]")
    return found


def actual(document: Document, data: Any, path: str = "") -> dict[str, int]:
    """Return the lines of all entries by our own tables."""
    if not isinstance(data, dict | list):
        return {}
    entries = data.items() if isinstance(data, dict) else enumerate(data)
    found = {}
    for (key, value), line in zip(entries, document.lines_of(data), strict=True):
        name = f"{path}.{key}" if isinstance(data, dict) else f"{path}[{key}]"
        found[name] = line + document.base
        found |= actual(document, value, name)
    return found


@settings(max_examples=150, deadline=None)
@given(data=DATA, flow=st.sampled_from([None, False, True]))
def test_lines_are_those_of_pyyaml(data: Any, flow: bool | None) -> None:
    """In block and in flow style."""
    text = yaml.safe_dump(data, default_flow_style=flow, width=20, sort_keys=False)
    (document,) = read_yaml(text, Usage(Limits()))
    assert isinstance(document, Document)
    assert actual(document, document.data) == expected(yaml.SafeLoader(text).get_single_node())


def test_lines_survive_a_map_that_was_replaced() -> None:
    """What stands twice is gone, and its place in memory may be taken by the next map."""
    text = "".join(f"a: {{b: {n}, c: {n}, d: {n}}}\na:\n  x: {n}\n" for n in range(50)) + "z: {p: 1,\n q: 2}\n"
    (document,) = read_yaml(text, Usage(Limits()))
    assert isinstance(document, Document)
    assert actual(document, document.data) == {".a": 149, ".a.x": 150, ".z": 151, ".z.p": 151, ".z.q": 152}


@pytest.mark.parametrize("container", [{}, [], {"other": 1}])
def test_what_is_no_part_of_the_document_has_no_lines(container: Any) -> None:
    """And no first one."""
    document = Document({}, 7)
    assert (list(document.lines_of(container)), document.first_line(container, 7)) == ([], 7)
