"""What is wrong with a name, a label or a port name: tuples of messages, empty for a good one.

Rules and wording: ``k8s.io/apimachinery/pkg/util/validation/validation.go`` and, since 1.36, ``api/validate/content``.
"""

import re

from webapp.cluster.validation.memo import remembered

Faults = tuple[str, ...]

_LABEL = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?")
_LABEL_1035 = re.compile(r"[a-z]([-a-z0-9]*[a-z0-9])?")
_SUBDOMAIN = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
_NAME_PART = re.compile(r"([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]")
_PORT_CHARACTERS = re.compile(r"[-a-z0-9]+")

_LABEL_FAULT = (
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with "
    "an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is "
    "'[a-z0-9]([-a-z0-9]*[a-z0-9])?')"
)
_LABEL_1035_FAULT = (
    "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, "
    "and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is "
    "'[a-z]([-a-z0-9]*[a-z0-9])?')"
)
_SUBDOMAIN_FAULT = (
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start "
    "and end with an alphanumeric character (e.g. 'example.com', regex used for validation is "
    r"'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
)
_NAME_PART_FAULT = (
    "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character "
    "(e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is "
    "'([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"
)
_LABEL_KEY_FAULT = (
    f"a valid label key {_NAME_PART_FAULT} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')"
)
_LABEL_VALUE_FAULT = (
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and "
    "end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is "
    "'(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"
)


@remembered
def dns_label_faults(value: str) -> Faults:
    """Return what keeps `value` from being an RFC 1123 label: names of port, container, namespace."""
    if len(value) > 63:
        return ("must be no more than 63 characters", *_unless(_LABEL, value, _LABEL_FAULT))
    # What would be right but for its dots gets the shorter text (IsDNS1123Label, util/validation).
    if _LABEL.fullmatch(value):
        return ()
    return ("must not contain dots",) if _SUBDOMAIN.fullmatch(value) else (_LABEL_FAULT,)


@remembered
def dns_1035_label_faults(value: str) -> Faults:
    """Return what keeps `value` from being an RFC 1035 label: a Service's name before 1.36."""
    long = ("must be no more than 63 characters",) if len(value) > 63 else ()
    return (*long, *_unless(_LABEL_1035, value, _LABEL_1035_FAULT))


@remembered
def dns_subdomain_faults(value: str) -> Faults:
    """Return what keeps `value` from being an RFC 1123 subdomain: the name of most objects."""
    long = ("must be no more than 253 characters",) if len(value) > 253 else ()
    return (*long, *_unless(_SUBDOMAIN, value, _SUBDOMAIN_FAULT))


@remembered
def port_name_faults(value: str) -> Faults:
    """Return what keeps `value` from being an IANA_SVC_NAME (RFC 6335): a container port's name, a named targetPort."""
    rules = (
        (len(value) <= 15, "must be no more than 15 characters"),
        (_PORT_CHARACTERS.fullmatch(value), "must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)"),
        (re.search("[a-z]", value), "must contain at least one letter (a-z)"),
        ("--" not in value, "must not contain consecutive hyphens"),
        (not value.startswith("-") and not value.endswith("-"), "must not begin or end with a hyphen"),
    )
    return tuple(fault for good, fault in rules if not good)


@remembered
def qualified_name_faults(value: str) -> Faults:
    """Return what keeps `value` from being a qualified name, ``[prefix/]name``: label keys, classes, conditions."""
    prefix, slash, name = value.rpartition("/")
    if "/" in prefix:
        return (_LABEL_KEY_FAULT,)
    return (*(_prefix_faults(prefix) if slash else ()), *_name_part_faults(name))


@remembered
def label_value_faults(value: str) -> Faults:
    """Return what keeps `value` from being a label's value."""
    long = ("must be no more than 63 bytes",) if len(value) > 63 else ()
    return (*long, *(_unless(_NAME_PART, value, _LABEL_VALUE_FAULT) if value else ()))


def generated(prefix: str) -> str:
    """Return a stand-in for the names that generateName leads to: a trailing dash is followed by more."""
    return f"{prefix[:-2]}a" if len(prefix) > 1 and prefix.endswith("-") else prefix


def _prefix_faults(prefix: str) -> Faults:
    if not prefix:
        return ("prefix part must be non-empty",)
    return tuple(f"prefix part {fault}" for fault in dns_subdomain_faults(prefix))


def _name_part_faults(name: str) -> Faults:
    empty = ("name part must be non-empty",) if not name else ()
    long = ("name part must be no more than 63 bytes",) if len(name) > 63 else ()
    return (*empty, *long, *_unless(_NAME_PART, name, f"name part {_NAME_PART_FAULT}"))


def _unless(pattern: re.Pattern[str], value: str, fault: str) -> Faults:
    return () if pattern.fullmatch(value) else (fault,)
