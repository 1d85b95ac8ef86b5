"""A program called kubectl, for tests of what reads a cluster."""

from pathlib import Path


class KubectlProgram:
    """A kubectl that notes its arguments, and prints what it is told to."""

    def __init__(self, folder: Path) -> None:
        self._asked = folder / "asked"
        self._program = folder / "kubectl"

    def says(self, output: str = "", errors: str = "", status: int = 0, context: str = "") -> None:
        """Let it print these, and end with this status; `context` is the current one."""
        for name, text in (("output", output), ("errors", errors)):
            self._program.with_name(name).write_text(text)
        self._program.write_text(
            f'#!/bin/sh\n[ "$1" = config ] && {{ echo "{context}"; exit; }}\n'
            f'printf "%s\\n" "$@" > {self._asked}\ncd {self._program.parent}\n'
            f"/bin/cat output\n/bin/cat errors >&2\nexit {status}\n"
        )
        self._program.chmod(0o755)

    @property
    def asked(self) -> list[str]:
        """What it was called with; nothing if it wasn't."""
        return self._asked.read_text().splitlines() if self._asked.exists() else []
