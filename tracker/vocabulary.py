"""
The words of the field: whose portal, which stage, what a look came to; and the root of our errors.

Apart from the values of :mod:`tracker.model`, which holds these names too, because the command
line needs the words at once and the values only when it works.
"""

from __future__ import annotations

from enum import StrEnum


class ScanTrackerError(Exception):
    """
    The root of every error of ours that a person can act on: its text is one clear sentence.
    """


class UsageError(ScanTrackerError):
    """
    Wrong usage or configuration; nothing was done (exit code 2).
    """


class CarrierName(StrEnum):
    """
    Whose portal shows the scan.
    """

    SEKO = "seko"  # jtrack, for dropshipping orders
    CLEVY = "clevy"  # Clevy Links, for postal parcels


class Service(StrEnum):
    """
    How the parcel travels; it decides the first rung of the ladder (domain.md 1.1).
    """

    DS = "ds"  # dropshipping: urge Seko first
    POSTAL = "postal"  # economy shipping: raise a claim at once


class SellerStatus(StrEnum):
    """
    The order item's status as the seller's platform gives it (domain.md 1.8).
    """

    PENDING = "PENDING"
    READY_TO_SHIP = "READY_TO_SHIP"
    SHIPPED = "SHIPPED"  # scanned and synchronised
    DELIVERED = "DELIVERED"
    CANCELED = "CANCELED"
    FAILED = "FAILED"  # "Delivered failed"
    RETURNED = "RETURNED"
    UNKNOWN = "UNKNOWN"  # a text that we do not know; the text itself is kept

    @property
    def ends_scan_watch(self) -> bool:
        """
        True when the platform itself says that the parcel was scanned (promises.md R26).
        """
        return self in _ENDS_SCAN_WATCH


_ENDS_SCAN_WATCH = frozenset(
    {
        SellerStatus.SHIPPED,
        SellerStatus.DELIVERED,
        SellerStatus.FAILED,
        SellerStatus.RETURNED,
    }
)


class Stage(StrEnum):
    """
    Where a parcel is in its life, from one carrier event's text or code (contract.md).
    """

    ANNOUNCED = "announced"  # pre-advice: data only, nobody holds the parcel
    RECEIVED = "received"  # the arrival scan
    HELD = "held"  # in hand and stopped: overweight, quality check, contraband
    EXPORT = "export"
    IN_TRANSIT = "in_transit"
    CUSTOMS = "customs"
    OUT_FOR_DELIVERY = "out_for_delivery"
    AVAILABLE_FOR_PICKUP = "available_for_pickup"
    ATTEMPT_FAILED = "attempt_failed"
    DELIVERED = "delivered"
    RETURNING = "returning"
    RETURNED = "returned"
    LOST = "lost"
    DAMAGED = "damaged"
    CANCELLED = "cancelled"
    UNCLASSIFIED = "unclassified"  # a text that no table knows: neither scan nor "not scanned"

    @property
    def is_terminal(self) -> bool:
        """
        True when later noise may not change the parcel's stage any more (promises.md R8).
        """
        return self in _TERMINAL


_TERMINAL = frozenset({Stage.DELIVERED, Stage.RETURNED, Stage.LOST, Stage.DAMAGED})


class Outcome(StrEnum):
    """
    What one look at one number came to. The first three saw; the others could not look.
    """

    EVENTS = "events"
    NO_EVENTS = "no_events"  # the answer says there is nothing yet
    NOT_FOUND = "not_found"  # the answer says it does not know the number
    BLOCKED = "blocked"  # 403, 429, 401, a challenge, a login page
    UNREACHABLE = "unreachable"  # DNS, connect, TLS, time-out, 5xx, a dead browser
    UNREADABLE = "unreadable"  # a whole answer came and no known marker was in it
    MISSING = "missing"  # a whole answer lacked the number
    NO_CARRIER = "no_carrier"  # nobody to ask

    @property
    def is_good(self) -> bool:
        """
        True when the portal was looked at and understood; only such a look proves anything.
        """
        return self in _GOOD


_GOOD = frozenset({Outcome.EVENTS, Outcome.NO_EVENTS, Outcome.NOT_FOUND})


class ParcelState(StrEnum):
    """
    A parcel's place on the watch list (contract.md, ``orders list``).
    """

    NO_NUMBER = "no_number"
    NO_CARRIER = "no_carrier"
    WAITING = "waiting"
    OVERDUE = "overdue"
    UNVERIFIED = "unverified"
    SCANNED = "scanned"
    ENDED = "ended"
    SUPERSEDED = "superseded"
    ARCHIVED = "archived"


