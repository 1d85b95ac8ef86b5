"""Where each kind of picture carries the text that opens it again, and finding it there."""

import re
import struct
import zlib
from collections.abc import Callable, Mapping
from types import MappingProxyType

from webapp.diagram.picture_options import CARRYING, PictureOptions

_MARK = "nodefall:1:"
_NOTHING = "nodefall:0:"
_REASON = re.compile(rb"nodefall:0:([a-z]+)")
_TEXT = re.compile(rb"nodefall:1:([A-Za-z0-9+/]{4,400000}={0,2})")
_SVG_OPEN = re.compile(r"<svg\b[^>]*>")
_PNG = b"\x89PNG\r\n\x1a\n"
NOT_CARRIED: Mapping[str, str] = MappingProxyType(
    {
        "hidden": "its names are hidden, and would be in what opens it",
        "asked": "it was saved without what opens it",
        "large": "what was kept of the whole upload is too much for a picture to carry",
    }
)
"""Why a picture has nothing in it that opens it again."""


def with_state(picture: bytes, extension: str, options: PictureOptions, capsule: Callable[[], str]) -> bytes:
    """Return the picture with what opens it again; else with why it has not, which a page also shows.

    `capsule` makes the text to carry, empty if that is too much.
    """
    if extension not in CARRYING:
        return picture
    text = capsule() if options.carries else ""
    if text:
        return carry(picture, extension, text)
    return _without(picture, extension, "hidden" if options.hides_names else "large" if options.carries else "asked")


def _without(picture: bytes, extension: str, reason: str) -> bytes:
    said = f"Dropped on nodefall’s first page, this file does not open again: {NOT_CARRIED[reason]}."
    if extension == "html":
        whole, _, end = picture.decode().rpartition("</body>")
        picture = f"{whole}<p>{said}</p></body>{end}".encode()
    # The place in a PNG is for Latin-1 (W3C PNG 11.3.3.2).
    return _put(picture, extension, f"{_NOTHING}{reason}. {said}".replace("’", "'"))


def carry(picture: bytes, extension: str, capsule: str) -> bytes:
    """Return the picture with a text in it that nobody sees."""
    return _put(picture, extension, _MARK + capsule)


def _put(picture: bytes, extension: str, text: str) -> bytes:
    if extension == "png":
        return _in_png(picture, text)
    if extension == "svg":
        return _after(picture.decode(), f"<metadata>{text}</metadata>", _SVG_OPEN)
    # The picture inside the page has no state of its own: what is dropped somewhere is the page.
    return _after(
        picture.decode(), f'<meta name="nodefall" content="{text}">', re.compile("<head>|<meta charset[^>]*>")
    )


def _after(text: str, what: str, where: re.Pattern[str]) -> bytes:
    found = where.search(text)
    at = found.end() if found else 0
    return (text[:at] + what + text[at:]).encode()


def carried(picture: bytes) -> str | None:
    """Return the text that a picture carries; None if it carries none."""
    text = _png_text(picture) if picture.startswith(_PNG) else picture
    found = _TEXT.search(text)
    return found[1].decode() if found else None


def not_carried(picture: bytes) -> str | None:
    """Return why a picture carries nothing, one of :data:`NOT_CARRIED`; None if it says nothing of it."""
    found = _REASON.search(_png_text(picture) if picture.startswith(_PNG) else picture)
    return NOT_CARRIED.get(found[1].decode()) if found else None


# --- PNG: a tEXt chunk before the pixels (W3C PNG 11.3.3.3) -----------------------------------------------------------


def _in_png(picture: bytes, text: str) -> bytes:
    body = b"tEXt" + b"nodefall\0" + text.encode()
    chunk = struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))
    # After the signature and IHDR, which is always 25 bytes long and comes first.
    return picture[:33] + chunk + picture[33:]


def _png_text(picture: bytes) -> bytes:
    """Return the first text chunk of that name; other programs may have put chunks before it."""
    at = len(_PNG)
    while at + 12 <= len(picture):
        length, name = struct.unpack(">I4s", picture[at : at + 8])
        body = picture[at + 8 : at + 8 + length]
        if name == b"tEXt" and body.startswith(b"nodefall\0"):
            return body
        if name == b"IDAT":
            break
        at += 12 + length
    return b""
