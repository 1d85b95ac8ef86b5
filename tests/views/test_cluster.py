"""The map of a whole cluster: the first page of a set with several exposed services."""

import re
from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.views.test_explorer import words
from tests.views.uploading import Uploads

SHOP = "/t/sample-shop"
FAILED = f"{SHOP}?down=node/worker-2&at=failed"


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """Return a client."""
    return app.test_client()


def test_several_exposed_services_open_on_the_cluster(client: FlaskClient) -> None:
    """With what each of them loses; the worst first."""
    text = client.get(FAILED).text
    assert "worker-2 is down: all 3 services are degraded" in text
    assert re.findall(r'id="b-default_2f_(\w+?)_3a_80"', text) == ["web", "api", "admin"]


@pytest.mark.parametrize(
    "address",
    [f"{SHOP}?service=default/web", f"{SHOP}?port=80", "/t/sample-webapp-service"],
    ids=["a service is named", "a port is named", "one is exposed"],
)
def test_one_service_opens_on_its_map(client: FlaskClient, address: str) -> None:
    """As before."""
    assert 'id="choose-service"' in (text := client.get(address).text)
    assert "Every new connection to" in text


def test_a_lane_a_bar_and_a_zone_lead_to_their_states(client: FlaskClient) -> None:
    """And the map of a service leads back."""
    text = client.get(SHOP).text
    addresses = set(re.findall(r'href="(/t/sample-shop[^"]*)"', unescape(text)))
    assert {
        f"{SHOP}?down=node/worker-1&at=failed",
        f"{SHOP}?down=zone/a&at=failed",
        f"{SHOP}?service=default/web",
    } <= addresses
    assert f'href="{SHOP}">Cluster</a>' in client.get(f"{SHOP}?service=default/web").text


def test_the_strips_say_what_each_time_and_access_path_does(client: FlaskClient) -> None:
    """The range of shares of few services, how many are affected of many."""
    text = client.get(FAILED).text.replace("\N{NARROW NO-BREAK SPACE}", " ")
    assert "<b>37.5–75 %</b>" in text
    assert "<b>13 affected</b>" in client.get("/t/sample-fifty-nodes?down=zone/eu-west-1b&at=failed&via=lb").text


def test_the_table_says_the_same(client: FlaskClient) -> None:
    """For whoever does not see the picture."""
    text = client.get(f"{FAILED}&view=table").text.replace("\N{NARROW NO-BREAK SPACE}", " ")
    rows = [re.sub("<[^>]*>", " ", row).split() for row in re.findall(r'<tr id="row-b.*?</tr>', text)]
    assert rows[0] == ["default/web", "80", "←", "30080", "Degraded", "37.5", "%", "100", "%", "25", "%", "37.5", "%"]


def test_the_picture_of_the_address_is_that_of_the_page(client: FlaskClient) -> None:
    """The whole cluster, by the same words."""
    response = client.get(f"{SHOP}/diagram.svg?down=node/worker-2&at=failed")
    assert "All 3 service ports lose connections" in response.text
    assert 'filename="cluster.svg"' in response.headers["Content-Disposition"]


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("down=node/worker-2&at=failed", "25 % of new connections go to worker-2’s IP: nothing answers there."),
        (
            "down=node/worker-2&at=failed",
            "Pods that are dead stay endpoints until Kubernetes detects the failure, ≈ 50 s",
        ),
        ("down=zone/a&at=detected", "50 % of new connections go to the IPs of 2 nodes that are down"),
    ],
    ids=["node IPs", "dead endpoints", "several nodes"],
)
def test_the_panel_says_why(client: FlaskClient, query: str, said: str) -> None:
    """A sentence for each place where connections end."""
    text = client.get(f"{SHOP}?{query}").text.replace("\N{NARROW NO-BREAK SPACE}", " ")
    assert said in unescape(re.sub("<[^>]*>", "", text))


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("down=zone/a&at=before", "Before: nothing is down yet, all 3 services answer every new connection"),
        ("down=zone/a&via=lb", "Zone a is down: all 3 services answer every new connection"),
        ("down=node/worker-1&down=node/worker-2&at=failed", "2 nodes are down: all 3 services are degraded"),
        ("drain=node/worker-2", "worker-2 is drained: all 3 services answer every new connection"),
    ],
    ids=["before", "nothing lost", "two nodes", "a drain"],
)
def test_the_headline_says_what_falls(client: FlaskClient, query: str, said: str) -> None:
    """What is down, then how many services lose connections."""
    assert said in client.get(f"{SHOP}?{query}").text


def test_a_name_stands_above_the_picture(client: FlaskClient) -> None:
    """And in the title."""
    assert "zone a lost: Zone a is down: all 3 services" in client.get(f"{SHOP}?down=zone/a&name=zone+a+lost").text


PHONE = re.compile(r'<div class="turned.*?</table>', re.DOTALL)