class AlertKind(StrEnum):
    """
    What the seller is asked to do, or what the operator must know (contract.md).
    """

    URGE_SCAN = "urge_scan"
    RAISE_CLAIM = "raise_claim"
    FOLLOW_UP_CLAIM = "follow_up_claim"
    ANSWER_CLAIM = "answer_claim"
    CONFIRM_HANDOVER = "confirm_handover"
    UNVERIFIED = "unverified"
    CARRIER_BLIND = "carrier_blind"
    UNKNOWN_WORDING = "unknown_wording"
    MESSAGE_FLOOD = "message_flood"
    STALE_ORDERS = "stale_orders"
    CANCEL_RISK = "cancel_risk"
    RETRIEVE_PARCEL = "retrieve_parcel"
    NOT_SYNCHRONISED = "not_synchronised"
    CLAIM_WINDOW = "claim_window"
    OVERDUE_DELIVERY = "overdue_delivery"
    RETURN_CLAIM = "return_claim"
    PENDING_ORDER = "pending_order"

    @property
    def is_operators(self) -> bool:
        """
        True for alerts about the watching itself, which list parcels and go to the operator.

        Only ``stale_orders`` goes to the shop whose parcels it lists.
        """
        return self in _OPERATORS


_OPERATORS = frozenset(
    {
        AlertKind.UNVERIFIED,
        AlertKind.CARRIER_BLIND,
        AlertKind.UNKNOWN_WORDING,
        AlertKind.MESSAGE_FLOOD,
        AlertKind.STALE_ORDERS,
    }
)


class AlertState(StrEnum):
    """
    How far people got with an alert; "open" on the command line is everything not closed.
    """

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    ACTED = "acted"  # urged or claimed
    CLOSED = "closed"


class ClaimAnswer(StrEnum):
    """
    What Jumia answered to a claim.
    """

    ACCEPTED = "accepted"
    REJECTED = "rejected"
    INFO_NEEDED = "info_needed"  # the case closes unless the seller answers (domain.md 1.6)

    @property
    def ends_claim(self) -> bool:
        """
        True when nothing is left to be done about the claim.
        """
        return self is not ClaimAnswer.INFO_NEEDED


class Act(StrEnum):
    """
    What a person did about a parcel or an alert.
    """

    ACKNOWLEDGED = "acknowledged"
    URGED = "urged"
    CLAIMED = "claimed"  # or wrote again under the case
    ANSWERED = "answered"  # passed on what Jumia answered
    SNOOZED = "snoozed"
    HANDED_OVER = "handed_over"  # said when the parcel reached the centre
    SAW_SCAN = "saw_scan"  # told of a scan that no portal shows
    WITHDREW_SCAN = "withdrew_scan"


class ClosedBecause(StrEnum):
    """
    Why an alert ended.
    """

    SCANNED = "scanned"
    SELLER_STATUS = "seller_status"
    DEADLINE_MOVED = "deadline_moved"
    NUMBER_CHANGED = "number_changed"
    HIGHER_RUNG = "higher_rung"
    MANUAL = "manual"
    RECOVERED = "recovered"
    EXPIRED = "expired"  # the time in which something could be done is over


class DeliveryState(StrEnum):
    """
    Where one notice to one recipient stands.
    """

    PENDING = "pending"
    SENDING = "sending"  # leased by a deliverer
    SENT = "sent"
    REFUSED = "refused"  # parked, never deleted
    SUPERSEDED = "superseded"  # the facts changed before it was sent


class ReadyToShipSource(StrEnum):
    """
    Where a ready-to-ship time comes from (promises.md R25); anything but ``GIVEN`` is a guess.
    """

    GIVEN = "given"
    STATUS_CHANGE = "status_change"  # the file says READY_TO_SHIP: its last status change
    CREATED = "created"
    FIRST_SEEN = "first_seen"


class ProcessRole(StrEnum):
    """
    What a ``tracker run`` is there for.
    """

    ALL = "all"  # everything, in one process
    SCHEDULER = "scheduler"  # says what is to be done when; takes the inbox folder's files
    WORKER = "worker"  # asks the portals
    DELIVER = "deliver"  # decides and delivers, pulls orders, keeps house
    WEB = "web"  # serves the dashboard
