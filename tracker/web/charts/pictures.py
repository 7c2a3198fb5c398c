"""
The three pictures: lines over time, columns over time, bars by name.

They are about as wide as a phone, so that their letters are never scaled down: several of them
stand side by side where there is room.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from markupsafe import Markup

from tracker.web.charts.scale import Scale, decimal_steps, hour_steps, labelled, marks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

WIDTH = 340
HEIGHT = 190
_LEFT, _RIGHT, _TOP, _BOTTOM = 44, 330, 22, 164
_DATES = 4
_ROW = 34


@dataclass(frozen=True, slots=True)
class Series:
    """
    One line: a value for each place, ``None`` where there is none; the line is broken there.
    """

    name: str
    values: tuple[float | None, ...]
    dashed: bool = False


def line_chart(labels: Sequence[str], series: Sequence[Series], said: str) -> Markup:
    """
    Hours over time, a line for each series, told apart by dashes, dots and their names.
    """
    known = [value for one in series for value in one.values if value is not None]
    grid = marks(max(known, default=0), hour_steps())
    upward = Scale(0, grid[-1], _BOTTOM, _TOP)
    across = Scale(0, max(1, len(labels) - 1), _LEFT + 14, _RIGHT - 14)
    parts = [*_grid(grid, upward, _hours), *_dates(labels, across)]
    for one in series:
        parts += _line(one, across, upward)
    parts += _legend(series)
    return _picture(HEIGHT, said, parts)


def column_chart(
    labels: Sequence[str], values: Sequence[float | None], said: str, *, most: float = 100
) -> Markup:
    """
    Per cent over time, a column for each place with its value above; no column where none is known.
    """
    grid = marks(most, iter((25.0,)))
    upward = Scale(0, grid[-1], _BOTTOM, _TOP)
    across = Scale(0, max(1, len(labels)), _LEFT, _RIGHT)
    wide = min(26.0, (_RIGHT - _LEFT) / max(1, len(labels)) * 0.7)
    told = labelled(len(values), 13)
    middles = [across(n + 0.5) for n in range(len(labels))]
    parts = [*_grid(grid, upward, _per_cent), *_dates(labels, lambda n: middles[int(n)])]
    for n, value in enumerate(values):
        if value is None:
            continue
        top = upward(value)
        parts.append(_rect("accent", middles[n] - wide / 2, top, wide, max(1, _BOTTOM - top)))
        if n in told:
            parts.append(_text(middles[n], top - 4, f"{value:.0f}", anchor="middle"))
    return _picture(HEIGHT, said, parts)


def bar_chart(rows: Sequence[tuple[str, int]], said: str) -> Markup:
    """
    Counts by name, a bar for each with its name above and its count behind.
    """
    grid = marks(max((many for _, many in rows), default=0), decimal_steps())
    across = Scale(0, grid[-1], 0, WIDTH - 46)
    parts: list[Markup] = []
    for n, (name, many) in enumerate(rows):
        top = n * _ROW
        long = max(2.0, across(many))
        parts.append(_text(0, top + 12, name))
        parts.append(_rect("accent" if many else "shade", 0, top + 17, long, 11))
        parts.append(_text(long + 6, top + 27, f"{many:,}", bold=True))
    return _picture(max(1, len(rows)) * _ROW, said, parts)


# -- parts -------------------------------------------------------------------------------------


def _rect(klass: str, x: float, y: float, width: float, height: float) -> Markup:
    return Markup('<rect class="{}" x="{}" y="{}" width="{}" height="{}" rx="2"/>').format(
        klass, round(x, 1), round(y, 1), round(width, 1), round(height, 1)
    )


def _text(
    x: float, y: float, text: str, *, anchor: str = "start", klass: str = "", bold: bool = False
) -> Markup:
    weight = Markup(' font-weight="650"') if bold else Markup("")
    return Markup('<text x="{}" y="{}" text-anchor="{}" class="{}"{}>{}</text>').format(
        round(x, 1), round(y, 1), anchor, klass, weight, text
    )


def _grid(grid: Sequence[float], upward: Scale, told: Callable[[float], str]) -> Iterator[Markup]:
    for mark in grid:
        y = upward(mark)
        yield Markup('<line class="grid" x1="{}" x2="{}" y1="{}" y2="{}"/>').format(
            _LEFT, _RIGHT, y, y
        )
        yield _text(_LEFT - 6, y + 4, told(mark), anchor="end", klass="faint")


def _dates(labels: Sequence[str], place: Callable[[float], float]) -> Iterator[Markup]:
    for n in sorted(labelled(len(labels), _DATES)):
        x = min(max(place(n), _LEFT), _RIGHT - 18)
        yield _text(x, _BOTTOM + 18, labels[n], anchor="middle", klass="faint")


def _line(one: Series, across: Scale, upward: Scale) -> Iterator[Markup]:
    dashes = Markup(' stroke-dasharray="5 4"') if one.dashed else Markup("")
    for run in _runs(one.values):
        points = " ".join(f"{across(n)},{upward(value)}" for n, value in run)
        yield Markup('<polyline class="line" points="{}"{}/>').format(points, dashes)
        for n, value in run:
            yield Markup('<circle class="{}" cx="{}" cy="{}" r="3"/>').format(
                "ring" if one.dashed else "accent", across(n), upward(value)
            )


def _runs(values: Sequence[float | None]) -> Iterator[list[tuple[int, float]]]:
    """
    The known values in stretches without a gap.
    """
    run: list[tuple[int, float]] = []
    for n, value in enumerate((*values, None)):
        if value is not None:
            run.append((n, value))
        elif run:
            yield run
            run = []


def _legend(series: Sequence[Series]) -> Iterator[Markup]:
    for n, one in enumerate(series):
        x = _LEFT + n * 145
        dashes = Markup(' stroke-dasharray="5 4"') if one.dashed else Markup("")
        yield Markup('<line class="line" x1="{}" x2="{}" y1="8" y2="8"{}/>').format(
            x, x + 24, dashes
        )
        yield _text(x + 30, 12, one.name, klass="faint")


def _picture(height: float, said: str, parts: Sequence[Markup]) -> Markup:
    return Markup(
        '<svg class="picture" viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>'
    ).format(WIDTH, height, said, Markup("").join(parts))


def _hours(value: float) -> str:
    return f"{value:g} h"


def _per_cent(value: float) -> str:
    return f"{value:g} %"
