"""Which of the files of a folder or archive may be manifests, by their names and by a first look into them.

A search takes what can be one; only a file that somebody names is read whatever it is.
"""

import re
from pathlib import PurePosixPath

from webapp.manifests.kustomize import is_kustomization

# json, txt, tpl and names without an ending are missing on purpose: manifests come under these too, so they are looked
# into.
_NEVER = re.compile(
    r"""\.(
        png|jpe?g|gif|svg|ico|webp|bmp|pdf|psd|mp[34]|webm|mov|ttf|otf|woff2?|drawio|puml|mmd
      | md|markdown|rst|adoc|html?|s?css|less|m?js|[jt]sx?|vue|map|snap|ipynb|xlsx|docx|pptx|odt|csv|tsv|xml|xsl
      | go|py|pyc|rb|rs|java|kt|scala|[cho]|cc|cpp|cs|php|pl|lua|swift|sql|proto|graphql
      | sh|bash|zsh|fish|ps1|bat|cmd|tf|tfvars|tfstate|hcl|rego|cue|jsonnet|libsonnet|star|toml|ini|cfg|properties
      | lock|sum|mod|work|log|diff|patch|pem|crt|cer|key|p12|jks|asc|sig|gpg
      | exe|dll|so|dylib|a|class|jar|war|bin|iso|img|deb|rpm|apk|whl|egg|db|sqlite|parquet|pack|idx
    )""",
    re.VERBOSE | re.IGNORECASE,
)
_ARCHIVE = re.compile(r".*\.(tgz|tar|gz|zip|7z|xz|bz2|rar|zst)", re.IGNORECASE | re.DOTALL)
# The manifests in there are examples and tests of other projects, not what this one deploys.
_DEPENDENCIES = frozenset(
    {"node_modules", "bower_components", "vendor", "venv", "virtualenv", "site-packages", "__pycache__"}
)
_COMPOSE = re.compile(r"(docker-)?compose[\w.-]*\.ya?ml", re.IGNORECASE)
# Kinds of Kubernetes begin with a capital; a `kind` in lower case is another program's.
_KEY = re.compile(rb"""(?:^|[\s{,"'-])(?:apiVersion["']?\s*:|kind["']?\s*:\s*["']?[A-Z])""")
_WRITTEN = re.compile(r"""^(?:- )?["']?(kind|apiVersion)["']?[ \t]*:""", re.MULTILINE)
LOOKED_AT = 1_000_000
"""The bytes of a file that are looked at: kubectl writes apiVersion first."""
OTHERS_CODE = "third-party code"


def in_folder(name: str) -> bool:
    """Return whether the file came as a part of something larger, so that nobody picked it by itself."""
    return "/" in name


def is_hidden(name: str) -> bool:
    """Return whether the file or a folder around it is hidden, or macOS's own addition to archives.

    >>> is_hidden(".git/config"), is_hidden("deploy/web.yaml")
    (True, False)
    """
    return any((part.startswith(".") and part not in {".", ".."}) or part == "__MACOSX" for part in name.split("/"))


def is_outside(name: str) -> bool:
    """Return whether the path leads out of its archive: absolute, with a drive, or by ``..``.

    >>> is_outside("../etc/passwd"), is_outside("C:/web.yaml"), is_outside("web.yaml")
    (True, True, False)
    """
    return name.startswith(("/", "\\")) or ".." in re.split(r"[/\\]", name) or re.match(r"[A-Za-z]:", name) is not None


def is_dependencies(name: str) -> bool:
    """Return whether the file is in a folder of other people's code, such as ``node_modules`` or a Python venv.

    >>> is_dependencies("node_modules/x/web.yaml")
    True
    """
    return not _DEPENDENCIES.isdisjoint(name.split("/")[:-1])


def is_never_manifest(name: str) -> bool:
    """Return whether the name's ending is that of something else: pictures, programs, documents."""
    return _NEVER.fullmatch(PurePosixPath(name).suffix) is not None


def unread(inside: str) -> str:
    """Return why a search doesn't open the file of this path inside what is searched; empty if it does.

    >>> unread(".github/workflows/ci.yaml"), unread("deploy/web.yaml")
    ('hidden files', '')
    """
    if is_outside(inside):
        return "paths that lead outside"
    if is_hidden(inside):
        return "hidden files"
    if is_dependencies(inside):
        return OTHERS_CODE
    if _ARCHIVE.fullmatch(inside):
        return "archives"
    return "not manifests by their names" if is_never_manifest(inside) else ""


def is_chart(name: str) -> bool:
    """Return whether the file describes a Helm chart; its folder is the chart."""
    return PurePosixPath(name).name == "Chart.yaml"


def may_hold_objects(name: str, data: bytes) -> bool:
    """Return whether a first look finds what objects have: ``apiVersion``, or a ``kind`` with a capital. It is quick.

    A few files are known by their names: what makes objects, and what deserves an answer where there are none.
    """
    if is_kustomization(name) or is_chart(name) or _COMPOSE.fullmatch(PurePosixPath(name).name):
        return True
    head = data[:LOOKED_AT]
    # Fixed bytes are found many times faster than the pattern, and most files of a repository have neither.
    if b"kind" not in head and b"apiVersion" not in head and b"\0" not in head[:64]:
        return False
    # UTF-16 and UTF-32 put NULs between the letters.
    return _KEY.search(head.replace(b"\0", b"") if b"\0" in head[:64] else head) is not None


def is_meant_as_manifest(text: str) -> bool:
    """Return whether a text that can't be read was to be a manifest: it has both ``kind`` and ``apiVersion``."""
    return len(set(_WRITTEN.findall(text))) == len({"kind", "apiVersion"})


def shown(name: str, longest: int) -> str:
    """Return the name as it may be shown: on one line, without control characters, and not too long."""
    # The end of a path tells files apart, so it is the beginning that is cut.
    clean = "".join(char if char.isprintable() else "�" for char in name)
    return clean if len(clean) <= longest else f"…{clean[1 - longest :]}"
