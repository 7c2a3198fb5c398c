"""
The picture of a parcel's story: what stands where, and what is told apart.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from tracker.web.rooms.parcels.story import Entry, Sign
from tracker.web.rooms.parcels.timeline import LEFT, NEAR, WIDTH, Picture, draw

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 19, 3, 0, tzinfo=UTC)  # Thursday 11:00 in Shenzhen


def entry(sign: Sign, text: str = "x", *, until: datetime | None = None, **before: float) -> Entry:
    """
    An entry that long before the present.
    """
    return Entry(sign=sign, at=NOW - timedelta(**before), until=until, text=text)


def drawn(*entries: Entry, now: datetime = NOW) -> Picture:
    """
    The picture with weekends closed.
    """
    picture = draw(
        entries,
        now=now,
        zone=SHANGHAI,
        is_open=lambda day: day.weekday() < 5,
        present="Now",
    )
    assert picture is not None
    return picture


def test_nothing_is_no_picture() -> None:
    """
    Without a dated entry there is no axis.
    """
    undated = Entry(sign=Sign.EVENT, at=None, text="x")
    nothing = draw([undated], now=NOW, zone=SHANGHAI, is_open=lambda _day: True, present="Now")
    assert nothing is None


def test_closed_days_are_the_centres() -> None:
    """
    The weekend between hand-over and present is shaded, by the centre's own midnight.
    """
    picture = drawn(entry(Sign.HANDED_OVER, days=6))
    assert [day.day for day in picture.closed] == [date(2026, 11, 14), date(2026, 11, 15)]
    first, second = picture.closed
    assert abs(first.x + first.width - second.x) < 0.2


def test_time_goes_from_left_to_right() -> None:
    """
    Hand-over, deadline, present and cancellation stand in their order.
    """
    picture = drawn(
        entry(Sign.HANDED_OVER, days=3),
        entry(Sign.DEADLINE, days=1),
        entry(Sign.CANCELLATION, days=-2),
    )
    assert [rule.sign for rule in picture.rules] == [
        Sign.HANDED_OVER,
        Sign.DEADLINE,
        None,
        Sign.CANCELLATION,
    ]
    places = [rule.x for rule in picture.rules]
    assert places == sorted(places)


def test_names_of_close_rules_do_not_overlap() -> None:
    """
    What has no room beside its neighbour goes one row down.
    """
    picture = drawn(
        entry(Sign.ORDERED, "Order created", days=60),
        entry(Sign.HANDED_OVER, "Hand-over", hours=30),
        entry(Sign.DEADLINE, "Scan deadline", hours=20),
    )
    rows = {rule.sign: rule.y for rule in picture.rules}
    assert rows[Sign.HANDED_OVER] != rows[Sign.DEADLINE]
    assert picture.top > max(rows.values())


def test_looks_that_lie_close_are_one_mark() -> None:
    """
    With how many they are; good and bad ones are never mixed.
    """
    looks = [entry(Sign.GOOD_LOOK, minutes=minutes) for minutes in range(5)]
    picture = drawn(entry(Sign.HANDED_OVER, days=10), entry(Sign.BAD_LOOK, minutes=2), *looks)
    counted = {mark.sign: mark.count for mark in picture.marks}
    assert counted == {Sign.GOOD_LOOK: 5, Sign.BAD_LOOK: 1}
    assert len({mark.y for mark in picture.marks}) == 2


def test_an_open_alert_reaches_to_the_present() -> None:
    """
    A closed one ends where it ended; two of one time lie below each other.
    """
    closed = entry(Sign.ALERT, until=NOW - timedelta(days=1), days=3)
    picture = drawn(entry(Sign.HANDED_OVER, days=9), closed, entry(Sign.ALERT, days=2))
    first, second = picture.bars
    now = next(rule.x for rule in picture.rules if rule.sign is None)
    assert (first.closed, second.closed) == (True, False)
    assert abs(second.x + second.width - now) < 0.2
    assert first.y != second.y


def test_an_old_story_ends_with_itself() -> None:
    """
    Months later the picture still shows the days that mattered, and no present.
    """
    picture = drawn(entry(Sign.HANDED_OVER, days=3), now=NOW + timedelta(days=200))
    assert len(picture.ticks) == 1
    assert [rule.sign for rule in picture.rules] == [Sign.HANDED_OVER]


@given(
    st.lists(
        st.builds(
            entry,
            st.sampled_from(Sign),
            st.text(max_size=30),
            until=st.none(),
            hours=st.floats(-2_000, 50_000),
        ),
        min_size=1,
        max_size=60,
    )
)
def test_everything_lies_inside(entries: list[Entry]) -> None:
    """
    Whatever happened when: no mark, rule or bar leaves the picture, and marks can be told apart.
    """
    picture = drawn(*entries)
    places = [one.x for one in (*picture.rules, *picture.marks, *picture.bars)]
    assert all(LEFT <= x <= WIDTH for x in places)
    assert all(bar.x + bar.width <= WIDTH + 4 for bar in picture.bars)
    assert all(picture.top <= one.y <= picture.bottom for one in (*picture.marks, *picture.bars))
    assert len(picture.ticks) <= 13
    marks = sum(mark.count for mark in picture.marks)
    drawn_signs = {Sign.SCAN, Sign.EVENT, Sign.GOOD_LOOK, Sign.BAD_LOOK, Sign.MESSAGE}
    assert marks == sum(one.sign in drawn_signs for one in entries)
    for sign in drawn_signs:
        own = sorted(mark.x for mark in picture.marks if mark.sign is sign)
        assert all(b - a > NEAR / 4 for a, b in pairwise(own))
