"""
Looks and scan events: what was asked, what was answered, and what we believe of a parcel since.

The only place where looking changes a parcel. Events never shrink (promises.md R7), and a look
that failed changes nothing that we believe (R5).
"""

from __future__ import annotations

import hashlib
import zlib
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, insert, select, update

from tracker.model import (
    CarrierName,
    LookReport,
    Outcome,
    ScanEvent,
    Stage,
    StoredEvent,
    StoredLook,
    first_scan,
    scanned_by,
    stage_of,
)
from tracker.stages import normalise_text
from tracker.store.parcels import inserted_id
from tracker.store.tables import events, evidence, looks, parcels
from tracker.store.types import storable

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import Connection, RowMapping

#: Events this long before the order are an earlier parcel's that bore the number (R7).
FOREIGN_BEFORE_ORDER = timedelta(days=3)
_GOOD = [outcome.value for outcome in Outcome if outcome.is_good]
_TOLD_BAD = frozenset({Outcome.UNREADABLE, Outcome.BLOCKED})
SCAN_LOST = "scan_lost"
_BEFORE_ALL = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """
    What one recorded look changed.

    ``first_scan`` is true when the parcel became scanned by it; ``news`` when any event was new;
    ``unknown`` are the texts that no table knows.
    """

    look_id: int
    first_scan: bool
    news: bool
    unknown: tuple[str, ...]


