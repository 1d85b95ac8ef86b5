"""Why an entry point does what it does: the sentences as templates, for all that evaluate a plan.

Whoever evaluates plans elsewhere, as the script of an offline page does, fills in the same templates with
:func:`filled`'s rules: ``{name}`` is a text or a plain number, ``{name:,}`` a number with commas between thousands.
"""

from collections.abc import Mapping
from types import MappingProxyType

from webapp.cluster.admission import PROXY_NAME_LABEL

SENTENCES: Mapping[str, str] = MappingProxyType(
    {
        "node down": "{node} is down, and its IP address with it.",
        "not proxied": f"kube-proxy opens no port for {{service}}: it has the label {PROXY_NAME_LABEL}.",
        "lacks family": "{node} has no {family} address, and {service} is {family} only: kube-proxy doesn't "
        "open the nodePort there, so the node refuses the connection.",
        "address excluded": "kube-proxy's --nodeport-addresses excludes the IP address of {node}, so the node refuses "
        "the connection.",
        "no local endpoint": "externalTrafficPolicy Local: {node} has no usable endpoint of {service}, "
        "so kube-proxy drops the packets, although there are some elsewhere.",
        "no endpoint": "{service} has no usable endpoint, so kube-proxy refuses the connection{why}.",
        "no family": "none of its endpoints has an {family} address",
        "only one": "kube-proxy sends everything to the only endpoint{which}.",
        "one of several": "kube-proxy selects one of {count:,} endpoints{which} at random{stays}.",
        "only one, dead": "The only endpoint{which} is dead but still listed, and kube-proxy doesn't try another.",
        "all dead": "All {count:,} endpoints{which} are dead but still listed; kube-proxy doesn't try another.",
        "one dead": "{dead} of {count:,} endpoints{which} is dead but still listed; kube-proxy selects at random and "
        "doesn't retry.",
        "some dead": "{dead} of {count:,} endpoints{which} are dead but still listed; kube-proxy selects at random and "
        "doesn't retry.",
        # What `which` may be:
        "local": " on {node} (policy Local)",
        "hinted for node": " hinted for {node}",
        "hinted for zone": " hinted for zone {zone}",
        "one terminating": " that terminates but still serves (none is ready)",
        "several terminating": " that terminate but still serve (none is ready)",
        "one terminating, local": " on {node} that terminates but still serves (none is ready there)",
        "several terminating, local": " on {node} that terminate but still serve (none is ready there)",
        # And `stays`:
        "sticky": " for each new client, which then stays with it (ClientIP affinity)",
    }
)


def filled(sentence: str, **values: object) -> str:
    """Return a sentence with its values.

    >>> filled("only one", which=filled("hinted for zone", zone="a"))
    'kube-proxy sends everything to the only endpoint hinted for zone a.'
    """
    return SENTENCES[sentence].format(**values)
