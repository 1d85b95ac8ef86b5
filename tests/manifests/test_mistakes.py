"""What people upload by mistake."""

import json

import pytest

from webapp.manifests import Manifests, Upload, read

KUBECONFIG = """\
apiVersion: v1
kind: Config
clusters: [{name: prod, cluster: {server: https://10.0.0.1}}]
users: [{name: admin, user: {token: hunter2}}]
contexts: []
current-context: prod
"""
TABLE = "NAME   TYPE       CLUSTER-IP   PORT(S)        AGE\nweb    NodePort   10.0.0.1     80:30080/TCP   5d\n"
TEMPLATE = "kind: Template\nobjects: [{apiVersion: v1, kind: Service}]\n"
SERVICE = "apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {ports: [{port: 80}]}\n"


def uploaded(text: str, name: str = "x.yaml") -> Manifests:
    """Return what one file comes to."""
    return read([Upload(name, text.encode())])


@pytest.mark.parametrize(
    ("id_", "name", "text"),
    [
        pytest.param("NP011", "x.yaml", "kind: Service\nmetadata:\n  name: {{ .Release.Name }}\n", id="Helm, a value"),
        pytest.param("NP011", "x.yaml", "{{- if .Values.on }}\nkind: Service\n{{- end }}\n", id="Helm, a condition"),
        pytest.param(
            "NP011", "_helpers.tpl", '{{/* name */}}\n{{- define "x" -}}\n{{- end }}\n', id="Helm, a definition"
        ),
        pytest.param("NP011", "x.yaml", SERVICE.replace("web", '"{{ .Values.x }}-web"'), id="Helm, a quoted name"),
        pytest.param("NP011", "x.yaml", SERVICE.replace("80", "{{port}}"), id="a template without a dot"),
        pytest.param(
            "NP012", "x.yaml", "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n", id="kustomize"
        ),
        pytest.param("NP012", "a/kustomization.yaml", "resources: [a.yaml]\n", id="kustomize without a kind"),
        pytest.param("NP014", "x.yaml", "version: '3'\nservices: {web: {image: nginx}}\n", id="compose by content"),
        pytest.param("NP014", "compose.yml", "services: {web: {build: .}}\n", id="compose with a build"),
        pytest.param("NP014", "docker-compose.yml", "version: '3'\nnetworks: {}\n", id="compose by name"),
        pytest.param("NP015", "x.yaml", "kind: Cluster\napiVersion: kind.x-k8s.io/v1alpha4\nnodes: []\n", id="kind"),
        pytest.param("NP015", "x.yaml", "kind: Cluster\napiVersion: kind.sigs.k8s.io/v1alpha3\n", id="kind, older"),
        pytest.param("NP016", "values.yaml", "port: 80\n", id="values by name"),
        pytest.param("NP016", "shop-values.yaml", "port: 80\n", id="values of one of several charts"),
        pytest.param("NP016", "values-prod.yaml", "port: 80\n", id="values of an environment"),
        pytest.param("NP016", "x.yaml", "replicaCount: 1\nimage: {repository: nginx}\n", id="values by content"),
        pytest.param("NP017", "Dockerfile", "# syntax\nARG V=1\nFROM nginx:$V\nRUN x\n", id="a Dockerfile"),
        pytest.param("NP017", "x.txt", "FROM nginx\nCOPY . /\n", id="a Dockerfile by content"),
        pytest.param("NP018", "service.yaml", "\n<!DOCTYPE html>\n<html>", id="an HTML page"),
        pytest.param("NP018", "service.yaml", "<html lang='en'>", id="an HTML page without a doctype"),
        pytest.param("NP019", "Chart.yaml", "apiVersion: v2\nname: web\nversion: 1.0.0\n", id="Chart.yaml"),
        pytest.param("NP011", "x.yaml", "{% if a %}\nkind: Service\nname: {{ web_port }}\n{% endif %}\n", id="Jinja"),
        pytest.param("NP011", "x.yaml", "kind: Service\nname: <%= x %>: y\n", id="ERB"),
        pytest.param("NP026", "x.txt", TABLE, id="kubectl get"),
        pytest.param(
            "NP026", "x.txt", "$ kubectl get svc -A\nNAMESPACE   NAME   TYPE\na   b   c\n", id="kubectl get -A"
        ),
        pytest.param(
            "NP026", "x.txt", "NAME        READY   STATUS    RESTARTS   AGE\npod/web-1   1/1\n", id="kubectl get all"
        ),
        pytest.param(
            "NP026", "x.txt", "Name:         web\nNamespace:    default\nLabels: a=b\n", id="kubectl describe"
        ),
        pytest.param("NP026", "x.txt", "Name:         n1\nRoles:        control-plane\n", id="kubectl describe node"),
        pytest.param("NP026", "x.txt", "No resources found in default namespace.\n", id="kubectl finds nothing"),
        pytest.param("NP026", "x.txt", 'Error from server (NotFound): services "web" not found\n', id="kubectl fails"),
        pytest.param(
            "NP027", "x.yaml", f"apiVersion: template.openshift.io/v1\n{TEMPLATE}", id="an OpenShift Template"
        ),
        pytest.param("NP026", "x.txt", "me@host:~$ kubectl get po\nNAME   READY\nweb   1/1\n", id="with its prompt"),
        pytest.param("NP026", "x.txt", "service/web created\ndeployment.apps/web created\n", id="kubectl apply"),
        pytest.param("NP026", "x.txt", "NAME\tNAMESPACE\tREVISION\nweb\tdefault\t1\n", id="helm list"),
        pytest.param("NP026", "x.txt", "NAME: web\nLAST DEPLOYED: Mon\nNOTES:\n1. a: [\n", id="helm install"),
        pytest.param("NP027", "x.yaml", f"apiVersion: v1\n{TEMPLATE}", id="an older OpenShift Template"),
        pytest.param("NP028", "main.tf", 'resource "kubernetes_service" "web" {\n  spec {}\n}\n', id="Terraform"),
        pytest.param("NP028", "main.tf", "# main\nterraform {\n  required_version = 1\n}\n", id="Terraform's settings"),
        pytest.param("NP013", "config", KUBECONFIG, id="a kubeconfig"),
        pytest.param("NP013", "x.json", json.dumps({"kind": "Config", "apiVersion": "v1", "users": []}), id="in JSON"),
        pytest.param("NP013", "config", KUBECONFIG + "\tx: [", id="a kubeconfig that can't be read"),
        pytest.param("NP013", "config", KUBECONFIG.replace("kind: Config\n", ""), id="a kubeconfig without a kind"),
    ],
)
def test_each_mistake_has_its_own_answer(id_: str, name: str, text: str) -> None:
    """One problem, nothing kept."""
    found = uploaded(text, name)
    assert [one.id for one in found.problems if one.id != "NP023"] == [id_]
    assert not found.services


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(SERVICE + "---\n" + KUBECONFIG, id="after a Service"),
        pytest.param(KUBECONFIG + "---\n" + SERVICE, id="before a Service"),
        pytest.param(SERVICE + "---\n" + json.dumps({"kind": "Config", "clusters": []}), id="as JSON in YAML"),
        pytest.param(SERVICE + "---\nkind: &k Config\nusers: [{token: hunter2}]\n", id="with an anchor"),
        pytest.param(
            "kind: List\nitems:\n- {kind: Config, apiVersion: v1, users: [{token: hunter2}]}\n", id="in a list"
        ),
    ],
)
def test_nothing_of_a_file_with_a_kubeconfig_is_kept_or_quoted(text: str) -> None:
    """Wherever in the file it stands."""
    found = uploaded(text)
    assert ([one.id for one in found.problems], found.services) == (["NP013"], ())
    assert "hunter2" not in repr(found)


