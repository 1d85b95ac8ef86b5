"""Other names, consistent and in the same order: service-1, node-2; a pod's begins with that of its workload."""

import re
from collections import defaultdict
from collections.abc import Mapping

from webapp.cluster.order import natural
from webapp.cluster.scheduling.queue import by_length
from webapp.cluster.validation.names import (
    dns_1035_label_faults,
    dns_label_faults,
    dns_subdomain_faults,
    label_value_faults,
    port_name_faults,
    qualified_name_faults,
)
from webapp.snapshot.addresses import Addresses, parsed
from webapp.snapshot.kept_words import KEPT_WORDS

_NUMBER = re.compile(r"\d{1,6}%?")
# A name that is derived from a longer one is cut, which may change what the API server says of it.
_LONG = 40
_VALIDATORS = {
    "label": qualified_name_faults,
    "value": label_value_faults,
    "suffix": label_value_faults,
    "port": port_name_faults,
    "service": dns_1035_label_faults,
    "namespace": dns_label_faults,
    "container": dns_label_faults,
    "volume": dns_label_faults,
}


class Collected:
    """The names of each family and the addresses, as they are met; each is returned as it is."""

    def __init__(self) -> None:
        self.names: dict[str, set[str]] = defaultdict(set)
        self.addresses: set[str] = set()

    def name(self, family: str, text: str) -> str:
        """Note a name."""
        self.names[family].add(text)
        return text

    def address(self, text: str) -> str:
        """Note an address."""
        self.addresses.add(text)
        return text


class Pseudonyms:
    """The other name of each that was collected. `splits` has names that begin with another's: head and rest."""

    def __init__(self, collected: Collected, splits: Mapping[str, tuple[str, str]]) -> None:
        self._splits = splits
        self._plain: dict[tuple[str, str], str] = {}
        # A head counts where only names made from it are there.
        for head, rest in splits.values():
            collected.names["suffix"].add(rest)
            if head not in splits:
                collected.names["workload"].add(head)
        for family, names in collected.names.items():
            # Pods without a workload are placed in the scheduler's order, shorter names first.
            order = by_length if family in ("pod", "suffix") else natural
            texts = sorted((text for text in names if not _is_kept(family, text)), key=order)
            for number, text in enumerate(texts, 1):
                self._plain[family, text] = _shaped(family, text, number)
        self._addresses = Addresses(filter(None, map(parsed, collected.addresses)))

    def name(self, family: str, text: str) -> str:
        """Return the other name of one of this family."""
        if family in ("workload", "pod") and text in self._splits:
            head, rest = self._splits[text]
            return f"{self.name('workload', head)}-{self.name('suffix', rest)}"
        return self._plain.get((family, text), text)

    def address(self, text: str) -> str:
        """Return the other address."""
        address = parsed(text)
        return text if address is None else str(self._addresses.of(address))


def _is_kept(family: str, text: str) -> bool:
    if not text or (_NUMBER.fullmatch(text) and family in ("value", "suffix", "port", "word")):
        return True
    return text in KEPT_WORDS and family in ("value", "word", "priority", "scheduler", "resource", "kind")


def _shaped(family: str, text: str, number: int) -> str:
    """Return the pseudonym with this number; one that the API server would refuse where it refuses the text."""
    made = f"x{number}" if family == "suffix" else f"{family}-{number}"
    if family in ("gate", "resource", "word", "class"):
        return f"example.com/{made}" if "/" in text else made
    if family in ("host", "path", "uid", "kind"):
        return {"host": f"host-{number}.example.com", "path": f"/path-{number}"}.get(family, made)
    if family == "label" and "/" in text:
        made = f"example.com/{made}"
    longest = {"label": 63, "value": 63, "port": 15}.get(family, _LONG)
    padded = made + "-".ljust(len(text) - len(made), "x") if len(text) > max(longest, len(made) + 1) else made
    if _VALIDATORS.get(family, dns_subdomain_faults)(text) and not _VALIDATORS.get(family, dns_subdomain_faults)(
        padded
    ):
        if family == "service" and not dns_label_faults(text):
            return f"0-{padded}"
        return f"{padded}.x" if family in ("service", "namespace") and not dns_subdomain_faults(text) else f"{padded}_!"
    return f"{padded}.x" if "." in text and family in ("workload", "pod") else padded
