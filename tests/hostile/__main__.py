"""What hostile inputs cost: ``python -m tests.hostile [PART OF A NAME ...]``, or files to be read in place of ours.

Each input goes through the commands and through every page of a server: seconds of the processor, the most memory that
any process of it had at once, and the size of the answer. What takes over a second or 200 MB is marked: that is for
commands, and for pages what only workers may do.
"""

import contextlib
import os
import re
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import psutil

from tests.hostile.inputs import INPUTS

SECONDS, MEGABYTES = 1.0, 200.0
PATIENCE = 100
COMMANDS = {
    "check": ("check", "{file}"),
    "simulate": ("simulate", "{file}", "--output", "json"),
    "render": ("render", "{file}", "-o", "{folder}/out.svg"),
    "snapshot": ("snapshot", "{file}"),
}
PAGES = (
    "",
    "?drawer=pods",
    "?drawer=table",
    "?drawer=failures",
    "?drawer=time",
    "?drawer=settings",
    "?share=link",
    "?share=image",
    "/services",
    "/services.csv",
    "/resilience",
    "/findings",
    "/problems",
    "/simulation.json",
    "/diagram.svg",
    "/diagram.html",
    "/diagram.json",
    "/search?q=web",
)
URLS = (
    "/t/sample-clashing-ports?nodes=5000&replicas=Deployment/production/web:10000",
    "/t/sample-clashing-ports/simulation.json?nodes=5000&replicas=Deployment/production/web:10000",
)


@dataclass(frozen=True, slots=True)
class Cost:
    """What one step of one input took."""

    input: str
    step: str
    seconds: float
    megabytes: float
    size: int
    outcome: str

    @property
    def is_dear(self) -> bool:
        """Whether it took more than anything may outside a worker, or failed as nothing may."""
        return self.seconds > SECONDS or self.megabytes > MEGABYTES or self.outcome in ("500", "no answer")


class Meter:
    """The most memory that a process, or any that it starts, has while the block runs; and their processor time."""

    def __init__(self, pid: int) -> None:
        self._process, self._stop, self.most = psutil.Process(pid), threading.Event(), 0.0
        self._before, self._used = 0.0, 0.0

    @property
    def seconds(self) -> float:
        """The processor time, as far as it was seen."""
        return max(self._used - self._before, 0.0)

    def __enter__(self) -> "Meter":
        self._look_once()
        self._before = self._used
        self._thread = threading.Thread(target=self._look)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._stop.wait(0.02):
            self._look_once()
        self._look_once()

    def _look_once(self) -> None:
        with contextlib.suppress(psutil.Error):
            every = (self._process, *self._process.children(recursive=True))
            self.most = max(self.most, *(process.memory_info().rss / 1e6 for process in every))
            self._used = max(self._used, sum(sum(process.cpu_times()[:2]) for process in every))


def commands(name: str, path: Path) -> Iterator[Cost]:
    """Yield what the commands take."""
    for step, words in COMMANDS.items():
        with tempfile.TemporaryDirectory() as folder:
            filled = [word.format(file=path, folder=folder) for word in words]
            with Path(folder, "said").open("wb") as said:
                process = subprocess.Popen([sys.executable, "-m", "webapp.cli", *filled], stdout=said, stderr=said)
                with Meter(process.pid) as meter:
                    try:
                        outcome = str(process.wait(PATIENCE))
                    except subprocess.TimeoutExpired:
                        process.kill()
                        outcome = "no answer"
            size = sum(each.stat().st_size for each in Path(folder).iterdir())
            if b"Traceback" in Path(folder, "said").read_bytes():
                outcome = "500"
        yield Cost(name, step, meter.seconds, meter.most, size, outcome)


@contextlib.contextmanager
def serving(**settings: str) -> Iterator[tuple[str, int]]:
    """Start a server with its usual limits and an empty database; yield its address and its process."""
    with tempfile.TemporaryDirectory() as folder:
        environ = (
            os.environ | {"NODEFALL_RATE_LIMIT": ""} | {f"NODEFALL_{key}": value for key, value in settings.items()}
        )
        command = [sys.executable, "-m", "webapp.cli", "serve", "--port", "0", "--database", f"sqlite:///{folder}/db"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environ) as server:
            try:
                assert server.stdout is not None
                found = re.search(r"http://[\w.:]+", server.stdout.readline())
                assert found is not None
                yield found[0], server.pid
            finally:
                server.terminate()


def asked(base: str, pid: int, name: str, step: str, data: bytes | None = None) -> tuple[Cost, str]:
    """Return what one request takes, and the address that it led to."""
    request = Request(base + step, data, {"Content-Type": "application/yaml"} if data else {})  # noqa: S310 - as below
    address, size = "", 0
    with Meter(pid) as meter:
        try:
            with urlopen(request, timeout=PATIENCE) as response:  # noqa: S310 - always http://127.0.0.1
                outcome, address = str(response.status), str(response.url)
                while piece := response.read(1 << 20):
                    size += len(piece)
        except HTTPError as error:
            outcome, size = str(error.code), len(error.read())
        except OSError:
            outcome = "no answer"
    shown = re.sub(r"/t/(?!sample)[\w-]+", "", step) or "/"
    return Cost(name, shown, meter.seconds, meter.most, size, outcome), address


def pages(name: str, data: bytes) -> Iterator[Cost]:
    """Yield what an upload and the pages of it take on a server of its own."""
    with serving() as (base, pid):
        cost, address = asked(base, pid, name, "/upload", data)
        yield cost
        if "/t/" not in address:
            return
        page = "/t/" + address.partition("/t/")[2].partition("?")[0]
        for path in PAGES:
            yield asked(base, pid, name, page + path)[0]


def addresses() -> Iterator[Cost]:
    """Yield what addresses on a built-in sample take."""
    with serving() as (base, pid):
        for url in URLS:
            yield asked(base, pid, "an address alone", url)[0]


def costs(words: Sequence[str]) -> Iterator[Cost]:
    """Yield the cost of each step of the inputs that are asked for."""
    given = {word: Path(word).read_bytes for word in words if Path(word).is_file()}
    chosen = {name: made for name, made in INPUTS.items() if not words or any(word in name for word in words)}
    if not given and (not words or "address" in words):
        yield from addresses()
    for name, made in (given or chosen).items():
        data = made()
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, Path(name).name if given else "input.yaml")
            path.write_bytes(data)
            yield from commands(name, path)
        yield from pages(name, data)


if __name__ == "__main__":
    for cost in costs(sys.argv[1:]):
        print(
            f"{'!' if cost.is_dear else ' '} {cost.input[-42:]:42} {cost.step:24} {cost.seconds:8.2f} s "
            f"{cost.megabytes:7.0f} MB {cost.size:12,} B  {cost.outcome}",
            flush=True,
        )
