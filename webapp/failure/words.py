"""The words of a Scenario: one codec for the URL, the command line and the API.

``down=node/worker-2&at=failed&via=lb&service=default/web``: see the contract in the README. Words that mean nothing
here (a page's own, such as ``port``) are left alone.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from re import ASCII, fullmatch
from typing import assert_never

from webapp.cluster.model import Cluster
from webapp.cluster.options import ClusterOptions, Edits
from webapp.cluster.order import natural
from webapp.failure.edit_words import EDIT_WORDS, check_edits, check_edits_in, decode_edits, encode_edits
from webapp.failure.kinds import FAILURE_MODES, FailureKind, TargetType, kinds_of
from webapp.failure.scenario import CRASH_MOMENTS, DRAIN_MOMENTS, Moment, Scenario, Target
from webapp.failure.word_values import ScenarioError, must_exist, number, quoted
from webapp.limits import WORDS
from webapp.manifests.manifests import Manifests

PLAIN = ClusterOptions()
PAGE = ClusterOptions(assume_pods=3)
"""What the page starts from: a Service alone is drawn with pods, so that there is something to take down."""
SCENARIO_WORDS = frozenset({"service", "down", "drain", "at", "via"})
SETTING_WORDS = frozenset(
    {"nodes", "pods", "node-names", "proxy-mode", "nodeport-addresses", "service-node-port-range", "kubernetes"}
)
"""What the manifests leave open."""
OPTION_WORDS = SETTING_WORDS | EDIT_WORDS
"""The same, and the what-ifs."""
Pairs = Sequence[tuple[str, str]]
_NAMELESS = kinds_of(TargetType.CONTROL_PLANE)


def decode(pairs: Iterable[tuple[str, str]], cluster: Cluster) -> Scenario:
    """Return the scenario that the words describe.

    Raises:
        ScenarioError: for an unknown word, a name that isn't in the cluster, ``down`` together with ``drain``, or a
            moment that doesn't belong to what is down.

    """
    words = list(pairs)
    check_edits_in(cluster, words)
    # Order and repetition say nothing of what is down together; a drain goes node by node.
    down = frozenset(_target(value, cluster) for key, value in words if key == "down")
    drain = tuple(dict.fromkeys(_drained(value, cluster) for key, value in words if key == "drain"))
    if down and drain:
        raise ScenarioError("drain", "down and drain can't be combined: a crash and a drain follow different steps.")
    last = dict(words)
    return Scenario(
        down=down,
        drain=drain,
        at=_moment(last.get("at"), down=bool(down), drain=bool(drain)),
        via=_via(last.get("via", "dns"), cluster),
        service=_service(last.get("service"), cluster),
    )


def encode(scenario: Scenario) -> list[tuple[str, str]]:
    """Return the words of a scenario in their one canonical order, defaults left out.

    >>> encode(Scenario(down=frozenset({Target(kind=FailureKind.NODE, name="worker-2")}), via="lb"))
    [('down', 'node/worker-2'), ('via', 'lb')]
    """
    words = [("service", scenario.service)] if scenario.service else []
    words += [("down", str(target)) for target in sorted(scenario.down, key=lambda t: natural(str(t)))]
    words += [("drain", f"node/{name}") for name in scenario.drain]
    if scenario.at is not _default_moment(drain=bool(scenario.drain)):
        words.append(("at", scenario.at.value))
    if scenario.via != "dns":
        words.append(("via", scenario.via))
    return words


def prune(pairs: Iterable[tuple[str, str]], cluster: Cluster) -> tuple[Scenario, tuple[str, ...]]:
    """Return the scenario of those words that fit the cluster, and the words that don't, as ``down=node/gone``."""
    kept: list[tuple[str, str]] = []
    dropped: list[str] = []
    for key, value in pairs:
        try:
            # A word may be wrong only beside another, down beside drain say, so each is tried with those before it.
            decode([*kept, (key, value)], cluster)
        except ScenarioError:
            dropped.append(f"{key}={value}")
        else:
            kept.append((key, value))
    return decode(kept, cluster), tuple(dropped)


