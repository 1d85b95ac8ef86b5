"""What a picture carries is opened again as it was, and damaged text is refused."""

import base64
import contextlib
import json
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.manifests import Upload, read
from webapp.manifests.capsule import CapsuleError, pack, unpack
from webapp.manifests.manifests import Manifests
from webapp.paths import resource_directory

SHOP = resource_directory("samples") / "shop.yaml"
QUERY = [("down", "node/worker-2"), ("at", "failed")]
ROOM = 1 << 20


def _shop() -> Manifests:
    return read([Upload(name="shop.yaml", data=SHOP.read_bytes())])


def test_objects_and_state_come_back() -> None:
    """As a List for the reader, and the words of an address."""
    capsule = unpack(pack(_shop(), QUERY), ROOM)
    assert list(capsule.query) == QUERY
    again = read([Upload(name="shop.json", data=capsule.manifests)])
    assert [service.metadata for service in again.services] == [service.metadata for service in _shop().services]


def test_the_same_state_makes_the_same_text() -> None:
    """Pictures stay the same to the byte."""
    assert pack(_shop(), QUERY) == pack(_shop(), QUERY)


def _packed(value: object) -> str:
    return base64.b64encode(zlib.compress(json.dumps(value).encode())).decode()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("AAAA", "damaged"),
        ("not base64!", "damaged"),
        (_packed([]), "damaged"),
        (_packed({"version": 1}), "damaged"),
        (_packed({"version": 1, "query": [[1]], "items": []}), "damaged"),
        (_packed({"version": 2, "query": [], "items": []}), "later nodefall"),
        (base64.b64encode(zlib.compress(b"[" * 100_000)).decode(), "damaged"),
        (base64.b64encode(zlib.compress(b" " * (ROOM + 1))).decode(), "larger than an upload"),
    ],
)
def test_what_cannot_be_opened_says_so(text: str, said: str) -> None:
    """Damaged, cut, too new, or a bomb: unpacking stops at the limit."""
    with pytest.raises(CapsuleError, match=said):
        unpack(text, ROOM)


@given(st.text(alphabet="ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=", max_size=200))
def test_any_text_is_opened_or_refused(text: str) -> None:
    """Nothing else is raised."""
    with contextlib.suppress(CapsuleError):
        unpack(text, ROOM)
