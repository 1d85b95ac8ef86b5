"""Bytes -> text: encodings, line ends, and what is not text at all."""

import codecs
import re

from webapp.manifests.characters import NOT_UTF8
from webapp.manifests.tree import Unreadable

# The longer marks first: UTF-32's begins with UTF-16's.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


def decode(data: bytes) -> str:
    """Return the text with plain line feeds and without a byte order mark.

    A byte that is not UTF-8 becomes a character that no text has, so that only its own document is lost.
    UTF-8, or UTF-16/32 by their mark or, as YAML 1.1 section 5.2 has it, by the NULs around the first ASCII character.

    Raises:
        Unreadable: it is not text.

    """
    mark, encoding = next(((mark, name) for mark, name in _MARKS if data.startswith(mark)), (b"", _guess(data)))
    try:
        text = data[len(mark) :].decode(encoding)
    except UnicodeDecodeError as error:
        if encoding != "utf-8" or b"\0" in data[:4096]:
            raise _not_text(encoding if mark else "utf-8") from error
        text = _STRAY.sub(NOT_UTF8, data[len(mark) :].decode(encoding, "surrogateescape"))
    # YAML forbids NUL; one so early means a binary file, which deserves one sentence and not one for each line.
    if "\0" in text[:4096]:
        raise Unreadable(1, "This is a binary file, not a manifest.", _SAVE, id_="NP003")
    # Lines are counted by \n from here on. YAML 1.1 also ends them at the lone \r of old Macs.
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def _guess(data: bytes) -> str:
    zeros = tuple(byte == 0 for byte in data[:4])
    if zeros[:2] == (False, True):
        return "utf-16-le"
    return "utf-16-be" if zeros[:2] == (True, False) else "utf-8"


def _not_text(encoding: str) -> Unreadable:
    if encoding != "utf-8":
        return Unreadable(1, f"The file begins like {encoding.upper()} text, but is not.", _SAVE, id_="NP003")
    return Unreadable(1, "This is a binary file, not a manifest.", _SAVE, id_="NP003")


_SAVE = "Save the manifest as UTF-8 text."
# What surrogateescape makes of bytes that are not UTF-8 (PEP 383).
_STRAY = re.compile("[\udc80-\udcff]")
