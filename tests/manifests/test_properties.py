"""Whatever the bytes: `read` returns, and what it returns is well formed."""

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from webapp.manifests import Limits, Manifests, Upload, read
from webapp.manifests.catalogue import CATALOGUE
from webapp.manifests.known_fields import FIELDS
from webapp.manifests.manifests import KINDS

FEW = settings(max_examples=120, deadline=None)
SMALL = Limits(nodes=5_000, depth=12, documents=50, broken_documents=5, problems=20)
# What YAML and manifests are made of, so that chance finds its way into the parser.
PIECES = st.sampled_from(
    [
        *(
            "\n",
            "  ",
            "    ",
            "- ",
            ": ",
            "? ",
            "&a ",
            "*a",
            "<<: ",
            "[",
            "]",
            "{",
            "}",
            ",",
            "|",
            ">",
            "'",
            '"',
            "#",
            "%",
        ),
        *(
            "!!int ",
            "!x ",
            "---\n",
            "...\n",
            "\t",
            "{{ .x }}",
            "~",
            "y",
            "0x1F",
            "8e1",
            "é",
            "😀",
            "\x00",
            "\x85",
            "\u2028",
        ),
        *("kind: Service\n", "kind: List\n", "kind: Config\n", "kind: Deployment\n", "apiVersion: v1\n", "items:\n"),
        *("metadata:\n", "name: web\n", "spec:\n", "ports:\n", "port: 80\n", "data: x\n", "labels: {a: 1}\n"),
    ]
)
KEYS = st.sampled_from(
    sorted({name for names in FIELDS.values() for name in names} | {"items", "data", "subsets", "endpoints"})
)
DATA = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8)
    | st.sampled_from(["web", "80", "Local"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=25,
)
TYPES = st.sampled_from([*KINDS, "List", "ServiceList", "Secret", "Config"])
VERSIONS = st.sampled_from(
    ["v1", "apps/v1", "extensions/v1beta1", "batch/v1", "policy/v1", "argoproj.io/v1alpha1", "", "x.io/v1"]
)
OBJECTS = st.builds(
    lambda kind, version, metadata, rest: {**rest, "kind": kind, "apiVersion": version, "metadata": metadata},
    TYPES, VERSIONS, DATA, st.dictionaries(KEYS, DATA, max_size=4),
)  # fmt: skip


def well_formed(manifests: Manifests) -> bool:
    """Return whether problems come from the catalogue and stay short, and refusals are of objects that are there."""
    labels = {
        f"{one.kind} {one.metadata.namespace}/{one.metadata.name}"
        if one.metadata.namespace
        else f"{one.kind} {one.metadata.name}"
        for collection in {kind.collection for kind in KINDS.values()}
        for one in getattr(manifests, collection)
    }
    told = all(
        one.id in CATALOGUE and one.hint and len(one.message) <= 300 and (one.line or 1) >= 1
        for one in manifests.problems
    )
    return told and manifests.undecodable.keys() <= labels


@FEW
@given(data=st.binary(max_size=300))
def test_any_bytes(data: bytes) -> None:
    """Noise."""
    assert well_formed(read([Upload("x", data)], SMALL))


@FEW
@given(
    head=st.sampled_from([b"PK\x03\x04", b"\x1f\x8b\x08\x00", b"\xff\xfe", b"\xef\xbb\xbf", b'{"', b"a: "]),
    data=st.binary(max_size=200),
)
def test_bytes_that_begin_like_something(head: bytes, data: bytes) -> None:
    """An archive, an encoding, JSON."""
    assert well_formed(read([Upload("x.yaml", head + data)], SMALL))


@settings(max_examples=400, deadline=None)
@given(pieces=st.lists(PIECES, max_size=40))
def test_texts_made_of_yaml(pieces: list[str]) -> None:
    """Nearly manifests."""
    assert well_formed(read([Upload("x.yaml", "".join(pieces).encode())], SMALL))


@settings(max_examples=150, deadline=None)
@given(objects=st.lists(OBJECTS | DATA, max_size=4))
def test_objects_with_anything_in_any_field(objects: list[Any]) -> None:
    """Every kind, every field, every type, as JSON and as YAML."""
    text = "\n".join(json.dumps(one) for one in objects)
    lines = "\n---\n".join(json.dumps(one, indent=1) for one in objects)
    assert well_formed(read([Upload("x.json", text.encode()), Upload("y.yaml", lines.encode())]))


@FEW
@given(objects=st.lists(OBJECTS, min_size=1, max_size=3))
def test_a_list_is_its_items(objects: list[Any]) -> None:
    """The same objects come out, whether they stand one after another or in a list."""
    apart = "\n".join(json.dumps(one) for one in objects)
    together = json.dumps({"kind": "List", "apiVersion": "v1", "items": objects})
    one, other = (read([Upload("x.yaml", text.encode())]) for text in (apart, together))
    assert (one.undecodable, one.not_used) == (other.undecodable, other.not_used)
    assert [service.spec for service in one.services] == [service.spec for service in other.services]
