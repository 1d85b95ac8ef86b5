"""The badge says what survives, in words and in colour, as a picture that any page can show."""

from xml.etree import ElementTree as ET

import pytest

from webapp.diagram.badge import badge, badge_words
from webapp.resilience import Survival


def _survival(service: str, *, survives: bool, guaranteed: bool = False) -> Survival:
    return Survival(
        service=service,
        port_index=0,
        port_name="",
        protocol="TCP",
        node_port=30080,
        survives=survives,
        guaranteed=guaranteed,
        answered=float(survives),
    )


YES = _survival("default/web", survives=True)
SURE = _survival("default/web", survives=True, guaranteed=True)
NO = _survival("default/api", survives=False)


@pytest.mark.parametrize(
    ("survivals", "value", "tone"),
    [
        ([], "no NodePort service", "quiet"),
        ([YES], "yes", "ok"),
        ([SURE], "yes, guaranteed", "ok"),
        ([NO], "no", "bad"),
        ([YES, NO], "1 of 2 services", "warn"),
        # One port of the same service falls: the service does.
        ([YES, _survival("default/web", survives=False)], "no", "bad"),
    ],
)
def test_it_counts_services_that_survive(survivals: list[Survival], value: str, tone: str) -> None:
    """Each once, by its worst port."""
    assert badge_words(survivals, "node") == ("survives any node", value, tone)


def test_the_picture_says_in_its_title_what_it_shows() -> None:
    """Readers who don't see it hear it."""
    picture = ET.fromstring(badge([YES, NO], "zone"))  # noqa: S314 - ours
    title = picture.find("{http://www.w3.org/2000/svg}title")
    assert title is not None
    assert title.text == picture.get("aria-label") == "survives any zone: 1 of 2 services"
    texts = [element.text for element in picture.iter("{http://www.w3.org/2000/svg}text")]
    assert texts == ["survives any zone", "1 of 2 services"]
