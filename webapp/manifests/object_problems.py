"""What is said of one decoded object: its problems, and the words with which the API server would refuse it."""

import re
from collections.abc import Iterator
from typing import Any

from webapp.manifests.candidate_files import shown
from webapp.manifests.catalogue import problem
from webapp.manifests.faults import Fault
from webapp.manifests.file_result import label
from webapp.manifests.kinds import KindMatch
from webapp.manifests.object_decoder import Decoded
from webapp.manifests.problems import Problem


def refusal(found: KindMatch, decoded: Decoded) -> str:
    """Return what the API server says of an object that it can't decode, empty if it can.

    kubectl looks for the kind first. Of several wrong types the decoder names the first that it meets: kubectl sends
    maps sorted by their keys.
    """
    if not found.served:
        kind, api_version = found.label or decoded.record.kind, decoded.record.api_version
        return f'no matches for kind "{kind}" in version "{api_version}"' if api_version else _UNSET
    refused = [fault for fault in decoded.faults if fault.refusal]
    # One is enough: the decoder stops at the first.
    return min(refused, key=_decoding_order).refusal if refused else ""


_UNSET = "apiVersion or kind not set"


def _decoding_order(fault: Fault) -> list[str]:
    # So that ports[10] comes after ports[2], as the decoder meets them.
    return [part.zfill(9) if part.isdecimal() else part for part in re.split(r"[.\[\]]+", fault.path)]


def is_faultless(found: KindMatch, decoded: Decoded) -> bool:
    """Return whether there is nothing to say of an object: of nearly all of them."""
    return bool(
        found.served and decoded.record.metadata.name and not decoded.faults and decoded.record.kind != "Rollout"
    )


def object_problems(found: KindMatch, decoded: Decoded) -> Iterator[Problem]:
    """Yield what is wrong with an object, or worth knowing."""
    metadata, source = decoded.record.metadata, decoded.record.source
    about = label(decoded.record.kind, metadata.namespace, metadata.name or metadata.generate_name or "")
    at: dict[str, Any] = {"file": source.file, "object_": about}
    yield from _identity_problems(found, decoded.record, {**at, "line": source.line})
    for fault in decoded.faults:
        id_ = fault.id or ("NP005" if fault.refusal else "NP010")
        yield problem(id_, fault.message, fault.hint, line=source.line_of(fault.path), **at)


def misspelled(found: KindMatch, api_version: str, **at: Any) -> Problem:
    """Return the problem that says how a kind is spelled."""
    where = f" in {shown(api_version, 60)}" if api_version else ""
    present = f" of {found.kind.api_version}" if found.kind else ""
    return problem("NP009", f"There is no {found.label}{where}.", f"It is {found.intended}{present}.", **at)


def _identity_problems(found: KindMatch, object_: Any, at: dict[str, Any]) -> Iterator[Problem]:
    present = found.kind.api_version if found.kind else ""
    if found.intended:
        yield misspelled(found, object_.api_version, **at)
    elif not object_.api_version:
        yield problem("NP007", "The object has no apiVersion.", f"It is {present} for a {object_.kind}.", **at)
    elif not found.served:
        where = shown(object_.api_version, 60)
        yield problem("NP009", f"There is no {object_.kind} in {where}.", f"It is {present}.", **at)
    if not object_.metadata.name and not object_.metadata.generate_name:
        yield problem("NP006", f"The {object_.kind} has no name.", **at)
    if object_.kind == "Rollout" and object_.spec.template is None:
        yield problem("NP024", _FROM_ELSEWHERE, **at)


_FROM_ELSEWHERE = "The Rollout has no pod template; its pods come from the workload that it refers to."
