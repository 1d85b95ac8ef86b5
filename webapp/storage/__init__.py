"""Stored topologies: the normalised objects of one upload each, under an unguessable id, until they expire.

What was uploaded as text is never stored. One code path through SQLAlchemy Core serves SQLite and PostgreSQL.
"""

from webapp.storage.store import Store, Stored, is_in_memory

__all__ = ["Store", "Stored", "is_in_memory"]
