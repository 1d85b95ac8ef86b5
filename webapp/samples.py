"""The samples in samples/: what the gallery says of each, and the first thing to try with it."""

from dataclasses import dataclass
from pathlib import Path

from webapp.paths import resource_directory


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One sample; the head comment of its file tells the whole story."""

    slug: str
    title: str
    subtitle: str
    try_label: str
    try_query: str
    """The query string of the first thing to try, in Scenario words."""
    elsewhere: Path | None = None
    """Its file, if that is none of samples/."""

    @property
    def file(self) -> str:
        """The name of its file."""
        return self.elsewhere.name if self.elsewhere else f"{self.slug}.yaml"

    @property
    def path(self) -> Path:
        """Where its file lies on this machine."""
        return self.elsewhere or resource_directory("samples") / self.file


SAMPLES = (
    Sample(
        slug="webapp-service",
        title="The course example",
        subtitle="webapp-service, 30080 → 80 → 8080",
        try_label="Take node-2 down",
        try_query="down=node/node-2&at=failed",
    ),
    Sample(
        slug="policy-local",
        title="Policy Local",
        subtitle="one node has no pod: timeouts",
        try_label="Connect to node-2",
        try_query="via=node/node-2",
    ),
    Sample(
        slug="statefulset",
        title="StatefulSet",
        subtitle="a service for each pod",
        try_label="Crash db-1’s node",
        try_query="service=default/db-1&down=node/node-2&at=rescheduled",
    ),
    Sample(
        slug="shop",
        title="Two pods on one node",
        subtitle="that node takes more than its share",
        try_label="Take worker-2 down",
        try_query="service=default/web&down=node/worker-2&at=failed",
    ),
    Sample(
        slug="two-zones-dump",
        title="A dump with two zones",
        subtitle="kubectl get … -o yaml",
        try_label="Lose zone eu-central-1a",
        try_query="service=booking/frontend&down=zone/eu-central-1a&at=failed",
    ),
    Sample(
        slug="clashing-ports",
        title="Clashing ports",
        subtitle="two services want 30080",
        try_label="See which one is rejected",
        try_query="service=staging/web",
    ),
    Sample(
        slug="ingress",
        title="Ingress behind NodePorts",
        subtitle="a DaemonSet on every node",
        try_label="Drain worker-1",
        try_query="service=ingress/ingress-controller&drain=node/worker-1&via=lb",
    ),
    Sample(
        slug="game-server",
        title="Game server",
        subtitle="UDP and TCP on one port",
        try_label="Compare the protocols",
        try_query="service=games/match&down=node/node-1&at=failed&via=lb",
    ),
    Sample(
        slug="daemonset",
        title="DaemonSet",
        subtitle="nothing is recreated elsewhere",
        try_label="Take two workers down",
        try_query="service=edge/edge-cache&down=node/worker-1&down=node/worker-3&at=rescheduled",
    ),
    Sample(
        slug="fifty-nodes",
        title="Fifty nodes",
        subtitle="24 services, 3 zones",
        try_label="Lose zone eu-west-1b",
        try_query="down=zone/eu-west-1b&at=failed&via=lb",
    ),
    Sample(
        slug="nodefall",
        title="nodefall itself",
        subtitle="how it runs on Kubernetes",
        try_label="Take node-1 down",
        try_query="service=nodefall/nodefall&down=node/node-1",
    ),
)
"""In the order of the gallery."""
