"""The findings of an upload, what mends them, and why an address does not answer."""

import html
import re

import pytest
from flask.testing import FlaskClient

from tests.views.test_explorer import words
from tests.views.uploading import WEB, Uploads
from webapp.findings import RULES
from webapp.findings.consequence import without_consequence
from webapp.limits import WORDS
from webapp.views.page.findings import MOST_COUNTED

SHOP = "/t/sample-shop/findings"
CLASH = "/t/sample-clashing-ports/findings"
LOOSE = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: loose, namespace: prod%s}
spec:
  replicas: 1
  selector: {matchLabels: {app: loose}}
  template:
    metadata: {labels: {app: loose}}
    spec: {containers: [{name: c, image: c, ports: [{containerPort: 80}]}]}
---
apiVersion: v1
kind: Service
metadata: {name: loose, namespace: prod}
spec: {type: NodePort, selector: {app: loose}, ports: [{port: 80, nodePort: 30123}]}
"""


def ids(client: FlaskClient, path: str) -> list[str]:
    """Return the ids of the findings on a page, in order."""
    return re.findall(r'<span class="mono-small quiet id">(NP\d+)</span>', client.get(path).text)


def test_the_heading_counts_and_the_worst_comes_first(client: FlaskClient) -> None:
    """By what they lead to; notes wait until they are asked for."""
    text = words(client.get(CLASH).text)
    assert "1 error and 3 warnings" in text
    assert "and 5 notes" in text
    assert ids(client, CLASH)[0] == "NP206"
    assert len(ids(client, f"{CLASH}?severity=all")) > len(ids(client, CLASH))


def test_a_finding_names_its_place_its_reason_and_its_remedy(client: FlaskClient) -> None:
    """File and line, object, what is wrong, why it matters, what to do, a patch, and the map."""
    text = client.get(f"{SHOP}?severity=all").text
    assert "shop.yaml:" in text
    assert re.search(r"default/web\s+Deployment · shop.yaml:", words(text))
    assert "Maintenance that drains several nodes may stop all pods" in text
    assert 'href="/t/sample-shop?service=default/web"' in text
    assert re.search(r'<pre class="remedy"[^>]*>apiVersion: policy/v1\nkind: PodDisruptionBudget', text)


@pytest.mark.parametrize(
    ("query", "kept"),
    [
        pytest.param("severity=warning", {"NP225"}, id="one severity"),
        pytest.param("rule=NP250", {"NP250"}, id="one rule"),
        pytest.param("severity=error", set(), id="none of that severity"),
        pytest.param("q=default/web", {"NP223", "NP225", "NP250", "NP260"}, id="what is found, notes as well"),
        pytest.param("severity=error&rule=nonsense&page=9", set(), id="words that mean nothing"),
    ],
)
def test_the_list_can_be_narrowed(client: FlaskClient, query: str, kept: set[str]) -> None:
    """The chips' links lead there."""
    assert set(ids(client, f"{SHOP}?{query}")) == kept


def test_the_tab_counts_what_is_more_than_a_note(client: FlaskClient) -> None:
    """On every page of the topology."""
    assert re.search(r'findings">Findings<span class="count">4</span>', client.get("/t/sample-clashing-ports").text)


def test_very_many_services_are_not_counted_on_each_page(client: FlaskClient, uploads: Uploads) -> None:
    """Only the page itself works them out."""
    one = "---\napiVersion: v1\nkind: Service\nmetadata: {name: s%d}\nspec: {ports: [{port: 80}]}\n"
    path = uploads.stored(WEB + "".join(one % i for i in range(MOST_COUNTED + 1)))
    assert re.search(r'findings">Findings</a>', client.get(path).text)


def test_many_findings_come_in_pages(client: FlaskClient, uploads: Uploads) -> None:
    """Fifty places of a rule, then those of the rule alone, with the address of the next."""
    path = uploads.stored(
        "---".join(LOOSE.replace("loose", f"loose-{i}").replace("30123", str(30100 + i)) % "" for i in range(60))
    )
    assert re.search(r'href="[^"]*rule=NP220"[^>]*>All 60', client.get(f"{path}/findings").text)
    asked = f"{path}/findings?rule=NP220"
    first, second = (set(re.findall(r"loose-\d+", client.get(f"{asked}&page={page}").text)) for page in (1, 2))
    assert 'rel="next"' in client.get(asked).text
    assert len(first) == 50
    assert first | second == {f"loose-{i}" for i in range(60)}


