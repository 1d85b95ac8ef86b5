"""Files that people upload by mistake, recognised by what they are: each has an answer.

What isn't recognised here is simply a document without apiVersion and kind.
"""

import re
from typing import Any

from webapp.manifests.catalogue import problem
from webapp.manifests.characters import has_twice
from webapp.manifests.kustomize import is_kustomization_document
from webapp.manifests.problems import Problem

_HTML = re.compile(r"\s*(<!--.*?-->\s*)?<(!doctype\s+html|html|head|body)\b", re.IGNORECASE | re.DOTALL)
_DOCKERFILE = re.compile(
    r"\s*FROM[ \t]+(--platform=\S+[ \t]+)?[\w.${}:/@-]+([ \t]+AS[ \t]+[\w.-]+)?[ \t]*$", re.IGNORECASE
)
_WRITTEN = re.compile(r"""^[ \t{-]*+["']?apiVersion["']?[ \t]*:""", re.MULTILINE)

# Texts of patterns: most uploads need none of them, and a short command has other things to do than to compile them.
_INSTRUCTION = r"(?m)^(RUN|COPY|ADD|CMD|ENTRYPOINT|WORKDIR|ENV|EXPOSE|USER|LABEL)[ \t]+\S"
_DOCKERFILE_NAME = r"(?i)(^|[/.])(docker|container)file(\.\w+)?$"
_TEMPLATE = r"\{\{-?\s*(/\*|[.$(\"]|\w+[\s.}])"
_OPENSHIFT = r"""(?m)^["']?kind["']?\s*:\s*["']?Template\b"""
# Go has no variables without a sign before them: only functions and keywords, which mostly take arguments.
_GO = r"\{\{-?\s*(/\*|[.$(\"`]|(end|else|break|continue|now)\b|\w+\s+[\w.$(\"`])"
_JINJA = r"\{%-?\s*\w+"
_ERB = r"<%[=-]?\s"
_PROMPT = r"\A\s*+(?:(?=.*\bkubectl ).*+\n++)?"
_OUTPUTS = (
    ("NP026", r"(?m)" + _PROMPT + r"(NAMESPACE[ \t]+)?NAME(?: {2,}|\t)[A-Z][A-Z() \t-]+$"),
    ("NP026", _PROMPT + r"Name: {2,}\S+ *\n(Namespace|Labels|Roles|Priority|CreationTimestamp): "),
    ("NP026", _PROMPT + r"[a-z.]+/\S+ (created|configured|unchanged|serverside-applied)\b"),
    ("NP026", _PROMPT + r"(No resources found|Error from server|error: |(Unable to|The) connect)"),
    ("NP026", r"\A\s*NAME: \S+\nLAST DEPLOYED: "),
    ("NP028", r"(?m)^(resource|data|provider|module|variable|output)[ \t]+\"[\w-]+\"[^:\n]*\{"),
    ("NP028", r"(?m)^(terraform|locals)[ \t]*\{[ \t]*$"),
)
"""What other programs print or read, by how it looks; only of texts without an apiVersion."""
# Only at the top: a ConfigMap of a cluster may well hold the text of a kubeconfig.
_KUBECONFIG_KIND = r"""(?m)^(kind\s*:\s*["']?Config["']?|\{?\s{0,4}"kind"\s*:\s*"Config"[ \t]*+,?)[ \t]*+$"""
_KUBECONFIG_KEY = r"""["']?\b(current-context|client-key-data|client-certificate-data|contexts)["']?\s*:"""

_TITLES = {
    "NP013": "This is a kubeconfig: it holds credentials. It was not read further and is not stored.",
    "NP014": "This is a Compose file of Docker, not a Kubernetes manifest.",
    "NP015": "This configures a kind cluster: it creates Nodes, but is not a manifest.",
    "NP016": "These are the values of a Helm chart, not its manifests.",
    "NP017": "This is a Dockerfile, not a Kubernetes manifest.",
    "NP018": "This is an HTML page, not a manifest.",
    "NP019": "This is the Chart.yaml of a Helm chart, not its manifests.",
    "NP026": "This is human-readable output of kubectl or helm, not a manifest.",
    "NP027": "This is a Template of OpenShift: its objects have parameters that are still to be filled in.",
    "NP028": "This is Terraform (HCL), not a Kubernetes manifest.",
}


def mistake(id_: str, file: str, line: int | None = 1) -> Problem:
    """Return the problem that says what the file is."""
    return problem(id_, _TITLES[id_], file=file, line=line)


def template_mistake(language: str, file: str, line: int) -> Problem:
    """Return the problem that says which sort of template the file is."""
    if language == _OPENSHIFT_TEMPLATE:
        return mistake("NP027", file, line)
    hint = "" if language == "Helm or Go" else "Render it with its variables first, and use the result."
    return problem("NP011", f"This is a {language} template, not a manifest.", hint, file=file, line=line)


