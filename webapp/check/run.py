"""The check itself: rules, annotations, baseline and survival, put together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from webapp.check.baseline import Baseline
from webapp.check.report import Report, Threshold
from webapp.findings import findings, problem_findings
from webapp.findings.apply import in_order
from webapp.findings.folding import folded
from webapp.findings.ignoring import sift

if TYPE_CHECKING:
    from collections.abc import Sequence

    from webapp.cluster.model import Cluster
    from webapp.findings.ignoring import Ignore
    from webapp.manifests.manifests import Manifests
    from webapp.resilience import Survival

# A set without Services is nothing to draw, but nothing to complain of in a check.
_NO_SERVICES = "NP023"


class ThresholdError(ValueError):
    """The threshold can't be held against these manifests."""


def check(
    manifests: Manifests,
    cluster: Cluster,
    threshold: Threshold,
    baseline: Baseline | None = None,
    ignores: Sequence[Ignore] = (),
) -> Report:
    """Return what the rules, the reader and the API server have to say, and which service ports survive.

    A service port survives a failure when the share answered by the way given is 1 once the failure is detected.

    Raises:
        ThresholdError: survival of a zone is asked for, but no node has a zone.

    """
    found = (*problem_findings(cluster), *findings(manifests, cluster))
    # Annotations and baselines name single findings, so both come before what is folded.
    sifted = sift((f for f in found if f.id != _NO_SERVICES), manifests, ignores)
    ordered = in_order(iter(sifted.kept))
    known = baseline or Baseline()
    return Report(
        threshold=threshold,
        findings=folded(f for f in ordered if f not in known),
        ignored=sifted.ignored,
        accepted=tuple(f for f in ordered if f in known),
        stale=known.stale(ordered),
        survivals=_survivals(cluster, threshold),
        services=len(cluster.services),
        nodes=len(cluster.nodes),
        places={
            f"{s.metadata.namespace}/{s.metadata.name}": (s.source.file, s.source.line) for s in manifests.services
        },
        first_file=next((file.name for file in manifests.files), ""),
        rendered={file.name: file.rendered for file in manifests.files if file.rendered},
    )


def _survivals(cluster: Cluster, threshold: Threshold) -> tuple[Survival, ...]:
    if threshold.survive is None:
        return ()
    # Without zones every service would survive the loss of "any one zone", which reads like a guarantee.
    if threshold.survive == "zone" and not any(node.zone for node in cluster.nodes.values()):
        raise ThresholdError("No node has the label topology.kubernetes.io/zone: add the Nodes to check zones.")
    from webapp.resilience import survival  # noqa: PLC0415 - a check without --survive starts faster

    return survival(cluster, threshold.survive, threshold.via, guaranteed=threshold.guaranteed)