class Looks:
    """
    Looks and events within one transaction.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def record(self, parcel_id: int, report: LookReport) -> Recorded:
        """
        The look is kept, its events are merged, and the parcel's summary follows.

        The parcel is locked first: two looks at it are recorded one after the other.
        """
        report = _storable(report)
        before = self._locked(parcel_id)
        news = self._merge(parcel_id, report)
        verdict = _own_verdict(report, before["created_at"])
        flag = SCAN_LOST if self._lacks_scan(before, report, verdict=verdict) else None
        look_id = self._insert(parcel_id, report, verdict=verdict, flag=flag)
        if report.outcome in _TOLD_BAD or verdict is False:
            self._keep_evidence(look_id, report)
        scanned = self._summarise(before, report, news=news)
        unknown = [event.text for event in report.events if event.stage is Stage.UNCLASSIFIED]
        return Recorded(
            look_id=look_id,
            first_scan=scanned and not before["scanned"],
            news=news,
            unknown=tuple(dict.fromkeys(unknown)),
        )

    def of(self, parcel_id: int) -> tuple[StoredLook, ...]:
        """
        Every look at the parcel, oldest first.
        """
        query = (
            select(looks)
            .where(looks.c.parcel_id == parcel_id)
            .order_by(looks.c.looked_at, looks.c.id)
        )
        return tuple(_look(row) for row in self._connection.execute(query).mappings())

    def last(self, parcel_id: int) -> StoredLook | None:
        """
        The latest attempt, good or bad.
        """
        return self._latest(parcel_id, good_only=False)

    def last_good(self, parcel_id: int) -> StoredLook | None:
        """
        The latest look that saw something.
        """
        return self._latest(parcel_id, good_only=True)

    def first_attempt_since(self, parcel_id: int, since: datetime) -> datetime | None:
        """
        The instant of the first look at or after ``since``, whatever it came to.
        """
        query = select(func.min(looks.c.looked_at)).where(
            looks.c.parcel_id == parcel_id, looks.c.looked_at >= since
        )
        value = self._connection.execute(query).scalar()
        return value if value is None or isinstance(value, datetime) else None

    def events(self, parcel_id: int) -> tuple[StoredEvent, ...]:
        """
        The parcel's history in order of time, undated events first.
        """
        created = self._connection.execute(
            select(parcels.c.created_at).where(parcels.c.id == parcel_id)
        ).scalar()
        query = select(events).where(events.c.parcel_id == parcel_id).order_by(events.c.id)
        found = [_stored(row, created) for row in self._connection.execute(query).mappings()]
        found.sort(key=lambda one: one.event.occurred_at or _BEFORE_ALL)
        return tuple(found)

    def last_of(self, carrier: CarrierName) -> StoredLook | None:
        """
        The latest attempt at any of the carrier's parcels.
        """
        query = (
            select(looks)
            .where(looks.c.carrier == carrier.value)
            .order_by(looks.c.looked_at.desc(), looks.c.id.desc())
            .limit(1)
        )
        row = self._connection.execute(query).mappings().first()
        return None if row is None else _look(row)

    def recent_outcomes(self, carrier: CarrierName, limit: int) -> tuple[Outcome, ...]:
        """
        What the carrier's latest looks came to, newest first.
        """
        query = (
            select(looks.c.outcome)
            .where(looks.c.carrier == carrier.value)
            .order_by(looks.c.looked_at.desc(), looks.c.id.desc())
            .limit(limit)
        )
        return tuple(Outcome(value) for value in self._connection.execute(query).scalars())

    def resummarise(self, parcel_id: int) -> None:
        """
        The parcel's stage and scan follow its events again, after its order's facts changed.
        """
        self._locked(parcel_id)
        own = self._own_events(parcel_id)
        self._connection.execute(
            update(parcels).where(parcels.c.id == parcel_id).values(**_summary(own))
        )

    def _locked(self, parcel_id: int) -> RowMapping:
        query = select(parcels).where(parcels.c.id == parcel_id).with_for_update()
        return self._connection.execute(query).mappings().one()

    def _latest(self, parcel_id: int, *, good_only: bool) -> StoredLook | None:
        query = select(looks).where(looks.c.parcel_id == parcel_id)
        if good_only:
            query = query.where(looks.c.outcome.in_(_GOOD))
        query = query.order_by(looks.c.looked_at.desc(), looks.c.id.desc()).limit(1)
        row = self._connection.execute(query).mappings().first()
        return None if row is None else _look(row)

    def _insert(
        self, parcel_id: int, report: LookReport, *, verdict: bool | None, flag: str | None
    ) -> int:
        result = self._connection.execute(
            insert(looks).values(
                parcel_id=parcel_id,
                carrier=report.carrier.value if report.carrier else None,
                looked_at=report.looked_at,
                outcome=report.outcome.value,
                scanned=verdict,
                detail=report.detail,
                flag=flag,
            )
        )
        return inserted_id(result)

    def _keep_evidence(self, look_id: int, report: LookReport) -> None:
        kept = report.evidence
        if kept is None:
            return
        body = (kept.body or "").encode("utf-8", "replace")
        self._connection.execute(
            insert(evidence).values(
                look_id=look_id,
                url=kept.url,
                http_status=kept.http_status,
                content_type=kept.content_type,
                reader=kept.reader,
                sha256=hashlib.sha256(body).hexdigest(),
                body=zlib.compress(body),
                screenshot=kept.screenshot,
            )
        )

    def _merge(self, parcel_id: int, report: LookReport) -> bool:
        """
        New events are added and reworded ones updated in place; true when there was news.
        """
        if not report.events or report.carrier is None:
            return False
        query = select(events).where(events.c.parcel_id == parcel_id).order_by(events.c.id)
        known = {row["identity"]: row for row in self._connection.execute(query).mappings()}
        incoming = _by_identity(report.events)
        fresh = {key: event for key, event in incoming.items() if key not in known}
        orphans = [
            row
            for key, row in known.items()
            if key not in incoming and row["carrier"] == report.carrier.value
        ]
        for key, event in incoming.items():
            if key in known:
                self._refresh(known[key], event)
        added = []
        for key, event in fresh.items():
            reworded = _reworded(event, orphans)
            if reworded is None:
                added.append(_event_values(parcel_id, report, key, event))
            else:
                orphans.remove(reworded)
                self._refresh(reworded, event, key=key)
        if added:
            self._connection.execute(insert(events), added)
        return bool(added)

    def _refresh(self, row: RowMapping, event: ScanEvent, key: str | None = None) -> None:
        """
        The stored event takes the new wording and place; what was known of it is never lost.
        """
        learned = event.stage is not Stage.UNCLASSIFIED
        values: dict[str, Any] = {
            "text": event.text,
            "location": event.location or row["location"],
            "code": event.code or row["code"],
            "stage": event.stage.value if learned else row["stage"],
            "is_scan": event.is_scan or row["is_scan"],
        }
        if key is not None:
            values["identity"] = key
        if any(row[name] != value for name, value in values.items()):
            self._connection.execute(
                update(events).where(events.c.id == row["id"]).values(**values)
            )

    def _lacks_scan(self, before: RowMapping, report: LookReport, *, verdict: bool | None) -> bool:
        """
        True for a good answer without a scan that this carrier had shown (promises.md R7).
        """
        if not (before["scanned"] and report.carrier and report.outcome.is_good) or verdict:
            return False
        query = select(events).where(
            events.c.parcel_id == before["id"],
            events.c.carrier == report.carrier.value,
            events.c.is_scan,
        )
        rows = self._connection.execute(query).mappings().all()
        own = [row for row in rows if not _stored(row, before["created_at"]).foreign]
        shown = _by_identity(report.events)
        return bool(own) and not any(row["identity"] in shown for row in own)

    def _own_events(self, parcel_id: int) -> list[ScanEvent]:
        return [one.event for one in self.events(parcel_id) if not one.foreign]

    def _summarise(self, before: RowMapping, report: LookReport, *, news: bool) -> bool:
        """
        The parcel's row follows the look; returns whether the parcel is scanned now.
        """
        values: dict[str, Any] = {
            "last_look_at": _later(before["last_look_at"], report.looked_at),
            "last_outcome": report.outcome.value,
        }
        scanned = bool(before["scanned"])
        if report.outcome.is_good:
            last = _later(before["last_good_look_at"], report.looked_at)
            values |= {"last_good_look_at": last, "failures": 0}
            summary = _summary(self._own_events(before["id"]))
            scanned = scanned or summary["scanned"]
            values |= summary | {"scanned": scanned}
            if before["first_scan_at"] is not None and summary["first_scan_at"] is None:
                values["first_scan_at"] = before["first_scan_at"]
        else:
            values["failures"] = before["failures"] + 1
        if news:
            values["last_news_at"] = report.looked_at
        self._connection.execute(
            update(parcels).where(parcels.c.id == before["id"]).values(**values)
        )
        return scanned


def identity(event: ScanEvent) -> str:
    """
    What makes an event the same event: instant + code-or-normalised-text (promises.md R7).
    """
    at = event.occurred_at
    instant = at.astimezone(UTC).isoformat() if at else "undated"
    what = f"code:{event.code}" if event.code else f"text:{normalise_text(event.text)}"
    return hashlib.sha256(f"{instant}|{what}".encode()).hexdigest()


def _by_identity(listed: Iterable[ScanEvent]) -> dict[str, ScanEvent]:
    """
    Each event once; of two with one identity the scan is kept.
    """
    found: dict[str, ScanEvent] = {}
    for event in listed:
        known = found.get(identity(event))
        if known is None or event.is_scan or not known.is_scan:
            found[identity(event)] = event
    return found


def _storable(report: LookReport) -> LookReport:
    """
    The report as it can be stored: a failed look shows nothing, and hostile texts are made plain.
    """
    listed = report.events if report.outcome.is_good else ()
    plain = tuple(
        replace(
            event,
            text=storable(event.text),
            code=storable(event.code) if event.code else None,
            location=storable(event.location) if event.location else None,
        )
        for event in listed
    )
    detail = storable(report.detail) if report.detail else None
    return replace(report, events=plain, detail=detail)


def _reworded(event: ScanEvent, orphans: Sequence[RowMapping]) -> RowMapping | None:
    """
    The stored event that this one is another wording of: same instant, stages that agree.

    Only an event that the new answer no longer shows can have been reworded, so that two
    different events of one instant stay two.
    """
    for row in orphans:
        stages = {row["stage"], event.stage.value} - {Stage.UNCLASSIFIED.value}
        if row["occurred_at"] == event.occurred_at is not None and len(stages) <= 1:
            return row
    return None


def _event_values(parcel_id: int, report: LookReport, key: str, event: ScanEvent) -> dict[str, Any]:
    return {
        "parcel_id": parcel_id,
        "carrier": report.carrier.value if report.carrier else "",
        "identity": key,
        "occurred_at": event.occurred_at,
        "zone": event.zone,
        "zone_assumed": event.zone_assumed,
        "stage": event.stage.value,
        "is_scan": event.is_scan,
        "code": event.code,
        "text": event.text,
        "location": event.location,
        "first_seen_at": report.looked_at,
    }


def _later(known: datetime | None, new: datetime) -> datetime:
    return new if known is None else max(known, new)


def _summary(own: Iterable[ScanEvent]) -> dict[str, Any]:
    listed = list(own)
    stage = stage_of(listed)
    return {
        "stage": stage.value if stage else None,
        "scanned": any(event.is_scan for event in listed),
        "first_scan_at": first_scan(listed),
    }


def _look(row: RowMapping) -> StoredLook:
    return StoredLook(
        id=row["id"],
        parcel_id=row["parcel_id"],
        carrier=CarrierName(row["carrier"]) if row["carrier"] else None,
        looked_at=row["looked_at"],
        outcome=Outcome(row["outcome"]),
        scanned=row["scanned"],
        detail=row["detail"],
        flag=row["flag"],
    )


def _stored(row: RowMapping, order_created_at: datetime | None) -> StoredEvent:
    event = ScanEvent(
        occurred_at=row["occurred_at"],
        zone=row["zone"],
        zone_assumed=row["zone_assumed"],
        stage=Stage(row["stage"]),
        is_scan=row["is_scan"],
        code=row["code"],
        text=row["text"],
        location=row["location"],
    )
    return StoredEvent(
        event=event,
        carrier=CarrierName(row["carrier"]),
        first_seen_at=row["first_seen_at"],
        foreign=is_foreign(event, order_created_at),
    )


def is_foreign(event: ScanEvent, order_created_at: datetime | None) -> bool:
    """
    True for an event of an earlier parcel that bore the same number (promises.md R7).
    """
    if order_created_at is None or event.occurred_at is None:
        return False
    return event.occurred_at < order_created_at - FOREIGN_BEFORE_ORDER


def _own_verdict(report: LookReport, order_created_at: datetime | None) -> bool | None:
    """
    The look's verdict on this parcel: an earlier parcel's events say nothing about it.
    """
    if not report.outcome.is_good:
        return None
    return scanned_by(e for e in report.events if not is_foreign(e, order_created_at))
