"""Count the comments per 100 lines of code, by package: ``python3 scripts/comments.py``. To look at; not a gate."""

import itertools
import tokenize
from collections import Counter
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent
_LAYOUT = {tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.COMMENT, tokenize.ENCODING}
_DIRECTIVES = ("# noqa", "# type:", "# fmt:", "# pragma")


def counts(path: Path) -> Counter[str]:
    """Return a file's lines of code, without docstrings, and its lines of comments, without those for tools."""
    with path.open("rb") as file:
        tokens = [token for token in tokenize.tokenize(file.readline) if token.type != tokenize.NL]
    begins = {tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.COMMENT, tokenize.ENCODING}
    after = itertools.pairwise(tokens)
    docstrings = {token for before, token in after if before.type in begins and token.type == tokenize.STRING}
    comments = {t.start[0] for t in tokens if t.type == tokenize.COMMENT and not t.string.startswith(_DIRECTIVES)}
    code = {
        line
        for token in tokens
        if token.type not in _LAYOUT and token.string and token not in docstrings
        for line in range(token.start[0], token.end[0] + 1)
    }
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
