"""Change it: edits of what is shown, each with what it would give in the state one looks at."""

import re

import pytest
from flask.testing import FlaskClient

from tests.views.test_explorer import words
from tests.views.uploading import WEB, Uploads
from webapp.numbers import percent

SHOP = "/t/sample-shop?service=default/web&down=node/worker-2"


def section(client: FlaskClient, path: str) -> str:
    """Return the HTML of what can be changed, with plain spaces and ampersands."""
    text = client.get(path).text.replace("\N{NARROW NO-BREAK SPACE}", " ").replace("&amp;", "&")
    found = re.search(r'<section class="change".*?</section>', text, re.DOTALL)
    return found[0] if found else ""


def gives(client: FlaskClient, path: str) -> dict[str, str]:
    """Return what each change would give, by what it is called; for a step, by what it steps to."""
    return {title: share for title, share, _ in offered(client, path)}


def offered(client: FlaskClient, path: str) -> list[tuple[str, str, str]]:
    """Return what each change is called, what it would give, and where it leads."""
    found = []
    # Where a line may end within a word is nothing to read.
    for item in re.findall(r"<li>.*?</li>", section(client, path).replace("<wbr>", ""), re.DOTALL):
        share = re.search(
            r'<span class="gives">(?:<span class="quiet">([^<]*)</span>)?.*?<strong>([^<]+)', item, re.DOTALL
        )
        title = re.search(r'<span class="text"><a [^>]*>([^<]+)</a>', item)
        # Of a stepper the link to more, of a switch the one that is not current.
        links = re.findall(r'<a (?:[^>]*-more" )?[^>]*href="([^"]+)"(?! aria-current)[^>]*>', item)
        if share:
            found.append((share[1] or (title[1] if title else ""), share[2], links[-1] if links else ""))
    return found


def test_each_change_says_what_it_would_give(client: FlaskClient) -> None:
    """A balancer skips the dead address; spread pods are fewer on the dead node; both add up."""
    assert gives(client, f"{SHOP}&at=failed") == {
        "5": "45 %",
        "Local": "50 %",
        "One pod per node": "56.25 %",
        "Load balancer": "50 %",
        "Both of these": "75 %",
        "Cordon it": "37.5 %",
        "dedicated=gpu:NoSchedule": "37.5 %",
        "Remove it": "100 %",
        "Add a node like it": "40 %",
    }
    assert "answered now: 37.5 %" in section(client, f"{SHOP}&at=failed")


EKS = "ip-10-20-31-117.eu-central-1.compute.internal"
BARE = """
apiVersion: v1
kind: Pod
metadata: {name: web-%s, namespace: default, labels: {app: web}}
spec: {nodeName: %s, containers: [{name: web, image: nginx}]}
---"""
SETS = {
    "Deployment": WEB,
    "policy Local": WEB.replace("type: NodePort", "type: NodePort\n  externalTrafficPolicy: Local").replace(
        "s: 3", "s: 2"
    ),
    "StatefulSet": WEB.replace("kind: Deployment", "kind: StatefulSet"),
    "DaemonSet": WEB.replace("kind: Deployment", "kind: DaemonSet").replace("  replicas: 3\n", ""),
    "bare pods on EKS": WEB.split("---")[0]
    + "---"
    + "".join(BARE % (n, EKS) for n in "ab")
    + BARE % ("c", EKS.replace("31-117", "64-9")),
    "no workload": WEB.split("---")[0],
}


@pytest.mark.parametrize("kind", SETS)
@pytest.mark.parametrize(
    "state", ["", "?down=node/%s&at=failed", "?down=node/%s&at=detected&via=lb", "?select=node/%s"]
)
def test_the_number_beside_a_change_is_that_of_the_simulation(
    client: FlaskClient, uploads: Uploads, kind: str, state: str
) -> None:
    """Of the state that it leads to; while nothing is down, with the worst node failed there."""
    node = EKS if "EKS" in kind else "node-1"
    path = uploads.stored(SETS[kind]) + (state % node if state else "")
    supposed = re.search(r"<span>if</span>(.*?)<span class=\"nowrap\">fails", section(client, path), re.DOTALL)
    seen = 0
    for title, share, link in offered(client, path):
        if not link:
            continue
        there = client.get(link, follow_redirects=True).request
        query = re.sub("&dropped=[^&]*", "", there.query_string.decode())
        if supposed:
            query += f"&down=node/{re.sub('<[^>]+>', '', supposed[1]).strip()}&at=failed"
        document = client.get(f"{path.partition('?')[0]}/simulation.json?{query}").json
        (port,) = document["services"][0]["ports"]
        via = "lb" if "via=lb" in query else "dns"
        assert percent(port["answered"][via]).replace("\N{NARROW NO-BREAK SPACE}", " ") == share, title
        seen += 1
    assert seen or (supposed is None and "via=lb" in state)


