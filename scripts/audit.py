"""What nodefall is made of, and what is known against it: ``python3 scripts/audit.py``.

Writes build/sbom.json, a CycloneDX 1.6 bill of materials of the app with its extras at the locked versions, and
build/licenses.md, and asks the Python packaging advisory database for known vulnerabilities of these versions. The
last needs the network: ``--offline`` leaves it out.
"""

from __future__ import annotations  # an old Python must get as far as being told that it is too old

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from environment import APP, LOCKS, PYTHON, TOP, prepare, run, say, separate

SBOM = TOP / "build" / "sbom.json"
LICENSES = TOP / "build" / "licenses.md"


def main(arguments: list[str]) -> int:
    """Write the bill and the list, ask for what is known, and return an exit status."""
    prepare()
    programs = separate("audit")
    bill = made_of(programs)
    SBOM.write_text(json.dumps(bill, indent=1) + "\n")
    LICENSES.write_text(licenses(bill))
    say(f"{SBOM.relative_to(TOP)} and {LICENSES.relative_to(TOP)}: {len(bill['components'])} packages")
    if "--offline" in arguments:
        return 0
    say("Asking for known vulnerabilities")
    # Strict: a package that nothing could be asked about counts as a failure.
    return run([programs / "pip-audit", "--strict", "--disable-pip", "--require-hashes", "-r", LOCKS / f"{APP}.txt"])


def made_of(programs: Path) -> dict[str, Any]:
    """Return the bill of this environment, but only of what is in the locked set of the app."""
    cyclonedx = [programs / "cyclonedx-py", "environment", "--output-reproducible", "--spec-version", "1.6"]
    command = [*cyclonedx, "--pyproject", TOP / "pyproject.toml", "--mc-type", "application", PYTHON]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(done.stderr)
    return shipped(json.loads(done.stdout), locked())


def locked() -> set[str]:
    """Return the names of the locked set of the app."""
    lines = (LOCKS / f"{APP}.txt").read_text().splitlines()
    return {line.partition("==")[0] for line in lines if "==" in line}


def shipped(bill: dict[str, Any], names: set[str]) -> dict[str, Any]:
    """Return a bill without what only tests and linters need."""
    kept = [each for each in bill["components"] if each["name"].lower().replace("_", "-") in names]
    references = {each["bom-ref"] for each in kept} | {bill["metadata"]["component"]["bom-ref"]}
    links = [
        link | {"dependsOn": [name for name in link.get("dependsOn", ()) if name in references]}
        for link in bill.get("dependencies", ())
        if link["ref"] in references
    ]
    return bill | {"components": kept, "dependencies": links}


def licenses(bill: dict[str, Any]) -> str:
    """Return a table of packages, versions and licences."""
    rows = [f"| {each['name']} | {each['version']} | {license_of(each)} |" for each in bill["components"]]
    return "\n".join(["| package | version | licence |", "| --- | --- | --- |", *sorted(rows, key=str.lower)]) + "\n"


def license_of(component: dict[str, Any]) -> str:
    """Return what a package says of its licence: an SPDX expression where it has one."""
    said = component.get("licenses", ())
    found = [one.get("expression") or one["license"].get("id") or one["license"].get("name", "") for one in said]
    short = (" ".join(name.split()).removeprefix("License :: OSI Approved :: ") for name in found if len(name) < 100)
    return ", ".join(dict.fromkeys(short)) or "not said"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
