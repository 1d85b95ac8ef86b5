"""What a cluster in a Scenario is as a document: tables for spreadsheets, a report, the simulation.

Each is a row of :data:`DOCUMENTS`, by the name of its file: the page, the API and ``nodefall render`` have what is
there. What the columns and the JSON documents hold is described by JSON Schemas, generated from the records
(:mod:`webapp.documents.schemas`).
"""

from webapp.documents.kinds import DOCUMENTS, Asked, DocumentError, DocumentFormat, asked, sifted

__all__ = ["DOCUMENTS", "Asked", "DocumentError", "DocumentFormat", "asked", "sifted"]
