"""A picture that nodefall drew, sent as a file: the state that it shows is opened again."""

from flask import request

from webapp.diagram.carrying import carried, not_carried
from webapp.manifests import Upload
from webapp.manifests.capsule import Capsule, CapsuleError, unpack

_BEGINNINGS = (b"<svg", b"<?xml", b"\x89PNG\r\n\x1a\n", b"<!doctype html")
_BARE = "This picture carries no state to open. Another program has removed it, or nodefall didn’t draw it."


def sent_picture() -> Upload | None:
    """Return the picture, if this request sent one and nothing else; by what is in it, whatever it is called."""
    files = [file for field in ("files", "file") for file in request.files.getlist(field) if file.filename]
    if len(files) != 1 or request.form.get("text", "").strip():
        return None
    stream = files[0].stream
    beginning = stream.read(64).lstrip(b"\xef\xbb\xbf \r\n\t").lower()
    stream.seek(0)
    if not beginning.startswith(tuple(each.lower() for each in _BEGINNINGS)):
        return None
    data = stream.read()
    stream.seek(0)
    return Upload(name=(files[0].filename or "").replace("\\", "/").rpartition("/")[2], data=data)


def opened(picture: Upload, most: int) -> Capsule:
    """Return the objects and the state that a picture carries, of no more than `most` bytes.

    Raises:
        CapsuleError: it carries none, or what it carries can't be opened.

    """
    text = carried(picture.data)
    if text is None:
        reason = not_carried(picture.data)
        raise CapsuleError(f"This picture carries no state to open: {reason}." if reason else _BARE)
    return unpack(text, most)