@pytest.mark.parametrize(
    "query",
    [
        pytest.param("?service=default/web&down=node/worker-2&at=before", id="before the failure"),
        pytest.param("?service=default/web&down=node/worker-2&via=lb", id="nothing is lost"),
        pytest.param("?service=default/web&drain=node/worker-2&at=cordoned", id="a drain"),
    ],
)
def test_no_remedy_is_offered_where_nothing_is_lost(client: FlaskClient, query: str) -> None:
    """No remedy without an illness; but what a change would break is said."""
    assert gives(client, f"/t/sample-shop{query}").keys() <= {"Local"}


def test_what_changes_nothing_is_no_remedy(client: FlaskClient) -> None:
    """These pods may run in the zone that is lost only, so no constraint spreads them."""
    found = gives(client, "/t/sample-fifty-nodes?service=shop/checkout&down=zone/eu-west-1b&at=failed")
    assert "One pod per node" not in found
    assert "Spread over zones" not in found


def test_the_other_policy_says_what_it_gives(client: FlaskClient, uploads: Uploads) -> None:
    """Policy Cluster helps those who ask a node without a pod; the link leads to that state."""
    local = WEB.replace("type: NodePort", "type: NodePort\n  externalTrafficPolicy: Local").replace("s: 3", "s: 2")
    path = uploads.stored(local)
    assert gives(client, f"{path}?down=node/node-1&at=detected")["Cluster"] == "66.67 %"
    assert "policy=default/web:Cluster" in section(client, f"{path}?down=node/node-1")


def test_a_remedy_can_be_copied(client: FlaskClient) -> None:
    """A strategic merge patch of the workload."""
    text = section(client, f"{SHOP}&at=failed")
    assert re.search(r"topologySpreadConstraints:\s+- maxSkew: 1\s+topologyKey: kubernetes.io/hostname", text)
    assert 'data-copy="help-1"' in text


def test_a_pod_that_vanished_is_not_spread(client: FlaskClient) -> None:
    """Its name would be another one in another placement."""
    found = gives(client, "/t/sample-shop?service=default/web&down=pod/default/web-7c9d-pd7wn&at=failed")
    assert "One pod per node" not in found


def test_a_node_gone_says_that_a_budget_would_not_help(client: FlaskClient) -> None:
    """It holds drains back, not crashes."""
    assert "A PodDisruptionBudget would not" in section(client, f"{SHOP}&at=failed")


def test_a_large_cluster_says_nothing_and_still_offers_the_steps(client: FlaskClient, uploads: Uploads) -> None:
    """Another cluster of 600 pods is not built for a number."""
    path = uploads.stored(WEB.replace("s: 3", "s: 600"))
    page = f"{path}?down=node/node-1&at=failed"
    assert gives(client, page).keys() == {"Load balancer"}
    assert "replicas=Deployment/default/web:601" in section(client, page)
    (asked,) = re.findall(r'id="effects" href="([^"]+)"', section(client, page))
    assert "601" in gives(client, asked)
    assert "effects=" not in section(client, asked)


def test_while_nothing_is_down_the_worst_node_is_supposed_to_fail(client: FlaskClient) -> None:
    """The page says so, and what a policy would cost even now."""
    path = "/t/sample-shop?service=default/web"
    assert gives(client, path) == {
        "5": "45 %",
        "Local": "50 %",
        "One pod per node": "56.25 %",
        "Load balancer": "50 %",
        "Both of these": "75 %",
        "Add a node": "40 %",
    }
    text = words(section(client, path))
    assert "if worker-2 fails: 37.5 %" in text
    assert "With Local only 75 % are answered even now" in text
    assert "PodDisruptionBudget" not in text
    assert "down=" not in "".join(link for _, _, link in offered(client, path))


def test_a_node_can_be_removed(client: FlaskClient) -> None:
    """Its address and the failure of it go with it; the bar says how, and leads back."""
    path = "/t/sample-shop?service=default/web&down=node/worker-2&at=failed"
    (link,) = (link for title, _, link in offered(client, path) if title == "Remove it")
    answer = client.get(link)
    assert "delete-node=worker-2" in answer.headers["Location"]
    shown = client.get(answer.headers["Location"]).text
    assert "worker-2 deleted" in words(shown)
    assert 'value="kubectl delete node worker-2"' in shown
    document = client.get("/t/sample-shop/simulation.json?delete-node=worker-2").json
    assert [node["name"] for node in document["nodes"]] == ["worker-1", "worker-3", "worker-4"]
    pods = {e["pod"]: e["node"] for its in document["services"] for p in its["ports"] for e in p["endpoints"]}
    assert len(pods) == 11
    assert "worker-2" not in pods.values()


def test_an_assumed_node_is_removed_by_name(client: FlaskClient, uploads: Uploads) -> None:
    """The others keep theirs; the last one of all stays."""
    path = uploads.stored()
    (link,) = (link for title, _, link in offered(client, f"{path}?select=node/node-2") if title == "Remove it")
    leads = client.get(link).headers["Location"]
    assert "nodes=2&node-names=node-1,node-3" in leads
    assert "Remove it" in section(client, f"{path}?nodes=2&select=node/node-2")
    assert "Remove it" not in section(client, f"{path}?nodes=1&select=node/node-1")


