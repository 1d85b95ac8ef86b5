"""How new connections end, in words: the parts of a verdict, as templates for the page and for files that simulate."""

from collections.abc import Mapping
from types import MappingProxyType

ENDING_WORDS: Mapping[str, str] = MappingProxyType(
    {
        "answered": "answered",
        "node address": "sent to {node}’s address",
        "addresses": "sent to the {count:,} addresses that are down",
        "pod on node": "forwarded to the pod on {node}",
        "pods on node": "forwarded to the {count:,} pods on {node}",
        "one dead pod": "forwarded to 1 dead pod",
        "dead pods": "forwarded to {count:,} dead pods",
        "refused": "refused: {why}",
        "not proxied": "kube-proxy ignores the service because of its label",
        "address excluded": "kube-proxy doesn’t open the nodePort on that address",
        "no endpoint": "no usable endpoint",
        "no target": "dropped: no node passes the load balancer’s health check",
        "dropped by one": "dropped by {node}, which has no usable endpoint",
        "dropped": "dropped by {count:,} nodes without a usable endpoint",
        "all": "{name} answers every new connection.",
        "some": "{share} of new connections to {name} are answered; the rest: {lost}.",
    }
)


def ending_words(which: str, /, **values: object) -> str:
    """Return the words with their values.

    >>> ending_words("dropped", count=1200)
    'dropped by 1,200 nodes without a usable endpoint'
    """
    return ENDING_WORDS[which].format(**values)
