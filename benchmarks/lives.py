"""
How parcels live, from import to delivery: the one place of the simulation's assumptions.

What has a source stands in the seller's rules and the carriers' pages; the rest is assumed, and
said to be. All times are those of a centre in mainland China, over four weeks without a holiday.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

from tracker.model import Service, Stage

if TYPE_CHECKING:
    import random

    from tracker.calendar import WorkingCalendar

#: Assumed: seven parcels in ten go by Seko, three by post.
DS_SHARE = 0.7
#: Orders come in on every day of the week.
FIRST_DAY = date(2026, 11, 2)
DAYS = 28
#: Assumed: brought to the centre on the first, second or third open day from the import on.
HAND_OVER_DAYS = ((0.35, 0), (0.85, 1), (1.0, 2))
#: Rule: scanned on the day of arrival or the next working day. Assumed: six in ten on the same day,
#: three on the next one, and one in ten late, by one to four days more.
SCAN_DAYS = ((0.6, 0), (0.9, 1), (0.94, 2), (0.97, 3), (0.99, 4), (1.0, 5))
#: Known: one centre works until 17:30, and what comes later waits (domain.md 1.4). Assumed: parcels
#: arrive from 10:00 to 17:30, and what arrived is scanned from 09:00 until 20:00 at the latest.
ARRIVES, SCANS = (10.0, 17.5), (9.0, 20.0)
#: Rule: delivered 15 to 20 days after; assumed: (days after the scan, stage) of what comes before.
ON_THE_WAY = (
    (1.0, Stage.EXPORT),
    (2.5, Stage.IN_TRANSIT),
    (5.0, Stage.IN_TRANSIT),
    (7.0, Stage.CUSTOMS),
    (9.0, Stage.CUSTOMS),
    (12.0, Stage.IN_TRANSIT),
    (14.5, Stage.OUT_FOR_DELIVERY),
)
DELIVERED_DAYS = (15.0, 20.0)
#: Assumed: post is exported one to three days after its scan, and says no more after that.
EXPORTED_DAYS = (1.0, 3.0)


@dataclass(frozen=True, slots=True)
class Life:
    """
    One parcel; ``events`` are (when the portal shows it, stage), the scan first.
    """

    key: str
    service: Service
    created_at: datetime
    imported_at: datetime
    handed_over_at: datetime
    events: tuple[tuple[datetime, Stage], ...]

    @property
    def scanned_at(self) -> datetime:
        """
        When the portal shows the scan.
        """
        return self.events[0][0]

    @property
    def ended_at(self) -> datetime:
        """
        When the portal shows the last thing that it ever says.
        """
        return self.events[-1][0]


def life(chance: random.Random, number: int, calendar: WorkingCalendar) -> Life:
    """
    A parcel of the mix.
    """
    imported = _at(
        calendar, FIRST_DAY + timedelta(days=chance.randrange(DAYS)), (8.5, 18.0), chance
    )
    day = calendar.next_open_day(imported.date())
    days = _chosen(chance, HAND_OVER_DAYS)
    handed_over = _at(calendar, _open_days_on(calendar, day, days), ARRIVES, chance)
    if handed_over <= imported:
        handed_over = imported + timedelta(hours=1)
    scanned = _scan(chance, calendar, handed_over)
    postal = chance.random() >= DS_SHARE
    return Life(
        key=f"UH{number:08}0KG" if postal else f"JG-NJS-{number:09}-5711",
        service=Service.POSTAL if postal else Service.DS,
        created_at=imported - timedelta(hours=chance.uniform(1, 24)),
        imported_at=imported,
        handed_over_at=handed_over,
        events=((scanned, Stage.RECEIVED), *_after(chance, scanned, postal=postal)),
    )


def _scan(chance: random.Random, calendar: WorkingCalendar, handed_over: datetime) -> datetime:
    arrived = handed_over.astimezone(calendar.zone)
    day = calendar.effective_day(handed_over)
    days = _chosen(chance, SCAN_DAYS)
    if days == 0 and day == arrived.date():
        begins = arrived.hour + arrived.minute / 60 + 1
        return _at(calendar, day, (begins, SCANS[1]), chance)
    return _at(calendar, _open_days_on(calendar, day, days), SCANS, chance)


def _after(
    chance: random.Random, scanned: datetime, *, postal: bool
) -> list[tuple[datetime, Stage]]:
    if postal:
        return [(scanned + timedelta(days=chance.uniform(*EXPORTED_DAYS)), Stage.EXPORT)]
    delivered = chance.uniform(*DELIVERED_DAYS)
    stretch = delivered / sum(DELIVERED_DAYS) * 2
    told = [(scanned + timedelta(days=days * stretch), stage) for days, stage in ON_THE_WAY]
    return [*told, (scanned + timedelta(days=delivered), Stage.DELIVERED)]


def _chosen(chance: random.Random, table: tuple[tuple[float, int], ...]) -> int:
    drawn = chance.random()
    return next(value for share, value in table if drawn < share)


def _open_days_on(calendar: WorkingCalendar, day: date, count: int) -> date:
    for _ in range(count):
        day = calendar.next_open_day(day + timedelta(days=1))
    return day


def _at(
    calendar: WorkingCalendar, day: date, hours: tuple[float, float], chance: random.Random
) -> datetime:
    midnight = datetime.combine(day, time.min, calendar.zone)
    return midnight + timedelta(hours=chance.uniform(*hours))
