"""
How entered calendar exceptions apply to a day (contract.md, ``[[calendar.exceptions]]``).

When several apply to one day, the kindest to the centre wins, because a wrong accusation costs
more than a later one: ``closed`` beats ``open``, the earliest cut-off and the most extra working
days count.
"""

from __future__ import annotations

from datetime import time
from typing import TYPE_CHECKING

from tracker.calendar.centres import centre_name
from tracker.sentences import RefusedError, Sentence

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from tracker.model import CalendarException, CarrierName


class ExceptionTable:
    """
    The exceptions that concern one centre and carrier; an exception naming neither concerns all.

    An exception that names a centre or carrier does not apply where that is unknown (``None``).
    Raises ``UsageError`` for an unknown centre or an unreadable cut-off.
    """

    def __init__(
        self,
        exceptions: Iterable[CalendarException],
        *,
        centre: str | None,
        carrier: CarrierName | None,
    ) -> None:
        self._entries = tuple(
            entry for entry in exceptions if concerns(entry, centre=centre, carrier=carrier)
        )
        self._cutoffs = {entry: _cutoff(entry) for entry in self._entries if entry.cutoff}
        self.peaks = tuple(entry for entry in self._entries if entry.extra_working_days > 0)

    def closure(self, day: date) -> CalendarException | None:
        """
        The entered closure that covers ``day``.
        """
        return next((entry for entry in self._on(day) if entry.closed), None)

    def opening(self, day: date) -> CalendarException | None:
        """
        The entered extra open day that covers ``day``.
        """
        return next((entry for entry in self._on(day) if entry.open), None)

    def cutoff(self, day: date) -> tuple[time, CalendarException] | None:
        """
        The earliest entered cut-off for ``day``, local to the centre, and who entered it.
        """
        found = [(self._cutoffs[entry], entry) for entry in self._on(day) if entry.cutoff]
        return min(found, key=lambda pair: pair[0], default=None)

    def peak(self, day: date) -> CalendarException | None:
        """
        The entry that gives hand-overs of ``day`` the most extra working days.
        """
        found = [entry for entry in self.peaks if entry.first <= day <= entry.last]
        return max(found, key=lambda entry: entry.extra_working_days, default=None)

    def __str__(self) -> str:
        return ", ".join(
            f"{entry.first} to {entry.last}" for entry in self._entries if entry.closed
        )

    def _on(self, day: date) -> Iterable[CalendarException]:
        return (entry for entry in self._entries if entry.first <= day <= entry.last)


def noted(label: str, entry: CalendarException) -> str:
    """
    The label followed by the entry's note, if it has one: ``closure: warehouse move``.
    """
    return f"{label}: {entry.note}" if entry.note else label


def concerns(entry: CalendarException, *, centre: str | None, carrier: CarrierName | None) -> bool:
    """
    True when the entry applies to this centre and carrier; unknown ones (``None``) match no name.
    """
    if entry.carrier is not None and entry.carrier is not carrier:
        return False
    return entry.centre is None or centre_name(entry.centre) == centre


def _cutoff(entry: CalendarException) -> time:
    text = entry.cutoff or ""
    try:
        cutoff = time.fromisoformat(text)
    except ValueError:
        cutoff = None
    if cutoff is None or cutoff.tzinfo is not None:
        raise RefusedError(
            Sentence(
                "The calendar exception from %(first)s has the cut-off %(text)s; "
                'write the hour as "16:00".',
                first=entry.first,
                text=repr(text),
            )
        )
    return cutoff
