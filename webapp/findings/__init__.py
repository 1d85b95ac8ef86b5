"""What is wrong, or risky, in a cluster: one small rule per finding, each with its severity and its remedy.

:func:`findings` runs the table :data:`RULES` over the manifests and the Cluster made of them; :func:`why` explains
why one address doesn't answer; :mod:`ignoring` takes out what an annotation accepts with a reason.
"""

from webapp.findings.apply import findings, problem_findings
from webapp.findings.facts import Facts
from webapp.findings.finding import Finding, TextEdit
from webapp.findings.rule import Rule
from webapp.findings.rules import RULES

__all__ = ["RULES", "Facts", "Finding", "Rule", "TextEdit", "findings", "problem_findings"]
