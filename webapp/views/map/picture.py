"""The diagram inside the page: the same drawing as the download, with links to the neighbouring states."""

from dataclasses import dataclass

from markupsafe import Markup

from webapp.diagram import key, svg
from webapp.diagram.arrange import arrange
from webapp.diagram.contents import Contents
from webapp.diagram.links import URL, Links
from webapp.diagram.reader import contents
from webapp.views.page.answers import Answers
from webapp.views.page.state import PageState


@dataclass(frozen=True, slots=True)
class Picture:
    """The drawing, the same as words, and its key."""

    svg: Markup
    contents: Contents
    key: tuple[tuple[Markup, str], ...]


def picture(answers: Answers) -> Picture:
    """Return the diagram of one state of the page; as a table it is not drawn."""
    look = answers.look
    words = drawn_contents(answers)
    if look.table:
        return Picture(Markup(), words, ())
    layout = arrange(words)
    selected = str(look.selected) if look.selected else ""
    return Picture(
        svg=Markup(svg.draw(layout, links(look), selected)),  # noqa: S704 - the drawing escapes every name in it
        contents=words,
        key=tuple((Markup(item.svg()), item.words) for item in key.items(layout)),  # noqa: S704
    )


def drawn_contents(answers: Answers) -> Contents:
    """Return what the picture of a state says."""
    return contents(answers.graph, answers.look.unfold)


def links(look: PageState) -> Links:
    """Return where the boxes lead: plain links, which htmx follows in place."""
    return Links(
        toggle=lambda target: look.toggled(target).url(),
        unfold=lambda fold: look.unfolding(fold).url(),
        attributes={"hx-get": URL, "hx-push-url": "true"},
    )