def test_the_other_files_of_the_upload_are_kept() -> None:
    """Only the file with the credentials is refused."""
    found = read([Upload("config", KUBECONFIG.encode()), Upload("web.yaml", SERVICE.encode())])
    assert [service.metadata.name for service in found.services] == ["web"]


def test_a_config_map_may_hold_a_kubeconfig_as_text() -> None:
    """Dumps of whole clusters do; it is left out like all of a ConfigMap's data."""
    text = (
        SERVICE + "---\napiVersion: v1\nkind: ConfigMap\ndata:\n  kubeconfig: |\n    kind: Config\n    contexts: []\n"
    )
    found = uploaded(text)
    assert (len(found.services), found.not_used, found.problems) == (1, {"ConfigMap": 1}, ())


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("from: [{podSelector: {}}]\n", id="a piece of a NetworkPolicy"),
        pytest.param("From my cluster\n", id="a sentence"),
        pytest.param("from kubernetes import client\n", id="a program"),
        pytest.param("from scratch\n", id="two words"),
    ],
)
def test_not_everything_that_begins_with_from_is_a_dockerfile(text: str) -> None:
    """An instruction has to follow."""
    assert [one.id for one in uploaded(text, "x.txt").problems][:1] in (["NP007"], ["NP008"])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{% if a %}\nkind: [\n", "Jinja"),
        ("name: {{ .Values.x }}: y\n", "Helm or Go"),
        ('name: {{ include "x" . }}: y\n', "Helm or Go"),
        ("name: {{ web_port }}: y\n", "Jinja or Mustache"),
        ("name: {{ web_port | default(80) }}: y\n", "Jinja or Mustache"),
        ("kind: Template\nobjects: [{port: ${{PORT}}}]\n", "OpenShift"),
        ("name: <%= x %>: y\n", "ERB"),
    ],
)
def test_each_sort_of_template_is_called_by_its_name(text: str, message: str) -> None:
    """Its remedy is another one."""
    assert message in uploaded(text).problems[0].message


@pytest.mark.parametrize(
    ("text", "id_"),
    [
        pytest.param('{"a.json": {"apiVersion": "v1", "kind": "Service"}}', "NP007", id="a map, as jsonnet prints"),
        pytest.param("- {apiVersion: v1, kind: Service}\n", "NP008", id="a list"),
    ],
)
def test_objects_in_something_else_are_seen(text: str, id_: str) -> None:
    """The hint says how they are separated."""
    assert [(one.id, "---" in one.hint) for one in uploaded(text).problems] == [(id_, True)]


def test_templates_inside_texts_are_no_helm_templates() -> None:
    """Alert rules and dashboards are full of them."""
    rules = "---\napiVersion: v1\nkind: ConfigMap\ndata:\n  rules: |\n    summary: '{{ $labels.pod }} is down'\n"
    assert uploaded(SERVICE + rules).problems == ()


def test_a_template_is_told_once_per_file() -> None:
    """However many of its documents can't be read; those that can are."""
    broken = "kind: {{ .Values.kind }}\n"
    found = uploaded(f"{broken}---\n{broken}---\n{SERVICE}")
    assert ([(one.id, one.line) for one in found.problems], len(found.services)) == ([("NP011", 1)], 1)
