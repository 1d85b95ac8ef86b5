"""Manifests: uploaded bytes become normalised objects here, and hostile input stops here.

`read` takes `Upload` records and returns `Manifests`; it never raises. On the way: bytes -> text (`text`, `archives`)
-> documents (`yaml_reader`, `json_reader`, both on `tree`) -> objects as plain data (`documents`) -> records
(`decoding`, `reading`, `kinds`) -> one collection (`collection`). Everything that is wrong is a `Problem` from the
`catalogue`; every limit is in `limits`.
"""

from webapp.manifests.limits import DEFAULT, Limits
from webapp.manifests.manifests import FileSummary, Manifests
from webapp.manifests.problems import Problem, Severity
from webapp.manifests.upload import Upload, read

__all__ = ["DEFAULT", "FileSummary", "Limits", "Manifests", "Problem", "Severity", "Upload", "read"]
