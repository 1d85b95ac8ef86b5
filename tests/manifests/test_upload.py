"""The way in: files, folders, archives, limits, and what is said about them."""

import gzip
import io
import zipfile

import pytest

from webapp.manifests import FileSummary, Limits, Manifests, Upload, read

SERVICE = b"apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {ports: [{port: 80}]}\n"


def uploaded(*files: tuple[str, bytes], **limits: int) -> Manifests:
    """Return what files come to."""
    return read([Upload(name, data) for name, data in files], Limits(**limits))


def zipped(**files: bytes) -> bytes:
    """Return a zip archive."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return made.getvalue()


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(SERVICE, id="plain"),
        pytest.param(SERVICE.decode().encode("utf-8-sig"), id="with a byte order mark"),
        pytest.param(SERVICE.decode().encode("utf-16"), id="UTF-16"),
        pytest.param(SERVICE.replace(b"\n", b"\r\n"), id="from Windows"),
        pytest.param(gzip.compress(SERVICE), id="gzipped"),
        pytest.param(b"# comment\n---\n---\n" + SERVICE + b"---\n", id="among empty documents"),
    ],
)
def test_a_service_is_read_from_any_sort_of_file(data: bytes) -> None:
    """The name has a blank, too."""
    found = uploaded(("my service.yaml", data))
    assert ([one.metadata.name for one in found.services], found.problems) == (["web"], ())


def test_each_file_is_summed_up() -> None:
    """How many documents it has, and how many of them are used."""
    found = uploaded(("a.yaml", SERVICE + b"---\nkind: Secret\napiVersion: v1\n---\na: ["), ("b.yaml", b"# nothing"))
    assert found.files == (
        FileSummary(name="a.yaml", documents=3, used=1),
        FileSummary(name="b.yaml", documents=0, used=0),
    )


def test_archives_are_opened_and_their_members_named_by_both() -> None:
    """Hidden files, paths that lead outside, archives in archives and pictures are skipped and counted."""
    others = {
        ".git/config": b"x",
        "../up.yaml": SERVICE,
        "in.zip": zipped(a=b"x"),
        "doc/logo.png": b"\x89PNG",
        "LICENSE": b"x y",
    }
    found = uploaded(("all.zip", zipped(**{"k8s/web.yaml": SERVICE}, **others)))
    assert [summary.name for summary in found.files] == ["all.zip/k8s/web.yaml"]
    (problem,) = found.problems
    assert (problem.id, "5 files were skipped" in problem.message) == ("NP022", True)


def test_in_a_folder_only_what_can_be_a_manifest_is_worth_a_word() -> None:
    """A file picked by hand is always worth one."""
    folder = uploaded(
        ("k/web.yaml", SERVICE), ("k/README.md", b"# Hi: [\n"), ("k/Makefile", b"all:\n\tgo\n"), ("k/web", SERVICE)
    )
    assert [one.id for one in folder.problems] == ["NP021", "NP022"]
    assert [one.id for one in uploaded(("Makefile", b"all:\n\tgo\n")).problems] == ["NP001"]


def test_a_broken_manifest_in_a_folder_is_told() -> None:
    """By its kind and apiVersion it is meant to be one; what has neither is somebody else's."""
    bad = SERVICE.replace(b"name: web", b"name: [")
    found = uploaded(("k/web.yaml", SERVICE), ("k/bad.yaml", bad), ("k/other.yaml", b"kinds: [\n"))
    assert [(one.id, one.file) for one in found.problems] == [("NP001", "k/bad.yaml"), ("NP022", None)]


