"""What the benchmarks measure with: seconds of one run, and figures that say what they stand beside."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from math import ceil
from multiprocessing import get_context
from typing import TypeVar

import psutil

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Figure:
    """One row: how long something takes, or how much memory, and how often the floor of the same run goes into it."""

    what: str
    seconds: float | None
    ratio: float | None = None
    """Beside the floor that the table names."""
    megabytes: float | None = None
    remark: str = ""


def timed(work: Callable[[], Result]) -> tuple[float, Result]:
    """Return the seconds on the clock that something takes, and its result."""
    start = time.perf_counter()
    result = work()
    return time.perf_counter() - start, result


def processed(work: Callable[[], Result]) -> tuple[float, Result]:
    """Return the seconds of processor time that something takes, here and in the processes it uses, and its result.

    The time on the clock is no longer than that unless the machine has something else to do, and shorter where several
    processes share the work.
    """
    start = _processor_time()
    result = work()
    return _processor_time() - start, result


def _processor_time() -> float:
    """Return the processor time of this process and of all that it has started, in seconds."""
    ended = os.times()
    alive = (process.cpu_times() for process in psutil.Process().children(recursive=True))
    others = ended.children_user + ended.children_system + sum(times.user + times.system for times in alive)
    return time.process_time() + others


def percentile(times: Sequence[float], share: float) -> float:
    """Return the smallest time that at least this share of the times don't exceed.

    >>> percentile([3.0, 1.0, 2.0, 4.0], 0.5), percentile([3.0, 1.0, 2.0, 4.0], 0.95)
    (2.0, 4.0)
    """
    return sorted(times)[max(ceil(len(times) * share) - 1, 0)]


def cold(words: Sequence[str], runs: int) -> tuple[float, float]:
    """Run a Python program that many times; return its least processor time in seconds, and its most memory in MB."""
    measured = [_once([sys.executable, *words]) for _ in range(runs)]
    return min(seconds for seconds, _ in measured), max(megabytes for _, megabytes in measured)


def _once(command: Sequence[str]) -> tuple[float, float]:
    # A new process starts with the memory of the one that it forks from, so a small one has to start it.
    # As installed by pip, its modules are compiled already: they are kept from the first of the runs on.
    environ = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    runner = [sys.executable, "-S", "-c", _RUNNER, *command]
    said = subprocess.run(runner, capture_output=True, text=True, check=True, env=environ)
    status, seconds, kilobytes = said.stdout.split()
    if status not in ("0", "1"):
        raise RuntimeError(f"{' '.join(command)} exits with {status}")
    return float(seconds), float(kilobytes) / 1024


_RUNNER = """
import os, sys
quiet = [(os.POSIX_SPAWN_OPEN, fd, os.devnull, os.O_WRONLY, 0) for fd in (1, 2)]
process = os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ, file_actions=quiet)
_, status, used = os.wait4(process, 0)
print(os.waitstatus_to_exitcode(status), used.ru_utime + used.ru_stime, used.ru_maxrss)
"""


def resident() -> float:
    """Return how much memory this process has at the moment, in MB."""
    return float(psutil.Process().memory_info().rss) / 1e6


def lines(figures: Iterable[Figure]) -> Iterator[str]:
    """Yield one line for each figure, as a runner prints it."""
    for figure in figures:
        yield " ".join(
            (
                f"{figure.what:34}",
                f"{figure.seconds:8.3f} s" if figure.seconds is not None else " " * 10,
                f"{figure.ratio:8.2f} x" if figure.ratio is not None else " " * 10,
                f"{figure.megabytes:7.0f} MB" if figure.megabytes is not None else " " * 10,
                figure.remark,
            )
        ).rstrip()


def shown(figures: Iterable[Figure]) -> list[Figure]:
    """Print each figure as soon as it is there, and return all of them."""
    kept = []
    for figure in figures:
        print(*lines([figure]), flush=True)
        kept.append(figure)
    return kept


def apart(measure: Callable[..., Iterable[Figure]], *size: int) -> list[Figure]:
    """Measure in a process of its own: its memory is that of what is measured, not what earlier tables have left."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
        return process.submit(_shown_apart, measure, size).result()


def _shown_apart(measure: Callable[..., Iterable[Figure]], size: tuple[int, ...]) -> list[Figure]:
    return shown(measure(*size))
