"""Reading manifests: the whole reader, our loader and PyYAML's, against the floor, which is libyaml's events alone.

``python -m tests.benchmarks.reading [manifests|cluster|dump]`` prints seconds of processor time and ratios of one run.
"""

import json
import sys
from collections import deque
from collections.abc import Callable

import yaml

from tests.benchmarks.generate import INPUTS, text
from tests.benchmarks.measure import processed
from webapp.garbage import collection_paused
from webapp.manifests import DEFAULT, Upload, read
from webapp.manifests.tree import Usage
from webapp.manifests.yaml_reader import read_yaml


def seconds(run: Callable[[], object]) -> float:
    """Return the processor time of the better of two runs, here and in the processes that share the work."""
    # The reader keeps the garbage collector out of its way; to compare, the others have it out of theirs.
    with collection_paused():
        return min(processed(run)[0] for _ in range(2))


def runs(data: bytes) -> dict[str, Callable[[], object]]:
    """Return what is measured, the floor first."""
    decoded = data.decode()
    with collection_paused():
        documents = list(yaml.load_all(decoded, Loader=yaml.CSafeLoader))
    one = documents[0] if len(documents) == 1 else {"apiVersion": "v1", "kind": "List", "items": documents}
    as_json = json.dumps(one, indent=4).encode()  # as kubectl prints it
    del documents, one
    return {
        "libyaml's events alone": lambda: deque(yaml.parse(decoded, Loader=yaml.CSafeLoader), 0),
        "PyYAML's CSafeLoader": lambda: deque(yaml.load_all(decoded, Loader=yaml.CSafeLoader), 0),
        "the whole reader": lambda: read([Upload("x.yaml", data)]),
        "the whole reader, the same as JSON": lambda: read([Upload("x.json", as_json)]),
        "our loader of YAML alone": lambda: deque(read_yaml(decoded, Usage(DEFAULT)), 0),
    }


def main(name: str) -> None:
    """Print one line for each run."""
    data = text(INPUTS[name]())
    print(f"{name}: {len(data) / 1e6:.1f} MB")
    floor = 0.0
    for label, run in runs(data).items():
        took = seconds(run)
        floor = floor or took
        print(f"{label:32}{took:7.2f} s {took / floor:6.2f} x the floor")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "manifests")
