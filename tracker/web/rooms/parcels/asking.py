"""
The list's address as a question to the watch list, and back: every filter stands in the address.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urlencode

from tracker.calendar import CENTRES
from tracker.model import CarrierName, ParcelState, Service
from tracker.searching import numbers_meant
from tracker.sentences import RefusedError, Sentence
from tracker.shapes import instant
from tracker.store.boards.parcels import DatedBy, ParcelFilter, Place, Sort, place_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from zoneinfo import ZoneInfo

    from tracker.model import Parcel

_KEYS = ("q", "shop", "state", "carrier", "centre", "station", "service", "by", "from", "to")
_LONGEST_SEARCH = 5_000

E = TypeVar("E", bound=StrEnum)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """
    One question: what is wanted, in which order, from which place; ``given`` as it was written.
    """

    wanted: ParcelFilter
    sort: Sort
    after: Place | None
    given: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_narrowed(self) -> bool:
        """
        True when any filter is set.
        """
        return any(key in self.given for key in _KEYS if key != "by")

    def query(self, **changed: str | None) -> str:
        """
        The address's query with these keys changed (``None``: left out), from the first page on.
        """
        return urlencode(
            {key: value for key, value in (dict(self.given) | changed).items() if value}
        )

    def page_after(self, last: Parcel) -> str:
        """
        The query of the page behind the parcel.
        """
        place = place_of(last, self.sort)
        at = f"~{instant(place.at)}" if place.at else ""
        return urlencode([*self.given.items(), ("after", f"{place.parcel_id}{at}")])


def asked(query: Mapping[str, str], zone: ZoneInfo) -> Asked:
    """
    The question in the address; days are those of the zone.

    Raises :class:`RefusedError` for a value that no form of ours gives.
    """
    given = {key: query[key].strip() for key in (*_KEYS, "sort") if query.get(key, "").strip()}
    if len(given.get("q", "")) > _LONGEST_SEARCH:
        raise RefusedError(
            Sentence(
                "The search has more than %(most)s characters: look for fewer numbers.",
                most=_LONGEST_SEARCH,
            )
        )
    if (centre := given.get("centre")) is not None and centre not in CENTRES:
        raise RefusedError(
            Sentence("No sorting centre is called %(centre)s.", centre=repr(centre[:40]))
        )
    last = _day(given, "to")
    wanted = ParcelFilter(
        search=numbers_meant(given.get("q", "")),
        shop=given.get("shop"),
        state=_one_of(ParcelState, given, "state"),
        carrier=_one_of(CarrierName, given, "carrier"),
        centre=centre,
        station=given.get("station"),
        service=_one_of(Service, given, "service"),
        dated_by=_one_of(DatedBy, given, "by") or DatedBy.HANDED_OVER,
        since=_midnight(_day(given, "from"), zone),
        until=_midnight(last + timedelta(days=1) if last else None, zone),
    )
    sort = _one_of(Sort, given, "sort") or Sort.NEWEST
    return Asked(wanted=wanted, sort=sort, after=_place(query.get("after", "")), given=given)


def _one_of(kind: type[E], given: Mapping[str, str], key: str) -> E | None:
    if key not in given:
        return None
    try:
        return kind(given[key])
    except ValueError as error:
        raise RefusedError(
            Sentence(
                "%(key)s is one of %(known)s, not %(given)s.",
                key=key,
                known=", ".join(kind),
                given=repr(given[key][:40]),
            )
        ) from error


def _day(given: Mapping[str, str], key: str) -> date | None:
    if key not in given:
        return None
    try:
        day = date.fromisoformat(given[key])
    except ValueError as error:
        raise RefusedError(
            Sentence("%(day)s is not a day: write 2026-11-20.", day=repr(given[key][:40]))
        ) from error
    if not 2000 <= day.year <= 2100:  # noqa: PLR2004 - beyond, a year is a slip of the finger
        raise RefusedError(Sentence("%(day)s is no day on which a parcel was on its way.", day=day))
    return day


def _midnight(day: date | None, zone: ZoneInfo) -> datetime | None:
    return None if day is None else datetime.combine(day, time.min, zone).astimezone(UTC)


def _place(text: str) -> Place | None:
    if not text:
        return None
    parcel_id, _, at = text.partition("~")
    try:
        return Place(_small(parcel_id), datetime.fromisoformat(at).astimezone(UTC) if at else None)
    except (ValueError, OverflowError) as error:
        raise RefusedError(
            Sentence("This is no page of the list: begin at its first one.")
        ) from error


def _small(text: str) -> int:
    """
    A parcel's id; what no database could hold is none.
    """
    number = int(text)
    if not 0 <= number < 2**31:
        raise ValueError(text)
    return number
