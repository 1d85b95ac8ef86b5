"""The first page, the gallery, help and health."""

import re
from html import unescape

import pytest
from flask.testing import FlaskClient

from webapp.samples import SAMPLES


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.slug)
def test_every_sample_opens_and_its_first_thing_to_try_works(client: FlaskClient, sample: object) -> None:
    """From the gallery, without anything stored."""
    slug, query = sample.slug, sample.try_query  # type: ignore[attr-defined]
    assert client.get(f"/samples/{slug}", follow_redirects=True).status_code == 200
    assert client.get(f"/t/sample-{slug}?{query}").status_code == 200


def test_an_unknown_sample_is_not_found(client: FlaskClient) -> None:
    """Nor is one that isn't a sample."""
    assert client.get("/samples/nothing").status_code == 404


def test_what_is_kept_is_said_before_the_upload(client: FlaskClient) -> None:
    """And for how long, which can be chosen."""
    text = client.get("/").text
    assert "Never kept:" in text
    assert '<option value="90" selected>90 days</option>' in text


def test_the_form_works_without_a_script(client: FlaskClient) -> None:
    """It is a plain multipart form with a button."""
    text = client.get("/").text
    assert 'method="post" action="/upload" enctype="multipart/form-data"' in text
    assert '<button class="btn primary" type="submit">Visualize</button>' in text


def test_the_gallery_shows_each_sample_drawn(client: FlaskClient) -> None:
    """Every small picture has lanes."""
    thumbs = client.get("/").text.split('class="thumb"')[1:]
    assert len(thumbs) == len(SAMPLES)
    assert all("t-lane" in thumb for thumb in thumbs)


def test_help_explains_every_standing(client: FlaskClient) -> None:
    """With a live example."""
    text = client.get("/help").text
    for word in ("refused", "timeout", "Load balancer", "Detected", "assumed"):
        assert word.lower() in text.lower()
    assert "/t/sample-" in text


def test_health_is_answered_and_never_cached(client: FlaskClient) -> None:
    """For monitors."""
    response = client.get("/healthz")
    assert response.json == {"status": "ok"}
    assert response.headers["Cache-Control"] == "no-store"


def test_the_first_visit_shows_a_sample_to_break(client: FlaskClient) -> None:
    """The real map, with nothing down; a click leads to the first page again, a service to its own map."""
    text = client.get("/").text
    assert "All 3 services answer every new connection" in text
    assert 'href="/?down=node/worker-2&amp;at=failed"' in text
    assert 'href="/t/sample-shop?service=default/web"' in text
    assert "<strong>web 37.5\u202f%</strong>, api 56.25\u202f%, admin 75\u202f% at first, then 75\u202f%" in text


def test_the_sample_is_broken_in_place(client: FlaskClient) -> None:
    """Verdict, times, and the full map in the same state."""
    text = client.get("/?down=node/worker-2&at=failed").text
    assert "worker-2 is down: all 3 services are degraded" in text
    assert 'href="/t/sample-shop?down=node/worker-2&amp;at=failed">Open' in text
    assert '<a href="/?down=node/worker-2">Detected' in text
    assert '<a href="/">Bring all up</a>' in text


@pytest.mark.parametrize("query", ["down=node/nothing", "service=default/web", "at=never", "drain=node/worker-2"])
def test_what_the_sample_does_not_have_changes_nothing(client: FlaskClient, query: str) -> None:
    """A first page is no place for an error."""
    response = client.get(f"/?{query}")
    assert response.status_code == 200
    assert "All 3 services answer every new connection" in response.text


def test_cards_say_what_the_first_thing_to_try_comes_to(client: FlaskClient) -> None:
    """As computed, for a service or for how many there are."""
    text = client.get("/").text
    cards = [re.sub(r"[ \n]+", " ", re.sub("<[^>]*>", "", card)) for card in text.split('class="thumb"')[1:]]
    shop = next(card for card in cards if "Two pods on one node" in card)
    fifty = next(card for card in cards if "Fifty nodes" in card)
    assert "Take worker-2 down: web 37.5\u202f%" in shop
    assert "Lose zone eu-west-1b: 13 of 24 affected" in fifty


def test_every_example_of_the_help_page_works(client: FlaskClient) -> None:
    """Each sign and word has one where a sample shows it."""
    links = re.findall(r'class="see" href="([^"]*)"', client.get("/help").text)
    assert len(links) > 15
    assert {client.get(unescape(link)).status_code for link in links} == {200}
