"""The API for programs: what the command line does, over HTTP, about a stored set or about what is sent.

Each :class:`~webapp.views.api.blueprint.ApiOperation` is a view under ``@operation``; what a request is about is worked
out in :mod:`webapp.views.api.asked`. The OpenAPI document and the page about the API are made from the operations, the
words of their queries and the types of their answers.
"""

# In the order in which the pages and the document list them.
from webapp.views.api import storing, sharing, simulations, reports, snapshots, finding, jobs, pages  # isort: skip
from webapp.views.api.blueprint import blueprint, operations

__all__ = [
    "blueprint",
    "finding",
    "jobs",
    "operations",
    "pages",
    "reports",
    "sharing",
    "simulations",
    "snapshots",
    "storing",
]
