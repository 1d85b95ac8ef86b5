"""The settings of the web app: one table with name, default, environment variable and help.

Every setting can be given to ``create_app`` by name or in the environment as ``NODEFALL_<NAME>``.
"""

import os
import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from webapp.limits import DEFAULT


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting."""

    name: str
    default: str | int
    help: str
    check: Callable[[Any], bool] = lambda _: True

    @property
    def variable(self) -> str:
        """The environment variable that sets it."""
        return f"NODEFALL_{self.name}"

    def parse(self, value: object) -> str | int:
        """Return `value` in the type of the default.

        Raises:
            ValueError: if it is not one that the setting takes.

        """
        try:
            parsed = int(str(value)) if isinstance(self.default, int) else str(value)
        except ValueError as error:
            raise ValueError(f"{self.variable}: {value!r} is not a number") from error
        if not self.check(parsed):
            raise ValueError(f"{self.variable}: {value!r} is out of range")
        return parsed


# Sources of the CSP's frame-ancestors: anything else in that header would end the directive, or start another one.
_SOURCES = re.compile(r"\s*((https?://[\w.*-]+(:(\d+|\*))?|'self'|\*)\s*)*")

_PUBLIC_URL = re.compile(r"https?://[^/?#\s@]+(/[\w.~/-]*)?")
_HOSTS = re.compile(r"\s*[A-Za-z0-9.-]+(\s+[A-Za-z0-9.-]+)*\s*")

_ACCESS = re.compile(r"password:.{8,}|header:[A-Za-z][A-Za-z0-9-]*")


# Valkey speaks as Redis does; with a second s it is TLS.
_SERVER = re.compile(r"((rediss?|valkeys?)://[^/\s]+(/\d*)?|unix://\S+)(\?\S*)?")


def is_shared_server(value: str) -> bool:
    """Return whether this is the URL of a Redis or Valkey."""
    return bool(_SERVER.fullmatch(value))


def _is_limit(value: str) -> bool:
    import limits  # noqa: PLC0415 - a tenth of a second, for the web app only

    try:
        return bool(limits.parse_many(value))
    except ValueError:
        return False


def _is_log(value: str) -> bool:
    return value in ("", "json")


SETTINGS = (
    Setting("DATABASE_URL", "", "SQLAlchemy URL of the database; empty: an SQLite file in the user's data directory."),
    Setting(
        "MAX_UPLOAD_BYTES",
        64 * 1024 * 1024,
        "Largest upload in bytes, unpacked. Reading 10 MB takes about a second and a half of one core.",
        lambda value: value > 0,
    ),
    Setting(
        "MAX_UPLOAD_FILES",
        DEFAULT.files,
        "Most files in one upload, archive members included.",
        lambda value: value > 0,
    ),
    Setting(
        "PUBLIC_URL",
        "",
        "Public URL of the app, such as https://nodefall.example or https://intra.example/nodefall; empty: as "
        "requested.",
        lambda value: not value or bool(_PUBLIC_URL.fullmatch(value)),
    ),
    Setting(
        "ALLOWED_HOSTS",
        "",
        "Names of hosts, without a port, for which it answers, such as `nodefall.example .intra.example` (a dot first: "
        "those below it as well); empty: any.",
        lambda value: not value or bool(_HOSTS.fullmatch(value)),
    ),
    Setting(
        "DATABASE_CONNECTIONS",
        10,
        "Most connections to the database that one web process has at a time; a worker has one.",
        lambda value: 0 < value <= 1000,
    ),
    Setting(
        "DATABASE_SECONDS",
        5,
        "How long a request waits for the database: for a connection, for a lock and for each statement. Then it is "
        "answered with status 503.",
        lambda value: 0 < value <= 300,
    ),
    Setting(
        "STORED_MEGABYTES",
        10240,
        "How much all uploads and shared views may take in the database, compressed, in MB; 0: no limit. A YAML file "
        "of 10 MB takes about half a megabyte.",
        lambda value: value >= 0,
    ),
    Setting(
        "STORED_MEGABYTES_PER_CLIENT",
        256,
        "How much of that one client address may store within an hour, in MB; 0: no limit.",
        lambda value: value >= 0,
    ),
    Setting("KEEP_DAYS", 90, "How long an upload is kept unless its owner chooses otherwise.", lambda value: value > 0),
    Setting(
        "LESSONS",
        "",
        "A folder of lessons, see docs/lessons.md; empty: those that nodefall brings along.",
        lambda value: not value or Path(value).is_dir(),
    ),
    Setting(
        "EMBED_ANCESTORS",
        "",
        "Sites that may show public shared views in a frame, such as `https://wiki.example https://*.intra.example`; "
        "empty: none.",
        lambda value: bool(_SOURCES.fullmatch(value)),
    ),
    Setting(
        "RATE_LIMIT",
        "3000 per minute",
        "What one client address may ask for; empty: no limit. A click is 1, a page about all failures or services 3, "
        "a picture 5, an upload 10 and 5 more for each MB; as much again for each 20,000 nodes, pods and Services.",
        lambda value: not value or _is_limit(value),
    ),
    Setting(
        "RATE_LIMIT_STORAGE",
        "",
        "Where that is counted when processes share it, as in `NODEFALL_QUEUE_URL`; empty: there, or else in each "
        "process.",
        lambda value: value in ("", "memory://") or is_shared_server(value),
    ),
    Setting(
        "WORKERS",
        2,
        "How many processes answer what can take long, so that nobody else waits for it; 0: the web process does it "
        "itself, as it does anyway with a database in memory.",
        lambda value: 0 <= value <= 64,
    ),
    Setting(
        "QUEUE_URL",
        "",
        "Redis or Valkey, such as `redis://:WORD@redis.example:6379/0`, through which `nodefall worker` on any machine "
        "does what can take long; empty: worker processes of each web process. See deploy.md.",
        lambda value: not value or is_shared_server(value),
    ),
    Setting(
        "LARGE_SET",
        2000,
        "How many nodes, pods and Services a set may have together for the web process to answer itself.",
        lambda value: value >= 0,
    ),
    Setting("JOB_SECONDS", 120, "How long a worker may take for one request.", lambda value: value > 0),
    Setting(
        "JOB_MEGABYTES",
        2048,
        "Resident memory of a worker and what it starts, in MB, at which its request is stopped; looked at ten "
        "times a second. Importing nodefall takes about 100.",
        lambda value: value > 0,
    ),
    Setting(
        "RESULT_MEGABYTES",
        64,
        "How much of the workers' latest responses is kept for whoever asks again, in MB.",
        lambda value: value > 0,
    ),
    Setting(
        "ACCESS",
        "",
        "Who may use it: empty: everybody; `password:WORD` (8 characters or more): who knows it; `header:NAME`: who "
        "comes through a trusted proxy that sets it.",
        lambda value: not value or bool(_ACCESS.fullmatch(value)),
    ),
    Setting(
        "PASSWORD_GUESSES",
        "10 per minute; 100 per hour",
        "Wrong passwords that one client address may send; after that even the right one is refused until the time "
        "has passed. Counted where `NODEFALL_RATE_LIMIT` is; empty: no limit.",
        lambda value: not value or _is_limit(value),
    ),
    Setting(
        "ENDING_SECONDS",
        0,
        "How long after SIGTERM the server still takes requests, saying at `/readyz` that it ends; what balances "
        "load needs this long to notice.",
        lambda value: 0 <= value <= 300,
    ),
    Setting("LOG", "", "`json`: a line for each request on standard error, without names or ids.", _is_log),
    Setting(
        "MAX_CONNECTIONS",
        1000,
        "Most connections at once; one more, and the one that has waited longest without a request is closed.",
        lambda value: 16 <= value <= 100_000,
    ),
    Setting(
        "TRUSTED_PROXIES",
        0,
        "How many reverse proxies in front set X-Forwarded-For, -Proto, -Host and -Prefix.",
        lambda value: 0 <= value < 10,
    ),
)


def load(given: Mapping[str, object] | None = None, environ: Mapping[str, str] = os.environ) -> dict[str, str | int]:
    """Return every setting: as given, else as the environment has it, else its default."""
    given = given or {}
    return {
        setting.name: setting.parse(given.get(setting.name, environ.get(setting.variable, setting.default)))
        for setting in SETTINGS
    }


def data_directory(environ: Mapping[str, str] = os.environ, platform: str = sys.platform) -> Path:
    """Return where this platform keeps an application's data for one user."""
    # Who runs it may have no home, as in a container: it is asked for last. An empty variable counts as none (XDG Base
    # Directory Specification).
    if platform == "win32":
        return Path(environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local") / "nodefall"
    if platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "nodefall"
    return Path(environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "nodefall"


def default_database_url() -> str:
    """Return the URL of the SQLite file in the user's data directory, which is made if it is missing.

    Raises:
        ValueError: the user has no home, and nothing says where else to keep it.

    """
    try:
        directory = data_directory()
    except RuntimeError as error:
        raise ValueError("NODEFALL_DATABASE_URL: must be set where the user has no home directory") from error
    # On a machine with several users, what one of them uploads is not for the others.
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    return f"sqlite:///{directory / 'nodefall.sqlite3'}"
