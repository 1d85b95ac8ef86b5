"""The stages of long work, by the names that the page about progress shows, and which of them a page usually has."""

from collections.abc import Mapping
from types import MappingProxyType

READING = "Reading"
STORING = "Storing"
OPENING = "Opening what is stored"
PLACING = "Placing Pods on nodes"
WORKING = "Working out access paths"
RECREATING = "Recreating Pods on the remaining nodes"
DRAINING = "Draining nodes"
WEIGHING_SERVICES = "Weighing Services"
WEIGHING_FAILURES = "Weighing every failure"
DRAINING_EACH = "Draining each node once"
APPLYING_RULES = "Applying every rule"
COMPARING = "Comparing both sets"
DRAWING = "Drawing"
WRITING = "Writing the page"

_MAP = (PLACING, WORKING, DRAWING, WRITING)
PLANS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "uploads.upload": (READING, STORING, *_MAP),
        "uploads.correct": (READING, STORING, *_MAP),
        "comparison_upload.upload": (READING, STORING, PLACING, WORKING, COMPARING, WRITING),
        "comparison_upload.against": (READING, STORING, PLACING, WORKING, COMPARING, WRITING),
        "comparison.show": (OPENING, PLACING, WORKING, COMPARING, WRITING),
        "explorer.show": (OPENING, *_MAP),
        "services.show": (OPENING, PLACING, WEIGHING_SERVICES, WRITING),
        "resilience.show": (OPENING, PLACING, WEIGHING_FAILURES, DRAINING_EACH, WRITING),
        "findings.show": (OPENING, PLACING, APPLYING_RULES, WRITING),
    }
)
"""By endpoint. What turns out to be needless is passed over; what else comes, such as recreated Pods, comes between."""


def plan(endpoint: str | None) -> tuple[str, ...]:
    """Return the stages that a page usually has."""
    return PLANS.get(endpoint or "", (OPENING, *_MAP))