def toggle(scenario: Scenario, target: Target) -> Scenario:
    """Return the scenario with the target down if it was up, and up if it was down, by whichever word.

    Taking something down ends a drain: the two can't be asked together. Bringing a drained node back takes it out of
    the drain.
    """
    if target.kind is FailureKind.NODE and target.name in scenario.drain:
        return with_drain(scenario, tuple(name for name in scenario.drain if name != target.name))
    # One target may be down in two ways at once; each word is toggled by itself.
    down = scenario.down ^ {target}
    at = scenario.at if scenario.at in CRASH_MOMENTS else Moment.DETECTED
    return replace(scenario, down=down, drain=() if down else scenario.drain, at=at)


def with_drain(scenario: Scenario, drain: tuple[str, ...]) -> Scenario:
    """Return the scenario with these nodes drained, in this order, and nothing else down."""
    at = scenario.at if scenario.at in DRAIN_MOMENTS and drain else _default_moment(drain=bool(drain))
    return replace(scenario, down=frozenset(), drain=drain, at=at)


def decode_options(
    pairs: Iterable[tuple[str, str]], manifests: Manifests | None = None, plain: ClusterOptions = PLAIN
) -> ClusterOptions:
    """Return the cluster options among the words: nodes, pods, node-names, proxy-mode, kubernetes ...

    And the edits: see :mod:`webapp.failure.edit_words`. With `manifests` the names in them are looked up there. What no
    word says is as in `plain`.

    Raises:
        ScenarioError: for a value that can't be, or a name that isn't there.

    """
    listed = list(pairs)
    words, options = dict(listed), replace(plain, edits=decode_edits(listed))
    if manifests is not None and options.edits != Edits():
        check_edits(options.edits, manifests)
    if (nodes := words.get("nodes")) is not None:
        options = replace(options, assume_nodes=number("nodes", nodes, 1, WORDS.assumed_nodes))
    if (pods := words.get("pods")) is not None:
        options = replace(options, assume_pods=number("pods", pods, 0, WORDS.assumed_pods))
    if names := words.get("node-names"):
        options = replace(options, node_names=tuple(dict.fromkeys(filter(None, map(str.strip, names.split(","))))))
    if (mode := words.get("proxy-mode")) is not None:
        if mode not in ("iptables", "nftables"):
            raise ScenarioError("proxy-mode", f"proxy-mode is iptables or nftables, not {quoted(mode)}.")
        options = replace(options, proxy_mode=mode)
    if addresses := words.get("nodeport-addresses"):
        options = replace(options, nodeport_addresses=_nodeport_addresses(addresses))
    if ports := words.get("service-node-port-range"):
        options = replace(options, node_port_range=_port_range(ports))
    if (version := words.get("kubernetes")) is not None:
        minor = number("kubernetes", version.removeprefix("v").removeprefix("1."), 20, 99)
        options = replace(options, minor_version=minor)
    return options


def encode_options(options: ClusterOptions, plain: ClusterOptions = PLAIN) -> list[tuple[str, str]]:
    """Return the words of cluster options, without those that are as in `plain`."""
    words = [
        ("nodes", str(options.assume_nodes), options.assume_nodes != plain.assume_nodes),
        ("pods", str(options.assume_pods), options.assume_pods != plain.assume_pods),
        ("node-names", ",".join(options.node_names), bool(options.node_names)),
        ("proxy-mode", options.proxy_mode, options.proxy_mode != plain.proxy_mode),
        ("nodeport-addresses", ",".join(options.nodeport_addresses), bool(options.nodeport_addresses)),
        ("service-node-port-range", range_word(options), options.node_port_range != plain.node_port_range),
        ("kubernetes", f"1.{options.minor_version}", options.minor_version != plain.minor_version),
    ]
    return [(key, value) for key, value, differs in words if differs] + encode_edits(options.edits)


def range_word(options: ClusterOptions) -> str:
    """Return the node port range as kube-apiserver's flag has it, ``30000-32767``."""
    return "-".join(map(str, options.node_port_range))


def prune_options(
    pairs: Iterable[tuple[str, str]], manifests: Manifests, plain: ClusterOptions = PLAIN
) -> tuple[ClusterOptions, tuple[str, ...]]:
    """Return the options without edits of what isn't there, and the words that were left out."""
    kept: list[tuple[str, str]] = []
    dropped: list[str] = []
    for key, value in pairs:
        try:
            # A patch may be of an object that one before it adds.
            decode_options([*kept, (key, value)], manifests, plain)
        except ScenarioError:
            dropped.append(f"{key}={value}")
        else:
            kept.append((key, value))
    return decode_options(kept, manifests, plain), tuple(dropped)


