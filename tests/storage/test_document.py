"""Stored documents of older versions are brought up to date; those of newer ones are refused."""

import pickle
import zlib

import msgspec
import pytest

from webapp.manifests import Upload, read
from webapp.manifests.manifests import VERSION, Manifests
from webapp.manifests.objects import LinesOfShape, NodeObject, ObjectMeta, Source
from webapp.storage.document import UnreadableDocumentError, decode, encode

NODE = NodeObject(metadata=ObjectMeta(name="a"), source=Source(file="n.yaml", line=1))


def test_a_document_is_compressed_json() -> None:
    """Any tool can read it."""
    plain = msgspec.json.decode(zlib.decompress(encode(Manifests(nodes=(NODE,)))))
    assert plain["nodes"][0]["metadata"]["name"] == "a"
    assert plain["version"] == VERSION


def test_the_round_trip_keeps_everything() -> None:
    """Encoding and decoding give an equal record."""
    manifests = Manifests(nodes=(NODE,), not_used={"ConfigMap": 2})
    assert decode(encode(manifests), VERSION) == manifests


def test_the_round_trip_keeps_the_lines_of_objects_that_share_them() -> None:
    """Of the last of many alike they are counted on from those of one before."""
    service = "kind: Service\napiVersion: v1\nmetadata:\n  name: web-{}\nspec:\n  ports:\n  - port: 80\n"
    manifests = read([Upload("web.yaml", "---\n".join(map(service.format, range(9))).encode())])
    source = manifests.services[-1].source
    assert type(source.lines) is LinesOfShape
    assert (source.line, source.lines["metadata.name"], source.line_of("spec.ports[0].port")) == (65, 68, 71)
    assert len(manifests.services) == 9
    opened = decode(encode(manifests), VERSION)
    assert opened == manifests
    assert opened.services[-1].source.lines == source.lines
    assert decode(encode(opened), VERSION) == manifests
    copy = pickle.loads(pickle.dumps(manifests))  # noqa: S301 - as between two of our processes
    assert copy == manifests


def test_lines_that_objects_share_are_stored_once() -> None:
    """They would be most of the document of a large cluster, and most of the memory when it is opened again."""
    service = "kind: Service\napiVersion: v1\nmetadata:\n  name: web-{}\nspec:\n  ports:\n  - port: 80\n"
    manifests = read([Upload("web.yaml", "---\n".join(map(service.format, range(40))).encode())])
    document = encode(manifests)
    last, before = (one.source.lines for one in decode(document, VERSION).services[:-3:-1])
    assert zlib.decompress(document).count(b"spec.ports[0].port") < 20
    assert isinstance(last, LinesOfShape)
    assert isinstance(before, LinesOfShape)
    assert last.shared is before.shared


def test_a_document_of_the_first_version_is_opened() -> None:
    """It had all lines of each object."""
    source = Source(file="n.yaml", line=7, lines={"metadata.name": 9})
    manifests = Manifests(nodes=(NodeObject(metadata=ObjectMeta(name="a"), source=source),))
    plain = msgspec.to_builtins(manifests) | {"version": 1}
    assert decode(zlib.compress(msgspec.json.encode(plain)), 1) == manifests


def test_an_older_document_goes_through_each_step() -> None:
    """A version -1 document is renamed by -1 -> 0 and again by 0 -> 1."""
    old = zlib.compress(msgspec.json.encode({"version": VERSION - 2, "hosts": [msgspec.to_builtins(NODE)]}))
    steps = {
        VERSION - 2: lambda plain: {"machines": plain["hosts"]},
        VERSION - 1: lambda plain: {"nodes": plain["machines"]},
    }
    assert decode(old, VERSION - 2, steps) == Manifests(nodes=(NODE,))


def test_a_document_of_a_newer_nodefall_is_refused() -> None:
    """It is not misread as this version's."""
    with pytest.raises(UnreadableDocumentError):
        decode(encode(Manifests()), VERSION + 1)


def test_a_document_of_another_form_is_refused() -> None:
    """The types of every field are checked on reading."""
    with pytest.raises(UnreadableDocumentError):
        decode(zlib.compress(b'{"nodes": 7}'), VERSION)


def test_a_damaged_document_is_refused() -> None:
    """Bytes that are no compressed JSON any more; nothing of them is in what is said."""
    document = encode(Manifests(nodes=(NODE,)))
    for damaged in (document[:-5], b"worker-1" + document[8:], zlib.compress(b'{"nodes": "worker-1')):
        with pytest.raises(UnreadableDocumentError) as refused:
            decode(damaged, VERSION)
        assert "worker-1" not in str(refused.value)
