"""The table of words and pages: an address written and read again says the same; no form says a word twice."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.views.uploading import SETTINGS
from webapp.diagram import PICTURE_OPTIONS
from webapp.views import create_app
from webapp.views.page import query
from webapp.views.page.state import PageState, open_page

ANY_APP = settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
NODES = tuple(f"worker-{number}" for number in (1, 2, 3))
SAMPLE = "sample-shop"
OF_TOPOLOGY = [name for name, page in query.PAGES.items() if page.path == {"topology_id"}]
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "effects": st.sampled_from(["", "shown"]),
    "order": st.just("name"),
    "moment": st.sampled_from(["failed", "detected"]),
    "through": st.sampled_from(["lb", "dns"]),
    "page": st.integers(1, 99),
    "step": st.integers(1, 6),
    "number": st.integers(1, 99),
    "hint": st.sampled_from(["", "1", "2", "3"]),
    "list": st.sampled_from(["", "all", "causes"]),
    "entries": st.sampled_from(["full", "summary"]),
    "protocol": st.sampled_from(["TCP", "UDP"]),
    "share": st.sampled_from(["", "link", "embed"]),
    "of": st.sampled_from(["explorer", "findings"]),
    "findable": st.sampled_from(["private", "public"]),
    "theme": st.sampled_from(["", "dark"]),
    "clicks": st.sampled_from(["yes", "no"]),
    "format": st.sampled_from(["png", "svg"]),
    **{name: st.sampled_from(its.values) for name, its in PICTURE_OPTIONS.items()},
    "height": st.sampled_from(["420", "560"]),
    "sizes": st.sampled_from(["no", "yes"]),
    "predict": st.sampled_from(["", "1"]),
    **dict.fromkeys(("which", "how-much", "until"), st.sampled_from(["", "1", "4"])),
    "dropped": st.lists(st.just("down=node/gone") | st.just("select=a&b"), unique=True),
}
TEXT = st.text(st.characters(codec="ascii", categories=["L", "N", "P", "S"]), max_size=12)


@pytest.fixture(scope="module")
def app() -> Iterator[Flask]:
    """One app for all examples."""
    made = create_app(SETTINGS)
    yield made
    made.extensions["nodefall"].store.close()


@st.composite
def states(draw: st.DrawFn) -> list[tuple[str, str]]:
    """Draw the words of some state of the sample."""
    down = draw(st.lists(st.sampled_from(NODES), unique=True))
    word = draw(st.sampled_from(["down", "drain"])) if down else "down"
    pairs = [(word, f"node/{name}") for name in down]
    if down:
        pairs.append(("at", draw(st.sampled_from(["failed", "rescheduled"] if word == "down" else ["cordoned"]))))
    chosen = {
        "via": draw(st.sampled_from(["dns", "lb", "node/worker-1"])),
        "proxy-mode": draw(st.sampled_from(["iptables", "nftables"])),
        "pods": str(draw(st.integers(0, 5))),
        "select": draw(st.sampled_from(["", "node/worker-2"])),
        "view": draw(st.sampled_from(["", "table"])),
        "name": draw(TEXT),
        "port": draw(st.sampled_from(["", "http"])),
    }
    unfold = draw(st.lists(TEXT.filter(bool), max_size=2))
    ignored = draw(st.lists(st.sampled_from(["NP220/shop:a test system", "NP225:there are none"]), unique=True))
    repeated = [*(("unfold", each) for each in unfold), *(("ignore", each) for each in ignored)]
    return [*pairs, *((key, value) for key, value in chosen.items() if value), *repeated]


def opened(app: Flask, address: str, pairs: list[tuple[str, str]] | None = None) -> PageState:
    """Return the state that an address asks for."""
    with app.test_request_context(address, query_string=None if pairs is None else pairs):
        return open_page(SAMPLE)


@ANY_APP
@pytest.mark.parametrize("endpoint", OF_TOPOLOGY)
@given(pairs=states(), data=st.data())
def test_an_address_that_is_written_and_read_again_says_the_same(
    app: Flask, endpoint: str, pairs: list[tuple[str, str]], data: st.DataObject
) -> None:
    """Of the state all that the page keeps, and each word of its own."""
    with app.test_request_context("/", query_string=pairs):
        state = open_page(SAMPLE)
        own = {word.name: data.draw(VALUES.get(word.name, TEXT)) for word in query.PAGES[endpoint].words}
        address = state.url(endpoint, **own)
    said = parse_qsl(urlsplit(address).query, keep_blank_values=True)
    with app.test_request_context(address):
        again = open_page(SAMPLE)
        assert again.url(endpoint, **own) == address
        for word in query.PAGES[endpoint].words:
            read = list(word.all(said)) if isinstance(word, query.Repeated) else word.asked()
            assert read == own[word.name]
    if query.PAGES[endpoint].keeps >= query.VIEW_WORDS:
        assert again.selected == state.selected
        assert replace(again, select=None) == replace(state, select=None)


@ANY_APP
@pytest.mark.parametrize("name", query.FORMS)
@given(pairs=states(), data=st.data())
def test_a_form_hides_no_word_that_it_has_a_field_for_and_none_twice(
    app: Flask, name: str, pairs: list[tuple[str, str]], data: st.DataObject
) -> None:
    """A browser would send such a word twice."""
    endpoint, fields = query.FORMS[name]
    page = query.PAGES[endpoint]
    own = {word.name: data.draw(VALUES.get(word.name, TEXT)) for word in page.words}
    with app.test_request_context("/", query_string=pairs):
        path = dict.fromkeys(page.path, SAMPLE)
        form = query.form(name, open_page(SAMPLE).pairs(), boxes=[("down", "node/worker-1")], **path, **own)
    assert not {key for key, _ in form.hidden} & fields
    assert ("down", "node/worker-1") not in form.hidden
    assert len(set(form.hidden)) == len(form.hidden)


def test_a_word_of_another_page_is_not_written(app: Flask) -> None:
    """Nor what no page has: a typo in the code is an error, not an address that says something else."""
    with app.test_request_context("/"), pytest.raises(KeyError, match=r"problems\.show takes no q"):
        query.address("problems.show", topology_id=SAMPLE, q="web")


def test_all_pages_that_ask_by_their_address_are_in_the_table(app: Flask) -> None:
    """And no row is about a page that is not there."""
    assert query.PAGES.keys() <= app.view_functions.keys()
    assert {endpoint for endpoint, _ in query.FORMS.values()} <= query.PAGES.keys()
