"""
``tracker carriers``: whether the portals can be reached and read, and how they are taught.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tracker.cli.output import JsonOption, emit, log_to_stderr, say
from tracker.vocabulary import CarrierName, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tracker.crawl import CarrierAccess
    from tracker.probing import ProbeStep
    from tracker.settings import Settings
    from tracker.teaching.case import SavedCase
    from tracker.teaching.keeping import KeptCase

app = typer.Typer(help="The carriers' portals.", no_args_is_help=True)

CASES = Path("cases")


@app.callback()
def carriers() -> None:
    """
    The carriers' portals.
    """


@app.command("check")
def check(
    carrier: Annotated[CarrierName | None, typer.Option("--carrier", help="Only this.")] = None,
    save: Annotated[
        bool, typer.Option("--save", help="Keep the result for `tracker status`.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """
    Probes each portal step by step and says which step fails and what to do.
    """
    from tracker.access import accesses_of
    from tracker.settings import load_settings

    log_to_stderr()
    settings = load_settings()
    red = False
    for name, access in accesses_of(settings).items():
        if carrier is not None and name is not carrier:
            continue
        failed = _probed(settings, access, as_json=as_json)
        if save:
            _save_check(settings, name, failed)
        red |= failed is not None
    if red:
        raise typer.Exit(1)


def _probed(settings: Settings, access: CarrierAccess, *, as_json: bool) -> ProbeStep | None:
    """
    Each step is told as it ends; returns the one that failed.
    """
    from tracker.probelook import Canaries
    from tracker.probing import probe

    own = settings.carriers.of(access.carrier)
    canaries = Canaries(scanned=own.canary_scanned, unknown=own.canary_unknown)
    failed = None
    for step in probe(access, canaries):
        failed = step if step.ok is False else failed
        if as_json:
            told = {"step": step.name, "ok": step.ok, "detail": step.detail}
            emit({"carrier": access.carrier, **told})
        else:
            word = {True: "ok", False: "FAILED", None: "not tried"}[step.ok]
            detail = f", {step.detail}" if step.detail else ""
            say(f"{access.carrier} {step.name}: {word}{detail}")
    return failed


def _save_check(settings: Settings, carrier: CarrierName, failed: ProbeStep | None) -> None:
    from tracker.clock import utc_now
    from tracker.store import open_store

    store = open_store(settings.database_url)
    try:
        with store.begin() as tx:
            told = None if failed is None else f"{failed.name}: {failed.detail}"
            tx.health.checked(carrier, utc_now(), told)
    finally:
        store.close()


@app.command("record")
def record(
    numbers: Annotated[list[str], typer.Argument(help="Tracking numbers, of one look.")],
    carrier: Annotated[
        CarrierName | None, typer.Option("--carrier", help="Ask this carrier, whatever the shape.")
    ] = None,
    out: Annotated[Path, typer.Option("--out", help="Where the case folder goes.")] = CASES,
    as_json: JsonOption = False,
) -> None:
    """
    Looks numbers up and saves what the portal showed as a test case, without secrets.
    """
    from tracker.access import accesses_of
    from tracker.cli.tracking import show_report
    from tracker.clock import utc_now
    from tracker.settings import load_settings
    from tracker.shapes import report_shape
    from tracker.teaching.recording import record as record_look

    log_to_stderr()
    settings = load_settings()
    accesses = accesses_of(settings)
    recorded = record_look(accesses, _asked(numbers, carrier), now=utc_now())
    kept = [_keep(case, out, accesses[case.carrier]) for case in recorded.cases]
    if as_json:
        readings = [report_shape(report) for report in recorded.reports]
        emit({"readings": readings, "cases": [_case_shape(one) for one in kept]})
    else:
        for report in recorded.reports:
            show_report(report, settings.zone)
        _say_kept(kept)
        _say_next(kept)
    if not all(report.outcome.is_good for report in recorded.reports):
        raise typer.Exit(1)


def _asked(numbers: list[str], carrier: CarrierName | None) -> list[tuple[str, CarrierName]]:
    from tracker.numbers import assign, normalise

    pairs = [(normalise(one), carrier or assign(normalise(one)).carrier) for one in numbers]
    nobodys = [number for number, whose in pairs if whose is None]
    if nobodys:
        raise UsageError(f"No carrier is known for {', '.join(nobodys)}: name one with --carrier.")
    return [(number, whose) for number, whose in pairs if whose is not None]


def _keep(case: SavedCase, out: Path, access: CarrierAccess | None) -> KeptCase:
    from dataclasses import replace

    from tracker.clock import utc_now
    from tracker.teaching.keeping import free_name, keep_case
    from tracker.teaching.recording import credentials_of

    named = replace(case, name=free_name(out, case.name))
    known = () if access is None else credentials_of(access)
    return keep_case(named, out, looked_at=utc_now(), known=known)


def _case_shape(kept: KeptCase) -> dict[str, object]:
    return {
        "carrier": kept.case.carrier,
        "asked": kept.case.asked,
        "folder": str(kept.folder),
        "changed_by_scrub": list(kept.changed),
    }


def _say_kept(kept: Sequence[KeptCase]) -> None:
    if not kept:
        say("Nothing came that could be saved: run `tracker carriers check`.")
    for one in kept:
        say(f"Saved: {one.folder} (cookies, tokens and personal data taken out)")
        if one.changed:
            say(
                f"  Without them {', '.join(one.changed)} reads otherwise: something that matters "
                "stands where secrets stand. Compare expected.json before you pass the folder on."
            )


def _say_next(kept: Sequence[KeptCase]) -> None:
    if not kept:
        return
    say(
        "Next: compare the reading with the portal in your own browser. If it is right, run "
        f"`tracker carriers confirm {kept[0].case.carrier}`. If not, correct expected.json in the "
        "folder, drop the folder into tests/pages/cases, and send it to whoever keeps the code."
    )


@app.command("confirm")
def confirm(
    carrier: Annotated[CarrierName, typer.Argument(help="Whose readings were right.")],
    as_json: JsonOption = False,
) -> None:
    """
    A person compared readings with the portal and they were right: messages stop asking for it.
    """
    from tracker.cli.opening import opened
    from tracker.clock import utc_now
    from tracker.shapes import instant

    now = utc_now()
    with opened() as (_settings, store), store.begin() as tx:
        tx.health.confirm(carrier, now)
    if as_json:
        emit({"carrier": carrier, "confirmed_at": instant(now)})
    else:
        say(f"{carrier}: confirmed; messages no longer ask to check a number by hand.")
