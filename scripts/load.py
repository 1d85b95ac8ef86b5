"""Put a nodefall under load: ``python3 scripts/load.py --users 40 --processes 2``. docs/operations.md has the figures.

It starts the processes itself, with a shared SQLite file or the PostgreSQL named by ``--database``, each with its two
workers; or asks one that runs elsewhere: ``--url``. Locust sends what readers do (scripts/load_mix.py): mostly clicks,
some whole pages, pictures, uploads, and with ``--heavy`` large uploads for the workers. At the end stands a table.
"""

from __future__ import annotations  # an old Python must get as far as being told that it is too old

import argparse
import contextlib
import csv
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from environment import PYTHON, TOP, prepare, run, say, separate

# All requests come from one address: what one may ask for is not the question here.
NO_LIMITS = {"NODEFALL_RATE_LIMIT": "", "NODEFALL_STORED_MEGABYTES_PER_CLIENT": "0"}


def main(words: list[str]) -> int:
    """Start servers, run Locust, print the table and return an exit status: 1 if a click failed."""
    asked = options(words)
    if not asked.url:
        prepare()
    locust = separate("load") / "locust"
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        urls = [asked.url] if asked.url else list(started(stack, folder, asked.processes, asked.database))
        say(f"{asked.users} users, {asked.think} s between their requests, {asked.seconds} s, at {' and '.join(urls)}")
        os.environ |= {
            "NODEFALL_LOAD_URLS": " ".join(urls),
            "NODEFALL_LOAD_THINK": str(asked.think),
            "NODEFALL_LOAD_HEAVY": str(asked.heavy),
        }
        numbers = ("--users", str(asked.users), "--spawn-rate", str(max(asked.users / 5, 1)))
        how = ("--headless", "--only-summary", "--loglevel", "ERROR", "--exit-code-on-error", "0", "--reset-stats")
        files = ("--locustfile", TOP / "scripts" / "load_mix.py", "--csv", folder / "load")
        seconds = ("--run-time", f"{asked.seconds + 5}s", "--stop-timeout", "30s")
        if run([locust, *how, *numbers, *files, *seconds], quiet=not asked.verbose) != 0:
            sys.exit("Locust failed; --verbose shows what it says.")
        return show(folder)


def options(words: list[str]) -> argparse.Namespace:
    """Return what was asked for."""
    parser = argparse.ArgumentParser(description="Put a nodefall under load.")
    parser.add_argument("--url", help="one that runs already, instead of starting some")
    parser.add_argument("--processes", type=int, default=1, help="how many to start (1)")
    parser.add_argument(
        "--database", help="its URL, such as postgresql+psycopg://...; else an SQLite file for this run"
    )
    parser.add_argument("--users", type=int, default=20, help="how many ask at the same time (20)")
    parser.add_argument("--think", type=float, default=0, help="seconds between two requests of one user (0)")
    parser.add_argument("--heavy", type=int, default=0, help="how many of the users upload large sets (0)")
    parser.add_argument("--seconds", type=int, default=60, help="how long (60)")
    parser.add_argument("--verbose", action="store_true", help="show what Locust says")
    return parser.parse_args(words)


def started(stack: contextlib.ExitStack, folder: Path, processes: int, database: str | None) -> Iterator[str]:
    """Start servers on free ports and yield their addresses."""
    command = [PYTHON, "-m", "webapp.cli", "serve", "--port", "0"]
    command += ["--database", database or f"sqlite:///{folder}/load.sqlite3"]
    for _ in range(processes):
        environ = os.environ | NO_LIMITS
        server = subprocess.Popen(command, cwd=TOP, env=environ, stdout=subprocess.PIPE, text=True)
        stack.callback(server.wait)
        stack.callback(server.terminate)
        found = re.search(r"http://\S+", server.stdout.readline() if server.stdout else "")
        if found is None:
            sys.exit("nodefall serve did not start.")
        yield found[0].rstrip("/")


COLUMNS = {"50%": "p50", "95%": "p95", "99%": "p99"}


def show(folder: Path) -> int:
    """Print requests per second and milliseconds for each kind of request; return 1 if a click failed."""
    with (folder / "load_stats.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    print(
        f"| {'request':14} | requests | failed | per second | {' | '.join(f'{name:>6}' for name in COLUMNS.values())} |"
    )
    print(f"| {'-' * 14} | -------: | -----: | ---------: | {' | '.join(['-----:'] * len(COLUMNS))} |")
    for row in rows:
        times = " | ".join(f"{row[column]:>6}" for column in COLUMNS)
        rate = float(row["Requests/s"])
        print(f"| {row['Name']:14} | {row['Request Count']:>8} | {row['Failure Count']:>6} | {rate:>10.1f} | {times} |")
    failures = folder / "load_failures.csv"
    with failures.open(newline="") as file:
        for row in csv.DictReader(file):
            print(f"{row['Occurrences']} of {row['Name']}: {row['Error']}")
    return int(any(row["Name"] == "click" and int(row["Failure Count"]) for row in rows))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
