"""The page of a game day: the plan of the failure that is looked at."""

from flask.testing import FlaskClient

SHOP = "/t/sample-shop"
DOWN = "down=node/worker-2&at=failed"


def test_the_plan_stands_on_the_page(client: FlaskClient) -> None:
    """With what is expected, and room for what is seen."""
    text = client.get(f"{SHOP}/game-day?{DOWN}").text.replace("<wbr>", "")
    assert "Game day: worker-2 down" in text
    assert '37.5\u202f%<br><span class="quiet small">(131 to 169)</span>' in text
    assert text.count('<td class="fill"></td>') == 3 * 4 * 3 + 5
    assert "kubectl wait --for=condition=Ready --timeout=10m node/worker-2" in text


def test_the_map_of_a_failure_leads_to_it(client: FlaskClient) -> None:
    """Of a service and of the cluster; not while all is well."""
    for words in (DOWN, f"service=default/web&{DOWN}", "drain=node/worker-1&at=drained"):
        text = client.get(f"{SHOP}?{words}").text
        assert 'id="rehearse"' in text, words
        assert "game-day.md" in text
    assert "game-day" not in client.get(SHOP).text


def test_with_nothing_down_it_says_what_to_do(client: FlaskClient) -> None:
    """On the page and in the file."""
    assert "Take a node down on the map" in client.get(f"{SHOP}/game-day").text
    assert "Nothing is down" in client.get(f"{SHOP}/game-day.md").text


def test_one_service_alone_is_planned(client: FlaskClient) -> None:
    """If it is in focus."""
    text = client.get(f"{SHOP}/game-day?service=default/api&{DOWN}").text.replace("<wbr>", "")
    assert "default/api:80" in text
    assert "default/web:80" not in text


def test_the_page_gives_the_files_that_stage_it(client: FlaskClient) -> None:
    """Each of the same state."""
    text = client.get(f"{SHOP}/game-day?{DOWN}").text
    for name in ("game-day.md", "drain.sh", "chaos-mesh.yaml", "litmus.yaml"):
        assert f"{SHOP}/{name}?down=node/worker-2&amp;at=failed" in text
        assert "worker-2" in client.get(f"{SHOP}/{name}?{DOWN}").text


def test_what_would_refute_it_stands_on_the_page(client: FlaskClient) -> None:
    """With the steps of Kubernetes, their settings and sources."""
    text = client.get(f"{SHOP}/game-day?{DOWN}").text.replace("<wbr>", "").replace("\u202f", " ")
    assert "Not within 40 s to 60 s: Ready turns Unknown" in text
    assert "--node-monitor-grace-period=50s" in text
    assert "By worker-1’s IP" in text
