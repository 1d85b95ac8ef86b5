"""Plain data -> records: JSON types as the API server's decoding has them."""

from typing import Any

import pytest

from webapp.manifests.field_decoder import DecodeContext, Fault, go_name, read_record
from webapp.manifests.known_fields import FIELDS, nearest
from webapp.manifests.objects import ContainerPort, PodSpec, ServicePortSpec, ServiceSpec
from webapp.manifests.tree import Document


def recorded(cls: type, value: Any, kind: str = "Service") -> tuple[Any, list[Fault]]:
    """Return the record of a spec and what was wrong with it."""
    context = DecodeContext(Document(value, 1), kind)
    return read_record(cls, value, "spec.", context, go_name(cls, kind)), context.faults


def port(value: Any) -> tuple[Any, list[Fault]]:
    """Return ``spec.ports[0].port`` of a Service and what was wrong."""
    spec, faults = recorded(ServiceSpec, {"ports": [{"port": value}]})
    return spec.ports[0].port, faults


@pytest.mark.parametrize(
    ("value", "number"),
    [(80, 80), (80.0, 80), (-1, -1), (0, 0), (None, None), (2**31 - 1, 2**31 - 1), (-(2**31), -(2**31))],
)
def test_whole_numbers_are_integers_however_they_are_written(value: Any, number: int | None) -> None:
    """Null is as if it weren't there; whether the number makes sense is not asked here."""
    assert port(value) == (number, [])


@pytest.mark.parametrize(
    ("value", "message", "refusal"),
    [
        pytest.param("80", 'a number, not the string "80"', "string", id="a text of digits"),
        pytest.param(True, "a number, not the boolean true", "bool", id="a boolean is no number"),
        pytest.param(80.5, "a whole number, not the number 80.5", "number 80.5", id="a fraction"),
        pytest.param(2**31, "a 32-bit number, not the number 2147483648", "number 2147483648", id="too large"),
        pytest.param(float("inf"), "a whole number, not the number inf", "number inf", id="no number of any size"),
        pytest.param({}, "a number, not a map", "object", id="a map"),
        pytest.param([80], "a number, not a list", "array", id="a list"),
    ],
)
def test_what_is_no_integer_is_a_fault_in_plain_words_and_in_gos(value: Any, message: str, refusal: str) -> None:
    """The field is left out, the rest is kept."""
    found, (fault,) = port(value)
    assert (found, fault.path) == (None, "spec.ports[0].port")
    assert fault.message == f"spec.ports[0].port must be {message}."
    go = f"json: cannot unmarshal {refusal} into Go struct field ServicePort.spec.ports.port of type int32"
    assert fault.refusal == go


@pytest.mark.parametrize(
    ("cls", "value", "path", "go"),
    [
        pytest.param(ServiceSpec, {"type": 1}, "spec.type", "type string", id="a string"),
        pytest.param(
            ServiceSpec,
            {"publishNotReadyAddresses": "true"},
            "spec.publishNotReadyAddresses",
            "type bool",
            id="a boolean",
        ),
        pytest.param(ServiceSpec, {"ports": {}}, "spec.ports", "type []v1.ServicePort", id="a list of structs"),
        pytest.param(
            ServiceSpec, {"externalIPs": "10.0.0.1"}, "spec.externalIPs", "type []string", id="a list of texts"
        ),
        pytest.param(
            ServiceSpec, {"externalIPs": [1]}, "spec.externalIPs[0]", "spec.externalIPs of type string", id="an item"
        ),
        pytest.param(ServiceSpec, {"selector": "web"}, "spec.selector", "type map[string]string", id="a map"),
        pytest.param(
            ServiceSpec, {"selector": {"v": 1.1}}, "spec.selector.v", "spec.selector of type string", id="an entry"
        ),
        pytest.param(ServiceSpec, {"ports": [80]}, "spec.ports[0]", "of type v1.ServicePort", id="a struct"),
        pytest.param(
            ServiceSpec, {"ports": [{"targetPort": True}]}, "spec.ports[0].targetPort", "type int32", id="int or string"
        ),
        pytest.param(
            PodSpec,
            {"terminationGracePeriodSeconds": 2**63},
            "spec.terminationGracePeriodSeconds",
            "int64",
            id="64 bits",
        ),
    ],
)
def test_every_type_has_its_fault(cls: type, value: Any, path: str, go: str) -> None:
    """With the path for people, and Go's type for those who search for it."""
    _, (fault,) = recorded(cls, value)
    assert (fault.path, go in fault.refusal) == (path, True), fault.refusal


