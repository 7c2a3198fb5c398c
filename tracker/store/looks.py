"""
Looks and scan events: what was asked, what was answered, and what we believe of a parcel since.

The only place where looking changes a parcel. Events never shrink (promises.md R7), and a look
that failed changes nothing that we believe (R5).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, func, insert, select, update

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
from tracker.store.evidence import forget_answers, keep_answers
from tracker.store.tables import events, looks, parcels
from tracker.store.types import storable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sqlalchemy import Connection, RowMapping

    from tracker.model import Evidence

    _Row = RowMapping | dict[str, Any]  # as stored, or as it is going to be

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
        """
        return self.record_all({parcel_id: report})[parcel_id]

    def record_all(self, reports: Mapping[int, LookReport]) -> dict[int, Recorded]:
        """
        One look at each of several parcels is kept, as :meth:`record` keeps one; by parcel id.

        The parcels are locked first: two looks at one parcel are recorded one after the other.
        """
        locked = self._locked(list(reports))
        stored = self._event_rows(list(reports))
        merged = [
            merge(locked[parcel_id], stored.get(parcel_id, []), _storable(report))
            for parcel_id, report in reports.items()
        ]
        look_ids = self._insert(merged)
        self._keep_events(merged)
        self._follow(merged)
        return {
            one.parcel_id: Recorded(
                look_id=look_id,
                first_scan=one.summary["scanned"] and not one.was_scanned,
                news=bool(one.added),
                unknown=one.unknown,
            )
            for one, look_id in zip(merged, look_ids, strict=True)
        }

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

    def forget_answers(self, before: datetime) -> int:
        """
        What portals answered before that instant is gone, the looks stay; returns how many.
        """
        return forget_answers(self._connection, before)

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
        return _history(self._connection.execute(query).mappings(), created)

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
        self._locked([parcel_id])
        own = self._own_events(parcel_id)
        self._connection.execute(
            update(parcels).where(parcels.c.id == parcel_id).values(**_summary(own))
        )

    def _locked(self, parcel_ids: Sequence[int]) -> dict[int, RowMapping]:
        query = (
            select(parcels)
            .where(parcels.c.id.in_(parcel_ids))
            .order_by(parcels.c.id)
            .with_for_update()
        )
        found = {row["id"]: row for row in self._connection.execute(query).mappings()}
        if len(found) < len(parcel_ids):
            gone = sorted(set(parcel_ids) - set(found))
            raise LookupError(f"no parcel with the id {gone[0]}")
        return found

    def _event_rows(self, parcel_ids: Sequence[int]) -> dict[int, list[RowMapping]]:
        query = select(events).where(events.c.parcel_id.in_(parcel_ids)).order_by(events.c.id)
        rows: dict[int, list[RowMapping]] = {}
        for row in self._connection.execute(query).mappings():
            rows.setdefault(row["parcel_id"], []).append(row)
        return rows

    def _latest(self, parcel_id: int, *, good_only: bool) -> StoredLook | None:
        query = select(looks).where(looks.c.parcel_id == parcel_id)
        if good_only:
            query = query.where(looks.c.outcome.in_(_GOOD))
        query = query.order_by(looks.c.looked_at.desc(), looks.c.id.desc()).limit(1)
        row = self._connection.execute(query).mappings().first()
        return None if row is None else _look(row)

    def _insert(self, merged: Sequence[Merged]) -> Sequence[int]:
        """
        The looks' rows, each with the answer behind it if that is to be kept; their ids.
        """
        kept = [(one.evidence, one.look["looked_at"]) for one in merged if one.evidence]
        digests = keep_answers(self._connection, kept)
        rows = [
            one.look | {"evidence": digests[id(one.evidence)] if one.evidence else None}
            for one in merged
        ]
        statement = insert(looks).returning(looks.c.id, sort_by_parameter_order=True)
        return self._connection.execute(statement, rows).scalars().all()

    def _keep_events(self, merged: Sequence[Merged]) -> None:
        added = [values for one in merged for values in one.added]
        if added:
            self._connection.execute(insert(events), added)
        changed = [values for one in merged for values in one.changed]
        if changed:
            self._connection.execute(update(events).where(events.c.id == bindparam("of")), changed)

    def _follow(self, merged: Sequence[Merged]) -> None:
        """
        The parcels' rows follow the looks.
        """
        self._connection.execute(
            update(parcels).where(parcels.c.id == bindparam("of")),
            [one.summary | {"of": one.parcel_id} for one in merged],
        )

    def _own_events(self, parcel_id: int) -> list[ScanEvent]:
        return [one.event for one in self.events(parcel_id) if not one.foreign]


@dataclass(frozen=True, slots=True, kw_only=True)
class Merged:
    """
    What one look changes, as values of rows: the look's own, new events, reworded ones, the parcel.

    ``evidence`` is there when it is to be kept (promises.md R20).
    """

    parcel_id: int
    was_scanned: bool
    look: dict[str, Any]
    added: tuple[dict[str, Any], ...]
    changed: tuple[dict[str, Any], ...]
    summary: dict[str, Any]
    evidence: Evidence | None
    unknown: tuple[str, ...]