def test_an_accepted_finding_stands_apart_with_its_reason(client: FlaskClient, uploads: Uploads) -> None:
    """As the annotation says it."""
    path = uploads.stored(LOOSE % ', annotations: {nodefall.io/ignore: "NP220: a test system"}')
    assert "NP220" not in ids(client, f"{path}/findings?severity=all")
    accepted = words(client.get(f"{path}/findings?severity=ignored").text)
    assert "NP220" in accepted
    assert "Ignored: a test system (by an annotation in the file)" in accepted
    assert "Try this fix" not in accepted


def test_a_set_without_services_says_that_nothing_was_found(client: FlaskClient, uploads: Uploads) -> None:
    """And how many rules looked."""
    path = uploads.stored("apiVersion: v1\nkind: Node\nmetadata: {name: n}\n")
    text = words(client.get(f"{path}/findings").text)
    assert "Nothing found" in text
    assert f"{len(RULES)} rules checked 0 services" in text


def test_what_is_edited_is_looked_at_as_edited(client: FlaskClient) -> None:
    """A what-if changes what the rules see."""
    assert "NP220" not in ids(client, SHOP)
    assert "NP220" in ids(client, f"{SHOP}?replicas=Deployment/default/web:1")


@pytest.mark.parametrize(
    ("query", "told"),
    [
        pytest.param("address=worker-1:30080", "worker-1:30080 should answer", id="it answers"),
        pytest.param("address=worker-2:30080&down=node/worker-2", "worker-2 is down", id="its node is down"),
        pytest.param("address=worker-1:30080&down=node/worker-2&at=failed", "answers 50 %", id="in part"),
        pytest.param(
            "address=192.168.1.101:80", "80 is the port of default/admin inside the cluster", id="another port"
        ),
        pytest.param("address=worker-1:30080&protocol=UDP", "for TCP, not for UDP", id="another protocol"),
        pytest.param("address=nowhere:30080", "No node has the name or address nowhere", id="no such node"),
        pytest.param("address=worker-1", "Which port? Add it to the address", id="no port"),
        pytest.param("address=worker-1:99999", "Write an address with its port", id="no such port"),
    ],
)
def test_an_address_is_explained(client: FlaskClient, query: str, told: str) -> None:
    """Up to the first thing that breaks it, in the state one looks at; what was typed stays."""
    text = client.get(f"{SHOP}?{query}").text
    assert told in words(text)
    typed = query.removeprefix("address=").partition("&")[0]
    assert f'value="{typed}"' in text


def test_an_explanation_is_there_as_json(client: FlaskClient) -> None:
    """Of the same address in the same state."""
    text = client.get(f"{SHOP}?address=worker-2:30080&down=node/worker-2&at=failed").text
    (url,) = re.findall(r'href="(/api/v1/why[^"]*)"', text)
    told = client.get(html.unescape(url)).json
    assert (told["headline"], told["down"], told["at"]) == (
        "worker-2:30080 does not answer",
        ["node/worker-2"],
        "failed",
    )


def test_the_connection_can_be_stepped_through(client: FlaskClient) -> None:
    """To the node that was asked for, in the same state."""
    text = client.get(f"{SHOP}?address=worker-4:30080&down=node/worker-2&at=failed").text
    (url,) = re.findall(r'href="(/t/[^"]*/hop[^"]*)">Step through', text)
    assert "entry=node/worker-4" in url
    assert client.get(html.unescape(url)).status_code == 200


def test_what_no_manifest_shows_stands_apart(client: FlaskClient) -> None:
    """Open where the manifests give no reason."""
    text = client.get(f"{SHOP}?address=worker-1:30080").text
    assert re.search(r'<details class="more" open>\s*<summary>.*What no manifest shows', text)
    assert "A firewall or security group" in text


def test_markup_in_names_stays_text(client: FlaskClient, uploads: Uploads) -> None:
    """Whatever an upload or an address holds."""
    evil = "<script>alert(1)</script>"
    path = uploads.stored(WEB.replace("name: web, namespace", f"name: '{evil}', namespace"))
    assert evil not in client.get(f"{path}/findings?address={evil}:1").text


