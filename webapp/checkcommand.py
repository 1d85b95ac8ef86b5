"""The commands ``check`` and ``diff``. What they need is imported when they run, so that ``--help`` stays fast."""
# ruff: noqa: PLC0415

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from webapp.command_options import (
    ASSUME_NODES,
    ASSUME_PODS,
    KUBERNETES,
    NO_RENDER,
    NODE_PORT_RANGE,
    with_options,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from webapp.check import Report, Threshold
    from webapp.check.baseline import Baseline
    from webapp.check.compare import Comparison
    from webapp.cluster.model import Cluster
    from webapp.cluster.options import ClusterOptions
    from webapp.findings.ignoring import Ignore
    from webapp.manifests import Manifests, Upload

_MISSED = 1
"""The threshold is missed, or something got worse."""
_UNUSABLE = 2
"""Nothing could be read, or the question makes no sense."""
_FORMATS = ("text", "json", "sarif", "junit", "markdown")
_DIFF_FORMATS = ("text", "markdown", "json", "html")
_cluster_options = with_options(ASSUME_NODES, NODE_PORT_RANGE, ASSUME_PODS, KUBERNETES, NO_RENDER)


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option(
    "--max-severity",
    type=click.Choice(["none", "info", "warning", "error"]),
    default="warning",
    show_default=True,
    help="The worst severity that passes.",
)
@click.option("--survive", type=click.Choice(["node", "zone"]), help="Every port must survive the loss of any one.")
@click.option("--guaranteed", is_flag=True, help="With --survive: in any placement that the manifests allow.")
@click.option("--via", type=click.Choice(["lb", "dns"]), default="lb", show_default=True, help="How clients connect.")
@click.option("--baseline", metavar="FILE", help="Findings listed there are accepted.")
@click.option(
    "--ignore",
    multiple=True,
    metavar="ID[/WHERE]:REASON",
    help='Ignore findings for a reason: "NP220/shop: one replica is enough". Repeatable.',
)
@click.option("--write-baseline", metavar="FILE", help="Accept all present findings: list them there.")
@click.option("--badge", metavar="FILE", help="With --survive: write there, as SVG, whether everything survives.")
@click.option("--fix", is_flag=True, help="Show as a diff what can be fixed in the files, and ask before writing.")
@click.option("--yes", is_flag=True, help="With --fix: write without asking.")
@_cluster_options
@click.option("--output", "-o", type=click.Choice(_FORMATS), default="text", show_default=True)
def check(paths: tuple[str, ...], output: str, **words: Any) -> None:
    """Find what is wrong or risky in manifests, and fail above a threshold.

    Exit status: 0 passed, 1 failed, 2 nothing usable to read.
    """
    threshold, ignores = _threshold(words), _ignores(words["ignore"])
    uploads = _uploads(paths, words)
    manifests, cluster = _cluster(uploads, words)
    report = _report(manifests, cluster, threshold, _baseline(words["baseline"]), ignores)
    # After a fix everything is read again: lines have moved, and one fix may bring up another finding.
    if words["fix"] and _fix(report, uploads, yes=words["yes"]):
        uploads = _uploads(paths, words)
        manifests, cluster = _cluster(uploads, words)
        report = _report(manifests, cluster, threshold, _baseline(words["baseline"]), ignores)
    for unused in (its for its in ignores if not any(its.covers(finding) for finding, _ in report.ignored)):
        click.echo(f"nodefall: --ignore {unused.word}: there is no such finding.", err=True)
    if words["write_baseline"]:
        _write_baseline(report, words["write_baseline"])
    if words["badge"]:
        _write_badge(report, words["badge"])
    click.echo(_rendered(report, output, uploads), nl=False)
    # Who writes a baseline accepts what there is, so that run passes.
    sys.exit(_MISSED if report.failed and not words["write_baseline"] else 0)


@click.command()
@click.argument("old", metavar="OLD")
@click.argument("new", metavar="NEW")
@_cluster_options
@click.option("--pictures", metavar="FOLDER", help="Write before.svg and after.svg there: where the change shows most.")
@click.option(
    "--output", "-o", type=click.Choice(["text", "markdown", "json", "html"]), default="text", show_default=True
)
def diff(old: str, new: str, output: str, pictures: str | None, **words: Any) -> None:
    """Show what a change of the manifests does to clients: what is reached, and what survives.

    Exit status: 0 nothing got worse, 1 something did, 2 nothing usable to read.
    """
    from webapp.check.compare import compare
    from webapp.check.comparison_formats import COMPARISON_FORMATS

    before, after = (_cluster(_uploads([path], words), words)[1] for path in (old, new))
    comparison = compare(before, after)
    if output == "html":
        click.echo(_comparison_page(comparison, before, after), nl=False)
    else:
        click.echo(COMPARISON_FORMATS[output](comparison), nl=False)
    if pictures and (told := _write_pictures(comparison, before, after, Path(pictures))):
        click.echo(f"\n{told}" if output == "markdown" else told, err=output != "markdown")
    sys.exit(_MISSED if comparison.worse else 0)


def _comparison_page(comparison: Comparison, before: Cluster, after: Cluster) -> str:
    from webapp.diagram import DiagramError
    from webapp.documents.comparison_page import comparison_page

    try:
        return comparison_page(comparison, before, after)
    except DiagramError as error:
        _fail(str(error))


def _write_pictures(comparison: Comparison, before: Cluster, after: Cluster, folder: Path) -> str:
    """Draw both sides where the change shows most; return what the pictures show, if there is anything to show."""
    from webapp.check.shown import shown_difference
    from webapp.diagram import DiagramError, draw

    difference = shown_difference(comparison, before, after)
    drawn = []
    try:
        for name, cluster in (("before.svg", before), ("after.svg", after)):
            # One of an earlier comparison would be taken for one of this.
            (folder / name).unlink(missing_ok=True)
            # A service that one side lacks has one picture.
            if difference and difference.scenario.service in cluster.services:
                folder.mkdir(parents=True, exist_ok=True)
                (folder / name).write_bytes(draw(cluster, difference.scenario, "svg", difference.port))
                drawn.append(name)
    except DiagramError as error:
        _fail(str(error))
    except OSError as error:
        _fail(f"{error.filename}: {error.strerror}.")
    if difference is None:
        return ""
    return f"{' and '.join(drawn)}: `{difference.said}`."


def _threshold(words: Mapping[str, Any]) -> Threshold:
    from webapp.check import Threshold
    from webapp.manifests import Severity

    if words["guaranteed"] and not words["survive"]:
        _fail("--guaranteed needs --survive.")
    if words["badge"] and not words["survive"]:
        _fail("--badge needs --survive node or --survive zone: a badge says what survives.")
    worst = None if words["max_severity"] == "none" else Severity(words["max_severity"])
    return Threshold(max_severity=worst, survive=words["survive"], guaranteed=words["guaranteed"], via=words["via"])


def _uploads(paths: Iterable[str], words: Mapping[str, Any]) -> list[Upload]:
    from webapp.files import PathError, uploads

    try:
        return list(uploads(paths, render=not words["no_render"]))
    except PathError as error:
        _fail(str(error))


def _cluster(uploads: Sequence[Upload], words: Mapping[str, Any]) -> tuple[Manifests, Cluster]:
    from webapp.cluster.build import build
    from webapp.files import LOCAL_LIMITS
    from webapp.manifests import read
    from webapp.notes import problem_line, reading_notes

    options = _options(words)
    manifests = read(uploads, LOCAL_LIMITS)
    for note in reading_notes(manifests.problems):
        click.echo(note, err=True)
    # A check that passes because it read nothing would be worse than one that fails.
    if not any((manifests.services, manifests.workloads, manifests.pods)):
        from webapp.simulation.document import problem_document

        click.echo("\n".join(problem_line(problem_document(problem)) for problem in manifests.problems), err=True)
        _fail("0 services: nothing checked.")
    return manifests, build(manifests, options)


def _options(words: Mapping[str, Any]) -> ClusterOptions | None:
    """Return the settings of the cluster that were given; without any, the words' codec isn't even loaded."""
    settings = ("assume_nodes", "assume_pods", "service_node_port_range", "kubernetes")
    given = {name: words[name] for name in settings if words[name] is not None}
    if not given:
        return None
    from webapp.failure.word_values import ScenarioError
    from webapp.failure.words import decode_options
    from webapp.library import option_words

    try:
        return decode_options(option_words(given))
    except ScenarioError as error:
        _fail(str(error))


def _ignores(words: Iterable[str]) -> tuple[Ignore, ...]:
    from webapp.findings.ignoring import Ignore, IgnoreError

    try:
        return Ignore.all_of(words)
    except IgnoreError as error:
        _fail(f"--{error}")


def _report(
    manifests: Manifests,
    cluster: Cluster,
    threshold: Threshold,
    baseline: Baseline | None,
    ignores: Sequence[Ignore],
) -> Report:
    from webapp.check import check as held_against
    from webapp.check.run import ThresholdError

    try:
        return held_against(manifests, cluster, threshold, baseline, ignores)
    except ThresholdError as error:
        _fail(str(error))


def _baseline(path: str | None) -> Baseline | None:
    from webapp.check.baseline import BaselineError, load

    if path is None:
        return None
    try:
        return load(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        _fail(f"{path}: {error.strerror}. Write one with --write-baseline.")
    except (BaselineError, UnicodeDecodeError) as error:
        _fail(f"{path}: {error}")


def _write_baseline(report: Report, path: str) -> None:
    from webapp.check.baseline import dump

    # What was accepted before stays accepted, unless it is gone: stale entries are left behind.
    accepted = (*report.findings, *report.accepted)
    try:
        Path(path).write_text(dump(accepted), encoding="utf-8")
    except OSError as error:
        _fail(f"{path}: {error.strerror}.")
    count = sum(len(finding.fingerprints) for finding in accepted)
    click.echo(f"{path}: {count} findings are accepted.", err=True)


def _write_badge(report: Report, path: str) -> None:
    from webapp.diagram.badge import badge

    try:
        Path(path).write_bytes(badge(report.survivals, report.threshold.survive or "node"))
    except OSError as error:
        _fail(f"{path}: {error.strerror}.")


def _fix(report: Report, uploads: Iterable[Upload], *, yes: bool) -> bool:
    """Show what would change, write it if that is wanted, and return whether it was written."""
    from webapp.check.fix import diff, fixed

    texts = dict(_editable(uploads))
    changed = fixed(texts, (finding.edit for finding in report.findings if finding.edit))
    if not changed:
        rendered = " Rendered manifests have no files to edit: try --no-render." if report.rendered else ""
        click.echo(f"Nothing can be fixed in the files themselves.{rendered}", err=True)
        return False
    click.echo(diff(texts, changed), err=True)
    # In a pipeline nobody can answer, so without --yes nothing is written there.
    if not yes and not (sys.stdin.isatty() and click.confirm("Write these changes?", err=True)):
        click.echo("Nothing was written; say --yes to write.", err=True)
        return False
    for file, text in changed.items():
        # As bytes: text mode would turn line ends of another system into this one's.
        Path(file).write_bytes(text.encode())
    return True


def _editable(uploads: Iterable[Upload]) -> Iterator[tuple[str, str]]:
    """Yield the files that are plain UTF-8 text; archives and standard input can't be written back."""
    for upload in uploads:
        try:
            text = upload.data.decode("utf-8")
        except UnicodeDecodeError:
            continue
        if Path(upload.name).is_file():
            yield upload.name, text


def _rendered(report: Report, output: str, uploads: Iterable[Upload]) -> str:
    from importlib import import_module

    if output != "text":
        return str(import_module(f"webapp.check.{output}").render(report))
    from webapp.check.text import render

    # The lines that the report quotes; a byte that isn't UTF-8 must not keep it from being printed.
    sources = {upload.name: upload.data.decode("utf-8", "replace").splitlines() for upload in uploads}
    return render(report, sources, colour=sys.stdout.isatty())


def _fail(message: str) -> NoReturn:
    click.echo(f"nodefall: {message}", err=True)
    sys.exit(_UNUSABLE)
