"""The command line, nodefall serve | simulate | why ...; imports are lazy, so that a cold start is fast."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from webapp import __version__
from webapp.checkcommand import check, diff
from webapp.command_input import EXIT_UNUSABLE, PLUGIN, asked_context, fail, files_of, followed, read_given
from webapp.command_options import (
    ASSUME_NODES,
    ASSUME_PODS,
    CONTEXT,
    KUBERNETES,
    NO_RENDER,
    NODE_PORT_RANGE,
    with_options,
    word_option,
)
from webapp.lessoncommand import lesson
from webapp.snapshotcommand import snapshot

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from webapp.cluster.model import Cluster
    from webapp.diagram import PictureOptions
    from webapp.failure.scenario import Scenario
    from webapp.manifests.manifests import Manifests


def main() -> None:
    """Run the command line."""
    import atexit
    import gc

    from webapp.garbage import collect_rarely

    collect_rarely()
    # Python looks through all objects twice when it ends, a quarter of what drawing a thousand services takes.
    atexit.register(gc.freeze)
    # kubectl starts it by that name, and its users type the other.
    cli(prog_name=PLUGIN if Path(sys.argv[0]).stem == PLUGIN.replace(" ", "-") else "nodefall")


class _Commands(click.Group):
    """The commands; what is too large for any of them ends it in the same way."""

    def invoke(self, ctx: click.Context) -> Any:
        from webapp.limits import TooLargeError

        try:
            return super().invoke(ctx)
        except TooLargeError as error:
            fail(str(error))


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="nodefall")
def cli() -> None:
    """Show what falls when a node falls: Kubernetes NodePort traffic, drawn and simulated from manifests."""


cli.add_command(check)
cli.add_command(diff)
cli.add_command(snapshot)
cli.add_command(lesson)


# The Scenario's words and the cluster's settings.
_scenario_options = with_options(
    *map(word_option, ("down", "drain", "at", "via", "service")),
    word_option("proxy-mode", metavar=None, type=click.Choice(["iptables", "nftables"])),
    word_option("nodeport-addresses"),
    NODE_PORT_RANGE,
    ASSUME_NODES,
    ASSUME_PODS,
    *map(word_option, ("zones", "control-planes", "replicas", "policy", "patch", "move", "cordon", "taint")),
    *map(word_option, ("add-node", "delete-node")),
    KUBERNETES,
    NO_RENDER,
)


@cli.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@_scenario_options
@click.option("--entries", type=click.Choice(["full", "summary"]), default="full", help="summary: group equal nodes.")
@click.option("--output", "-o", type=click.Choice(["text", "json"]), default="text", show_default=True)
def simulate(paths: tuple[str, ...], entries: str, output: str, **words: Any) -> None:
    """Show what new connections to each NodePort service get in a Scenario.

    PATH is a file, a folder, an archive, or - for standard input.
    """
    from webapp.library import NodefallError, Simulation
    from webapp.report import lines

    _, cluster, scenario = _built(paths, words)
    simulation = Simulation(cluster, scenario)
    try:
        document = simulation.summary if entries == "summary" else simulation.document
    except NodefallError as error:
        fail(str(error))
    _print(document, lines, output)


@cli.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.argument("address", metavar="ADDRESS[:PORT]")
@click.option("--protocol", type=click.Choice(["TCP", "UDP", "SCTP"], case_sensitive=False), help="TCP (default) ...")
@_scenario_options
@click.option("--output", "-o", type=click.Choice(["text", "json"]), default="text", show_default=True)
def why(paths: tuple[str, ...], address: str, protocol: str | None, output: str, **words: Any) -> None:
    """Show why an address answers or doesn't: the path of a connection, step by step, in a Scenario.

    ADDRESS is a node's name or address, or whatever a client connects to: http://worker-1:30080/path, a load balancer,
    a Service, a pod. Exit status: 0 it answers, 1 it doesn't, 2 unknown.
    """
    from webapp.cluster.address import parse_address
    from webapp.cluster.edits import edited
    from webapp.failure.moments import state_at
    from webapp.findings.explanation import why_document
    from webapp.findings.facts import Facts
    from webapp.findings.why import why as explained
    from webapp.report import why_lines

    # What is typed comes from a browser's address bar as often as from a manifest, so a URL is taken as well.
    typed = parse_address(address)
    if typed is None:
        fail(f'"{address[:80]}" is not an address: write it with its port, such as worker-1:30080.')
    manifests, cluster, scenario = _built(paths, words)
    # The rules look at what was uploaded, so the edits that made the cluster apply to that also.
    facts = Facts(edited(manifests, cluster.options.edits), cluster)
    told = explained(facts, state_at(cluster, scenario), typed, (protocol or "TCP").upper())
    _print(why_document(told, scenario), why_lines, output)
    sys.exit(EXIT_UNUSABLE if told.unknown else int(told.broken is not None))


# Those of webapp.diagram.picture_options, as a test holds: importing that would bring NetworkX along.
_picture_options = with_options(
    click.option("--scale", type=click.Choice(["1", "2", "3"]), help="PNG: pixels for each of the drawing's (2)."),
    click.option("--ground", type=click.Choice(["auto", "light", "dark", "transparent"]), help="Of SVG, PNG and PDF."),
    click.option("--shape", type=click.Choice(["as-is", "16:9", "1:1"]), help="16:9 is for slides, 1:1 square."),
    click.option("--headline", type=click.Choice(["shown", "hidden"]), help="hidden: nothing above the picture."),
    click.option("--legend", type=click.Choice(["shown", "hidden"]), help="hidden: no legend below it."),
    click.option(
        "--names",
        type=click.Choice(["shown", "hidden", "full"]),
        help="hidden: nodes, services and pods are numbered; full: none is shortened.",
    ),
    click.option("--carry", type=click.Choice(["yes", "no"]), help="no: without what opens it again on a page."),
)


class _Drawing(click.Command):
    """A command whose help names the formats, which only those who ask for it wait for: they bring NetworkX along."""

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write a row for each format."""
        from webapp.diagram import FORMATS
        from webapp.documents import DOCUMENTS

        with formatter.section("Formats"):
            formatter.write_dl([(name, its.label) for name, its in FORMATS.items()])
        with formatter.section("Documents"):
            formatter.write_dl([(name, its.label) for name, its in DOCUMENTS.items()])
        super().format_epilog(ctx, formatter)


