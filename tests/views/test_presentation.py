"""The map as it is shown to a room: picture and verdict alone, each key a link."""

import re
from html import unescape
from xml.etree import ElementTree as ET

import pytest
from flask.testing import FlaskClient

WEB = "/t/sample-shop?service=default/web&down=node/worker-2&at=failed&present=1"


def keys(text: str) -> dict[str, str]:
    """Return where each key of a page leads."""
    links = re.findall(r'<a [^>]*?href="([^"]*)"[^>]*? data-key="([^"]*)"', text)
    return {key: unescape(url) for url, named in links for key in named.split()}


def times(client: FlaskClient, at: str) -> dict[str, str]:
    """Return the time that each key leads to."""
    its = keys(client.get(WEB.replace("at=failed", f"at={at}")).text)
    # What isn't said is `detected`.
    return {key: dict(re.findall(r"(at)=(\w+)", url)).get("at", "detected") for key, url in its.items()}


def test_numbers_lead_to_the_times_and_a_clicker_to_the_next_and_the_one_before(client: FlaskClient) -> None:
    """Space as well as what clickers send."""
    found = times(client, "failed")
    assert [found[key] for key in "1234"] == ["before", "failed", "detected", "rescheduled"]
    assert {found[key] for key in ("Space", "ArrowRight", "PageDown")} == {"detected"}
    assert {found[key] for key in ("ArrowLeft", "PageUp")} == {"before"}


@pytest.mark.parametrize(("at", "none"), [("before", "PageUp"), ("rescheduled", "Space")])
def test_the_first_and_the_last_time_stay(client: FlaskClient, at: str, none: str) -> None:
    """As the first and the last slide do."""
    assert none not in times(client, at)


def test_with_nothing_down_the_next_step_is_the_worst_failure(client: FlaskClient) -> None:
    """A service's first step takes its worst node down."""
    found = keys(client.get("/t/sample-shop?service=default/web&present=1").text)
    assert "down=node/worker-2&at=failed" in found["Space"] == found["1"]


@pytest.mark.parametrize("focus", ["service=default/web&", ""])
def test_whatever_is_clicked_stays_presented_until_one_leaves(client: FlaskClient, focus: str) -> None:
    """The map of a service and that of the cluster; the QR code is of the map itself."""
    text = client.get(f"/t/sample-shop?{focus}down=node/worker-2&at=failed&present=1").text
    links = [unescape(link) for link in re.findall(r'href="(/t/[^"]*)"', text)]
    assert len(links) > 10
    left = [link for link in links if "present=1" not in link]
    assert left == [keys(text)["Escape"]] == [f"/t/sample-shop?{focus}down=node/worker-2&at=failed"]
    assert f'src="/t/sample-shop/qr.svg?{focus}down=node/worker-2&at=failed"' in unescape(text)


def test_it_has_verdict_and_picture_and_nothing_else_of_the_page(client: FlaskClient) -> None:
    """No tabs, no panel, no drawer, and no frame around what the panel would be about."""
    text = client.get(WEB).text
    assert "37.5\N{NARROW NO-BREAK SPACE}%" in text
    assert "worker-2 is down · 0 s · not detected yet" in text
    assert 'id="diagram"' in text
    for part in ('class="tabs"', 'class="card panel', 'id="drawer"', 'class="selected"'):
        assert part not in text
        assert part in client.get(WEB.removesuffix("&present=1")).text


def test_before_the_failure_it_says_that_nothing_has_happened_yet(client: FlaskClient) -> None:
    """The number is that of the time that is shown."""
    text = client.get(WEB.replace("at=failed", "at=before")).text
    assert "Nothing is down yet" in text


def test_a_wide_cluster_is_folded_to_what_can_be_read_from_afar(client: FlaskClient) -> None:
    """Its picture is at most 1,030 wide, so that its smallest text, of 12, has 22 px in a window of 1,920."""
    for query in ("sample-shop?", "sample-shop?down=node/worker-2&", "sample-fifty-nodes?", "sample-two-zones-dump?"):
        text = client.get(f"/t/{query}present=1").text
        width = float(re.findall(r'id="diagram"[^>]*viewBox="\S+ \S+ ([\d.]+)', text)[0])
        assert 900 < width <= 1030, query


def test_an_upload_without_a_port_shows_its_page(client: FlaskClient) -> None:
    """There is nothing to present."""
    found = client.get("/t/sample-shop?service=default/web&present=yes")
    assert found.status_code == 200
    assert "data-presents" not in found.text


def test_the_file_of_a_qr_code_is_an_image(client: FlaskClient) -> None:
    """A slide and an img show nothing without the namespace."""
    found = client.get("/t/sample-shop/qr.svg?service=default/web")
    assert ET.fromstring(found.data).tag == "{http://www.w3.org/2000/svg}svg"  # noqa: S314 - our own