def merge(before: RowMapping, stored: Sequence[RowMapping], report: LookReport) -> Merged:
    """
    What a look at the parcel ``before`` with its ``stored`` events changes. Pure.
    """
    added, changed = _merge_events(before["id"], stored, report)
    after = _rows_after(stored, changed, added)
    verdict = _own_verdict(report, before["created_at"])
    lost = _lacks_scan(before, after, report, verdict=verdict)
    told = report.outcome in _TOLD_BAD or verdict is False
    unknown = [event.text for event in report.events if event.stage is Stage.UNCLASSIFIED]
    return Merged(
        parcel_id=before["id"],
        was_scanned=bool(before["scanned"]),
        look={
            "parcel_id": before["id"],
            "carrier": report.carrier.value if report.carrier else None,
            "looked_at": report.looked_at,
            "outcome": report.outcome.value,
            "scanned": verdict,
            "detail": report.detail,
            "flag": SCAN_LOST if lost else None,
        },
        added=tuple(added),
        changed=tuple(changed),
        summary=_summarised(before, after, report, news=bool(added)),
        evidence=report.evidence if told else None,
        unknown=tuple(dict.fromkeys(unknown)),
    )


def _merge_events(
    parcel_id: int, stored: Sequence[RowMapping], report: LookReport
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """
    New events as rows to add, and stored ones whose wording or place moved, as rows to change.
    """
    if not report.events or report.carrier is None:
        return [], []
    known = {row["identity"]: row for row in stored}
    incoming = _by_identity(report.events)
    orphans = [
        row
        for key, row in known.items()
        if key not in incoming and row["carrier"] == report.carrier.value
    ]
    added, changed = [], []
    for key, event in incoming.items():
        if key in known:
            changed += _refreshed(known[key], event, key)
            continue
        reworded = _reworded(event, orphans)
        if reworded is None:
            added.append(_event_values(parcel_id, report, key, event))
        else:
            orphans.remove(reworded)
            changed += _refreshed(reworded, event, key)
    return added, changed


def _refreshed(row: RowMapping, event: ScanEvent, key: str) -> list[dict[str, Any]]:
    """
    The stored event with the new wording and place, if any; what was known of it is never lost.
    """
    known = Stage(row["stage"])
    noise = event.stage is Stage.UNCLASSIFIED or (known.is_terminal and not event.stage.is_terminal)
    values: dict[str, Any] = {
        "text": event.text,
        "location": event.location or row["location"],
        "code": event.code or row["code"],
        "stage": known.value if noise else event.stage.value,
        "is_scan": event.is_scan or row["is_scan"],
        "identity": key,
    }
    if all(row[name] == value for name, value in values.items()):
        return []
    return [values | {"of": row["id"]}]


def _rows_after(
    stored: Sequence[RowMapping],
    changed: Sequence[_Row],
    added: Sequence[_Row],
) -> list[_Row]:
    """
    The parcel's events as they will stand, in the order in which they were first stored.
    """
    by_id = {values["of"]: values for values in changed}
    kept: list[_Row] = [
        {**row, **by_id[row["id"]]} if row["id"] in by_id else row for row in stored
    ]
    return [*kept, *added]


def _lacks_scan(
    before: RowMapping,
    after: Sequence[_Row],
    report: LookReport,
    *,
    verdict: bool | None,
) -> bool:
    """
    True for a good answer without a scan that this carrier had shown (promises.md R7).
    """
    if not (before["scanned"] and report.carrier and report.outcome.is_good) or verdict:
        return False
    own = [
        row
        for row in after
        if row["carrier"] == report.carrier.value
        and row["is_scan"]
        and not _stored(row, before["created_at"]).foreign
    ]
    shown = _by_identity(report.events)
    return bool(own) and not any(row["identity"] in shown for row in own)


def _summarised(
    before: RowMapping, after: Sequence[_Row], report: LookReport, *, news: bool
) -> dict[str, Any]:
    """
    The parcel's summary after the look; what a look does not touch stays as it was.
    """
    values: dict[str, Any] = {
        "last_look_at": _later(before["last_look_at"], report.looked_at),
        "last_outcome": report.outcome.value,
        "last_good_look_at": before["last_good_look_at"],
        "last_news_at": report.looked_at if news else before["last_news_at"],
        "failures": before["failures"] + 1,
        "stage": before["stage"],
        "scanned": bool(before["scanned"]),
        "first_scan_at": before["first_scan_at"],
    }
    if not report.outcome.is_good:
        return values
    own = _summary(one.event for one in _history(after, before["created_at"]) if not one.foreign)
    return values | {
        "last_good_look_at": _later(before["last_good_look_at"], report.looked_at),
        "failures": 0,
        "stage": own["stage"],
        "scanned": values["scanned"] or own["scanned"],
        "first_scan_at": own["first_scan_at"] or before["first_scan_at"],
    }


def _history(rows: Iterable[_Row], order_created_at: datetime | None) -> tuple[StoredEvent, ...]:
    """
    Stored events in order of time, undated ones first; equal instants keep the order of entry.
    """
    found = [_stored(row, order_created_at) for row in rows]
    return tuple(sorted(found, key=lambda one: one.event.occurred_at or _BEFORE_ALL))


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


def _stored(row: _Row, order_created_at: datetime | None) -> StoredEvent:
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
