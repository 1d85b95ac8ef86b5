"""What nodefall asks for: everything that it imports is declared, and the locked set is what the declarations allow."""

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from itertools import chain
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

TOP = Path(__file__).resolve().parent.parent
DEPENDENCIES, EXTRAS = "dependencies", "extras"


def declared(*where: str) -> list[Requirement]:
    """Return what pyproject.toml asks for in its dependencies, its extras or the dependency groups of these names."""
    document = tomllib.loads((TOP / "pyproject.toml").read_text())
    lines = {
        **document["dependency-groups"],
        DEPENDENCIES: document["project"]["dependencies"],
        EXTRAS: list(chain(*document["project"]["optional-dependencies"].values())),
    }
    return [Requirement(line) for name in where for line in lines[name]]


@pytest.mark.parametrize(
    ("folder", "where"),
    [("webapp", (DEPENDENCIES, EXTRAS)), ("scripts", ("fonts", "load")), ("tests", (DEPENDENCIES, "test"))],
)
def test_every_import_is_declared(folder: str, where: tuple[str, ...]) -> None:
    """What is imported is asked for by name, not only by what happens to be installed with something else."""
    own = {"webapp", "tests", "scripts", *(path.stem for path in (TOP / "scripts").glob("*.py"))}
    found = {name for path in (TOP / folder).rglob("*.py") for name in imported(path)}
    outside = found - set(sys.stdlib_module_names) - own
    distributions = packages_distributions()
    wanted = {canonicalize_name(one.name) for one in declared(*where)}
    # What only a rare script needs isn't installed where the tests run.
    assert {canonicalize_name(distributions.get(name, [name])[0]) for name in outside} <= wanted


def imported(path: Path) -> Iterator[str]:
    """Yield the packages that a module imports, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.partition(".")[0]


LOCKED = {
    "app": (DEPENDENCIES, EXTRAS, "build"),
    "test": ("test",),
    "lint": ("lint",),
    "lock": ("lock",),
    "load": ("load",),
    "audit": ("audit",),
}


def locked(name: str) -> dict[str, list[str]]:
    """Return the versions of each package in a file of the locked set: several where they depend on the Python."""
    versions: dict[str, list[str]] = {}
    for package, version in re.findall(r"^([\w.-]+)==([^ ]+) .*\\$", locked_text(name), re.MULTILINE):
        versions.setdefault(package, []).append(version)
    return versions


def locked_text(name: str) -> str:
    """Return a file of the locked set."""
    return (TOP / "requirements" / f"{name}.txt").read_text()


@pytest.mark.parametrize("name", LOCKED)
def test_the_locked_set_is_what_pyproject_asks_for(name: str) -> None:
    """``python3 scripts/lock.py`` was run after the last change of pyproject.toml."""
    versions = locked(name)
    for wanted in declared(*LOCKED[name]):
        found = versions.get(canonicalize_name(wanted.name))
        assert found, f"{wanted} is not in the locked set: python3 scripts/lock.py"
        assert all(wanted.specifier.contains(version) for version in found), wanted


@pytest.mark.parametrize("name", LOCKED)
def test_the_locked_set_names_versions_and_hashes_only(name: str) -> None:
    """No address: each reader's own package index is asked; and each package has a hash at least."""
    rows = re.sub(r" *\\\n +", " ", locked_text(name)).splitlines()
    assert all(re.fullmatch(r"[\w.-]+==[\w.]+( ; [^#@]+?)?( --hash=sha256:[0-9a-f]{64})+", row) for row in rows)


def test_no_package_is_locked_at_different_versions() -> None:
    """The files go together: whoever installs two of them gets one version of each package."""
    versions: dict[str, set[tuple[str, ...]]] = {}
    for name in LOCKED:
        for package, found in locked(name).items():
            versions.setdefault(package, set()).add(tuple(found))
    assert {package for package, found in versions.items() if len(found) > 1} == set()
