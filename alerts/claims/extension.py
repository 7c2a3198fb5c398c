"""
The draft of a lead-time-extension claim, where a sorting centre is late or closed (domain.md 1.2).

It speaks of orders that still can be saved: not scanned, not cancelled, and their automatic
cancellation still ahead. Statutory holidays are left out: the rules do not count them anyway.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from alerts.centres import seems_late
from alerts.claims.fitting import in_files
from alerts.messages.clean import NAME, NUMBER, TEXT, one_line
from alerts.messages.words import Words, stamp
from tracker.calendar.centres import CENTRES, MAINLAND_ZONE, centre_name
from tracker.model import ParcelState
from tracker.stations import country_code

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date, datetime

    from tracker.model import CarrierName, Parcel
    from tracker.planning.deadlines import Deadlines
    from tracker.settings import Settings
    from tracker.store import Transaction

MOST_ORDERS = 1000
_WORDS = Words("en")


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Closure:
    """
    Days on which a centre took no parcels, as they were entered.
    """

    centre: str
    first: date
    last: date
    note: str | None


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class LateCentre:
    """
    A centre that left ``late`` of its ``due`` last parcels unscanned (promises.md R9).
    """

    centre: str
    late: int
    due: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Extension:
    """
    Why one country site is asked for more time, and for which parcels, in the order of entry.
    """

    country: str | None
    closures: tuple[Closure, ...]
    late: tuple[LateCentre, ...]
    parcels: tuple[Parcel, ...]


class ExtensionFinder:
    """
    Finds out within one transaction who needs more time.

    Within a ``scope``, the shops that its reader may see, nothing of others is told or counted.
    """

    def __init__(
        self,
        tx: Transaction,
        deadlines: Deadlines,
        now: datetime,
        scope: frozenset[str] | None = None,
    ) -> None:
        self._tx = tx
        self._deadlines = deadlines
        self._settings = deadlines.settings
        self._now = now
        self._scope = scope
        self._late: dict[tuple[str, CarrierName], LateCentre | None] = {}

    def find(
        self,
        *,
        shop: str | None = None,
        country: str | None = None,
        centre: str | None = None,
    ) -> tuple[Extension, ...]:
        """
        One extension for each country site with parcels that a late or closed centre holds up.
        """
        found: dict[str | None, _Gathered] = {}
        board = self._tx.centre_board
        for parcel in board.rescuable(self._scope, self._now, shop=shop, centre=centre):
            site = self._country(parcel)
            if country not in {None, site}:
                continue
            closures, late = self._closures(parcel), self._lateness(parcel)
            if closures or late:
                found.setdefault(site, _Gathered()).add(parcel, closures, late)
        sites = sorted(found, key=lambda site: site or "")
        return tuple(found[site].extension(site) for site in sites)

    def _country(self, parcel: Parcel) -> str | None:
        shop = self._settings.shop(parcel.shop)
        country = parcel.country or (shop.country if shop else None)
        return country_code(country) if country else None

    def _closures(self, parcel: Parcel) -> list[Closure]:
        """
        The entered closures of the parcel's centre within its lead time.
        """
        if parcel.centre is None or parcel.created_at is None or parcel.auto_cancel_at is None:
            return []
        first = parcel.created_at.astimezone(MAINLAND_ZONE).date()
        last = parcel.auto_cancel_at.astimezone(MAINLAND_ZONE).date()
        return [
            Closure(centre=parcel.centre, first=one.first, last=one.last, note=_maybe(one.note))
            for one in self._deadlines.exceptions
            if one.closed and one.first <= last and one.last >= first
            if self._deadlines.concerns(one, parcel.centre, parcel.carrier)
        ]

    def _lateness(self, parcel: Parcel) -> LateCentre | None:
        """
        The parcel's centre if it is late as a whole, and this parcel is among what it is late with.
        """
        if parcel.state is not ParcelState.OVERDUE or parcel.handover_assumed:
            return None
        if parcel.centre is None or parcel.carrier is None:
            return None
        key = parcel.centre, parcel.carrier
        if key not in self._late:
            counts = seems_late(self._tx, *key, self._now, self._scope)
            self._late[key] = counts and LateCentre(
                centre=parcel.centre, late=counts[0], due=counts[1]
            )
        return self._late[key]


class _Gathered:
    """
    One country's extension while it grows.
    """

    def __init__(self) -> None:
        self._parcels: list[Parcel] = []
        self._closures: set[Closure] = set()
        self._late: set[LateCentre] = set()

    def add(self, parcel: Parcel, closures: list[Closure], late: LateCentre | None) -> None:
        self._parcels.append(parcel)
        self._closures |= set(closures)
        self._late |= {late} if late else set()

    def extension(self, country: str | None) -> Extension:
        return Extension(
            country=country,
            closures=tuple(
                sorted(self._closures, key=lambda one: (one.centre, one.first, one.last))
            ),
            late=tuple(sorted(self._late)),
            parcels=tuple(self._parcels),
        )


def _maybe(text: str | None) -> str | None:
    return one_line(text, TEXT) or None if text else None


def registered_emails(settings: Settings) -> Mapping[str | None, str | None]:
    """
    Each configured shop's address that Jumia knows it by.
    """
    return {shop.name: shop.registered_email for shop in settings.shops}


def drafts(
    extension: Extension, emails: Mapping[str | None, str | None], limit: int
) -> tuple[tuple[tuple[Parcel, ...], bytes], ...]:
    """
    The text to be filled in, English and Chinese, in files that keep within ``limit`` bytes.

    ``emails`` are the registered addresses by shop.
    """

    def build(parcels: Sequence[Parcel]) -> bytes:
        return "\n".join(_lines(extension, parcels, emails)).encode("utf-8", "replace")

    return in_files(extension.parcels, build, limit=limit, most=MOST_ORDERS)


def _lines(
    extension: Extension, parcels: Sequence[Parcel], emails: Mapping[str | None, str | None]
) -> Iterator[str]:
    country = one_line(extension.country or "unknown", NAME)
    yield "DRAFT, to be read before it is sent 草稿，请先核对再提交"
    yield ""
    for shop in dict.fromkeys(parcel.shop for parcel in parcels):
        yield f"Shop 店铺: {one_line(shop or '(unknown)', NAME)}"
        yield f"Registered e-mail 注册邮箱: {emails.get(shop) or '(fill in)'}"
    for language in ("en", "zh"):
        yield ""
        yield from _WORDS.lines(
            "claim_pack", f"extension_{language}", country, extension.closures, extension.late
        )
    yield ""
    yield f"Orders concerned 涉及订单 ({len(parcels)}):"
    yield from map(_row, parcels)
    yield ""


def _row(parcel: Parcel) -> str:
    said = [
        parcel.order_number,
        parcel.tracking_number,
        parcel.station or parcel.centre,
        f"{parcel.courier or 'courier'} {parcel.waybill}" if parcel.waybill else None,
    ]
    told = [one_line(text, NUMBER) for text in said if text]
    if parcel.handed_over_at and not parcel.handover_assumed:
        told.append(f"handed over 送达 {_stamp(parcel.handed_over_at, parcel)}")
    if parcel.auto_cancel_at:
        told.append(f"automatic cancellation 自动取消 {_stamp(parcel.auto_cancel_at, parcel)}")
    return "- " + ", ".join(told)


def _stamp(instant: datetime, parcel: Parcel) -> str:
    zone = CENTRES[centre_name(parcel.centre)].zone if parcel.centre else MAINLAND_ZONE
    return stamp(instant, zone.key)
