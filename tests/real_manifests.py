"""Real manifests, which are not part of this repository: the folder that NODEFALL_CORPUS names.

Tests that need it are marked ``corpus``, and skipped where it is not there.
"""

import os
from pathlib import Path

CORPUS = Path(os.environ.get("NODEFALL_CORPUS", ""))
HERE = Path() != CORPUS
FOLDERS = sorted(path for path in CORPUS.iterdir() if path.is_dir()) if HERE else [CORPUS]
"""Each a set of manifests of one origin."""
