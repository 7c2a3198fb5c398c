"""
``track``: looks numbers up now and shows what the carrier says.
"""

from __future__ import annotations

import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tracker.cli.opening import numbers_in
from tracker.cli.output import JsonOption, emit, local, log_to_stderr, notice, say, table
from tracker.vocabulary import CarrierName, Outcome, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from zoneinfo import ZoneInfo

    from tracker.model import LookReport
    from tracker.settings import Settings


def track(
    numbers: Annotated[list[str] | None, typer.Argument(help="Tracking numbers.")] = None,
    carrier: Annotated[
        CarrierName | None, typer.Option("--carrier", help="Ask this carrier, whatever the shape.")
    ] = None,
    from_file: Annotated[
        Path | None, typer.Option("--from", help="A file of numbers; - reads standard input.")
    ] = None,
    save: Annotated[bool, typer.Option("--save", help="Record the looks in the store.")] = False,
    as_json: JsonOption = False,
    verbose: Annotated[bool, typer.Option("--verbose", help="Say more on stderr.")] = False,
) -> None:
    """
    Looks numbers up now and shows what the carrier says.
    """
    from tracker.access import accesses_of
    from tracker.looking import look
    from tracker.numbers import assign, normalise
    from tracker.settings import load_settings

    log_to_stderr(verbose=verbose)
    settings = load_settings()
    asked = [normalise(number) for number in _asked(numbers or [], from_file, settings.zone)]
    if not asked:
        raise UsageError("Give tracking numbers, or --from FILE.")
    pairs = [(number, carrier or assign(number).carrier) for number in asked]
    _warn(asked)
    with _progress(len(pairs), quiet=as_json) as on_report:
        reports = look(accesses_of(settings), pairs, on_report=on_report)
    for report in reports:
        if as_json:
            _emit_report(report)
        else:
            show_report(report, settings.zone)
    if save:
        _save(settings, reports)
    if not all(report.outcome.is_good for report in reports):
        raise typer.Exit(1)


def _asked(numbers: list[str], from_file: Path | None, zone: ZoneInfo) -> list[str]:
    if from_file is None:
        return numbers
    if str(from_file) == "-":
        lines = (line.partition("#")[0].strip() for line in sys.stdin)
        return [*numbers, *(line for line in lines if line)]
    rows = numbers_in(from_file, zone, nothing="Nothing was asked.")
    return [*numbers, *(row.tracking_number for row in rows)]


def _warn(asked: list[str]) -> None:
    from tracker.numbers import plausible

    for number in dict.fromkeys(asked):
        warning = plausible(number)
        if warning:
            notice(f"warning: {warning}")


@contextmanager
def _progress(count: int, *, quiet: bool) -> Iterator[Callable[[LookReport], None] | None]:
    """
    Shows on a terminal how many numbers were answered; elsewhere and with ``--json`` nothing.
    """
    if quiet or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn

    columns = (
        SpinnerColumn(),
        TextColumn("asking the carriers"),
        BarColumn(),
        MofNCompleteColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("", total=count)
        yield lambda _report: progress.advance(task)


def _emit_report(report: LookReport) -> None:
    from tracker.shapes import report_shape

    emit(report_shape(report))


_WORDS = {
    Outcome.NO_EVENTS: "not scanned: the portal shows nothing yet",
    Outcome.NOT_FOUND: "not scanned: the portal does not know this number; check label and number",
    Outcome.BLOCKED: "could not look: the portal blocked us",
    Outcome.UNREACHABLE: "could not look: the portal was not reached",
    Outcome.UNREADABLE: "could not look: the portal's answer was not understood",
    Outcome.MISSING: "could not look: the portal's answer left this number out",
    Outcome.NO_CARRIER: "could not look: no carrier is known",
}


def show_report(report: LookReport, zone: ZoneInfo) -> None:
    """
    One look in words for people: the verdict, why, and the events.
    """
    where = f" ({report.carrier})" if report.carrier else ""
    say(f"{report.tracking_number}{where}: {_verdict(report, zone)}")
    if report.detail:
        say(f"  {report.detail}")
    if report.events:
        table(
            ("  when", "stage", "text", "place"),
            [
                (f"  {local(one.occurred_at, zone)}", one.stage, one.text, one.location)
                for one in report.events
            ],
        )


def _verdict(report: LookReport, zone: ZoneInfo) -> str:
    if report.outcome is not Outcome.EVENTS:
        return _WORDS[report.outcome]
    if report.scanned:
        when = local(report.first_scan_at, zone) or "at an unknown time"
        return f"scanned {when} ({zone}), now {report.stage}"
    if report.scanned is False:
        return "not scanned: announced only"
    return "unclear: the portal shows a text that is not classified"


def _save(settings: Settings, reports: list[LookReport]) -> None:
    """
    The looks are recorded; a number that nobody watches is stored without an order.
    """
    from tracker.planning.deadlines import Deadlines
    from tracker.planning.watching import settle
    from tracker.store import open_store
    from tracker.store.parcels import ParcelDraft

    store = open_store(settings.database_url)
    try:
        for report in reports:
            if report.carrier is None:
                continue
            with store.begin() as tx:
                known = tx.parcels.live(report.tracking_number, report.looked_at)
                parcel_id = known.parcel.id if known else None
                if parcel_id is None:
                    draft = ParcelDraft(
                        tracking_number=report.tracking_number,
                        order_number=None,
                        carrier=report.carrier,
                    )
                    parcel_id = tx.parcels.add(draft, report.looked_at)
                recorded = tx.looks.record(parcel_id, report)
                for text in recorded.unknown:
                    tx.wordings.note(report.carrier, text, parcel_id, report.looked_at)
                settle(tx, parcel_id, Deadlines(settings), report.looked_at)
    finally:
        store.close()
