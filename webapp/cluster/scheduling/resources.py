"""Resource requests, whether they fit on a node, and the scores that depend on them."""

from collections.abc import Mapping

from webapp.cluster.scheduling.quantity import thousandths
from webapp.manifests.objects import Container, PodSpec, Resources
from webapp.records import dataclass

CPU, MEMORY, STORAGE, PODS = "cpu", "memory", "ephemeral-storage", "pods"
# By resource name: cpu in thousandths, all else in whole units.
Amounts = Mapping[str, int]
# In thousandths: assumed for scoring where a container requests none (pkg/scheduler/util/pod_resources.go).
_USUAL = {CPU: 100, MEMORY: 200 * 1024 * 1024 * 1000}


@dataclass(frozen=True, slots=True)
class Requests:
    """What a pod asks of a node."""

    amounts: Amounts
    """Without zeros, in the order in which shortages are reported."""
    cpu: int
    memory: int
    """These two once more, zeros included."""
    scored_cpu: int
    scored_memory: int
    """The same with the usual amounts where a container requests none."""
    best_effort: bool
    """Whether it requests neither cpu nor memory."""
    pods: int = 1
    """How many it counts as towards the node's number of pods."""


def pod_requests(spec: PodSpec) -> Requests:
    """Return the pod's effective requests."""
    # PodRequests (component-helpers, resource/helpers.go): the sum over containers and sidecars, or what an init
    # container needs beside the sidecars started before it, whichever is more; pod-level requests (KEP-2837) replace
    # that sum; the overhead comes on top. A limit without a request sets the request (API server defaulting).
    real, scored = _whole(_effective(spec, {})), _whole(_effective(spec, _USUAL))
    cpu, memory = real.get(CPU, 0), real.get(MEMORY, 0)
    return Requests(
        {name: real[name] for name in sorted(real, key=_reported) if real[name] and _counted(name)},
        cpu,
        memory,
        scored.get(CPU, 0),
        scored.get(MEMORY, 0),
        not (cpu or memory),
    )


def _effective(spec: PodSpec, missing: Amounts) -> dict[str, int]:
    amounts = _containers(spec, missing)
    stated = _containers(spec, {})
    pod = spec.resources
    for name in (*pod.requests, *pod.limits):
        if name in (CPU, MEMORY) or name.startswith("hugepages-"):
            amounts[name] = _pod_level(name, pod, stated)
    return _sum(amounts, _amounts(spec.overhead))


def _pod_level(name: str, pod: Resources, stated: Amounts) -> int:
    if name in pod.requests:
        return thousandths(pod.requests[name])
    return stated.get(name) or thousandths(pod.limits[name])


def _containers(spec: PodSpec, missing: Amounts) -> dict[str, int]:
    running = _sum(*(_of_container(c, missing) for c in spec.containers))
    sidecars: dict[str, int] = {}
    starting: dict[str, int] = {}
    for container in spec.init_containers:
        own = _sum(sidecars, _of_container(container, missing))
        if container.is_sidecar:
            sidecars = own
        starting = _most(starting, own)
    return _most(_sum(running, sidecars), starting)


def _of_container(container: Container, missing: Amounts) -> dict[str, int]:
    return {**missing, **_amounts({**container.resources.limits, **container.resources.requests})}


def _amounts(quantities: Mapping[str, str]) -> dict[str, int]:
    return {name: thousandths(text) for name, text in quantities.items()}