# --- fixes ------------------------------------------------------------------------------------------------------------

FIFTY = "/t/sample-fifty-nodes/findings"


def consequences(client: FlaskClient, path: str) -> list[str]:
    """Return what the rules of a page lead to, in order."""
    return re.findall(r'<span class="visually-hidden">(?:Error|Warning), ([^:]+):</span>', client.get(path).text)


def test_the_worst_consequence_comes_first(client: FlaskClient) -> None:
    """Whatever the severity is called."""
    assert consequences(client, FIFTY) == [
        "refused now",
        "nothing left after the loss of a zone",
        "nothing left after the loss of a node",
        "part of the connections lost",
        "part of the connections lost",
        "open to others",
    ]


def test_the_tab_counts_what_the_page_leads_with(client: FlaskClient) -> None:
    """One number for both."""
    text = client.get(FIFTY).text
    (count,) = re.findall(r'findings" aria-current="page">Findings<span class="count">(\d+)', text)
    assert f"<h1>{count} warnings</h1>" in text


@pytest.mark.parametrize("path", [FIFTY, SHOP, CLASH])
def test_each_fix_leads_to_a_map_with_it(client: FlaskClient, path: str) -> None:
    """The bar names it; nothing of it is refused."""
    fixes = re.findall(r'href="([^"]+)">[^\n]*Try this fix', client.get(f"{path}?severity=all").text)
    assert fixes
    for link in fixes:
        shown = client.get(html.unescape(link), follow_redirects=True)
        assert (link, shown.status_code) == (link, 200)
        assert 'id="undo-edits"' in shown.text


def test_a_fix_says_what_it_gives_at_each_moment(client: FlaskClient) -> None:
    """If the worst node fails; what is down already counts instead."""
    told = words(client.get(f"{FIFTY}/effect?finding=NP220-shop-admin").text.replace("\N{NARROW NO-BREAK SPACE}", " "))
    assert "If worker-33 fails shop/admin, DNS, 50 node IPs" in told
    assert re.search(r"Just failed +0 % +→ +becomes +49 % +Detected +0 % +→ +becomes +98 % +Recreated +98 %", told)
    drained = words(client.get(f"{FIFTY}/effect?drain=node/worker-33&finding=NP220-shop-admin").text)
    assert "If worker-33 is drained" in drained


def test_a_fix_that_changes_no_share_says_so(client: FlaskClient) -> None:
    """A probe keeps clients away from pods that hang, which no node that fails shows."""
    (slug,) = re.findall(r'data-address="(NP225-shop-storefront[^"]*)"', client.get(FIFTY).text)[:1] or [
        "NP225-shop-admin"
    ]
    assert "The shares stay the same" in words(client.get(f"{FIFTY}/effect?finding={slug}").text)


def test_a_finding_that_is_not_there_has_no_effect(client: FlaskClient) -> None:
    """An old link."""
    assert client.get(f"{FIFTY}/effect?finding=NP999-x").status_code == 404


def test_every_rule_has_its_consequence() -> None:
    """So that the order of the page is nobody's accident."""
    assert without_consequence() == frozenset()


def test_a_remark_on_the_path_can_be_tried_as_well(client: FlaskClient, uploads: Uploads) -> None:
    """In the state that the address was asked in; its JSON has the patch only."""
    path = uploads.stored(WEB.replace("selector: {app: web}\n  ports", "selector: {app: wbe}\n  ports"))
    text = client.get(f"{path}/findings?address=node-1:30080").text
    (link,) = re.findall(r'href="([^"]+)">Try this fix</a>', text[text.index('id="why"') :])
    shown = client.get(html.unescape(link), follow_redirects=True).text
    assert "Service default/web: app web" in shown
    told = client.get(f"/api/v1/why?topology={path.removeprefix('/t/')}&address=node-1:30080").json
    remarks = [remark for step in told["steps"] for remark in step["remarks"]]
    assert [sorted(remark) for remark in remarks] == [["finding", "remedy", "text"]]


