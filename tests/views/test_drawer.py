"""The drawer under the map: one tab at a time, in the address."""

import re

import pytest
from flask.testing import FlaskClient

from tests.views.test_explorer import FAILED, SHOP

TABS = {
    "time": 'id="course"',
    "connections": 'id="connections"',
    "pods": 'id="fates"',
    "address": 'id="rules"',
    "table": 'id="twin"',
    "settings": 'id="cluster-settings"',
}


def opened(text: str) -> list[str]:
    """Return which tabs' contents are on the page."""
    return [tab for tab, mark in TABS.items() if mark in text]


def test_it_is_closed_at_first(client: FlaskClient) -> None:
    """What lies in a tab is not even sent."""
    text = client.get(FAILED).text
    assert opened(text) == []
    assert re.search(r'id="more-failures" hidden', text)


@pytest.mark.parametrize("tab", TABS)
def test_one_tab_lies_open(client: FlaskClient, tab: str) -> None:
    """Its own link closes it again, every other link keeps it open."""
    text = client.get(f"{FAILED}&drawer={tab}").text
    assert opened(text) == [tab]
    assert re.findall(r'<a id="drawer-(\w+)"[^>]*aria-current="true"', text) == [tab]
    close = re.search(rf'<a id="drawer-{tab}" href="([^"]*)"', text)
    assert close is not None
    assert "drawer=" not in close[1]
    assert f"down=node/worker-1&amp;down=node/worker-2&amp;at=failed&amp;drawer={tab}" in text


@pytest.mark.parametrize("tab", ["time", "connections", "pods"])
def test_with_nothing_down_a_tab_says_so(client: FlaskClient, tab: str) -> None:
    """The bar is the same, so that nothing jumps."""
    text = client.get(f"{SHOP}?service=default/web&drawer={tab}").text
    assert "Nothing is down: once" in text


def test_the_clusters_map_has_what_is_said_of_all_services(client: FlaskClient) -> None:
    """Steps, connections, table, failures, settings; a tab that it doesn't have is closed."""
    text = client.get(f"{SHOP}?down=node/worker-2&at=failed&drawer=pods").text
    assert re.findall(r'<a id="drawer-(\w+)"', text) == ["time", "connections", "table", "failures", "settings"]
    assert opened(text) == []
    assert "Ready turns Unknown" in client.get(f"{SHOP}?down=node/worker-2&drawer=time").text


def test_a_value_that_there_is_not_is_a_closed_drawer(client: FlaskClient) -> None:
    """As an old bookmark may have."""
    assert opened(client.get(f"{FAILED}&drawer=gone").text) == []
