"""Colours: the tokens in both themes, and what each class of the drawing is painted with.

A drawing carries the light colours as presentation attributes, so it survives without any style sheet. A page's style
sheet overrides them by class with its own tokens (:func:`page_rules`, :func:`page_tokens`), an exported file by colour
where the reader prefers dark (:func:`dark_rules`).
"""

import re
from collections.abc import Mapping
from types import MappingProxyType

# By the formula of WCAG 2, text has a contrast of at least 4.5 on every ground that it stands on, outlines and signs 3,
# in both themes. No two have one light colour: exported files turn dark by colour.
TOKENS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "bg": ("#F5F7FA", "#0E141B"),
        "surface": ("#FFFFFF", "#161E28"),
        "sunk": ("#EDF1F5", "#1E2833"),
        # Decoration that carries no meaning, so it may be fainter than 3.
        "line": ("#D3DAE2", "#303C4A"),
        "edge": ("#7A8796", "#748496"),
        "text": ("#15202B", "#E9EEF4"),
        "quiet": ("#4A5868", "#AAB7C5"),
        "accent": ("#3552CC", "#93A9FF"),
        "accent-soft": ("#EBEFFC", "#222D52"),
        "ok": ("#0A7055", "#52D0A6"),
        "ok-soft": ("#E2F3EC", "#10342A"),
        "warn": ("#855000", "#F0B55E"),
        "warn-soft": ("#FCF0DA", "#39290F"),
        "bad": ("#B0213A", "#FF8FA0"),
        "bad-soft": ("#FBE8EB", "#421F28"),
        "down-bg": ("#E7EBF0", "#202A35"),
        "down-line": ("#CCD4DD", "#374453"),
    }
)

PAINT: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "sheet": {"fill": "surface"},
        "zone": {"fill": "sunk"},
        "lane": {"fill": "surface", "stroke": "line"},
        "lane-down": {"stroke": "edge"},
        "lane-assumed": {"fill": "surface", "stroke": "edge"},
        "selected": {"stroke": "accent"},
        "plate": {"fill": "surface"},
        "box": {"fill": "surface", "stroke": "edge"},
        "box-ok": {"fill": "ok-soft", "stroke": "ok"},
        "box-warn": {"fill": "warn-soft", "stroke": "warn"},
        "box-bad": {"fill": "bad-soft", "stroke": "bad"},
        "box-refused": {"fill": "bad-soft", "stroke": "bad"},
        "box-quiet": {"fill": "surface", "stroke": "edge"},
        "mark": {"fill": "text"},
        "bar": {"fill": "accent-soft", "stroke": "accent"},
        "bar-edge": {"stroke": "accent"},
        "edge-ok": {"stroke": "ok"},
        "edge-lost": {"stroke": "bad"},
        "edge-refused": {"stroke": "bad"},
        "arrow": {"fill": "ok"},
        "ring": {"fill": "surface"},
        "junction": {"fill": "surface", "stroke": "ok"},
        "junction-lost": {"fill": "surface", "stroke": "bad"},
        "text": {"fill": "text"},
        "text-quiet": {"fill": "quiet"},
        "text-ok": {"fill": "ok"},
        "text-warn": {"fill": "warn"},
        "text-bad": {"fill": "bad"},
        "text-accent": {"fill": "accent"},
        "hatch-ground": {"fill": "down-bg"},
        "hatch-line": {"fill": "down-line"},
        "tape": {"fill": "edge"},
        "rail": {"stroke": "edge"},
        "rail-head": {"fill": "edge"},
        "dot": {"fill": "ok"},
        "dot-bad": {"fill": "bad-soft", "stroke": "bad"},
        "dot-quiet": {"fill": "surface", "stroke": "edge"},
        "gauge": {"fill": "surface", "stroke": "line"},
        "gauge-line": {"stroke": "bad"},
        "rule": {"stroke": "line"},
        "sign-ok": {"stroke": "ok"},
        "sign-warn": {"stroke": "warn"},
        "sign-warn-half": {"fill": "warn"},
        "sign-bad": {"stroke": "bad"},
        "sign-quiet": {"stroke": "quiet"},
        "sign-accent": {"stroke": "accent"},
        # No paint: what a page leaves out of a picture that is smaller than 50 or 90 %.
        "at-50": {},
        "at-90": {},
    }
)
"""Class -> property -> token. Dashes and widths are the drawing's; only colours change with the theme."""


def painted(*classes: str) -> dict[str, str]:
    """Return the classes with their light colours as attributes of an element."""
    colours = {name: TOKENS[token][0] for class_ in classes for name, token in PAINT[class_].items()}
    return {"class_": " ".join(classes)} | colours


def dark_rules() -> str:
    """Return the one style rule of an exported file: each light colour becomes its dark one."""
    # By colour and not by class: an editor that opens the file may drop classes, and keeps colours.
    rules = "".join(
        f'[{name}="{light}"]{{{name}:{dark}}}' for light, dark in TOKENS.values() for name in ("fill", "stroke")
    )
    return f"@media (prefers-color-scheme:dark){{{rules}}}"


def darkened(drawing: str) -> str:
    """Return an exported drawing with the dark colours in place of the light ones."""
    dark = dict(TOKENS.values())
    return _COLOUR.sub(lambda found: f' {found[1]}="{dark[found[2]]}"', drawing)


def uncoloured(drawing: str) -> str:
    """Return a drawing without colours, for a page whose style sheet has the rules of :func:`page_rules`."""
    return _COLOUR.sub("", drawing)


_COLOUR = re.compile(r' (fill|stroke)="(#[0-9A-F]{6})"')


def page_tokens() -> str:
    """Return the tokens as a page's style sheet declares them, one line each: ``color-scheme`` selects the colour."""
    return "".join(f"  --{name}: light-dark({light}, {dark});\n" for name, (light, dark) in TOKENS.items()).lower()


def page_rules() -> str:
    """Return the rules by which a page's own tokens take over, one line per class."""
    lines = (
        f".dg .{class_} {{ {' '.join(f'{name}: var(--{token});' for name, token in paint.items())} }}"
        for class_, paint in PAINT.items()
        if paint
    )
    return "\n".join(lines) + "\n"
