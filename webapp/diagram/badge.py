"""A badge for a README: whether everything survives the loss of any one node, or zone."""

from collections.abc import Sequence
from html import escape

from webapp.diagram.palette import TOKENS
from webapp.diagram.text import Face, width
from webapp.numbers import counted
from webapp.resilience import Survival, What

_SIZE = 11
_PAD = 7
_HEIGHT = 20
_DARK = TOKENS["quiet"][0]
_GROUNDS = {tone: TOKENS[tone][0] for tone in ("ok", "warn", "bad")} | {"quiet": TOKENS["edge"][0]}


def badge_words(survivals: Sequence[Survival], what: What) -> tuple[str, str, str]:
    """Return label, value and tone: ``survives any node``, ``2 of 3 services``, ``warn``.

    A service is counted once, and survives if all its ports do.
    """
    label = f"survives any {what}"
    services = {its.service for its in survivals}
    fallen = {its.service for its in survivals if not its.survives}
    if not services:
        return label, "no NodePort service", "quiet"
    if not fallen:
        return label, "yes, guaranteed" if all(its.guaranteed for its in survivals) else "yes", "ok"
    if services == fallen:
        return label, "no", "bad"
    return label, f"{len(services) - len(fallen):,} of {counted(len(services), 'service')}", "warn"


def badge(survivals: Sequence[Survival], what: What) -> bytes:
    """Return the badge as SVG, with white letters on dark grounds: legible on a light page and on a dark one."""
    label, value, tone = badge_words(survivals, what)
    first, second = (round(width(text, _SIZE, Face.BOLD)) + 2 * _PAD for text in (label, value))
    said = escape(f"{label}: {value}")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{first + second}" height="{_HEIGHT}" role="img" '
        f'aria-label="{said}"><title>{said}</title><clipPath id="r">'
        f'<rect width="{first + second}" height="{_HEIGHT}" rx="3"/></clipPath><g clip-path="url(#r)">'
        f'<path fill="{_DARK}" d="M0 0h{first}v{_HEIGHT}H0z"/>'
        f'<path fill="{_GROUNDS[tone]}" d="M{first} 0h{second}v{_HEIGHT}h-{second}z"/></g>'
        f'<g fill="#fff" font-family="Inter,Verdana,DejaVu Sans,sans-serif" font-weight="600" font-size="{_SIZE}" '
        f'text-anchor="middle">{_text(label, first / 2, first)}{_text(value, first + second / 2, second)}</g></svg>\n'
    ).encode()


def _text(text: str, x: float, room: int) -> str:
    # A reader's font may be wider than the one that was measured.
    return f'<text x="{x:g}" y="14" textLength="{room - 2 * _PAD}">{escape(text)}</text>'
