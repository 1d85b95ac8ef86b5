"""The Share dialog: what is handed to others, and what they will see of it."""

import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from html import escape
from typing import Any
from urllib.parse import urlsplit

from flask import current_app, url_for
from markupsafe import Markup

from webapp.diagram import FORMATS, PICTURE_OPTIONS, DiagramError, PictureOptions, read_picture_options
from webapp.diagram.picture_options import CARRYING
from webapp.manifests.capsule import pack
from webapp.storage.shared_views import MAX_NOTE, MAX_TITLE, SharedView
from webapp.views.map.preview import corner
from webapp.views.map.sharing import expiry_choices, latest_expiry
from webapp.views.map.summary import Summary, summary
from webapp.views.page import query
from webapp.views.page.links import base, is_local, shared_link, state_link
from webapp.views.page.picture_file import file_name, picture_file
from webapp.views.page.qr import qr_svg
from webapp.views.page.shared import shared_view
from webapp.views.page.state import PageState
from webapp.views.page.wording import ACCESS_PATHS, megabytes

TABS = {"link": ("Link", "link"), "image": ("Image", "map"), "file": ("File", "download"), "embed": ("Embed", "table")}
MOST_SIZED = 5_000
"""Nodes times service ports of which all files but the page that simulates are made in about a second."""
MOST_PAGE_SIZED = 2_000
"""Nodes times pods of which that page is: it has the recovery of each node."""
OPTION_TITLES = {
    "scale": ("Size", {"1": "1x", "2": "2x", "3": "3x"}),
    "shape": ("Shape", {"as-is": "As it is", "16:9": "16:9", "1:1": "Square"}),
    "ground": (
        "Ground",
        {"auto": "As its reader likes", "light": "Light", "dark": "Dark", "transparent": "Transparent"},
    ),
    "headline": ("Headline", {"shown": "Above the picture", "hidden": "None"}),
    "legend": ("Legend", {"shown": "Below the picture", "hidden": "None"}),
    "names": ("Names", {"shown": "As they fit", "full": "In full", "hidden": "Hidden: node-1"}),
    "carry": ("Opens again on nodefall", {"yes": "Yes", "no": "No"}),
}
"""What each word of a picture is called here, and its values; a test holds them against the words."""


@dataclass(frozen=True, slots=True)
class SheetTab:
    """One tab."""

    title: str
    icon: str
    url: str
    current: bool


@dataclass(frozen=True, slots=True)
class SheetFile:
    """One format."""

    extension: str
    detail: str
    url: str
    size: str
    """``42 kB``; empty where nobody asked, or it can't be made here."""


@dataclass(frozen=True, slots=True)
class Snippet:
    """Code to copy."""

    id: str
    title: str
    hint: str
    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareSheet:
    """What the dialog shows."""

    tab: str
    tabs: tuple[SheetTab, ...]
    subject: str
    """``worker-2 down, just failed, DNS``"""
    of: str
    """Which of the state's pages the link leads to."""
    link: str
    local: bool
    view: SharedView | None
    """The one that was just made of this state."""
    qr: Markup | str
    """As SVG; empty where the link is too long."""
    qr_url: str
    create_url: str
    keep: tuple[tuple[int, str], ...]
    """Days, and the day on which such a link expires."""
    findable: str
    make_public_url: str
    chat_host: str
    said: Summary | None
    preview_url: str
    image: "ImageChoices | None"
    """None where there is nothing to draw, and under another tab."""
    carries: bool
    """The files have in them what opens them again: the cluster is small enough for that."""
    files: tuple[SheetFile, ...]
    sizes_url: str
    """The same with the sizes of the files; empty where they are there, or would take too long."""
    picture_url: str
    embed: "EmbedChoices"
    close_url: str
    max_title: int = MAX_TITLE
    max_note: int = MAX_NOTE


@dataclass(frozen=True, slots=True)
class ImageOption:
    """One thing to choose: its values with their words."""

    name: str
    title: str
    values: tuple[tuple[str, str], ...]
    chosen: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageChoices:
    """The tab of the image."""

    format: str
    options: tuple[ImageOption, ...]
    hidden: tuple[tuple[str, str], ...]
    """What its form takes along."""
    url: str
    preview_url: str
    transparent: bool
    carries: bool
    file_name: str
    size: str
    """``2,176 × 1,572 px · 240 kB``; empty where nobody asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EmbedChoices:
    """The tab of what stands in other people's pages."""

    theme: str
    clicks: str
    height: str
    hidden: tuple[tuple[str, str], ...]
    """What its form takes along."""
    snippets: tuple[Snippet, ...]
    ancestors: str
    """Who may embed; empty: nobody."""


