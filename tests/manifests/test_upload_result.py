"""Each object once; what is too much; what was left out."""

from webapp.manifests import Limits, Manifests, Severity, Upload, read


def service(name: str, port: int = 80, namespace: str = "default") -> str:
    """Return a Service."""
    metadata = f"{{name: {name}, namespace: {namespace}}}"
    return f"apiVersion: v1\nkind: Service\nmetadata: {metadata}\nspec: {{ports: [{{port: {port}}}]}}\n---\n"


def both(first: str, second: str) -> Manifests:
    """Return what two files come to."""
    return read([Upload("a.yaml", first.encode()), Upload("b.yaml", second.encode())])


def test_of_the_same_object_the_last_one_wins() -> None:
    """As with kubectl apply; the problem names both places."""
    found = both(service("web", 80) + service("other"), service("web", 81))
    assert [(one.metadata.name, one.spec.ports[0].port) for one in found.services] == [("other", 80), ("web", 81)]
    (problem,) = found.problems
    assert (problem.id, problem.severity, problem.file, problem.line) == ("NP021", Severity.INFO, "b.yaml", 1)
    assert "a.yaml, line 1" in problem.message


def test_the_same_object_in_another_api_version_is_the_same_object() -> None:
    """extensions/v1beta1 and apps/v1 served the same Deployments."""
    text = "apiVersion: {}\nkind: Deployment\nmetadata: {{name: web}}\n"
    found = both(text.format("extensions/v1beta1"), text.format("apps/v1"))
    assert [one.api_version for one in found.workloads] == ["apps/v1"]


def test_objects_of_other_namespaces_or_kinds_are_others() -> None:
    """Nothing is said."""
    other = (
        service("web").replace("kind: Service", "kind: Endpoints").replace("spec: {ports: [{port: 80}]}", "subsets: []")
    )
    found = both(service("web") + other, service("web", namespace="b"))
    assert (len(found.services), len(found.endpoints), found.problems) == (2, 1, ())


def test_a_good_one_that_comes_later_replaces_an_undecodable_one() -> None:
    """And the other way round."""
    bad = service("web").replace("80", "http")
    assert both(bad, service("web")).undecodable == {}
    assert list(both(service("web"), bad).undecodable) == ["Service default/web"]


def test_generated_names_never_clash() -> None:
    """Each creation makes a new object."""
    text = service("web").replace("name: web", "generateName: web-")
    found = both(text + text, text)
    assert [one.metadata.name for one in found.services] == ["web-1", "web-2", "web-3"]
    assert found.problems == ()


def test_objects_without_a_name_are_kept_and_told() -> None:
    """Each of them: nothing says that they are the same."""
    found = both("apiVersion: v1\nkind: Service\n", "apiVersion: v1\nkind: Service\n")
    assert ([one.id for one in found.problems], len(found.services)) == (["NP006", "NP006"], 2)


def test_too_many_problems_are_cut_with_the_worst_kept() -> None:
    """And counted."""
    text = service("web") * 10 + "a: [\n"
    found = read([Upload("x.yaml", text.encode())], Limits(problems=4))
    assert [one.id for one in found.problems] == ["NP001", "NP021", "NP021", "NP025"]
    assert found.problems[-1].message == "7 more problems are not listed."


def test_an_upload_of_other_kinds_only_says_so() -> None:
    """With how many there were."""
    found = read([Upload("x.yaml", b"apiVersion: v1\nkind: Secret\ndata: {a: aHVudGVyMg==}\n---\nkind: ConfigMap\n")])
    assert [one.id for one in found.problems] == ["NP023"]
    assert ("2 objects" in found.problems[0].message, dict(found.not_used)) == (True, {"ConfigMap": 1, "Secret": 1})
    assert "aHVudGVyMg" not in repr(found)


def test_an_empty_upload_says_so() -> None:
    """No files, or none with anything in them."""
    assert [[one.id for one in read(uploads).problems] for uploads in ([], [Upload("x", b"# nothing\n")])] == [
        ["NP023"]
    ] * 2
