"""Make the generated parts of the documentation anew: ``.venv/bin/python -m scripts.refresh``.

That is the README's picture, that of the architecture, the tables of docs/ and the sample that is nodefall itself. The
tests compare what stands there with what this would write.
"""

import json
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from textwrap import fill

from scripts.architecture import architecture
from webapp.check.report import NO_SURVIVAL
from webapp.cluster.build import build
from webapp.cluster.model import Cluster
from webapp.config import SETTINGS
from webapp.diagram import FORMATS, PICTURE_OPTIONS, draw
from webapp.documents import DOCUMENTS
from webapp.failure.kinds import FAILURE_MODES
from webapp.failure.scenario import Scenario
from webapp.failure.words import decode
from webapp.findings import RULES, Rule
from webapp.limits import settings
from webapp.manifests import Upload, read
from webapp.manifests.catalogue import CATALOGUE
from webapp.simulation.document import simulation_document
from webapp.views.api import operations
from webapp.views.api.blueprint import curl_line
from webapp.views.api.words import Parameter, parameters
from webapp.views.site.problem_documents import ERROR_TYPES
from webapp.word_help import WORD_HELP

TOP = Path(__file__).resolve().parent.parent
DATA = TOP / "tests" / "data" / "kubernetes"
GENERATED = (
    "docs/cli.md",
    "docs/shop.svg",
    "docs/architecture.svg",
    "docs/findings.md",
    "docs/http.md",
    "docs/problems.md",
    "docs/settings.md",
    "docs/rules.md",
    "samples/nodefall.yaml",
)
EXAMPLE = "http://127.0.0.1:8080"
"""Where the examples find nodefall."""
PICTURE = ("service=default/web", "down=node/worker-2", "at=failed")


def refreshed(path: str) -> str:
    """Return the text that a generated file, named from the top, should have."""
    return WHOLE[path]() if path in WHOLE else rewritten((TOP / path).read_text(encoding="utf-8"))


def rewritten(text: str) -> str:
    """Return a document with its marked tables written anew, and the cases of the rules counted again."""
    for name, table in TABLES.items():
        text = re.sub(rf"(<!-- table: {name} -->\n)(?:\|.*\n)*", lambda found: found[1] + table(), text)  # noqa: B023
    text = api_examples(text)
    text = re.sub(r"(<!-- findings -->\n).*", lambda found: found[1] + findings_sections(), text, flags=re.DOTALL)
    for start, row in ROWS.items():
        text = re.sub(rf"^\| {re.escape(start)}.*", lambda _: row(), text, flags=re.MULTILINE)  # noqa: B023
    return re.sub(r"\| (\S+\.json)( \w+)? \| \d+ \|", counted, text)


def picture() -> str:
    """Return the diagram of the sample with two pods on one node, as the README shows it."""
    return draw(*shop(), "svg").decode()


OWN = """\
# nodefall's own manifests, those of deploy/kubernetes in one file: two pods that are never on one node, a service on
# port 30081 of every node. No Node is among them, so three are assumed.
#
# To try: take node-1 down. Clients that know its address only get no answer; all others do, once the failure is
# detected.
"""


def own_manifests() -> str:
    """Return the sample that is nodefall itself."""
    folder = TOP / "deploy" / "kubernetes"
    listed = re.findall(r"^  - (\S+\.yaml)$", (folder / "kustomization.yaml").read_text(encoding="utf-8"), re.MULTILINE)
    return OWN + "---\n".join((folder / name).read_text(encoding="utf-8") for name in listed)


def simulation() -> str:
    """Return what ``nodefall simulate --output json`` prints of the same."""
    return json.dumps(simulation_document(*shop()))


def shop() -> tuple[Cluster, Scenario]:
    """Return the sample with two pods on one node, and that node down."""
    cluster = build(read([Upload(name="shop.yaml", data=(TOP / "samples" / "shop.yaml").read_bytes())]))
    return cluster, decode((tuple(word.split("=")) for word in PICTURE), cluster)


def down_row() -> str:
    """Return the row of ``--down`` with every way to fail."""
    *words, last = (mode.usage for mode in FAILURE_MODES.values())
    return f"| `--down WORD` | what is down, and how: {', '.join(words)} or {last}; repeatable, in any order |"


def target_row() -> str:
    """Return the row of ``-o`` with every format of a picture."""
    return f"| `-o FILE` | the file to write; its extension is the format: {formats()} |"


def picture_row() -> str:
    """Return the row of the picture's address with every format."""
    words = ", ".join(f"`{word}`" for word in PICTURE_OPTIONS)
    says = f"the picture as a file: {formats()}; {words} as for `nodefall render`"
    return f"| `/t/<topology_id>/diagram.<extension>` | GET | {says} |"


def formats() -> str:
    """Return the formats of a picture with what each is for."""
    needs = {name: f"; needs `nodefall[{its.extra}]`" if its.extra else "" for name, its in FORMATS.items()}
    return ", ".join(f"`{name}` ({its.label}{needs[name]})" for name, its in FORMATS.items())


