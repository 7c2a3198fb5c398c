"""
A person tells of a scan, or takes it back: what is believed, and what is refused in a sentence.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tracker.model import Act
from tracker.numbers import normalise
from tracker.planning.watching import settle
from tracker.sentences import Sentence, SentenceError
from tracker.store.history import FOREIGN_BEFORE_ORDER

if TYPE_CHECKING:
    from datetime import datetime

    from tracker.planning.deadlines import Deadlines
    from tracker.store import Transaction
    from tracker.store.parcels import WatchRecord

LONGEST_SOURCE = 200


class NotTakenError(SentenceError):
    """
    Why one telling did not go in; the others do.
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """
    One scan that a person knows of: when the parcel was scanned, and who or what says so.
    """

    tracking_number: str
    at: datetime
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Teller:
    """
    Takes what people say, in one transaction at one instant.

    ``author`` is who says it, as known from a login; ``None`` for a command.
    """

    tx: Transaction
    deadlines: Deadlines
    now: datetime
    author: str | None = None

    def tell(self, telling: Telling) -> tuple[int, bool]:
        """
        The parcel is scanned and decided anew; its id, and whether this was news.

        Raises :class:`NotTakenError` for a number that is not watched and for a time that cannot
        be this parcel's scan.
        """
        record = self._watched(telling.tracking_number)
        number, at = record.parcel.tracking_number, telling.at
        if at > self.now:
            raise NotTakenError(
                Sentence(
                    "%(number)s: the scan %(at)s lies in the future.", number=number, at=_shown(at)
                )
            )
        created = record.parcel.created_at
        if created is not None and at < created - FOREIGN_BEFORE_ORDER:
            raise NotTakenError(
                Sentence(
                    "%(number)s: the scan %(at)s lies more than 3 days before the order "
                    "(%(ordered)s): it is another parcel's, or the time is wrong.",
                    number=number,
                    at=_shown(at),
                    ordered=_shown(created),
                )
            )
        source = " ".join(telling.source.split())[:LONGEST_SOURCE]
        news = self.tx.sightings.tell(record.parcel.id, at, source, self.now)
        if news:
            self._follow(record.parcel.id)
            self._note(Act.SAW_SCAN, record.parcel.id, speaks_of=at, detail=source)
        return record.parcel.id, news

    def withdraw(self, tracking_number: str) -> int:
        """
        What people told of the parcel is taken back and it is decided anew; its id.

        It stays scanned if a carrier showed a scan. Raises :class:`NotTakenError` for a number that
        is not watched, or of which nobody told a scan.
        """
        record = self._watched(tracking_number)
        if not self.tx.sightings.withdraw(record.parcel.id):
            number = record.parcel.tracking_number
            raise NotTakenError(
                Sentence(
                    "%(number)s: nobody told of a scan, so there is nothing to take back.",
                    number=number,
                )
            )
        self._follow(record.parcel.id)
        self._note(Act.WITHDREW_SCAN, record.parcel.id)
        return record.parcel.id

    def _watched(self, tracking_number: str) -> WatchRecord:
        number = normalise(tracking_number)
        record = self.tx.parcels.live(number, self.now)
        if record is None or record.parcel.order_number is None:
            raise NotTakenError(not_watched(number))
        return record

    def _note(
        self,
        act: Act,
        parcel_id: int,
        *,
        speaks_of: datetime | None = None,
        detail: str | None = None,
    ) -> None:
        self.tx.acts.note(
            act,
            self.now,
            [(None, parcel_id)],
            author=self.author,
            speaks_of=speaks_of,
            detail=detail,
        )

    def _follow(self, parcel_id: int) -> None:
        self.tx.looks.resummarise(parcel_id)
        settle(self.tx, parcel_id, self.deadlines, self.now)


def not_watched(number: str) -> Sentence:
    """
    That nobody watches the number.
    """
    return Sentence("%(number)s is not on the watch list: import its order first.", number=number)


def _shown(at: datetime) -> str:
    return at.isoformat(timespec="minutes")
