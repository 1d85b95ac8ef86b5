"""Long work in processes that can be stopped, so that nobody waits for anybody else.

A request that may take long is answered as a whole by a worker process, which keeps the set that it is about open for
the next one: only the request and the response cross, never a cluster. The web threads wait, show how far it is, and
enforce the limits. On threads alone one person's large cluster holds the interpreter's lock against everybody.
"""

from webapp.jobs.job import Answer, Call, Failure, Job, QueueAway, Workers
from webapp.jobs.limits import JobLimits
from webapp.jobs.pool import Pool
from webapp.jobs.stages import Sketch, Stage, counted_stage, stage

__all__ = [
    "Answer",
    "Call",
    "Failure",
    "Job",
    "JobLimits",
    "Pool",
    "QueueAway",
    "Sketch",
    "Stage",
    "Workers",
    "counted_stage",
    "stage",
]