NOT_MANIFESTS = {
    "README.md": b"# Hi: [\n",
    "LICENSE": b"MIT: [\n",
    "Makefile": b"all:\n\tgo\n",
    "package.json": b'{"name": "web", "version": "1.0.0", "kind-of": "^6"}',
    "tsconfig.json": b'{ // comment\n "compilerOptions": {"strict": true,},\n}',
    "appsettings.json": b'{"Logging": {"LogLevel": {"Default": "Information"}}}',
    "mkdocs.yml": b"site_name: web\nnav: [{Home: index.md}]\n",
    "pnpm-lock.yaml": b"lockfileVersion: '9.0'\nimporters: {.: {}}\n",
    "patch.json": b'[{"op": "replace", "path": "/spec/replicas", "value": 3}]',
    "patch.yaml": b"- op: replace\n  path: /kind\n  value: {kind: x}\n",
    "dashboard.json": b'{"title": "d", "panels": [{"datasource": {"kind": "prometheus"}}]}',
    "values.yaml": b"image: {repository: web}\nkind: ClusterIP\n",
    "docker-compose.yml": b"services: {web: {image: web, labels: {kind: x}}}\n",
    "chart/.helmignore": b"kind: x\n",
    "main.tf": b'resource "x" "y" {}\n',
    "app.py": b"kind: int = 1\n",
    "notebook.ipynb": b'{"kind": "x"}',
    "fixtures/broken.yaml": b"kind: [\n",
    "fixtures/latin1.yaml": b"kind: \xe9\n",
    "grafana.yaml": b"apiVersion: 1\nproviders: []\n",
    "node_modules/x/service.yaml": SERVICE,
    "vendor/x/service.yaml": SERVICE,
    "charts/dep-1.0.0.tgz": gzip.compress(SERVICE),
    "lonely.yaml": b"kind: Something\n",
}


@pytest.mark.parametrize("name", NOT_MANIFESTS)
def test_what_a_search_finds_and_is_no_manifest_is_at_most_counted(name: str) -> None:
    """Only a file that somebody names deserves an error."""
    found = uploaded(("k/web.yaml", SERVICE), (f"k/{name}", NOT_MANIFESTS[name]))
    assert [(one.id, one.severity) for one in found.problems] == [("NP022", "info")], found.problems
    assert [file.name for file in found.files] == ["k/web.yaml"]


def test_where_a_search_finds_no_manifest_it_says_what_it_found_instead() -> None:
    """A folder with nothing but a Compose file deserves its remedy."""
    found = uploaded(("k/compose.yml", b"services: {web: {image: web, labels: {kind: x}}}\n"))
    assert [one.id for one in found.problems] == ["NP022", "NP014"]


def test_the_first_look_reads_all_encodings_and_minified_json() -> None:
    """It must not pass by what can be read."""
    small = b'{"apiVersion":"v1","kind":"Service","metadata":{"name":"b"},"spec":{"ports":[{"port":80}]}}'
    found = uploaded(("k/a.yaml", SERVICE.decode().encode("utf-16")), ("k/b.json", small))
    assert [one.metadata.name for one in found.services] == ["web", "b"]


def test_files_of_a_named_folder_are_judged_by_their_path_inside() -> None:
    """The folder may be absolute, above, or hidden itself."""
    names = ("/srv/k/a.yaml", "../k/a.yaml", "/home/x/.k/a.yaml")
    read_ = [read([Upload(name, SERVICE, inside="a.yaml")]) for name in names]
    assert [found.files[0].name for found in read_] == list(names)


def test_a_gzipped_file_that_somebody_names_is_read_whatever_it_is() -> None:
    """Wherever it is."""
    found = read([Upload("/srv/.k/Makefile.gz", gzip.compress(b"all:\n\tgo\n"), picked=True)])
    assert [(one.id, one.file) for one in found.problems] == [("NP001", "/srv/.k/Makefile.gz/Makefile")]


def test_templates_that_a_search_finds_are_told_once_per_chart() -> None:
    """As a warning: whoever searches a repository didn't ask for its charts."""
    chart = {
        f"k/c/{path}": b"apiVersion: v1\nkind: Service\nname: {{ .x }}: y\n"
        for path in ("templates/a.yaml", "charts/d/templates/b.yaml")
    }
    chart |= {
        "k/c/Chart.yaml": b"apiVersion: v2\nname: c\nversion: 1.0.0\n",
        "k/c/charts/d/Chart.yaml": b"apiVersion: v2\n",
    }
    found = uploaded(("k/web.yaml", SERVICE), *chart.items())
    (told,) = found.problems
    assert (told.id, told.severity) == ("NP011", "warning")
    assert told.message == "The Helm chart k/c was not rendered. Not read: 2 templates."


