"""What a request of the API is about: a stored set or what was sent, in the state that the query says."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, cast

from flask import abort, request
from werkzeug.exceptions import UnprocessableEntity

from webapp.cluster.build import build
from webapp.failure import words
from webapp.manifests import Manifests
from webapp.views.page import query
from webapp.views.page.state import PageState
from webapp.views.page.topologies import Topology, open_or_404, topologies
from webapp.views.site.errors import Unusable
from webapp.views.site.storing import set_name
from webapp.views.site.uploads import field_names, read_sent, was_sent

if TYPE_CHECKING:
    from webapp.views.site.request_body import Request


def asked(others: Iterable[str] = ()) -> PageState:
    """Return the state of the stored ``topology``, or of the manifests in the body; see :func:`given`."""
    return state_of(given(query.TOPOLOGY, others=others))


def given(word: query.Word[str], side: str = "", others: Iterable[str] = ()) -> Topology:
    """Return the stored set that the word names, else the one that was sent, which has no id.

    The names of a side's fields begin with it; `others` are fields that the form may have beside those.
    """
    stored, fields = word.asked(), field_names(side)
    manifests = None if stored else usable(read_sent(side), f"{word.name}=ID", fields)
    refuse_other_fields((*fields, *others))
    if manifests is not None:
        return Topology("", set_name(manifests), manifests)
    # Which of the two was meant nobody can tell.
    if any(name in fields for name in _sent_fields()) or (not side and cast("Request", request).plain_body):
        abort(400, f"Say {word.name}=ID or send manifests, not both.")
    return open_or_404(stored)


def named_id() -> str:
    """Return the id of the stored set that the query names; answer 400 if it names none."""
    stored = query.TOPOLOGY.asked()
    if not stored:
        abort(400, "Say topology=ID, as in the address of its map.")
    return stored


def named_set() -> Topology:
    """Return the stored set that the query names."""
    return open_or_404(named_id())


def usable(manifests: Manifests, instead: str, fields: Iterable[str]) -> Manifests:
    """Return the manifests; answer what to send, or that nothing could be read, if there are none."""
    if not was_sent(manifests):
        several, single, pasted = fields
        body = "as the body, or " if single == "file" else ""
        how = f"Send the manifests {body}in a form as `{several}` or `{pasted}`, one file also as `{single}`"
        raise UnprocessableEntity(how + (f"; or name a stored set: {instead}." if instead else "."))
    if not manifests.is_usable:
        raise Unusable("Nothing in there could be read.", manifests.problems)
    return manifests


def refuse_other_fields(known: Iterable[str]) -> None:
    """Answer 400 to a field of a form that nothing is done with: whoever sent it meant something by it."""
    fields = set(known)
    for name in _sent_fields():
        if name not in fields:
            listed = ", ".join(sorted(fields)) or "none"
            abort(400, f'This form has no field "{name[:80]}". There is: {listed}. Words stand in the address: ?down=…')


def _sent_fields() -> tuple[str, ...]:
    # A body that is not a form has none, whatever its Content-Type says.
    return () if cast("Request", request).plain_body else (*request.files, *request.form)


def state_of(topology: Topology) -> PageState:
    """Return the state that the query asks of a set.

    Raises:
        ScenarioError: it names what isn't there.

    """
    page = query.asked_page()
    pairs = [(name, value) for name, value in query.asked_pairs() if name in page.keeps]
    options = words.decode_options(pairs, topology.manifests, page.plain)
    # What was sent has no id to keep its cluster by.
    cluster = topologies().cluster(topology, options) if topology.id else build(topology.manifests, options)
    scenario = words.decode(pairs, cluster)
    return PageState(
        topology=topology,
        cluster=cluster,
        options=options,
        scenario=scenario,
        port=query.PORT.asked(),
        drawer=query.DRAWER.asked(),
        name=query.NAME.asked(),
    )
