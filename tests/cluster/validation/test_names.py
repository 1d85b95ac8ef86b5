"""Names, labels and port names."""

import pytest

from webapp.cluster.validation.names import (
    dns_1035_label_faults,
    dns_label_faults,
    dns_subdomain_faults,
    generated,
    label_value_faults,
    port_name_faults,
    qualified_name_faults,
)


@pytest.mark.parametrize("value", ["a", "web", "1web", "a-1", "w" * 63])
def test_good_labels(value: str) -> None:
    """Lower-case letters, digits and dashes inside."""
    assert dns_label_faults(value) == ()


@pytest.mark.parametrize(
    ("value", "fault"),
    [
        pytest.param("Web", "a lowercase RFC 1123 label", id="upper case"),
        pytest.param("web-", "a lowercase RFC 1123 label", id="a dash at the end"),
        pytest.param("web_x", "a lowercase RFC 1123 label", id="an underscore"),
        pytest.param("web.x", "must not contain dots", id="a dot"),
        pytest.param("w" * 64, "must be no more than 63 characters", id="64 characters"),
        pytest.param("wéb", "a lowercase RFC 1123 label", id="a letter that is not ASCII"),
        pytest.param("web\n", "a lowercase RFC 1123 label", id="a line feed at the end"),
    ],
)
def test_bad_labels_have_one_fault(value: str, fault: str) -> None:
    """One message each, the API server's."""
    (found,) = dns_label_faults(value)
    assert found.startswith(fault)


def test_old_service_names_start_with_a_letter() -> None:
    """RFC 1035."""
    assert dns_1035_label_faults("web-1") == ()
    assert len(dns_1035_label_faults("1web")) == 1
    assert len(dns_1035_label_faults("1" * 64)) == 2


def test_subdomains_are_labels_with_dots() -> None:
    """Up to 253 characters."""
    assert dns_subdomain_faults("a.example.com") == ()
    assert len(dns_subdomain_faults("a..example")) == 1
    assert len(dns_subdomain_faults("a." * 127)) == 2


@pytest.mark.parametrize("value", ["http", "8080a", "a-b", "h" * 15])
def test_good_port_names(value: str) -> None:
    """IANA service names."""
    assert port_name_faults(value) == ()


@pytest.mark.parametrize(
    ("value", "faults"),
    [
        pytest.param("h" * 16, 1, id="16 characters"),
        pytest.param("Http", 1, id="upper case"),
        pytest.param("8080", 1, id="no letter"),
        pytest.param("a--b", 1, id="two dashes in a row"),
        pytest.param("-a", 1, id="a dash at the start"),
        pytest.param("portNAMEvalue.is-", 3, id="three faults at once"),
    ],
)
def test_bad_port_names_have_each_fault(value: str, faults: int) -> None:
    """Every rule is reported on its own."""
    assert len(port_name_faults(value)) == faults


@pytest.mark.parametrize("value", ["app", "app.kubernetes.io/name", "A_b.c", "x" * 63])
def test_good_label_keys(value: str) -> None:
    """An optional prefix, a slash, a name."""
    assert qualified_name_faults(value) == ()


@pytest.mark.parametrize(
    ("value", "faults"),
    [
        pytest.param("/app", ["prefix part must be non-empty"], id="an empty prefix"),
        pytest.param("Bad/app", ["prefix part a lowercase"], id="a prefix in upper case"),
        pytest.param("a/b/c", ["a valid label key"], id="two slashes"),
        pytest.param("", ["name part must be non-empty", "name part must consist"], id="nothing at all"),
        pytest.param("x" * 64, ["name part must be no more than 63"], id="64 characters"),
    ],
)
def test_bad_label_keys(value: str, faults: list[str]) -> None:
    """Prefix and name are reported apart."""
    found = qualified_name_faults(value)
    assert len(found) == len(faults)
    assert all(text.startswith(fault) for text, fault in zip(found, faults, strict=True))


def test_label_values_may_be_empty() -> None:
    """But hold no blanks, and 63 bytes at most."""
    assert label_value_faults("") == label_value_faults("v1.2_3") == ()
    assert len(label_value_faults("a b")) == 1
    assert label_value_faults("x" * 64) == ("must be no more than 63 bytes",)


def test_a_generate_name_may_end_in_a_dash() -> None:
    """More characters follow it."""
    assert dns_label_faults(generated("web-")) == ()
    assert dns_label_faults(generated("-"))