def test_a_phone_has_a_row_for_each_of_many_services(client: FlaskClient) -> None:
    """With a column for each lane, whose head takes it down, and the same shares as the picture."""
    text = client.get("/t/sample-fifty-nodes?down=zone/eu-west-1b&at=failed&via=lb").text
    turned = PHONE.search(text)
    assert turned
    rows = re.findall(r'<tr><th scope="row">.*?</tr>', turned[0], re.DOTALL)
    assert len(rows) == 13
    cells = re.findall(r"<td class=.*?</td>", rows[1], re.DOTALL)
    assert [re.sub("<[^>]*>", "", cell).strip() for cell in cells] == ["4", "×4", "4"]
    assert re.findall(r'data-takes="([^"]*)"', turned[0]) == ["zone/eu-west-1a", "zone/eu-west-1b", "zone/eu-west-1c"]
    assert "10 healthy, as before" in text


def test_a_phone_has_a_card_for_each_node_where_services_are_few(client: FlaskClient) -> None:
    """With its pods in the columns of the services, each by the end of its name."""
    text = client.get(FAILED).text
    cards = re.findall(r'<li class="node-card.*?</li>', text, re.DOTALL)
    assert [re.search(r"Bring up|Take down", card)[0] for card in cards] == [
        "Take down",
        "Bring up",
        "Take down",
        "Take down",
    ]
    assert re.findall(r"<code>([a-z0-9]{5})</code>", cards[1]) == ["8mmzq", "pd7wn", "d7w9k"]


def test_what_is_found_has_a_lane_of_its_own_that_is_marked(client: FlaskClient) -> None:
    """Of fifty nodes folded by zone, the one that somebody looked for."""
    text = client.get("/t/sample-fifty-nodes?select=node/worker-20").text
    (lane,) = re.findall(r'<g id="n-worker-20".*?</g>', text, re.DOTALL)
    assert 'class="selected"' in lane


def test_what_is_unfolded_can_be_folded_again(client: FlaskClient) -> None:
    """Each thing by itself, in words."""
    state = "down=zone/eu-west-1b&at=failed&via=lb"
    text = unescape(client.get(f"/t/sample-fifty-nodes?{state}&unfold=eu-west-1a.up&unfold=services.answered").text)
    chips = re.findall(r'<a class="chip" href="([^"]*)" aria-label="([^"]*): fold again"', text)
    assert chips == [
        (f"/t/sample-fifty-nodes?{state}&unfold=services.answered", "eu-west-1a"),
        (f"/t/sample-fifty-nodes?{state}&unfold=eu-west-1a.up", "healthy services"),
    ]
    assert "fold again" not in client.get(f"/t/sample-fifty-nodes?{state}").text


def test_what_is_found_has_a_lane_of_its_own_on_the_map_of_a_service(client: FlaskClient) -> None:
    """Of many nodes folded into few lanes, also where it has no pod of the service."""
    path = "/t/sample-fifty-nodes?service=default/echo"
    assert 'id="n-worker-20"' not in client.get(path).text
    text = client.get(f"{path}&select=node/worker-20").text
    assert 'id="n-worker-20"' in text
    assert text.count('class="selected"') == 1


def help_table(client: FlaskClient, path: str) -> dict[str, tuple[list[str], str]]:
    """Return what would help: each row's shares, and where it leads."""
    text = client.get(path).text.replace("\N{NARROW NO-BREAK SPACE}", " ")
    found = re.search(r'<section id="help".*?</section>', text, re.DOTALL)
    rows = re.findall(r"<tr.*?</tr>", found[0], re.DOTALL) if found else []
    return {
        words(re.findall(r"<th[^>]*>.*?</th>", row)[0]).strip(): (
            [words(cell).strip() for cell in re.findall(r'<t[hd][^>]* class="num">(.*?)</t[hd]>', row)],
            unescape("".join(re.findall(r'href="([^"]+)"', row)[:1])),
        )
        for row in rows
        if "scope" in row
    }


def test_what_would_help_stands_service_by_service(client: FlaskClient) -> None:
    """The worst hit first; what changes nothing has a sign for it."""
    table = help_table(client, FAILED)
    assert {title: shares for title, (shares, _) in table.items()} == {
        "web": ["web", "api", "admin"],
        "As it is": ["37.5 %", "56.25 %", "75 %"],
        "Load balancer": ["50 %", "75 %", "100 %"],
        "Spread web": ["56.25 %", "= the same", "= the same"],
    }
    for title in ("Load balancer", "Spread web"):
        shares, link = table[title]
        document = client.get(link.replace("/t/sample-shop", "/t/sample-shop/simulation.json")).json
        via = "lb" if title == "Load balancer" else "dns"
        answered = {its["name"]: its["ports"][0]["answered"][via] for its in document["services"] if its["ports"]}
        expected = [answered[name] for name in ("web", "api", "admin")]
        before = [0.375, 0.5625, 0.75]
        told = [
            b if share == "= the same" else float(share[:-2]) / 100 for share, b in zip(shares, before, strict=True)
        ]
        assert told == pytest.approx(expected)


