"""What readers do, for Locust; scripts/load.py runs it.

Of a hundred requests some seventy are clicks. Each user goes to one process, as behind a proxy that keeps one reader at
one process.
"""

import itertools
import os
import random
from pathlib import Path

from locust import HttpUser, between, constant, task

TOP = Path(__file__).resolve().parent.parent
URLS = os.environ["NODEFALL_LOAD_URLS"].split()
THINK = float(os.environ["NODEFALL_LOAD_THINK"])
HEAVY = int(os.environ["NODEFALL_LOAD_HEAVY"])
SHOP = (TOP / "samples" / "shop.yaml").read_text()
CLICK = {"HX-Request": "true", "HX-Request-Type": "partial"}
STATES = (
    "sample-shop?down=node/worker-{}",
    "sample-shop?service=default/web&down=node/worker-{}&at=failed",
    "sample-two-zones-dump?service=booking/frontend&down=zone/eu-central-1a&at=rescheduled&n={}",
    "sample-fifty-nodes?down=zone/eu-west-1b&at=failed&via=lb&n={}",
    "sample-fifty-nodes?down=node/worker-{}",
)
TURNS = itertools.count()


class Asking(HttpUser):
    """Somebody with a connection of his own."""

    abstract = True

    def __init__(self, *arguments: object) -> None:
        self.host = URLS[next(TURNS) % len(URLS)]
        super().__init__(*arguments)


class Reader(Asking):
    """Somebody who looks at what falls when a node falls."""

    wait_time = between(THINK / 2, THINK * 1.5)

    def on_start(self) -> None:
        """Have a set of one's own."""
        self.own = "sample-shop"
        self.upload()

    @task(60)
    def click(self) -> None:
        """Take something down on a sample."""
        state = random.choice(STATES).format(random.randint(1, 3))  # noqa: S311 - no secret
        self.client.get(f"/t/{state}", headers=CLICK, name="click")

    @task(10)
    def click_on_own(self) -> None:
        """Take something down on a stored set, which the database has."""
        state = f"down=node/worker-{random.randint(1, 3)}"  # noqa: S311
        self.client.get(f"/t/{self.own}?{state}", headers=CLICK, name="click")

    @task(12)
    def page(self) -> None:
        """Open a whole page."""
        paths = (
            "/",
            f"/t/{self.own}",
            f"/t/{self.own}/findings",
            f"/t/{self.own}/services",
            f"/t/{self.own}/resilience",
        )
        self.client.get(random.choice(paths), name="page")  # noqa: S311

    @task(6)
    def picture(self) -> None:
        """Take the SVG along."""
        self.client.get(f"/t/{self.own}/diagram.svg?down=node/worker-2", name="picture")

    @task(2)
    def image(self) -> None:
        """Take the PNG along, which takes a process."""
        self.client.get(f"/t/{self.own}/diagram.png?down=node/worker-2", name="image")

    @task(3)
    def report(self) -> None:
        """Take a document along."""
        self.client.get(f"/t/{self.own}/report.md?down=node/worker-2", name="report")

    @task(5)
    def upload(self) -> None:
        """Bring a small set along."""
        text = f"# {random.random()}\n{SHOP}"  # noqa: S311
        with self.client.post(
            "/upload", data={"text": text}, name="upload", allow_redirects=False, catch_response=True
        ) as answer:
            there = answer.headers.get("Location", "")
            if answer.status_code == 303 and "/t/" in there:
                self.own = there.rpartition("/t/")[2].partition("?")[0]
                answer.success()
            else:
                answer.failure(f"status {answer.status_code}")


class Hauler(Asking):
    """Somebody who uploads large sets, one after the other; refusals with a Retry-After are as they should be."""

    fixed_count = HEAVY
    wait_time = constant(0.1)
    large = "\n---\n".join(
        SHOP.replace("name: web", f"name: web-{number}").replace("app: web", f"app: web-{number}")
        for number in range(100)
    )

    @task
    def haul(self) -> None:
        """Upload a set of a megabyte that nobody has uploaded yet."""
        data = f"# {random.random()}\n{self.large}"  # noqa: S311
        # As a browser, which is shown how far it is after three seconds instead of waiting for the end.
        plain = {"Content-Type": "text/yaml", "Accept": "text/html"}
        with self.client.post(
            "/upload", data=data, headers=plain, name="large upload", allow_redirects=False, catch_response=True
        ) as answer:
            if answer.status_code in (429, 503) and "Retry-After" in answer.headers:
                answer.failure(f"refused with status {answer.status_code} and Retry-After")


if not HEAVY:
    # Locust would start one user of each kind at least.
    Hauler.abstract = True
