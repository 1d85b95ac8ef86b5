"""Options that several commands take, each said once."""

from collections.abc import Callable
from functools import reduce
from typing import Any

import click

from webapp.word_help import WORD_HELP

Command = Callable[..., Any]


def word_option(word: str, option: str = "", **more: Any) -> Callable[[Command], Command]:
    """Return the option for a word of the URL, with its help; `option` where the command line calls it otherwise."""
    its = WORD_HELP[word]
    settings: dict[str, Any] = {"metavar": its.shape, "multiple": its.repeats, "help": its.help, **more}
    return click.option(f"--{option or word}", **settings)


ASSUME_NODES = word_option("nodes", "assume-nodes")
ASSUME_PODS = word_option("pods", "assume-pods")
NODE_PORT_RANGE = word_option("service-node-port-range")
KUBERNETES = word_option("kubernetes")
CONTEXT = click.option(
    "--context",
    metavar="[NAME]",
    is_flag=False,
    flag_value="",
    help="Read this cluster of your kubeconfig through kubectl get; without a NAME the current one.",
)
NO_RENDER = click.option(
    "--no-render", is_flag=True, help="Don't render kustomizations and charts; read them as they are."
)


def with_options(*options: Callable[[Command], Command]) -> Callable[[Command], Command]:
    """Return the decorator that gives a command these options, in the order in which ``--help`` lists them."""
    # Decorators apply from the last to the first.
    return lambda command: reduce(lambda made, option: option(made), reversed(options), command)
