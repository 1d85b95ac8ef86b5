"""A cold command imports what it needs and no more: these libraries and packages are most of what starting costs."""

import subprocess
import sys
from pathlib import Path

import pytest

TOP = Path(__file__).parent.parent
SAMPLE = str(TOP / "samples" / "shop.yaml")
IMPORTED = """
import sys
from webapp.cli import cli
try:
    cli(sys.argv[2:])
except SystemExit as end:
    assert end.code in (0, 1), end.code
print(*(name for name in sys.argv[1].split() if name in sys.modules), file=sys.stderr)
"""
_STATE = "webapp.failure webapp.routing"
WATCHED = "flask sqlalchemy werkzeug jinja2 PIL networkx webapp.views webapp.resilience webapp.failure webapp.routing"


@pytest.mark.parametrize(
    ("command", "needed"),
    [
        pytest.param(["check", SAMPLE], "", id="a check reads, builds and looks"),
        pytest.param(["check", SAMPLE, "--survive", "node"], f"webapp.resilience {_STATE}", id="survival"),
        pytest.param(["simulate", SAMPLE], _STATE, id="a simulation draws nothing"),
        pytest.param(["render", SAMPLE, "-o", "{tmp}/x.svg"], f"networkx {_STATE}", id="a picture needs the graph"),
    ],
)
def test_a_command_imports_no_more_than_it_needs(command: list[str], needed: str, tmp_path: Path):
    """The web framework, the database and NetworkX stay out where no page, stored set or picture is asked for."""
    words = [word.replace("{tmp}", str(tmp_path)) for word in command]
    run = subprocess.run(
        [sys.executable, "-c", IMPORTED, WATCHED, *words], capture_output=True, text=True, check=True, cwd=TOP
    )
    assert run.stderr.split() == [name for name in WATCHED.split() if name in needed.split()]


def test_a_command_ends_without_looking_through_all_that_it_made() -> None:
    """What Python would collect at its end goes with the process."""
    ends = "import atexit, gc; atexit.register(lambda: print(gc.get_freeze_count() > 10_000))"
    command = f"{ends}; from webapp.cli import main; main()"
    run = subprocess.run(
        [sys.executable, "-c", command, "simulate", SAMPLE, "--output", "json"],
        capture_output=True,
        text=True,
        check=True,
        cwd=TOP,
    )
    assert run.stdout.endswith("}\nTrue\n")
