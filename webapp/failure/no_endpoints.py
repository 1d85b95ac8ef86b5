"""Why a service port has no usable endpoint at one moment: what the State adds to the cluster's own reason."""

from collections.abc import Iterator, Sequence

from webapp.cluster.model import Endpoint, NoEndpoints, Service
from webapp.failure.endpoint_slices import is_live
from webapp.failure.state import PodFate, PodState, State, with_fate


def no_endpoints(state: State, service: Service, index: int, listed: Sequence[Endpoint]) -> NoEndpoints | None:
    """Return why the port's connections find nothing; None if some endpoint of `listed` is usable.

    Usable are ready ones, else those that terminate but still serve (KEP-1669).
    """
    # kube-proxy falls back to terminating endpoints, so with them there is no reason to give.
    if any(e.ready or (e.serving and e.terminating) for e in listed):
        return None
    if listed:
        return _none_usable(state, listed)
    port = service.ports[index]
    return _all_gone(state, port.endpoints) if port.endpoints else port.no_endpoints


def _none_usable(state: State, listed: Sequence[Endpoint]) -> NoEndpoints:
    count = len(listed)
    short = "its only endpoint isn't ready" if count == 1 else f"none of its {count:,} endpoints is ready"
    return NoEndpoints(short, "; ".join(_parts(state, listed)))


def _parts(state: State, listed: Sequence[Endpoint]) -> Iterator[str]:
    """Yield what is known of endpoints that aren't ready: their nodes, their ends, what should replace them."""
    lost = [e for e in listed if not is_live(state, e)]
    down = [e.home for e in lost if e.home in state.down_nodes]
    if down:
        yield f"{len(down):,} on {f'{down[0]}, which is' if len(set(down)) == 1 else 'nodes that are'} down"
    if len(lost) > len(down):
        yield f"{len(lost) - len(down):,} no longer answering"
    if leaving := [e for e in listed if e.terminating and is_live(state, e)]:
        yield f"{len(leaving):,} terminating"
    # What keeps the replacement from starting is what a reader can do something about.
    if waiting := _pending(state, listed):
        yield f"{_replacements(len(waiting))} Pending: {_verdict(waiting[0])}"


def _all_gone(state: State, before: Sequence[Endpoint]) -> NoEndpoints:
    """Return what has become of the endpoints that there were."""
    if waiting := _pending(state, before):
        return NoEndpoints(f"{_replacements(len(waiting))} Pending", _verdict(waiting[0]))
    gone = "its pod is" if len({endpoint.pod for endpoint in before}) == 1 else "its pods are"
    return NoEndpoints(f"{gone} deleted", "no replacement is running")


def _pending(state: State, replaced: Sequence[Endpoint]) -> list[PodState]:
    keys = {endpoint.pod for endpoint in replaced}
    return [its for its in with_fate(state.pods, {PodFate.PENDING}) if its.replaces in keys]


def _replacements(count: int) -> str:
    return "its replacement pod is" if count == 1 else f"its {count:,} replacement pods are"


def _verdict(waiting: PodState) -> str:
    return (waiting.reason or waiting.pod.pending).removesuffix(".")
