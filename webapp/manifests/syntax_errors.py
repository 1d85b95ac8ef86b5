"""What is wrong with a text that is not YAML, in a user's words: libyaml's errors are about its own tokens.

Nothing of the text is repeated but the key at fault, and not even that where a Secret or ConfigMap may be near.
"""

import re
import unicodedata
from collections.abc import Callable

import yaml
from yaml.error import MarkedYAMLError
from yaml.reader import ReaderError

from webapp.limits import Limits
from webapp.manifests.characters import forbidden
from webapp.manifests.tree import Unreadable, too_deep
from webapp.records import dataclass

_KEY = re.compile(r"\s*(?:- +)*([\w./-]{1,40})\s*:(?:\s|$)")
_ODD_SPACE = re.compile(r"^[ \t]*+(?:- *)?([\u00a0\u1680\u2000-\u200b\u202f\u205f\u2060\u3000\ufeff])|[\w\"']:(\u00a0)")
_SILENT = re.compile(r"""kind["']?\s*:\s*["']?(Secret|ConfigMap|Config)\b""")


@dataclass(frozen=True, slots=True)
class _ParserError:
    """Where libyaml stopped (`line`, `column`, from 0) and where the thing that it was reading began (`began`)."""

    problem: str
    line: int
    column: int
    began: int
    base_column: int
    lines: list[str]
    silent: bool

    @property
    def here(self) -> str:
        return self.lines[self.line] if self.line < len(self.lines) else ""

    @property
    def before(self) -> str:
        return self.here[: self.column]

    @property
    def above_line(self) -> int:
        """The number of the last line before that isn't empty or a comment."""
        numbers = range(min(self.line, len(self.lines)) - 1, -1, -1)
        return next((number for number in numbers if self.lines[number].split("#")[0].strip()), self.line)

    @property
    def above(self) -> str:
        return self.lines[self.above_line] if self.above_line < len(self.lines) else ""

    def key(self, line: int) -> str:
        """Return the key of a line, in quotes."""
        found = _KEY.match(self.lines[line]) if line < len(self.lines) and not self.silent else None
        return f"“{found[1]}:”" if found else "this line"


def explain(error: yaml.YAMLError, text: str, line: int, limits: Limits) -> Unreadable:
    """Return what is wrong at which line; `line` is that of the beginning of `text` in its file, from 0."""
    if isinstance(error, ReaderError):
        # libyaml counts bytes here, and characters in all other errors.
        before = text.encode()[: error.position]
        return forbidden(text[len(before.decode(errors="ignore")) :][:1] or "\0", before.count(b"\n") + line + 1)
    if not isinstance(error, MarkedYAMLError) or error.problem_mark is None:
        return Unreadable(line + 1, "This is not valid YAML.")
    # libyaml reads up to 1,024 characters ahead of its events; since PyYAML 6.0.4 it stops at 1,000 levels by itself,
    # before the tree sees even the first bracket of them.
    if "maximum nesting depth" in (error.problem or ""):
        return too_deep(error.problem_mark.line + line + 1, limits)
    problem_mark, context_mark = error.problem_mark, error.context_mark or error.problem_mark
    parser_error = _ParserError(
        problem=error.problem or "",
        line=problem_mark.line,
        column=problem_mark.column,
        began=context_mark.line,
        base_column=context_mark.column,
        # No more than the lines up to the error: the rest may be megabytes.
        lines=text.split("\n", problem_mark.line + 1)[: problem_mark.line + 1],
        silent=_SILENT.search(text) is not None,
    )
    at, message, hint = _describe(parser_error)
    return Unreadable(at + line + 1, message, hint, stopped=parser_error.line + line + 1)


_Explanation = tuple[int, str, str]


