"""Options that several commands take, each said once."""

from collections.abc import Callable
from functools import reduce
from typing import Any

import click

Command = Callable[..., Any]

ASSUME_NODES = click.option(
    "--assume-nodes", metavar="N", help="How many nodes to assume where the manifests name none (3)."
)
ASSUME_PODS = click.option("--assume-pods", metavar="N", help="How many pods to assume for a Service without any (0).")
NODE_PORT_RANGE = click.option(
    "--service-node-port-range", metavar="LOW-HIGH", help="kube-apiserver's setting (30000-32767)."
)
KUBERNETES = click.option("--kubernetes", metavar="1.N", help="The Kubernetes version whose rules apply (1.36).")
CONTEXT = click.option("--context", metavar="NAME", help="Read this cluster of your kubeconfig through kubectl get.")
NO_RENDER = click.option(
    "--no-render", is_flag=True, help="Don't render kustomizations and charts; read them as they are."
)


def with_options(*options: Callable[[Command], Command]) -> Callable[[Command], Command]:
    """Return the decorator that gives a command these options, in the order in which ``--help`` lists them."""
    # Decorators apply from the last to the first.
    return lambda command: reduce(lambda made, option: option(made), reversed(options), command)
