"""Text in boxes: what may be written at all, how wide it is, and how it is shortened to fit."""

import unicodedata
from enum import StrEnum
from functools import lru_cache

from webapp.diagram.advances import BOLD, MONO, REGULAR

_EM = 2048
# Ems for a character outside the table, drawn with whatever font the reader has: no East Asian letter is wider.
_UNKNOWN = 1.1
# A control or a bidirectional override could make one name look like another, so it is shown as such.
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Categories without a shape of their own: controls, bidirectional overrides, lone surrogates, unassigned."""
_SHOWN = "\N{REPLACEMENT CHARACTER}"
_TAIL = 6
ELLIPSIS = "\N{HORIZONTAL ELLIPSIS}"


class Face(StrEnum):
    """A face of the font stack."""

    REGULAR = "regular"
    BOLD = "bold"
    MONO = "mono"


_ADVANCES = {
    Face.REGULAR: {character: advance for advance, run in REGULAR.items() for character in run},
    Face.BOLD: {character: advance for advance, run in BOLD.items() for character in run},
}


def clean(text: str) -> str:
    """Return the text with everything replaced that XML forbids or that could disguise or reorder its neighbours."""
    # Almost all names are plain, and this is called for each of them on every click.
    if text.isascii() and text.isprintable():
        return text
    return "".join(_SHOWN if unicodedata.category(character) in _HIDDEN else character for character in text)


@lru_cache(maxsize=8192)
def width(text: str, size: float, face: Face = Face.REGULAR) -> float:
    """Return how many pixels the text takes in Inter, or in JetBrains Mono."""
    unknown = round(_UNKNOWN * _EM)
    advances = _ADVANCES.get(face)
    if advances is None:  # the monospaced face: one width for all but East Asian characters
        # From U+2E80 on are CJK and other wide scripts, which no monospaced face has at its own width.
        units = sum(MONO if ord(character) < 0x2E80 else unknown for character in text)
    else:
        units = sum(advances.get(character, unknown) for character in text)
    return units * size / _EM


def known(text: str, face: Face) -> bool:
    """Return whether the bundled font has all of the text, so that its width is exact and not a bound."""
    advances = _ADVANCES.get(face, _ADVANCES[Face.REGULAR])
    return text.isascii() or all(character in advances for character in text)


def without_glyph(text: str) -> str:
    """Return the characters of the text that no bundled font has, each once, in order."""
    own = _ADVANCES[Face.REGULAR]
    return "".join(sorted({character for character in text if not character.isascii() and character not in own}))


def elide(text: str, room: float, size: float, face: Face = Face.REGULAR, keep_end: str = "") -> str:
    """Return the text, or its beginning and last letters around an ellipsis, no wider than `room`.

    `keep_end` stays whole.
    """
    text = clean(text)
    if width(text + keep_end, size, face) <= room:
        return text + keep_end
    # By halves: a name of 253 characters takes eight measurements instead of 253.
    fitting, too_many = 0, len(text)
    while fitting + 1 < too_many:
        kept = (fitting + too_many) // 2
        if width(_shortened(text, kept) + keep_end, size, face) <= room:
            fitting = kept
        else:
            too_many = kept
    return _shortened(text, fitting) + keep_end


def _shortened(text: str, kept: int) -> str:
    # The last letters tell apart the pods of a ReplicaSet and the nodes of a pool: a hyphen and five letters or digits.
    tail = min(kept // 2, _TAIL)
    return text[: kept - tail] + ELLIPSIS + text[len(text) - tail :]


def wrap(text: str, room: float, size: float, face: Face = Face.REGULAR) -> tuple[str, ...]:
    """Return the lines of the text, broken at blanks; a word that is too wide is shortened."""
    lines: list[str] = []
    for word in clean(text).split(" "):
        longer = f"{lines[-1]} {word}" if lines else ""
        if longer and width(longer, size, face) <= room:
            lines[-1] = longer
        else:
            lines.append(elide(word, room, size, face))
    return tuple(lines)