def _describe(error: _ParserError) -> _Explanation:
    indent = error.here[: len(error.here) - len(error.here.lstrip())]
    if "\t" in indent or "tab character" in error.problem:
        return (
            error.line,
            "The line is indented with a tab.",
            "YAML takes spaces only: replace each tab with two spaces.",
        )
    if (odd := _odd_space(error) or _odd_line(error)) is not None:
        return odd
    for words, describe in _RULES:
        if words in error.problem:
            return describe(error)
    return (
        error.line,
        "This is not valid YAML.",
        "Compare the indentation and the quotes with the lines above.",
    )


def odd_space(line: str) -> str:
    """Return the name of the character that replaces a space at the beginning of a line or after a colon, if any."""
    found = _ODD_SPACE.search(line)
    if found is None:
        return ""
    character = found[1] or found[2]
    name = "non-breaking space" if character in "\u00a0\u202f" else unicodedata.name(character).casefold()
    return f"{name} (U+{ord(character):04X})"


def _odd_space(error: _ParserError) -> _Explanation | None:
    for number in dict.fromkeys((error.line, error.began, error.above_line)):
        if number < len(error.lines) and (name := odd_space(error.lines[number])):
            return number, f"There is a {name} here instead of a space.", ORDINARY_SPACES
    return None


def _odd_line(error: _ParserError) -> _Explanation | None:
    """Return what is said of a line between objects that was to separate them, or that git left there."""
    first = next((number for number, line in enumerate(error.lines) if line.strip()), 0)
    if error.lines[first : first + 1] and error.lines[first].lstrip().startswith(("//", "/*")):
        return first, "This is a comment of another language.", "Begin comments with # in YAML; JSON has none."
    for number in dict.fromkeys((error.line, error.began, error.above_line)):
        line = error.lines[number] if number < len(error.lines) else ""
        if _NEAR_SEPARATOR.match(line):
            return number, "This line is not a separator, but looks like one.", _SEPARATOR
        if _CONFLICT.match(line):
            return number, "There is a conflict marker here.", "Resolve the merge conflict first."
    return None


_NEAR_SEPARATOR = re.compile(r"[ \t]+---[ \t]*$|-{4,}[ \t]*$|--[ \t]*$|[\u2010-\u2015]+[ \t]*$|--- ?[\w.]+:(\s|$)")
_CONFLICT = re.compile(r"(<{7}|={7}|>{7}|\|{7})( |$)")
_SEPARATOR = "Objects are separated by a line of exactly three hyphens, ---, that begins at its first column."
ORDINARY_SPACES = "Replace it with an ordinary space, here and elsewhere: text copied from a web page often has them."


def _no_token(error: _ParserError) -> _Explanation:
    character = error.here[error.column : error.column + 1]
    if character in {"@", "`", "%"}:
        return error.line, f"A string can't begin with {character} here.", "Put the string in quotes."
    return error.line, "A value can't begin with this character.", "Put the string in quotes."


def _second_colon(error: _ParserError) -> _Explanation:
    if re.search(r":\s", error.before):
        return (
            error.line,
            "There is a second colon in the line.",
            "Put the string after the first one in quotes.",
        )
    if _indent(error.here) <= _indent(error.above) and not re.search(r":\s|:$", error.above):
        return _no_colon_in(error.above, error.line - 1)
    return (
        error.line,
        f"{_upper(error.key(error.line))} is indented more than the line above, which already has a value.",
        f"Lines of one level begin at the same column: {_spaces(_indent(error.above))} here.",
    )


def _no_colon(error: _ParserError) -> _Explanation:
    return _no_colon_in(error.lines[error.began] if error.began < len(error.lines) else "", error.began)


def _no_colon_in(line: str, number: int) -> _Explanation:
    if re.match(r"\s*(- +)*[\w./-]+:[^\s:]", line):
        return number, "A space is missing after the colon.", "Write `key: value`."
    return number, "A colon is missing in this line.", "Each line of a map is `key: value`."


def _list_item(error: _ParserError) -> _Explanation:
    return error.line, "A list item (-) is not allowed here.", "Begin the list on the next line, below its key."


