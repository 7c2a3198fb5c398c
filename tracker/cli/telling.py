"""
``tracker orders scanned``: scans that people know of and no portal shows.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tracker.cli.opening import instant_of, numbers_in, opened
from tracker.cli.output import JsonOption, emit, local, notice, say
from tracker.vocabulary import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable
    from zoneinfo import ZoneInfo

    from tracker.orders.numberlists import NumberRow
    from tracker.orders.sightings import Teller


def scanned(
    numbers: Annotated[list[str] | None, typer.Argument(help="Tracking numbers.")] = None,
    at: Annotated[str | None, typer.Option("--at", help="When it was scanned.")] = None,
    source: Annotated[
        str | None,
        typer.Option("--source", help="Who says so: Seko's chat, a look by hand."),
    ] = None,
    from_file: Annotated[
        Path | None,
        typer.Option("--from", help="A filled list: number, time, source; no time: not scanned."),
    ] = None,
    withdraw: Annotated[
        bool, typer.Option("--withdraw", help="Take back what was told of these numbers.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """
    Tells of scans that a person knows of; they count, and are kept apart from the carrier's events.
    """
    from tracker.clock import utc_now
    from tracker.orders.sightings import Teller
    from tracker.planning.deadlines import Deadlines

    _check_telling(numbers, at, source, from_file, withdraw=withdraw)
    with opened() as (settings, store):
        now = utc_now()
        rows = _told_rows(numbers or [], at, from_file, settings.zone)
        with store.begin() as tx:
            speech = _Speech(
                teller=Teller(tx=tx, deadlines=Deadlines(settings), now=now),
                zone=settings.zone,
                source=source,
                as_json=as_json,
            )
            failed = speech.withdraw(numbers or []) if withdraw else speech.tell(rows)
    if failed:
        raise typer.Exit(1)


def _check_telling(
    numbers: list[str] | None,
    at: str | None,
    source: str | None,
    from_file: Path | None,
    *,
    withdraw: bool,
) -> None:
    """
    Raises :class:`UsageError` for options that do not go together.
    """
    if withdraw:
        if not numbers or at or source or from_file:
            raise UsageError("--withdraw takes tracking numbers and nothing else.")
    elif numbers and from_file:
        raise UsageError("Give tracking numbers or --from FILE, not both.")
    elif from_file:
        if at:
            raise UsageError("--at goes with tracking numbers: a file has a time for each number.")
    elif not numbers:
        raise UsageError("Give tracking numbers with --at and --source, or --from FILE.")
    elif not at or not (source or "").strip():
        raise UsageError(
            "Say when it was scanned and who says so: "
            '--at 2026-11-20T17:05 --source "looked by hand".'
        )


def _told_rows(
    numbers: list[str], at: str | None, from_file: Path | None, zone: ZoneInfo
) -> tuple[NumberRow, ...]:
    from tracker.orders.numberlists import NumberRow

    if from_file is not None:
        return numbers_in(from_file, zone, nothing="Nothing was changed.")
    when = instant_of(at, zone, "--at") if at else None
    return tuple(NumberRow(line=0, tracking_number=number, at=when) for number in numbers)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Speech:
    """
    What one call of ``scanned`` says, and where it is shown; each step returns whether any failed.
    """

    teller: Teller
    zone: ZoneInfo
    source: str | None
    as_json: bool

    def tell(self, rows: tuple[NumberRow, ...]) -> bool:
        """
        Every row with a time was told; one without is "still not scanned" and is skipped.
        """
        from tracker.acting.telling import is_told

        told = [row for row in rows if is_told(row)]
        failed = [not self._done(partial(self._told, row), row.line) for row in told]
        if len(told) < len(rows):
            notice(f"{len(rows) - len(told)} numbers without a time: still not scanned, skipped.")
        return any(failed)

    def withdraw(self, numbers: list[str]) -> bool:
        """
        What was told of the numbers is taken back.
        """
        failed = [not self._done(partial(self._taken_back, number)) for number in numbers]
        return any(failed)

    def _told(self, row: NumberRow) -> tuple[int, str]:
        from tracker.acting.telling import telling_of

        telling = telling_of(row, self.source, self.teller.now, self.zone)
        parcel_id, news = self.teller.tell(telling)
        known = "" if news else ", as was told before"
        when = local(telling.at, self.zone)
        return parcel_id, f"scanned {when} (told by {telling.source}){known}"

    def _taken_back(self, number: str) -> tuple[int, str]:
        return self.teller.withdraw(number), "taken back"

    def _done(self, act: Callable[[], tuple[int, str]], line: int = 0) -> bool:
        """
        True if the act gave a parcel and words for it; else why not stands on standard error.

        ``line`` is that of the file that says it, 0 for none.
        """
        from tracker.orders.sightings import NotTakenError

        try:
            parcel_id, words = act()
        except NotTakenError as refused:
            notice(f"line {line}: {refused}" if line else str(refused))
            return False
        self._show(parcel_id, words)
        return True

    def _show(self, parcel_id: int, words: str) -> None:
        from tracker.shapes import parcel_shape, sighting_shape

        tx = self.teller.tx
        record = tx.parcels.get(parcel_id, self.teller.now)
        if record is None:
            return
        told = [sighting_shape(one) for one in tx.sightings.of(parcel_id)]
        if self.as_json:
            emit(parcel_shape(record.parcel) | {"sightings": told})
        else:
            say(f"{record.parcel.tracking_number}: {words}; now {record.parcel.state}")
