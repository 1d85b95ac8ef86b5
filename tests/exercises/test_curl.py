"""What curl prints of an address: as a client outside of the cluster sees it."""

import pytest

from webapp.exercises import ExerciseState, broken_state, curl
from webapp.failure.words import PAGE
from webapp.library import read_manifests
from webapp.paths import resource_directory

REFUSED = "curl: (7) Failed to connect to {} port {}: Connection refused"
TIMED_OUT = "curl: (28) Connection timed out after 5001 milliseconds"
_POLICY = (
    '{"apiVersion":"networking.k8s.io/v1",'
    '"spec":{"podSelector":{"matchLabels":{"app":"web"}},"policyTypes":["Ingress"]}}'
)
CLOSED = ("patch", f"NetworkPolicy/default/closed:{_POLICY}")


def shop(*pairs: tuple[str, str]) -> ExerciseState:
    """Return a sample under some words."""
    return broken_state(read_manifests([str(resource_directory("samples") / "shop.yaml")]), PAGE, pairs)


@pytest.mark.parametrize(
    ("pairs", "typed", "line"),
    [
        ([], "worker-1:30080", "Hello from web-7c9d-4xk2p"),
        ([], "http://worker-1:30080/path", "Hello from web-7c9d-4xk2p"),
        ([], "192.168.1.101:30080", "Hello from web-7c9d-4xk2p"),
        ([], "worker-1:30099", REFUSED.format("worker-1", 30099)),
        ([], "worker-1", REFUSED.format("worker-1", 80)),
        ([], "localhost:30080", REFUSED.format("localhost", 30080)),
        ([], "worker-9:30080", "curl: (6) Could not resolve host: worker-9"),
        ([], "web.default.svc:80", "curl: (6) Could not resolve host: web.default.svc"),
        ([], "192.0.2.1:80", TIMED_OUT),
        ([], "10.244.1.7:8080", TIMED_OUT),
        ([], "worker-1:99999", "curl: (3) URL using bad/illegal format or missing URL"),
        ([], "a b c", "curl: (3) URL using bad/illegal format or missing URL"),
        ([("down", "node/worker-1")], "worker-1:30080", TIMED_OUT),
        ([("down", "node/worker-1")], "worker-1:30099", TIMED_OUT),
        ([("policy", "default/web:Local")], "worker-4:30080", TIMED_OUT),
        ([CLOSED], "worker-1:30080", TIMED_OUT),
        ([CLOSED], "worker-1:30081", "Hello from api-5b8f-6hq2c"),
    ],
)
def test_an_address_is_asked(pairs: list[tuple[str, str]], typed: str, line: str) -> None:
    """Answered, refused, in vain, or not understood: in curl's words."""
    assert curl(shop(*pairs), typed).line == line


def test_calls_go_to_the_pods_in_turn() -> None:
    """Four calls of a Service with four pods show all of them."""
    lines = {curl(shop(), "worker-1:30080", call).line for call in range(4)}
    assert len(lines) == 4


def test_which_pods_answer_is_said_beside_it() -> None:
    """With the share of each; and what gets no answer, where a pod on a node that is down is still selected."""
    assert curl(shop(), "worker-1:30082").note.count("33.33") == 3
    assert "and 1 more pod" in curl(shop(), "worker-1:30080").note
    failed = curl(shop(("down", "node/worker-2"), ("at", "failed")), "worker-1:30080")
    assert failed.answers
    assert "get no answer" in failed.note
    assert "web-7c9d-8mmzq" not in failed.note