def _target(word: str, cluster: Cluster) -> Target:
    head, _, name = word.partition("/")
    try:
        kind = FailureKind(head)
    except ValueError:
        named = ", ".join(f"{kind}/NAME" for kind in FailureKind if kind not in _NAMELESS)
        raise ScenarioError(
            f"down={word}", f"{quoted(word)} can't go down: say {named} (a pod as NAMESPACE/NAME) or control-plane."
        ) from None
    if kind in _NAMELESS:
        return Target(kind=kind)
    must_exist(f"down={word}", kind, name, _names(kind, name, cluster))
    return Target(kind=kind, name=name)


def _names(kind: FailureKind, name: str, cluster: Cluster) -> Iterable[str]:
    match FAILURE_MODES[kind].subject:
        case TargetType.POD:
            # Some are known from an uploaded EndpointSlice only.
            known = name in cluster.pods or name in cluster.services_of
            return (name,) if known else cluster.pods.keys() | cluster.services_of.keys()
        case TargetType.NODE:
            return cluster.nodes.keys()
        case TargetType.ZONE:
            return {node.zone for node in cluster.nodes.values() if node.zone}
        case TargetType.CONTROL_PLANE:
            return ()
        case subject:
            assert_never(subject)


def _drained(word: str, cluster: Cluster) -> str:
    head, _, name = word.partition("/")
    if head != "node":
        raise ScenarioError(f"drain={word}", f"Only a node can be drained, as node/NAME, not {quoted(word)}.")
    must_exist(f"drain={word}", "node", name, cluster.nodes.keys())
    return name


def _default_moment(*, drain: bool) -> Moment:
    return Moment.DRAINED if drain else Moment.DETECTED


def _moment(word: str | None, *, down: bool, drain: bool) -> Moment:
    if not word:
        return _default_moment(drain=drain)
    try:
        moment = Moment(word)
    except ValueError:
        raise ScenarioError(f"at={word}", f"at is one of {', '.join(Moment)}, not {quoted(word)}.") from None
    if down and moment not in CRASH_MOMENTS:
        raise ScenarioError(f"at={word}", f"at={word} belongs to a drain; after a failure: {', '.join(CRASH_MOMENTS)}.")
    if drain and moment not in DRAIN_MOMENTS:
        raise ScenarioError(f"at={word}", f"at={word} belongs to a failure; in a drain: {', '.join(DRAIN_MOMENTS)}.")
    return moment


def _via(word: str, cluster: Cluster) -> str:
    if word in ("dns", "lb"):
        return word
    head, _, name = word.partition("/")
    if head != "node":
        raise ScenarioError(f"via={word}", f"via is dns, lb or node/NAME, not {quoted(word)}.")
    must_exist(f"via={word}", "node", name, cluster.nodes.keys())
    return word


def _service(word: str | None, cluster: Cluster) -> str | None:
    if not word:
        return None
    must_exist(f"service={word}", "service", word, cluster.services.keys())
    return word


def _port_range(text: str) -> tuple[int, int]:
    """Return both ends of a range as kube-apiserver reads it: ``LOW-HIGH``, ``LOW+OFFSET`` or one port.

    apimachinery pkg/util/net/port_range.go; a plus in an address arrives as a space.
    """
    # A plus sign in a query string arrives as a space.
    match = fullmatch(r"(\d{1,5})(?:([-+ ])(\d{1,5}))?", text.strip(), ASCII)
    low, sign, second = match.groups() if match else ("0", None, None)
    first = int(low)
    last = first if second is None else int(second) if sign == "-" else first + int(second)
    if not 1 <= first <= last <= 65535:
        raise ScenarioError(
            f"service-node-port-range={text}",
            f"service-node-port-range is LOW-HIGH or LOW+OFFSET within 1 to 65535, not {quoted(text)}.",
        )
    return first, last


def _nodeport_addresses(text: str) -> tuple[str, ...]:
    from ipaddress import ip_network  # noqa: PLC0415 - few ask for it

    parts = tuple(dict.fromkeys(filter(None, map(str.strip, text.split(",")))))
    for part in parts:
        if part in ("primary", "all", "localhost"):
            continue
        try:
            ip_network(part, strict=False)
        except ValueError:
            raise ScenarioError(
                f"nodeport-addresses={text}",
                f"nodeport-addresses is primary, all, localhost or CIDRs such as 192.168.0.0/16, not {quoted(part)}.",
            ) from None
    return parts
