"""Archives, good and hostile."""

import gzip
import io
import tarfile
import zipfile
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from webapp.limits import Limits
from webapp.manifests.archives import ArchiveMember, is_archive, members
from webapp.manifests.tree import Unreadable, Usage

FILES = {"a.yaml": b"kind: Pod\n", "deep/er/" + "n" * 150 + "/b é.yaml": b"kind: Service\n" * 100}


def zipped(files: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Return a zip archive."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", compression) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return made.getvalue()


def tarred(files: dict[str, bytes], mode: str = "w", tar_format: int = tarfile.PAX_FORMAT) -> bytes:
    """Return a tar archive."""
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode=mode, format=tar_format) as archive:  # type: ignore[call-overload]
        for name, data in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    return made.getvalue()


def opened(data: bytes, name: str = "x", **limits: int) -> list[ArchiveMember]:
    """Return the members of an archive."""
    return list(members(name, data, Usage(Limits(**limits))))


@pytest.mark.parametrize(
    "pack",
    [
        pytest.param(zipped, id="zip"),
        pytest.param(lambda files: zipped(files, zipfile.ZIP_STORED), id="zip, not compressed"),
        pytest.param(tarred, id="tar, pax"),
        pytest.param(lambda files: tarred(files, tar_format=tarfile.GNU_FORMAT), id="tar, GNU"),
        pytest.param(lambda files: tarred(files, "w:gz"), id="tar.gz"),
    ],
)
def test_members_come_out_as_they_went_in(pack: Callable[[dict[str, bytes]], bytes]) -> None:
    """Long names and names beyond ASCII included."""
    data = pack(FILES)
    assert is_archive(data)
    assert {one.name: one.data for one in opened(data)} == FILES


def test_ustar_names_are_put_together() -> None:
    """A prefix and a name."""
    files = {"p" * 90 + "/" + "n" * 90: b"x"}
    assert {one.name: one.data for one in opened(tarred(files, tar_format=tarfile.USTAR_FORMAT))} == files


def test_a_single_file_may_be_gzipped() -> None:
    """It loses its ending, and several gzip members are one file."""
    data = gzip.compress(b"kind: ") + gzip.compress(b"Pod\n")
    assert opened(data, "pod.yaml.gz") == [ArchiveMember("pod.yaml", b"kind: Pod\n", alone=True)]


def test_folders_are_no_members() -> None:
    """Neither in zip nor in tar."""
    assert opened(zipped({"d/": b""})) == []
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as archive:
        folder = tarfile.TarInfo("d")
        folder.type = tarfile.DIRTYPE
        archive.addfile(folder)
    assert opened(made.getvalue()) == []


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE])
def test_links_and_devices_in_tar_have_no_data(kind: bytes) -> None:
    """They are named and left out."""
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as archive:
        entry = tarfile.TarInfo("x.yaml")
        entry.type, entry.linkname = kind, "/etc/passwd"
        archive.addfile(entry)
    assert opened(made.getvalue()) == [ArchiveMember("x.yaml", None, "links")]


