"""Shared views: a state gets a title, a note and a short address, private unless its author says otherwise."""

import re
import struct
from html import unescape
from urllib.parse import parse_qsl, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.views.uploading import WEB, Uploads
from webapp.diagram import PICTURE_OPTIONS
from webapp.manifests import capsule
from webapp.views.map import share_sheet
from webapp.views.map.share_sheet import OPTION_TITLES

SHOP = "/t/sample-shop"
STATE = "down=node/worker-2&at=failed"
TITLE = "worker-2 takes half of web with it"
HOSTILE = '"><script>alert(1)</script>](javascript:x) `'


def shared(client: FlaskClient, path: str = SHOP, **form: str) -> str:
    """Share the state and return the id of the view."""
    said = {"title": TITLE, "note": "Spread them.", "findable": "public", "keep": "7"} | form
    response = client.post(f"{path}/share?{STATE}", data=said)
    assert response.status_code == 303
    return dict(parse_qsl(urlsplit(response.headers["Location"]).query))["shared"]


def meta(text: str, name: str) -> str | None:
    """Return what the head of a page says to chats."""
    found = re.search(rf'<meta (?:property|name)="{name}" content="([^"]*)"', text)
    return unescape(found[1]) if found else None


def test_opening_the_dialog_stores_nothing(client: FlaskClient) -> None:
    """The link is the state; only the button makes another one."""
    for tab in ("link", "image", "file", "embed"):
        response = client.get(f"{SHOP}?{STATE}&share={tab}")
        assert response.status_code == 200
        assert "Set-Cookie" not in response.headers


def test_a_short_link_opens_the_state_with_title_and_note(client: FlaskClient) -> None:
    """Exactly what its author saw."""
    response = client.get(f"/s/{shared(client)}")
    assert response.status_code == 302
    address = response.headers["Location"]
    assert address.startswith(f"{SHOP}?{STATE}&shared=")
    text = client.get(address).text
    assert TITLE in text
    assert "Spread them." in text


def test_the_note_stands_above_that_state_only(client: FlaskClient) -> None:
    """Once somebody has clicked on, it would speak of another picture."""
    view = shared(client)
    assert TITLE not in client.get(f"{SHOP}?down=node/worker-1&at=failed&shared={view}").text
    # And no link of the page takes it along.
    text = client.get(f"{SHOP}?{STATE}&shared={view}").text
    assert not [
        link for link in re.findall(r'href="([^"]*)"', text) if f"shared={view}" in link and "share=" not in link
    ]


def test_a_public_view_tells_chats_what_fails(client: FlaskClient) -> None:
    """Title, verdict and picture; search engines may have it."""
    response = client.get(f"{SHOP}?{STATE}&shared={shared(client)}", base_url="https://nodefall.example")
    assert meta(response.text, "og:title") == TITLE
    assert meta(response.text, "og:description") == (
        "37.5\u202f% of new connections to web are answered, api 56.25\u202f%, admin 75\u202f%."
    )
    assert meta(response.text, "og:image") == f"https://nodefall.example{SHOP}/preview.png?{STATE}"
    assert response.headers["X-Robots-Tag"] == "all"


def test_a_private_view_tells_chats_nothing(client: FlaskClient, uploads: Uploads) -> None:
    """Neither does any page of an upload that nobody made public."""
    path = uploads.stored()
    response = client.post(f"{path}/share", data={"title": "secret plan", "note": "", "keep": "7"})
    for address in (response.headers["Location"].replace("share=link&", ""), path, f"{path}/services"):
        answer = client.get(address)
        assert answer.headers["X-Robots-Tag"] == "noindex, nofollow"
        head = answer.text.partition("</head>")[0]
        assert meta(head, "og:title") == "A private picture"
        assert meta(head, "og:image") is None
        assert "secret plan" not in head


def test_the_file_tab_has_the_manifests_as_they_were_kept(client: FlaskClient) -> None:
    """With their names and under others: for an issue."""
    text = client.get(f"{SHOP}?{STATE}&share=file").text
    plain, other = (client.get(unescape(path)).text for path in re.findall(r'href="(/api/v1/snapshot[^"]*)"', text))
    assert "name: web" in plain
    assert "name: service-1" in other
    assert "name: web" not in other


def test_private_is_preset(client: FlaskClient) -> None:
    """Whoever doesn't look shows nothing."""
    text = client.get(f"{SHOP}?{STATE}&share=link").text
    assert 'name="findable" value="private" checked' in text
    assert 'name="findable" value="public" checked' not in text


