"""All benchmarks in one run: ``python -m tests.benchmarks`` writes docs/performance.md and docs/performance.svg.

``--quick FOLDER`` writes both of small inputs into a folder, in seconds: to look at, and to test this command.
"""

import argparse
import platform
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil

from tests.benchmarks import clicks, cold, growth, isolation, reading, two_processes, wire
from tests.benchmarks.generate import INPUTS, manifests, text
from tests.benchmarks.measure import Figure, apart, shown
from webapp.numbers import counted

DOCS = Path(__file__).resolve().parents[2] / "docs"


@dataclass(frozen=True, slots=True)
class Size:
    """How much is measured."""

    inputs: dict[str, Callable[[], Iterator[str]]]
    cluster: tuple[int, int, int]
    """Nodes, services, and pods of each."""
    pairs: tuple[int, ...]
    runs: int
    steps: int
    clicks: int
    """How many show what a click takes in peace."""
    divisor: int = 1
    """By how much the growing numbers are smaller."""


FULL = Size(dict(INPUTS), (5_000, 10_000, 15), (1_000, 5_000), runs=3, steps=3, clicks=300)
QUICK = Size({"manifests": lambda: manifests(20)}, (12, 20, 2), (10,), runs=1, steps=2, clicks=5, divisor=10)


def main(words: list[str]) -> None:
    """Measure everything, saying each figure at once, and write the page."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--quick", metavar="FOLDER", type=Path, help="small inputs; the page goes into this folder")
    folder = parser.parse_args(words).quick
    page, drawing = measured(QUICK if folder else FULL)
    (folder or DOCS).joinpath("performance.md").write_text(page, encoding="utf-8")
    (folder or DOCS).joinpath("performance.svg").write_text(drawing, encoding="utf-8")


def measured(size: Size) -> tuple[str, str]:
    """Return the page and its drawing."""
    # The curves come first: their small clusters would be measured beside what is left of the large one.
    curves = list(growth.curves(size.steps, size.divisor))
    tables = {
        "Reading": shown(read_figures(size)),
        "Reading on two cores": shown(two_core_figures(size)),
        "A large cluster": apart(clicks.figures, *size.cluster),
        "Nobody waits": shown(isolation.figures(*size.cluster, clicks=size.clicks)),
        "A slow line": shown(wire.figures(size.runs)),
        "Cold commands": shown(cold.figures(*size.pairs, runs=size.runs)),
    }
    parts = [_HEAD.format(machine=machine())]
    parts += (f"## {title}\n\n{_NOTES[title]}\n\n{table(figures)}" for title, figures in tables.items())
    return "\n".join([*parts, _GROWTH + table_of_growth(curves)]), growth.drawing(curves)


def read_figures(size: Size) -> Iterator[Figure]:
    """Yield each reader on each input, beside the floor of that input."""
    for name, documents in size.inputs.items():
        data, floor = text(documents()), 0.0
        for label, run in reading.runs(data).items():
            seconds = reading.seconds(run)
            floor = floor or seconds
            yield Figure(f"{name}: {label}", seconds, seconds / floor, remark=f"{len(data) / 1e6:.1f} MB")


def two_core_figures(size: Size) -> Iterator[Figure]:
    """Yield one process beside two on each input."""
    for name, documents in size.inputs.items():
        yield from two_processes.figures(name, documents, size.runs)


def machine() -> str:
    """Return what the figures were measured on: the processor, its cores and Python, but no name of a machine."""
    cores = counted(psutil.cpu_count() or 1, "core")
    memory = f"{psutil.virtual_memory().total / 1e9:.0f} GB of memory"
    return f"{processor()}, {cores}, {memory}, {platform.system()}, Python {platform.python_version()}"


def processor() -> str:
    """Return the processor's name, as far as the system tells it."""
    try:
        listed = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        listed = []
    names = (line.partition(":")[2].strip() for line in listed if line.startswith("model name"))
    return next(names, platform.machine())


def table(figures: list[Figure]) -> str:
    """Return the figures as a table in Markdown."""
    rows = (
        (
            figure.what,
            f"{figure.seconds:.3f} s" if figure.seconds is not None else "",
            f"{figure.ratio:.3g}" if figure.ratio is not None else "",
            f"{figure.megabytes:,.0f} MB" if figure.megabytes is not None else "",
            figure.remark,
        )
        for figure in figures
    )
    return markdown(("what", "time", "ratio", "memory", ""), rows)


def table_of_growth(curves: list[growth.Curve]) -> str:
    """Return by how much each stage takes longer for each tenfold."""
    rows = ((c.what, *(f"{growth.growth(c, stage):.2g} times" for stage in growth.STAGES)) for c in curves)
    return markdown(("ten times as many", *growth.STAGES), rows)


def markdown(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """Return a table in Markdown."""
    cells = (head, ("---",) * len(head), *rows)
    return "".join(f"| {' | '.join(line)} |\n" for line in cells)


_HEAD = """\
# Performance

Written by `python -m tests.benchmarks`, each table in one run, on: {machine}.

Times are those of the processor where nothing else is said, so that whatever else the machine does meanwhile doesn't
count. Seconds say more about a machine than about nodefall, so each also stands as a ratio to a floor that the same run
measured on the same bytes.
"""
_NOTES = {
    "Reading": "The floor is libyaml's events alone, without anything made of them.",
    "Reading on two cores": (
        "Times on the clock: the same bytes in one process and, cut between two documents, in two that are there "
        "already. An upload is read in one: bringing the objects back costs much of what a second core saves, or more, "
        "and that core answers others meanwhile."
    ),
    "A large cluster": (
        "Beside the reading of the same manifests. The web app is asked without a network, in one new process that "
        "collects garbage as rarely as the workers of `nodefall serve`. *First* "
        "includes what is worked out once for a cluster; each click takes another node down, so none is answered from "
        "memory. Building was meant to take 0.8 times the reading, and the first map 1.5 times, when a good reader was "
        "one that takes 2.5 times the floor, libyaml's events alone: so that is 2 and 3.75 times the floor. The reader "
        "has become faster than that, and what stands beside it looks slower; so these say what they are of the floor "
        "also."
    ),
    "Nobody waits": (
        "Times on the clock: one reader clicks through a sample while another one uploads that cluster to the same "
        "server, opens its pages and loses a zone of it: clicks meanwhile, beside clicks alone. No request may fail."
    ),
    "A slow line": (
        "A real Chromium on a line of 400 kbit/s with 50 ms of latency: the time on the clock from the click to the "
        "picture of the new state, beside what the bytes alone take on that line."
    ),
    "Cold commands": (
        "Processor time and peak memory of a command from its start to its end, the imports included, beside a cold "
        "Python that loads the same file with PyYAML's `CSafeLoader` and does nothing with it. A pair is a Deployment "
        "and the NodePort Service in front of it."
    ),
}
_GROWTH = """\
## Growth

One number grows, the others stay. Both axes are logarithmic: what is proportional rises by one power of ten for each
power of ten to the right. A click is the state, the routing and the drawing of one service.

![How the times grow with nodes, services and pods](performance.svg)

"""


if __name__ == "__main__":
    main(sys.argv[1:])