def share_sheet(page: PageState, tab: str) -> ShareSheet:
    """Return the dialog of a state, open at a tab."""
    view = shared_view(query.SHARED.asked(), page.topology.id)
    of = query.OF.asked()
    link = shared_link(view) if view else state_link(page, of)
    shared = view.id if view else ""
    latest = latest_expiry(page.topology.id)
    days = expiry_choices(latest) if latest else ()
    files = tuple(_files(page, tab))
    return ShareSheet(
        tab=tab,
        tabs=tuple(
            SheetTab(title, icon, page.url(share=name, of=of, shared=shared), name == tab)
            for name, (title, icon) in TABS.items()
        ),
        subject=_subject(page),
        of=of,
        link=link,
        local=is_local(),
        view=view,
        qr=qr_svg(link) or "",
        qr_url=page.url("sharing.qr", of=of, shared=shared),
        create_url=page.url("sharing.create"),
        keep=tuple((count, _expiry(count)) for count in days),
        findable="public" if view and view.public else query.FINDABLE.asked(),
        make_public_url=page.url(share="link", of="explorer", findable="public"),
        chat_host=urlsplit(base()).netloc,
        said=summary(page),
        preview_url=page.url("sharing.preview"),
        image=_image_choices(page, shared) if files and tab == "image" else None,
        carries=tab == "file" and can_carry(page),
        files=files,
        sizes_url=_sizes_url(page, tab, of, shared) if files else "",
        picture_url=page.url("downloads.diagram", extension="svg", carry="no"),
        embed=_embed(page, view),
        close_url=page.url(f"{of}.show"),
    )


def _subject(page: PageState) -> str:
    via = ACCESS_PATHS.get(page.scenario.via, page.scenario.via.removeprefix("node/"))
    return f"{corner(page)}, {via}"


def _expiry(days: int) -> str:
    return f"{days} day" if days == 1 else f"{days} days"


def _files(page: PageState, tab: str) -> list[SheetFile]:
    if page.service is None or not page.service.ports:
        return []
    urls = {name: page.url("downloads.diagram", extension=name) for name in FORMATS}
    sized = tab == "file" and _wants_sizes(page)
    return [
        SheetFile(name, its.label, urls[name], _size(page, name, PictureOptions()) if sized else "")
        # The one that still simulates first: what it can do is what a picture can't.
        for name, its in sorted(FORMATS.items(), key=lambda pair: pair[0] != "html")
    ]


def _wants_sizes(page: PageState) -> bool:
    return query.SIZES.asked() == "yes" and _is_soon_made(page)


def _is_soon_made(page: PageState) -> bool:
    """Return whether files are made within about a second: the graph has each node of each service port."""
    ports = sum(len(service.ports) for service in page.cluster.services.values())
    return len(page.cluster.nodes) * ports <= MOST_SIZED


def _sizes_url(page: PageState, tab: str, of: str, shared: str) -> str:
    if tab not in ("image", "file") or query.SIZES.asked() == "yes" or not _is_soon_made(page):
        return ""
    extension = query.FORMAT.asked()
    chosen = {"format": extension, **_chosen(extension)} if tab == "image" else {}
    return page.url(share=tab, of=of, shared=shared, sizes="yes", **chosen)


def _size(page: PageState, extension: str, options: PictureOptions, *, pixels: bool = False) -> str:
    """Return how large a file is, an image also in pixels; empty if it can't be made here, or takes long."""
    if extension == "html" and len(page.cluster.nodes) * len(page.cluster.pods) > MOST_PAGE_SIZED:
        return ""
    try:
        data = picture_file(page, extension, options)
    except DiagramError:
        return ""
    size = megabytes(len(data))
    if not pixels or extension != "png":
        return size
    # After the signature, a PNG begins with its width and height (W3C PNG 11.2.1).
    wide, high = struct.unpack(">II", data[16:24])
    return f"{wide:,} × {high:,} px · {size}"


