"""libyaml's events -> documents, with our own limits and Go's reading of scalars.

PyYAML's constructors are not used: nested input crashes them, merge keys explode in them, and they resolve scalars by
other rules than kubectl does.
"""

from collections.abc import Callable, Iterator
from typing import Any

import yaml
from yaml import events as of

from webapp.manifests.scalars import HINTS, SHORT, TagError, resolve, resolve_short, tagged
from webapp.manifests.syntax_errors import explain
from webapp.manifests.tree import Document, Tree, Unreadable, Usage

if not yaml.__with_libyaml__:
    raise ImportError("PyYAML was built without libyaml, which nodefall needs: install a binary wheel of PyYAML.")


class YamlLoader:
    """The events of one text, up to its end or the first thing that can't be read.

    `line` is the number of its first line, from 0, and `around` how many maps and lists there are around it.
    """

    def __init__(self, text: str, line: int, usage: Usage, around: int = 0) -> None:
        self._text = text
        self._line = line
        self._usage = usage
        self._tree = Tree(usage, line + 1, around)
        self.started = line
        """Where the document being read began, from 0."""
        self._ended = False
        self._handlers: dict[type, Callable[[Any], bool | None]] = {
            of.SequenceStartEvent: lambda event: self._tree.open(event.start_mark.line, event.anchor, False),
            of.SequenceEndEvent: lambda _: self._tree.close(),
            of.AliasEvent: lambda event: self._tree.alias(event.anchor, event.start_mark.line),
            of.DocumentStartEvent: self._start,
            of.StreamStartEvent: lambda _: None,
            of.DocumentEndEvent: self._end,
            of.StreamEndEvent: lambda _: True,
        }

    def documents(self) -> Iterator[Document]:
        """Yield the documents; an empty one has None as its data.

        Raises:
            Unreadable: at the first that can't be read.

        """
        loader = yaml.CSafeLoader(self._text)
        try:
            yield from self._read(loader)
        except yaml.YAMLError as error:
            raise explain(error, self._text, self._line, self._usage.limits) from None
        finally:
            loader.dispose()
            # They refer to this object, which would keep its text until the collector comes.
            self._handlers.clear()

    def _read(self, loader: Any) -> Iterator[Document]:
        """Yield the documents.

        libyaml ends a document where a line is indented less than its first one, and finds fault only afterwards: what
        it has by then is a part, which must not pass for the whole. Hence the look ahead.
        """
        while self._read_document(loader.get_event):
            if not self._ended:
                loader.peek_event()
            yield self._tree.document(self.started - self._line)

    def _start(self, event: Any) -> None:
        self.started = event.start_mark.line + self._line
        self._tree.start()

    def _end(self, event: Any) -> bool:
        self._ended = event.explicit
        return True

    def _read_document(self, get_event: Callable[[], Any]) -> bool:
        """Read up to the end of the next document; False when there is none."""
        tree, handlers, longest = self._tree, self._handlers, self._usage.limits.scalar_length
        scalar, map_start, map_end = of.ScalarEvent, of.MappingStartEvent, of.MappingEndEvent
        # The limit ends a document inside: a map of a billion entries would fill the memory before its end.
        for count in range(self._usage.limits.nodes - self._usage.nodes + 2):
            event = get_event()
            kind = type(event)
            if kind is scalar:
                value = text = event.value
                if not event.implicit[0]:
                    value = self._quoted(event)
                elif text[:1] in HINTS:
                    value = resolve_short(text) if len(text) <= SHORT else resolve(text)
                tree.append(value)
                tree.mark(event.start_mark.line)
                if event.anchor is not None or len(text) > longest:
                    self._unusual(event)
            elif kind is map_end:
                tree.close()
            elif kind is map_start:
                tree.open(event.start_mark.line, event.anchor, True)
            elif handlers[kind](event):
                self._usage.count_nodes(count, self.started + 1)
                return kind is of.DocumentEndEvent
        raise self._usage.exhausted(self.started + 1)

    def _quoted(self, event: Any) -> Any:
        """Return the value of a scalar in quotes, of a block text, or of one with a tag."""
        if event.tag is None:
            return event.value
        try:
            return tagged(event.tag, event.value)
        except TagError as error:
            line = event.start_mark.line + self._line + 1
            raise Unreadable(
                line, f"The value has the tag !!{error}, but doesn't match it.", "Leave the tag out."
            ) from None

    def _unusual(self, event: Any) -> None:
        if event.anchor is not None:
            self._tree.anchor(event.anchor)
        longest = self._usage.limits.scalar_length
        if len(event.value) > longest:
            line = event.start_mark.line + self._line + 1
            raise Unreadable(line, f"A string is longer than {longest:,} characters.", _LONG, id_="NP002")


_LONG = "The API server accepts no object that large; upload the Services, workloads, Pods and Nodes only."