def _whole(amounts: Amounts) -> dict[str, int]:
    """Return the amounts as the scheduler counts them; it rounds up after adding, not before."""
    return {name: amount if name == CPU else -(-amount // 1000) for name, amount in amounts.items()}


def _sum(*parts: Amounts) -> dict[str, int]:
    total: dict[str, int] = {}
    for part in parts:
        for name, amount in part.items():
            total[name] = total.get(name, 0) + amount
    return total


def _most(a: Amounts, b: Amounts) -> dict[str, int]:
    return {name: max(a.get(name, 0), b.get(name, 0)) for name in (*a, *b)}


def _counted(name: str) -> bool:
    """Return whether the scheduler knows the resource: the native three, huge pages, extended ones (with a slash)."""
    return name in (CPU, MEMORY, STORAGE) or name.startswith(("hugepages-", "attachable-volumes-")) or "/" in name


def _reported(name: str) -> tuple[int, str]:
    """Return the place of a resource in a list of shortages: the native three first, as in fitsRequest."""
    native = (CPU, MEMORY, STORAGE)
    return (native.index(name) if name in native else len(native), name)


class Capacity:
    """What a node has and what is taken of it."""

    __slots__ = (
        "_counted",
        "_cpu",
        "_evenness",
        "_filling",
        "_has",
        "_has_cpu",
        "_has_memory",
        "_memory",
        "_scored_cpu",
        "_scored_memory",
        "_size",
        "_taken",
        "pods",
        "pods_allowed",
        "unlimited",
    )

    def __init__(self, allocatable: Mapping[str, str], *, unlimited: bool, size: int = 0) -> None:
        """`size` is the same for nodes that have the same to give."""
        self._has = _whole(_amounts(allocatable))
        self._size = size
        self._has_cpu, self._has_memory = self._has.get(CPU, 0), self._has.get(MEMORY, 0)
        self.pods_allowed = 110 if unlimited else self._has.get(PODS, 0)
        self.unlimited = unlimited
        # Requested: what decides whether a pod fits.
        self._taken: dict[str, int] = {}
        self._cpu = self._memory = self._scored_cpu = self._scored_memory = self.pods = self._counted = 0
        # With nothing added; worked out when somebody asks.
        self._evenness: int | None = None
        self._filling: tuple[object, ...] | None = None

    def add(self, requests: Requests, sign: int = 1) -> None:
        """Take what a pod requests, or with -1 give it back."""
        for name, amount in requests.amounts.items():
            self._taken[name] = self._taken.get(name, 0) + sign * amount
        self._cpu += sign * requests.cpu
        self._memory += sign * requests.memory
        self._scored_cpu += sign * requests.scored_cpu
        self._scored_memory += sign * requests.scored_memory
        self.pods += sign
        self._counted += sign * requests.pods
        self._evenness = self._filling = None

    @property
    def filling(self) -> tuple[object, ...]:
        """A key that is the same for nodes which have as much and of which as much is taken."""
        if self._filling is None:
            others = tuple([item for item in self._taken.items() if item[0] not in _USUAL])
            score = self._scored_cpu, self._scored_memory
            self._filling = self._size, self.pods, self._counted, self._cpu, self._memory, *score, others
        return self._filling

    def shortages(self, requests: Requests) -> tuple[str, ...]:
        """Return why the pod does not fit, empty if it does."""
        # fitsRequest (pkg/scheduler/framework/plugins/noderesources/fit.go): requests against allocatable less what is
        # requested already; a resource that isn't requested never stands in the way, even when overcommitted.
        full = ("Too many pods",) if requests.pods and self._counted >= self.pods_allowed else ()
        if self.unlimited:
            return full
        has, taken = self._has, self._taken
        short = [n for n, amount in requests.amounts.items() if amount > has.get(n, 0) - taken.get(n, 0)]
        return (*full, *(f"Insufficient {name}" for name in short)) if short else full

    def has(self, name: str) -> int:
        """Return the node's allocatable."""
        return self.pods_allowed if name == PODS else self._has.get(name, 0)

    def used(self, name: str) -> int:
        """Return what its pods request."""
        return self._counted if name == PODS else self._taken.get(name, 0)

    def score(self, requests: Requests) -> int:
        """Return the sum of the two resource scores, 0 to 200."""
        least = self._least_allocated(requests)
        return least if requests.best_effort else least + self._balanced(requests)

    def _least_allocated(self, requests: Requests) -> int:
        """Return 0 to 100, more for an emptier node (noderesources/least_allocated.go)."""
        has_cpu, has_memory = self._has_cpu, self._has_memory
        free_cpu = has_cpu - self._scored_cpu - requests.scored_cpu
        free_memory = has_memory - self._scored_memory - requests.scored_memory
        cpu = free_cpu * 100 // has_cpu if free_cpu > 0 else 0
        memory = free_memory * 100 // has_memory if free_memory > 0 else 0
        return (cpu + memory) // ((has_cpu > 0) + (has_memory > 0) or 1)

    def _balanced(self, requests: Requests) -> int:
        """Return 50 to 100, more the more evenly the pod leaves cpu and memory used, compared with before."""
        # noderesources/balanced_allocation.go since 1.35: by how much the pod changes the evenness, in percent. Pods
        # without requests aren't scored.
        if self._evenness is None:
            self._evenness = self._evenness_with(0, 0)
        return (150 + self._evenness_with(requests.cpu, requests.memory) - self._evenness) // 2

    def _evenness_with(self, cpu: int, memory: int) -> int:
        if not self._has_cpu or not self._has_memory:
            return 100
        used_cpu, used_memory = (self._cpu + cpu) / self._has_cpu, (self._memory + memory) / self._has_memory
        deviation = abs(((used_cpu if used_cpu < 1 else 1.0) - (used_memory if used_memory < 1 else 1.0)) / 2)
        return int((1 - deviation) * 100)
