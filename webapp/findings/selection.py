"""Rules about selectors: services that select nothing, or more than was meant."""

from collections.abc import Iterator
from itertools import chain

from webapp.cluster.endpoints import GivenEndpoints, given_endpoints
from webapp.findings.facts import Facts, Selection
from webapp.findings.finding import Hit
from webapp.findings.nearest import Near, nearest
from webapp.findings.rule import rule
from webapp.findings.usable import usable
from webapp.manifests.catalogue import UNREAD
from webapp.manifests.objects import EndpointPort
from webapp.manifests.problems import Severity

UNUSED_BUILT_IN = frozenset(
    [
        "APIService",
        "CSIDriver",
        "CertificateSigningRequest",
        "ClusterRole",
        "ClusterRoleBinding",
        "ConfigMap",
        "ControllerRevision",
        "Event",
        "FlowSchema",
        "IngressClass",
        "Lease",
        "LimitRange",
        "MutatingWebhookConfiguration",
        "PersistentVolume",
        "PersistentVolumeClaim",
        "PodSecurityPolicy",
        "PodTemplate",
        "PriorityLevelConfiguration",
        "ResourceQuota",
        "Role",
        "RoleBinding",
        "RuntimeClass",
        "Secret",
        "ServiceAccount",
        "StorageClass",
        "ValidatingAdmissionPolicy",
        "ValidatingWebhookConfiguration",
        "VolumeAttachment",
    ]
)
"""Kinds that make no pods. An object of any other kind that nodefall doesn't read may have a controller that makes pods
or labels them, and a CustomResourceDefinition tells of one."""


@rule(
    "NP201",
    Severity.ERROR,
    "Selector with a typo",
    why="Without a matching pod the service has no endpoint, and every connection is refused.",
    fix="Select the labels that the pods have. The message names the nearest pods and what differs: a spelling, a "
    "key, the namespace. It is an error only if no other service selects these pods, and if every document could "
    "be read. `--fix` fixes it.",
    source='Kubernetes, "Service": a selector applies to its own namespace',
)
def typo_in_selector(facts: Facts) -> Iterator[Hit]:
    """Yield services whose selector misses, by a typo, pods that no other service selects."""
    for selected, near in _unmatched(facts):
        if near is not None and _is_surely_meant(facts, selected, near):
            yield _missed(selected, near, sure=True)


@rule(
    "NP202",
    Severity.WARNING,
    "Selector that matches no pod",
    why="Unless the pods come from elsewhere, the service has no endpoint, and every connection is refused.",
    fix="Use the labels of the pod template as the selector, or add the missing workload. Labels that a controller "
    "sets at runtime (such as `role: primary`) aren't in manifests: then ignore it with that reason.",
    source='Kubernetes, "Labels and Selectors"',
)
def selects_nothing(facts: Facts) -> Iterator[Hit]:
    """Yield services that select none of the pods given, where all that makes pods seems to be there."""
    # Where something else may create pods, a selector without any is NP203's: a note, not a warning.
    if is_incomplete(facts):
        return
    for selected, near in _unmatched(facts):
        if near is None and not selected.assumed_pods and _has_neighbours(facts, selected):
            yield Hit(
                subject=selected.given,
                path="spec.selector",
                message=f"It selects {_pairs(selected)}, and no pod or pod template in this upload has these labels "
                "in its namespace.",
                hint="Use the labels of the pod template as its selector, or add the missing workload.",
            )
        elif near is not None and not _is_surely_meant(facts, selected, near):
            yield _missed(selected, near, sure=False)


@rule(
    "NP203",
    Severity.INFO,
    "Pods that are not in the uploaded manifests",
    why="The path to pods outside the uploaded manifests can't be checked.",
    fix="Check the workload together with its service. Also reported where an operator creates the pods, from an "
    "object that isn't one of Kubernetes' own workloads, and where pods are assumed behind the service: those "
    "have no other findings.",
    together="{count} services select pods that are not in the uploaded manifests: {names}.",
)
def selects_pods_not_uploaded(facts: Facts) -> Iterator[Hit]:
    """Yield services whose pods must come from elsewhere: no workload given, or one that another controller makes."""
    strangers = is_incomplete(facts)
    for selected, near in _unmatched(facts):
        if near is not None and _is_surely_meant(facts, selected, near):
            continue
        if strangers or selected.assumed_pods or (near is None and not _has_neighbours(facts, selected)):
            yield Hit(
                subject=selected.given,
                path="spec.selector",
                message=f"It selects {_pairs(selected)}; nothing in the uploaded manifests has these labels in "
                f"its namespace{_stand_ins(selected)}.",
                hint="Upload the workload that creates these pods together with this service.",
            )


