"""Long names: their parts, where they break, and what tells nodes apart."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.views.page.names import breakable, cut_name, telling


@pytest.mark.parametrize(
    ("name", "head", "tail", "domain"),
    [
        pytest.param("worker-2", "", "worker-2", "", id="short"),
        pytest.param(
            "ip-10-0-12-34.eu-central-1.compute.internal",
            "ip-10",
            "-0-12-34",
            ".eu-central-1.compute.internal",
            id="EKS",
        ),
        pytest.param("gke-prod-default-pool-3f2a91c4-x7qk", "gke-prod-default-pool-3f2a9", "1c4-x7qk", "", id="GKE"),
        pytest.param("192.168.100.101", "192.168", ".100.101", "", id="an address has no domain"),
        pytest.param("生产环境集群支付系统", "", "生产环境集群支付系统", "", id="ten wide letters"),
        pytest.param("生产环境集群支付系统与结算", "生产环境集群支付系", "统与结算", "", id="wide letters count twice"),
    ],
)
def test_a_name_keeps_its_end(name: str, head: str, tail: str, domain: str) -> None:
    """The domain, which nodes share, stands apart."""
    parts = cut_name(name)
    assert (parts.head, parts.tail, parts.domain) == (head, tail, domain)


@given(st.text())
def test_the_parts_of_a_name_are_the_name(name: str) -> None:
    """Nothing is lost for whoever copies it."""
    parts = cut_name(name)
    assert parts.head + parts.tail + parts.domain == name


@pytest.mark.parametrize(
    ("text", "html"),
    [
        pytest.param("default/web:80 answers 41.67 %", "default/web:80 answers 41.67 %", id="short words"),
        pytest.param(
            "ip-10-0-12-34.eu-central-1.compute.internal",
            "ip-10-0-12-34.<wbr>eu-central-1.<wbr>compute.<wbr>internal",
            id="EKS",
        ),
        pytest.param("fd00:10:244:1:2:3:4:5:6:7:8", "fd00:10:244:1:2:3:4:5:6:7:8", id="an address"),
        pytest.param("<b>" + "x" * 30 + ".com", "&lt;b&gt;" + "x" * 30 + ".<wbr>com", id="escaped"),
    ],
)
def test_a_long_word_may_break_after_its_dots(text: str, html: str) -> None:
    """And short ones nowhere."""
    assert breakable(text) == html


@pytest.mark.parametrize(
    ("names", "short"),
    [
        pytest.param(["worker-1", "worker-2"], ["worker-1", "worker-2"], id="short ones stay"),
        pytest.param(
            ["gke-prod-default-pool-3f2a91c4-x7qk", "gke-prod-default-pool-3f2a91c4-b2mf"],
            ["3f2a91c4-x7qk", "3f2a91c4-b2mf"],
            id="GKE",
        ),
        pytest.param(
            ["ip-10-0-12-34.eu.internal", "ip-10-0-13-34.eu.internal"], ["ip-10-0-12-34", "ip-10-0-13-34"], id="EKS"
        ),
        pytest.param(
            ["a-very-long-name-of-pool-1-node", "a-very-long-name-of-pool-2-node"],
            ["of-pool-1-node", "of-pool-2-node"],
            id="the end is the same",
        ),
        pytest.param(["", "-"], ["", ""], id="nothing to tell"),
    ],
)
def test_heads_show_what_tells_nodes_apart(names: list[str], short: list[str]) -> None:
    """In 14 letters."""
    assert list(telling(names, 14).values()) == short


PART = st.from_regex(r"[a-z0-9]{1,8}", fullmatch=True)


@given(st.lists(st.lists(PART, min_size=1, max_size=5).map("-".join), unique=True))
def test_no_two_nodes_have_the_same_head(names: list[str]) -> None:
    """However alike they are."""
    assert len(set(telling(names, 14).values())) == len(names)
