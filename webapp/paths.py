"""Where static files, templates and samples are: beside the package in a checkout, inside it once installed."""

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def resource_directory(name: str) -> Path:
    """Return the directory of ``static``, ``templates`` or ``samples``.

    A checkout is recognised by its ``pyproject.toml``. It comes first, since an editable install leaves copies inside
    the package that grow stale.
    """
    if (_PACKAGE.parent / "pyproject.toml").is_file():
        return _PACKAGE.parent / name
    return _PACKAGE / name
