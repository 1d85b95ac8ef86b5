"""nodefall says one word for one thing, that of the Kubernetes documentation: none of the words given up is shown."""

import ast
import html
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import click
import pytest

from webapp.cli import cli

TOP = Path(__file__).parent.parent

GIVEN_UP = [
    (r"(?<!load.)\bbalancers?\b", "a load balancer", "a balancer in front"),
    (r"\bways? in\b(?! which)", "an access path", "Another way in"),
    (r"\bcom(e|es|ing) in (by|through|from|at)\b", "clients connect via", "Clients come in through"),
    (r"\bthat of node\b|\bOne address\b", "one node IP, node-1's IP", "One address"),
    (r"\bnot accepted\b|\brefused by the API server\b|\bAPI server refuses\b", "rejected", "Not accepted"),
    (r"\bsays nothing\b|\bwaits? in vain\b|\btold no\b", "drops the packet, times out", "waits in vain"),
    (r"\bsome lost\b", "degraded", "some lost"),
    (r"^no answer$|(?-i:\bNo answer\b)", "unavailable", "No answer"),
    (r"\bpick(s|ed|ing)?\b", "selects", "kube-proxy picks one"),
    (r"\bmoments? after\b", "the time after the failure", "Moment after the failure"),
    (r"(?-i:\bRescheduled\b)", "Recreated", "Rescheduled"),
    (r"\banew\b|\bmade again\b|\bre-creat", "recreated, again", "made anew"),
    (r"\bby its budgets?\b|\bstands? in the way\b", "blocked by a PodDisruptionBudget", "held by its budgets"),
    (r"\bcut off\b|\bworks on,? unseen\b", "partitioned; keeps running, unreachable", "It works on, unseen"),
    (r"\bnoticed\b", "detected", "nobody has noticed"),
    (r"\bpods that are left\b|\bfates?\b", "remaining Pods, what happens to each Pod", "Fates"),
    (r"\bnot given\b", "not in the uploaded manifests", "was not given"),
    (r"\bchosen\b", "auto-assigned, selected", "nodePort 30080 (chosen)"),
    (r"\bas placed\b", "with the current placement", "As placed"),
    (r"\b(against|below|above|miss(es)?) (a|the) bar\b|\bbar is missed\b", "the threshold", "the bar is missed"),
    (r"^Over time$|^Meanwhile$", "Timeline", "Meanwhile"),
    (r"^Several…?$|^Name it$", "Select nodes…, Name this scenario", "Several…"),
    (r"^Draw it$|^Smaller$", "Visualize, Zoom out", "Draw it"),
    (r"\bbring back\b(?! up)", "bring back up", "Bring back node-1"),
    (r"^Reset$", "Clear failures", "Reset"),
    (r"\bsigns and words\b", "the legend and glossary", "Signs and words"),
    (r"\bby a slip\b|\bslip of the\b", "a typo", "missed by a slip"),
    (r"\bpod alone\b", "a single replica", "One pod alone"),
    (r"\bstretch(es)? an outage\b", "prolong an outage", "stretch an outage"),
    (r"\bmend(s|ed|ing)?\b", "fix", "can be mended"),
    (r"\bstands? twice\b|\bmay not stand\b", "a duplicate key, not allowed here", "stands twice"),
    (r"\bno field of\b", "an unknown field in", "it is no field of a Pod"),
    (r"\bblanks?\b|\bquotation marks?\b", "spaces, quotes", "blanks around it"),
    (r"\b(left|leaves?) out\b", "skipped, omitted", "is left out"),
    (r"\bnot the text\b|\bput the (whole )?text\b", "a string", "not the text"),
    (r"\brequest-seconds?\b", "seconds of full outage (equivalent)", "12 request-seconds lost"),
    (r"\bpicture of points\b", "an image", "a picture of points"),
    (r"(?<!there )\bis no (?!longer\b|more\b)\w", "is not a", "it is no Service"),
    (r", too(?=[.,;:)]|$)", "also", "on node-2, too."),
    (r"\bbecomes? of\b", "happens to", "what becomes of it"),
    (r"\bcomes to\b", "results in", "it comes to 50 %"),
    (r"\bfor ever\b", "forever", "for ever"),
    (r"\bat the (left|right)\b", "on the left", "at the left"),
    (r"\bof (its|their) own\b", "separate, its own", "a table of its own"),
    (r"\btold\b", "who says or does what", "it can't be told"),
    (r"\bbears?\b|\bpart(s|ed)? the traffic\b|\bfares? alike\b", "who does what", "nodes that fare alike"),
]
"""Patterns of what readers stumbled over, what is said instead, and an example of what each finds."""

