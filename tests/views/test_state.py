"""States of the page and their addresses: one canonical form, decoded as it was encoded."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.views.uploading import WEB
from webapp.failure import Moment, Target
from webapp.failure.kinds import FailureKind
from webapp.views.page.state import SERVICE, PageState, open_page
from webapp.views.page.wording import MOST_LINKED

WORKER_2 = Target(kind=FailureKind.NODE, name="worker-2")
WORKER_3 = Target(kind=FailureKind.NODE, name="worker-3")


def page(app: Flask, query: str = "") -> PageState:
    """Return what a query asks of the sample."""
    with app.test_request_context(f"/t/sample-shop?{query}"):
        return open_page("sample-shop")


def url(app: Flask, state: PageState) -> str:
    """Return the address of a state."""
    with app.test_request_context("/"):
        return state.url()


@pytest.mark.parametrize(
    "query",
    [
        "",
        "service=default/web&down=node/worker-2&at=failed&via=lb",
        "drain=node/worker-2&at=evicting",
        "down=node/worker-2&down=zone/b&select=node/worker-1&drawer=table",
        "proxy-mode=nftables&kubernetes=1.30",
        "service=default/web&port=http",
        "service=default/web&down=node/worker-2&select=service",
    ],
)
def test_an_address_in_its_canonical_form_comes_back_as_it_was(app: Flask, query: str) -> None:
    """So an address that was shared is the address that one sees."""
    assert url(app, page(app, query)) == "/t/sample-shop" + (f"?{query}" if query else "")


def test_toggling_twice_leads_back(app: Flask) -> None:
    """Down and up again is where one was, but for what is selected."""
    state = page(app, "down=node/worker-3&at=failed")
    assert state.toggled(WORKER_2).without(WORKER_2).scenario == state.scenario


def test_what_was_taken_down_last_is_selected(app: Flask) -> None:
    """The panel shows what was clicked."""
    assert page(app, "down=node/worker-2").toggled(WORKER_3).selected == WORKER_3


def test_the_selection_is_left_out_where_it_goes_without_saying(app: Flask) -> None:
    """The only thing that is down is what the panel is about."""
    assert url(app, page(app).toggled(WORKER_2)) == "/t/sample-shop?down=node/worker-2&at=failed"


def test_the_service_is_selected_beside_what_is_down(app: Flask) -> None:
    """With nothing down it is what the panel is about anyway, and on the map of the cluster there is no one service."""
    state = page(app, "service=default/web&down=node/worker-2").selecting(SERVICE)
    assert state.selected is None
    assert state.toggled(WORKER_3).selected == WORKER_3
    assert "select" not in url(app, page(app, "service=default/web").selecting(SERVICE))
    assert "select" not in url(app, state.unfocused())


def test_reset_brings_everything_back_and_keeps_the_rest(app: Flask) -> None:
    """The service and the way in stay."""
    state = page(app, "service=default/web&down=node/worker-2&at=failed&via=lb").reset()
    assert url(app, state) == "/t/sample-shop?service=default/web&via=lb"


def test_a_moment_that_is_the_default_is_left_out(app: Flask) -> None:
    """Addresses are as short as they can be."""
    assert (
        url(app, page(app, "down=node/worker-2&at=failed").at(Moment.DETECTED)) == "/t/sample-shop?down=node/worker-2"
    )


def test_without_a_service_named_the_first_one_with_a_node_port_is_in_focus(app: Flask) -> None:
    """There is always something to see."""
    state = page(app)
    assert state.service is not None
    assert any(port.node_port for port in state.service.ports)


def test_a_page_with_very_many_failures_links_a_few_dozen(client: FlaskClient) -> None:
    """Each link names all the others: a link for each would make the page grow with the square."""
    nodes = "".join(f"---\napiVersion: v1\nkind: Node\nmetadata: {{name: n{at:03}}}\n" for at in range(300))
    path = client.post("/upload", data={"text": f"{WEB}{nodes}"}).headers["Location"]
    for page in (path, f"{path}/services"):
        text = client.get(page, query_string=[("down", f"node/n{at:03}") for at in range(200)]).text
        assert text.count('class="chip down"') == MOST_LINKED
    assert "and 164 more" in client.get(path, query_string=[("down", f"node/n{at:03}") for at in range(200)]).text