def is_kubeconfig_text(text: str) -> bool:
    """Return whether the text is a kubeconfig, readable or not."""
    # Fixed characters are found at once; patterns take longer than reading such a text.
    if not any(word in text for word in ("context", "client-")):
        return False
    return bool(re.search(_KUBECONFIG_KIND, text) and re.search(_KUBECONFIG_KEY, text))


def mistaken_text(name: str, text: str) -> str | None:
    """Return the id of the mistake that the file as a whole is, None if it may be a manifest."""
    if is_kubeconfig_text(text):
        return "NP013"
    # A page says at its beginning what it is; the pattern's comment could otherwise go on for megabytes.
    if _HTML.match(text[:2000]):
        return "NP018"
    if _is_dockerfile(text) and (re.search(_DOCKERFILE_NAME, name) or re.search(_INSTRUCTION, text[:5000])):
        return "NP017"
    if _WRITTEN.search(text):
        return None
    return next((id_ for id_, pattern in _OUTPUTS if re.search(pattern, text[:5000])), None)


def _is_dockerfile(text: str) -> bool:
    """Return whether the first instruction, but for ARG, is FROM."""
    lines = (line.strip() for line in text[:2000].split("\n"))
    first = next((line for line in lines if line and not line.startswith(("#", "ARG "))), "")
    return _DOCKERFILE.match(first) is not None


def template_language(name: str, text: str) -> str:
    """Return which sort of template the text is, empty if it is none.

    Go's text/template has actions such as ``{{ .Values.port }}`` or ``{{- if ...``, Jinja (Ansible) ``{% if ...`` as
    well, ERB (Ruby) ``<%= port %>``. Terraform's ``${port}`` is recognised by the file's name: shells have it too.
    """
    if name.endswith(".tftpl"):
        return "Terraform"
    # A single character is found many times faster than two.
    before = {part[-1:] for part in text.split("%")[:-1]}
    if "{" in before and re.search(_JINJA, text):
        return "Jinja"
    if "<" in before and re.search(_ERB, text):
        return "ERB"
    if not has_twice(text, "{") or not re.search(_TEMPLATE, text):
        return ""
    if "${{" in text and re.search(_OPENSHIFT, text):
        return _OPENSHIFT_TEMPLATE
    return "Helm or Go" if re.search(_GO, text) else "Jinja or Mustache"


_OPENSHIFT_TEMPLATE = "OpenShift"


def mistaken_document(name: str, data: dict[str, Any]) -> str | None:
    """Return the id of the mistake that this document is, None if it is none that is known."""
    kind = data.get("kind")
    if "contexts" in data and data.keys() >= {"clusters", "users"}:
        return "NP013"
    if is_kustomization_document(name, data):
        return "NP012"
    if kind is None:
        return _without_kind(name.rpartition("/")[2].casefold(), data)
    suspicious = isinstance(kind, str) and kind in _SUSPECTS
    return _suspected(kind, str(data.get("apiVersion") or "")) if suspicious else None


_SUSPECTS = {"Config", "Cluster", "Template"}


def _suspected(kind: str, api_version: str) -> str | None:
    if kind == "Config" and api_version in {"", "v1"}:
        return "NP013"
    if kind == "Template":
        return "NP027" if api_version in {"", "v1"} or api_version.startswith("template.openshift.io/") else None
    # Cluster API also has a kind of this name, so the group decides.
    is_kind = kind == "Cluster" and api_version.startswith(("kind.x-k8s.io/", "kind.sigs.k8s.io/"))
    return "NP015" if is_kind else None


def _without_kind(file: str, data: dict[str, Any]) -> str | None:
    if _is_compose(data.get("services")) or (file.startswith(("docker-compose", "compose.")) and "version" in data):
        return "NP014"
    if file == "chart.yaml" or ({"name", "version"} <= data.keys() and "apiVersion" in data and "metadata" not in data):
        return "NP019"
    if re.match(r"(.*[._-])?values[\w.-]*\.ya?ml$", file) or _is_values(data):
        return "NP016"
    return None


def _is_compose(services: Any) -> bool:
    """Return whether these are services as Compose has them: maps with an image or a build."""
    if not isinstance(services, dict):
        return False
    return any(isinstance(one, dict) and {"image", "build", "extends"} & one.keys() for one in services.values())


def _is_values(data: dict[str, Any]) -> bool:
    """Return whether this looks like what `helm create` writes into values.yaml."""
    image = data.get("image")
    return "apiVersion" not in data and (
        "replicaCount" in data or (isinstance(image, dict) and "repository" in image) or "nameOverride" in data
    )


def other_tool(data: Any) -> str:
    """Return how to get manifests from what another tool makes them from; empty if it is none that is known."""
    first = data[0] if isinstance(data, list) and data else data
    if not isinstance(first, dict):
        return ""
    if isinstance(data, list):
        return "Of an Ansible playbook, give the manifests that it applies." if "hosts" in first else ""
    if isinstance(first.get("releases"), list):
        return "Of a helmfile, give the output of `helmfile template`."
    return "Of a Pulumi program, give the cluster that it makes." if {"runtime", "resources"} <= first.keys() else ""
