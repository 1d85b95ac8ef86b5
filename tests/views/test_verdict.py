"""The verdict: its parts add up to one, whatever happens."""

import pytest
from flask import Flask

from tests.views.test_clients import simulation
from tests.views.uploading import WEB, Uploads
from webapp.views.map.verdict import Verdict, sentence, verdict


def found(app: Flask, address: str) -> Verdict:
    """Return the verdict of an address."""
    asked = simulation(app, address)
    return verdict(asked.now.service, asked.graph)


@pytest.mark.parametrize(
    ("address", "parts", "word"),
    [
        pytest.param("/t/sample-shop", {"ok": 1.0}, "Healthy", id="nothing down"),
        pytest.param(
            "/t/sample-shop?service=default/web&down=node/worker-2&at=failed",
            {"ok": 0.375, "address": 0.25, "pods": 0.375},
            "Degraded",
            id="just failed",
        ),
        pytest.param(
            "/t/sample-shop?service=default/web&down=node/worker-2",
            {"ok": 0.75, "address": 0.25},
            "Degraded",
            id="detected",
        ),
        pytest.param(
            "/t/sample-policy-local?via=node/node-2", {"dropped": 1.0}, "Unavailable", id="dropped without a local pod"
        ),
        pytest.param(
            "/t/sample-shop?down=zone/a&down=zone/b&via=lb", {"dropped": 1.0}, "Unavailable", id="no target left"
        ),
        pytest.param(
            "/t/sample-fifty-nodes?service=media/subtitles&via=lb", {"refused": 1.0}, "Refused", id="refused everywhere"
        ),
    ],
)
def test_every_connection_ends_somewhere(app: Flask, address: str, parts: dict[str, float], word: str) -> None:
    """Answered, or lost in one of four ways."""
    told = found(app, address)
    assert {part.kind: part.share for part in told.parts} == pytest.approx(parts)
    assert told.standing.word == word


def test_the_parts_follow_each_other(app: Flask) -> None:
    """Each starts where the one before ends."""
    parts = found(app, "/t/sample-shop?service=default/web&down=node/worker-2&at=failed").parts
    assert [part.start for part in parts] == pytest.approx([0, 0.375, 0.625])


def test_a_refused_service_says_why(app: Flask) -> None:
    """The field and the API server's words."""
    told = found(app, "/t/sample-clashing-ports?service=staging/web")
    assert told.share is None
    assert "spec.ports[0].nodePort" in told.message
    assert sentence(told, "staging/web:80", "").startswith("staging/web:80: Rejected.")


def test_a_sentence_for_those_who_hear_the_page(app: Flask) -> None:
    """Number first, then where the rest went."""
    told = found(app, "/t/sample-shop?service=default/web&down=node/worker-2")
    said = sentence(told, "default/web:80", "75 %")
    assert said == "75 % of new connections to default/web:80 are answered; the rest: sent to worker-2’s address."


def test_a_policy_that_may_block_clients_is_named_beside_the_share(uploads: Uploads) -> None:
    """Policies are not simulated, so the number alone would say too much."""
    deny = (
        "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: deny-all}\nspec: {podSelector: {}}\n"
    )
    assert "policy-note" not in uploads.client.get(uploads.stored(WEB)).text
    text = uploads.client.get(uploads.stored(f"{WEB}---\n{deny}")).text
    assert "NetworkPolicy deny-all selects the pods of default/web and admits no address outside the cluster" in text
