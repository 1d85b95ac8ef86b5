"""Every limit in one table: its number, its unit, what it is for, and what the most that it allows takes.

A limit stands where cost arises: bytes where they are read, Pods where they are made, endpoints where they are listed,
rows where they are written. Measured are processor seconds and resident memory of one core of the machine of
docs/performance.md, by ``python -m tests.hostile``.
"""

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
    measured: str
    """What the most that it lets through takes; empty where that is nothing worth measuring."""


class TooLargeError(ValueError):
    """What is asked for is beyond a limit; the message says which, and what to do instead."""


def _limit(default: int, unit: str, help_: str, measured: str = "") -> Any:
    return field(default=default, metadata={"unit": unit, "help": help_, "measured": measured})


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much one upload may hold. Whatever goes beyond is answered with a problem and not read."""

    body_bytes: int = _limit(64 * 1024 * 1024, "bytes", "All files of one upload together, as they were sent.")
    files: int = _limit(5_000, "files", "Files of one upload, archive members included.")
    path_length: int = _limit(512, "characters", "The name of a file or archive member.")
    # Ten megabytes of ordinary manifests hold about one million, a dump of 3,000 pods with its managedFields over two.
    nodes: int = _limit(
        8_000_000, "values", "Values (keys included) of one upload, each alias counted with all it repeats."
    )
    # The deepest real manifest seen, a CustomResourceDefinition, has 36 levels; libyaml's own constructor overflows the
    # 128 KiB stack of a musl thread at 500.
    depth: int = _limit(64, "levels", "Nesting of maps and lists in one document.")
    # A ConfigMap may hold one mebibyte.
    scalar_length: int = _limit(
        1_048_576, "characters", "One string or number.", "16 MB of JSON escapes are refused in 2.0 s, 122 MB"
    )
    # Anchors that refer to anchors double with every line ("billion laughs"); people use a handful.
    aliases: int = _limit(1_000, "aliases", "Uses of YAML anchors in one file.")
    documents: int = _limit(100_000, "documents", "Documents of one upload, the items of lists included.")
    # After each one libyaml starts again, on a copy of what is left of the text.
    broken_documents: int = _limit(
        50,
        "documents",
        "Documents of one file that can't be read before the rest is skipped.",
        "15 MB of unclosed quotes are refused in 3.2 s, 124 MB",
    )
    # More than there may be files: folders and what is not a manifest count here as well.
    archive_members: int = _limit(5_000, "members", "Entries of one archive, folders included.")
    unpacked_bytes: int = _limit(64 * 1024 * 1024, "bytes", "All archives of one upload together, unpacked.")
    # Real whole-cluster dumps shrink to about a thirtieth.
    ratio: int = _limit(200, "times", "How much larger than its archive a member of over a megabyte may be.")
    # libyaml compares each directive with all those before it.
    directives: int = _limit(100, "lines", "Lines that begin with %, in one file.")
    problems: int = _limit(500, "problems", "Problems listed for one upload.")


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterLimits:
    """How large a cluster may be, however few lines describe it, and what is written about it."""

    # Kubernetes supports 5,000 (SIG Scalability thresholds); the largest that clouds offer are several times that.
    cluster_nodes: int = _limit(20_000, "nodes", "Nodes of a cluster, given, named or assumed.")
    # Above the 150,000 that Kubernetes supports: ``replicas: 1000000000`` must not hang.
    pods: int = _limit(
        200_000,
        "pods",
        "Pods of a cluster, given or made from workloads.",
        "on 3 nodes: check 2.0 s, 131 MB; map 4.8 s, 398 MB",
    )
    # 150,000 Pods, each behind two Services of three ports.
    endpoints: int = _limit(1_000_000, "endpoints", "Endpoints of all Services: each port counts each of its Pods.")
    # The Eviction API refuses a Pod that has two, so that a set that works has at most one for each.
    budget_pods: int = _limit(
        400_000,
        "pods",
        "Pods that PodDisruptionBudgets cover: each budget counts each of its Pods.",
        "on 1,080 pods, 360 budgets: check 1.4 s, 40 MB",
    )
    entries: int = _limit(
        100_000, "entries", "Ports times nodes that are written one by one.", "simulate 1.0 s, 50 MB to refuse more"
    )
    rows: int = _limit(
        1_000_000, "rows", "Endpoints of one JSON document, and shares: of each entry one for each endpoint."
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class WordLimits:
    """How much the words of a URL, or options of a command, may ask for."""

    assumed_nodes: int = _limit(5_000, "nodes", "Nodes that are assumed (`nodes`).")
    assumed_pods: int = _limit(100, "pods", "Pods that are assumed behind each Service (`pods`).")
    replicas: int = _limit(10_000, "pods", "Replicas of one workload, set by `replicas`.")
    # Each link of a page repeats all words of its address.
    words: int = _limit(
        1_000,
        "words",
        "Words of one URL, each node that is down among them.",
        "5,000 added nodes: 40 s, a page of 487 MB before",
    )
    added_nodes: int = _limit(100, "nodes", "Nodes that one URL adds (`add-node`).")
    patches: int = _limit(20, "patches", "Patches of one URL (`patch`).")
    patch_length: int = _limit(8_000, "characters", "One patch.")
    ignored_findings: int = _limit(50, "findings", "Findings that one URL ignores (`ignore`).")


DEFAULT = Limits()
CLUSTER = ClusterLimits()
WORDS = WordLimits()
# Longer than any name, label or address that the API server takes: what is longer is cut before anybody sees it.
LONGEST_TEXT = 1_000


def settings() -> tuple[LimitRow, ...]:
    """Return the table: one row for each limit."""
    return tuple(
        LimitRow(name=of.name, default=getattr(given, of.name), **of.metadata)
        for given in (DEFAULT, CLUSTER, WORDS)
        for of in fields(given)
    )
