"""Why a service port has no usable endpoint at one moment: what the State adds to the cluster's own reason."""

from collections.abc import Iterator, Sequence

from webapp.cluster.model import Endpoint, NoEndpoints, Service
from webapp.failure.belief import is_live
from webapp.failure.state import PodFate, State


def no_endpoints(state: State, service: Service, index: int, listed: Sequence[Endpoint]) -> NoEndpoints | None:
    """Return why the port's connections find nothing; None if some endpoint of `listed` is usable.

    Usable are ready ones, else those that terminate but still serve (KEP-1669).
    """
    if any(e.ready or (e.serving and e.terminating) for e in listed):
        return None
    if listed:
        return _none_usable(state, listed)
    port = service.ports[index]
    return _all_gone(state, port.endpoints) if port.endpoints else port.no_endpoints


def _none_usable(state: State, listed: Sequence[Endpoint]) -> NoEndpoints:
    count = len(listed)
    short = "its only endpoint isn't ready" if count == 1 else f"none of its {count:,} endpoints is ready"
    lost = [e for e in listed if not is_live(state, e)]
    leaving = [e for e in listed if e.terminating and is_live(state, e)]
    return NoEndpoints(short, ", ".join(_parts(state, lost, leaving)))


def _parts(state: State, lost: Sequence[Endpoint], leaving: Sequence[Endpoint]) -> Iterator[str]:
    nodes = dict.fromkeys(e.node for e in lost if e.node in state.down_nodes)
    if len(nodes) == 1:
        yield (
            f"{len(lost):,} on {next(iter(nodes))}, which is down" if len(lost) > 1 else f"{next(iter(nodes))} is down"
        )
    elif lost:
        yield f"{len(lost):,} on nodes that are down" if nodes else f"{len(lost):,} no longer answer"
    if leaving:
        yield f"{len(leaving):,} terminating"


def _all_gone(state: State, before: Sequence[Endpoint]) -> NoEndpoints:
    """Return what has become of the endpoints that there were."""
    keys = {endpoint.pod for endpoint in before}
    changed = [its for its in state.pods.values() if its.replaces in keys or its.pod.key in keys]
    waiting = [its for its in changed if its.fate is PodFate.PENDING]
    if waiting:
        verdict = (waiting[0].reason or waiting[0].pod.pending).removesuffix(".")
        several = f"its {len(waiting):,} replacement pods are Pending"
        return NoEndpoints("its replacement pod is Pending" if len(waiting) == 1 else several, verdict)
    gone = "its pod is" if len(keys) == 1 else f"its {len(keys):,} pods are"
    return NoEndpoints(f"{gone} deleted", "no replacement is running")
