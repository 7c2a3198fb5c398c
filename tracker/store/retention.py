"""
How long portals' answers are kept, and how much room they may take (promises.md R20).

What an open alert rests on stays, however old and large: it may have to be shown to the carrier.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import delete, func, or_, select, update

from tracker.store.evidence import whole_answer
from tracker.store.parts import in_parts
from tracker.store.room import Room
from tracker.store.tables import alerts, evidence, looks, parcels

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import ColumnElement

    from tracker.store.evidence import WholeAnswer

    #: Digest, bytes that go, and when the answer was last seen.
    _Victim = tuple[str, int, datetime]

#: Victims are chosen in lists of this length.
_AT_ONCE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Dropped:
    """
    What had to go for room.
    """

    pictures: int = 0
    answers: int = 0


class KeptEvidence(Room):
    """
    The kept answers within one transaction.
    """

    def whole(self, digest: str) -> WholeAnswer | None:
        """
        One answer with body and picture; ``None`` if it is not kept any more.
        """
        return whole_answer(self._connection, digest)

    def size(self) -> int:
        """
        Bytes of all bodies and pictures as they are stored.
        """
        total = self._connection.execute(select(func.sum(evidence.c.size))).scalar()
        return int(total or 0)

    def forget(self, before: datetime) -> int:
        """
        Answers that no look saw since ``before`` are gone, the looks stay; returns how many.
        """
        result = self._connection.execute(
            delete(evidence).where(evidence.c.last_seen_at < before, _nothing_rests_on_it())
        )
        return result.rowcount

    def keep_within(self, most_bytes: int) -> Dropped:
        """
        The answers take at most ``most_bytes``, as far as nothing open rests on them.

        The pictures of the oldest answers go first, then the oldest answers themselves.
        """
        pictures = self._drop_pictures(self.size() - most_bytes)
        answers = self._drop_answers(self.size() - most_bytes)
        return Dropped(pictures=pictures, answers=answers)

    def _drop_pictures(self, over: int) -> int:
        count = 0
        while over > 0:
            length = func.length(evidence.c.screenshot)
            victims = self._oldest(length, evidence.c.screenshot.is_not(None), over)
            for part in in_parts(victims):
                self._connection.execute(
                    update(evidence)
                    .where(evidence.c.sha256.in_([digest for digest, _, _ in part]))
                    .values(size=evidence.c.size - length, screenshot=None)
                )
            if not victims:
                break
            count += len(victims)
            over -= sum(freed for _, freed, _ in victims)
        return count

    def _drop_answers(self, over: int) -> int:
        count = 0
        while over > 0:
            victims = self._oldest(evidence.c.size, evidence.c.size > 0, over)
            for part in in_parts(victims):
                # An answer that a look has seen again meanwhile is not the oldest any more.
                gone = delete(evidence).where(
                    evidence.c.sha256.in_([digest for digest, _, _ in part]),
                    evidence.c.last_seen_at <= part[-1][2],
                )
                count += self._connection.execute(gone).rowcount
            if not victims:
                break
            over -= sum(freed for _, freed, _ in victims)
        return count

    def _oldest(
        self, freed: ColumnElement[int], condition: ColumnElement[bool], over: int
    ) -> list[_Victim]:
        """
        As many of the oldest answers as free ``over`` bytes, at most one list of them.
        """
        query = (
            select(evidence.c.sha256, freed, evidence.c.last_seen_at)
            .where(condition, _nothing_rests_on_it())
            .order_by(evidence.c.last_seen_at, evidence.c.sha256)
            .limit(_AT_ONCE)
        )
        victims: list[_Victim] = []
        for digest, size, seen_at in self._connection.execute(query):
            if over <= 0:
                break
            victims.append((digest, size, seen_at))
            over -= size
        return victims


def _nothing_rests_on_it() -> ColumnElement[bool]:
    """
    No open alert rests on the answer: its proof, and of two portals every proof since its deadline.
    """
    proves = or_(
        looks.c.id == alerts.c.proof_look_id,
        parcels.c.second_carrier.is_not(None) & (looks.c.looked_at >= alerts.c.deadline),
    )
    needed = (
        select(looks.c.evidence)
        .join(alerts, alerts.c.parcel_id == looks.c.parcel_id)
        .join(parcels, parcels.c.id == looks.c.parcel_id)
        .where(
            alerts.c.closed_at.is_(None),
            alerts.c.proof_look_id.is_not(None),
            looks.c.evidence.is_not(None),
            proves,
        )
    )
    return evidence.c.sha256.not_in(needed)
