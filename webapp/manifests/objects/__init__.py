"""The normalised objects: of each Kubernetes kind, the fields that nodefall keeps.

These records are the allowlist: what has no field here is neither kept nor stored (Secret and ConfigMap contents,
environment values, commands, most annotations). Values are as written: nothing is defaulted and nothing is checked
but the JSON type, since that is the API server's part (:mod:`webapp.cluster`). ``None`` or an empty collection means
that the manifest does not say.

Field names are Kubernetes' own in snake case; :func:`json_name` gives the original spelling.
"""

# ruff: noqa: F403 (the modules hold nothing but records and what describes their fields)

from webapp.manifests.objects.metadata import *
from webapp.manifests.objects.network import *
from webapp.manifests.objects.nodes import *
from webapp.manifests.objects.placement import *
from webapp.manifests.objects.pods import *
from webapp.manifests.objects.policies import *
from webapp.manifests.objects.services import *
from webapp.manifests.objects.workloads import *
