"""
``tracker orders show``: one parcel with everything that is known of it.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tracker.cli.choosing import state_of
from tracker.cli.opening import opened
from tracker.cli.output import JsonOption, emit, handed_over, local, notice, say, table
from tracker.vocabulary import ScanTrackerError

if TYPE_CHECKING:
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from tracker.model import ScanEvent, StoredLook
    from tracker.store import Transaction
    from tracker.store.parcels import WatchRecord

_ANSWERS = {True: "yes", False: "no", None: ""}


def show_order(
    number: Annotated[str, typer.Argument(help="The tracking number, or an order number.")],
    evidence: Annotated[
        Path | None,
        typer.Option("--evidence", help="Write the kept answers and pictures to this new folder."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """
    Shows one parcel with its events, looks and alerts, and what is kept to prove the looks.
    """
    from tracker.clock import utc_now

    broken = False
    with opened() as (settings, store), store.read() as tx:
        keep = timedelta(days=settings.watch.retention_days)
        now = utc_now()
        found = _find(tx, number, now)
        if not found:
            raise ScanTrackerError(f"{number} is not on the watch list; see: tracker orders list")
        if evidence is not None:
            broken = _export(tx, found, evidence, keep)
        for record in found:
            if as_json:
                emit(_full_shape(tx, record, keep, now))
            else:
                _show_parcel(tx, record, settings.zone)
    if broken:
        raise typer.Exit(1)


def _export(tx: Transaction, found: tuple[WatchRecord, ...], folder: Path, keep: timedelta) -> bool:
    """
    The evidence stands in the folder; true if any of it is not what was stored once.
    """
    from tracker.clock import utc_now
    from tracker.proofs.exporting import EvidenceFolder

    done = EvidenceFolder(tx, folder, keep).write([one.parcel for one in found], utc_now())
    notice(f"written to {folder}: answers {done.answers}, pictures {done.pictures}")
    for digest in done.broken:
        notice(f"the answer {digest} has changed since it was stored: it proves nothing")
    return bool(done.broken)


def _find(tx: Transaction, number: str, now: datetime) -> tuple[WatchRecord, ...]:
    from tracker.numbers import normalise

    return tx.parcels.by_number(normalise(number), now) or tx.parcels.by_order(number.strip(), now)


def _full_shape(
    tx: Transaction, record: WatchRecord, keep: timedelta, now: datetime
) -> dict[str, Any]:
    from tracker.shapes import whole_parcel_shape

    parcel = record.parcel
    return whole_parcel_shape(
        parcel,
        events=tx.looks.events(parcel.id),
        sightings=tx.sightings.of(parcel.id),
        looks=tx.looks.of(parcel.id),
        alerts=(*tx.alerts.on_parcel(parcel.id), *tx.alerts.covering(parcel.id)),
        keep=keep,
        now=now,
    )


def _show_parcel(tx: Transaction, record: WatchRecord, zone: ZoneInfo) -> None:
    parcel = record.parcel
    say(f"{parcel.tracking_number or '(no number yet)'}  {parcel.state}")
    facts = (
        ("order", parcel.order_number),
        ("shop", parcel.shop),
        ("service", parcel.service),
        ("asked at", " and ".join(parcel.carriers)),
        ("station", parcel.station),
        ("seller status", parcel.seller_status_text or parcel.seller_status),
        ("ordered", local(parcel.created_at, zone)),
        ("handed over", handed_over(parcel, zone)),
        ("scan deadline", local(parcel.scan_deadline, zone)),
        ("automatic cancellation", local(parcel.auto_cancel_at, zone)),
        ("next look", local(parcel.next_look_at, zone)),
    )
    table(("", ""), [(name, value) for name, value in facts if value])
    _show_history(tx, parcel.id, zone)
    _show_looks(tx, parcel.id, zone)
    _show_alerts(tx, parcel.id, zone)
    say("")


def _stage(event: ScanEvent) -> str:
    """
    The event's stage, marked where a person said what its text means.
    """
    return event.stage if event.wording_id is None else f"{event.stage} (a person said so)"


def _show_history(tx: Transaction, parcel_id: int, zone: ZoneInfo) -> None:
    events = tx.looks.events(parcel_id)
    if events:
        say("\nWhat the portal showed")
        rows = [
            (
                local(one.event.occurred_at, zone),
                _stage(one.event),
                one.event.text,
                one.event.location,
            )
            for one in events
        ]
        table(("when", "stage", "text", "place"), rows)
    sightings = tx.sightings.of(parcel_id)
    if sightings:
        say("\nTold by people")
        told = [
            (local(one.scanned_at, zone), one.source, local(one.told_at, zone)) for one in sightings
        ]
        table(("scanned", "source", "told"), told)


def _show_looks(tx: Transaction, parcel_id: int, zone: ZoneInfo) -> None:
    looks = tx.looks.of(parcel_id)
    if looks:
        say("\nWhen we looked")
        table(
            ("when", "portal", "outcome", "scanned", "evidence", "detail"),
            [
                (
                    local(one.looked_at, zone),
                    one.carrier,
                    one.outcome,
                    _ANSWERS[one.scanned],
                    _kept(one),
                    one.detail,
                )
                for one in looks
            ],
        )


def _kept(look: StoredLook) -> str:
    """
    What is kept of the answer, and the beginning of its digest.
    """
    if look.evidence is None:
        return ""
    picture = " with picture" if look.evidence.has_screenshot else ""
    return f"{look.evidence.sha256[:12]}{picture}"


def _show_alerts(tx: Transaction, parcel_id: int, zone: ZoneInfo) -> None:
    from tracker.clock import utc_now

    alerts = (*tx.alerts.on_parcel(parcel_id), *tx.alerts.covering(parcel_id))
    if alerts:
        say("\nAlerts")
        rows = [
            (
                one.id,
                one.kind,
                state_of(one, utc_now(), zone),
                local(one.opened_at, zone),
                local(one.closed_at, zone),
                one.closed_because or one.reason,
            )
            for one in alerts
        ]
        table(("id", "kind", "state", "opened", "closed", "why"), rows)