def test_only_the_browser_that_shared_it_changes_it(app: Flask, client: FlaskClient) -> None:
    """The key is in a cookie that goes to that page alone."""
    view = shared(client)
    stranger = app.test_client()
    assert "Only the browser that shared it" in stranger.get(f"/s/{view}/edit").text
    assert stranger.post(f"/s/{view}/edit", data={"title": "X"}).status_code == 403
    changed = {"title": "New", "note": "", "findable": "private", "keep": "1"}
    assert client.post(f"/s/{view}/edit", data=changed).status_code == 303
    assert "New" in client.get(f"/s/{view}", follow_redirects=True).text


def test_sharing_is_stopped_by_its_author(client: FlaskClient) -> None:
    """The short address leads nowhere then, and the long one says nothing of it any more."""
    view = shared(client)
    assert client.post(f"/s/{view}/edit", data={"stop": "1"}).status_code == 303
    response = client.get(f"/s/{view}")
    assert response.status_code == 404
    assert "was stopped" in response.text
    assert TITLE not in client.get(f"{SHOP}?{STATE}&shared={view}").text


def test_a_view_lives_no_longer_than_its_upload(client: FlaskClient, uploads: Uploads) -> None:
    """Deleted, expired: both together."""
    path = uploads.send(text=WEB, keep="7").headers["Location"]
    text = client.get(f"{path}?share=link").text
    assert re.findall(r'name="keep" value="(\d+)"', text) == ["1", "7"]
    view = shared(client, path, keep="90")
    until = re.search(r"Works until ([^.]*)\.", client.get(f"{path}?share=link&shared={view}").text)
    kept = re.search(r"expires on ([^.]*)\.", client.application.test_client().get(f"{path}/delete").text)
    assert until is not None
    assert kept is not None
    assert until[1] == kept[1]
    client.post(f"{path}/delete")
    assert client.get(f"/s/{view}").status_code == 404


def test_a_state_of_a_topology_that_is_not_here_is_not_shared(client: FlaskClient) -> None:
    """404, as for its map."""
    assert client.post("/t/nowhere/share", data={}).status_code == 404


def test_hostile_titles_stay_text(client: FlaskClient) -> None:
    """In the page, in what chats read, and in the code to copy."""
    view = shared(client, title=HOSTILE, note=HOSTILE)
    for address in (f"{SHOP}?{STATE}&shared={view}", f"{SHOP}?{STATE}&share=embed&shared={view}", f"/s/{view}/edit"):
        assert "<script>alert" not in client.get(address).text
    code = unescape(client.get(f"{SHOP}?{STATE}&share=embed&shared={view}").text)
    frame = re.search(r'<pre id="embed-frame"[^>]*>(.*?)</pre>', code, re.DOTALL)
    markdown = re.search(r'<pre id="embed-markdown"[^>]*>(.*?)</pre>', code, re.DOTALL)
    assert frame is not None
    assert markdown is not None
    assert 'title="&quot;&gt;&lt;script&gt;' in frame[1]
    assert r"\]\(javascript" in markdown[1] or r"\](javascript" in markdown[1]


def test_the_preview_has_the_size_that_chats_ask_for(client: FlaskClient) -> None:
    """1200 by 630, of the cluster and of one service."""
    pytest.importorskip("resvg_py")
    for address in (f"{SHOP}/preview.png?{STATE}", f"{SHOP}/preview.png?service=default/web&{STATE}"):
        response = client.get(address)
        assert response.status_code == 200, response.text
        assert response.mimetype == "image/png"
        assert (int.from_bytes(response.data[16:20]), int.from_bytes(response.data[20:24])) == (1200, 630)


def test_a_qr_code_is_of_the_link_that_is_shown(client: FlaskClient) -> None:
    """The short one once there is one."""
    long, short = (client.get(f"{SHOP}/qr.svg?{STATE}{more}").data for more in ("", f"&shared={shared(client)}"))
    assert long.startswith(b"<svg")
    assert len(short) < len(long)


@pytest.mark.parametrize("tab", ["link", "image", "file", "embed"])
def test_each_tab_is_a_page_without_a_script(client: FlaskClient, tab: str) -> None:
    """One is current, and the others are links."""
    text = client.get(f"{SHOP}?{STATE}&share={tab}").text
    tabs = re.search(r'<nav class="share-tabs".*?</nav>', text, re.DOTALL)
    assert tabs is not None
    assert tabs[0].count("<a ") == 4
    assert re.search(rf'share={tab}[^>]*aria-current="true"', tabs[0])


def test_other_pages_share_their_own_address(client: FlaskClient) -> None:
    """The findings are what is shared from the findings."""
    text = unescape(client.get(f"{SHOP}/findings?{STATE}").text)
    share = re.search(r'id="share" href="([^"]*)"', text)
    assert share is not None
    assert f'value="http://localhost{SHOP}/findings?{STATE}"' in unescape(client.get(share[1]).text)


