"""How the times grow with nodes, services and pods, each alone, in steps of ten: ``python -m tests.benchmarks.growth``.

The curves are drawn with both axes logarithmic: what is linear rises by one decade for each decade to the right.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import ceil, floor, log10
from xml.sax.saxutils import escape

from tests.benchmarks import stages
from tests.benchmarks.generate import grown, text

SMALLEST = {"nodes": 50, "services": 100, "pods": 1_500}
BESIDE = {
    "nodes": {"services": 100, "pods": 1_500},
    "services": {"nodes": 500, "pods": 1_500},
    "pods": {"nodes": 2_000, "services": 100},
}
"""What stays while one number grows: nodes enough for the pods, and a service in focus that doesn't change."""
STAGES = ("reading", "building", "click")
_SIGNS = {"reading": "M-4 -4h8v8h-8z", "building": "M0 -5l5 9h-10z", "click": "M-4 0a4 4 0 1 0 8 0a4 4 0 1 0 -8 0"}


@dataclass(frozen=True, slots=True)
class Curve:
    """The seconds of each stage, by the number that grows."""

    what: str
    seconds: Mapping[int, Mapping[str, float]]


def curves(steps: int = 3, divisor: int = 1) -> Iterator[Curve]:
    """Measure each number alone, at its smallest and at ten times as much for each further step."""
    for what, smallest in SMALLEST.items():
        beside = {name: number // divisor for name, number in BESIDE[what].items()}
        counts = [smallest // divisor * 10**step for step in range(steps)]
        yield Curve(what, {count: _measured({**beside, what: count}) for count in counts})


def _measured(sizes: Mapping[str, int]) -> dict[str, float]:
    figures = stages.figures(text(grown(**sizes)))
    return {figure.what: figure.seconds for figure in figures if figure.what in STAGES and figure.seconds is not None}


def growth(curve: Curve, stage: str) -> float:
    """Return the factor by which a stage's time grows for each tenfold, over all steps.

    >>> growth(Curve("pods", {10: {"click": 1.0}, 100: {"click": 2.0}, 1000: {"click": 4.0}}), "click")
    2.0
    """
    times = [seconds[stage] for _, seconds in sorted(curve.seconds.items())]
    return (times[-1] / times[0]) ** (1 / (len(times) - 1))


# --- drawing

_PANEL, _HEIGHT, _LEFT, _TOP = 300, 260, 62, 40
_WIDTH = _PANEL - 110
_STYLE = (
    "text{font:12px system-ui,sans-serif;fill:#1c2430}.title{font-weight:600;font-size:14px}.quiet{fill:#5b6675}"
    ".grid{stroke:#d8dee6}.line{fill:none;stroke:#2457c5;stroke-width:2}.sign{fill:#2457c5}.sheet{fill:#fff}"
    "@media (prefers-color-scheme:dark){text{fill:#e7ecf3}.quiet{fill:#a3afbf}.grid{stroke:#35404f}"
    ".line{stroke:#86aef9}.sign{fill:#86aef9}.sheet{fill:#12171f}}"
)


def drawing(measured: Sequence[Curve]) -> str:
    """Return the curves as SVG, one panel for each number that grows, all with one scale of seconds."""
    times = [s for curve in measured for stages_ in curve.seconds.values() for s in stages_.values()]
    low, high = floor(log10(min(times))), ceil(log10(max(times)))
    panels = (panel(curve, low, high, index * _PANEL) for index, curve in enumerate(measured))
    width, height = _PANEL * len(measured) + 20, _HEIGHT + _TOP + 44
    sentence = "; ".join(
        f"{curve.what}: " + ", ".join(f"{stage} {growth(curve, stage):.1f} times" for stage in STAGES)
        for curve in measured
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'role="img" aria-labelledby="title desc"><title id="title">How the times grow</title>'
        f'<desc id="desc">{escape(f"For ten times as many {sentence}.")}</desc><style>{_STYLE}</style>'
        f'<rect class="sheet" width="{width}" height="{height}"/>{"".join(panels)}</svg>\n'
    )


def panel(curve: Curve, low: int, high: int, left: int) -> str:
    """Return one panel: seconds, from 10**low to 10**high, by the number that grows."""
    counts = sorted(curve.seconds)
    first, last = log10(counts[0]), log10(counts[-1])

    def x(count: float) -> float:
        return left + _LEFT + (log10(count) - first) / (last - first) * _WIDTH

    def y(seconds: float) -> float:
        return _TOP + (high - log10(seconds)) / (high - low) * _HEIGHT

    right, bottom = x(counts[-1]), _TOP + _HEIGHT
    parts = [f'<text class="title" x="{left + _LEFT}" y="24">{curve.what}</text>']
    for power in range(low, high + 1):
        at = y(10**power)
        parts.append(f'<path class="grid" d="M{left + _LEFT} {at:.1f}H{right:.1f}"/>')
        parts.append(
            f'<text class="quiet" x="{left + _LEFT - 8}" y="{at + 4:.1f}" text-anchor="end">{10**power:g} s</text>'
        )
    parts += (
        f'<text class="quiet" x="{x(count):.1f}" y="{bottom + 20}" text-anchor="middle">{count:,}</text>'
        for count in counts
    )
    for stage, at in _labels({stage: y(curve.seconds[counts[-1]][stage]) for stage in STAGES}).items():
        points = [(x(count), y(curve.seconds[count][stage])) for count in counts]
        parts.append(f'<path class="line" d="M{"L".join(f"{a:.1f} {b:.1f}" for a, b in points)}"/>')
        parts += (f'<path class="sign" transform="translate({a:.1f} {b:.1f})" d="{_SIGNS[stage]}"/>' for a, b in points)
        parts.append(f'<text x="{right + 8:.1f}" y="{at + 4:.1f}">{stage}</text>')
    return "".join(parts)


def _labels(wanted: Mapping[str, float]) -> dict[str, float]:
    """Return where the labels stand so that none covers another: 14 pixels apart, from the top."""
    placed: dict[str, float] = {}
    for stage in sorted(wanted, key=wanted.__getitem__):
        placed[stage] = max(wanted[stage], *(at + 14 for at in placed.values()), 0)
    return placed


if __name__ == "__main__":
    for each in curves():
        print(each.what, *(f"{stage} {growth(each, stage):.2f} x for each tenfold" for stage in STAGES), sep="  ")