def test_sixty_four_bits_are_enough_where_the_api_has_them() -> None:
    """TolerationSeconds and terminationGracePeriodSeconds are int64."""
    spec, faults = recorded(PodSpec, {"tolerations": [{"tolerationSeconds": 2**40}]}, "Pod")
    assert (spec.tolerations[0].toleration_seconds, faults) == (2**40, [])


@pytest.mark.parametrize("value", [8080, "http", "8080"])
def test_int_or_string_takes_both_as_they_are(value: int | str) -> None:
    """``"8080"`` stays a text, which validation refuses later."""
    spec, faults = recorded(ServiceSpec, {"ports": [{"targetPort": value}]})
    assert (spec.ports[0].target_port, faults) == (value, [])


def test_null_in_a_list_is_the_zero_value() -> None:
    """As for any Go type that is no pointer."""
    spec, faults = recorded(ServiceSpec, {"ports": [None], "externalIPs": [None], "selector": {"app": None}})
    assert (spec, faults) == (ServiceSpec(ports=(ServicePortSpec(),), external_ips=("",), selector={"app": ""}), [])


def test_all_faults_are_found_not_only_the_first() -> None:
    """In the order in which they are written."""
    _, faults = recorded(ServiceSpec, {"type": 1, "ports": [{"port": "a", "nodePort": "b"}, {"port": "c"}]})
    assert [fault.path for fault in faults] == [
        "spec.type",
        "spec.ports[0].port",
        "spec.ports[0].nodePort",
        "spec.ports[1].port",
    ]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("100m", "100m"),
        ("1.5Gi", "1.5Gi"),
        (2, "2"),
        (0.5, "0.5"),
        (1e3, "1000"),
        ("1e3", "1e3"),
        (".5", ".5"),
        (None, "0"),
    ],
)
def test_quantities_are_texts_or_numbers(value: Any, text: str) -> None:
    """A number becomes its text."""
    spec, faults = recorded(PodSpec, {"containers": [{"resources": {"requests": {"cpu": value}}}]}, "Pod")
    assert (spec.containers[0].resources.requests, faults) == ({"cpu": text}, [])


@pytest.mark.parametrize("value", ["", "a lot", "100 m", "1.5.5", True, {}, float("nan")])
def test_what_is_no_quantity_is_a_fault(value: Any) -> None:
    """The API server's decoding refuses it."""
    _, (fault,) = recorded(PodSpec, {"overhead": {"cpu": value}}, "Pod")
    assert (fault.path, "quantities must match" in fault.refusal) == ("spec.overhead.cpu", True)


@pytest.mark.parametrize("key", ["value", "name"])
def test_the_environment_is_looked_at_and_neither_kept_nor_quoted(key: str) -> None:
    """A number there is what most manifests are refused for."""
    spec, (fault,) = recorded(PodSpec, {"containers": [{"name": "a", "env": [{key: 31337}]}]}, "Pod")
    assert fault.refusal.endswith(f"Go struct field EnvVar.spec.containers.env.{key} of type string")
    assert "31337" not in repr((spec, fault))


@pytest.mark.parametrize(
    ("cls", "name", "meant"),
    [
        (ServicePortSpec, "nodeport", "nodePort"),
        (ServicePortSpec, "targetport", "targetPort"),
        (ServicePortSpec, "containerPort", None),
        (ContainerPort, "container_port", "containerPort"),
        (ServiceSpec, "externaltrafficpolicy", "externalTrafficPolicy"),
        (ServiceSpec, "selectors", "selector"),
    ],
)
def test_unknown_fields_are_told_with_what_was_meant(cls: type, name: str, meant: str | None) -> None:
    """They are no reason for which decoding refuses an object."""
    _, (fault,) = recorded(cls, {name: 1})
    assert (fault.path, fault.refusal) == (f"spec.{name}", "")
    assert nearest(name, go_name(cls)) == meant
    assert ("Did you mean" in fault.message) is (meant is not None)


def test_all_fields_that_records_keep_are_known_fields() -> None:
    """Otherwise a right name would be called a typo."""
    full = dict.fromkeys(FIELDS["PodSpec"])
    assert recorded(PodSpec, full, "Pod")[1] == []


@pytest.mark.parametrize("value", ["${PORT}", "PORT", "{{ port }}", "<port>", "$(PORT)"])
def test_placeholders_are_told_as_such(value: str) -> None:
    """The hint is to fill them in."""
    _, (fault,) = port(value)
    assert fault.hint == "Replace the placeholder with its value."


def test_what_is_quoted_is_short_and_on_one_line() -> None:
    """However long the text."""
    _, (fault,) = port("x\n" * 500)
    assert (len(fault.message) < 120, "\n" in fault.message) == (True, False)