def _open_quote(error: _ParserError) -> _Explanation:
    # libyaml notices it at the next --- or at the end of the text, often pages further down.
    return error.began, "A quote that opens here is never closed.", "Close it on the same line."


def _escape(error: _ParserError) -> _Explanation:
    message = "A backslash in double quotes begins an escape that YAML doesn't know."
    return error.line, message, "Use single quotes, or write two backslashes."


def _star(error: _ParserError) -> _Explanation:
    return error.line, "A string can't begin with * or &.", "Put the string in quotes."


def _no_key(error: _ParserError) -> _Explanation:
    rest = error.here[error.column :]
    if rest.startswith("- "):
        return (
            error.line,
            "There is a list item (-) where a key is expected.",
            "Indent the list as deep as the items above it.",
        )
    if error.before.strip(" -"):
        return (
            error.line,
            "Something follows a value that was complete.",
            "Put the whole string in one pair of quotes.",
        )
    return _indentation(error)


def _indentation(error: _ParserError) -> _Explanation:
    depth, above = error.column, _indent(error.above)
    than = "less" if depth < above else "more"
    right = sorted({error.base_column, above} - {depth})
    hint = f"Lines of one level begin at the same column: after {' or '.join(map(_spaces, right))}." if right else ""
    return (
        error.line,
        f"{_upper(error.key(error.line))} is indented {than} than the line above, and fits no level.",
        hint,
    )


def _no_dash(error: _ParserError) -> _Explanation:
    return (
        error.line,
        f"{_upper(error.key(error.line))} is neither part of the list item above nor a new item.",
        f"Indent it as deep as the first key of the item, or begin it with “- ” after {_spaces(error.base_column)}.",
    )


def _no_content(error: _ParserError) -> _Explanation:
    if not error.here.strip() or error.here.startswith("---"):
        return error.above_line, "A bracket that opens here or above is never closed.", "Close it with ] or }."
    return error.line, "A value is missing here, or begins with a character that needs quotes.", ""


def _bracket(error: _ParserError) -> _Explanation:
    closing = "]" if "']'" in error.problem else "}"
    opening = "[" if closing == "]" else "{"
    return (
        error.began,
        f"A bracket {opening} that opens here is never closed, or a comma is missing in it.",
        f"Close it with {closing}, and put strings that begin with {opening} in quotes.",
    )


def _block_text(error: _ParserError) -> _Explanation:
    return error.line, "Nothing else is allowed on the line after | or >.", "Begin the text on the next line."


def _second_root(error: _ParserError) -> _Explanation:
    if _indent(error.here) < _indent(error.above):
        return _indentation(error)
    return error.line, "Something follows the end of the document.", "Separate documents with a line that is ---."


# libyaml's errors have no codes: its own words (scanner.c, parser.c) are all that tells them apart.
_RULES: tuple[tuple[str, Callable[[_ParserError], _Explanation]], ...] = (
    ("cannot start any token", _no_token),
    ("mapping values are not allowed", _second_colon),
    ("could not find expected ':'", _no_colon),
    ("block sequence entries are not allowed", _list_item),
    ("found unexpected end of stream", _open_quote),
    ("found unexpected document indicator", _open_quote),
    ("unknown escape character", _escape),
    ("expected hexdecimal number", _escape),
    ("invalid Unicode character escape", _escape),
    ("expected alphabetic or numeric character", _star),
    ("did not find expected key", _no_key),
    ("did not find expected '-' indicator", _no_dash),
    ("did not find expected node content", _no_content),
    ("did not find expected ',' or", _bracket),
    ("did not find expected comment or line break", _block_text),
    ("did not find expected <document start>", _second_root),
)


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _spaces(count: int) -> str:
    return "1 space" if count == 1 else f"{count} spaces"


def _upper(text: str) -> str:
    return text[0].upper() + text[1:]
