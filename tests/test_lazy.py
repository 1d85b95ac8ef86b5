"""Properties that are computed once: the same value each time, and nobody waits for another object's."""

from threading import Event, Thread

from webapp.lazy import lazy


class Slow:
    """Answers once it may."""

    def __init__(self, may: Event) -> None:
        self.may = may
        self.computed = 0

    @lazy
    def answer(self) -> int:
        """What is waited for."""
        self.computed += 1
        assert self.may.wait(10)
        return 42


def ready() -> Event:
    """Return an event that nobody has to wait for."""
    event = Event()
    event.set()
    return event


def test_a_value_is_computed_once_for_each_object() -> None:
    """And the class still tells what it is."""
    one, other = Slow(ready()), Slow(ready())
    assert (one.answer, one.answer, other.answer, one.computed, other.computed) == (42, 42, 42, 1, 1)
    assert Slow.answer.__doc__ == "What is waited for."


def test_one_object_does_not_wait_for_another() -> None:
    """While one is being computed in a thread, another answers."""
    waiting = Slow(Event())
    thread = Thread(target=lambda: waiting.answer)
    thread.start()
    assert Slow(ready()).answer == 42
    waiting.may.set()
    thread.join()
    assert waiting.computed == 1