def test_a_set_without_services_can_be_shared(client: FlaskClient, uploads: Uploads) -> None:
    """There is no picture, but there is a link."""
    path = uploads.stored(text="apiVersion: v1\nkind: Node\nmetadata: {name: a}\n")
    for tab in ("link", "image", "file", "embed"):
        assert client.get(f"{path}?share={tab}").status_code == 200


def test_the_image_tab_has_each_word_of_a_picture() -> None:
    """With each of its values, so that what can be chosen in an address can be chosen here."""
    assert {word: tuple(values) for word, (_, values) in OPTION_TITLES.items()}.keys() == PICTURE_OPTIONS.keys()
    for word, (_, values) in OPTION_TITLES.items():
        assert set(values) == set(PICTURE_OPTIONS[word].values)


@pytest.mark.parametrize(
    ("asked", "downloaded", "said"),
    [
        ("format=png&scale=3", "diagram.png?" + STATE + "&scale=3&ground=light", "it opens here again"),
        ("format=svg", "diagram.svg?" + STATE + '"', "it opens here again"),
        ("format=svg&carry=no", "diagram.svg?" + STATE + "&carry=no", "does not open again"),
        ("format=svg&names=hidden", "diagram.svg?" + STATE + "&names=hidden", "does not open again"),
        ("format=pdf&scale=3", "diagram.pdf?" + STATE + "&ground=light", "PDF"),
        ("format=svg&ground=mauve", "diagram.svg?" + STATE + '"', "SVG"),
    ],
)
def test_the_image_that_is_chosen_is_the_one_downloaded(
    client: FlaskClient, asked: str, downloaded: str, said: str
) -> None:
    """What a format doesn't take is left out, and whether it opens again is true of it."""
    text = unescape(client.get(f"{SHOP}?{STATE}&share=image&{asked}").text)
    assert downloaded in text
    assert said in text
    address = re.search(r'<a class="btn primary" href="([^"]*diagram[^"]*)"', text)
    assert address is not None
    assert client.get(address[1]).status_code == 200


def test_a_cluster_that_is_too_large_to_be_carried_says_so(
    client: FlaskClient, uploads: Uploads, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No page promises that a file opens again which doesn't."""
    path = uploads.stored()
    for tab, said in (("image", "it opens here again"), ("file", "they open here again")):
        assert said in client.get(f"{path}?share={tab}").text
    monkeypatch.setattr(capsule, "MOST_OBJECTS", 1)
    for tab, said in (("image", "does not open again"), ("file", "no file of it opens again")):
        assert said in client.get(f"{path}?share={tab}").text
    assert b"nodefall:1:" not in client.get(f"{path}/diagram.svg").data


@pytest.mark.parametrize("extension", ["svg", "mmd", "graphml"])
def test_the_sizes_that_are_said_are_those_of_the_files(client: FlaskClient, extension: str) -> None:
    """They are made only when somebody asks: the script of the dialog does, and a link without it."""
    first = client.get(f"{SHOP}?{STATE}&share=file").text
    assert f'data-size="{extension}"></span>' in first
    (link,) = re.findall(r'href="([^"]*)" data-sizes', first)
    (said,) = re.findall(rf'data-size="{extension}">(\d+) kB<', client.get(unescape(link)).text)
    length = len(client.get(f"{SHOP}/diagram.{extension}?{STATE}").data)
    assert 1024 * (int(said) - 1) < length <= 1024 * int(said)


def test_an_image_says_its_pixels_and_its_name(client: FlaskClient) -> None:
    """Of what is chosen."""
    pytest.importorskip("resvg_py")
    asked = f"{SHOP}?{STATE}&share=image&format=png&scale=1&legend=hidden"
    (link,) = re.findall(r'href="([^"]*)" data-sizes', client.get(asked).text)
    text = client.get(unescape(link)).text
    data = client.get(f"{SHOP}/diagram.png?{STATE}&scale=1&legend=hidden&ground=light").data
    wide, high = struct.unpack(">II", data[16:24])
    assert f'data-size="png">{wide:,} × {high:,} px · ' in text
    assert "cluster.png" in text


def test_what_takes_long_to_make_has_no_size(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """A dialog that was only opened must keep no server busy."""
    monkeypatch.setattr(share_sheet, "MOST_SIZED", 3)
    assert "data-sizes" not in client.get(f"{SHOP}?share=file").text
    assert 'data-size="svg"></span>' in client.get(f"{SHOP}?share=file&sizes=yes").text
