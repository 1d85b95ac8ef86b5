"""A drain as a script for a shell, with its undo; of a crash, the rehearsal that cordons its nodes only."""

from collections.abc import Iterator

from webapp.cluster.model import Cluster
from webapp.documents.rehearsal import NOTHING, one_line, shell_word, staged
from webapp.failure import FailureKind, Scenario

_NODES = frozenset({FailureKind.NODE, FailureKind.ZONE, FailureKind.RETURNED, FailureKind.PARTITION})
_ACTIONS = """\
usage() {
  echo "usage: sh drain.sh start|undo|watch"
  echo "  start  $WHAT"
  echo "  undo   makes the nodes schedulable again; pods that have moved stay where they are"
  echo "  watch  prints what to leave running in other terminals"
}

watch() {
  echo "kubectl get nodes -w"
  echo "kubectl get pods -o wide -A -w"
  echo "kubectl get pdb -A -w"
  echo "kubectl get events -A -w"
}

aborted() {
  echo "Stopped. To make the nodes schedulable again: sh drain.sh undo" >&2
}
"""
_CALLED = """\
case "${1:-}" in
  start)
    echo "Leave these running in other terminals:"
    watch
    trap aborted EXIT
    trap 'exit 130' INT TERM
    start
    trap - EXIT
    echo "Done. To make the nodes schedulable again: sh drain.sh undo"
    ;;
  undo) undo ;;
  watch) watch ;;
  *)
    usage >&2
    exit 2
    ;;
esac
"""


def drain_script(cluster: Cluster, scenario: Scenario) -> str:
    """Return the script: of a drain it does what is simulated, of a crash it only cordons.

    The flags are those that :mod:`webapp.failure.drain_filters` stands on. Nodes that were cordoned before are not
    made schedulable again.
    """
    return "\n".join(_lines(cluster, scenario)) + "\n"


def _lines(cluster: Cluster, scenario: Scenario) -> Iterator[str]:
    yield from ("#!/bin/sh", *(f"# {one_line(text)}" for text in _comments(cluster, scenario)))
    names = nodes(cluster, scenario)
    yield "set -eu"
    if not names:
        said = "Nothing to drain or cordon." if scenario.down or scenario.drain else NOTHING
        yield from ("", f"echo {shell_word(said)}")
        return
    does = "cordons the nodes, then drains them in order" if scenario.drain else "cordons the nodes; nothing is evicted"
    yield from (f"WHAT={shell_word(does)}", "", _ACTIONS.rstrip(), "", "start() {")
    if scenario.drain:
        # Of several nodes kubectl cordons all first, so that no pod moves to one that is next.
        yield f"  kubectl drain --ignore-daemonsets -- {' '.join(map(shell_word, names))}"
    else:
        yield f"  kubectl cordon -- {' '.join(map(shell_word, names))}"
    yield from ("}", "", "undo() {")
    freed = [name for name in names if not cluster.nodes[name].unschedulable]
    if freed:
        yield f"  kubectl uncordon -- {' '.join(map(shell_word, freed))}"
    else:
        yield "  echo 'All of these nodes were cordoned before.'"
    yield from ("}", "", _CALLED.rstrip())


def nodes(cluster: Cluster, scenario: Scenario) -> tuple[str, ...]:
    """Return the nodes that the script is about: those drained, in their order, else those that fail as a whole."""
    if scenario.drain:
        return scenario.drain
    found = (name for its in staged(cluster, scenario) if its.kind in _NODES for name in its.names)
    return tuple(dict.fromkeys(found))


def _comments(cluster: Cluster, scenario: Scenario) -> Iterator[str]:
    yield "A failure that nodefall has simulated: what is expected when stands in game-day.md."
    if scenario.drain:
        yield "The drain as it was simulated: pods with an emptyDir and pods without a controller make kubectl refuse."
    elif scenario.down:
        yield "A node that fails can't be staged by kubectl. This cordons the nodes only: it shows who may do it, and"
        yield "that nothing new is placed there. To let them fail: game-day.md, chaos-mesh.yaml, litmus.yaml."
    for its in staged(cluster, scenario):
        if its.kind not in _NODES:
            yield f"Not in this script: {its.kind} {its.said}".strip() + ". game-day.md says how to stage it."
        elif its.more:
            yield f"Not in this script: {its.more:,} more nodes."
    for name in nodes(cluster, scenario):
        if cluster.nodes[name].unschedulable:
            yield f"{name} is cordoned already, so undo leaves it so."
