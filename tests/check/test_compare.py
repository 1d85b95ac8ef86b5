"""What a change does to clients."""

import json

import pytest

from tests.findings.given import HEALTHY, healthy, manifests, port, service, workload
from webapp.check.compare import Change, Comparison, Effect, compare
from webapp.check.comparison_formats import COMPARISON_FORMATS
from webapp.cluster.build import build

SECOND = service("admin", ports=[{"port": 81, "targetPort": "http", "nodePort": 30081}])


def compared(new: list[dict], old: list[dict] = HEALTHY) -> Comparison:
    """Return the comparison with the healthy set."""
    return compare(*(build(manifests(*docs)) for docs in (old, new)))


@pytest.mark.parametrize(
    ("new", "what", "values", "effect"),
    [
        pytest.param(healthy(SECOND), "gained", (None, "there"), Effect.BETTER, id="a service more"),
        pytest.param(healthy(without="Service"), "lost", ("there", None), Effect.WORSE, id="a service less"),
        pytest.param(healthy(service(type="ClusterIP", ports=[{"port": 80}])), "lost", ("there", None), Effect.WORSE,
                     id="no way in any more"),
        pytest.param(healthy(service(ports=port(targetPort="http", nodePort=30081))), "nodePort", ("30080", "30081"),
                     Effect.WORSE, id="another nodePort"),
        pytest.param(healthy(service(ports=port(targetPort=8080))), "targetPort", ("http", "8080"), Effect.OTHER,
                     id="another targetPort"),
        pytest.param(healthy(service(externalTrafficPolicy="Local")), "externalTrafficPolicy", ("Cluster", "Local"),
                     Effect.OTHER, id="another policy"),
        pytest.param(healthy(service(externalTrafficPolicy="Local")), "answered by DNS", ("100%", "67%"), Effect.WORSE,
                     id="policy Local on nodes without pod"),
        pytest.param(healthy(workload(replicas=3)), "endpoints", ("2", "3"), Effect.BETTER, id="more pods"),
        pytest.param(healthy(workload(replicas=1)), "left after losing any one node", ("100%", "0%"), Effect.WORSE,
                     id="one pod alone"),
        pytest.param(healthy(workload(replicas=1)), "left after losing any one zone", ("100%", "0%"), Effect.WORSE,
                     id="one zone alone"),
        pytest.param(healthy(service(selector={"app": "no"})), "answered by a load balancer", ("100%", "0%"),
                     Effect.WORSE, id="no pods any more"),
    ],
)  # fmt: skip
def test_a_change_is_told(new: list[dict], what: str, values: tuple[str | None, str | None], effect: Effect):
    """With both values, and whether clients are worse off."""
    told = {change.what: (change.before, change.after, change.effect) for change in compared(new).changes}
    assert told[what] == (*values, effect)


def test_the_same_is_no_change():
    """Neither the order of documents nor comments are changes."""
    assert compared(HEALTHY[::-1]).changes == ()


def test_there_and_back_turns_worse_into_better():
    """What is worse one way is better the other way."""
    there, back = compared(healthy(workload(replicas=1))), compared(HEALTHY, healthy(workload(replicas=1)))
    assert {c.what for c in there.worse} <= {c.what for c in back.changes if c.effect is not Effect.WORSE}
    assert back.worse == ()


def test_a_service_that_would_be_refused_is_lost_with_the_reason():
    """The API server's words say why."""
    (change,) = compared(healthy(service(ports=port(nodePort=80)))).worse
    assert "not in the valid range" in change.after


def test_a_number_drawn_by_lot_is_no_promise():
    """Writing down a number that was assigned makes nobody worse off."""
    drawn = healthy(service(ports=[{"port": 80, "targetPort": "http"}]))
    (change,) = compared(HEALTHY, drawn).changes
    assert (change.what, change.effect) == ("nodePort", Effect.OTHER)


@pytest.mark.parametrize("render", COMPARISON_FORMATS.values(), ids=COMPARISON_FORMATS)
def test_each_format_tells_each_change(render):
    """No format leaves one out."""
    comparison = compared(healthy(workload(replicas=1), SECOND))
    assert all(change.what in render(comparison) for change in comparison.changes)
    assert "shop/admin" in render(comparison)


def test_the_json_document():
    """It says whether anything is worse, and each change with its effect."""
    document = json.loads(COMPARISON_FORMATS["json"](compared(healthy(SECOND))))
    assert document == {
        "schema": "nodefall/diff/v1",
        "worse": False,
        "changes": [
            {
                "service": "shop/admin",
                "port": None,
                "what": "gained",
                "before": None,
                "after": "there",
                "effect": "better",
            }
        ],
    }


def test_a_comment_lists_a_hundred_changes_the_worst_first():
    """GitHub refuses longer ones."""
    effects = [Effect.BETTER, Effect.OTHER, Effect.WORSE] * 50
    changes = tuple(Change(f"default/s{at}", "", "policy", "a", "b", effect) for at, effect in enumerate(effects))
    lines = COMPARISON_FORMATS["markdown"](Comparison(changes=changes)).splitlines()
    rows = [line.split(" | ")[0] for line in lines if "default/s" in line]
    assert rows == ["| ❌ worse"] * 50 + ["| changed"] * 50
    assert lines[-1] == "… and 50 more changes."


def test_a_name_in_a_comment_is_only_text():
    """It neither breaks the table nor places a link."""
    change = Change("default/[x](http://evil)`|@all<b>", "", "policy", "a", "b", Effect.OTHER)
    (row,) = [
        line for line in COMPARISON_FORMATS["markdown"](Comparison(changes=(change,))).splitlines() if "evil" in line
    ]
    assert r"\[x\](http://evil)\`\|&#64;all&lt;b&gt;" in row