def _image_choices(page: PageState, shared: str) -> ImageChoices:
    extension = query.FORMAT.asked()
    chosen = _chosen(extension)
    options = read_picture_options(chosen.items(), extension)
    hides = options.hides_names
    drawn = {word: value for word, value in chosen.items() if word not in ("scale", "carry")}
    return ImageChoices(
        format=extension,
        options=tuple(
            ImageOption(word, title, tuple(_words_of(words, extension)), chosen[word])
            for word, (title, words) in OPTION_TITLES.items()
            if word in chosen and not (word == "carry" and hides)
        ),
        hidden=_taken_along(page, share="image", shared=shared),
        url=page.url("downloads.diagram", extension=extension, **chosen),
        preview_url=page.url("downloads.diagram", extension="svg", **(drawn | {"carry": "no"})),
        transparent=chosen.get("ground") == "transparent",
        file_name=file_name(page, extension, options),
        size=_size(page, extension, options, pixels=True) if _wants_sizes(page) else "",
        carries=extension in CARRYING and chosen.get("carry") == "yes" and not hides and can_carry(page),
    )


def can_carry(page: PageState) -> bool:
    """Return whether what was kept of the upload is little enough for a picture to carry it."""
    return bool(pack(page.topology.manifests, []))


def _chosen(extension: str) -> dict[str, Any]:
    """Return what is chosen of what the format takes; what is no value of a word counts as its first."""
    options = {word: its for word, its in PICTURE_OPTIONS.items() if extension in its.formats}
    asked = {word.name: word.asked() for word in query.PICTURE_WORDS if word.name in options}
    chosen = {
        word: value if value in options[word].values else options[word].values[0] for word, value in asked.items()
    }
    # Only an SVG can follow its reader.
    return chosen | {"ground": "light"} if extension != "svg" and chosen.get("ground") == "auto" else chosen


def _words_of(words: Mapping[str, str], extension: str) -> Iterator[tuple[str, str]]:
    yield from (pair for pair in words.items() if pair[0] != "auto" or extension == "svg")


def _taken_along(page: PageState, **words: str) -> tuple[tuple[str, str], ...]:
    return tuple((name, value) for name, value in (*page.pairs(), *words.items()) if value)


def _embed(page: PageState, view: SharedView | None) -> EmbedChoices:
    theme, clicks, height = query.THEME.asked(), query.CLICKS.asked(), query.HEIGHT.asked()
    return EmbedChoices(
        theme=theme,
        clicks=clicks,
        height=height,
        hidden=_taken_along(page, share="embed", shared=view.id if view else ""),
        snippets=_snippets(page, view, theme, clicks, height) if view and view.public else (),
        ancestors=str(current_app.config["EMBED_ANCESTORS"]),
    )


def _snippets(page: PageState, view: SharedView, theme: str, clicks: str, height: str) -> tuple[Snippet, ...]:
    said = summary(page)
    title = view.title or (said.title if said else page.topology.name)
    link = shared_link(view)
    # Only what the state needs: what lies open on the page is not part of the picture.
    plain = replace(page, drawer="", select=None)
    frame = base() + plain.url("embed.show", view_id=view.id, theme=theme, clicks=clicks)
    # What a page of another site loads needn't be opened again, and shouldn't hand out what isn't in the picture.
    picture = base() + plain.url("downloads.diagram", extension="svg", carry="no")
    badge = base() + url_for("api.badge", topology=page.topology.id)
    return (
        Snippet(
            "embed-frame",
            "iframe",
            "",
            f'<iframe src="{escape(frame)}" width="100%" height="{height}" loading="lazy" '
            f'title="{escape(title)}"></iframe>',
        ),
        Snippet("embed-markdown", "Markdown", "the picture, which leads to the link", _image(title, picture, link)),
        Snippet("embed-html", "HTML", "the same for a page", _figure(title, picture, link)),
        Snippet(
            "embed-badge",
            "Badge",
            "for a README",
            _image("survives any node", badge, link),
        ),
    )


def _image(title: str, picture: str, link: str) -> str:
    return f"[![{_markdown(title)}]({picture})]({link})"


def _figure(title: str, picture: str, link: str) -> str:
    return f'<a href="{escape(link)}"><img src="{escape(picture)}" alt="{escape(title)}"></a>'


def _markdown(text: str) -> str:
    """Return text that Markdown takes as text, in the brackets of a link also."""
    return "".join(f"\\{letter}" if letter in r"\`*_[]<>|&" else letter for letter in text)
