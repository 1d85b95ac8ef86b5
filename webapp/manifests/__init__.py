"""Manifests: uploaded bytes become normalised objects here, and hostile input stops here.

`read` takes `Upload` records and returns `Manifests`; it never raises. On the way: bytes -> text (`encoding`,
`archives`) -> documents (`yaml_reader`, `json_reader`) -> objects as plain data (`documents`) -> records
(`object_decoder`) -> one collection (`upload_result`). Everything that is wrong is a `Problem` from the `catalogue`;
every limit is in `limits`.

Each step has a quick way and a careful one, which says what is wrong and where. YAML: `pieces` reads each document by
itself, and an item of a list like a document: `skimming` looks through kinds that are not used, `shapes` and
`simple_yaml` read what is plain, and `yaml_loader`, with libyaml, the rest. JSON: `quick_json`, else `json_reader`.
Fields: `quick_decoder`, else `field_decoder`. The quick one gives the same answer or none; tests hold them together.
"""

from webapp.limits import DEFAULT, Limits
from webapp.manifests.manifests import FileSummary, Manifests
from webapp.manifests.problems import Problem, Severity
from webapp.manifests.upload import Upload, read

__all__ = ["DEFAULT", "FileSummary", "Limits", "Manifests", "Problem", "Severity", "Upload", "read"]