def picture_options_table() -> str:
    """Return what can be chosen for a picture as a table."""
    rows = (
        (f"`--{word}`", ", ".join(f"`{value}`" for value in its.values), ", ".join(sorted(its.formats)), its.help)
        for word, its in PICTURE_OPTIONS.items()
    )
    return table(("option", "values, the default first", "formats", "meaning"), rows)


def documents_table() -> str:
    """Return the documents as a table."""
    rows = (
        (f"`{name}`", its.label, f"`/schemas/{its.schema}.json`" if its.schema else "")
        for name, its in DOCUMENTS.items()
    )
    return table(("document", "what it has", "JSON Schema"), rows)


def settings_table() -> str:
    """Return the settings of the web app as a table."""
    rows = ((f"`{s.variable}`", f"`{s.default}`" if s.default != "" else "empty", s.help) for s in SETTINGS)
    return table(("variable", "default", "meaning"), rows)


def limits_table() -> str:
    """Return the reader's limits as a table."""
    return table(
        ("limit", "default", "unit", "meaning", "measured"),
        ((s.name, f"{s.default:,}", s.unit, s.help, s.measured) for s in settings()),
    )


def reading_table() -> str:
    """Return the problems of reading as a table."""
    rows = ((id_, entry.severity, f"{entry.title}.", entry.hint) for id_, entry in sorted(CATALOGUE.items()))
    return table(("id", "severity", "meaning", "what to do"), rows)


def findings_sections() -> str:
    """Return a section for each rule of a check: what is said of it stands with the rule alone."""
    return "".join(map(section, (*RULES, NO_SURVIVAL)))


def section(rule: Rule) -> str:
    """Return one rule's section."""
    paragraphs = (f"**{rule.severity}**. {rule.why}", rule.fix, f"Source: {rule.source}." if rule.source else "")
    wrapped = (fill(text, 120, break_long_words=False, break_on_hyphens=False) for text in paragraphs if text)
    return "\n\n".join((f"\n## {rule.id}: {rule.title}", *wrapped)) + "\n"


def operations_table() -> str:
    """Return the operations of the API as a table of addresses."""
    rows = ((f"`{its.url}`", ", ".join(its.methods), its.summary) for its in operations())
    return table(("address", "method", "what it does"), rows)


def operation_words_table() -> str:
    """Return the words that only one operation or a few take, as a table."""
    rows = (
        (
            f"`{its.name}`",
            f"`{each.name}`",
            ", ".join(said_value(each, value) for value in each.values if value),
            each.help,
        )
        for its in operations()
        for each in parameters(its)
        if not each.is_shared and each.name not in ("topology", "old", "new")
    )
    return table(("operation", "word", "values", "meaning"), rows)


def said_value(of: Parameter, value: str) -> str:
    """Return a value of a word, and whether it is the default."""
    return f"`{value}`" + (" (default)" if value == of.default else "")


def shared_words_table() -> str:
    """Return the words of the Scenario and of the cluster as a table."""
    rows = ((f"`{word}={its.shape}`", its.help, "yes" if its.repeats else "") for word, its in WORD_HELP.items())
    return table(("word", "meaning", "repeatable"), rows)


def problem_types_table() -> str:
    """Return the types of problem documents as a table."""
    rows = ((int(its.status), f"`{slug}`", its.title, its.meaning) for slug, its in ERROR_TYPES.items())
    return table(("status", "type", "title", "what happened, what to do"), rows)


def api_examples(text: str) -> str:
    """Return a document with the lines for curl of the API's operations written anew."""
    lines = "".join(f"{curl_line(example, EXAMPLE)}\n" for its in operations() for example in its.examples)
    return re.sub(r"(<!-- examples: api -->\n```\n)[^`]*", lambda found: found[1] + lines, text)


def table(head: tuple[str, ...], rows: Iterable[tuple[object, ...]]) -> str:
    """Return a table in Markdown."""
    lines = (head, ("---",) * len(head), *rows)
    return "".join("| " + " | ".join(str(cell).replace("|", "\\|") for cell in line) + " |\n" for line in lines)


def counted(row: re.Match[str]) -> str:
    """Return the end of a row of the rules with the number of cases as the data has them."""
    cases = json.loads((DATA / row[1]).read_text(encoding="utf-8"))
    if row[2]:
        cases = cases[row[2].strip()]
    return f"| {row[1]}{row[2] or ''} | {len(cases)} |"


ROWS: dict[str, Callable[[], str]] = {
    "`--down WORD`": down_row,
    # Other commands write other files by an option of that name.
    "`-o FILE` | the file to write; its extension is the format": target_row,
    "`/t/<topology_id>/diagram.<extension>`": picture_row,
}
TABLES: dict[str, Callable[[], str]] = {
    "picture options": picture_options_table,
    "documents": documents_table,
    "reading": reading_table,
    "settings": settings_table,
    "limits": limits_table,
    "operations": operations_table,
    "words of operations": operation_words_table,
    "words": shared_words_table,
    "types of problems": problem_types_table,
}
WHOLE: dict[str, Callable[[], str]] = {
    "docs/shop.svg": picture,
    "docs/architecture.svg": architecture,
    "samples/nodefall.yaml": own_manifests,
}


if __name__ == "__main__":
    for path in GENERATED:
        (TOP / path).write_text(refreshed(path), encoding="utf-8")
