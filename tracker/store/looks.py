"""
Looks and scan events: what was asked, what was answered, and what we believe of a parcel since.

The only place where looking changes a parcel; what a look changes is worked out in
:mod:`tracker.store.merging`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, func, insert, select, update

from tracker.model import CarrierName, Outcome, Stage, StoredLook
from tracker.store.bulk import add_rows
from tracker.store.counters import LOOKS
from tracker.store.evidence import keep_answers, kept_answer, kept_columns
from tracker.store.history import history, identity, is_foreign, stored_event, summary_of
from tracker.store.marks import marks_of
from tracker.store.merging import merge, storable_report
from tracker.store.parts import in_parts
from tracker.store.records import record_of
from tracker.store.room import Room
from tracker.store.sightings import earliest_told
from tracker.store.tables import events, evidence, looks, parcels
from tracker.store.wordings import as_told, explained, words_for

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement, Connection, RowMapping

    from tracker.model import LookReport, ScanEvent, StoredEvent
    from tracker.store.counters import Counters
    from tracker.store.marks import CarrierMark
    from tracker.store.merging import Merged
    from tracker.store.records import WatchRecord

__all__ = ["Looks", "Recorded", "identity", "is_foreign"]

GOOD = [outcome.value for outcome in Outcome if outcome.is_good]
_NEWER = looks.alias("newer")


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """
    What one recorded look changed.

    ``first_scan`` is true when the parcel became scanned by it; ``news`` when any event was new;
    ``unknown`` are the texts that no table knows; ``after`` is the parcel as the look left it.
    """

    look_id: int
    after: WatchRecord
    first_scan: bool
    news: bool
    unknown: tuple[str, ...]


class Looks(Room):
    """
    Looks and events within one transaction.
    """

    def __init__(self, connection: Connection, counters: Counters) -> None:
        super().__init__(connection)
        self._counters = counters

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
        scanned = [one for one, row in locked.items() if row["scanned"]]
        told = earliest_told(self._connection, scanned)
        plain = self.as_told([storable_report(one) for one in reports.values()], lock=True)
        merged = [
            merge(
                locked[parcel_id],
                stored.get(parcel_id, []),
                report,
                told=told.get(parcel_id),
            )
            for parcel_id, report in zip(reports, plain, strict=True)
        ]
        look_ids = self._insert(merged)
        self._keep_events(merged)
        self._follow(merged)
        for report in reports.values():
            self._counters.add(LOOKS, report.carrier or "none", report.outcome)
        return {
            one.parcel_id: Recorded(
                look_id=look_ids[one.parcel_id],
                after=record_of({**locked[one.parcel_id], **one.summary}, one.look["looked_at"]),
                first_scan=one.summary["scanned"] and not one.was_scanned,
                news=bool(one.added),
                unknown=one.unknown,
            )
            for one in merged
        }

    def of(self, parcel_id: int) -> tuple[StoredLook, ...]:
        """
        Every look at the parcel, oldest first.
        """
        return self.of_several([parcel_id])[parcel_id]

    def of_several(self, parcel_ids: Iterable[int]) -> dict[int, tuple[StoredLook, ...]]:
        """
        Every look at each of the parcels, as :meth:`of`.
        """
        found: dict[int, list[StoredLook]] = {}
        for part in in_parts(parcel_ids):
            found |= {parcel_id: [] for parcel_id in part}
            query = (
                select(looks, *kept_columns())
                .select_from(looks.outerjoin(evidence, evidence.c.sha256 == looks.c.evidence))
                .where(looks.c.parcel_id.in_(part))
                .order_by(looks.c.looked_at, looks.c.id)
            )
            for row in self._connection.execute(query).mappings():
                look = replace(_look(row), reader=row["reader"], evidence=kept_answer(row))
                found[row["parcel_id"]].append(look)
        return {parcel_id: tuple(own) for parcel_id, own in found.items()}

    def last(self, parcel_ids: Iterable[int]) -> dict[int, StoredLook]:
        """
        The latest attempt at each parcel, good or bad; a parcel never looked at is left out.
        """
        return self._newest(parcel_ids)

    def last_good(self, parcel_ids: Iterable[int], carrier: CarrierName) -> dict[int, StoredLook]:
        """
        The latest look at each parcel that saw something at the carrier's portal.
        """
        return self._newest(parcel_ids, _NEWER.c.carrier == carrier, _NEWER.c.outcome.in_(GOOD))

    def marks(self, parcel_ids: Iterable[int]) -> dict[int, dict[CarrierName, CarrierMark]]:
        """
        How looking went at each portal, by parcel and carrier; one never asked is left out.
        """
        return marks_of(self._connection, parcel_ids)

    def first_attempts_since(
        self, parcel_ids: Iterable[int], since: datetime
    ) -> dict[tuple[int, CarrierName], datetime]:
        """
        The instant of the first look at or after ``since``, by parcel and portal.

        Whatever it came to; where there was none the pair is left out.
        """
        found: dict[tuple[int, CarrierName], datetime] = {}
        for part in in_parts(parcel_ids):
            query = (
                select(looks.c.parcel_id, looks.c.carrier, func.min(looks.c.looked_at))
                .where(looks.c.parcel_id.in_(part), looks.c.looked_at >= since)
                .group_by(looks.c.parcel_id, looks.c.carrier)
            )
            for parcel_id, carrier, at in self._connection.execute(query):
                found[parcel_id, CarrierName(carrier)] = at
        return found

    def events(self, parcel_id: int) -> tuple[StoredEvent, ...]:
        """
        The parcel's history in order of time, undated events first.
        """
        return self.events_of([parcel_id])[parcel_id]

    def events_of(self, parcel_ids: Iterable[int]) -> dict[int, tuple[StoredEvent, ...]]:
        """
        Each parcel's history, by its id: in order of time, undated events first.
        """
        found: dict[int, tuple[StoredEvent, ...]] = {}
        for part in in_parts(parcel_ids):
            query = select(parcels.c.id, parcels.c.created_at).where(parcels.c.id.in_(part))
            created = {row[0]: row[1] for row in self._connection.execute(query)}
            rows = self._event_rows(part)
            found |= {one: history(rows.get(one, ()), created.get(one)) for one in part}
        return found

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

    def as_told(self, reports: Sequence[LookReport], *, lock: bool = False) -> list[LookReport]:
        """
        The reports with what people say of texts that no table knows.

        With ``lock`` they say so until the transaction ends.
        """
        words = words_for(
            self._connection,
            [
                (report.carrier, event.text)
                for report in reports
                for event in report.events
                if report.carrier is not None and event.stage is Stage.UNCLASSIFIED
            ],
            lock=lock,
        )
        return [as_told(report, words) for report in reports]

    def reread(self, parcel_id: int) -> bool:
        """
        Stored events follow what people say of their texts now; true if any changed its meaning.

        The parcel is locked, and its summary follows.
        """
        self._locked([parcel_id])
        rows = [
            row
            for row in self._event_rows([parcel_id]).get(parcel_id, [])
            if row["stage"] == Stage.UNCLASSIFIED.value or row["wording_id"] is not None
        ]
        known = [(row["id"], CarrierName(row["carrier"]), stored_event(row, None)) for row in rows]
        words = words_for(self._connection, [(name, one.event.text) for _, name, one in known])
        changed = []
        for event_id, carrier, one in known:
            now = explained(one.event, carrier, words)
            if now != one.event:
                stage = {"stage": now.stage.value, "is_scan": now.is_scan}
                changed.append({"of": event_id, "wording_id": now.wording_id, **stage})
        if changed:
            self._connection.execute(update(events).where(events.c.id == bindparam("of")), changed)
            self.resummarise(parcel_id)
        return bool(changed)

    def resummarise(self, parcel_id: int) -> None:
        """
        The parcel's stage and scan follow its events and what people told again.

        For after its order's facts changed, or a person told of a scan or took it back.
        """
        self._locked([parcel_id])
        told = earliest_told(self._connection, [parcel_id]).get(parcel_id)
        summary = summary_of(self._own_events(parcel_id), told)
        self._connection.execute(update(parcels).where(parcels.c.id == parcel_id).values(**summary))

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

    def _newest(
        self, parcel_ids: Iterable[int], *wanted: ColumnElement[bool]
    ) -> dict[int, StoredLook]:
        """
        The newest look at each parcel of those that are wanted, found by the index of its looks.
        """
        newest = (
            select(_NEWER.c.id)
            .where(_NEWER.c.parcel_id == parcels.c.id, *wanted)
            .order_by(_NEWER.c.looked_at.desc(), _NEWER.c.id.desc())
            .limit(1)
            .scalar_subquery()
        )
        found: dict[int, StoredLook] = {}
        for part in in_parts(parcel_ids):
            of_each = select(newest).where(parcels.c.id.in_(part))
            query = select(looks).where(looks.c.id.in_(of_each))
            for row in self._connection.execute(query).mappings():
                found[row["parcel_id"]] = _look(row)
        return found

    def _insert(self, merged: Sequence[Merged]) -> dict[int, int]:
        """
        The looks' rows, each with the answer behind it if that is to be kept; ids by parcel id.
        """
        kept = [(one.evidence, one.look["looked_at"]) for one in merged if one.evidence]
        digests = keep_answers(self._connection, kept)
        rows = [
            one.look | {"evidence": digests[id(one.evidence)] if one.evidence else None}
            for one in merged
        ]
        # By parcel, each of which is here once: rows asked for in the order of the parameters go to
        # SQLite one by one.
        statement = insert(looks).returning(looks.c.parcel_id, looks.c.id)
        return {row[0]: row[1] for row in self._connection.execute(statement, rows)}

    def _keep_events(self, merged: Sequence[Merged]) -> None:
        add_rows(self._connection, events, [values for one in merged for values in one.added])
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
