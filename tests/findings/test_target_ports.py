"""Rules about targetPort say what was probably meant."""

import pytest

from tests.findings.given import container, healthy, ids, only, port, service, workload

TWO = [{"name": "http", "containerPort": 8080}, {"name": "metrics", "containerPort": 9090}]


def asked(target: str, ports: list[dict], protocol: str = "TCP") -> list[dict]:
    """Return a service with this targetPort before containers with these ports."""
    return healthy(
        service(ports=port(targetPort=target, protocol=protocol)), workload(containers=container(ports=ports))
    )


@pytest.mark.parametrize(
    ("docs", "words", "new"),
    [
        pytest.param(asked("htpt", TWO), 'Did you mean "http"?', "targetPort: http", id="a misspelled name"),
        pytest.param(
            asked("web", [{"containerPort": 8080}]),
            "Did you mean 8080",
            "targetPort: 8080",
            id="the only port has no name",
        ),
        pytest.param(asked("web", TWO), "declared: 8080", None, id="two ports, none alike"),
        pytest.param(asked("web", []), "no port of that protocol is declared", None, id="no port declared"),
        pytest.param(asked("http", TWO, "UDP"), "it has that name for TCP", None, id="the other protocol"),
    ],
)
def test_what_was_probably_meant(docs: list[dict], words: str, new: str | None):
    """The message names it, and --fix writes it if there is only one."""
    finding = only("NP204", *docs)
    assert words in finding.message
    assert (finding.edit and finding.edit.new) == new


def test_a_sidecar_counts_and_an_ordinary_init_container_does_not():
    """Only init containers that restart always go on running beside the others."""
    admin = [{"name": "sidecar", "ports": [{"name": "admin", "containerPort": 9901}], "restartPolicy": "Always"}]
    once = [{**admin[0], "restartPolicy": None}]
    way_in = service(ports=port(targetPort="admin"))
    assert "NP204" not in ids(*healthy(way_in, workload(initContainers=admin)))
    assert "NP204" in ids(*healthy(way_in, workload(initContainers=once)))


def test_a_headless_service_gives_addresses_without_the_port():
    """There a missing name is a warning: DNS still answers."""
    headless = service(type="ClusterIP", clusterIP="None", ports=[{"port": 80, "targetPort": "htp"}])
    assert {"NP204", "NP205"} & ids(*healthy(headless)) == {"NP205"}


def test_the_wrong_number_is_told_once():
    """The nodePort's number as targetPort is an error, so no note says that it isn't declared."""
    assert {"NP206", "NP208"} & ids(*healthy(service(ports=port(targetPort=30080)))) == {"NP206"}


def test_a_port_for_both_protocols_is_no_mistake():
    """A game's port named udp of TCP has a sister of UDP."""
    both = [
        {"port": 80, "name": "udp", "targetPort": "http", "nodePort": 30080},
        {"port": 80, "name": "game", "protocol": "UDP", "targetPort": "http", "nodePort": 30080},
    ]
    assert "NP207" not in ids(*healthy(service(ports=both)))