def test_links_in_zip_have_no_data() -> None:
    """A link is a file whose mode says so."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        entry = zipfile.ZipInfo("x.yaml")
        entry.external_attr = 0o120777 << 16
        archive.writestr(entry, "/etc/passwd")
    assert opened(made.getvalue()) == [ArchiveMember("x.yaml", None, "links")]


def encrypted() -> bytes:
    """Return a zip archive whose member claims to be encrypted."""
    data = bytearray(zipped({"a.yaml": b"x"}))
    data[data.index(b"PK\x01\x02") + 8] |= 1
    return bytes(data)


def negative_size() -> bytes:
    """Return a tar header of which tarfile once never came back."""
    data = bytearray(tarred({"a.yaml": b"x"}, tar_format=tarfile.USTAR_FORMAT))
    data[124:136] = b"-0000001000\0"
    return bytes(data)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        pytest.param(b"PK\x03\x04rubbish", "damaged", id="no zip after all"),
        pytest.param(b"\x1f\x8brubbish", "damaged", id="no gzip after all"),
        pytest.param(gzip.compress(b"kind: Pod" * 100)[:20], "damaged", id="a gzip file cut off"),
        pytest.param(tarred(FILES)[:515], "damaged", id="a tar file cut off"),
        pytest.param(negative_size(), "damaged", id="a negative size"),
        pytest.param(encrypted(), "encrypted", id="a password"),
        pytest.param(zipped(FILES, zipfile.ZIP_LZMA), "compression method", id="LZMA"),
        pytest.param(zipped(FILES, zipfile.ZIP_BZIP2), "compression method", id="bzip2 in zip"),
        pytest.param(gzip.compress(b"") * 65, "too many gzip members", id="thousands of gzip members"),
        pytest.param(b"BZh91AY", "bzip2", id="bzip2"),
        pytest.param(b"7z\xbc\xaf\x27\x1c", "7z", id="7z"),
        pytest.param(b"\xfd7zXZ\0", "xz", id="xz"),
        pytest.param(b"Rar!\x1a\x07\x00", "RAR", id="RAR"),
    ],
)
def test_archives_that_cannot_be_opened_say_why(data: bytes, message: str) -> None:
    """NP004, in one sentence."""
    with pytest.raises(Unreadable, match=message) as caught:
        opened(data)
    assert caught.value.id == "NP004"


@pytest.mark.parametrize(
    ("data", "limits", "message"),
    [
        pytest.param(zipped({str(n): b"" for n in range(9)}), {"archive_members": 8}, "8 entries", id="zip entries"),
        pytest.param(tarred({str(n): b"" for n in range(9)}), {"archive_members": 8}, "8 entries", id="tar entries"),
        pytest.param(zipped({"a": b"\0" * 5000}), {"unpacked_bytes": 4999}, "4,999 bytes", id="zip, unpacked"),
        pytest.param(gzip.compress(b"\0" * 5000), {"unpacked_bytes": 4999}, "4,999 bytes", id="gzip, unpacked"),
        pytest.param(zipped({"a": b"\0" * 2_000_000}), {}, "200 times", id="zip, ratio"),
        pytest.param(gzip.compress(b"\0" * 2_000_000), {}, "200 times", id="gzip, ratio"),
    ],
)
def test_bombs_are_stopped(data: bytes, limits: dict[str, int], message: str) -> None:
    """NP002, before the memory is full."""
    with pytest.raises(Unreadable, match=message) as caught:
        opened(data, **limits)
    assert caught.value.id == "NP002"


def test_the_limit_on_unpacked_bytes_is_for_all_archives_together() -> None:
    """One usage for the upload."""
    usage = Usage(Limits(unpacked_bytes=150))
    list(members("x", zipped({"a": b"x" * 100}), usage))
    with pytest.raises(Unreadable):
        list(members("y", zipped({"a": b"x" * 100}), usage))


@settings(max_examples=150)
@given(
    data=st.sampled_from(
        [zipped(FILES), tarred(FILES), tarred(FILES, "w:gz"), tarred(FILES, tar_format=tarfile.GNU_FORMAT)]
    ),
    changes=st.lists(st.tuples(st.integers(0, 4000), st.integers(0, 255)), min_size=1, max_size=12),
)
def test_a_damaged_archive_is_never_more_than_a_problem(data: bytes, changes: list[tuple[int, int]]) -> None:
    """Whatever bytes are changed."""
    damaged = bytearray(data)
    for position, value in changes:
        damaged[position % len(damaged)] = value
    assert outcome(bytes(damaged)) in {"opened", "NP002", "NP004"}


def outcome(data: bytes) -> str:
    """Return the id of the problem, if there is one."""
    try:
        opened(data)
    except Unreadable as error:
        return error.id
    return "opened"
