"""What any failure does: single nodes, zones, smallest outages, and what the manifests promise."""

from webapp.resilience.survival import Survival, survival

__all__ = ["Survival", "survival"]
