"""Stored topologies: the normalised objects of one upload each, under an unguessable id, until they expire.

What was uploaded as text is never stored. One code path through SQLAlchemy Core serves SQLite and PostgreSQL.
"""

from webapp.storage.database import DatabaseLimits, is_in_memory
from webapp.storage.document import UnreadableDocumentError
from webapp.storage.quota import ClientQuotaError, Quota, QuotaError, StorageFullError, client_key
from webapp.storage.store import NewTopology, Store, Stored

__all__ = [
    "ClientQuotaError",
    "DatabaseLimits",
    "NewTopology",
    "Quota",
    "QuotaError",
    "StorageFullError",
    "Store",
    "Stored",
    "UnreadableDocumentError",
    "client_key",
    "is_in_memory",
]
