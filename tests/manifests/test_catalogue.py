"""The catalogue of problems."""

import re
from pathlib import Path

from webapp import kubectl, manifests, tools
from webapp.manifests.catalogue import CATALOGUE, problem
from webapp.manifests.problems import Severity

SOURCES = [*sorted(Path(manifests.__file__).parent.glob("*.py")), Path(tools.__file__), Path(kubectl.__file__)]


def test_ids_are_those_of_reading_and_every_entry_is_complete() -> None:
    """NP0xx; a title, and a hint that is a sentence."""
    assert all(re.fullmatch(r"NP0\d\d", id_) for id_ in CATALOGUE)
    assert all(entry.title and entry.hint.endswith(".") for entry in CATALOGUE.values())


def test_every_entry_is_used_and_nothing_else_is() -> None:
    """A problem without an entry would raise, an entry without a problem would be a promise."""
    used = {
        id_ for path in SOURCES if path.stem != "catalogue" for id_ in re.findall(r"NP0\d\d", path.read_text("utf-8"))
    }
    assert used == CATALOGUE.keys()


def test_a_problem_has_the_severity_and_hint_of_its_entry() -> None:
    """Unless it brings a hint of its own."""
    found = problem("NP013", "A kubeconfig.", file="config", line=1)
    assert (found.severity, found.hint) == (Severity.ERROR, "Leave it out of the upload.")
    assert problem("NP013", "A kubeconfig.", "Delete it.").hint == "Delete it."


def test_no_message_grows_without_bound() -> None:
    """Whatever was put into it."""
    assert len(problem("NP001", "x" * 10_000).message) == 300
