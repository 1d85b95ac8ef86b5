"""Remedies are YAML that reads back as what was meant."""

from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from tests.findings.given import HEALTHY, found, healthy, port, service, workload
from webapp.findings.remedy import patch

SCALARS = st.none() | st.booleans() | st.integers() | st.text()
LISTS = st.lists(st.dictionaries(st.text(min_size=1), SCALARS) | SCALARS, max_size=3)
CONTENTS = st.dictionaries(
    st.text(min_size=1), st.recursive(SCALARS | LISTS, lambda inner: st.dictionaries(st.text(), inner, max_size=3))
)


@given(content=CONTENTS)
def test_what_is_written_is_read_back(content: dict[str, Any]):
    """Whatever stands in a patch, words that look like something else included."""
    assert yaml.safe_load(patch(None, content)) == (content or None)  # noqa: TID251


@pytest.mark.parametrize(
    "word", ["true", "No", "on", "1", "1e3", "0x1", "null", "~", "", "a: b", "# c", "- d", "2026-01-01"]
)
def test_a_label_stays_text(word: str):
    """What YAML would read as something else is quoted."""
    assert yaml.safe_load(patch(None, {"app": word})) == {"app": word}  # noqa: TID251


@pytest.mark.parametrize(
    "docs",
    [
        pytest.param(healthy(service(selector={"run": "web"})), id="a selector"),
        pytest.param(healthy(service(ports=port(targetPort="htp"))), id="a targetPort"),
        pytest.param(healthy(workload(replicas=1, topologySpreadConstraints=[])), id="a workload"),
        pytest.param([doc for doc in HEALTHY if doc["kind"] in ("Service", "Deployment")], id="objects to add"),
    ],
)
def test_a_remedy_names_its_object(docs: list[dict]):
    """Each can be given to kubectl as it stands."""
    remedies = [yaml.safe_load(finding.remedy) for finding in found(*docs) if finding.remedy]  # noqa: TID251
    assert remedies
    assert all({"apiVersion", "kind", "metadata", "spec"} <= remedy.keys() for remedy in remedies)
