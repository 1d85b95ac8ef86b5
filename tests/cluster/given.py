"""Objects for the tests of what the API server does, made from plain data as a manifest has it."""

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from webapp.cluster.admission import AdmittedServices, admit_services
from webapp.cluster.model import Refusal, Service
from webapp.cluster.options import ClusterOptions
from webapp.manifests.field_decoder import DecodeContext, read_record
from webapp.manifests.manifests import Manifests
from webapp.manifests.objects import (
    ObjectMeta,
    PodObject,
    PodSpec,
    ServiceObject,
    ServiceSpec,
    ServiceStatus,
    Source,
    WorkloadObject,
    WorkloadSpec,
)
from webapp.manifests.tree import Document
from webapp.manifests.upload import Upload, read

DATA = Path(__file__).parents[1] / "data" / "kubernetes"
SOURCE = Source(file="web.yaml", line=1)


def load(name: str) -> Any:
    """Return a file of cases."""
    return json.loads((DATA / name).read_text("utf-8"))


def record(cls: type, data: Mapping[str, Any] | None, kind: str = "") -> Any:
    """Return a record of plain data whose types are right."""
    context = DecodeContext(Document(data=data, line=1), kind, checked=False)
    made = read_record(cls, data or {}, "", context, cls.__name__)
    assert not context.faults
    return made


def metadata(data: Mapping[str, Any] | None = None, **given: Any) -> ObjectMeta:
    """Return metadata that keeps all annotations, unlike context."""
    merged = {"name": "web", "namespace": "default", **(data or {}), **given}
    return replace(record(ObjectMeta, merged), annotations=dict(merged.get("annotations") or {}))


def service(spec: Mapping[str, Any], status: Mapping[str, Any] | None = None, **meta: Any) -> ServiceObject:
    """Return a Service; `meta` goes into its metadata."""
    return ServiceObject(
        metadata=metadata(meta),
        spec=record(ServiceSpec, spec),
        status=record(ServiceStatus, status),
        source=meta.pop("source", SOURCE),
    )


def node_port(number: int | None = None, **meta: Any) -> ServiceObject:
    """Return a NodePort Service with one port, 80."""
    return service({"type": "NodePort", "ports": [{"port": 80, "nodePort": number}]}, **meta)


def pod(spec: Mapping[str, Any], **meta: Any) -> PodObject:
    """Return a Pod with a container, unless the spec has its own; containers have an image unless they say none."""
    filled = {"containers": [{"name": "web"}], **spec}
    for kind in filled.keys() & {"containers", "initContainers"}:
        filled[kind] = [{"image": "nginx", **container} for container in filled[kind]]
    return PodObject(metadata=metadata(meta), spec=record(PodSpec, filled), source=SOURCE)


def workload(kind: str, spec: Mapping[str, Any], **meta: Any) -> WorkloadObject:
    """Return a workload of the kind."""
    version = {"ReplicationController": "v1", "Job": "batch/v1", "CronJob": "batch/v1"}.get(kind, "apps/v1")
    read = record(WorkloadSpec, spec, kind)
    return WorkloadObject(kind=kind, api_version=version, metadata=metadata(meta), spec=read, source=SOURCE)


def admitted(*services: ServiceObject, **options: Any) -> AdmittedServices:
    """Return what becomes of the Services in an empty cluster."""
    return admit_services(services, {}, ClusterOptions(**options))


def admitted_one(given: ServiceObject, **options: Any) -> Service:
    """Return what becomes of the only Service."""
    return admitted(given, **options).services[0]


def fields(refusals: Any) -> list[tuple[str, str]]:
    """Return type and field of each error, without ``FieldValue``."""
    found: list[Refusal] = list(refusals)
    return [(refusal.type.removeprefix("FieldValue"), refusal.path) for refusal in found]


def read_files(*paths: Path) -> Manifests:
    """Return what reading makes of the files, as one upload."""
    return read([Upload(str(path), path.read_bytes(), picked=True) for path in paths])
