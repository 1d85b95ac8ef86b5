"""Kustomizations as they stand: what they list as patches is no object, and of several overlays one is read."""

import io
import zipfile

import pytest

from webapp.manifests import Manifests, Severity, Upload, read
from webapp.manifests.kustomize import closures, kustomization

SERVICE = "apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {ports: [{port: 80}]}\n"
DEPLOYMENT = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {replicas: 3}\n"
PATCH = DEPLOYMENT.replace("3", "9")
BASE = {"base/kustomization.yaml": "resources: [web.yaml]\n", "base/web.yaml": SERVICE + "---\n" + DEPLOYMENT}


def uploaded(files: dict[str, str], top: str = "repo/") -> Manifests:
    """Return what a folder comes to."""
    return read([Upload(f"{top}{name}", text.encode()) for name, text in files.items()])


def replicas(manifests: Manifests) -> list[int | None]:
    """Return the replicas of the workloads."""
    return [workload.spec.replicas for workload in manifests.workloads]


LISTED = {
    "patches": "patches: [{path: x.yaml, target: {kind: Deployment}}]",
    "patchesStrategicMerge": "patchesStrategicMerge: [x.yaml]",
    "patchesJson6902": "patchesJson6902: [{path: x.yaml, target: {kind: Deployment, name: web, version: v1}}]",
    "replacements": "replacements: [{path: x.yaml}]",
    "configurations": "configurations: [x.yaml]",
    "transformers": "transformers: [x.yaml]",
    "generators": "generators: [./x.yaml]",
    "validators": "validators: [x.yaml]",
    "crds": "crds: [x.yaml]",
    "openapi": "openapi: {path: x.yaml}",
    "helmCharts": "helmCharts: [{name: c, valuesFile: x.yaml}]",
    "more values": "helmCharts: [{name: c, additionalValuesFiles: [x.yaml]}]",
    "configMapGenerator": "configMapGenerator: [{name: c, files: [key=x.yaml]}]",
    "secretGenerator": "secretGenerator: [{name: c, files: [x.yaml]}]",
}


@pytest.mark.parametrize("kind", ["Kustomization", "Component"])
@pytest.mark.parametrize("key", LISTED)
def test_what_a_kustomization_lists_beside_resources_is_no_object(key: str, kind: str) -> None:
    """It must not replace its base, whether it is read before or after it."""
    text = f"apiVersion: kustomize.config.k8s.io/v1\nkind: {kind}\nresources: [../base]\n{LISTED[key]}\n"
    files = {"over/x.yaml": PATCH, **BASE, "over/kustomization.yaml": text}
    for order in (files, dict(reversed(files.items()))):
        found = uploaded(order)
        assert (replicas(found), len(found.services)) == ([3], 1)
        assert "NP021" not in {problem.id for problem in found.problems}


def test_inline_patches_are_read_past() -> None:
    """They are text in the kustomization itself."""
    text = "resources: [../base]\npatches: [{patch: '- op: replace'}]\npatchesStrategicMerge: ['a: b\\n']\n"
    found = uploaded({**BASE, "over/kustomization.yaml": text})
    assert [(one.id, one.message) for one in found.problems] == [
        (
            "NP012",
            "This kustomization was not built: what it lists was read as it is. Not applied: 2 patches.",
        )
    ]


def test_a_kustomization_that_changes_nothing_needs_no_word() -> None:
    """Images and annotations have no part in where traffic goes."""
    text = "resources: [../base]\nimages: [{name: web, newTag: v2}]\ncommonAnnotations: {a: b}\n"
    assert uploaded({**BASE, "over/kustomization.yaml": text}).problems == ()


@pytest.mark.parametrize(
    "resource", ["../missing", "https://example.org/x.yaml", "github.com/org/repo//deploy?ref=v1", "service.yaml"]
)
def test_resources_that_are_not_there_are_named(resource: str) -> None:
    """Wherever they are."""
    (problem,) = uploaded({**BASE, "over/kustomization.yaml": f"resources: [../base, '{resource}']\n"}).problems
    assert (problem.id, problem.severity) == ("NP012", Severity.WARNING)
    assert problem.message.endswith(f"Not found: {resource if '//' in resource else resource_name(resource)}.")


def resource_name(resource: str) -> str:
    """Return the name that a resource of ``repo/over`` has in the upload."""
    return f"repo/{resource.removeprefix('../')}" if resource.startswith("../") else f"repo/over/{resource}"


OVERLAY = "resources: [../../base]\npatches: [{path: x.yaml}]\nnamespace: %s\n"


