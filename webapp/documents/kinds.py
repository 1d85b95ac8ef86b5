"""The documents by the names of their files, and what each is made from."""

import json
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from webapp.cluster.edits import edited
from webapp.cluster.model import Cluster
from webapp.documents.chaos_mesh import chaos_mesh_yaml
from webapp.documents.drain_script import drain_script
from webapp.documents.game_day_markdown import game_day_markdown
from webapp.documents.litmus import litmus_yaml
from webapp.documents.markdown import findings_markdown, report_markdown
from webapp.documents.records import EntryRecord
from webapp.documents.resilience import findings_csv, matrix_csv
from webapp.documents.services import entry_records, service_records, services_csv
from webapp.documents.tables import csv_text, plain
from webapp.failure import Scenario
from webapp.findings import RULES, Facts, Finding
from webapp.findings.apply import by_rules
from webapp.findings.folding import folded
from webapp.findings.ignoring import Ignore, Sifted, sift
from webapp.manifests import Manifests
from webapp.records import dataclass
from webapp.resilience import Matrix, matrix
from webapp.simulation.document import check_entries, simulation_document


class DocumentError(Exception):
    """The document can't be made; the message says what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a document is about."""

    cluster: Cluster
    scenario: Scenario
    findings: Callable[[], Sequence[Finding]]
    """Works out the findings that are open, the worst first: for those documents that have them."""
    matrix: Callable[[], Matrix]
    """Works out the matrix of resilience."""
    name: str = ""
    """What the Scenario is called."""


def asked(manifests: Manifests, cluster: Cluster, scenario: Scenario) -> Asked:
    """Return what a document is about, with all that it needs still to be worked out."""
    return Asked(
        cluster=cluster,
        scenario=scenario,
        findings=lambda: sifted(manifests, cluster).kept,
        # It weighs one failure at a time, whatever the Scenario says.
        matrix=lambda: matrix(cluster),
    )


def sifted(manifests: Manifests, cluster: Cluster, ignores: Sequence[Ignore] = ()) -> Sifted:
    """Return the findings of what the options make of the manifests, the worst first, apart from what is ignored."""
    facts = Facts(edited(manifests, cluster.options.edits), cluster)
    found = sift(by_rules(facts, RULES), facts.manifests, ignores)
    return Sifted(folded(found.kept), found.ignored)


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentFormat:
    """One kind of document: how it is made, and what others call it."""

    render: Callable[[Asked], str]
    mimetype: str
    label: str
    schema: str = ""
    """The name of its JSON Schema; empty for prose."""


def _services(its: Asked) -> str:
    return services_csv(service_records(its.cluster, its.scenario))


def _entries(its: Asked) -> str:
    check_entries(its.cluster, its.scenario.service)
    return csv_text(EntryRecord, plain(entry_records(its.cluster, its.scenario)))


def _simulation(its: Asked) -> str:
    return json.dumps(simulation_document(its.cluster, its.scenario), ensure_ascii=False, indent=1) + "\n"


DOCUMENTS: Mapping[str, DocumentFormat] = MappingProxyType(
    {
        "services.csv": DocumentFormat(
            render=_services, mimetype="text/csv", label="services, what their clients get", schema="services"
        ),
        "entries.csv": DocumentFormat(
            render=_entries, mimetype="text/csv", label="entry points, node by node", schema="entries"
        ),
        "matrix.csv": DocumentFormat(
            render=lambda its: matrix_csv(its.matrix()),
            mimetype="text/csv",
            label="what each service answers without each node and zone",
            schema="matrix",
        ),
        "findings.csv": DocumentFormat(
            render=lambda its: findings_csv(its.findings()), mimetype="text/csv", label="findings", schema="findings"
        ),
        "findings.md": DocumentFormat(
            render=lambda its: findings_markdown(its.findings()), mimetype="text/markdown", label="findings, with fixes"
        ),
        "report.md": DocumentFormat(
            render=lambda its: report_markdown(its.cluster, its.scenario, its.findings(), its.matrix(), its.name),
            mimetype="text/markdown",
            label="a report of this state",
        ),
        "game-day.md": DocumentFormat(
            render=lambda its: game_day_markdown(its.cluster, its.scenario),
            mimetype="text/markdown",
            label="a plan to rehearse this failure",
        ),
        "drain.sh": DocumentFormat(
            render=lambda its: drain_script(its.cluster, its.scenario),
            mimetype="application/x-sh",
            label="the drain as a script, with its undo",
        ),
        "chaos-mesh.yaml": DocumentFormat(
            render=lambda its: chaos_mesh_yaml(its.cluster, its.scenario),
            mimetype="application/yaml",
            label="this failure, for Chaos Mesh",
        ),
        "litmus.yaml": DocumentFormat(
            render=lambda its: litmus_yaml(its.cluster, its.scenario),
            mimetype="application/yaml",
            label="this failure, for LitmusChaos",
        ),
        "simulation.json": DocumentFormat(
            render=_simulation, mimetype="application/json", label="the numbers of the simulation", schema="simulation"
        ),
    }
)
"""By the name of the file."""
