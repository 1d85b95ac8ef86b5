"""Stored documents of older versions are brought up to date; those of newer ones are refused."""

import zlib

import msgspec
import pytest

from webapp.manifests.manifests import VERSION, Manifests
from webapp.manifests.objects import NodeObject, ObjectMeta, Source
from webapp.storage.document import decode, encode

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
    with pytest.raises(KeyError):
        decode(encode(Manifests()), VERSION + 1)


def test_a_document_of_another_form_is_refused() -> None:
    """The types of every field are checked on reading."""
    with pytest.raises(msgspec.ValidationError):
        decode(zlib.compress(b'{"nodes": 7}'), VERSION)
