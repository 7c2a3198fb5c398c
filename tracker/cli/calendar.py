"""
``tracker calendar``: the working-day arithmetic, day by day.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from tracker.cli import entering
from tracker.cli.opening import instant_of
from tracker.cli.output import JsonOption, emit, notice, say, table
from tracker.vocabulary import CarrierName, Service, UsageError

if TYPE_CHECKING:
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from tracker.planning.deadlines import Deadlines

app = typer.Typer(help="The sorting centres' working days.", no_args_is_help=True)

Centre = Annotated[str, typer.Option("--centre", help="The sorting centre.")]


@app.command("deadline")
def show_deadline(
    handed_over: Annotated[str, typer.Option("--handed-over", help="When it was handed over.")],
    centre: Centre = "shenzhen",
    service: Annotated[Service, typer.Option("--service", help="DS or postal.")] = Service.DS,
    as_json: JsonOption = False,
) -> None:
    """
    Counts the scan deadline of a hand-over, with the reason for each day.
    """
    from tracker.calendar import centre_name
    from tracker.planning.deadlines import Deadlines
    from tracker.settings import load_settings
    from tracker.shapes import deadline_shape

    settings = load_settings()
    carrier = CarrierName.CLEVY if service is Service.POSTAL else CarrierName.SEKO
    calendar = _counted(Deadlines(settings)).calendar(centre_name(centre), carrier)
    at = _handover(handed_over, settings.zone)
    deadline = calendar.deadline(at, settings.watch.scan_working_days)
    if as_json:
        emit(deadline_shape(deadline))
        return
    table(
        ("day", "", "why"),
        [(day.date.strftime("%a %Y-%m-%d"), _word(day.open), day.why) for day in deadline.days],
    )
    local = deadline.at.astimezone(calendar.zone)
    say(f"To be scanned before {local:%Y-%m-%d %H:%M} ({calendar.zone}, {deadline.centre}).")
    if deadline.estimated:
        notice("Estimated: that year's make-up days are not published yet.")


def _counted(deadlines: Deadlines) -> Deadlines:
    """
    What people entered counts too, if there is a database; the arithmetic needs none.
    """
    from tracker.store import StoreError, store_if_there

    try:
        store = store_if_there(deadlines.settings.database_url)
        if store is not None:
            with store.read() as tx:
                deadlines.follow(tx)
            store.close()
    except StoreError as error:
        notice(f"Without what was entered by command or on the dashboard: {error}")
    return deadlines


def _handover(text: str, zone: ZoneInfo) -> datetime | date:
    """
    A bare date is that day, in time (contract.md).
    """
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        return instant_of(text, zone, "--handed-over")


@app.command("show")
def show_month(
    month: Annotated[str, typer.Option("--month", help="The month, 2026-10.")],
    centre: Centre = "shenzhen",
    as_json: JsonOption = False,
) -> None:
    """
    Shows which days of a month a centre works, and why not.
    """
    from tracker.calendar import centre_name
    from tracker.planning.deadlines import Deadlines
    from tracker.settings import load_settings
    from tracker.shapes import centre_day_shape

    calendar = _counted(Deadlines(load_settings())).calendar(centre_name(centre), None)
    first = _first_day(month)
    days = [first + timedelta(days=n) for n in range(31)]
    explained = [calendar.explain(day) for day in days if day.month == first.month]
    if as_json:
        for day in explained:
            emit(centre_day_shape(calendar, day.date))
        return
    table(
        ("day", "", "why"),
        [(day.date.strftime("%a %Y-%m-%d"), _word(day.open), day.why) for day in explained],
    )
    if any(calendar.is_estimated(day.date) for day in explained):
        notice("Estimated: that year's make-up days are not published yet.")


app.command("enter")(entering.enter)
app.command("entries")(entering.entries)
app.command("withdraw")(entering.withdraw)


def _first_day(month: str) -> date:
    try:
        return date.fromisoformat(f"{month.strip()}-01")
    except ValueError as error:
        raise UsageError(f"--month {month!r} is not a month: write 2026-10.") from error


def _word(is_open: bool) -> str:
    return "open" if is_open else "closed"
