"""
What the deciding rules take and give: facts about one parcel in, one decision out.

Values only. The caller (one deciding round) fills :class:`Facts` from the store, the calendar and
the settings inside its transaction; :mod:`alerts.rules` turns them into a :class:`Decision`; the
caller writes that down. Every instant is an aware ``datetime`` in UTC.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from tracker.model import AlertKind, AlertState, ClosedBecause
from tracker.planning.clocks import ClockTimes

if TYPE_CHECKING:
    from datetime import datetime

    from tracker.model import CarrierName, ClaimAnswer, Outcome, SellerStatus, Service, Stage

_NO_CLOCKS = ClockTimes()
#: The notices that tell of a closing (contract.md, delivery ``notice``).
RESOLVED = "resolved"
WITHDRAWN = "withdrawn"


class Reason(StrEnum):
    """
    Why an alert opens; stored with it and worded by the message.
    """

    NOT_FOUND = "not_found"  # the portal does not know the number
    NO_EVENTS = "no_events"  # the portal knows the number and shows nothing yet
    ANNOUNCED_ONLY = "announced_only"  # every event is a known non-scan
    LOST = "lost"  # the carrier itself says that it lost the parcel
    CANCELLED_UNSCANNED = "cancelled_unscanned"  # cancelled after the deadline, never scanned (R26)
    ASSUMED_HANDOVER = "assumed_handover"  # nobody said that the parcel was handed over (R25)
    CLAIM_UNANSWERED = "claim_unanswered"  # claimed, and neither a scan nor an answer in time
    INFO_NEEDED = "info_needed"  # Jumia asked something about the claim
    CANCEL_NEAR = "cancel_near"  # one lead-time day before automatic cancellation, not scanned
    CANCELLED_SENT = "cancelled_sent"  # the order was cancelled and the parcel is on its way
    SCANNED_NOT_SHIPPED = "scanned_not_shipped"  # the scan is not in Seller Center
    CLAIMS_END = "claims_end"  # no claim was raised and soon none is taken any more
    NOT_DELIVERED = "not_delivered"  # scanned long ago, delivered to nobody
    PICKED_UP = "picked_up"  # a returned parcel was picked up: check the goods
    STILL_PENDING = "still_pending"  # the order is not Ready to Ship yet


@dataclass(frozen=True, slots=True, kw_only=True)
class LookFact:
    """
    One recorded look, as far as it can prove something.

    ``scanned`` is the look's own verdict after foreign events were left out: ``None`` when the look
    failed or showed a text that no table knows.
    """

    look_id: int
    looked_at: datetime
    outcome: Outcome
    scanned: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertFact:
    """
    One alert of the parcel, open or closed.

    ``told`` is true when its first notice was sent, or may have been, to anybody; ``proved_at`` is
    when the look was made that it rests on.
    """

    id: int
    kind: AlertKind
    state: AlertState
    deadline: datetime | None
    closed_because: ClosedBecause | None
    told: bool
    proved_at: datetime | None = None

    @property
    def stands(self) -> bool:
        """
        True until the alert is closed, however far people got with it.
        """
        return self.state is not AlertState.CLOSED


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """
    All that one decision about one parcel rests on, as known at the instant of deciding.

    - ``cancelled_first_seen_at``: when this tracker first saw CANCELED; ``None`` if not cancelled.
    - ``trust_assumed``: the setting ``watch.trust_assumed_handover``.
    - ``scan_deadline``: recomputed now from ``handed_over_at``, given or assumed; ``None`` without
      one. It is the first instant that is late.
    - ``confirm_by``: two lead-time days before ``auto_cancel_at``; ``None`` if unknown.
    - ``scanned``: a scan was ever seen, by a carrier or by a person; only a person's word can be
      taken back.
    - ``urged_at`` and ``claim_after``: when a person urged since the present deadline passed, and
      that instant plus ``claim_wait`` working days; both ``None`` if nobody has.
    - ``claim_by``: one lead-time day before ``auto_cancel_at``; ``None`` if unknown.
    - ``claimed_at``: when a claim was raised, or last followed up; ``claim_answer``: what Jumia
      answered since; ``claim_answer_by``: until when it should; ``reply_by``: until when the seller
      must answer Jumia's question.
    - ``clocks``: when the clocks beside the ladder strike; ``clocks_on``: which are switched on.
    - ``last_look``: the latest attempt. ``last_good``: the latest good look whose round counts as
      proof; where two portals are asked, :func:`alerts.rules.joint_look` of both.
    - ``first_attempt_after_deadline``: the first attempt at or after ``scan_deadline``.
    - ``grace_ends_at``: when ``verify_grace``, counted inside the send window from the later of the
      deadline and that attempt, is over. When nobody even attempts a look, the caller gives the end
      of the first send window after the deadline: P1 does not wait for an attempt.
    - ``unclassified``: the stored events hold a text that no table knows (a ``last_good`` whose
      ``scanned`` is ``None`` says the same and is enough by itself).
    - ``carrier_blind``: the carrier's looks prove nothing at present, even good ones (R9).
    - ``first_scan_at`` and ``scan_first_seen_at`` only serve the line for the log.
    """

    tracking_number: str | None
    service: Service | None
    carrier: CarrierName | None
    seller_status: SellerStatus | None
    seller_status_at: datetime | None
    cancelled_first_seen_at: datetime | None
    created_at: datetime | None
    handed_over_at: datetime | None
    handover_assumed: bool
    trust_assumed: bool
    scan_deadline: datetime | None
    confirm_by: datetime | None
    auto_cancel_at: datetime | None
    scanned: bool
    stage: Stage | None
    superseded: bool
    archived: bool
    urged_at: datetime | None
    claim_after: datetime | None
    last_look: LookFact | None
    last_good: LookFact | None
    first_attempt_after_deadline: datetime | None
    grace_ends_at: datetime | None
    unclassified: bool
    alerts: tuple[AlertFact, ...]
    carrier_blind: bool
    claim_by: datetime | None = None
    claimed_at: datetime | None = None
    claim_answer: ClaimAnswer | None = None
    claim_answer_by: datetime | None = None
    reply_by: datetime | None = None
    clocks: ClockTimes = _NO_CLOCKS
    clocks_on: frozenset[AlertKind] = frozenset()
    first_scan_at: datetime | None = None
    scan_first_seen_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """
    An alert to open now.

    ``deadline`` is part of its identity (one alert per parcel, kind and deadline); ``None`` only
    for a loss, which needs no deadline. ``proof`` is never ``None`` for ``urge_scan`` and
    ``raise_claim``.
    ``reopens`` names the closed alert of the same identity to take up again instead of inserting a
    row.
    """

    kind: AlertKind
    deadline: datetime | None
    reason: Reason
    proof: LookFact | None
    reopens: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Closing:
    """
    An alert to close now, and whether its recipients must hear of it.
    """

    alert_id: int
    because: ClosedBecause
    told: bool

    @property
    def notice(self) -> str | None:
        """
        ``resolved`` or ``withdrawn`` if the end must be told, else ``None``.

        A closing is told only where the opening was, and only where the facts ended the alert: who
        closed it by hand knows, and a higher rung brings its own message.
        """
        return _NOTICES.get(self.because) if self.told else None

    @property
    def tell(self) -> bool:
        """
        True when the closing is told.
        """
        return self.notice is not None


_NOTICES = {
    ClosedBecause.SCANNED: RESOLVED,
    ClosedBecause.SELLER_STATUS: RESOLVED,
    ClosedBecause.RECOVERED: RESOLVED,
    ClosedBecause.DEADLINE_MOVED: WITHDRAWN,
    ClosedBecause.NUMBER_CHANGED: WITHDRAWN,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """
    What to write down about one parcel now.

    ``unverified`` says that the parcel belongs on its carrier's open ``unverified`` list at this
    instant (and off it when false); ``wants_orders`` that a fresh order status is wanted (R27);
    ``look_now`` that a confirming look is wanted with priority;
    ``why`` is one line for the structured log.
    """

    openings: tuple[Opening, ...] = ()
    closings: tuple[Closing, ...] = ()
    unverified: bool = False
    look_now: bool = False
    wants_orders: bool = False
    why: str
