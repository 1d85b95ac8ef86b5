"""The manifests for workers of a queue fit those of the web processes."""

import re
import subprocess
import sys
from pathlib import Path

import yaml

TOP = Path(__file__).resolve().parent.parent
WORKERS = TOP / "deploy" / "kubernetes-workers"


def test_workers_have_the_rights_and_the_settings_of_web_processes_and_the_queue() -> None:
    """One Secret for both; no setting that nobody reads; every selector selects them."""
    (web,) = [*yaml.safe_load_all((TOP / "deploy" / "kubernetes" / "deployment.yaml").read_text())]
    deployment, budget, policy = yaml.safe_load_all((WORKERS / "worker.yaml").read_text())
    served, worked = web["spec"]["template"]["spec"], deployment["spec"]["template"]["spec"]
    (serve,), (work,) = served["containers"], worked["containers"]
    assert [served[name] == worked[name] for name in ("securityContext", "automountServiceAccountToken")] == [
        True,
        True,
    ]
    assert [serve[name] == work[name] for name in ("securityContext", "image", "volumeMounts")] == [True] * 3
    refers = {each["name"]: each.get("valueFrom") for each in work["env"]}
    given = {each["name"]: each.get("valueFrom") for each in serve["env"]}
    assert refers["NODEFALL_DATABASE_URL"] == given["NODEFALL_DATABASE_URL"]
    (patch,) = yaml.safe_load((WORKERS / "kustomization.yaml").read_text())["patches"]  # noqa: TID251
    (added,) = yaml.safe_load(patch["patch"])  # noqa: TID251
    assert patch["target"]["name"] == web["metadata"]["name"]
    assert added["value"]["valueFrom"] == refers["NODEFALL_QUEUE_URL"]
    known = set(re.findall(r"`(NODEFALL_\w+)`", (TOP / "docs" / "settings.md").read_text()))
    assert {*refers, added["value"]["name"]} <= known
    labels = deployment["spec"]["template"]["metadata"]["labels"]
    selectors = (deployment["spec"]["selector"], budget["spec"]["selector"], policy["spec"]["podSelector"])
    assert all(selector["matchLabels"] == labels for selector in selectors)


def test_with_workers_it_survives_the_loss_of_any_node_as_well() -> None:
    """By its own judgement of all its manifests."""
    folders = [str(WORKERS.parent / "kubernetes"), str(WORKERS / "worker.yaml")]
    command = [sys.executable, "-m", "webapp.cli", "check", *folders, "--survive", "node"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stdout
    assert "1 of 1 service ports survive the loss of any one node" in done.stdout
