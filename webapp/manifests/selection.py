"""Which of the files of a folder or archive may be manifests, by their names alone."""

import re
from pathlib import PurePosixPath

_NEVER = re.compile(
    r"""\.(
        png|jpe?g|gif|svg|ico|webp|bmp|pdf|psd|mp[34]|webm|mov|ttf|otf|woff2?|drawio|puml|mmd
      | md|markdown|rst|adoc|html?|s?css|less|m?js|[jt]sx?|vue|map|snap|ipynb|xlsx|docx|pptx|odt|csv|tsv|xml|xsl
      | go|py|pyc|rb|rs|java|kt|scala|[cho]|cc|cpp|cs|php|pl|lua|swift|sql|proto|graphql
      | sh|bash|zsh|fish|ps1|bat|cmd|tf|tfvars|hcl|rego|cue|jsonnet|libsonnet|star|toml|ini|cfg|properties
      | lock|sum|mod|work|log|diff|patch|pem|crt|cer|key|p12|jks|asc|sig|gpg
      | exe|dll|so|dylib|a|class|jar|war|bin|iso|img|deb|rpm|apk|whl|egg
    )""",
    re.VERBOSE | re.IGNORECASE,
)
_SURE = frozenset({".yaml", ".yml", ".json"})


def in_folder(name: str) -> bool:
    """Return whether the file came as a part of something larger, so that nobody picked it by itself."""
    return "/" in name


def is_hidden(name: str) -> bool:
    """Return whether the file or a folder around it is hidden, or macOS's own addition to archives."""
    return any((part.startswith(".") and part not in {".", ".."}) or part == "__MACOSX" for part in name.split("/"))


def is_outside(name: str) -> bool:
    """Return whether the path leads out of its archive: absolute, with a drive, or by ``..``."""
    return name.startswith(("/", "\\")) or ".." in re.split(r"[/\\]", name) or re.match(r"[A-Za-z]:", name) is not None


def is_never_manifest(name: str) -> bool:
    """Return whether the name's ending is that of something else: pictures, programs, documents."""
    return _NEVER.fullmatch(PurePosixPath(name).suffix) is not None


def is_surely_manifest(name: str) -> bool:
    """Return whether the name says YAML or JSON, so that what can't be read in it is worth a word."""
    return not _SURE.isdisjoint(suffix.casefold() for suffix in PurePosixPath(name).suffixes[-2:])


def shown(name: str, longest: int) -> str:
    """Return the name as it may be shown: on one line, without control characters, and not too long."""
    clean = "".join(char if char.isprintable() else "�" for char in name)
    return clean if len(clean) <= longest else f"…{clean[1 - longest :]}"
