"""Faults of YAML in a user's words."""

import pytest

from webapp.limits import DEFAULT
from webapp.manifests.tree import Unreadable, Usage
from webapp.manifests.yaml_reader import read_yaml


def fault(text: str) -> Unreadable:
    """Return the first fault of a text."""
    return next(one for one in read_yaml(text, Usage(DEFAULT)) if isinstance(one, Unreadable))


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        pytest.param("a:\n\tb: 1", 2, "indented with a tab", id="a tab"),
        pytest.param("a: |\n\tb", 2, "indented with a tab", id="a tab in a block text"),
        pytest.param("a: @x", 1, "can't begin with @", id="an at sign"),
        pytest.param("a: `x`", 1, "can't begin with `", id="a backtick"),
        pytest.param("a: b: c", 1, "second colon", id="two colons"),
        pytest.param("name: web\n  port: 80", 2, "“port:” is indented more than the line above", id="too deep"),
        pytest.param("name web\nport: 80", 1, "colon is missing", id="no colon"),
        pytest.param("name:web\nport: 80", 1, "space is missing after the colon", id="no space"),
        pytest.param("a:\n  b: 1\n  c\n  d: 2", 3, "colon is missing", id="no colon further down"),
        pytest.param("a: - b", 1, "list item (-) is not allowed here", id="a list behind its key"),
        pytest.param("a: 'x\nb: 1", 1, "never closed", id="a single quote"),
        pytest.param('a: 1\nb: "x\n---\nc: 1', 2, "never closed", id="a double quote"),
        pytest.param('a: "C:\\q"', 1, "backslash", id="a backslash in double quotes"),
        pytest.param("a: *", 1, "can't begin with *", id="a star"),
        pytest.param("a:\n  b: 1\n c: 2", 3, "“c:” is indented less than the line above", id="too shallow"),
        pytest.param("a:\n  b: 1\n - c", 3, "list item (-) where a key", id="a list item among keys"),
        pytest.param('a: "x" y', 1, "follows a value", id="text behind a quoted one"),
        pytest.param(
            "a:\n  -   b: 1\n    c: 2", 3, "neither part of the list item above nor a new item", id="beside its item"
        ),
        pytest.param("a: [\n", 1, "never closed", id="an open bracket"),
        pytest.param("a: [1, 2\nb: 3", 1, "bracket [", id="an open bracket with something in it"),
        pytest.param("a: {b: 1\nc: 3", 1, "bracket {", id="an open brace"),
        pytest.param("a: ]", 1, "value is missing", id="a closing bracket alone"),
        pytest.param("a: | x\n y", 1, "othing else is allowed on the line", id="text behind a bar"),
        pytest.param("  a: 1\nb: 2", 2, "“b:” is indented less", id="a first line that is indented"),
        pytest.param("a: 1\n...\nb: 2", 3, "follows the end of the document", id="text behind the end"),
        pytest.param("a: [1]\n ---\nb: 2", 2, "looks like one", id="a separator that is indented"),
        pytest.param("a: 1\n----\nb: 2", 2, "looks like one", id="a separator that is too long"),
        pytest.param("a: 1\n\u2014\nb: 2", 2, "looks like one", id="a dash of a text editor"),
        pytest.param("a: 1\n---b: 2\nc: 3", 2, "looks like one", id="a separator whose line end was chomped"),
        pytest.param("<<<<<<< HEAD\na: 1\n=======\na: 2", 1, "conflict marker", id="a merge conflict"),
        pytest.param('// services\n{\n  "a": 1\n}', 1, "comment of another language", id="a comment of JavaScript"),
        pytest.param("\x1b[1ma: 1", 1, "U+001B", id="colours of a terminal"),
        pytest.param("a: 1\x07", 1, "control character", id="a bell"),
        pytest.param("a: {{ .Values.x }}", 1, "can't be a key", id="double braces"),
    ],
)
def test_the_message_says_what_is_wrong_and_where(text: str, line: int, message: str) -> None:
    """No word of libyaml's own: no tokens, no block mappings, no simple keys."""
    found = fault(text)
    assert (found.line, message in found.message) == (line, True), found.message


@pytest.mark.parametrize("kind", ["Secret", "ConfigMap"])
def test_nothing_of_a_secret_is_repeated(kind: str) -> None:
    """Not even the key at fault."""
    found = fault(f"kind: {kind}\ndata:\n    password: aHVudGVyMg\n  token-hunter2: x\n")
    assert "hunter2" not in found.message + found.hint


def test_every_fault_has_a_hint_or_the_catalogue_has() -> None:
    """The message alone isn't enough for someone who never wrote YAML."""
    assert fault("a:\n\tb: 1").hint == "YAML takes spaces only: replace each tab with two spaces."
