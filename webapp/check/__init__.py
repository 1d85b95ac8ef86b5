"""The check for pipelines: findings and survival held against a bar, and two sets of manifests compared.

:func:`check` makes a :class:`Report`; each format has a module with one function ``render``. :mod:`fix` edits files,
:mod:`baseline` accepts what is there already, :mod:`compare` says what a change does.
"""

from webapp.check.report import Bar, Report
from webapp.check.run import check

__all__ = ["Bar", "Report", "check"]