def test_while_nothing_is_down_it_is_weighed_as_if_the_worst_node_failed(client: FlaskClient) -> None:
    """And says so; the links still lead to a state in which nothing is down."""
    table = help_table(client, SHOP)
    assert table["As it is"][0] == ["50 %", "56.25 %", "56.25 %"]
    assert table["Load balancer"] == (["66.67 %", "75 %", "75 %"], f"{SHOP}?via=lb")
    assert "if worker-1 fails" in words(client.get(SHOP).text)


@pytest.mark.parametrize("query", ["down=node/worker-2&at=before", "drain=node/worker-2&at=cordoned"])
def test_nothing_is_said_to_help_where_nothing_is_lost(client: FlaskClient, query: str) -> None:
    """No remedy without an illness."""
    assert not help_table(client, f"{SHOP}?{query}")


def test_the_timeline_shows_the_range_of_few_services(client: FlaskClient) -> None:
    """The line is the worst of them, the dashed one the best; for each access path."""
    text = client.get(f"{FAILED}&drawer=time").text.replace("\N{NARROW NO-BREAK SPACE}", " ")
    labels = re.findall(r'class="dg chart"[^>]*aria-label="([^"]+)"', text)
    assert labels == [
        "One node IP, worker-1: 100 % before, 50–100 % from 0 s, 100 % from 50 s on",
        "DNS: 100 % before, 37.5–75 % from 0 s, 75 % from 50 s on",
        "Load balancer: 100 % before, 50–100 % from 0 s, 100 % from 50 s on",
    ]
    assert "the dashed line the one that answers most" in text


def test_the_timeline_counts_what_is_affected_of_many(client: FlaskClient) -> None:
    """As the row above the picture does."""
    text = client.get("/t/sample-fifty-nodes?down=zone/eu-west-1b&at=failed&drawer=time").text.replace(
        "\N{NARROW NO-BREAK SPACE}", " "
    )
    labels = re.findall(r'class="dg chart"[^>]*aria-label="([^"]+)"', text)
    assert "DNS: 0 affected before, 22 affected from 0 s, 20 affected from 510 s on" in labels
    assert "The line is the share of 24 service ports that answer as before" in text


def test_a_drain_has_steps_and_no_chart(client: FlaskClient) -> None:
    """It takes as long as budgets make it take."""
    text = client.get(f"{SHOP}?drain=node/worker-2&drawer=time").text
    assert 'class="dg chart"' not in text


def test_very_many_services_are_asked_about_without_results(client: FlaskClient, uploads: Uploads) -> None:
    """The fullest node and the largest zone, with what is on them; opened, they say what is affected."""
    node = "apiVersion: v1\nkind: Node\nmetadata: {name: n%d, labels: {topology.kubernetes.io/zone: z%d}}\n"
    pod = (
        "apiVersion: v1\nkind: Pod\nmetadata: {name: p%d, namespace: default, labels: {app: a%d}}\n"
        "spec: {nodeName: n%d, containers: [{name: c, image: c}]}\n"
    )
    service = (
        "apiVersion: v1\nkind: Service\nmetadata: {name: s%d, namespace: default}\n"
        "spec: {type: NodePort, selector: {app: a%d}, ports: [{port: 80, nodePort: %d}]}\n"
    )
    nodes = [node % (n, n % 2) for n in range(3)]
    pods = [pod % (n, n, 0 if n < 3 else n % 3) for n in range(6)]
    services = [service % (n, n % 6, 30000 + n) for n in range(301)]
    path = uploads.stored("---\n".join((*nodes, *pods, *services)))
    text = client.get(path).text
    row = words(text[text.index('class="controls"') : text.index('<div class="explorer')])
    assert "n0 fails? 4 pods on it" in row
    assert "zone z0 fails? 2 nodes in it" in row
    assert "n0 drains? respecting PodDisruptionBudgets" in row
    opened = client.get(f"{path}?down=node/n0&at=failed&drawer=time").text
    assert "DNS: 0 affected before, 301 affected from 0 s on" in opened.replace("\N{NARROW NO-BREAK SPACE}", " ")


def test_a_card_on_a_phone_also_drains_its_node(client: FlaskClient) -> None:
    """Beside taking it down; not what is down or drained already, nor on the first page, which knows no drains."""

    def drained(path: str) -> set[str]:
        cards = client.get(path).text.partition('<ul class="cards columns">')[2].partition("</ul>")[0]
        return set(re.findall(r'href="[^"]*drain=node/([\w-]+)"[^>]*>Drain<', cards))

    assert drained("/t/sample-shop") == {"worker-1", "worker-2", "worker-3", "worker-4"}
    assert "worker-2" not in drained("/t/sample-shop?down=node/worker-2&at=failed")
    assert drained("/") == set()
