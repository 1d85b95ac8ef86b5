"""Archives -> their members, in memory and within limits; nothing is ever written to a disk.

tar is read here and not by tarfile, which (up to CPython 3.13.5) never ends on a crafted header (CVE-2025-8194).
"""

import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from io import BytesIO

from webapp.manifests.tree import Unreadable, Usage
from webapp.records import dataclass

_BLOCK = 512
# Each member costs a copy of all that follows it: thousands of empty ones would take quadratic time.
_GZIP_MEMBERS = 64
# Short files of one letter or of spaces shrink a thousandfold, and harm nobody.
_SMALL = 1_000_000
"""Bytes up to which the ratio doesn't matter."""
# Flags of files: 0, NUL as in tars before POSIX, and 7 (contiguous), which POSIX lets a reader take for a file.
_REGULAR = {b"0", b"\0", b"7"}
_PAX_PATH = re.compile(rb"(?:^|\n)\d+ path=([^\n]*)\n")
# Told apart only so that the answer can name what was uploaded.
_FOREIGN = (
    (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"\xfd7zXZ\0", "xz"),
    (b"BZh", "bzip2"),
    (b"Rar!\x1a\x07", "RAR"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
)
# zipfile raises more than BadZipFile on crafted headers: NotImplementedError for a version that it doesn't know,
# ValueError for a negative offset.
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    ValueError,
    OverflowError,
    NotImplementedError,
    RuntimeError,
    struct.error,
)


@dataclass(frozen=True, slots=True)
class ArchiveMember:
    """A file in an archive; `data` is None for what can't be a file of text: links, devices, outside paths."""

    name: str
    data: bytes | None
    reason: str = ""
    """Why `data` is None."""
    alone: bool = False
    """Whether it is a compressed file rather than one of an archive's."""


def is_archive(data: bytes) -> bool:
    """Return whether the bytes begin like an archive or a compressed file of any kind."""
    return data.startswith((b"PK\x03\x04", b"PK\x05\x06", b"\x1f\x8b")) or _is_tar(data) or _foreign(data) is not None


def members(name: str, data: bytes, usage: Usage) -> Iterator[ArchiveMember]:
    """Yield the files of an archive.

    Raises:
        Unreadable: it is damaged, encrypted, of an unknown sort or beyond a limit; what was yielded before is good.

    """
    try:
        if data.startswith((b"PK\x03\x04", b"PK\x05\x06")):
            yield from _zip(data, usage)
        elif data.startswith(b"\x1f\x8b"):
            yield from _gzip(name, data, usage)
        elif _is_tar(data):
            yield from _tar(data, usage)
        else:
            raise _unreadable(f"nodefall doesn't open {_foreign(data)} archives.")
    except _BROKEN:
        raise _unreadable("The archive is damaged.") from None


def _foreign(data: bytes) -> str | None:
    return next((name for magic, name in _FOREIGN if data.startswith(magic)), None)


def _is_tar(data: bytes) -> bool:
    return len(data) >= _BLOCK and data[257:262] == b"ustar"


def _unreadable(message: str, hint: str = "", id_: str = "NP004") -> Unreadable:
    return Unreadable(0, message, hint, id_=id_)


def _too_large(limit: int) -> Unreadable:
    return _unreadable(f"The archives of the upload contain more than {limit:,} bytes.", id_="NP002")


def _too_many(limit: int) -> Unreadable:
    return _unreadable(f"The archive has more than {limit:,} entries.", id_="NP002")


def _checked(data: bytes, packed: int, usage: Usage) -> bytes:
    """Return what was unpacked, having counted it."""
    limits = usage.limits
    # What came out is counted: the sizes in headers are whatever somebody wrote there.
    usage.unpacked += len(data)
    if usage.unpacked > limits.unpacked_bytes:
        raise _too_large(limits.unpacked_bytes)
    if len(data) > max(_SMALL, packed * limits.ratio):
        raise _unreadable(f"A file in the archive is more than {limits.ratio} times as large as packed.", id_="NP002")
    return data


def _room(usage: Usage) -> int:
    # One byte more than is left: what fills it is over the limit.
    return usage.limits.unpacked_bytes - usage.unpacked + 1


# --- zip --------------------------------------------------------------------------------------------------------------