@rule(
    "NP211",
    Severity.ERROR,
    "Entry point without selector and without endpoints",
    why="Kubernetes creates no endpoints for a service without a selector; without any, every connection is refused.",
    fix="Add a selector, or the missing EndpointSlices. Where the ports of the uploaded EndpointSlices or Endpoints "
    "have other names or protocols than the service's, the message names both. Not reported for a dump of a "
    "cluster without any such object: what is missing from an upload may be in the cluster.",
    source='Kubernetes, "Service", Services without selectors',
)
def no_selector_and_no_endpoints(facts: Facts) -> Iterator[Hit]:
    """Yield entry points of services without selector for which nobody gave endpoints."""
    found = given_endpoints(facts.manifests)
    for selected in facts.exposed:
        if selected.service.selector or selected.has_endpoints:
            continue
        given, unseen = _ports_given(found, selected), found.unseen.get(selected.service.key)
        # A dump that has no object of either kind was taken without them: the cluster may have some.
        if (
            given is None
            and not unseen
            and facts.is_dump
            and not (facts.manifests.endpoint_slices or facts.manifests.endpoints)
        ):
            continue
        # What a new selector should say is known only where there is a single workload to mean.
        choices = facts.carriers
        only = choices[0].labels if len(choices) == 1 and choices[0].namespace == selected.service.namespace else {}
        yield Hit(
            subject=selected.given,
            path="spec",
            message=f"It has no selector, and {_no_endpoints(selected, given, unseen)} connections are refused.",
            hint="Give both the same port names and protocols."
            if given
            else "Select the pods by their labels, or add your own EndpointSlices.",
            remedy={"spec": {"selector": only}} if only and given is None else None,
        )


def _no_endpoints(selected: Selection, given: tuple[EndpointPort, ...] | None, unseen: str | None) -> str:
    """Return why kube-proxy has no endpoint for it."""
    if given is not None:
        return _unlike(selected, given)
    if unseen:
        return f"{unseen}, so kube-proxy sees none of its endpoints:"
    return "no EndpointSlice or Endpoints for it is in this upload: unless the cluster has some,"


def _ports_given(found: GivenEndpoints, selected: Selection) -> tuple[EndpointPort, ...] | None:
    """Return the ports of the EndpointSlices or Endpoints that were given for a service; None if there are none."""
    slices, legacy = found.slices.get(selected.service.key, ()), found.endpoints.get(selected.service.key)
    if not slices and legacy is None:
        return None
    return tuple(
        chain(
            (p for part in slices for p in part.ports), (p for s in (legacy.subsets if legacy else ()) for p in s.ports)
        )
    )


def _unlike(selected: Selection, given: tuple[EndpointPort, ...]) -> str:
    """Return what keeps given endpoints from counting: ports of another name, or no address at all."""
    # A written endpoint counts for the service port whose name and protocol its own has (EndpointSlice API).
    asked = {(port.name, port.protocol) for _, port in selected.node_ports}
    there = {(port.name or "", port.protocol or "TCP") for port in given}
    if not there or asked & there:
        return "the EndpointSlices or Endpoints for it in this upload have no usable address:"
    return f"the EndpointSlices or Endpoints for it have {_port_names(there)}, not {_port_names(asked)}:"


def _port_names(ports: set[tuple[str, str]]) -> str:
    return ", ".join(
        f'the {protocol} port "{name}"' if name else f"a {protocol} port without a name"
        for name, protocol in sorted(ports)
    )


@rule(
    "NP212",
    Severity.ERROR,
    "No pod is ready",
    why="kube-proxy selects ready endpoints, else terminating ones that serve; without any, connections are refused.",
    fix="Reported only for running clusters, where pods have a status, and not while terminating pods still serve. "
    "`kubectl describe pod` says what they are waiting for.",
    source="KEP-1669",
)
def none_ready(facts: Facts) -> Iterator[Hit]:
    """Yield entry points whose pods are there in a running cluster, but none of them ready."""
    # Only pods with a status can be unready; those of manifests are assumed to become ready.
    for selected in facts.exposed if facts.is_live else ():
        # Where terminating pods still serve, kube-proxy sends to these (KEP-1669).
        unready = [p for _, p in selected.node_ports if p.endpoints and not usable(p.endpoints)]
        # Pods without an address are no endpoints yet, whatever state they are in.
        waiting = bool(selected.pods) and not selected.has_endpoints and not any(p.ready for p in selected.pods)
        if unready or waiting:
            found = len(unready[0].endpoints) if unready else len(selected.pods)
            what = ("endpoint" if unready else "pod") + ("" if found == 1 else "s")
            yield Hit(
                subject=selected.given,
                path="spec.selector" if selected.service.selector else "spec",
                message=f"It has {found} {what}, none ready: connections are refused.",
                hint="`kubectl describe pod` says what the pods are waiting for.",
            )


