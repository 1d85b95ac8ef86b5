"""Snapshots: what nodefall keeps of manifests as a file, to be uploaded or attached to an issue."""

from webapp.snapshot.anonymize import anonymized
from webapp.snapshot.files import FORMATS, SnapshotError, format_of, snapshot

__all__ = ["FORMATS", "SnapshotError", "anonymized", "format_of", "snapshot"]
