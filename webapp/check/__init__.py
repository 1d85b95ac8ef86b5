"""The check for pipelines: findings and survival held against a threshold, and two sets of manifests compared.

:func:`check` makes a :class:`Report`; each format has a module with one function ``render``. :mod:`fix` edits files,
:mod:`baseline` accepts what is there already, :mod:`compare` says what a change does.
"""

from webapp.check.report import Report, Threshold
from webapp.check.run import check

__all__ = ["Report", "Threshold", "check"]
