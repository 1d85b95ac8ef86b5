"""New sets for as long as ``NODEFALL_FUZZ_SECONDS`` says, and always those that once raised something."""

import json
import os
from pathlib import Path

import pytest

from tests.fuzz.__main__ import fuzz
from tests.fuzz.pipeline import browse, run
from tests.fuzz.sets import seeds
from webapp.views import create_app

SECONDS = float(os.environ.get("NODEFALL_FUZZ_SECONDS", "0"))
FOUND = sorted((Path(__file__).parent / "found").glob("*.json"))


@pytest.mark.skipif(not SECONDS, reason="NODEFALL_FUZZ_SECONDS says for how long")
def test_nothing_that_is_nearly_right_raises_anything() -> None:
    """What Hypothesis finds is printed as it found it, made as small as it can be."""
    assert fuzz(seconds=SECONDS).cases > 0


@pytest.mark.parametrize("path", FOUND, ids=lambda path: path.stem)
def test_a_set_that_was_found_raises_nothing_any_more(path: Path) -> None:
    """Neither on the way to its picture, nor on a page."""
    objects = json.loads(path.read_text(encoding="utf-8"))
    run(objects)
    browse(create_app({"DATABASE_URL": "sqlite://", "RATE_LIMIT": ""}).test_client(), objects)


def test_what_is_fuzzed_begins_as_what_is_right() -> None:
    """Sets that the reader refuses would show nothing of what comes after it."""
    assert {run(objects) for objects in seeds()} == {"drawn"}
