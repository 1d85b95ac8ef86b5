"""Every form that asks by an address: sent again as it stands, it leads to the address where one is already."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import parse_qsl, urlencode

import pytest
from flask.testing import FlaskClient

from tests.views.uploading import WEB, Uploads

STATE = (
    "service=default/web&down=node/node-2&at=failed&via=lb&proxy-mode=nftables&kubernetes=1.30&nodes=5"
    "&service-node-port-range=20000-32767&nodeport-addresses=all&zones=2&control-planes=1"
    "&replicas=Deployment/default/web:5&policy=default/web:Local&port=80&select=node/node-1&name=one+lost&unfold=x"
)
PAGES = ("", "/services", "/resilience", "/findings", "/hop", "/find")
REPEATABLE = {"down", "replicas", "policy", "unfold"}
TYPED = {"labels": "kubernetes.io/os", "q": "web", "address": "node-1:30080"}
"""What a reader types where a field is empty."""
_BY_TEXT = "\0"


@dataclass
class Form:
    """A form as a browser would send it."""

    action: str
    shown: list[str] = field(default_factory=list)
    fields: list[tuple[str, str]] = field(default_factory=list)

    @property
    def key(self) -> tuple[str, frozenset[str]]:
        """What tells it from the page's others."""
        return self.action, frozenset(self.shown)


class Forms(HTMLParser):
    """Collects the forms of a page whose method is GET."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[Form] = []
        self._form: Form | None = None
        self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what would be sent."""
        given = {key: value or "" for key, value in attrs}
        name = given.get("name", "")
        if tag == "form":
            self._form = Form(given["action"].partition("#")[0]) if given.get("method") == "get" else None
            self.found += [self._form] if self._form else []
        elif self._form is None:
            return
        elif tag == "select":
            self._select = name
            self._form.shown.append(name)
        elif tag == "option" and "selected" in given:
            self._form.fields.append((self._select, given.get("value", _BY_TEXT)))
        elif tag == "input" and name:
            self._form.shown += [name] if given.get("type") != "hidden" else []
            if given.get("type") != "checkbox" or "checked" in given:
                self._form.fields.append((name, given.get("value", "") or TYPED.get(name, "")))

    def handle_data(self, data: str) -> None:
        """Take the text of an option that has no value."""
        if self._form and self._form.fields[-1:] == [(self._select, _BY_TEXT)]:
            self._form.fields[-1] = (self._select, data)

    def handle_endtag(self, tag: str) -> None:
        """Note the end of a form."""
        self._form = None if tag == "form" else self._form


def _forms(text: str) -> list[Form]:
    parser = Forms()
    parser.feed(text)
    return parser.found


def _sent(client: FlaskClient, form: Form) -> tuple[str, str]:
    """Return the query that the form leads to, redirects followed, and the page there."""
    response = client.get(f"{form.action}?{urlencode(form.fields)}", follow_redirects=True)
    assert response.status_code == 200, response.text
    return response.request.query_string.decode(), response.text


@pytest.mark.parametrize("page", PAGES)
def test_a_form_sent_again_leads_to_the_same_address(uploads: Uploads, client: FlaskClient, page: str) -> None:
    """And no word is there twice."""
    path = uploads.stored(f"{WEB}---\n{WEB.replace('default', 'shop').replace('30080', '30081')}")
    _check_forms(client, f"{path}{page}?{STATE}")


def test_the_form_of_a_comparison_leads_to_the_same_address(uploads: Uploads, client: FlaskClient) -> None:
    """The failure and the moment are its fields, the service goes along."""
    old, new = (uploads.stored(text).removeprefix("/t/") for text in (WEB, WEB.replace("replicas: 3", "replicas: 1")))
    _check_forms(client, f"/compare/{old}/{new}?service=default/web&down=node/node-2&at=failed")


def _check_forms(client: FlaskClient, address: str) -> None:
    forms = _forms(client.get(address).text)
    assert forms
    for form in forms:
        _says_nothing_twice(form.fields)
        first, text = _sent(client, form)
        _says_nothing_twice(parse_qsl(first))
        for again in (each for each in _forms(text) if each.key == form.key):
            assert _sent(client, again)[0] == first


def _says_nothing_twice(words: list[tuple[str, str]]) -> None:
    assert len(set(words)) == len(words), words
    alone = [key for key, _ in words if key not in REPEATABLE]
    assert len(set(alone)) == len(alone), words
