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
    assert '<button class="btn push" type="submit">Visualize</button>' in text


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
    """Drawn with nothing down; its links lead into the sample, to the first thing that is worth a look."""
    text = client.get("/").text
    assert 'id="diagram"' in text
    assert "/t/sample-shop?service=default/web&amp;down=node/worker-2&amp;at=failed" in text


def test_every_example_of_the_help_page_works(client: FlaskClient) -> None:
    """Each sign and word has one where a sample shows it."""
    links = re.findall(r'class="see" href="([^"]*)"', client.get("/help").text)
    assert len(links) > 15
    assert {client.get(unescape(link)).status_code for link in links} == {200}
