"""Count the comments per 100 lines of code, by package: ``python3 scripts/comments.py``. To look at; not a gate."""

import tokenize
from collections import Counter
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent
_LAYOUT = {tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.COMMENT, tokenize.ENCODING}
_DIRECTIVES = ("# noqa", "# type:", "# fmt:", "# pragma")


def counts(path: Path) -> Counter[str]:
    """Return a file's lines of code, docstrings included, and its comments; those for tools don't count."""
    with path.open("rb") as file:
        tokens = list(tokenize.tokenize(file.readline))
    code = {line for t in tokens if t.type not in _LAYOUT and t.string for line in range(t.start[0], t.end[0] + 1)}
    comments = {t.start[0] for t in tokens if t.type == tokenize.COMMENT and not t.string.startswith(_DIRECTIVES)}
    return Counter(code=len(code), comments=len(comments))


def main() -> None:
    """Print one line for each package of webapp/, and one for all."""
    packages: dict[str, Counter[str]] = {}
    for path in sorted((TOP / "webapp").rglob("*.py")):
        name = path.relative_to(TOP).parts[1] if path.parent.name != "webapp" else "modules of webapp"
        for each in (name, "all"):
            packages.setdefault(each, Counter()).update(counts(path))
    for name in sorted(packages, key=lambda name: (name == "all", name)):
        lines, comments = packages[name]["code"], packages[name]["comments"]
        print(f"{name:20}{lines:7,} lines{comments:6,} comments{100 * comments / lines:6.1f} per 100")


if __name__ == "__main__":
    main()