def test_other_templates_that_a_search_finds_are_told_together() -> None:
    """Jinja's, Terraform's, those of Go programs; what only uses braces was never to be a manifest."""
    broken = SERVICE.replace(b"name: web", b"name: {{ x }}-{% y %}")
    files = {"k/a/x.j2": broken, "k/b/y.yaml.tftpl": broken, "k/c/mail.txt": b"Kind: {{ x }}: {{ y }}\nkind: Web\n"}
    (told, skipped) = uploaded(("k/web.yaml", SERVICE), *files.items()).problems
    assert (told.id, skipped.id) == ("NP011", "NP022")
    assert told.message.startswith(
        "Not read: 2 templates, which make manifests only when they are rendered, in k/a, k/b"
    )


def test_a_chart_of_plain_objects_needs_no_word() -> None:
    """All of it was read; one that is empty or a library needs none either, but where nothing at all was read."""
    chart = b"apiVersion: v2\nname: c\nversion: 1.0.0\n"
    assert uploaded(("k/Chart.yaml", chart), ("k/templates/web.yaml", SERVICE)).problems == ()
    assert [one.id for one in uploaded(("k/Chart.yaml", chart)).problems] == ["NP011", "NP023"]
    library = uploaded(("k/Chart.yaml", chart + b"type: library\n"), ("k/templates/web.yaml", SERVICE))
    assert library.problems == ()


def test_a_kubeconfig_in_a_folder_is_told_whatever_its_name() -> None:
    """Nobody should send it again; nobody named it either, so it is a warning."""
    found = uploaded(("k/web.yaml", SERVICE), ("k/config", b"kind: Config\napiVersion: v1\nusers: []\n"))
    assert [(one.id, one.severity, one.file) for one in found.problems] == [("NP013", "warning", "k/config")]


@pytest.mark.parametrize(
    ("data", "id_", "message"),
    [
        pytest.param(b"- a\n- b\n", "NP008", "This is a list", id="a list"),
        pytest.param(b"just some words\n", "NP008", "This is a single string", id="a string"),
        pytest.param(b"80\n", "NP008", "This is a single value", id="a number"),
        pytest.param(
            b"metadata: {name: web}\n", "NP007", "neither apiVersion nor kind", id="neither apiVersion nor kind"
        ),
        pytest.param(b"apiVersion: v1\n", "NP007", "has no kind", id="no kind"),
        pytest.param(b"kind: 1\n", "NP007", "kind must be a string", id="a kind that is no text"),
        pytest.param(b"kind: Service\nmetadata: {name: web}\n", "NP007", "no apiVersion", id="no apiVersion"),
        pytest.param(
            b"apiVersion: v1\nkind: Deployment\nmetadata: {name: web}\n",
            "NP009",
            "no Deployment in v1",
            id="the wrong group",
        ),
        pytest.param(b"\x00\x01\x02", "NP003", "binary", id="a binary file"),
        pytest.param(b"a: \xff", "NP003", "not UTF-8", id="another encoding"),
        pytest.param(b"PK\x03\x04rubbish", "NP004", "damaged", id="a damaged archive"),
        pytest.param(b"BZh91AY", "NP004", "bzip2", id="an archive of another sort"),
    ],
)
def test_what_is_no_manifest_says_what_it_is(data: bytes, id_: str, message: str) -> None:
    """One problem each, with the file."""
    (problem,) = uploaded(("x.yaml", data)).problems
    assert (problem.id, problem.file, message in problem.message) == (id_, "x.yaml", True), problem.message


def test_an_object_of_the_wrong_api_version_is_kept_as_refused() -> None:
    """With kubectl's words; the hint says the right one."""
    found = uploaded(("x.yaml", b"apiVersion: v1\nkind: Deployment\nmetadata: {name: web}\n"))
    assert dict(found.undecodable) == {"Deployment default/web": 'no matches for kind "Deployment" in version "v1"'}
    assert (found.problems[0].hint, len(found.workloads)) == ("It is apps/v1.", 1)


def test_a_broken_document_is_named_by_its_number() -> None:
    """If the file has others."""
    found = uploaded(("x.yaml", SERVICE + b"---\na: [\n---\n" + SERVICE.replace(b"web", b"api")))
    assert [(one.line, one.object) for one in found.problems] == [(6, "document 2 of 3")]
    assert len(found.services) == 2


