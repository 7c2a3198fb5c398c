"""
What every look-alike has to tell: four stories of a parcel, for numbers of both shapes.

Texts are those of domain.md sections 3.3 and 4. The portal prints Shanghai time.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")


class Story(Enum):
    """
    What the portal knows of a number.
    """

    SCANNED = "scanned"
    PRE_ADVICE = "pre-advice"
    NOTHING = "nothing-yet"
    UNKNOWN = "not-found"


@dataclass(frozen=True, slots=True)
class Event:
    """
    One event as the carrier holds it: its instant, and text and place in two languages.
    """

    at: datetime
    en: str
    zh: str
    place: str
    place_zh: str

    @property
    def day(self) -> str:
        """
        The day by the portal's clock, for headings.
        """
        return self.at.strftime("%Y-%m-%d")

    @property
    def utc(self) -> datetime:
        """
        The instant for a portal that prints UTC.
        """
        return self.at.astimezone(UTC)


@dataclass(frozen=True, slots=True)
class Parcel:
    """
    One number and its events, oldest first.
    """

    number: str
    story: Story
    events: tuple[Event, ...] = ()

    @property
    def known(self) -> bool:
        """
        Whether the portal has heard of the number.
        """
        return self.story is not Story.UNKNOWN

    @property
    def first_scan_at(self) -> datetime | None:
        """
        When the sorting centre scanned it.
        """
        return self.events[2].at if self.story is Story.SCANNED else None


_CHAIN = (
    ("Shipping information received", "已收到发货信息", "HONG KONG", "香港"),
    ("Parcel data received", "包裹数据已收到", "HONG KONG", "香港"),
    ("Parcel received and accepted", "包裹已到达仓库", "SHENZHEN", "深圳"),
    ("Processed through export hub", "包裹打包", "SHENZHEN", "深圳"),
)


def _s10(service: str, serial: str, country: str) -> str:
    """
    The postal number with its check digit (UPU S10, domain.md section 2).
    """
    total = sum(w * int(d) for w, d in zip((8, 6, 4, 2, 3, 5, 9, 7), serial, strict=True))
    check = {10: 0, 11: 5}.get(11 - total % 11, 11 - total % 11)
    return f"{service}{serial}{check}{country}"


def _told(*times: str) -> tuple[Event, ...]:
    instants = (datetime.fromisoformat(time).replace(tzinfo=SHANGHAI) for time in times)
    return tuple(Event(at, *texts) for at, texts in zip(instants, _CHAIN, strict=False))


#: Asked one at a time.
ALONE = (
    Parcel(
        "JG-NJS-319365323-5711",
        Story.SCANNED,
        _told("2026-11-17T16:02", "2026-11-17T16:09", "2026-11-19T10:11", "2026-11-19T21:47"),
    ),
    Parcel(
        _s10("UH", "47312482", "KG"),
        Story.PRE_ADVICE,
        _told("2026-11-18T13:35", "2026-11-18T13:52"),
    ),
    Parcel("JG-00D-393842527-9589", Story.NOTHING),
    Parcel(_s10("UH", "90210344", "KG"), Story.UNKNOWN),
)
#: Asked together. The scanned one stands third, its days could be taken for months.
TOGETHER = (
    Parcel("JG-NJS-319365989-2204", Story.UNKNOWN),
    Parcel(
        "JG-NJS-319366047-8137",
        Story.PRE_ADVICE,
        _told("2026-11-06T08:15", "2026-11-06T08:41"),
    ),
    Parcel(
        _s10("UH", "51873390", "KG"),
        Story.SCANNED,
        _told("2026-11-04T19:20", "2026-11-04T19:33", "2026-11-05T09:28", "2026-11-05T12:54"),
    ),
    Parcel(_s10("UH", "51873412", "KG"), Story.NOTHING),
)
_KNOWN = {parcel.number: parcel for parcel in (*ALONE, *TOGETHER)}


def parcel_of(number: str) -> Parcel:
    """
    The parcel with this number; one that nobody has heard of when it has no story.
    """
    return _KNOWN.get(number.strip().upper(), Parcel(number.strip(), Story.UNKNOWN))
