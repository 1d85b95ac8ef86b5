"""Reading 10 MB of manifests: our loader and PyYAML's against the floor, libyaml's events alone."""

import sys
import time
from collections.abc import Callable

import yaml

from tests.benchmarks.generate import INPUTS
from webapp.manifests.limits import DEFAULT
from webapp.manifests.tree import Budget
from webapp.manifests.yaml_reader import read_yaml


def _events(text: str) -> None:
    for _ in yaml.parse(text, Loader=yaml.CSafeLoader):
        pass


def _ours(text: str) -> None:
    for _ in read_yaml(text, Budget(DEFAULT)):
        pass


def _pyyaml(text: str) -> None:
    for _ in yaml.load_all(text, Loader=yaml.CSafeLoader):
        pass


def seconds(run: Callable[[str], None], text: str) -> float:
    """Return how long one run takes."""
    start = time.perf_counter()
    run(text)
    return time.perf_counter() - start


if __name__ == "__main__":
    print(INPUTS.keys())
    text = INPUTS[sys.argv[1] if len(sys.argv) > 1 else "manifests"]()
    text = text if isinstance(text, str) else "".join(text)
    print(len(text))
    for run in (_events, _ours, _pyyaml, _events, _ours):
        print(run.__name__, round(seconds(run, text), 2))
