"""What curl prints of an address: refused, timed out, or the name of a pod that answers."""

from webapp.cluster.address import Address, parse_address
from webapp.exercises.state import ExerciseState
from webapp.findings.elsewhere import is_own_machine
from webapp.findings.explanation import Explanation
from webapp.numbers import counted, everything, percent
from webapp.records import dataclass
from webapp.routing import Result, outcome

_SECONDS = 5
_HTTP = 80
"""The port that curl takes where none is said."""
_NAMED = 3
"""Pods that are named in the note; more are counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Curl:
    """One command, what it prints, and what one call can't show."""

    command: str
    line: str
    result: Result | None = None
    """None for what leads nowhere: a host that nobody knows, or no address."""
    note: str = ""
    """Which pods answer, each with its share; empty where none does."""

    @property
    def answers(self) -> bool:
        """At least some connections are answered."""
        return self.result is Result.ANSWERED


def curl(its: ExerciseState, typed: str, call: int = 0) -> Curl:
    """Return what a client outside of the cluster sees who calls ``node-1:30080``.

    The words are curl's; a pod answers with its name, as the echo servers of tutorials do. That a node is gone looks
    like a dropped packet: whether its router says "no route to host" first no manifest tells.
    """
    address = parse_address(typed)
    command = f"curl -m {_SECONDS} http://{typed.strip().removeprefix('http://')}"
    if address is None:
        return Curl(command=command, line="curl: (3) URL using bad/illegal format or missing URL")
    address = Address(address.host, address.port or _HTTP)
    told = its.why(address)
    result = _result(told, address)
    if result is None:
        return Curl(command=command, line=f"curl: (6) Could not resolve host: {address.host}")
    if result is Result.TIMEOUT:
        line = f"curl: (28) Connection timed out after {_SECONDS}001 milliseconds"
        return Curl(command=command, line=line, result=result)
    if result is Result.REFUSED:
        line = f"curl: (7) Failed to connect to {address.host} port {address.port}: Connection refused"
        return Curl(command=command, line=line, result=result)
    pods = _answering(its, told)
    line = f"Hello from {list(pods)[call % len(pods)]}" if pods else "Hello"
    return Curl(command=command, line=line, result=result, note=_note(pods, told))


def _result(told: Explanation, address: Address) -> Result | None:
    """Return what a client sees; None for a name that leads nowhere."""
    if told.broken is None and told.unknown is None:
        return Result.ANSWERED
    if told.node is None:
        if is_own_machine(address):
            return Result.REFUSED
        return Result.TIMEOUT if address.ip is not None else None
    # Neither a NetworkPolicy nor a node that is away says that it drops a packet.
    away = told.broken is not None and told.broken.name == "node"
    return Result.TIMEOUT if told.unknown or away or told.outcome is Result.TIMEOUT else Result.REFUSED


def _answering(its: ExerciseState, told: Explanation) -> dict[str, float]:
    """Return the names of the pods that answer a node's port, each with its share of new connections."""
    service, node = its.cluster.services.get(told.service or ""), its.cluster.nodes.get(told.node or "")
    ports = service.ports if service else ()
    index = next((at for at, p in enumerate(ports) if (p.node_port, p.protocol) == (told.port, "TCP")), None)
    if service is None or node is None or index is None:
        return {}
    port = outcome(its.state, service.key, index)
    shares = port.entries.at(node.name).shares
    return {key.rpartition("/")[2]: share for key, share in shares.items() if share and key in port.live}


def _note(pods: dict[str, float], told: Explanation) -> str:
    named = ", ".join(f"{name} {percent(share)}" for name, share in list(pods.items())[:_NAMED])
    more = f" and {counted(len(pods) - _NAMED, 'more pod')}" if len(pods) > _NAMED else ""
    lost = "" if told.answered is None or everything(told.answered) else f"; {percent(1 - told.answered)} get no answer"
    return f"Answers: {named}{more}{lost}." if named else ""
