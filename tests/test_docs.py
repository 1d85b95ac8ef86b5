"""The documentation says what the program does: each option, setting, limit, problem and rule, and the picture."""

import json
import re
import shlex
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from scripts import refresh
from webapp.capture import CAPTURE
from webapp.cli import cli
from webapp.diagram import FORMATS
from webapp.manifests.manifests import KINDS
from webapp.views import create_app

TOP = Path(__file__).resolve().parent.parent
DOCS = TOP / "docs"
CASES = TOP / "tests" / "data" / "kubernetes"


@pytest.mark.parametrize("path", refresh.GENERATED)
def test_generated_parts_are_fresh(path: str):
    """The README's picture and the tables are what scripts/refresh.py would write today."""
    assert (TOP / path).read_text(encoding="utf-8") == refresh.refreshed(path)


@pytest.mark.parametrize("command", cli.commands.values(), ids=lambda command: command.name)
def test_each_option_is_described(command: click.Command):
    """The section of a command names each of its options and no others."""
    options = {max(p.opts, key=len) for p in command.params if isinstance(p, click.Option)} - {"--help"}
    described = set(re.findall(r"`(--[a-z-]+)", "".join(table_rows(section(f"nodefall {command.name}")))))
    described |= {"--target"} if "`-o FILE`" in section(f"nodefall {command.name}") else set()
    assert described == {"--target" if option == "-o" else option for option in options}