@cli.command(cls=_Drawing)
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@_scenario_options
@click.option("-o", "target", metavar="FILE", help="The file to write; its extension is the format.")
@click.option("--format", "extension", metavar="FORMAT", help="The format; without -o it goes to standard output.")
@click.option("--port", type=int, help="The port of the service, where it has several.")
@_picture_options
def render(paths: tuple[str, ...], target: str | None, extension: str | None, port: int | None, **words: Any) -> None:
    """Draw one service in a Scenario, or write a document about it.

    Without --service the whole cluster is drawn, if more than one service is exposed.
    """
    from pathlib import Path

    from webapp.diagram import FORMATS, PICTURE_OPTIONS, DiagramError, read_picture_options

    # Checked before anything is read: a large cluster takes seconds.
    if target is None and extension is None:
        fail("say -o FILE or --format FORMAT.")
    wanted = (extension or Path(target or "").suffix.removeprefix(".")).lower()
    if wanted not in FORMATS:
        wanted = _document(wanted if target is None or extension else Path(target).name, target)
    chosen = [(word, words.pop(word) or "") for word in PICTURE_OPTIONS]
    try:
        options = read_picture_options(chosen, wanted)
        made = _made(_built(paths, words), wanted, port, options)
        if target is None or target == "-":
            sys.stdout.buffer.write(made)
        else:
            Path(target).write_bytes(made)
    except (DiagramError, OSError) as error:
        fail(str(error))


