"""
Where each entry of a parcel's story stands in a picture with one time axis. Pure.

Lengths are units of the picture, which is scaled as a whole. What lies too close to be told apart
is one mark with a number. Nothing here knows a language or a colour.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING

from tracker.web.rooms.parcels.story import Sign

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from datetime import date
    from zoneinfo import ZoneInfo

    from tracker.web.rooms.parcels.story import Entry

WIDTH = 960.0
LEFT = 92.0  # the lanes' names stand there
RIGHT = 14.0
TOP = 14.0
ROW = 16.0  # a row of rules' names
LANE = 34.0
BAR = 12.0
AXIS = 30.0
#: Marks closer than this are drawn as one.
NEAR = 11.0
#: Days named on the axis stand at least so far apart.
_TICK = 74.0
#: More alerts at a time than this lie on top of each other.
_MOST_BARS = 6
_LONGEST_DAYS = 400
#: A parcel's picture reaches to the present for so long after its last entry.
_ALIVE = timedelta(days=21)
_STEPS = (1, 2, 7, 14, 28, 56, 112)

RULES = (Sign.ORDERED, Sign.HANDED_OVER, Sign.DEADLINE, Sign.CANCELLATION)
LANES = (
    (Sign.SCAN, Sign.EVENT),
    (Sign.GOOD_LOOK, Sign.BAD_LOOK),
    (Sign.MESSAGE,),
)


@dataclass(frozen=True, slots=True)
class Rule:
    """
    An instant that goes through the whole picture, with its name on row ``y``.
    """

    sign: Sign | None  # None: the present
    x: float
    y: float
    text: str
    anchor: str


@dataclass(frozen=True, slots=True)
class Mark:
    """
    One entry, or ``count`` of one sign that lie close together.
    """

    sign: Sign
    x: float
    y: float
    count: int
    text: str


@dataclass(frozen=True, slots=True)
class Bar:
    """
    An alert from its opening to its end; ``closed`` is false while it is open.
    """

    x: float
    y: float
    width: float
    closed: bool
    text: str


@dataclass(frozen=True, slots=True)
class Day:
    """
    A day on the axis: where it begins, and how wide it is.
    """

    day: date
    x: float
    width: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """
    Everything to be drawn, and how large the whole is.
    """

    height: float
    top: float  # of the lanes
    bottom: float  # of the lanes; the axis stands below
    lanes: tuple[float, ...]
    alerts_lane: float | None
    rules: tuple[Rule, ...]
    marks: tuple[Mark, ...]
    bars: tuple[Bar, ...]
    closed: tuple[Day, ...]
    ticks: tuple[Day, ...]
    width: float = WIDTH
    left: float = LEFT


def draw(
    entries: Sequence[Entry],
    *,
    now: datetime,
    zone: ZoneInfo,
    is_open: Callable[[date], bool],
    present: str,
) -> Picture | None:
    """
    The picture of the dated entries, or ``None`` when there are none.

    Days are those of ``zone``; ``is_open`` tells which of them the centre works. ``present`` is
    what the present is called.
    """
    axis = _Axis.around(entries, now, zone)
    if axis is None:
        return None
    rules, top = _rules(axis, entries, now, present)
    lanes = tuple(top + LANE * (place + 0.5) for place in range(len(LANES)))
    bars, bars_height = _bars(axis, entries, top + LANE * len(LANES), now)
    bottom = top + LANE * len(LANES) + bars_height
    days = tuple(axis.days())
    return Picture(
        height=bottom + AXIS,
        top=top,
        bottom=bottom,
        lanes=lanes,
        alerts_lane=bottom - bars_height / 2 if bars else None,
        rules=rules,
        marks=tuple(_marks(axis, entries, lanes)),
        bars=bars,
        closed=tuple(day for day in days if not is_open(day.day)),
        ticks=tuple(_ticks(days)),
    )


@dataclass(frozen=True, slots=True)
class _Axis:
    first: datetime
    last: datetime
    zone: ZoneInfo
    with_present: bool

    @classmethod
    def around(cls, entries: Iterable[Entry], now: datetime, zone: ZoneInfo) -> _Axis | None:
        """
        The whole days from the first instant to the last, and to the present if that is near.
        """
        known = [at for one in entries for at in (one.at, one.until) if at is not None]
        if not known:
            return None
        with_present = min(known) <= now <= max(known) + _ALIVE
        if with_present:
            known.append(now)
        last_day = max(known).astimezone(zone).date()
        first_day = min(known).astimezone(zone).date()
        first_day = max(first_day, last_day - timedelta(days=_LONGEST_DAYS))
        return cls(
            first=datetime.combine(first_day, time.min, zone),
            last=datetime.combine(last_day + timedelta(days=1), time.min, zone),
            zone=zone,
            with_present=with_present,
        )

    def x(self, at: datetime) -> float:
        """
        The instant's place; what lies before the axis stands at its beginning.
        """
        share = (at - self.first) / (self.last - self.first)
        return round(LEFT + (WIDTH - LEFT - RIGHT) * min(1.0, max(0.0, share)), 1)

    def days(self) -> Iterator[Day]:
        """
        Every day of the axis.
        """
        day = self.first
        while day < self.last:
            following = datetime.combine(day.date() + timedelta(days=1), time.min, self.zone)
            x = self.x(day)
            yield Day(day.date(), x, round(self.x(following) - x, 1))
            day = following


def _rules(
    axis: _Axis, entries: Iterable[Entry], now: datetime, present: str
) -> tuple[tuple[Rule, ...], float]:
    """
    The rules, each name on the first row on which it has room; and where the lanes begin.
    """
    wanted: list[tuple[float, Sign | None, str]] = [
        (axis.x(one.at), one.sign, one.text)
        for one in entries
        if one.sign in RULES and one.at is not None
    ]
    if axis.with_present:
        wanted.append((axis.x(now), None, present))
    rows: list[float] = []
    rules = []
    for x, sign, text in sorted(wanted, key=lambda one: one[0]):
        wide = _width_of(text)
        anchor = "start" if x + wide < WIDTH else "end"
        begin, end = (x, x + wide) if anchor == "start" else (x - wide, x)
        row = next((place for place, taken in enumerate(rows) if taken < begin), len(rows))
        rows[row : row + 1] = [end + 8]
        rules.append(Rule(sign, x, TOP + ROW * row, text, anchor))
    return tuple(rules), TOP + ROW * max(1, len(rows))


def _marks(axis: _Axis, entries: Iterable[Entry], lanes: Sequence[float]) -> Iterator[Mark]:
    for signs, y in zip(LANES, lanes, strict=True):
        for sign in signs:
            # Two signs of a lane stand a little apart: none hides the other.
            shift = 0.0 if len(signs) == 1 else LANE / 5 * (1 if sign is signs[1] else -1)
            placed = sorted(
                ((axis.x(one.at), one) for one in entries if one.sign is sign and one.at),
                key=lambda pair: pair[0],
            )
            yield from _gathered(placed, sign, y + shift)


def _gathered(placed: Iterable[tuple[float, Entry]], sign: Sign, y: float) -> Iterator[Mark]:
    group: list[tuple[float, Entry]] = []
    for x, entry in placed:
        if group and x - group[0][0] >= NEAR:
            yield _mark(group, sign, y)
            group = []
        group.append((x, entry))
    if group:
        yield _mark(group, sign, y)


def _mark(group: Sequence[tuple[float, Entry]], sign: Sign, y: float) -> Mark:
    x = round(sum(x for x, _entry in group) / len(group), 1)
    return Mark(sign, x, round(y, 1), len(group), group[-1][1].text)


def _bars(
    axis: _Axis, entries: Iterable[Entry], top: float, now: datetime
) -> tuple[tuple[Bar, ...], float]:
    """
    The alerts' bars, those of one time below each other, and how much height they take.
    """
    rows: list[float] = []
    bars = []
    for one in entries:
        if one.sign is not Sign.ALERT or one.at is None:
            continue
        x = axis.x(one.at)
        end = max(axis.x(one.until or max(now, one.at)), x + 4)
        free = next((place for place, taken in enumerate(rows) if taken <= x), len(rows))
        row = min(free, _MOST_BARS - 1)
        rows[row : row + 1] = [max(end, rows[row] if row < len(rows) else 0)]
        bars.append(
            Bar(x, top + 6 + row * (BAR + 4), round(end - x, 1), one.until is not None, one.text)
        )
    return tuple(bars), (12 + len(rows) * (BAR + 4) if rows else 0.0)


def _ticks(days: Sequence[Day]) -> Iterator[Day]:
    """
    As many named days as have room, evenly apart.
    """
    room = max(1, int((WIDTH - LEFT - RIGHT) // _TICK))
    step = next((one for one in _STEPS if len(days) / one <= room), _STEPS[-1])
    yield from days[::step]


def _width_of(text: str) -> float:
    return sum(12.5 if unicodedata.east_asian_width(one) in "WF" else 6.6 for one in text)
