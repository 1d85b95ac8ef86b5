"""Label selectors as kubectl takes them."""

import pytest

from webapp.cluster.label_query import label_query

LABELS = {"topology.kubernetes.io/zone": "a", "pool": "web", "spare": ""}


@pytest.mark.parametrize(
    ("text", "selected"),
    [
        pytest.param("pool=web", True, id="equal"),
        pytest.param("pool == web", True, id="equal, written with two signs"),
        pytest.param("pool=db", False, id="another value"),
        pytest.param("pool!=db", True, id="not that value"),
        pytest.param("gpu!=yes", True, id="not that value, as the label is absent"),
        pytest.param("gpu=", False, id="an absent label is not an empty one"),
        pytest.param("spare=", True, id="an empty value"),
        pytest.param("topology.kubernetes.io/zone in (a, b),pool=web", True, id="one of a set, and more"),
        pytest.param("pool notin (web,db)", False, id="none of a set"),
        pytest.param("gpu notin (web)", True, id="none of a set, as the label is absent"),
        pytest.param("spare", True, id="the label is there"),
        pytest.param("!spare", False, id="the label is not there"),
        pytest.param("pool=web,!gpu", True, id="all must hold"),
    ],
)
def test_a_selector_selects_by_all_its_requirements(text: str, selected: bool) -> None:
    """As in ``kubectl get nodes -l``."""
    query = label_query(text)
    assert query is not None
    assert query(LABELS) is selected


@pytest.mark.parametrize("text", ["", "a b", "pool=we b", "pool in web", "in (a)", "pool=web,", "=a", "a<script>"])
def test_what_is_no_selector_is_none(text: str) -> None:
    """Nothing is guessed."""
    assert label_query(text) is None
