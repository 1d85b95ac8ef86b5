"""What both pictures of a comparison show: the service that differs, in the failure that tells the sides apart."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from webapp.check.compare import compare
from webapp.check.shown import shown_difference
from webapp.cli import cli
from webapp.cluster.build import build
from webapp.cluster.model import Cluster
from webapp.manifests import Upload, read
from webapp.paths import resource_directory

SHOP = (resource_directory("samples") / "shop.yaml").read_text()


def cluster(text: str) -> Cluster:
    """Return the cluster that a text describes."""
    return build(read([Upload(name="a.yaml", data=text.encode())]))


def said(old: str, new: str) -> str | None:
    """Return what the pictures of two texts show."""
    before, after = cluster(old), cluster(new)
    found = shown_difference(compare(before, after), before, after)
    return found and found.said


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        pytest.param("", "", None, id="nothing differs"),
        pytest.param(
            "type: NodePort",
            "type: NodePort\n  externalTrafficPolicy: Local",
            "default/web:80 by DNS",
            id="without a failure",
        ),
        pytest.param("type: NodePort", "type: ClusterIP", "default/web by a load balancer", id="only one side has it"),
    ],
)
def test_the_pictures_show_where_the_sides_differ(old: str, new: str, expected: str | None) -> None:
    """The service that is worse; no failure, where it differs as it stands."""
    assert old in SHOP
    assert said(SHOP, SHOP.replace(old, new, 1)) == expected


NODES = "".join(f"---\napiVersion: v1\nkind: Node\nmetadata: {{name: n{number}}}\n" for number in range(3))
SERVICE = """
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {type: NodePort, selector: {app: web}, ports: [{port: 80, nodePort: 30080}]}
"""


def pods(*nodes: str) -> str:
    """Return a pod on each node."""
    return "".join(
        f"---\napiVersion: v1\nkind: Pod\nmetadata: {{name: p{number}, labels: {{app: web}}}}\n"
        f"spec: {{nodeName: {node}, containers: [{{name: c, image: i}}]}}\n"
        for number, node in enumerate(nodes)
    )


def test_the_node_whose_loss_tells_them_apart_is_down() -> None:
    """Both answer all as they stand; the new one has all its pods on n1."""
    assert said(NODES + SERVICE + pods("n0", "n1"), NODES + SERVICE + pods("n1", "n1")) == (
        "default/web:80 by a load balancer, n1 down"
    )


@pytest.fixture
def sides(tmp_path: Path) -> Path:
    """Return a folder with both sides, and what an earlier comparison has drawn."""
    (tmp_path / "old.yaml").write_text(SHOP)
    (tmp_path / "new.yaml").write_text(SHOP.replace("type: NodePort", "type: ClusterIP", 1))
    (tmp_path / "drawn").mkdir()
    for name in ("before.svg", "after.svg"):
        (tmp_path / "drawn" / name).write_text("earlier")
    return tmp_path


@pytest.mark.parametrize(
    ("new", "expected"),
    [
        pytest.param("old.yaml", {}, id="nothing differs"),
        pytest.param("new.yaml", {"before.svg": True, "after.svg": True}, id="both sides have the service"),
    ],
)
def test_no_picture_of_an_earlier_comparison_stays(sides: Path, new: str, expected: dict[str, bool]) -> None:
    """A pipeline would show it as one of this."""
    CliRunner().invoke(cli, ["diff", str(sides / "old.yaml"), str(sides / new), "--pictures", str(sides / "drawn")])
    assert {path.name: path.read_text().startswith("<svg") for path in (sides / "drawn").iterdir()} == expected


def test_a_folder_of_pictures_that_is_a_file_is_named(sides: Path) -> None:
    """With what is wrong, and without Python's number of it."""
    file = sides / "old.yaml"
    result = CliRunner().invoke(cli, ["diff", str(file), str(sides / "new.yaml"), "--pictures", str(file)])
    assert result.exit_code == 2
    assert "Errno" not in result.output
    assert f"{file}/before.svg: Not a directory." in result.output


def test_one_change_is_one_change(sides: Path) -> None:
    """In the sum of a comparison."""
    (sides / "new.yaml").write_text(SHOP.replace("nodePort: 30081", "nodePort: 30091"))
    result = CliRunner().invoke(cli, ["diff", str(sides / "old.yaml"), str(sides / "new.yaml")])
    assert "\n1 change: 1 worse, 0 better." in result.output
