"""Bytes -> text."""

import pytest

from webapp.manifests.encoding import decode
from webapp.manifests.tree import Unreadable

TEXT = "kind: Pod # é 😀\n"


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(TEXT.encode(), id="UTF-8"),
        pytest.param(TEXT.encode("utf-8-sig"), id="UTF-8 with a byte order mark"),
        pytest.param(TEXT.encode("utf-16"), id="UTF-16 as PowerShell writes it"),
        pytest.param(b"\xfe\xff" + TEXT.encode("utf-16-be"), id="UTF-16, big endian"),
        pytest.param(TEXT.encode("utf-16-le"), id="UTF-16 without a mark"),
        pytest.param(TEXT.encode("utf-16-be"), id="UTF-16, big endian, without a mark"),
        pytest.param(TEXT.encode("utf-32"), id="UTF-32"),
        pytest.param(TEXT.replace("\n", "\r\n").encode(), id="line ends of Windows"),
        pytest.param(TEXT.replace("\n", "\r").encode(), id="line ends of old Macs"),
    ],
)
def test_text_is_the_same_in_every_encoding(data: bytes) -> None:
    """Without a mark, with plain line feeds."""
    assert decode(data) == TEXT


def test_no_bytes_are_no_text() -> None:
    """And no error."""
    assert decode(b"") == ""


@pytest.mark.parametrize(
    ("data", "line", "message"),
    [
        pytest.param(b"\x7fELF\x00\xff\xfe", 1, "binary", id="a program"),
        pytest.param(b"a: 1\x00\n", 1, "binary", id="a NUL"),
        pytest.param(b"\xff\xfea", 1, "UTF-16", id="half a character"),
        pytest.param(b"\xff\xfe\x00\xd8a\x00", 1, "UTF-16", id="half a surrogate pair"),
    ],
)
def test_what_is_no_text_is_refused_with_its_line(data: bytes, line: int, message: str) -> None:
    """NP003."""
    with pytest.raises(Unreadable, match=message) as caught:
        decode(data)
    assert (caught.value.id, caught.value.line) == ("NP003", line)
