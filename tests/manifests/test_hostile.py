"""Input that crashes, stalls or fills the memory of other loaders, in a thread with as little stack as musl gives."""

import threading
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from webapp.manifests import Manifests, Upload, read

SMALL_STACK = 128 * 1024


def merge_bomb(levels: int) -> str:
    """Return maps that each merge the one before twice."""
    rows = ["a0: &a0 {x: 1}"]
    rows += [f"a{n}: &a{n}\n  <<: [*a{n - 1}, *a{n - 1}]\n  k{n}: 1" for n in range(1, levels)]
    return "\n".join(rows)


def alias_bomb(levels: int, width: int) -> str:
    """Return lists that each hold the one before several times."""
    rows = ["a0: &a0 [x]"]
    rows += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * width)}]" for n in range(1, levels)]
    return "\n".join(rows)


def alias_chain(levels: int) -> str:
    """Return lists that each hold the one before once: deep, though every line is flat."""
    return "a0: &a0 [x]\n" + "\n".join(f"a{n}: &a{n} [*a{n - 1}]" for n in range(1, levels))


HOSTILE = {
    "brackets, balanced": "[" * 40_000 + "]" * 40_000,
    "brackets, open": "[" * 200_000,
    "braces": "{a: " * 60_000,
    "JSON brackets": '{"a":' * 60_000,
    "dashes": "- " * 60_000,
    "question marks": "? " * 60_000,
    "merge bomb of 24 levels": merge_bomb(24),
    "alias bomb of nine to the ninth": alias_bomb(9, 9),
    "aliases that nest": alias_chain(900),
    "self alias": "&a [*a]",
    "cycle through a map": "a: &a\n  b: &b\n    c: *a\n",
    "long integer": "a: " + "9" * 200_000,
    "long integer in JSON": '{"a": ' + "9" * 200_000 + "}",
    "base 60": "a: " + "59:" * 60_000 + "1",
    "impossible date": "a: 2026-13-45",
    "complex keys": "? {a: b}\n: c",
    "python tag": "!!python/object/apply:os.system [ls]",
    "binary tag": "a: !!binary '%%%'",
    "set tag": "!!set {a, b}",
    "tag directives": "".join(f"%TAG !a{n}! x\n" for n in range(20_000)) + "---\na: 1\n",
    "anchors": "\n".join(f"- &a{n} {n}" for n in range(20_000)),
    "broken documents": "a: [\n---\n" * 20_000,
    "commas": "[" + "," * 50_000,
    "NULs": "\0" * 10_000,
    "lone quotes": '"' * 50_001,
    "escapes": '"' + "\\x" * 50_000,
    "spaces before what may be kubectl's output": " " * 5_000 + "x",
    "commands of kubectl without an end": "kubectl " * 700,
    "blank lines before what may be a Dockerfile": "\n" * 2_000 + "x",
    "blanks behind what may be a kubeconfig": '"kind": "Config"' + " " * 200_000 + "x\ncontexts:\n",
    "kind without an end": "kind:\n" * 50_000,
    "a kind that is a list": "kind: [Secret]\napiVersion: {}\n",
    "escapes in JSON": '{"a": "' + '\\"' * 50_000 + '"}',
}


@contextmanager
def stack_of(size: int) -> Iterator[None]:
    """Start threads with that much stack inside the block."""
    before = threading.stack_size(size)
    try:
        yield
    finally:
        threading.stack_size(before)


def in_small_thread(work: Callable[[], Manifests]) -> Manifests:
    """Return what `work` returns in a thread with a small stack."""
    results: list[Manifests] = []
    with stack_of(SMALL_STACK):
        thread = threading.Thread(target=lambda: results.append(work()))
        thread.start()
    thread.join(60)
    assert not thread.is_alive()
    return results[0]


@pytest.mark.parametrize("text", [pytest.param(text, id=name) for name, text in HOSTILE.items()])
def test_hostile_text_comes_to_a_problem(text: str) -> None:
    """Nothing is kept, and something is said."""
    manifests = in_small_thread(lambda: read([Upload("hostile.yaml", text.encode())]))
    assert manifests.problems
    assert all(summary.used == 0 for summary in manifests.files)


@pytest.mark.parametrize(
    "name",
    [
        "brackets, balanced",
        "brackets, open",
        "braces",
        "JSON brackets",
        "dashes",
        "question marks",
        "aliases that nest",
        "merge bomb of 24 levels",
        "alias bomb of nine to the ninth",
    ],
)
def test_what_goes_beyond_a_limit_says_so(name: str) -> None:
    """NP002, so that its reader knows it isn't a slip of the pen."""
    found = read([Upload("hostile.yaml", HOSTILE[name].encode())]).problems
    assert "NP002" in {one.id for one in found}


@pytest.mark.parametrize("levels", [70, 999, 1_001, 40_000])
def test_too_deep_is_the_same_problem_whoever_notices(levels: int) -> None:
    """PyYAML 6.0.4 gives up at 1,000 levels by itself; what the file holds after the next --- is read all the same."""
    pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec: {containers: [{name: a, image: a}]}\n"
    text = f"a: 1\nb: {'[' * levels}{']' * levels}\n---\n{pod}"
    manifests = read([Upload("deep.yaml", text.encode())])
    (found,) = manifests.problems
    assert (found.id, found.line) == ("NP002", 2)
    assert [one.metadata.name for one in manifests.pods] == ["web"]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param('{"a":"' + "\\\\" * 500_000, id="escapes in JSON without an end"),
        pytest.param('a: "' + "\\\\" * 500_000, id="escapes in YAML without an end"),
        pytest.param("a: " + ":x" * 500_000 + "\n", id="colons"),
        pytest.param("a: |\n" + "\n" * 1_000_000, id="blank lines in a text"),
        pytest.param(('a: "' + "x" * 3000 + "\n---\n") * 300, id="quotes that are never closed"),
        pytest.param("kind: Secret\napiVersion: v1\na: |\n b\n" + "\n" * 1_000_000, id="blank lines in a Secret"),
    ],
)
def test_memory_is_in_proportion_to_the_text(text: str) -> None:
    """Patterns remember what they may have to give back, and exceptions the text that they came from."""
    read([Upload("a.yaml", text.encode())])
    tracemalloc.start()
    try:
        read([Upload("a.yaml", text.encode())])
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < 40 * len(text) + 5_000_000