def _zip(data: bytes, usage: Usage) -> Iterator[ArchiveMember]:
    with zipfile.ZipFile(BytesIO(data)) as archive:
        entries = archive.infolist()
        if len(entries) > usage.limits.archive_members:
            raise _too_many(usage.limits.archive_members)
        for entry in entries:
            if not entry.is_dir():
                yield _zip_member(archive, entry, usage)


def _zip_member(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, usage: Usage) -> ArchiveMember:
    # The upper half is the mode of Unix, 0 where Windows packed. A link's content is the path of its target, which must
    # neither be followed nor read.
    if stat.S_IFMT(entry.external_attr >> 16) not in {0, stat.S_IFREG}:
        return ArchiveMember(entry.filename, None, "links")
    if entry.flag_bits & 1:
        raise _unreadable("The archive is encrypted.", "Pack it without a password.")
    # bzip2 and LZMA members could ask for gigabytes of memory before the first byte comes out.
    if entry.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
        raise _unreadable("The archive uses a compression method that nodefall doesn't support.")
    with archive.open(entry) as file:
        return ArchiveMember(entry.filename, _checked(file.read(_room(usage)), entry.compress_size, usage))


# --- gzip and tar -----------------------------------------------------------------------------------------------------


def _gzip(name: str, data: bytes, usage: Usage) -> Iterator[ArchiveMember]:
    unpacked = _checked(_decompressed(data, _room(usage)), len(data), usage)
    if _is_tar(unpacked):
        yield from _tar(unpacked, usage)
    else:
        inner = re.sub(r"\.gz$", "", name.rpartition("/")[2], flags=re.IGNORECASE)
        yield ArchiveMember(inner, unpacked, alone=True)


def _decompressed(data: bytes, room: int) -> bytes:
    """Return at most `room` bytes of a gzip file, which may consist of several members."""
    parts: list[bytes] = []
    while data.startswith(b"\x1f\x8b") and room > 0:
        if len(parts) == _GZIP_MEMBERS:
            raise _unreadable("The file consists of too many gzip members.")
        unpacker = zlib.decompressobj(wbits=31)
        parts.append(unpacker.decompress(data, room))
        room -= len(parts[-1])
        if not unpacker.eof and room > 0:
            raise EOFError
        data = unpacker.unused_data
    return b"".join(parts)


def _tar(data: bytes, usage: Usage) -> Iterator[ArchiveMember]:
    """Yield the files of a tar archive: POSIX.1-1988 headers, with the long names of GNU (L) and pax (x)."""
    position, count, long_name = 0, 0, ""
    # Two blocks of zeros end an archive; some writers leave out one or both.
    while position + _BLOCK <= len(data) and data[position : position + _BLOCK].strip(b"\0"):
        header = data[position : position + _BLOCK]
        size, kind = _octal(header[124:136]), header[156:157]
        position += _BLOCK
        content = data[position : position + size]
        if len(content) < size:
            raise EOFError
        position += -(-size // _BLOCK) * _BLOCK
        if kind in {b"L", b"x"}:
            long_name = _long_name(kind, content)
        # 5 is a folder, g a pax header for all that follows, K the long target of a link: none of them is a file.
        elif kind not in {b"5", b"g", b"K"}:
            count += 1
            if count > usage.limits.archive_members:
                raise _too_many(usage.limits.archive_members)
            name, long_name = long_name or _tar_name(header), ""
            yield ArchiveMember(name, content) if kind in _REGULAR else ArchiveMember(name, None, "links")


def _octal(number: bytes) -> int:
    """Return a header's number; the other form, for files of over 8 GiB, can't be here, nor can negative numbers."""
    digits = number.strip(b" \0")
    if not re.fullmatch(rb"[0-7]*", digits):
        raise ValueError
    return int(digits or b"0", 8)


def _tar_name(header: bytes) -> str:
    # The prefix is POSIX's alone: GNU tar, whose magic has spaces in place of the NUL, keeps times in these bytes.
    name, prefix = header[:100].rstrip(b"\0"), header[345:500].rstrip(b"\0")
    return (prefix + b"/" + name if prefix and header[257:263] == b"ustar\0" else name).decode("utf-8", "replace")


def _long_name(kind: bytes, content: bytes) -> str:
    if kind == b"L":
        return content.rstrip(b"\0").decode("utf-8", "replace")
    found = _PAX_PATH.search(content)
    return found[1].decode("utf-8", "replace") if found else ""
