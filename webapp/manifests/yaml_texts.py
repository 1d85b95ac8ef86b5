"""Scalars of several lines: block texts, and plain or quoted ones that go on; each with the line after its last one."""

import re
from collections.abc import Sequence
from itertools import takewhile

from webapp.manifests.yaml_lines import COMMENT, PLAIN_REST, Doubt

_GOES_ON = re.compile(rf"|[^\0\s\#:]{PLAIN_REST}")
_CLOSED = {
    "'": re.compile(rf"([^']*+(?:''[^']*+)*)'{COMMENT}"),
    '"': re.compile(rf'([^"\\]*+(?:\\.[^"\\]*+)*)"{COMMENT}'),
}
_OPEN = {"'": re.compile(r"[^']*+(?:''[^']*+)*"), '"': re.compile(r'[^"\\]*+(?:\\.[^"\\]*+)*\\?')}
# Escapes that YAML shares with JSON. YAML's own, such as \x41 and \N, are rare: libyaml reads them.
_ESCAPES = re.compile(r"""[^\\]*+(?:\\(?:["\\bfnrt ]|u00[2-7][0-9a-f])[^\\]*+)*""", re.DOTALL)
_ESCAPE = re.compile(r"\\(u00..|.)")
_ESCAPED = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}


def block_text(lines: Sequence[str], begin: int, column: int, style: str, chomping: str) -> tuple[int, str]:
    """Return where a literal (|) or folded (>) text ends, and the text; it is indented more than `column`.

    Raises:
        Doubt: libyaml has to read it.

    """
    blank = sum(1 for _ in takewhile(lambda line: not line.strip(" "), lines[begin : begin + _MOST_BLANK]))
    first = lines[begin + blank] if begin + blank < len(lines) else ""
    indent = indentation(first)
    # libyaml takes the longest of the blank lines at the beginning as the indentation.
    longest = max(map(len, lines[begin : begin + blank]), default=0)
    if indent <= column or longest > indent or first[indent : indent + 1] == "\t" or not first:
        raise Doubt
    margin, end = " " * indent, begin + blank
    while end < len(lines) and (lines[end].startswith(margin) or not lines[end].strip(" ")):
        end += 1
    rows = [line[indent:] for line in lines[begin:end]]
    text = "\n".join(rows).rstrip("\n")
    after = "" if chomping == "-" else "\n" * (len(rows) - text.count("\n")) if chomping else "\n"
    if style == ">":
        # Lines that are indented more, and blank ones before the first, are not folded.
        if blank or any(row[:1] in {" ", "\t"} for row in rows if row):
            raise Doubt
        text = folded(text.split("\n"))
    return end, text + after


_MOST_BLANK = 100


def quoted_text(lines: Sequence[str], begin: int, quote: str, rest: str) -> tuple[int, str]:
    """Return where a scalar in quotes ends that goes on at the line `begin`, and its text; `rest` is its first line.

    Raises:
        Doubt: libyaml has to read it.

    """
    rows, closed, open_ = [rest], _CLOSED[quote], _OPEN[quote]
    for end in range(begin, len(lines)):
        line = lines[end]
        # libyaml takes document marks in quotes for mistakes; they begin their line. \0 is a slot.
        if (line and line[0] != " ") or "\t" in line or "\0" in line:
            break
        if found := closed.fullmatch(line):
            first, *middle, final = (*rows, found[1])
            texts = [_trimmed(first), *(_trimmed(row.lstrip(" ")) for row in middle), final.lstrip(" ")]
            return end + 1, folded(texts).replace("''", "'") if quote == "'" else _unescaped(texts)
        if open_.fullmatch(line) is None:
            break
        rows.append(line)
    raise Doubt


def _trimmed(row: str) -> str:
    """Return the row without the spaces at its end, but for those before an escaped line break."""
    return row.rstrip(" ")


def _unescaped(texts: Sequence[str]) -> str:
    r"""Return the text of the lines in double quotes; a line break behind a backslash is none.

    >>> _unescaped(["one\\", "\\ two"])
    'one two'
    """
    joined = [texts[0]]
    for text in texts[1:]:
        before = joined[-1]
        if (len(before) - len(before.rstrip("\\"))) % 2:
            if not text:
                raise Doubt
            joined[-1] = before[:-1] + text
        else:
            joined.append(text)
    text = folded(joined)
    if _ESCAPES.fullmatch(text) is None:
        raise Doubt
    return _ESCAPE.sub(lambda found: _escaped(found[1]), text) if "\\" in text else text


def _escaped(name: str) -> str:
    return chr(int(name[1:], 16)) if name[0] == "u" else _ESCAPED.get(name, name)


def plain_text(lines: Sequence[str], begin: int, column: int, first: str) -> tuple[int, str]:
    """Return where a plain scalar ends that begins with `first` and goes on at the line `begin`, if it does.

    Raises:
        Doubt: libyaml has to read it.

    """
    end, texts = begin, [first]
    while end < len(lines) and (indentation(lines[end]) > column or not lines[end]):
        texts.append(lines[end].strip(" "))
        if _GOES_ON.fullmatch(texts[-1]) is None:
            raise Doubt
        end += 1
    while not texts[-1]:
        del texts[-1]
    return end, folded(texts)


def indentation(line: str) -> int:
    """Return how many spaces the line begins with."""
    return len(line) - len(line.lstrip(" "))


def folded(texts: Sequence[str]) -> str:
    r"""Return lines as one: a line break becomes a space, and of several, one less remain (YAML 1.1, section 8.1.4).

    >>> folded(["one", "two", "", "three"])
    'one two\nthree'
    """
    made, breaks = [texts[0]], 0
    for text in texts[1:]:
        breaks += 1
        if text:
            made += ("\n" * (breaks - 1) or " ", text)
            breaks = 0
    return "".join(made) + ("\n" * (breaks - 1) or " " if breaks else "")
