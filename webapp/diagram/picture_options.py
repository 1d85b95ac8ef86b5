"""How a picture is written as a file: the words of the URL, the options of ``render``, and what they mean."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from webapp.diagram.errors import DiagramError
from webapp.records import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureOption:
    """One thing that can be chosen."""

    values: tuple[str, ...]
    """The first is taken where nobody says it."""
    formats: frozenset[str]
    """The formats that it changes."""
    help: str


CARRYING = frozenset({"svg", "png", "html"})
"""The formats that can carry what opens them again."""
_DRAWN = frozenset({"svg", "png", "pdf"})

PICTURE_OPTIONS: Mapping[str, PictureOption] = MappingProxyType(
    {
        "scale": PictureOption(
            values=("2", "1", "3"), formats=frozenset({"png"}), help="pixels for each of the drawing’s"
        ),
        "ground": PictureOption(
            values=("auto", "light", "dark", "transparent"),
            formats=_DRAWN,
            help="auto: light, and in an SVG dark where its reader prefers that",
        ),
        "shape": PictureOption(values=("as-is", "16:9", "1:1"), formats=_DRAWN, help="16:9: for slides; 1:1: square"),
        "headline": PictureOption(
            values=("shown", "hidden"), formats=_DRAWN, help="hidden: without headline and situation above the picture"
        ),
        "legend": PictureOption(values=("shown", "hidden"), formats=_DRAWN, help="hidden: without the legend below it"),
        "names": PictureOption(
            values=("shown", "hidden", "full"),
            formats=_DRAWN | {"html", "mmd", "dot", "d2", "drawio", "json", "graphml"},
            help="hidden: nodes, services and pods are numbered in the order of the picture; full: none is shortened",
        ),
        "carry": PictureOption(
            values=("yes", "no"),
            formats=CARRYING,
            help="no: without what was kept of the whole upload, which opens the state again on the first page",
        ),
    }
)
"""By their words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureOptions:
    """What was chosen."""

    scale: int = 2
    ground: str = "auto"
    shape: str = "as-is"
    headline: str = "shown"
    legend: str = "shown"
    names: str = "shown"
    carry: str = "yes"

    @property
    def carries(self) -> bool:
        """Whether the file has in it what opens it again; hidden names would be in that."""
        return self.carry == "yes" and not self.hides_names

    @property
    def ratio(self) -> float | None:
        """How many times as wide as high the file is; None: as the picture is."""
        wide, _, high = self.shape.partition(":")
        return int(wide) / int(high) if high else None

    @property
    def hides_names(self) -> bool:
        """Whether names are replaced by numbers."""
        return self.names == "hidden"

    @property
    def is_transparent(self) -> bool:
        """Whether nothing lies under the picture."""
        return self.ground == "transparent"


PLAIN = PictureOptions()
"""Nothing chosen."""


def read_picture_options(pairs: Iterable[tuple[str, str]], extension: str) -> PictureOptions:
    """Return what the words say; words that are none of :data:`PICTURE_OPTIONS` are not looked at.

    Raises:
        DiagramError: there is no such value, or it changes nothing in this format: names that somebody wants hidden
            must never be shown without a word.

    """
    chosen: dict[str, str] = {}
    for word, value in pairs:
        option = PICTURE_OPTIONS.get(word)
        if option is None or value in ("", option.values[0]):
            chosen.pop(word, None)
            continue
        if value not in option.values:
            raise DiagramError(f"{word} is one of {', '.join(option.values)}, not {value[:80]!r}.")
        if extension not in option.formats:
            raise DiagramError(f"{word} does nothing for {extension}; it is for {', '.join(sorted(option.formats))}.")
        chosen[word] = value
    scale = int(chosen.pop("scale", PLAIN.scale))
    return PictureOptions(scale=scale, **chosen)
