"""YAML text -> documents. One bad document never loses the others: reading goes on at the next ``---`` line."""

import re
from collections.abc import Iterator
from itertools import islice

from webapp.manifests.characters import has_forbidden, odd_characters
from webapp.manifests.pieces import SEPARATOR, parts, read_pieces
from webapp.manifests.tree import Document, Exhausted, Unreadable, Usage
from webapp.manifests.yaml_loader import YamlLoader


def read_yaml(text: str, usage: Usage) -> Iterator[Document | Unreadable]:
    """Yield the documents of `text` in order, an `Unreadable` in place of each that can't be read.

    An `Exhausted` is the last thing yielded. `text` has neither a byte order mark nor carriage returns.
    """
    if text.count("\n%") > (most := usage.limits.directives):
        yield Unreadable(
            1, f"More than {most} lines of the file begin with %.", "Leave YAML directives out.", id_="NP002"
        )
        return
    text = _GLUED.sub("\n--- ", f"\n{text}")[1:]
    usage.aliases = 0
    odd = odd_characters(text)
    if not has_forbidden(odd):
        used, count = usage.nodes, 0
        try:
            for document in read_pieces(text, odd, usage):
                yield document
                count += 1
        except Unreadable:
            # Whatever is wrong is said by the reading of the whole, which repeats what was right so far.
            usage.nodes, usage.aliases = used, 0
            yield from islice(_read(text, 0, usage), count, None)
        return
    # libyaml looks ahead: a forbidden character would take the documents before it down also.
    broken = 0
    for part, first in parts(text):
        for read in _read(part, first, usage):
            yield read
            broken += isinstance(read, Unreadable)
            if isinstance(read, Exhausted) or broken > usage.limits.broken_documents:
                return


# What chomped line ends leave. kubectl says "invalid Yaml document separator"; here the document before it ends.
_GLUED = re.compile(r"\n---(?=[A-Za-z][\w.]*:\s)")


def _read(text: str, line: int, usage: Usage) -> Iterator[Document | Unreadable]:
    position = 0
    for _ in range(usage.limits.broken_documents):
        reader = YamlLoader(text[position:] if position else text, line, usage)
        try:
            yield from reader.documents()
        except Unreadable as error:
            # Its traceback would keep this copy of the text as long as the problem is kept.
            error.__context__ = None
            yield error.with_traceback(None)
            if isinstance(error, Exhausted):
                return
            # Behind the broken document's own ---, and not before where libyaml stopped: else it would be read
            # again and again.
            onward = _next_document(text, position, line, max(error.stopped - 1, reader.started + 1))
        else:
            return
        if onward is None:
            return
        position, line = onward
    yield Unreadable(line + 1, "Too many documents of this file can't be read; the rest was skipped.", id_="NP002")


def _next_document(text: str, position: int, line: int, earliest: int) -> tuple[int, int] | None:
    """Return position and line of the first ``---`` at or after line `earliest`; `position` is the start of `line`."""
    for separator in SEPARATOR.finditer(text, position + 1):
        line += text.count("\n", position, separator.start())
        position = separator.start()
        if line >= earliest:
            return position, line
    return None
