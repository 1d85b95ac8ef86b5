"""How much a cold command takes, in processor time and memory: ``python -m tests.benchmarks.cold [pairs]``.

The floor is a cold Python that loads the same file with PyYAML's CSafeLoader, and does nothing with it.
"""

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.benchmarks.generate import pairs, text
from tests.benchmarks.measure import Figure, cold, lines
from webapp.samples import SAMPLES

_FLOOR = "import sys, yaml; sum(1 for _ in yaml.load_all(open(sys.argv[1], 'rb'), Loader=yaml.CSafeLoader))"
_NODEFALL = ("-m", "webapp.cli")


def figures(*counts: int, runs: int = 3) -> Iterator[Figure]:
    """Yield what drawing that many pairs of Deployment and NodePort Service takes, and a check of an ordinary file."""
    with tempfile.TemporaryDirectory() as folder:
        picture = str(Path(folder) / "picture.svg")
        for count in counts or (1_000, 5_000):
            file = Path(folder) / f"{count}.yaml"
            file.write_bytes(text(pairs(count)))
            yield from _beside(f"render, {count:,} pairs", ["render", str(file), "-o", picture], file, runs)
        sample = SAMPLES[0].path
        for command in ("check", "simulate"):
            yield from _beside(f"{command}, one small file", [command, str(sample)], sample, runs)


def _beside(what: str, words: list[str], file: Path, runs: int) -> Iterator[Figure]:
    floor, _ = cold(["-c", _FLOOR, str(file)], runs)
    seconds, megabytes = cold([*_NODEFALL, *words], runs)
    yield Figure(what, seconds, seconds / floor, megabytes)


if __name__ == "__main__":
    print(*lines(figures(*map(int, sys.argv[1:]))), sep="\n")