def _document(named: str, target: str | None) -> str:
    """Return the document of this name, or that a file is called after: ``shop-services.csv``."""
    from webapp.diagram import FORMATS
    from webapp.documents import DOCUMENTS

    found = next((name for name in DOCUMENTS if named.lower().endswith(name)), None)
    if found is None:
        what = "--format" if target is None else f"{target}: the extension"
        fail(f"{what} must be one of {', '.join(FORMATS)}; documents are {', '.join(DOCUMENTS)}.")
    return found


def _made(built: tuple[Manifests, Cluster, Scenario], wanted: str, port: int | None, options: PictureOptions) -> bytes:
    from webapp.diagram import FORMATS, draw
    from webapp.diagram.carrying import with_state
    from webapp.failure.words import PAGE, encode, encode_options
    from webapp.manifests.capsule import pack

    manifests, cluster, scenario = built
    if wanted in FORMATS:
        made = draw(cluster, scenario, wanted, port, options=options)
        state = [*encode(scenario), *encode_options(cluster.options, PAGE), *([("port", str(port))] if port else [])]
        return with_state(made, wanted, options, lambda: pack(manifests, state))
    from webapp.documents import DOCUMENTS, DocumentError, asked

    try:
        # Names may hold lone surrogates, which UTF-8 has no bytes for.
        return DOCUMENTS[wanted].render(asked(manifests, cluster, scenario)).encode(errors="replace")
    except DocumentError as error:
        fail(str(error))


@cli.command()
@click.argument("paths", nargs=-1, metavar="[PATH]...")
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8080, show_default=True, type=click.IntRange(0, 65535))
@click.option("--open", "open_browser", is_flag=True, help="Open the page in the browser.")
@click.option("--database", metavar="URL", help="SQLAlchemy URL; an SQLite file in the user's data folder by default.")
@click.option("--watch", is_flag=True, help="Read again: files each second, a cluster every 15. Open pages follow.")
@CONTEXT
@NO_RENDER
def serve(paths: tuple[str, ...], host: str, port: int, *, context: str | None, no_render: bool, **words: Any) -> None:
    """Start the web app. PATHs, or the cluster of a --context, are loaded and their address is printed."""
    from webapp.serve import run

    context = asked_context(paths, context)
    if paths and context is not None:
        fail("name PATHs or a --context, not both.")
    wanted = bool(paths) or context is not None
    if words["watch"] and not wanted:
        fail("name what to --watch: PATHs or a --context.")
    manifests = read_given(files_of(paths, context, render=not no_render))[0] if wanted else None
    source = followed(paths, context, render=not no_render) if words["watch"] else None
    open_browser, database = words["open_browser"], words["database"]
    run(host=host, port=port, open_browser=open_browser, database=database, manifests=manifests, source=source)


@cli.command()
def worker() -> None:
    """Do what can take long for web processes anywhere: give it NODEFALL_QUEUE_URL and their other settings."""
    from webapp.workercommand import run

    run()


def _built(paths: Sequence[str], words: dict[str, Any]) -> tuple[Manifests, Cluster, Scenario]:
    from webapp.cluster.build import build
    from webapp.failure.word_values import ScenarioError
    from webapp.failure.words import decode, decode_options
    from webapp.library import option_words

    render = not words.pop("no_render")
    # The same words as in the URL and the API, so one codec decodes them all and says what is wrong.
    pairs = list(option_words(words))
    manifests = _read(paths, render=render)
    try:
        cluster = build(manifests, decode_options(pairs, manifests))
        return manifests, cluster, decode(pairs, cluster)
    except ScenarioError as error:
        fail(str(error))


def _read(paths: Sequence[str], *, render: bool) -> Manifests:
    return read_given(files_of(paths, None, render=render))[0]


def _print(document: dict[str, Any], lines: Callable[[dict[str, Any]], Iterable[str]], output: str) -> None:
    import json

    click.echo(json.dumps(document, indent=1, ensure_ascii=False) if output == "json" else "\n".join(lines(document)))


if __name__ == "__main__":
    main()
