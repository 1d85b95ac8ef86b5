"""The failure over time on the page: charts, steps, seconds, open connections."""

import re

import pytest
from flask.testing import FlaskClient

from tests.views.test_explorer import FAILED, SHOP, words
from webapp.failure import Moment
from webapp.views.page.wording import moment_words


def test_each_way_in_has_its_chart_and_one_number(client: FlaskClient) -> None:
    """The area lost; and what goes on being lost."""
    text = client.get(f"{FAILED}&drawer=time").text
    assert len(re.findall(r'<svg class="dg chart"', text)) == 3
    assert (
        "DNS ≈ 31.2 seconds of full outage (equivalent) 25 % lost from 50 s on, for as long as the failure lasts"
        in words(text)
    )


def test_the_steps_have_their_flags_and_sources(client: FlaskClient) -> None:
    """A reader can look them up, and set them."""
    text = words(client.get(f"{FAILED}&drawer=time").text)
    assert "40 s to 60 s Ready turns Unknown" in text
    assert "kube-controller-manager --node-monitor-grace-period=50s" in text


def test_the_version_is_a_setting(client: FlaskClient) -> None:
    """An older cluster notices earlier, and every place says so."""
    text = words(client.get(f"{FAILED}&kubernetes=1.30&drawer=time").text)
    assert "Detected ≈ 40 s" in text
    assert "--node-monitor-grace-period=40s" in text


def test_nothing_down_has_no_course(client: FlaskClient) -> None:
    """There is nothing to tell."""
    text = client.get(SHOP).text
    assert 'id="course"' not in text
    assert 'id="fates"' not in text


@pytest.mark.parametrize(
    ("query", "said"),
    [
        pytest.param("down=node/worker-2&at=failed", "through a dead node TCP and UDP hangs", id="a crash"),
        pytest.param("down=partition/worker-2", "partitioned node TCP and UDP continues", id="a partition"),
        pytest.param("drain=node/worker-2&at=evicting", "being evicted TCP continues", id="a drain under way"),
        pytest.param("drain=node/worker-2", "that was evicted TCP is closed", id="a drain that is over"),
    ],
)
def test_open_connections_are_told(client: FlaskClient, query: str, said: str) -> None:
    """Which survive, which hang, which are closed."""
    assert said in words(client.get(f"{SHOP}?service=default/web&drawer=connections&{query}").text)


def test_before_the_failure_every_connection_is_open(client: FlaskClient) -> None:
    """So there is nothing to tell of them."""
    path = f"{SHOP}?service=default/web&down=node/worker-2&at=before"
    assert "100 % before" in client.get(f"{path}&drawer=time").text.replace("\N{NARROW NO-BREAK SPACE}", " ")
    assert "is closed" not in client.get(f"{path}&drawer=connections").text


@pytest.mark.parametrize(
    ("seconds", "when"),
    [
        pytest.param({Moment.FAILED: 0, Moment.DETECTED: 50, Moment.RESCHEDULED: 350}, "≈ 6 min", id="minutes"),
        pytest.param({Moment.FAILED: 0, Moment.DETECTED: 50, Moment.RESCHEDULED: 16_950}, "≈ 4.7 h", id="hours"),
        pytest.param({Moment.FAILED: 0, Moment.DETECTED: 25, Moment.RESCHEDULED: 25}, "≈ 25 s", id="seconds"),
        pytest.param({Moment.FAILED: 0, Moment.DETECTED: 25}, "never", id="a moment that doesn't come"),
    ],
)
def test_when_a_moment_is(seconds: dict[Moment, float], when: str) -> None:
    """By the failure's own clock."""
    assert moment_words(Moment.RESCHEDULED, seconds).when.replace("\N{NARROW NO-BREAK SPACE}", " ") == when


def test_a_moment_that_never_comes_says_which_one_stays() -> None:
    """Without a control plane it stays as just failed."""
    assert moment_words(Moment.DETECTED, {Moment.FAILED: 0}).detail == "never · same as just failed"


@pytest.mark.parametrize("page", ["/services", ""])
def test_every_page_goes_by_the_failures_own_clock(client: FlaskClient, page: str) -> None:
    """Seventeen nodes of a zone are tainted one after another."""
    assert "≈ 8 min · where possible" in client.get(f"/t/sample-fifty-nodes{page}?down=zone/eu-west-1b").text


@pytest.mark.parametrize(
    ("query", "when"),
    [
        pytest.param("", "50 s", id="the default version"),
        pytest.param("&kubernetes=1.28", "40 s", id="before 1.32"),
        pytest.param("&kubernetes=1.28&down=node/worker-2", "40 s", id="before 1.32, with a node down"),
    ],
)
@pytest.mark.parametrize("page", ["", "/services"])
def test_the_usual_times_are_those_of_the_version(client: FlaskClient, page: str, query: str, when: str) -> None:
    """--node-monitor-grace-period was 40 s until Kubernetes 1.32, whether or not something is down."""
    text = client.get(f"/t/sample-shop{page}?service=default/web{query}").text.replace("\N{NARROW NO-BREAK SPACE}", " ")
    assert set(re.findall(r"≈ ([45]0 s)", text)) == {when}
