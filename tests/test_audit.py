"""What nodefall is made of: the bill of materials and the list of licences, from what is installed here."""

import importlib
import json
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

TOP = Path(__file__).resolve().parent.parent


@pytest.fixture(name="audit")
def _audit(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """Import the script as it imports its neighbours."""
    monkeypatch.syspath_prepend(str(TOP / "scripts"))
    return importlib.import_module("audit")


def component(name: str, *licenses: dict[str, Any]) -> dict[str, Any]:
    """Return a package as CycloneDX has it."""
    return {"name": name, "version": "1.0", "bom-ref": f"{name}==1.0", "licenses": list(licenses)}


BILL = {
    "metadata": {"component": {"bom-ref": "root", "name": "nodefall"}},
    "components": [
        component("Flask", {"expression": "BSD-3-Clause"}),
        component("typing_extensions", {"license": {"id": "PSF-2.0"}}),
        component("pytest", {"license": {"id": "MIT"}}),
    ],
    "dependencies": [
        {"ref": "root", "dependsOn": ["Flask==1.0"]},
        {"ref": "Flask==1.0", "dependsOn": ["typing_extensions==1.0", "pytest==1.0"]},
        {"ref": "pytest==1.0"},
    ],
}


def test_the_bill_has_what_is_shipped_and_not_what_tests_need(audit: ModuleType) -> None:
    """Names as the lock writes them; nothing refers to what was left out."""
    bill = audit.shipped(BILL, {"flask", "typing-extensions"})
    assert [each["name"] for each in bill["components"]] == ["Flask", "typing_extensions"]
    assert "pytest" not in json.dumps(bill)
    assert bill["dependencies"][1] == {"ref": "Flask==1.0", "dependsOn": ["typing_extensions==1.0"]}


def test_the_locked_set_is_what_is_looked_at(audit: ModuleType) -> None:
    """With the extras; without what tests and linters need."""
    names = audit.locked()
    assert {"flask", "waitress", "psycopg", "resvg-py"} <= names
    assert names.isdisjoint({"pytest", "ruff", "locust"})


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ([{"expression": "Apache-2.0 OR BSD-2-Clause"}], "Apache-2.0 OR BSD-2-Clause"),
        ([{"license": {"id": "MIT"}}, {"license": {"id": "MIT"}}], "MIT"),
        ([{"license": {"name": "License :: OSI Approved :: BSD License"}}], "BSD License"),
        ([{"license": {"name": "Copyright (c) 2020 " + "all of it " * 50}}], "not said"),
        ([], "not said"),
    ],
)
def test_licences_are_listed_in_short(audit: ModuleType, said: list[dict[str, Any]], shown: str) -> None:
    """The whole text of a licence is no name of one."""
    assert f"| x | 1.0 | {shown} |\n" in audit.licenses({"components": [component("x", *said)]})
