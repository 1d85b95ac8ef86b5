"""What jobs may take, wherever they are done."""

from webapp.records import dataclass

KEEP_SECONDS = 600
"""How long an outcome can be asked for."""
RECORD_BYTES = 2_000
"""What an outcome takes besides its body."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JobLimits:
    """What jobs may take."""

    workers: int = 2
    seconds: float = 120
    """Of one job, from when a worker takes it."""
    memory: int = 2 << 30
    """Resident bytes of a worker while it has a job."""
    waiting: int = 64
    """How many jobs may wait for a worker."""
    waiting_bytes: int = 256 << 20
    """Bytes of what they were sent; counted where they wait in a queue outside the process."""
    results: int = 64 << 20
    """Bytes of all outcomes that are kept."""