_JINJA = re.compile(r"\{#.*?#\}|\{[{%].*?[%}]\}", re.S)
_TAG = re.compile(r"<!--.*?-->|<(?:\"[^\"]*\"|'[^']*'|[^>\"'])*>", re.S)
_SPOKEN = re.compile(r"\b(?:title|aria-label|alt|placeholder|content|value)=\"([^\"]*)\"")
_QUOTED = re.compile(r"\"([^\"\\\n]*)\"|'([^'\\\n]*)'")
_SCRIPT = re.compile(r"//[^\n]*|/\*.*?\*/|(\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`)", re.S)
_CODE = re.compile(r"^(`{3,})[^\n]*\n.*?^\1`*$|`[^`]*`|\]\([^)]*\)", re.S | re.M)
_PARAGRAPH = re.compile(r"\n\s*\n|\n(?=\s*[-|])")


def strings(source: str) -> Iterator[str]:
    """Yield the strings of a module, f-strings with … in their gaps, but no docstrings."""
    tree = ast.parse(source)
    parts = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            yield "".join(str(part.value) if isinstance(part, ast.Constant) else "…" for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in parts | docstrings:
            yield node.value


def template(source: str) -> Iterator[str]:
    """Yield what a template shows or has read out: text, spoken attributes, and the strings of its expressions."""
    for expression in _JINJA.findall(source):
        if not expression.startswith("{#"):
            yield from (one or other for one, other in _QUOTED.findall(expression))
    plain = _JINJA.sub("…", source)
    yield from _SPOKEN.findall(plain)
    yield from (html.unescape(" ".join(text.split())) for text in _TAG.split(plain))


def script(source: str) -> Iterator[str]:
    """Yield the strings of a script."""
    yield from (found[1:-1] for found in _SCRIPT.findall(source) if found)


def prose(source: str) -> Iterator[str]:
    """Yield the paragraphs of a Markdown text, without code and addresses."""
    yield from (" ".join(part.split()) for part in _PARAGRAPH.split(_CODE.sub("…", source)))


def comments(source: str) -> Iterator[str]:
    """Yield the comments of a YAML file, as one text."""
    yield " ".join(line.strip("# ") for line in source.splitlines() if line.startswith("#"))


def helps(command: click.Command) -> Iterator[str]:
    """Yield what ``--help`` prints of a command and of those below it."""
    yield " ".join((command.help or "").split())
    yield from (option.help or "" for option in command.params if isinstance(option, click.Option))
    for below in command.commands.values() if isinstance(command, click.Group) else ():
        yield from helps(below)


READERS: dict[str, Callable[[str], Iterator[str]]] = {
    "webapp/**/*.py": strings,
    "templates/**/*.html": template,
    "static/js/**/*.js": script,
    "docs/*.md": prose,
    "*.md": prose,
    "samples/*.yaml": comments,
    ".pre-commit-hooks.yaml": lambda source: iter((source,)),
}


def _said(text: str) -> bool:
    """Return whether a string may be a sentence or a label: not a key, a class or a name."""
    return " " in text or text[:1].isupper()


@cache
def everything() -> tuple[tuple[str, str], ...]:
    """Return all that nodefall says, each text with where it stands."""
    files = ((path, read) for pattern, read in READERS.items() for path in sorted(TOP.glob(pattern)))
    found = [
        (str(path.relative_to(TOP)), text.strip()) for path, read in files for text in read(path.read_text("utf-8"))
    ]
    return tuple((where, text) for where, text in (*found, *(("--help", text) for text in helps(cli))) if _said(text))


@pytest.mark.parametrize(("pattern", "instead"), [row[:2] for row in GIVEN_UP], ids=[row[2] for row in GIVEN_UP])
def test_a_word_given_up_is_nowhere_shown(pattern: str, instead: str):
    """Neither on the page nor on the command line, in docs or in samples."""
    hits = ((where, text, re.search(pattern, text, re.IGNORECASE)) for where, text in everything())
    found = [f"{where}: {text[max(0, hit.start() - 50) : hit.end() + 50]}" for where, text, hit in hits if hit]
    assert not found, "\n".join((f"say: {instead}", *found))


@pytest.mark.parametrize(("pattern", "example"), [row[::2] for row in GIVEN_UP])
def test_the_pattern_finds_its_example(pattern: str, example: str):
    """No row is dead."""
    assert re.search(pattern, example, re.IGNORECASE)


@pytest.mark.parametrize(
    ("read", "source"),
    [
        pytest.param(strings, 'def is_up():\n    """It isn\'t."""\n    return "It is up"', id="a string"),
        pytest.param(strings, 'f"It is {state}"', id="an f-string"),
        pytest.param(template, "<b title='a>b'>It is {{ state }}</b>", id="a template's text"),
        pytest.param(template, '<b aria-label="It is {{ state }}">', id="an attribute"),
        pytest.param(template, "{{ 'It is up' if state else '' }}", id="an expression"),
        pytest.param(script, "say(`It is up`); // It isn't", id="a script"),
        pytest.param(prose, "# State\n\nIt is\n`up`\n\n```\nIt isn't\n```", id="a document"),
        pytest.param(comments, "# It is\n# up\nkind: Pod", id="a sample's comment"),
    ],
)
def test_what_is_said_is_read(read: Callable[[str], Iterator[str]], source: str):
    """And no more than that."""
    assert [text for text in read(source) if text.startswith("It ")] in (["It is up"], ["It is …"])
