"""What can be done with a node at its lane."""

import pytest
from flask import Flask

from webapp.failure import Target
from webapp.failure.kinds import FailureKind
from webapp.views.page.picture import node_actions
from webapp.views.page.state import open_page

DOWN = "/t/sample-shop?down=node/worker-2&at=failed"
DRAIN = "/t/sample-shop?drain=node/worker-2"


@pytest.mark.parametrize(
    ("query", "offered"),
    [
        pytest.param("", {"Take down": DOWN, "Drain": DRAIN}, id="nothing down"),
        pytest.param("down=node/worker-2", {"Bring back up": "/t/sample-shop?select=node/worker-2"}, id="it is down"),
        pytest.param("drain=node/worker-2", {"Bring back up": "/t/sample-shop?select=node/worker-2"}, id="drained"),
        pytest.param("down=zone/a", {}, id="its zone is down"),
        pytest.param(
            "drain=node/worker-1",
            {"Take down": DOWN, "Drain": "/t/sample-shop?drain=node/worker-1&drain=node/worker-2&select=node/worker-2"},
            id="another is drained",
        ),
    ],
)
def test_a_lane_offers_what_can_be_done_with_its_node(app: Flask, query: str, offered: dict[str, str]) -> None:
    """Each is one click; a node whose zone is down comes back with the zone."""
    with app.test_request_context(f"/t/sample-shop?{query}"):
        page = open_page("sample-shop")
        assert dict(node_actions(page, Target(kind=FailureKind.NODE, name="worker-2"))) == offered
