"""
A person says that parcels reached the sorting centre: the clock of their scan begins to run.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from tracker.model import Act
from tracker.planning.watching import settle_all

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from tracker.planning.deadlines import Deadlines
    from tracker.store import Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Handover:
    """
    When a parcel arrived, and who brought it; what is not said stays as it was known.
    """

    at: datetime
    courier: str | None = None
    waybill: str | None = None


def hand_over(
    tx: Transaction,
    deadlines: Deadlines,
    handovers: Mapping[int, Handover],
    now: datetime,
    *,
    author: str | None = None,
) -> None:
    """
    The parcels, by id, are handed over as given, with new deadlines; all of them or none.

    ``author`` is who says it, as known from a login; ``None`` for a command.
    """
    deadlines.follow(tx)
    for parcel_id, draft in tx.parcels.drafts(handovers).items():
        said = handovers[parcel_id]
        given = replace(
            draft,
            handed_over_at=said.at,
            handover_assumed=False,
            courier=said.courier or draft.courier,
            waybill=said.waybill or draft.waybill,
        )
        tx.parcels.change(parcel_id, deadlines.derived(given))
    settle_all(tx, dict.fromkeys(handovers, now), deadlines)
    for said in dict.fromkeys(handovers.values()):
        about = ((None, one) for one, own in handovers.items() if own == said)
        tx.acts.note(Act.HANDED_OVER, now, about, author=author, speaks_of=said.at)
