"""
``tracker calendar enter``, ``entries``, ``withdraw``: what the sorting centres announce.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from tracker.cli.opening import opened
from tracker.cli.output import JsonOption, emit, local, say, table
from tracker.vocabulary import CarrierName, UsageError

if TYPE_CHECKING:
    from alerts.foreseeing import Foreseen
    from tracker.model import CalendarException

Author = Annotated[str | None, typer.Option("--by", help="Who says so.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only say what it would change.")]


def enter(
    first: Annotated[str, typer.Option("--from", help="First day, 2026-12-24.")],
    last: Annotated[
        str | None, typer.Option("--to", help="Last day, included; without: the first.")
    ] = None,
    centre: Annotated[
        str | None, typer.Option("--centre", help="The sorting centre; without: all of them.")
    ] = None,
    carrier: Annotated[
        CarrierName | None, typer.Option("--carrier", help="Only this carrier's.")
    ] = None,
    closed: Annotated[bool, typer.Option("--closed", help="It receives nothing.")] = False,
    open_: Annotated[bool, typer.Option("--open", help="It works, holiday or not.")] = False,
    cutoff: Annotated[
        str | None, typer.Option("--cutoff", help="Until when a hand-over is of that day, 16:00.")
    ] = None,
    extra: Annotated[
        int, typer.Option("--extra-working-days", help="So many days later in a peak.")
    ] = 0,
    note: Annotated[str | None, typer.Option("--note", help="Why, for the messages.")] = None,
    author: Author = None,
    dry_run: DryRun = False,
    as_json: JsonOption = False,
) -> None:
    """
    Enters a closure, an extra open day, a cut-off or a peak of a sorting centre.

    Watchers count with it in their next step: deadlines move, and alerts it excuses are withdrawn.
    """
    from alerts.foreseeing import foresee_entry
    from tracker.acting.entering import enter as enter_into
    from tracker.calendar.entering import entered_exception
    from tracker.clock import utc_now
    from tracker.shapes import entry_shape

    try:
        entry = entered_exception(
            first=first,
            last=last,
            centre=centre,
            carrier=carrier,
            closed=closed,
            open_=open_,
            cutoff=cutoff,
            extra_working_days=extra,
            note=_text(note),
        )
    except UsageError as error:
        raise UsageError(f"Nothing was entered: {error}.".replace("..", ".")) from error
    now = utc_now()
    with opened() as (settings, store):
        with store.read() as tx:
            foreseen = foresee_entry(tx, settings, entry, now)
        stored = None
        if not dry_run:
            with store.begin() as tx:
                stored = tx.closures.get(enter_into(tx, settings, entry, _text(author), now))
    if as_json:
        emit(entry_shape(entry, stored) | _changes(foreseen))
        return
    told = f"would be entered: {_told(entry)}" if stored is None else f"{stored.id}: {_told(entry)}"
    say(f"{told}; {_foreseen(foreseen, dry_run=dry_run)}")


def withdraw(
    entry_id: Annotated[int, typer.Argument(metavar="ID", help="See `calendar entries`.")],
    author: Author = None,
    dry_run: DryRun = False,
    as_json: JsonOption = False,
) -> None:
    """
    Takes an entry back; it stays listed as history, and deadlines move again.
    """
    from alerts.foreseeing import foresee_withdrawal
    from tracker.acting.entering import held_entry
    from tracker.acting.entering import withdraw as withdraw_from
    from tracker.clock import utc_now
    from tracker.shapes import entry_shape

    now = utc_now()
    with opened() as (settings, store):
        with store.read() as tx:
            foreseen = foresee_withdrawal(tx, settings, entry_id, now)
            stored = held_entry(tx, entry_id)
        if not dry_run:
            with store.begin() as tx:
                stored = withdraw_from(tx, entry_id, _text(author), now)
    if as_json:
        emit(entry_shape(stored.entry, stored) | _changes(foreseen))
        return
    done = "would be withdrawn" if dry_run else "withdrawn"
    say(f"{entry_id} {done}: {_told(stored.entry)}; {_foreseen(foreseen, dry_run=dry_run)}")


def entries(
    every: Annotated[bool, typer.Option("--all", help="The withdrawn ones too.")] = False,
    as_json: JsonOption = False,
) -> None:
    """
    Lists what is entered, in the settings file and in the store, and by whom.
    """
    from tracker.shapes import entry_shape

    with opened() as (settings, store), store.read() as tx:
        stored = [one for one in tx.closures.all() if every or one.withdrawn_at is None]
    if as_json:
        for entry in settings.calendar_exceptions:
            emit(entry_shape(entry, None))
        for one in stored:
            emit(entry_shape(one.entry, one))
        return
    rows: list[tuple[object, ...]] = [
        ("file", *_cells(entry), "", "", "") for entry in settings.calendar_exceptions
    ]
    for one in stored:
        back = f"{local(one.withdrawn_at, settings.zone)} {one.withdrawn_by or ''}".strip()
        when = local(one.entered_at, settings.zone)
        rows.append((one.id, *_cells(one.entry), when, one.author, back))
    headings = ("id", "from", "to", "centre", "carrier", "what", "note", "entered", "by")
    table((*headings, "withdrawn"), rows)


def _cells(entry: CalendarException) -> tuple[object, ...]:
    where = (entry.centre or "all", entry.carrier or "all")
    return (entry.first, entry.last, *where, _effect(entry), entry.note)


def _told(entry: CalendarException) -> str:
    carrier = f", {entry.carrier} only" if entry.carrier else ""
    days = f"{entry.first}" if entry.first == entry.last else f"{entry.first} to {entry.last}"
    return f"{entry.centre or 'every centre'}{carrier}, {days}: {_effect(entry)}"


def _effect(entry: CalendarException) -> str:
    effect, value = entry.effect
    words = {"cutoff": f"cut-off {value}", "extra_working_days": f"{value} extra working days"}
    return words.get(effect, effect)


def _foreseen(foreseen: Foreseen, *, dry_run: bool) -> str:
    moves = f"move {foreseen.deadlines} deadlines"
    withdraws = f"withdraw {foreseen.alerts} alerts"
    if dry_run:
        return f"would {moves}, would {withdraws}"
    return f"the next step of the watcher will {moves} and {withdraws}"


def _changes(foreseen: Foreseen) -> dict[str, Any]:
    return {"deadlines_moved": foreseen.deadlines, "alerts_withdrawn": foreseen.alerts}


def _text(told: str | None) -> str | None:
    return (told or "").strip() or None
