"""All rules, in the order of their ids: each is a function under ``@rule`` in one of these modules."""

from webapp.findings import (
    disruption,
    exposure,
    hosts,
    ignoring,
    kind,
    lost_nodes,
    network_policy,
    placement,
    readiness,
    replicas,
    selection,
    target_ports,
    without_endpoints,
)
from webapp.findings.rule import Rule

_SUBJECTS = (
    selection,
    target_ports,
    without_endpoints,
    readiness,
    placement,
    lost_nodes,
    replicas,
    exposure,
    kind,
    hosts,
    disruption,
    network_policy,
    ignoring,
)
BY_ID = {
    rule.id: rule
    for rule in sorted(
        (each for module in _SUBJECTS for each in vars(module).values() if isinstance(each, Rule)),
        key=lambda rule: rule.id,
    )
}
RULES: tuple[Rule, ...] = tuple(BY_ID.values())
