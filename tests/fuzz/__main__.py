"""Fuzzing on demand: ``python -m tests.fuzz [--cases 10000000] [--seconds 3600] [--from BATCH]``.

Each batch has its number as its seed, so that what is found is found again with ``--from``. One core; run it several
times with other batches for more. Every hundredth case goes through the pages of the web app as well.
"""

import argparse
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from itertools import count

from hypothesis import HealthCheck, Phase, given, seed, settings

from tests.fuzz.pipeline import browse, run
from tests.fuzz.sets import Json, sets
from webapp.views import create_app

BATCH = 2_000
BROWSED = 100
"""Of so many cases one."""


@dataclass(slots=True)
class Fuzzed:
    """How far it came."""

    cases: int = 0
    endings: Counter[str] = field(default_factory=Counter)


def fuzz(*, cases: int = sys.maxsize, seconds: float = float("inf"), first: int = 0) -> Fuzzed:
    """Run batches until there were so many cases or so much time has passed.

    Raises:
        Exception: whatever a case raised; Hypothesis prints the case.

    """
    fuzzed, deadline = Fuzzed(), time.monotonic() + seconds
    client = create_app({"DATABASE_URL": "sqlite://", "RATE_LIMIT": ""}).test_client()

    def one(objects: list[Json]) -> None:
        if time.monotonic() > deadline or fuzzed.cases >= cases:
            return
        fuzzed.cases += 1
        fuzzed.endings[run(objects)] += 1
        if fuzzed.cases % BROWSED == 0:
            browse(client, objects)

    for batch in count(first):
        phases = (Phase.generate, Phase.shrink)
        checks = settings(
            max_examples=BATCH, database=None, deadline=None, phases=phases, suppress_health_check=[*HealthCheck]
        )
        seed(batch)(checks(given(sets())(one)))()
        if time.monotonic() > deadline or fuzzed.cases >= cases:
            return fuzzed
        print(f"batch {batch}: {fuzzed.cases:,} cases, {dict(fuzzed.endings)}", flush=True)
    return fuzzed


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=sys.maxsize)
    parser.add_argument("--seconds", type=float, default=float("inf"))
    parser.add_argument("--from", dest="first", type=int, default=0)
    asked = parser.parse_args()
    done = fuzz(cases=asked.cases, seconds=asked.seconds, first=asked.first)
    print(f"{done.cases:,} cases, {dict(done.endings)}")