def test_a_node_is_added_where_only_pods_name_some(client: FlaskClient, uploads: Uploads) -> None:
    """It is assumed, and removing it takes the edit back."""
    path = uploads.stored(SETS["bare pods on EKS"])
    (link,) = (link for title, _, link in offered(client, path) if title == "Add a node")
    new = "ip-10-20-64-9-2.eu-central-1.compute.internal"
    assert link == f"{path}?add-node={new}"
    assert f'aria-label="Undo: {new} added, assumed"' in client.get(link).text
    (back,) = (link for title, _, link in offered(client, f"{link}&select=node/{new}") if title == "Remove it")
    assert "add-node" not in client.get(back).headers["Location"]


def test_the_name_of_a_deleted_node_is_not_given_to_another(client: FlaskClient) -> None:
    """It is there in the upload still: added and deleted at once it would be refused."""
    (link,) = (
        link for title, _, link in offered(client, "/t/sample-shop?delete-node=worker-4") if title == "Add a node"
    )
    answer = client.get(link, follow_redirects=True)
    assert answer.status_code == 200
    assert "worker-5 added" in words(answer.text)


def test_the_map_of_the_cluster_weighs_all_services(client: FlaskClient) -> None:
    """What its table says of the worst and the best of them."""
    path = "/t/sample-shop?down=node/worker-2&at=failed"
    (link,) = (
        link for title, share, link in offered(client, path) if (title, share) == ("Add a node like it", "40–80 %")
    )
    document = client.get(link.replace("/t/sample-shop", "/t/sample-shop/simulation.json")).json
    shares = [port["answered"]["dns"] for its in document["services"] for port in its["ports"] if port["answered"]]
    assert (min(shares), max(shares)) == (pytest.approx(0.4), pytest.approx(0.8))


def test_a_node_can_be_cordoned_and_tainted(client: FlaskClient) -> None:
    """By a link that takes it back as well, and a field for the taint."""
    path = "/t/sample-shop?service=default/web&select=node/worker-4"
    assert re.search(r'href="[^"]*cordon=worker-4[^"]*">Cordon ', section(client, path))
    assert re.search(r'href="(?![^"]*cordon=)[^"]*">Uncordon ', section(client, f"{path}&cordon=worker-4"))
    assert 'name="taint/worker-4"' in section(client, path)
    leads = client.get("/t/sample-shop/edit?service=default/web&taint/worker-4=a=b:NoSchedule").headers["Location"]
    assert leads.endswith("taint=worker-4:a=b:NoSchedule")
    assert "worker-4: taint a=b:NoSchedule" in client.get(leads).text


def test_a_pod_can_be_moved_from_a_list_of_nodes(client: FlaskClient) -> None:
    """The map shows it there, and its old node without it."""
    pod = "default/web-7c9d-pd7wn"
    path = f"/t/sample-shop?service=default/web&select=pod/{pod}"
    assert f'name="move/{pod}"' in section(client, path)
    assert '<option value="worker-2" selected>worker-2</option>' in section(client, path)
    assert '<option value="worker-4">worker-4 → 56.25 %</option>' in section(client, path)
    leads = client.get(f"/t/sample-shop/edit?service=default/web&move/{pod}=worker-4").headers["Location"]
    assert leads.endswith(f"move={pod}:worker-4")
    assert f"Pod {pod} on worker-4" in client.get(leads).text
    assert client.get(f"{leads}&down=node/worker-4&at=detected").status_code == 200


def test_a_step_goes_from_what_there_is(uploads: Uploads, client: FlaskClient) -> None:
    """Also where a patch made it so: back to the upload's number is then an edit of its own."""
    path = f'{uploads.stored()}?patch=Deployment/default/web:{{"spec":{{"replicas":4}}}}'
    text = section(client, path)
    assert re.search(r'name="replicas/Deployment/default/web"[^>]* value="4"', text)
    assert "replicas=Deployment/default/web:5" in text
    assert "replicas=Deployment/default/web:3" in text


def test_a_node_like_the_selected_one_can_be_added(client: FlaskClient) -> None:
    """With its labels, its taints and its room; without an address, and under the next free name."""
    path = "/t/sample-shop?service=default/web&select=node/worker-2"
    (link,) = re.findall(r'href="([^"]+)">Add a node like it', section(client, path))
    shown = client.get(link).text
    assert "Node worker-5 added" in shown
    document = client.get(link.replace("/t/sample-shop?", "/t/sample-shop/simulation.json?")).json
    assert [node["name"] for node in document["nodes"]][-1] == "worker-5"
    assert document["nodes"][-1]["zone"] == document["nodes"][1]["zone"]
    (again,) = re.findall(r'href="([^"]+)">Add a node like it', section(client, link))
    assert "Node/worker-6" in again


def test_the_clusters_map_offers_what_can_be_done_to_a_node(client: FlaskClient) -> None:
    """And nothing of a single service."""
    text = section(client, "/t/sample-shop?down=node/worker-2&at=failed")
    assert "Cordon" in text
    assert "Replicas" not in text
    assert "Policy" not in text
