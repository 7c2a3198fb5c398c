"""
One rung of the ladder, and the order of the rungs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tracker.model import AlertKind

if TYPE_CHECKING:
    from datetime import datetime

    from alerts.facts import Reason

#: From the lowest rung to the highest: an alert ends when one of a higher kind opens.
LADDER = (
    AlertKind.CONFIRM_HANDOVER,
    AlertKind.URGE_SCAN,
    AlertKind.RAISE_CLAIM,
    AlertKind.FOLLOW_UP_CLAIM,
    AlertKind.ANSWER_CLAIM,
)

#: The two kinds that accuse somebody of not having scanned: they need proof (promises.md P4).
SCAN_KINDS = frozenset({AlertKind.URGE_SCAN, AlertKind.RAISE_CLAIM})


@dataclass(frozen=True, slots=True, kw_only=True)
class Rung:
    """
    The alert that is due, for a scan kind if a good look at or after ``since`` proves it.

    ``reason`` is ``None`` where the proof itself gives the reason.
    """

    kind: AlertKind
    deadline: datetime | None
    since: datetime | None
    reason: Reason | None = None

    @property
    def needs_proof(self) -> bool:
        """
        True for a rung that accuses somebody; what follows a claim rests on the claim.
        """
        return self.kind in SCAN_KINDS


def at_or_above(kind: AlertKind) -> frozenset[AlertKind]:
    """
    The rung's kind and all higher ones.
    """
    return frozenset(LADDER[LADDER.index(kind) :])


def above(kind: AlertKind) -> frozenset[AlertKind]:
    """
    The kinds of higher rungs.
    """
    return at_or_above(kind) - {kind}
