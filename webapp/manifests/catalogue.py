"""Every problem that reading can find: its id, how much it matters, what it is called, and what to do about it."""

from webapp.capture import CAPTURE
from webapp.manifests.problems import Problem, Severity
from webapp.records import dataclass

# Messages quote names of the manifest, and one of those may be a megabyte long.
_LONGEST_TEXT = 300


@dataclass(frozen=True, slots=True)
class ProblemType:
    """One kind of problem."""

    severity: Severity
    title: str
    hint: str
    """What to do, unless the problem at hand knows better."""


_ERROR, _WARNING, _INFO = Severity

CATALOGUE: dict[str, ProblemType] = {
    "NP001": ProblemType(_ERROR, "Not valid YAML or JSON", "Fix this line; the other documents of the file were read."),
    "NP002": ProblemType(_ERROR, "Over a limit", "Upload less at once, or run nodefall yourself with higher limits."),
    "NP003": ProblemType(_ERROR, "Not text", "Save the manifest as UTF-8 text."),
    "NP004": ProblemType(
        _ERROR, "Archive that can't be opened", "Pack the manifests as .zip or .tar.gz, or upload the folder."
    ),
    "NP005": ProblemType(_ERROR, "Value of the wrong type", "The API server would reject the object."),
    "NP006": ProblemType(_ERROR, "Object without a name", "Give it metadata.name."),
    "NP007": ProblemType(_ERROR, "Document without apiVersion or kind", "Every Kubernetes object begins with both."),
    "NP008": ProblemType(_ERROR, "Not a Kubernetes object", "A document is a map with apiVersion, kind and metadata."),
    "NP009": ProblemType(_ERROR, "No such kind in its apiVersion", "kubectl api-resources lists the right ones."),
    "NP010": ProblemType(_WARNING, "Unknown field", "Field names are case-sensitive."),
    "NP011": ProblemType(_ERROR, "Template", "Run `helm template` on the chart and upload its output."),
    "NP012": ProblemType(
        _WARNING,
        "kustomization.yaml",
        "Run `kubectl kustomize` on its folder and upload the output: it may add to the rest.",
    ),
    "NP013": ProblemType(_ERROR, "kubeconfig: not stored", "Leave it out of the upload."),
    "NP014": ProblemType(_ERROR, "Compose file", "Convert it with `kompose convert` and upload the output."),
    "NP015": ProblemType(
        _WARNING,
        "Configuration of a kind cluster",
        f"Upload the manifests of what runs in it, or capture the cluster: `{CAPTURE}`.",
    ),
    "NP016": ProblemType(
        _WARNING, "Values of a Helm chart", "Run `helm template` on the chart with them and upload its output."
    ),
    "NP017": ProblemType(_ERROR, "Dockerfile", "Upload the Kubernetes manifests that run the image."),
    "NP018": ProblemType(_ERROR, "HTML page", "Save the raw file instead, on GitHub by its Raw button."),
    "NP019": ProblemType(_WARNING, "Helm's Chart.yaml", "Run `helm template` on the chart and upload its output."),
    "NP020": ProblemType(_WARNING, "Duplicate key", "Remove one: only the last one counts."),
    "NP021": ProblemType(_INFO, "Object defined twice", "The last one counts, as with kubectl apply."),
    "NP022": ProblemType(
        _INFO, "Files skipped", "They are not manifests, or can't be one; name a file to have it read."
    ),
    "NP023": ProblemType(_ERROR, "Nothing to show", "Upload Services and the workloads or Pods behind them."),
    "NP024": ProblemType(_INFO, "Pods from elsewhere", "Upload the workload that it refers to as well."),
    "NP025": ProblemType(_INFO, "More problems than are listed", "Fix these first."),
    "NP026": ProblemType(
        _ERROR,
        "Human-readable output of kubectl or helm",
        "Have it print objects: `kubectl get svc web -o yaml`, `helm get manifest NAME`.",
    ),
    "NP027": ProblemType(
        _ERROR, "OpenShift Template", "Run `oc process --local -o yaml -f FILE` and upload its output."
    ),
    "NP028": ProblemType(
        _ERROR, "Terraform", f"Upload what it creates: the manifests, or the cluster, captured with `{CAPTURE}`."
    ),
    "NP029": ProblemType(
        _WARNING, "Curly quotes or odd spaces", "Write straight quotes: curly ones are part of the value."
    ),
    "NP030": ProblemType(_ERROR, "Annotations too large", "The annotations of an object may take 256 KiB in total."),
    "NP031": ProblemType(_INFO, "Rendered", "Its own files were not read; --no-render reads them as they are."),
    "NP032": ProblemType(_WARNING, "Not rendered", "The files were read as they are; fix what the message names."),
    "NP033": ProblemType(_WARNING, "Several overlays of the same objects", "Give the folder of the one to read."),
    "NP034": ProblemType(_INFO, "Text around the manifests", "Take it out before you give the file to kubectl."),
    "NP035": ProblemType(
        _WARNING,
        "Kinds that could not be listed",
        "Ask for the verb list on them in all namespaces. The ClusterRole view has no nodes: without them nodefall "
        "takes those that pods name, or assumes some.",
    ),
}
"""NP1xx belong to what the API server refuses, NP2xx to findings, NP3xx to what was assumed."""

UNREAD = frozenset({"NP001", "NP002", "NP003", "NP004", "NP011"})
"""Problems after which an object of the upload, such as a workload, may be missing."""


def problem(
    id_: str,
    message: str,
    hint: str = "",
    *,
    file: str | None = None,
    line: int | None = None,
    object_: str | None = None,
    severity: Severity | None = None,
) -> Problem:
    """Return a problem of the catalogue's severity, with its hint unless another is given."""
    entry = CATALOGUE[id_]
    return Problem(
        id=id_,
        severity=severity or entry.severity,
        message=message[:_LONGEST_TEXT],
        hint=hint or entry.hint,
        file=file,
        line=line,
        object=object_,
    )