NODES = "/t/sample-fifty-nodes"
ADMIN = {"finding": "NP220-shop-admin", "where": "Deployment/shop/admin", "reason": " Internal tool;\na pause is fine "}
IGNORED = "ignore=NP220/Deployment/shop/admin:Internal+tool,+a+pause+is+fine"


def test_ignoring_a_finding_leads_to_the_findings_without_it(client: FlaskClient) -> None:
    """It is in the address, so that a reload and whoever is sent the link see the same; the upload stays as it is."""
    answer = client.post(f"{NODES}/ignore?down=node/worker-1&severity=all", data=ADMIN)
    assert answer.status_code == 303
    location = answer.headers["Location"]
    assert location == f"{NODES}/findings?down=node/worker-1&{IGNORED}&severity=all#NP220"
    text = client.get(location.partition("#")[0]).text
    assert 'data-address="NP220-shop-admin"' not in text
    assert 'data-address="NP220-platform-registry"' in text
    assert "1 finding is ignored" in words(text)
    assert 'data-address="NP220-shop-admin"' in client.get(f"{NODES}/findings?down=node/worker-1").text


def test_every_page_keeps_what_is_ignored_and_counts_without_it(client: FlaskClient) -> None:
    """The badge of the tab, and the links from page to page."""
    plain, less = client.get(NODES).text, client.get(f"{NODES}?{IGNORED}").text
    assert re.search(r'/findings">Findings<span class="count">33</span>', plain)
    assert re.search(rf'/findings\?{re.escape(IGNORED)}">Findings<span class="count">32</span>', html.unescape(less))
    assert f"{NODES}?down=zone/eu-west-1a&at=failed&{IGNORED}" in html.unescape(less)


def test_what_is_ignored_is_listed_with_its_reason_its_annotation_and_the_way_back(client: FlaskClient) -> None:
    """Folded; the annotation is what pipelines read."""
    text = html.unescape(client.get(f"{NODES}/findings?{IGNORED}&severity=ignored").text)
    assert "Ignored: Internal tool, a pause is fine (in this link)" in words(text)
    assert 'nodefall.io/ignore: "NP220: Internal tool, a pause is fine"' in text
    assert f'href="{NODES}/findings#NP220-shop-admin"' in text
    assert "Try this fix" not in text


def test_a_rule_can_be_ignored_in_a_namespace_or_everywhere(client: FlaskClient) -> None:
    """The three places of the rule are in three namespaces."""
    for where, left in (("shop", 2), ("", 0), ("nonsense", 2)):
        location = client.post(f"{NODES}/ignore", data={**ADMIN, "where": where}).headers["Location"]
        text = client.get(location.partition("#")[0]).text
        assert len(re.findall('data-address="NP220-', text)) == left, where


@pytest.mark.parametrize("reason", ["", "  ;  \n ", "too short"])
def test_a_reason_that_says_too_little_is_refused_where_it_was_typed(client: FlaskClient, reason: str) -> None:
    """The finding is open, with what was typed and why that is not enough."""
    answer = client.post(f"{NODES}/ignore", data={**ADMIN, "reason": reason})
    assert answer.status_code == 400
    opened = re.findall(r'<details class="place" name="place" data-address="([^"]+)" open', answer.text)
    assert opened == ["NP220-shop-admin"]
    assert re.search(r'<details class="rule" name="rule" id="NP220" open', answer.text)
    assert len(re.findall("Say why in 10 characters or more", answer.text)) == 1
    assert client.get(f"{NODES}/ignore").headers["Location"] == f"{NODES}/findings"


def test_only_a_finding_that_is_there_can_be_ignored(client: FlaskClient) -> None:
    """And only from this site."""
    assert client.post(f"{NODES}/ignore", data={**ADMIN, "finding": "NP220-gone"}).status_code == 404
    there = client.post(f"{NODES}/ignore", data=ADMIN, headers={"Sec-Fetch-Site": "cross-site"})
    assert there.status_code == 403


def test_a_link_ignores_so_many_findings_and_no_more(client: FlaskClient) -> None:
    """More belong into the files."""
    full = "&".join(f"ignore=NP299/n{number}:reason number {number}" for number in range(WORDS.ignored_findings))
    answer = client.post(f"{NODES}/ignore?{full}", data=ADMIN)
    assert answer.status_code == 400
    assert "at most 50 findings" in answer.text
