"""
Days with times below them: a heading with a date, then rows that print a time of day only.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tracker.pages.dates import leading_clock
from tracker.pages.row_elements import bare, widened
from tracker.pages.tree import ancestors

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tracker.pages.parts import Element, Part
    from tracker.pages.tree import Tree

_MISSING = "an event below a day has no time"
_NO_DAY = "an event has a time and no day"
_NOT_IN_ORDER = "the times below a day do not follow each other"


@dataclass
class DayGroup:
    """
    The rows below the days of one list: each begins with its day.
    """

    element: Element
    rows: tuple[tuple[Part, ...], ...]
    why: str | None = None


@dataclass
class _Day:
    heading: Part | None
    clocks: list[Part] = field(default_factory=list)


def day_groups(tree: Tree) -> Iterator[DayGroup]:
    """
    The groups of rows below days, one for each run that no tracking number interrupts.

    Only where some day has several times below it: else a date and a time are one row's.
    """
    for days in _runs(tree):
        if any(day.heading is not None and len(day.clocks) > 1 for day in days):
            yield _group(days, tree)


def _runs(tree: Tree) -> list[list[_Day]]:
    runs: list[list[_Day]] = [[]]
    for part in tree.all:
        kind = tree.kind(part)
        if kind.named or (kind.dated and not kind.day):
            runs.append([])
        elif kind.day:
            runs[-1].append(_Day(part))
        elif kind.clock:
            runs[-1] = runs[-1] or [_Day(None)]
            runs[-1][-1].clocks.append(part)
    return runs


def _group(days: list[_Day], tree: Tree) -> DayGroup:
    rows: list[tuple[Part, ...]] = []
    found: list[Element] = []
    for day in days:
        for clock in day.clocks:
            row, element = _row(clock, tree)
            rows.append((day.heading, *row) if day.heading is not None else row)
            found += [element] if element not in found else []
    headings = [day.heading.element for day in days if day.heading is not None]
    why = next((why for day in days if (why := _fault(day))), None)
    around = {e.getparent(): None for e in found if e.getparent() is not None}
    if any(bare(e, found, tree, lambda x: tree.clocks(x) + tree.dated(x)) for e in around):
        why = _MISSING
    return DayGroup(_common([*headings, *found]), tuple(rows), why)


def _fault(day: _Day) -> str | None:
    if day.heading is None:
        return _NO_DAY
    if not day.clocks:
        return _MISSING
    return None if _in_order(day.clocks) else _NOT_IN_ORDER


def _row(clock: Part, tree: Tree) -> tuple[tuple[Part, ...], Element]:
    """
    The parts of the row of one clock: its element's, or the line itself where several share one.
    """
    if tree.kind(clock).word and tree.clocks(clock.element) > 1:
        return (clock,), clock.element
    element = next((e for e in ancestors(clock.element) if tree.worded(e)), clock.element)
    if tree.clocks(element) != 1 or tree.dated(element):
        return (clock,), clock.element
    row = widened(element, tree, lambda e: tree.clocks(e) + 2 * tree.dated(e))
    return tuple(tree.parts(row)), row


def _in_order(clocks: Sequence[Part]) -> bool:
    times = [found[0] for clock in clocks if (found := leading_clock(clock.text))]
    padded = [time.rjust(8, "0") for time in times if ":" in time and not time[-1].isalpha()]
    return padded in (sorted(padded), sorted(padded, reverse=True))


def _common(elements: Sequence[Element]) -> Element:
    """
    The smallest element around all of them.
    """
    others = [set(ancestors(element)) for element in elements[1:]]
    return next(e for e in ancestors(elements[0]) if all(e in other for other in others))