@pytest.mark.parametrize(
    "broken",
    [
        pytest.param(b"a: \xe4\n", id="another encoding"),
        pytest.param(b"a: \x1b[0m\n", id="an escape character"),
        pytest.param(b"a: [\n", id="not YAML"),
    ],
)
def test_a_document_that_cannot_be_read_is_the_only_one_lost(broken: bytes) -> None:
    """Wherever in the file it is."""
    documents = [SERVICE, broken, SERVICE.replace(b"web", b"api"), broken]
    found = uploaded(("x.yaml", b"---\n".join(documents)))
    assert ([one.metadata.name for one in found.services], [one.line for one in found.problems][:1]) == (
        ["web", "api"],
        [6],
    )


def test_a_separator_glued_to_what_follows_ends_the_document_before() -> None:
    """As Helm's chomping leaves it: kubectl reads the first object and then says "invalid Yaml document separator"."""
    found = uploaded(("x.yaml", SERVICE + b"---" + SERVICE.replace(b"web", b"api")))
    assert [(one.metadata.name) for one in found.services] == ["web"]
    assert [(one.id, one.line) for one in found.problems] == [("NP001", 5)]


def test_two_objects_without_a_separator_are_told_so_once() -> None:
    """The last one counts, key by key."""
    found = uploaded(("x.yaml", SERVICE + SERVICE.replace(b"web", b"api")))
    assert [(one.id, one.line) for one in found.problems] == [("NP020", 5)]
    assert "---" in found.problems[0].hint


def test_what_only_controllers_make_objects_from_is_named_with_how_to_render_it() -> None:
    """Argo CD, Flux and their like."""
    application = b"apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: web}\n"
    (problem,) = uploaded(("x.yaml", application)).problems
    assert "1 Application" in problem.message
    assert "helm template" in problem.hint


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        (b"releases:\n- {name: web, chart: a/b}\n", "helmfile template"),
        (b"- hosts: all\n  tasks: []\n", "Ansible"),
    ],
)
def test_what_other_tools_make_manifests_from_says_how(text: bytes, hint: str) -> None:
    """It has neither apiVersion nor kind."""
    assert hint in uploaded(("x.yaml", text)).problems[0].hint


def test_a_key_that_stands_twice_is_told_with_its_object() -> None:
    """The last one holds."""
    found = uploaded(("x.yaml", SERVICE.replace(b"{port: 80}", b"{port: 80, port: 81}")))
    assert [(one.id, one.line, one.object) for one in found.problems] == [("NP020", 4, "Service default/web")]
    assert found.services[0].spec.ports[0].port == 81


def test_keys_of_what_is_not_used_are_nobodys_business() -> None:
    """Least of all those of a Secret, also when it stands in a list with others."""
    secret = b"apiVersion: v1\nkind: Secret\ndata: {hunter2: a, hunter2: b}\n"
    assert uploaded(("x.yaml", secret + b"---\n" + SERVICE)).problems == ()
    items = b"- {kind: Secret, apiVersion: v1, data: {hunter2: a, hunter2: b}}\n- {kind: Node, apiVersion: v1}\n"
    listed = b"kind: List\nitems:\n" + items
    assert "hunter2" not in repr(uploaded(("x.yaml", listed)))


@pytest.mark.parametrize(
    ("limits", "message"),
    [
        pytest.param({"body_bytes": 150}, "larger than 150 bytes", id="bytes"),
        pytest.param({"files": 1}, "more than 1 files", id="files"),
        pytest.param({"documents": 1}, "more than 1 documents", id="documents"),
        pytest.param({"nodes": 25}, "more than 25 values", id="values"),
    ],
)
def test_a_limit_on_the_whole_upload_keeps_what_was_read_before(limits: dict[str, int], message: str) -> None:
    """And names the file at which reading stopped."""
    found = uploaded(("a.yaml", SERVICE), ("b.yaml", SERVICE.replace(b"web", b"api")), ("c.yaml", SERVICE), **limits)
    (problem,) = found.problems
    assert (problem.id, problem.file, message in problem.message) == ("NP002", "b.yaml", True), problem.message
    assert [one.metadata.name for one in found.services] == ["web"]


