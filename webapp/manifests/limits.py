"""Every limit on uploaded bytes in one table: its default, its unit and what it is for."""

from dataclasses import field, fields
from typing import Any

from webapp.records import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitRow:
    """One row of the table, for settings pages and their tests."""

    name: str
    default: int
    unit: str
    help: str


def _limit(default: int, unit: str, help_: str) -> Any:
    return field(default=default, metadata={"unit": unit, "help": help_})


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much one upload may hold. Whatever goes beyond is answered with a problem and not read."""

    body_bytes: int = _limit(64 * 1024 * 1024, "bytes", "All files of one upload together, as they were sent.")
    files: int = _limit(2_000, "files", "Files of one upload, archive members included.")
    path_length: int = _limit(512, "characters", "The name of a file or archive member.")
    # Ten megabytes of ordinary manifests hold about one million, a dump of 3,000 pods with its managedFields over two.
    nodes: int = _limit(
        8_000_000, "values", "Values (keys included) of one upload, each alias counted with all it repeats."
    )
    # The deepest real manifest seen, a CustomResourceDefinition, has 36 levels; libyaml's own constructor overflows the
    # 128 KiB stack of a musl thread at 500.
    depth: int = _limit(64, "levels", "Nesting of maps and lists in one document.")
    # A ConfigMap may hold one mebibyte.
    scalar_length: int = _limit(1_048_576, "characters", "One string or number.")
    # Anchors that refer to anchors double with every line ("billion laughs"); people use a handful.
    aliases: int = _limit(1_000, "aliases", "Uses of YAML anchors in one file.")
    documents: int = _limit(100_000, "documents", "Documents of one upload, the items of lists included.")
    # After each one libyaml starts again, on a copy of what is left of the text.
    broken_documents: int = _limit(
        50, "documents", "Documents of one file that can't be read before the rest is skipped."
    )
    # More than there may be files: folders and what is not a manifest count here as well.
    archive_members: int = _limit(5_000, "members", "Entries of one archive, folders included.")
    unpacked_bytes: int = _limit(64 * 1024 * 1024, "bytes", "All archives of one upload together, unpacked.")
    # Real whole-cluster dumps shrink to about a thirtieth.
    ratio: int = _limit(200, "times", "How much larger than its archive a member of over a megabyte may be.")
    # libyaml compares each directive with all those before it.
    directives: int = _limit(100, "lines", "Lines that begin with %, in one file.")
    problems: int = _limit(500, "problems", "Problems listed for one upload.")


DEFAULT = Limits()


def settings() -> tuple[LimitRow, ...]:
    """Return the table: one row for each limit."""
    return tuple(
        LimitRow(name=of.name, default=getattr(DEFAULT, of.name), unit=of.metadata["unit"], help=of.metadata["help"])
        for of in fields(Limits)
    )
