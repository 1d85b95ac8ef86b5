"""Names of code are guessable: one class name stands for one thing, and words that needed a key stay retired."""

import ast
import re
from collections import defaultdict
from functools import cache
from pathlib import Path

WEBAPP = Path(__file__).parent.parent / "webapp"
RETIRED = re.compile(
    "alike|answers|belief|board|book|cast|cell|census|contents|course|crowds|entrances|fates|find|fortune|found|frame|"
    "gathering|helps|ink|kept|key|ledger|look|mates|opened|reader|resettle|several|shelf|stand|strips|survey|vacancy|"
    "ways|who"
)
"""What only an insider could guess. `Finding` stays: it is what users call it."""


@cache
def classes() -> dict[str, list[str]]:
    """Return the modules that define each class name."""
    modules: dict[str, list[str]] = defaultdict(list)
    for path in sorted(WEBAPP.rglob("*.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ClassDef):
                modules[node.name].append(path.relative_to(WEBAPP).as_posix())
    return modules


def test_a_class_name_stands_for_one_thing():
    """No two modules define a class of one name: who reads `Row` need not ask which."""
    assert {name: modules for name, modules in classes().items() if len(modules) > 1} == {}


def test_a_retired_name_names_no_module_and_no_class():
    """Neither in full nor as a private name."""
    modules = {path.relative_to(WEBAPP).as_posix(): path.stem for path in WEBAPP.rglob("*.py")}
    named = {f"{module}: {name}": name for name, where in classes().items() for module in where}
    assert [where for where, name in (modules | named).items() if RETIRED.fullmatch(name.strip("_").lower())] == []
