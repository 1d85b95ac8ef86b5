"""Two states side by side: which, in the same places, and what is said to differ."""

import re
from html import unescape

import pytest
from flask.testing import FlaskClient

FAILED = "/t/sample-shop?down=node/worker-2&at=failed"


def words(text: str) -> str:
    """Return what a page says, without its markup."""
    return re.sub(r"[ \n]+", " ", unescape(re.sub("<[^>]*>", " ", text)))


def test_two_moments_say_what_the_detection_changes(client: FlaskClient) -> None:
    """Services, entry points and pods, each with a number; and what stays lost."""
    said = words(client.get(f"{FAILED}&beside=detected").text)
    assert "web 37.5 → 75\u202f%" in said
    assert "api 56.25 → 75\u202f%" in said
    assert "web: 3 entry points 50\u202f% → 100\u202f%" in said
    assert "3 pods: unavailable → down, without connections" in said
    assert "admin 75\u202f% answered" in said


@pytest.mark.parametrize(
    ("query", "titles"),
    [
        ("down=node/worker-2&at=failed&beside=detected", ["Just failed", "Detected ≈ 50\u202fs"]),
        ("down=node/worker-2&at=failed&beside=lb", ["DNS", "Load balancer"]),
        ("down=node/worker-2&via=lb&beside=node/worker-1", ["Load balancer", "worker-1"]),
        ("drain=node/worker-2&beside=drained", ["Cordoned", "Drained"]),
        ("replicas=Deployment/default/web:6&beside=uploaded", ["As uploaded", "As changed"]),
    ],
)
def test_each_half_says_which_state_it_is(client: FlaskClient, query: str, titles: list[str]) -> None:
    """Moments, access paths, what was uploaded."""
    text = client.get(f"/t/sample-shop?at=cordoned&{query}" if "drain" in query else f"/t/sample-shop?{query}").text
    found = re.findall(r'id="title-(?:left|right)">([^<]*)<', text)
    assert [unescape(title) for title in found] == titles


@pytest.mark.parametrize("word", ["never", "node/nothing", "drained", ""])
def test_what_names_no_other_state_shows_one_picture(client: FlaskClient, word: str) -> None:
    """As an old bookmark may."""
    response = client.get(f"{FAILED}&beside={word}")
    assert response.status_code == 200
    assert 'id="half-left"' not in response.text


def test_both_pictures_have_the_same_geometry(client: FlaskClient) -> None:
    """So that only what is marked differs."""
    text = client.get(f"{FAILED}&beside=rescheduled").text
    sizes = re.findall(r'<svg[^>]*id="(?:left|right)-diagram" width="([\d.]+)" height="([\d.]+)"', text)
    assert len(sizes) == 2
    assert sizes[0] == sizes[1]


def test_no_id_stands_twice(client: FlaskClient) -> None:
    """Two drawings of one cluster are in the page."""
    ids = re.findall(r'\bid="([^"]+)"', client.get(f"{FAILED}&beside=detected").text)
    assert len(ids) == len(set(ids))


def test_a_service_alone_stands_beside_itself(client: FlaskClient) -> None:
    """The others are not drawn."""
    said = words(client.get(f"{FAILED}&service=default/web&beside=detected").text)
    assert "web 37.5 → 75\u202f%" in said
    assert "api 56.25" not in said


def test_services_that_are_not_drawn_are_not_said_to_be_compared(client: FlaskClient) -> None:
    """With how many of both there are."""
    said = words(client.get("/t/sample-fifty-nodes?down=zone/eu-west-1b&at=failed&beside=detected").text)
    found = re.search(r"Compared are the ([0-9]+) services drawn; ([0-9]+) more are not", said)
    assert found
    assert int(found[1]) + int(found[2]) == 24
    assert "Compared are" not in words(client.get(f"{FAILED}&beside=detected").text)


def test_a_click_in_either_half_keeps_the_other_beside_it(client: FlaskClient) -> None:
    """Taking a node down does so on both sides."""
    text = client.get(f"{FAILED}&beside=detected").text
    links = [unescape(link) for link in re.findall(r'href="([^"]*down=node/worker-3[^"]*)"', text)]
    assert links
    assert all("beside=detected" in link for link in links)


def test_an_edit_stands_beside_what_was_uploaded(client: FlaskClient) -> None:
    """Two more pods, and what they change for clients."""
    said = words(client.get(f"{FAILED}&replicas=Deployment/default/web:6&beside=uploaded").text)
    assert "2 pods: not there → healthy" in said
    assert re.search(r"web 37\.5 → 5\d", said)


def test_alike_states_say_that_nothing_differs(client: FlaskClient) -> None:
    """After a failure that costs nothing."""
    said = words(client.get("/t/sample-shop?at=detected&beside=before").text)
    assert "Nothing differs" in said


@pytest.mark.parametrize("query", ["", "?down=node/worker-2&at=failed", "?drain=node/worker-2", "?service=default/web"])
def test_every_map_leads_to_two_pictures(client: FlaskClient, query: str) -> None:
    """With what is worth standing beside it."""
    text = client.get(f"/t/sample-shop{query}").text
    found = re.search(r'id="beside" href="([^"]*)"', text)
    assert found
    assert 'id="half-left"' in client.get(unescape(found[1])).text
