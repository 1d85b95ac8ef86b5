"""Writing XML: elements with escaped attributes and text, numbers in their shortest form, ids made from names."""

import re
from collections.abc import Mapping
from html import escape

from webapp.diagram.text import clean

Attribute = str | float | None
# The underscore is missing since it begins a code: written as one itself, no two names give the same id.
_NOT_IN_ID = re.compile(r"[^A-Za-z0-9-]")


def number(value: float) -> str:
    """Return a coordinate with at most two decimals, ``104``, ``2.5``.

    >>> number(104.0), number(2.504)
    ('104', '2.5')
    """
    # Finer than anybody sees, and coarse enough that a float's last digits don't change an exported file.
    return f"{value:.2f}".rstrip("0").rstrip(".")


def written(text: str) -> str:
    """Return the text as XML character data, harmless whatever a manifest held."""
    # Quotes are escaped in text also: the same text may become an attribute.
    return escape(clean(text), quote=False).replace('"', "&quot;")


def attributes(values: Mapping[str, Attribute]) -> str:
    """Return the attributes with a blank before each; those that are None are left out."""
    return "".join(
        f' {_name(name)}="{number(value) if isinstance(value, int | float) else written(value)}"'
        for name, value in values.items()
        if value is not None
    )


def _name(name: str) -> str:
    return name.rstrip("_").replace("_", "-") if "_" in name else name


def element(tag: str, *children: str, **values: Attribute) -> str:
    """Return an element; children are markup already. ``class_`` is class, ``stroke_width`` is stroke-width.

    >>> element("rect", x=1, stroke_width=2), element("g", "<rect/>", class_="lane")
    ('<rect x="1" stroke-width="2"/>', '<g class="lane"><rect/></g>')
    """
    if not children:
        return f"<{tag}{attributes(values)}/>"
    return f"<{tag}{attributes(values)}>{''.join(children)}</{tag}>"


def slug(name: str) -> str:
    """Return the name as part of an id: different for different names, and the name itself where that is plain.

    >>> slug("worker-1"), slug("default/web")
    ('worker-1', 'default_2f_web')
    """
    return _NOT_IN_ID.sub(lambda match: f"_{ord(match.group()):x}_", name)
