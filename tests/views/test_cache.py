"""What was worked out last is kept: once for all who ask at the same time, and nobody waits for another key."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event

import pytest

from webapp.views.page.cache import keep_latest

PATIENCE = 10
"""Seconds; reached only where something is wrong."""


def test_eight_threads_that_ask_for_the_same_build_it_once() -> None:
    """And all get what was built."""
    begin, built = Barrier(8), []

    @keep_latest(4, key=lambda name: name)
    def build(name: str) -> str:
        built.append(name)
        Event().wait(0.05)
        return name.upper()

    def ask(_: int) -> str:
        begin.wait(PATIENCE)
        return build("a")

    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(ask, range(8))) == ["A"] * 8
    assert built == ["a"]


def test_one_persons_building_blocks_no_other_key() -> None:
    """The second gets an answer while the first is still being built."""
    begun, go_on = Event(), Event()

    @keep_latest(4, key=lambda name: name)
    def build(name: str) -> str:
        if name == "large":
            begun.set()
            assert go_on.wait(PATIENCE)
        return name.upper()

    with ThreadPoolExecutor(2) as threads:
        large = threads.submit(build, "large")
        assert begun.wait(PATIENCE)
        assert threads.submit(build, "small").result(PATIENCE) == "SMALL"
        assert not large.done()
        go_on.set()
        assert large.result(PATIENCE) == "LARGE"


def test_what_failed_is_built_again_by_the_next_who_asks() -> None:
    """An error is nobody's answer but of the one who got it."""
    calls = []

    @keep_latest(4, key=lambda name: name)
    def build(name: str) -> str:
        calls.append(name)
        if len(calls) == 1:
            raise MemoryError
        return name

    with pytest.raises(MemoryError):
        build("a")
    assert build("a") == "a"


def test_what_was_used_longest_ago_goes_first() -> None:
    """With room for two."""
    built = []

    @keep_latest(2, key=lambda name: name)
    def build(name: str) -> str:
        built.append(name)
        return name

    for name in "abacab":
        build(name)
    assert built == ["a", "b", "c", "b"]


def test_what_weighs_more_takes_the_room_of_several() -> None:
    """One too heavy for the room is given out, and not kept."""
    built = []

    @keep_latest(3, key=len, weight=len)
    def build(name: str) -> str:
        built.append(name)
        return name

    for name in ("a", "bb", "a", "ccc", "a", "dddd", "a"):
        assert build(name) == name
    assert built == ["a", "bb", "ccc", "a", "dddd"]
