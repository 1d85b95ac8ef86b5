"""Plain scalars as Go's yaml.v2 resolves them (kubernetes-sigs/yaml goyaml.v2/resolve.go, decode_test.go)."""

import math

import pytest

from webapp.manifests.scalars import Scalar, TagError, key_text, resolve, tagged


@pytest.mark.parametrize(
    ("text", "value"),
    [
        pytest.param("y", True, id="y is a boolean, unlike in PyYAML"),
        pytest.param("N", False, id="N is a boolean"),
        pytest.param("On", True, id="On is a boolean"),
        pytest.param("off", False, id="off is a boolean"),
        pytest.param("oFF", "oFF", id="no other mixture of cases is"),
        pytest.param("", None, id="nothing is null"),
        pytest.param("~", None, id="a tilde is null"),
        pytest.param("Null", None, id="Null is null"),
        pytest.param("nil", "nil", id="nil is a text"),
        pytest.param("80", 80, id="decimal"),
        pytest.param("-80", -80, id="negative"),
        pytest.param("+80", 80, id="with a plus"),
        pytest.param("0120", 80, id="a leading zero is octal"),
        pytest.param("0o17", 15, id="0o is octal"),
        pytest.param("0x1F", 31, id="hexadecimal"),
        pytest.param("-0b11", -3, id="binary"),
        pytest.param("08", 8.0, id="08 is no octal number but a float"),
        pytest.param("8_080", 8080, id="underscores are dropped"),
        pytest.param("_80", "_80", id="an underscore in front makes a text"),
        pytest.param("8e1", 80.0, id="an exponent makes a float"),
        pytest.param("1.10", 1.1, id="a version number is a float"),
        pytest.param("1.2.3", "1.2.3", id="two dots make a text"),
        pytest.param(".5", 0.5, id="a float may begin with its dot"),
        pytest.param(".", ".", id="a dot alone is a text"),
        pytest.param("5.", 5.0, id="a float may end with its dot"),
        pytest.param("1e400", "1e400", id="what a float64 can't hold stays text"),
        pytest.param("-.INF", -math.inf, id="minus infinity"),
        pytest.param("1:20", "1:20", id="base 60 is a text, unlike in PyYAML"),
        pytest.param("2026-11-22", "2026-11-22", id="a date is a text"),
        pytest.param("9" * 30, int("9" * 30), id="integers beyond 64 bits"),
        pytest.param("9" * 5000, math.inf, id="integers that Python won't convert"),
        pytest.param("-", "-", id="a minus alone is a text"),
        pytest.param("0x", "0x", id="0x alone is a text"),
        pytest.param("web", "web", id="a word"),
    ],
)
def test_a_plain_scalar_is_what_go_makes_of_it(text: str, value: Scalar) -> None:
    """Value and type agree."""
    assert (resolve(text), type(resolve(text))) == (value, type(value))


def test_nan_is_a_float() -> None:
    """``.nan`` equals nothing, so it has a test of its own."""
    assert math.isnan(float(str(resolve(".NaN"))))


@pytest.mark.parametrize(
    ("tag", "text", "value"),
    [
        pytest.param("tag:yaml.org,2002:str", "80", "80", id="!!str keeps the text"),
        pytest.param("tag:yaml.org,2002:int", "80", 80, id="!!int"),
        pytest.param("tag:yaml.org,2002:float", "80", 80.0, id="!!float makes an integer one"),
        pytest.param("tag:yaml.org,2002:bool", "y", True, id="!!bool"),
        pytest.param("tag:yaml.org,2002:null", "", None, id="!!null"),
        pytest.param("tag:yaml.org,2002:binary", "aGk=", "hi", id="!!binary is decoded"),
        pytest.param("tag:yaml.org,2002:timestamp", "2026-11-22", "2026-11-22", id="!!timestamp stays text"),
        pytest.param("!Ref", "vpc", "vpc", id="tags of other programs are ignored"),
        pytest.param("tag:yaml.org,2002:python/object/apply:os.system", "ls", "ls", id="so are Python's"),
    ],
)
def test_an_explicit_tag_decides(tag: str, text: str, value: Scalar) -> None:
    """Tags that Kubernetes has no use for leave the text alone."""
    assert tagged(tag, text) == value


@pytest.mark.parametrize(("short", "text"), [("int", "abc"), ("bool", "1"), ("null", "x"), ("binary", "a")])
def test_a_tag_that_does_not_fit_is_an_error(short: str, text: str) -> None:
    """Go refuses the document, too."""
    with pytest.raises(TagError, match=short):
        tagged(f"tag:yaml.org,2002:{short}", text)


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("app", "app"),
        (True, "true"),
        (False, "false"),
        (80, "80"),
        (1.5, "1.5"),
        (80.0, "80"),
        (math.inf, ".inf"),
        (-math.inf, "-.inf"),
        (math.nan, ".nan"),
        (None, None),
        (2**63, None),
    ],
)
def test_keys_become_texts_as_in_go(key: Scalar, text: str | None) -> None:
    """JSON has no other keys; null and what exceeds 64 bits can't be one."""
    assert key_text(key) == text
