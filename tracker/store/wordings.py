"""
Texts of portals that no stage table knows, and what people say that they mean.

A text is known by its whole normalised form: nobody's word is ever a pattern. It stands in for the
tables where these know nothing, when a look is recorded and for events that are stored already.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sqlalchemy import func, select, tuple_, update
from sqlalchemy.dialects import postgresql, sqlite

from tracker.model import CarrierName, Stage
from tracker.stages import SCAN_STAGES, normalise_text
from tracker.store.conditions import live
from tracker.store.parts import in_parts
from tracker.store.room import Room
from tracker.store.tables import events, parcels, wordings
from tracker.store.types import storable, text_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from sqlalchemy import Connection, RowMapping

    from tracker.model import LookReport, ScanEvent

    Words = Mapping[tuple[CarrierName, str], "Wording"]

#: As much of a normalised text as its row is found by; what matches is compared whole.
_KEY = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """
    A carrier's text that no stage table knows, and a parcel that showed it first.

    ``stage`` is what a person says that it means, ``None``: nobody has said, or it was taken back;
    ``classified_at`` and ``classified_by`` tell when and by whom, ``settled`` whether stored events
    follow it already.
    """

    id: int
    carrier: CarrierName
    text: str
    first_seen_at: datetime
    parcel_id: int | None
    stage: Stage | None
    classified_at: datetime | None
    classified_by: str | None
    settled: bool

    @property
    def subject(self) -> str:
        """
        The subject of the alert about it.
        """
        digest = hashlib.sha256(normalise_text(self.text).encode()).hexdigest()[:16]
        return f"wording:{self.carrier}:{digest}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedWording:
    """
    A wording with what hangs on it.

    ``held_back`` are the live unscanned parcels with an event of it that nothing explains;
    ``last_seen_at`` is when an event of it last came up new.
    """

    wording: Wording
    tracking_number: str | None
    held_back: int
    last_seen_at: datetime


class Wordings(Room):
    """
    Unknown wordings within one transaction.
    """

    def note(self, carrier: CarrierName, text: str, parcel_id: int, now: datetime) -> bool:
        """
        The unknown text is on record; true the first time it is seen (domain.md 4).
        """
        dialect = sqlite if self._connection.dialect.name == "sqlite" else postgresql
        noted = self._connection.execute(
            dialect.insert(wordings)
            .values(
                carrier=carrier.value,
                normalised=normalise_text(text)[:_KEY],
                text=text,
                first_seen_at=now,
                parcel_id=parcel_id,
            )
            .on_conflict_do_nothing()
            .returning(wordings.c.id)
        )
        return noted.scalar() is not None

    def new(self) -> tuple[Wording, ...]:
        """
        Unexplained texts that nobody was told of yet.
        """
        query = (
            select(wordings)
            .where(wordings.c.alerted_at.is_(None), wordings.c.stage.is_(None))
            .order_by(wordings.c.id)
        )
        return tuple(_wording(row) for row in self._connection.execute(query).mappings())

    def alerted(self, wording_id: int, now: datetime) -> bool:
        """
        An alert about the text is open; true for the one who marks it first.
        """
        result = self._connection.execute(
            update(wordings)
            .where(
                wordings.c.id == wording_id,
                wordings.c.alerted_at.is_(None),
                wordings.c.stage.is_(None),
            )
            .values(alerted_at=now)
        )
        return result.rowcount == 1

    def get(self, wording_id: int) -> Wording | None:
        """
        One wording, whether a person explained it or not.
        """
        query = select(wordings).where(wordings.c.id == wording_id)
        row = self._connection.execute(query).mappings().first()
        return None if row is None else _wording(row)

    def told(
        self, wording_id: int, stage: Stage | None, author: str | None, now: datetime
    ) -> Wording:
        """
        A person says what it means, or (``None``) takes it back; stored events do not follow yet.

        Looks that are being recorded with the word as it was have ended. Taken back, it is told to
        the operator anew. Raises :class:`LookupError` when there is no wording of that id.
        """
        self._connection.execute(
            update(wordings)
            .where(wordings.c.id == wording_id)
            .values(
                stage=text_of(stage),
                classified_at=now,
                classified_by=storable(author) if author else None,
                alerted_at=now if stage is not None else None,
                settled=False,
            )
        )
        found = self.get(wording_id)
        if found is None:
            raise LookupError(f"no wording with the id {wording_id}")
        return found

    def unsettled(self) -> tuple[Wording, ...]:
        """
        Those that stored events do not follow yet.
        """
        query = select(wordings).where(wordings.c.settled.is_(False)).order_by(wordings.c.id)
        return tuple(_wording(row) for row in self._connection.execute(query).mappings())

    def settled(self, wording: Wording) -> None:
        """
        Stored events follow it, unless a person said something else since it was read.
        """
        self._connection.execute(
            update(wordings)
            .where(wordings.c.id == wording.id, wordings.c.classified_at == wording.classified_at)
            .values(settled=True)
        )

    def parcels_with(self, wording: Wording) -> tuple[int, ...]:
        """
        The parcels with an event of this text that the tables do not explain.
        """
        query = select(events.c.parcel_id, events.c.text).where(
            events.c.carrier == wording.carrier.value, events.c.stage == Stage.UNCLASSIFIED.value
        )
        whole = normalise_text(wording.text)
        found = {
            parcel_id
            for parcel_id, text in self._connection.execute(query)
            if normalise_text(text) == whole
        }
        explained = select(events.c.parcel_id).where(events.c.wording_id == wording.id)
        found.update(self._connection.execute(explained).scalars())
        return tuple(sorted(found))

    def all(self) -> tuple[ListedWording, ...]:
        """
        Every wording with what hangs on it, in the order in which they came up.
        """
        query = (
            select(wordings, parcels.c.tracking_number)
            .select_from(wordings.outerjoin(parcels, parcels.c.id == wordings.c.parcel_id))
            .order_by(wordings.c.id)
        )
        held, seen = self._unexplained()
        told = self._explained()
        listed = []
        for row in self._connection.execute(query).mappings():
            one = _wording(row)
            key = one.carrier, normalise_text(one.text)
            instants = [one.first_seen_at, seen.get(key), told.get(one.id)]
            listed.append(
                ListedWording(
                    wording=one,
                    tracking_number=row["tracking_number"],
                    held_back=len(held[key]) if key in held else 0,
                    last_seen_at=max(at for at in instants if at is not None),
                )
            )
        return tuple(listed)

    def _unexplained(
        self,
    ) -> tuple[dict[tuple[str, str], set[int]], dict[tuple[str, str], datetime]]:
        """
        By carrier and text: the live unscanned parcels it holds back, and when it was new last.
        """
        waits = (live() & parcels.c.scanned.is_(False)).label("waits")
        query = (
            select(events.c.carrier, events.c.text, events.c.first_seen_at, parcels.c.id, waits)
            .join(parcels, parcels.c.id == events.c.parcel_id)
            .where(events.c.stage == Stage.UNCLASSIFIED.value)
        )
        held: dict[tuple[str, str], set[int]] = defaultdict(set)
        seen: dict[tuple[str, str], datetime] = {}
        for carrier, text, at, parcel_id, waiting in self._connection.execute(query):
            key = carrier, normalise_text(text)
            seen[key] = max(at, seen.get(key, at))
            if waiting:
                held[key].add(parcel_id)
        return held, seen

    def _explained(self) -> dict[int, datetime]:
        """
        When an event of each explained wording was new last.
        """
        query = (
            select(events.c.wording_id, func.max(events.c.first_seen_at))
            .where(events.c.wording_id.is_not(None))
            .group_by(events.c.wording_id)
        )
        return {row[0]: row[1] for row in self._connection.execute(query)}


def words_for(
    connection: Connection, listed: Iterable[tuple[CarrierName, str]], *, lock: bool = True
) -> Words:
    """
    Those of the texts that people explained, by carrier and normalised text.

    With ``lock`` nobody says otherwise of any of them until the transaction ends, so that no look
    is stored with a word that was taken back meanwhile.
    """
    asked = {(carrier.value, normalise_text(text)[:_KEY]) for carrier, text in listed}
    found: dict[tuple[CarrierName, str], Wording] = {}
    for part in in_parts(sorted(asked)):
        query = (
            select(wordings)
            .where(tuple_(wordings.c.carrier, wordings.c.normalised).in_(part))
            .order_by(wordings.c.id)
        )
        query = query.with_for_update(read=True) if lock else query
        for row in connection.execute(query).mappings():
            if row["stage"] is not None:
                word = _wording(row)
                found[word.carrier, normalise_text(word.text)] = word
    return found


def as_told(report: LookReport, words: Words) -> LookReport:
    """
    The report with the stages that people gave to texts which the tables do not know. Pure.
    """
    if report.carrier is None or not words:
        return report
    carrier = report.carrier
    return replace(report, events=tuple(explained(one, carrier, words) for one in report.events))


def explained(event: ScanEvent, carrier: CarrierName, words: Words) -> ScanEvent:
    """
    The event with the stage that a person gave to its text, if the tables gave it none. Pure.

    One that a person explained before, and whose word is not among these, is unclassified again.
    """
    if event.stage is not Stage.UNCLASSIFIED and event.wording_id is None:
        return event
    word = words.get((carrier, normalise_text(event.text)))
    if word is None or word.stage is None:
        return replace(event, stage=Stage.UNCLASSIFIED, is_scan=False, wording_id=None)
    is_scan = word.stage in SCAN_STAGES
    return replace(event, stage=word.stage, is_scan=is_scan, wording_id=word.id)


def _wording(row: RowMapping) -> Wording:
    return Wording(
        id=row["id"],
        carrier=CarrierName(row["carrier"]),
        text=row["text"],
        first_seen_at=row["first_seen_at"],
        parcel_id=row["parcel_id"],
        stage=Stage(row["stage"]) if row["stage"] else None,
        classified_at=row["classified_at"],
        classified_by=row["classified_by"],
        settled=row["settled"],
    )