def section(title: str) -> str:
    """Return the section of docs/cli.md under this heading."""
    text = (DOCS / "cli.md").read_text(encoding="utf-8")
    return re.search(rf"^## {title}\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL).group(1)


def table_rows(text: str) -> list[str]:
    """Return the first cells of the rows of all tables."""
    return re.findall(r"^\|([^|]*)\|", text, re.MULTILINE)


def test_the_help_of_render_names_each_format():
    """With what it is for, as the page's menu has it."""
    text = CliRunner().invoke(cli, ["render", "--help"]).output
    assert {name: its.label for name, its in FORMATS.items()}.items() <= dict(
        re.findall(r"^  (\w+) {2,}(.+)$", text, re.MULTILINE)
    ).items()


def test_the_manual_names_what_snapshot_writes():
    """Not the formats of pictures, which the row of the same option of render has."""
    (row,) = [line for line in section("nodefall snapshot").splitlines() if line.startswith("| `-o FILE`")]
    assert "`.yaml` or `.json`" in row
    assert "`svg`" not in row


def test_the_simulation_document_is_described():
    """Every key that docs/cli.md shows in the JSON document is one that `simulate` prints, and the other way round."""
    shown = re.search(r"```\n(\{\"schema\".*?)```", section("nodefall simulate"), re.DOTALL).group(1)
    document = json.loads(refresh.simulation())
    assert set(re.findall(r'"([a-zA-Z]+)"', shown)) - {"failed"} >= keys(document) - pod_names(document)


def keys(value: object) -> set[str]:
    """Return all keys in JSON data."""
    if isinstance(value, list):
        return set().union(*map(keys, value))
    return set(value).union(*map(keys, value.values())) if isinstance(value, dict) else set()


def pod_names(document: dict) -> set[str]:
    """Return the keys that name endpoints."""
    ports = [port for service in document["services"] for port in service["ports"]]
    return {key for port in ports for entry in port["entries"] for key in entry["endpoints"]}


def test_each_address_is_described():
    """docs/http.md lists the routes of the web app with their methods, and no others."""
    app = create_app({"DATABASE_URL": "sqlite://"})
    app.extensions["nodefall"].store.close()
    routes = {(rule.rule, method) for rule in app.url_map.iter_rules() for method in rule.methods - {"HEAD", "OPTIONS"}}
    rows = re.findall(r"^\| `([^`]+)` \| ([A-Z, ]+) \|", (DOCS / "http.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert {(address, method) for address, methods in rows for method in methods.split(", ")} == routes


def test_each_problem_is_explained():
    """Each id that the code gives out has a row in docs/problems.md or a heading in docs/findings.md, and no other."""
    sources = "".join(path.read_text(encoding="utf-8") for path in (TOP / "webapp").rglob("*.py"))
    pages = "".join((DOCS / name).read_text(encoding="utf-8") for name in ("problems.md", "findings.md"))
    explained = re.findall(r"^(?:\| |## )(NP\d{3})\b", pages, re.MULTILINE)
    assert sorted(explained) == sorted(set(re.findall(r'"(NP\d{3})"', sources)))


def test_each_collection_of_cases_has_its_rule():
    """No case that is kept as data is missing from the table of rules."""
    table = (DOCS / "rules.md").read_text(encoding="utf-8")
    assert set(collections()) <= set(re.findall(r"\| (\S+\.json(?: \w+)?) \| \d+ \|", table))


def collections() -> list[str]:
    """Return the files with cases, and where a file has several lists, each of them."""
    found = []
    for path in sorted(CASES.glob("*/*.json")):
        name, data = f"{path.parent.name}/{path.name}", json.loads(path.read_text(encoding="utf-8"))
        lists = [key for key, value in data.items() if isinstance(value, list)] if isinstance(data, dict) else None
        found += [name] if lists is None else [f"{name} {key}" for key in lists]
    return found


def test_the_readme_links_to_what_is_there():
    """Every relative link in the README and in docs/ leads to a file."""
    for page in (TOP / "README.md", *DOCS.glob("*.md")):
        targets = re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text(encoding="utf-8"))
        assert [target for target in targets if not (page.parent / target).exists()] == []


def test_the_readme_names_the_scripts_that_are_there():
    """The commands of the README exist."""
    named = re.findall(r"scripts/\w+\.py", (TOP / "README.md").read_text(encoding="utf-8"))
    assert named
    assert all((TOP / script).is_file() for script in named)


def test_the_files_that_contributors_are_sent_to_are_there():
    """Each path that docs/contributing.md names exists, folders included."""
    tops = "docs|scripts|static|templates|tests|webapp"
    named = re.findall(rf"`(?:python3 )?((?:{tops})/[^`]*)`", (DOCS / "contributing.md").read_text(encoding="utf-8"))
    assert len(named) > 30, named
    assert [path for path in named if not (TOP / path).exists()] == []


def test_the_picture_of_the_architecture_has_every_package():
    """Each package, and each module that a contract names, is in it; so is the way to hear it read."""
    picture = (DOCS / "architecture.svg").read_text(encoding="utf-8")
    packages = {path.parent.name for path in TOP.glob("webapp/*/__init__.py")}
    assert {name for name in packages if f">{name}</text>" not in picture} == set()
    assert 'role="img" aria-labelledby="title desc"' in picture
    assert "resilience (pure, without NetworkX)" in picture


TOLD = (*TOP.glob("*.md"), *DOCS.glob("*"), *(TOP / "samples").rglob("*.yaml"), *TOP.glob("templates/**/*.html"))


def test_one_command_captures_a_cluster_wherever_it_is_told():
    """No text has a line of its own for it, which would leave out something that changes an answer."""
    code = (path for path in TOP.glob("webapp/**/*.py") if path.name != "capture.py")
    texts = {path.name: path.read_text(encoding="utf-8") for path in (*TOLD, *code)}
    several = re.compile(r"kubectl get (?:\w+,|all\b)[^`\n<]*|kubectl get \w+ -A -o \w+")
    told = [(name, found[0]) for name, text in texts.items() for found in several.finditer(text)]
    assert {(name, command) for name, command in told if not command.startswith(CAPTURE)} == set()
    assert {name for name, _ in told} >= {"README.md", "pipelines.md", "problems.md", "two-zones-dump.yaml"}
    page = create_app({"DATABASE_URL": "sqlite://", "RATE_LIMIT": ""}).test_client().get("/").text
    assert CAPTURE in page.replace("<wbr>", "")


def test_what_the_command_captures_is_read():
    """Each kind that it asks for is one that nodefall knows."""
    names = [name.lower() for name in KINDS]
    plurals = {f"{n[:-1]}ies" if n.endswith("y") else f"{n}es" if n.endswith("s") else f"{n}s" for n in names}
    assert set(CAPTURE.split()[2].split(",")) <= plurals


def commands() -> list[str]:
    """Return the commands that the documentation prints, but for their outlines."""
    pages = [(TOP / "README.md"), *sorted(DOCS.glob("*.md"))]
    text = "\n".join(page.read_text(encoding="utf-8") for page in pages)
    found = re.findall(r"nodefall ((?:check|diff|simulate|render|snapshot|why) (?!-?-\w)[^`|>#\n]+)", text)
    return sorted({command.strip() for command in found if "..." not in command and "OLD NEW" not in command})


@pytest.mark.parametrize("command", commands())
def test_each_command_that_is_printed_works(command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """In a folder that has what it names, it reads something, and doesn't object to its words."""
    text = (TOP / "samples" / "shop.yaml").read_text(encoding="utf-8")
    baseline = '{"schema": "nodefall/baseline/v1", "accepted": []}'
    files = dict.fromkeys(("shop.yaml", "dump.yaml", *(f"{folder}/web.yaml" for folder in FOLDERS)), text)
    for name, content in {**files, "nodefall-baseline.json": baseline}.items():
        path = tmp_path / "work" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    monkeypatch.chdir(tmp_path / "work")
    result = CliRunner().invoke(cli, shlex.split(command), input=text)
    assert result.exception is None or isinstance(result.exception, SystemExit)
    assert result.exit_code in {0, 1}, result.output


FOLDERS = ("deploy", "../base/deploy", "before", "after", "overlays/dev")
