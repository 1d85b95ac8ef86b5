"""Texts longer than any that the API server accepts: nobody past the reader sees them whole."""

import json
from collections.abc import Iterator
from dataclasses import fields, is_dataclass

import pytest

from webapp.limits import LONGEST_TEXT
from webapp.manifests import Upload, read

LONG = "a" * 100_000
SERVICE = {
    "apiVersion": "v1",
    "kind": "Service",
    "metadata": {"name": "web", "labels": {"app": "web"}, "annotations": {"nodefall.io/ignore": "NP220: a reason"}},
    "spec": {
        "type": "NodePort",
        "selector": {"app": "web"},
        "ports": [{"name": "http", "port": 80, "targetPort": "h"}],
    },
}
PLACES = {
    "a name": ("metadata", "name"),
    "a namespace": ("metadata", "namespace"),
    "a label": ("metadata", "labels", "app"),
    "an annotation that is kept": ("metadata", "annotations", "nodefall.io/ignore"),
    "a selector": ("spec", "selector", "app"),
    "the name of a port": ("spec", "ports", 0, "name"),
    "a named targetPort": ("spec", "ports", 0, "targetPort"),
}


def written(place: tuple[str | int, ...], value: str, number: int) -> str:
    """Return the Service with another text in one place, and a name that tells it from others."""
    made = json.loads(json.dumps(SERVICE))
    made["metadata"]["name"] = f"web-{number}"
    inside = made
    for key in place[:-1]:
        inside = inside[key]
    inside[place[-1]] = value
    return json.dumps(made, indent=2)


def texts(of: object) -> Iterator[str]:
    """Yield all texts of a record."""
    if isinstance(of, str):
        yield of
    elif isinstance(of, dict):
        for pair in of.items():
            yield from texts(pair)
    elif isinstance(of, tuple):
        for one in of:
            yield from texts(one)
    elif is_dataclass(of):
        for field in fields(of):
            yield from texts(getattr(of, field.name))


@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES)
@pytest.mark.parametrize("fill", ["a", "é"], ids=["ASCII", "other letters"])
def test_a_text_too_long_for_the_api_server_is_cut_where_it_is_read(place: tuple[str | int, ...], fill: str) -> None:
    """Also where the object is like many before it, which are not decoded one by one."""
    ordinary = [written(place, f"text-{number}", number) for number in range(20)]
    data = "\n---\n".join([*ordinary, written(place, fill * 100_000, 20), *ordinary[:2]])
    services = read([Upload("web.yaml", data.encode())]).services
    cut = [text for service in services for text in texts(service) if len(text) > 200]
    assert cut
    assert all(len(text) <= LONGEST_TEXT for text in cut)


def test_the_key_of_a_label_is_cut_as_well() -> None:
    """No key may have more than 317 characters."""
    data = json.dumps({**SERVICE, "metadata": {"name": "web", "labels": {LONG: "x"}}})
    (service,) = read([Upload("web.json", data.encode())]).services
    assert [len(key) for key in service.metadata.labels] == [LONGEST_TEXT]


def test_two_long_names_that_begin_alike_stay_two() -> None:
    """Each would replace the other otherwise."""
    data = "\n---\n".join(written(("metadata", "name"), LONG + end, 1) for end in "xy")
    assert len({service.metadata.name for service in read([Upload("web.yaml", data.encode())]).services}) == 2


def test_the_longest_text_that_is_not_cut_stays_as_it_is() -> None:
    """Names have 253 characters at most; the reason in an annotation may be longer."""
    kept = "a" * LONGEST_TEXT
    (service,) = read([Upload("web.yaml", written(("metadata", "name"), kept, 1).encode())]).services
    assert service.metadata.name == kept
