"""
``tracker carriers record`` and ``learn``: what teaches the reader a portal.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tracker.cli.output import JsonOption, emit, log_to_stderr, say
from tracker.vocabulary import CarrierName, ScanTrackerError, UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from zoneinfo import ZoneInfo

    from tracker.settings import Settings
    from tracker.stages import Tables
    from tracker.teaching.case import SavedCase
    from tracker.teaching.keeping import KeptCase
    from tracker.teaching.learning import Learned, Portal

CASES = Path("cases")


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
    from tracker.cli.sharing import shared
    from tracker.cli.tracking import show_report
    from tracker.clock import utc_now
    from tracker.settings import load_settings
    from tracker.shapes import report_shape
    from tracker.teaching.recording import credentials_of
    from tracker.teaching.recording import record as record_look

    log_to_stderr()
    settings = load_settings()
    accesses = accesses_of(settings)
    asked = _asked(numbers, carrier)
    with shared(settings) as among:
        paused = [among.paused(whose) for whose in dict.fromkeys(whose for _, whose in asked)]
        if any(paused):
            raise ScanTrackerError(" ".join(filter(None, paused)))
        recorded = record_look(accesses, asked, now=utc_now(), slot=among.slot)
    kept = [_keep(case, out, credentials_of(accesses[case.carrier])) for case in recorded.cases]
    if as_json:
        readings = [report_shape(report) for report in recorded.reports]
        emit({"readings": readings, "cases": [_case_shape(one) for one in kept]})
    else:
        for report in recorded.reports:
            show_report(report, settings.zone)
        _say_kept(kept)
        _say_next(kept, understood=all(one.outcome.is_good for one in recorded.reports))
    if not all(report.outcome.is_good for report in recorded.reports):
        raise typer.Exit(1)


def _asked(numbers: list[str], carrier: CarrierName | None) -> list[tuple[str, CarrierName]]:
    from tracker.numbers import assign, normalise

    pairs = [(normalise(one), carrier or assign(normalise(one)).carrier) for one in numbers]
    nobodys = [number for number, whose in pairs if whose is None]
    if nobodys:
        raise UsageError(f"No carrier is known for {', '.join(nobodys)}: name one with --carrier.")
    return [(number, whose) for number, whose in pairs if whose is not None]


def _keep(case: SavedCase, out: Path, known: Sequence[str]) -> KeptCase:
    from dataclasses import replace

    from tracker.clock import utc_now
    from tracker.teaching.keeping import free_name, keep_case

    named = replace(case, name=free_name(out, case.name))
    return keep_case(named, out, looked_at=utc_now(), known=known)


def learn(
    file: Annotated[Path, typer.Argument(help="A page saved in a browser: HTML, MHTML or HAR.")],
    numbers: Annotated[
        list[str] | None, typer.Argument(help="What was asked; left out: what the page shows.")
    ] = None,
    carrier: Annotated[
        CarrierName | None, typer.Option("--carrier", help="Whose page it is.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="A folder for the lines, instead of the screen.")
    ] = None,
    case: Annotated[
        bool, typer.Option("--case", help="Also save a case folder (in --out, else in cases).")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """
    Reads a page that a person saved, offline, and writes profile and wording lines.
    """
    from tracker.clock import utc_now
    from tracker.settings import load_settings
    from tracker.teaching.learning import learn as learn_page
    from tracker.teaching.lessons import profile_text, wording_text
    from tracker.teaching.savedfile import read_saved

    log_to_stderr()
    settings, now = load_settings(), utc_now()
    tables = load_tables_of(settings)
    page = read_saved(file)
    learned = learn_page(
        page,
        numbers or [],
        carrier,
        path=file,
        portals=_portals(settings),
        now=now,
        tables=tables,
    )
    texts = {
        f"{learned.case.carrier}.toml": profile_text(learned, file.name, now=now, tables=tables),
        "wordings.toml": wording_text(learned, file.name),
    }
    written = [] if out is None else write_new(out, texts)
    kept = _keep(learned.case, out or CASES, page.secrets) if case else None
    if as_json:
        _emit_learned(page.kind, learned, texts, written, kept)
    else:
        _say_learned(learned, {} if out else texts, written, kept, settings.zone)
    if not all(report.outcome.is_good for report in learned.reports):
        raise typer.Exit(1)


def load_tables_of(settings: Settings) -> Tables:
    """
    The stage tables with the user's own lines.
    """
    from tracker.stages import load_tables

    return load_tables(settings.wordings.file)


def _portals(settings: Settings) -> dict[CarrierName, Portal]:
    from tracker.teaching.learning import Portal

    clevy, seko = settings.carriers.clevy, settings.carriers.seko
    return {
        CarrierName.SEKO: Portal(urls=(seko.url,), profile=seko.profile),
        CarrierName.CLEVY: Portal(urls=(clevy.url, clevy.api_url), profile=clevy.profile),
    }


def write_new(folder: Path, texts: Mapping[str, str | None]) -> list[Path]:
    """
    Each text in a new file of the folder; nothing is written when one of them is there already.

    Raises :class:`UsageError` then, and when the folder cannot be written.
    """
    wanted = {folder / name: text for name, text in texts.items() if text is not None}
    there = [path for path in wanted if path.exists()]
    if there:
        raise UsageError(f"{there[0]} exists already: nothing is overwritten; name another --out.")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for path, text in wanted.items():
            path.write_bytes(text.encode())
    except OSError as error:
        raise UsageError(f"{folder} cannot be written: {error.strerror}.") from error
    return list(wanted)


def _emit_learned(
    kind: str,
    learned: Learned,
    texts: Mapping[str, str | None],
    written: Sequence[Path],
    kept: KeptCase | None,
) -> None:
    from tracker.shapes import report_shape

    profile, wordings = texts.values()
    emit(
        {
            "kind": kind,
            "carrier": learned.case.carrier,
            "readings": [report_shape(report) for report in learned.reports],
            "remarks": list(learned.remarks),
            "profile": profile,
            "wordings": wordings,
            "written": [str(path) for path in written],
            "case": None if kept is None else _case_shape(kept),
        }
    )


def _say_learned(
    learned: Learned,
    texts: Mapping[str, str | None],
    written: Sequence[Path],
    kept: KeptCase | None,
    zone: ZoneInfo,
) -> None:
    from tracker.cli.tracking import show_report

    for report in learned.reports:
        show_report(report, zone)
    for remark in learned.remarks:
        say(f"Note: {remark}.")
    for name, text in texts.items():
        if text is not None:
            say(f"\n--- {name} ---\n{text.rstrip()}")
    for path in written:
        say(f"Written: {path}")
    _say_kept([kept] if kept else [])
    if not any(texts.values()) and not written:
        say("Nothing certain was found that a profile or a wording file could say.")


def _case_shape(kept: KeptCase) -> dict[str, object]:
    return {
        "carrier": kept.case.carrier,
        "asked": kept.case.asked,
        "folder": str(kept.folder),
        "changed_by_scrub": list(kept.changed),
    }


def _say_kept(kept: Sequence[KeptCase]) -> None:
    for one in kept:
        say(f"Saved: {one.folder} (cookies, tokens and personal data taken out)")
        if one.changed:
            say(
                f"  Without them {', '.join(one.changed)} reads otherwise: something that matters "
                "stands where secrets stand. Compare expected.json before you pass the folder on."
            )


def _say_next(kept: Sequence[KeptCase], *, understood: bool) -> None:
    """
    A failed look shows no reading, so it cannot be a reason to confirm the portal (R9).
    """
    if not kept:
        say("Nothing came that could be saved: run `tracker carriers check`.")
        return
    right = f"If it is right, run `tracker carriers confirm {kept[0].case.carrier}`. If not"
    other = "Where a look failed, there is no reading to confirm: if the portal shows an answer"
    say(
        f"Next: compare with the portal in your own browser. {right if understood else other}, "
        "correct expected.json in the folder, drop the folder into tests/pages/cases, and send it "
        "to whoever keeps the code."
    )