@pytest.mark.parametrize(
    ("folders", "read_"),
    [
        (["dev", "prod", "staging"], "prod"),
        (["dev", "eu/production"], "eu/production"),
        (["a", "b"], "a"),
        (["live", "prod"], "prod"),
    ],
)
def test_of_overlays_of_one_base_one_is_read(folders: list[str], read_: str) -> None:
    """The one for production, else the first one; the others are named."""
    files = {f"overlays/{folder}/kustomization.yaml": OVERLAY % folder for folder in folders}
    files = {name: text.replace("../../base", "../" * name.count("/") + "base") for name, text in files.items()}
    files |= {f"overlays/{folder}/own.yaml": SERVICE.replace("web", folder.replace("/", "-")) for folder in folders}
    found = uploaded({**files, **BASE})
    assert sorted(one.metadata.name for one in found.services) == sorted([read_.replace("/", "-"), "web"])
    (problem,) = (one for one in found.problems if one.id == "NP033")
    assert f"only repo/overlays/{read_} was read" in problem.message


def test_overlays_that_make_the_same_objects_without_a_base_are_alternatives() -> None:
    """Copies of one another; in different namespaces they are different objects."""
    copies = {f"{place}/{name}": text for place in ("dev", "prod") for name, text in BASE.items()}
    copies = {name.replace("base/", ""): text for name, text in copies.items()}
    assert [one.id for one in uploaded(copies).problems] == ["NP033", "NP022"]
    spaced = {name: text + f"namespace: {name[:3]}\n" if "kust" in name else text for name, text in copies.items()}
    assert "NP033" not in {one.id for one in uploaded(spaced).problems}


def test_kustomizations_of_different_things_are_all_read() -> None:
    """They may share a Namespace."""
    space = "---\napiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n"
    files = {f"{name}/kustomization.yaml": "resources: [x.yaml]\n" for name in "ab"}
    files |= {f"{name}/x.yaml": SERVICE.replace("web", name) + space for name in "ab"}
    assert sorted(one.metadata.name for one in uploaded(files).services) == ["a", "b"]


def test_what_a_kustomization_lists_wins_over_what_lies_beside_it() -> None:
    """An old patch, perhaps."""
    for name in ("base/a.yaml", "base/z.yaml"):
        assert replicas(uploaded({**BASE, name: PATCH})) == [3]


def test_a_circle_of_kustomizations_is_read_once() -> None:
    """Kustomize refuses it."""
    files = {"a/kustomization.yaml": "resources: [../b, x.yaml]\n", "b/kustomization.yaml": "resources: [../a]\n"}
    assert len(uploaded({**files, "a/x.yaml": SERVICE}).services) == 1
    (closure,) = closures([kustomization(name, {"resources": [".."]}) for name in ("kustomization.yaml",)], {})
    assert closure.missing == ("..",)


def test_an_archive_is_searched_like_a_folder() -> None:
    """Paths are those inside."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, text in {**BASE, "over/prod/kustomization.yaml": OVERLAY % "x", "over/prod/x.yaml": PATCH}.items():
            archive.writestr(name, text)
    assert replicas(read([Upload("all.zip", made.getvalue())])) == [3]


@pytest.mark.parametrize(
    "text",
    [
        "resources: 1\npatches: x\nreplacements: [1]\nopenapi: []\nhelmCharts: [{additionalValuesFiles: 1}]\n",
        "resources: [{a: b}, null, 1, ../../../../../etc, /etc/passwd]\nnamespace: [1]\n",
        "resources: ['.', './', '']\ncomponents: ['..']\n",
    ],
)
def test_a_kustomization_of_any_shape_does_no_harm(text: str) -> None:
    """It is only followed as far as it makes sense."""
    assert len(uploaded({**BASE, "over/kustomization.yaml": text}).services) == 1


def test_fluxs_kustomization_is_another_kind() -> None:
    """It points to a folder in a repository, and is an object of the cluster."""
    found = uploaded({"x.yaml": "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\n"})
    assert found.not_used == {"Kustomization": 1}


def test_a_file_that_somebody_names_is_read_also_from_another_overlay() -> None:
    """They know what they want."""
    files = {**BASE, **{f"overlays/{folder}/kustomization.yaml": OVERLAY % "" for folder in ("dev", "prod")}}
    uploads = [Upload(f"repo/{name}", text.encode()) for name, text in files.items()]
    more = Upload("repo/overlays/dev/more.yaml", SERVICE.replace("web", "more").encode(), picked=True)
    assert [one.metadata.name for one in read([*uploads, more]).services] == ["web", "more"]


def test_many_overlays_of_a_long_chain_cost_little() -> None:
    """Whatever an upload may hold of them."""
    files = {f"c{n}/kustomization.yaml": f"resources: [../c{n + 1}, x.yaml]\n" for n in range(120)}
    files |= {f"c{n}/x.yaml": SERVICE.replace("web", f"w{n}") for n in range(120)}
    files |= {f"o{n}/kustomization.yaml": "resources: [../c0]\n" for n in range(120)}
    found = uploaded(files)
    assert (len(found.services), [one.id for one in found.problems]) == (120, ["NP033", "NP012", "NP022"])
