"""Charts of the report: bars in inline SVG beside the figures they show.

Each bar stands in the cell of a real table, so the table is the equivalent of the chart and its
text keeps its size on a phone; the SVG itself is decoration and hidden from screen readers.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from raccord.matching.report.people import escaped
from raccord.matching.wording import number


@dataclass(frozen=True, slots=True)
class Step:
    """One row of the funnel. `start` is where its bar begins, in young people."""

    label: str
    value: int
    start: int
    tone: str
    link: str = ""
    note: str = ""


def bar(value: int, start: int, whole: int, tone: str) -> str:
    """A bar of `value` on a scale of `whole`, never invisible when there is somebody."""
    scale = 1000 / whole if whole else 0
    width = max(value * scale, 3) if value else 0
    left = min(start * scale, 1000 - width)
    return (
        '<svg class="bar" viewBox="0 0 1000 20" preserveAspectRatio="none" aria-hidden="true" '
        f'focusable="false"><rect class="rail" width="1000" height="20"/>'
        f'<rect class="{tone}" x="{left:.0f}" width="{width:.0f}" height="20"/></svg>'
    )


def share(value: int, whole: int) -> str:
    """A share of a whole in French typography: `12 %`, `< 1 %`; empty without a whole."""
    if not whole or not value:
        return ""
    percent = 100 * value / whole
    if percent < 1:
        return "<\u202f1\u00a0%"
    return f"{percent:.0f}\u00a0%" if percent < 99 or value == whole else ">\u202f99\u00a0%"


def funnel(steps: Sequence[Step], whole: int, caption: str) -> str:
    """The funnel as a table of bars."""
    rows = []
    for step in steps:
        figure = number(step.value)
        if step.link:
            figure = f'<a href="{escaped(step.link)}">{figure}</a>'
        note = f"<small>{escaped(step.note)}</small>" if step.note else ""
        rows.append(
            f'<tr class="{step.tone}"><th scope="row">{escaped(step.label)}{note}</th>'
            f'<td class="n">{figure}</td><td class="n">{escaped(share(step.value, whole))}</td>'
            f"<td>{bar(step.value, step.start, whole, step.tone)}</td></tr>"
        )
    return (
        f'<table class="funnel"><caption>{escaped(caption)}</caption><thead><tr>'
        '<th scope="col">Étape</th><th scope="col" class="n">Jeunes</th>'
        '<th scope="col" class="n">Part</th><th scope="col">En proportion</th></tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table>"
    )


def histogram(title: str, bars: Sequence[tuple[str, int]], heading: str) -> str:
    """A few categories as a table of bars; empty when there is nothing to compare."""
    if len(bars) < 2:
        return ""
    most = max(value for _, value in bars)
    rows = "".join(
        f'<tr><th scope="row">{escaped(label)}</th><td class="n">{number(value)}</td>'
        f"<td>{bar(value, 0, most, 'go')}</td></tr>"
        for label, value in bars
    )
    return (
        f'<table class="histogram"><caption>{escaped(title)}</caption><thead><tr>'
        f'<th scope="col">{escaped(heading)}</th><th scope="col" class="n">Jeunes</th>'
        f'<th scope="col">En proportion</th></tr></thead><tbody>{rows}</tbody></table>'
    )
