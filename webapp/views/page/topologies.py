"""Topologies by id: stored ones and samples, opened once and kept for the next click.

The cache only saves work. Whether a topology exists is asked of the database each time, so that every process gives
the same answer once one was deleted.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from weakref import WeakValueDictionary

from flask import abort, current_app

from webapp.cluster.build import build
from webapp.cluster.model import Cluster
from webapp.cluster.options import ClusterOptions, Edits
from webapp.garbage import collection_paused, set_aside
from webapp.jobs import counted_stage, stage
from webapp.manifests import Upload, read
from webapp.manifests.manifests import Manifests
from webapp.samples import Sample
from webapp.storage import Store, Stored
from webapp.views.page.cache import keep_latest
from webapp.views.page.sketch import sketch_of_cluster, sketch_of_manifests
from webapp.views.page.stages import OPENING, PLACING, WORKING

KEPT_MANIFESTS = 16
# A cluster of 150,000 pods takes about a hundred megabytes, so four of them are kept, and of ordinary ones sixteen.
KEPT_CLUSTERS = 16
_HEAVY = 50_000
"""Pods that weigh as much as an ordinary cluster."""
GONE = "There is no such topology. A shared one is gone once it has expired or was deleted."
SAMPLE_PREFIX = "sample-"


@dataclass(frozen=True, slots=True)
class Topology:
    """An opened topology."""

    id: str
    name: str
    manifests: Manifests
    stored: Stored | None = None
    """None for a sample."""
    sample: Sample | None = None


class Topologies:
    """Everything that can be opened: the samples, and what the store holds."""

    def __init__(self, store: Store, samples: Iterable[Sample], others: Iterable[Sample] = ()) -> None:
        self.store = store
        self.samples: Mapping[str, Sample] = {sample.slug: sample for sample in samples}
        """Those of the gallery."""
        self._files = {**{sample.slug: sample for sample in others}, **self.samples}
        self._load = keep_latest(KEPT_MANIFESTS, key=lambda topology_id, *_: topology_id)(self._loaded)
        self._build = keep_latest(
            KEPT_CLUSTERS,
            key=lambda topology, options, before: (topology.id, options),  # noqa: ARG005 (another way to the same)
            weight=lambda cluster: min(1 + len(cluster.pods) // _HEAVY, KEPT_CLUSTERS),
        )(_built)
        # By topology, the cluster that was asked for last and the one without edits: most of the next one is the same.
        self._last: WeakValueDictionary[str, Cluster] = WeakValueDictionary()
        self._unedited: WeakValueDictionary[tuple[str, ClusterOptions], Cluster] = WeakValueDictionary()

    def open(self, topology_id: str) -> Topology | None:
        """Return the topology; None if there is none, or no longer."""
        sample = self._files.get(topology_id.removeprefix(SAMPLE_PREFIX))
        if sample is not None and topology_id.startswith(SAMPLE_PREFIX):
            manifests = _read(sample)
            return Topology(topology_id, sample.title, manifests, sample=sample)
        stored = self.describe(topology_id)
        if stored is None:
            return None
        try:
            manifests = self._load(topology_id)
        except KeyError:  # deleted in between, perhaps by another process
            return None
        return Topology(topology_id, stored.name, manifests, stored)

    def _loaded(self, topology_id: str, stored: Manifests | None = None) -> Manifests:
        if stored is not None:
            return stored
        stage(OPENING)
        if (found := self.store.load(topology_id, datetime.now(UTC))) is None:
            raise KeyError(topology_id)  # so that nothing is kept of it
        return found

    def remember(self, topology_id: str, manifests: Manifests) -> None:
        """Keep what was just stored: reading it back takes a tenth of the time of reading the upload."""
        self._load(topology_id, manifests)

    def describe(self, topology_id: str) -> Stored | None:
        """Return what is known of a stored topology without reading it; None for a sample, and where there is none."""
        if topology_id.removeprefix(SAMPLE_PREFIX) in self._files:
            return None
        return self.store.describe(topology_id, datetime.now(UTC))

    def cluster(self, topology: Topology, options: ClusterOptions) -> Cluster:
        """Return the cluster that a topology describes under `options`."""
        plain = replace(options, edits=Edits())
        unedited = self._unedited.get((topology.id, plain))
        if unedited is not None and plain != options:
            # Asked for again, it stays among the latest as long as its edits are looked at.
            self._build(topology, plain, ())
        before = [cluster for cluster in (unedited, self._last.get(topology.id)) if cluster is not None]
        cluster = self._last[topology.id] = self._build(topology, options, before)
        if plain == options:
            self._unedited[topology.id, plain] = cluster
        return cluster


def _built(topology: Topology, options: ClusterOptions, before: Sequence[Cluster]) -> Cluster:
    with (
        counted_stage(PLACING, sketch=lambda: sketch_of_manifests(topology.manifests, topology.name)),
        collection_paused(),
    ):
        cluster = build(topology.manifests, options, before)
        # Before the collector is back, which would look at all of it first.
        set_large_aside(len(cluster.pods))
    stage(WORKING, sketch=lambda: sketch_of_cluster(cluster, topology.name))
    return cluster


@keep_latest(KEPT_MANIFESTS, key=lambda sample: sample.path)
def _read(sample: Sample) -> Manifests:
    return read([Upload(name=sample.file, data=sample.path.read_bytes())])


# Manifests and clusters are trees of records without cycles: going through millions of them finds nothing, and stops
# single clicks for half a second.
_LARGE = 10_000
"""Pods from which on a cluster is worth setting aside."""


def set_large_aside(pods: int) -> None:
    """Have the collector look no more at what there is, if it is much; counting references still frees it."""
    if pods > _LARGE:
        set_aside()


def topologies() -> Topologies:
    """Return the app's library."""
    return current_app.extensions["nodefall"]  # type: ignore[no-any-return]


def open_or_404(topology_id: str) -> Topology:
    """Return the topology, or answer that it is not here, or no longer."""
    topology = topologies().open(topology_id)
    if topology is None:
        abort(404, GONE)
    return topology
