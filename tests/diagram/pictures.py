"""Pictures to look at from all sides: scenes for properties, and what is read back from the SVG."""

from dataclasses import dataclass
from xml.etree import ElementTree as ET

from hypothesis import strategies as st

from tests.topology.scenes import Scene, explorer, fleet, zone_of
from webapp.diagram.arrange import arrange
from webapp.diagram.describe import describe
from webapp.diagram.layout import Layout
from webapp.diagram.links import Links
from webapp.failure.scenario import Moment

SVG = "{http://www.w3.org/2000/svg}"
LONG = "a" * 120 + "-" + "b" * 132
HOSTILE = (
    '"><script>alert(1)</script>',
    "';--\\\"&amp;",
    "tab\tnew\nline\x00\x1b[31m",
    "\u202eevil\u2066",
    "مرحبا",
    "节点一",
    "\ud800lone",
    LONG,
)
LINKS = Links(
    toggle=lambda target: f"?down={target}",
    unfold=lambda name: f"?unfold={name}",
    attributes={"hx-get": "{url}"},
)

ZONE_B_DOWN = fleet(5000, pods=120, down=zone_of(fleet(5000), "b"))
SCENES = {
    "one-node": explorer(nodes={"minikube": None}, pods={"web-1": "minikube"}, down=frozenset()),
    "explorer": explorer(),
    "explorer-detected": explorer(at=Moment.DETECTED),
    "explorer-balancer": explorer(via="lb"),
    "policy-local": explorer(local=True),
    "zone-hints": explorer(zone_hints=True),
    "no-endpoint": explorer(pods={}, down=frozenset()),
    "nothing-answers": explorer(pods={"web-1": "worker-2"}),
    "not-accepted": explorer(refusal="provided port is not in the valid range", down=frozenset()),
    "assumed": explorer(
        nodes={"node-1": None, "node-2": None}, pods={"web-1": "node-1"}, down=frozenset(), assumed=True
    ),
    "pending": explorer(pods={"web-1": "worker-1", "web-2": None}),
    "many-pods": explorer(pods={f"web-{i}": f"worker-{1 + i % 2}" for i in range(20)}),
    "pod-down": explorer(down=frozenset({"web-1"})),
    "long-names": explorer(
        nodes={f"{LONG}-{i}": None for i in (1, 2)}, pods={f"web-{LONG}": f"{LONG}-1"}, down=frozenset({f"{LONG}-2"})
    ),
    "fleet": ZONE_B_DOWN,
}
"""Each has a golden file."""


def laid_out(scene: Scene, *unfold: str) -> Layout:
    """Return the placed picture of a scene."""
    return arrange(describe(scene.graph(), frozenset(unfold)))


def _scene(zoned: bool, names: list[str], placed: list[int], down: set[int], changes: dict[str, object]) -> Scene:
    nodes = {name: f"zone {i % 3}" if zoned else None for i, name in enumerate(names)}
    pods = {f"web-{names[on % len(names)][:40]}-{i}": names[on % len(names)] for i, on in enumerate(placed)}
    failed = frozenset(names[i % len(names)] for i in down)
    return explorer(nodes=nodes, pods=pods, down=failed, **changes)


def scenes() -> st.SearchStrategy[Scene]:
    """Return clusters of all shapes, with names that nobody should give."""
    names = st.text(st.characters(codec="utf-8"), min_size=1, max_size=30) | st.sampled_from(HOSTILE)
    plain = st.integers(1, 99).map(lambda i: f"worker-{i}")
    changes = st.fixed_dictionaries(
        {
            "via": st.sampled_from(["dns", "lb"]),
            "local": st.booleans(),
            "zone_hints": st.booleans(),
            "assumed": st.booleans(),
            "service": names,
            "at": st.sampled_from([Moment.BEFORE, Moment.FAILED, Moment.DETECTED]),
        }
    )
    return st.builds(
        _scene,
        zoned=st.booleans(),
        names=st.lists(names | plain, min_size=1, max_size=40, unique=True),
        placed=st.lists(st.integers(0, 99), max_size=30),
        down=st.sets(st.integers(0, 99), max_size=5),
        changes=changes,
    )


@dataclass(frozen=True)
class Drawn:
    """An SVG, read back."""

    root: ET.Element

    @classmethod
    def of(cls, svg: str) -> "Drawn":
        """Read it; the page's has no namespace of its own, as it stands in HTML."""
        text = svg if "xmlns=" in svg else svg.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1)
        return cls(ET.fromstring(text.encode("utf-8")))  # noqa: S314 - our own

    @property
    def ids(self) -> list[str]:
        """All ids, in order."""
        return [its.attrib["id"] for its in self.root.iter() if "id" in its.attrib]

    @property
    def links(self) -> list[ET.Element]:
        """All links, in order."""
        return list(self.root.iter(f"{SVG}a"))

    @property
    def signs(self) -> set[str]:
        """What is drawn by reference: as a page names it, or as a file does."""
        names = ("href", "{http://www.w3.org/1999/xlink}href")
        return {its.attrib[name] for its in self.root.iter(f"{SVG}use") for name in names if name in its.attrib}

    @property
    def words(self) -> str:
        """All text that is shown."""
        return " ".join("".join(its.itertext()) for its in self.root.iter(f"{SVG}text"))
