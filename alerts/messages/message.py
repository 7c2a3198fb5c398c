"""
What one delivery says, what goes together into one letter, and what a channel is given to send.

Plain values: no clock, no store, no settings. Every instant is aware, in UTC; times are shown to
people in ``Line.zone``.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from tracker.model import (
    AlertKind,
    AlertState,
    CalendarDay,
    CarrierName,
    ClosedBecause,
    Outcome,
    SellerStatus,
    Service,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

FIRST = "first"
RESOLVED = "resolved"
WITHDRAWN = "withdrawn"
CLOSING = frozenset({RESOLVED, WITHDRAWN})
REMINDER = "reminder-"  # followed by the day, YYYY-MM-DD

#: Reasons that change the words; any other reason is shown as it stands.
LOST = "lost"  # the carrier calls the parcel lost (R3)
CANCELLED_UNSCANNED = "cancelled_unscanned"  # cancelled after a deadline without a scan (R26)


@dataclass(frozen=True, slots=True)
class Portal:
    """
    One carrier's portal, for looking a number up by hand.
    """

    carrier: CarrierName | None
    url: str | None
    confirmed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """
    What one delivery says about one alert: the facts as they stood when the delivery was claimed.

    ``notice`` is ``first``, ``reminder-YYYY-MM-DD``, ``resolved`` or ``withdrawn`` (contract.md).
    ``days`` are the days from the hand-over day to the deadline day, both included. ``last_text``
    is what the portal said last, as written there; ``act_by`` is the alert's own deadline where
    that is not the scan's; ``covered`` are the numbers that an operator's
    alert lists; ``urged_at`` and ``case_id`` are what a person has done before; ``told_by`` is who
    told of a scan that no carrier shows. ``urge_mail_to`` is Seko's address to which the program
    mails the urge, ``urge_mailed_at`` when it did. ``portal_url`` is
    where a person can look the number up by hand and ``portal_confirmed`` says that a person has
    confirmed the readings of that portal (promises.md R9). The ``second_`` ones are of the other
    portal of a parcel that may be either's; ``covered_at_both`` are such among ``covered``.
    ``cancel_is_past``: the time of automatic cancellation was over when the line was frozen.
    ``both_steps``: cancellation is so near that urging and claiming are asked for at once.
    ``paste`` are lines for the wording file, escaped already. ``zone`` is the IANA name of the
    sorting centre's zone, in which times are shown.
    """

    delivery_id: int
    alert_id: int
    kind: AlertKind
    notice: str
    zone: str
    opened_at: datetime
    alert_state: AlertState
    reason: str
    tracking_number: str | None = None
    order_number: str | None = None
    shop: str | None = None
    country: str | None = None
    service: Service | None = None
    carrier: CarrierName | None = None
    station: str | None = None
    centre: str | None = None
    courier: str | None = None
    waybill: str | None = None
    handed_over_at: datetime | None = None
    handover_assumed: bool = False
    deadline: datetime | None = None
    act_by: datetime | None = None
    days: tuple[CalendarDay, ...] = ()
    working_days_waited: int | None = None
    auto_cancel_at: datetime | None = None
    working_days_left: int | None = None
    cancel_is_past: bool = False
    calendar_estimated: bool = False
    last_look_at: datetime | None = None
    last_outcome: Outcome | None = None
    last_text: str | None = None
    proof_at: datetime | None = None
    proof_outcome: Outcome | None = None
    seller_status: SellerStatus | None = None
    seller_status_text: str | None = None
    seller_status_at: datetime | None = None
    closed_because: ClosedBecause | None = None
    urged_at: datetime | None = None
    case_id: str | None = None
    both_steps: bool = False
    told_by: str | None = None
    urge_mail_to: str | None = None
    urge_mailed_at: datetime | None = None
    portal_url: str | None = None
    portal_confirmed: bool = False
    second_carrier: CarrierName | None = None
    second_portal_url: str | None = None
    second_portal_confirmed: bool = False
    covered: tuple[str, ...] = ()
    paste: tuple[str, ...] = ()
    covered_at_both: tuple[str, ...] = ()

    @property
    def portals(self) -> tuple[Portal, ...]:
        """
        The portals that show the line's parcels, its own carrier's first.
        """
        own = Portal(self.carrier, self.portal_url, self.portal_confirmed)
        second = Portal(self.second_carrier, self.second_portal_url, self.second_portal_confirmed)
        return (own,) if self.second_carrier is None else (own, second)

    def to_json(self) -> dict[str, Any]:
        """
        The line as JSON values only (instants in UTC with ``Z``), for ``json.dumps`` or a column.
        """
        return {each.name: _plain(getattr(self, each.name)) for each in fields(self)}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Line:
        """
        The line that ``to_json`` stored.

        Keys of a newer version are left out and missing optional keys take their defaults, so that
        a line frozen before an upgrade or a roll-back is still told.
        """
        names = {each.name for each in fields(cls)}
        known = {name: value for name, value in stored.items() if name in names}
        return cls(**{name: _READERS.get(name, _same)(value) for name, value in known.items()})


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """
    Everything one message to one recipient says.

    ``shop`` is ``None`` when the letter is the operator's. ``reference`` stays the same over every
    retry of the message. ``centre_notes`` are whole sentences (promises.md R9). With ``test`` the
    letter is a marked test message and needs no lines. ``import_fresh_orders`` adds the line that
    asks for a fresh order export (promises.md R27). ``reply_to`` are the addresses that read the
    answer to a mail of which Seko's service is the recipient.
    """

    reference: str
    created_at: datetime
    shop: str | None = None
    language: str = "en"
    lines: tuple[Line, ...] = ()
    possible_repeat: bool = False
    reply_to: tuple[str, ...] = ()
    seko_contact: str | None = None
    dashboard_url: str | None = None
    test: bool = False
    centre_notes: tuple[str, ...] = ()
    import_fresh_orders: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """
    A letter in words, ready for any channel.

    ``subject`` is one line. ``blocks`` are Slack Block Kit blocks within Slack's limits. ``csv``
    holds every parcel, headings first, when they are more than the text shows; ``by_hand`` is the
    list of numbers to be looked up by hand, to be filled in and given back. ``chat`` is the text
    for services that take no attachment, and ``cut`` the sentence that ends it when it had to be
    cut. ``reply_to`` are the addresses for answers, none: the sender's. ``letter`` are the facts
    themselves, for programs.
    """

    reference: str
    subject: str
    text: str
    html: str
    blocks: tuple[dict[str, Any], ...]
    csv: str | None = None
    by_hand: str | None = None
    possible_repeat: bool = False
    chat: str = ""
    cut: str = ""
    reply_to: tuple[str, ...] = ()
    letter: Letter | None = None


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, CalendarDay):
        return {"date": value.date.isoformat(), "open": value.open, "why": value.why}
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value


def _same(value: Any) -> Any:
    return value


def _maybe(read: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda value: None if value is None else read(value)


def _days(stored: list[dict[str, Any]]) -> tuple[CalendarDay, ...]:
    return tuple(
        CalendarDay(date=date.fromisoformat(day["date"]), open=day["open"], why=day["why"])
        for day in stored
    )


_instant = _maybe(datetime.fromisoformat)

_READERS: dict[str, Callable[[Any], Any]] = {
    "kind": AlertKind,
    "alert_state": AlertState,
    "service": _maybe(Service),
    "carrier": _maybe(CarrierName),
    "second_carrier": _maybe(CarrierName),
    "last_outcome": _maybe(Outcome),
    "proof_outcome": _maybe(Outcome),
    "seller_status": _maybe(SellerStatus),
    "closed_because": _maybe(ClosedBecause),
    "days": _days,
    "covered": tuple,
    "paste": tuple,
    "covered_at_both": tuple,
    "opened_at": _instant,
    "handed_over_at": _instant,
    "deadline": _instant,
    "act_by": _instant,
    "auto_cancel_at": _instant,
    "last_look_at": _instant,
    "proof_at": _instant,
    "seller_status_at": _instant,
    "urged_at": _instant,
    "urge_mailed_at": _instant,
}
