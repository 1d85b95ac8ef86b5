"""Where each kind of picture carries the text that opens it again, and finding it there."""

import re
import struct
import zlib

_MARK = "nodefall:1:"
_TEXT = re.compile(rb"nodefall:1:([A-Za-z0-9+/]{4,400000}={0,2})")
_SVG_OPEN = re.compile(r"<svg\b[^>]*>")
# A browser looks for the character set in the first kilobyte only.
_HTML_HEAD = re.compile(r'<head>\s*<meta charset="[^">]*">|<head>')
_PNG = b"\x89PNG\r\n\x1a\n"
CARRYING = frozenset({"svg", "png", "html"})
"""The formats that can."""


def carry(picture: bytes, extension: str, capsule: str) -> bytes:
    """Return the picture with a text in it that nobody sees; as it is, if its format has no place for one."""
    if not capsule or extension not in CARRYING:
        return picture
    text = _MARK + capsule
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