def test_an_archive_beyond_its_limits_keeps_what_was_read_before() -> None:
    """The other files are read, too."""
    archive = zipped(**{"a.yaml": SERVICE, "b.yaml": SERVICE.replace(b"web", b"api") + b"#" * 900})
    found = uploaded(("all.zip", archive), ("c.yaml", SERVICE.replace(b"web", b"c")), unpacked_bytes=500)
    assert sorted(one.metadata.name for one in found.services) == ["c", "web"]
    assert [(one.id, one.file) for one in found.problems] == [("NP002", "all.zip")]


def test_no_name_of_a_file_can_do_harm() -> None:
    """It is shown on one line, and cut."""
    found = uploaded(("a\n\x1b[31m" + "x" * 2000, SERVICE))
    (name,) = [summary.name for summary in found.files]
    assert (len(name), name.isprintable()) == (Limits().path_length, True)


MISTYPED = """\
apiVersion: v1
kind: Service
metadata: {{name: web, labels: {{a: {label}}}}}
spec:
  selector: {{app: web{more}}}
  ports: [{{port: {port}}}]
"""


@pytest.mark.parametrize(
    ("changed", "id_", "said"),
    [
        pytest.param({"more": ", nodePort: 30080"}, "NP005", "belongs under ports", id="a port among labels"),
        pytest.param({"more": ', targetPort: "80"'}, "NP010", "belongs under ports", id="as a text"),
        pytest.param({"label": "“x”"}, "NP029", "curly quotes", id="curly quotes"),
        pytest.param({"label": "x\u200b"}, "NP029", "zero width space (U+200B)", id="what nobody sees"),
        pytest.param({"more": ", matchLabels: {a: b}"}, "NP005", "without matchLabels", id="a workload's selector"),
        pytest.param({"port": "“80”"}, "NP005", "curly quotes", id="a number in curly quotes"),
        pytest.param(
            {"port": "80}]\n\u00a0\u00a0type: x\n  e: f\ng: [{a"}, "NP001", "U+00A0", id="odd spaces, not YAML"
        ),
    ],
)
def test_what_only_looks_right_is_told_by_its_name(changed: dict[str, str], id_: str, said: str) -> None:
    """Each with its own remedy."""
    text = MISTYPED.format(**{"label": "x", "more": "", "port": "80", **changed})
    (problem,) = uploaded(("x.yaml", text.encode())).problems[:1]
    assert (problem.id, said in f"{problem.message} {problem.hint}") == (id_, True), problem


@pytest.mark.parametrize(
    ("space", "name"),
    [("\u00a0", "non-breaking space (U+00A0)"), ("\u3000", "ideographic space"), ("\u200b", "zero width space")],
)
def test_odd_spaces_are_told_once_where_yaml_takes_them_for_a_key(space: str, name: str) -> None:
    """Indented with these, fields are no part of what is above them."""
    text = f"apiVersion: v1\nkind: Service\nmetadata:\n{space}name: web\nspec:\n{space}type: x\n"
    problems = [one for one in uploaded(("x.yaml", text.encode())).problems if one.id == "NP029"]
    assert [(one.line, name in one.message) for one in problems] == [(4, True)]


@pytest.mark.parametrize(("size", "ids"), [(262_141, []), (262_142, ["NP030"])])
def test_annotations_may_have_256_kib_together(size: int, ids: list[str]) -> None:
    """Keys and values; the API server rejects more (apimachinery TotalAnnotationSizeLimitB)."""
    text = SERVICE.decode().replace("{name: web}", "{name: web, annotations: {abc: " + "x" * size + "}}")
    found = uploaded(("x.yaml", text.encode()))
    assert [one.id for one in found.problems] == ids
    assert list(found.undecodable) == ["Service default/web"] * len(ids)


def test_reading_says_how_far_it_is() -> None:
    """With each object, those in lists as well: the file, and the share of its lines that lie before it."""
    seen: list[tuple[str, float]] = []
    data = b"kind: A\n---\nkind: [\n---\nkind: List\nitems:\n- kind: B\n- kind: C\n"
    read([Upload("a.yaml", data), Upload("b.yaml", b"kind: A")], on_progress=lambda *said: seen.append(said))
    assert [name for name, _ in seen] == ["a.yaml"] * 3 + ["b.yaml"]
    assert [share for name, share in seen if name == "a.yaml"] == sorted(share for _, share in seen[:3])
    assert all(0 < share <= 1 for _, share in seen)
