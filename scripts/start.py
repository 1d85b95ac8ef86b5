"""Start nodefall on http://127.0.0.1:8080, all set-up included: ``python3 scripts/start.py``.

Arguments go to ``nodefall serve``: files to open, ``--port``, ``--host``, ``--open``.
"""

import os
import subprocess
import sys

from environment import BIN, prepare

if __name__ == "__main__":
    prepare()
    command = [str(BIN / "nodefall"), "serve", *sys.argv[1:]]
    if os.name == "posix":
        os.execv(command[0], command)  # so that Ctrl-C and signals reach the server itself
    sys.exit(subprocess.run(command, check=False).returncode)