@rule(
    "NP210",
    Severity.INFO,
    "Selector that matches several workloads",
    why="A connection may go to a pod of any of them.",
    fix="Nothing to do if all of them are meant to serve it (a canary, for example). Otherwise narrow the selector.",
    together="{count} services select the pods of several workloads: {names}.",
)
def several_workloads(facts: Facts) -> Iterator[Hit]:
    """Yield entry points that share their traffic among several workloads, as canaries do on purpose."""
    for selected in facts.exposed:
        if len(selected.carriers) > 1:
            names = ", ".join(sorted(c.name for c in selected.carriers))
            yield Hit(
                subject=selected.given,
                path="spec.selector",
                message=f"It selects the pods of {len(selected.carriers)} workloads: {names}.",
                hint="Narrow the selector unless all of them are meant to serve it.",
            )


def _unmatched(facts: Facts) -> Iterator[tuple[Selection, Near | None]]:
    for selected in facts.services:
        service = selected.service
        # A dump's slices may have endpoints of pods that aren't in it: then the selector works.
        if service.selector and not selected.carriers and (selected.assumed_pods or not selected.has_endpoints):
            yield selected, nearest(service.selector, service.namespace, facts.carriers)


def _is_surely_meant(facts: Facts, selected: Selection, near: Near) -> bool:
    """Return whether the near carrier has no other service, and the difference no other explanation."""
    # Pods that another service selects may be meant for that one alone.
    if not near.is_slip or _is_broken(facts) or any(True for _ in facts.selecting(near.carrier)):
        return False
    # A namespace that isn't written is left to kubectl's --namespace, so it may well be the right one.
    written = "metadata.namespace" in selected.given.source.lines
    return not near.elsewhere or (written and near.carrier.is_written)


def _has_neighbours(facts: Facts, selected: Selection) -> bool:
    return any(carrier.namespace == selected.service.namespace for carrier in facts.carriers)


def is_incomplete(facts: Facts) -> bool:
    """Return whether pods may come from what wasn't read: broken documents, or objects that other controllers serve."""
    return _is_broken(facts) or any(kind not in UNUSED_BUILT_IN for kind in facts.manifests.not_used)


def _is_broken(facts: Facts) -> bool:
    return any(problem.id in UNREAD for problem in facts.manifests.problems)


def _missed(selected: Selection, near: Near, *, sure: bool) -> Hit:
    changes = near.changes if sure else {}
    old, new = next(iter(changes.items()), (("", ""), ("", "")))
    # `--fix` changes one line; a selector that differs in two pairs is for its author to look at.
    edited = len(changes) == 1
    return Hit(
        subject=selected.given,
        path="spec.selector",
        message=f"It selects {_pairs(selected)}, and no pod has these labels. Nearest: {near.carrier.name}, "
        f"{near.difference}.",
        hint=_hint(near),
        remedy={"spec": {"selector": _mended(near)}} if changes else None,
        old=": ".join(old) if edited else "",
        new=": ".join(new) if edited else "",
    )


def _hint(near: Near) -> str:
    if near.elsewhere:
        return f"Put both into one namespace: a Service selects pods in its own only, not in {near.carrier.namespace}."
    if near.is_slip:
        return "Select the labels that the pods have."
    return "Give the pods that label, unless something sets it at runtime."


def _mended(near: Near) -> dict[str, str | None]:
    found: dict[str, str | None] = {}
    for (key, _), (to, value) in near.changes.items():
        found |= {key: None} if key != to else {}
        found[to] = value
    return found


def _stand_ins(selected: Selection) -> str:
    count = len(selected.assumed_pods)
    return f", so {count} {'pod is' if count == 1 else 'pods are'} assumed" if count else ""


def _pairs(selected: Selection) -> str:
    return ",".join(f"{key}={value}" for key, value in selected.service.selector.items())
