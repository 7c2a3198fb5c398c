"""
When a parcel is looked at next: one table per rule (issue item 8, promises.md R3 and R26).
"""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.calendar import SendWindow, WorkingCalendar
from tracker.model import Outcome, SellerStatus, Service, Stage
from tracker.planning.cadence import DEFAULT, Cadence, Watch, archive_at, is_archived, next_look_at

SHENZHEN = WorkingCalendar("shenzhen")
#: Without stagger and spread the instants of the tables are exact.
EXACT = replace(DEFAULT, stagger=0.0, spread=timedelta(0))


def at(text: str) -> datetime:
    """
    The instant at which Shenzhen's clock shows ``text``.
    """
    return datetime.fromisoformat(text).replace(tzinfo=SHENZHEN.zone)


#: Wednesday's hand-over, due at the end of Thursday, last looked at on Wednesday at 11:00.
WAITING = Watch(
    key="JG-NJS-319365323-5711",
    first_seen_at=at("2026-11-17T09:00"),
    service=Service.DS,
    seller_status=SellerStatus.READY_TO_SHIP,
    created_at=at("2026-11-16T09:00"),
    handed_over_at=at("2026-11-18T10:00"),
    scan_deadline=at("2026-11-20T00:00"),
    last_look_at=at("2026-11-18T11:00"),
    last_good_look_at=at("2026-11-18T11:00"),
    last_outcome=Outcome.NO_EVENTS,
)
SCANNED = replace(
    WAITING,
    scanned=True,
    stage=Stage.RECEIVED,
    first_scan_at=at("2026-11-18T12:00"),
    last_news_at=at("2026-11-18T14:00"),
    last_look_at=at("2026-11-18T14:00"),
    last_outcome=Outcome.EVENTS,
)


def looked(
    watch: Watch, when: str, outcome: Outcome = Outcome.NO_EVENTS, failures: int = 0
) -> Watch:
    """
    The watch after one more look.
    """
    return replace(watch, last_look_at=at(when), last_outcome=outcome, failures=failures)


def upcoming(watch: Watch, cadence: Cadence = EXACT) -> datetime | None:
    """
    The next look as decided right after the last one.
    """
    return next_look_at(watch, watch.last_look_at or watch.first_seen_at, SHENZHEN, cadence)


def test_never_looked_at_is_due_at_once() -> None:
    """
    A parcel that was never looked at is due since it was first seen, whatever the hour.
    """
    fresh = replace(
        WAITING, last_look_at=None, last_outcome=None, first_seen_at=at("2026-11-22T03:00")
    )

    assert upcoming(fresh) == at("2026-11-22T03:00")


@pytest.mark.parametrize(
    ("last", "following"),
    [
        ("2026-11-18T11:00", "2026-11-18T14:00"),
        ("2026-11-18T16:59", "2026-11-18T19:59"),
        ("2026-11-18T17:00", "2026-11-18T20:00"),
        ("2026-11-18T19:00", "2026-11-18T20:00"),
        ("2026-11-18T19:01", "2026-11-19T08:00"),
        ("2026-11-18T20:00", "2026-11-19T08:00"),
        ("2026-11-18T23:00", "2026-11-19T08:00"),
        ("2026-11-19T04:59", "2026-11-19T08:00"),
    ],
)
def test_fast_before_the_scan_in_working_hours(last: str, following: str) -> None:
    """
    Every three working hours, once more at their end at 20:00, and then next morning.
    """
    assert upcoming(looked(WAITING, last)) == at(following)


def test_evening_look_waits_for_the_arrival() -> None:
    """
    What arrives before the end of the working hours is looked at then; what comes later is not.
    """
    early, late = (
        replace(WAITING, handed_over_at=at(f"2026-11-18T{clock}")) for clock in ("17:30", "20:01")
    )

    assert upcoming(looked(early, "2026-11-18T11:00")) == at("2026-11-18T20:00")
    assert upcoming(looked(late, "2026-11-18T11:00")) == at("2026-11-19T08:00")


def test_closed_days_are_waited_out() -> None:
    """
    The morning after a Friday is that of Monday, and that of Saturday when it is made up.
    """
    later = replace(WAITING, scan_deadline=at("2026-11-25T00:00"))

    assert upcoming(looked(later, "2026-11-20T20:00")) == at("2026-11-23T08:00")
    assert upcoming(
        replace(
            looked(later, "2026-10-09T20:00"),
            handed_over_at=at("2026-10-09T09:00"),
            scan_deadline=at("2026-10-13T00:00"),
        )
    ) == at("2026-10-10T08:00")


def test_sparing_before_the_parcel_can_have_arrived() -> None:
    """
    Without a hand-over, or before it, a parcel is looked at about once a day, fast from then on.
    """
    unknown = replace(WAITING, handed_over_at=None, scan_deadline=None)
    tomorrow = replace(
        WAITING, handed_over_at=at("2026-11-19T09:00"), scan_deadline=at("2026-11-21T00:00")
    )

    assert upcoming(looked(unknown, "2026-11-18T08:00")) == at("2026-11-19T08:00")
    assert upcoming(looked(tomorrow, "2026-11-18T18:00")) == at("2026-11-19T08:00")
    assert upcoming(looked(tomorrow, "2026-11-19T08:00")) == at("2026-11-19T12:00")


@pytest.mark.parametrize("last", ["2026-11-19T19:30", "2026-11-19T23:59"])
def test_confirming_look_right_after_the_deadline(last: str) -> None:
    """
    Midnight of the deadline is looked at, although nobody works then.
    """
    assert upcoming(looked(WAITING, last)) == at("2026-11-20T00:00")


def test_confirming_look_falls_on_a_closed_day_too() -> None:
    """
    A deadline at Saturday 00:00 is confirmed then and not on Monday.
    """
    friday = replace(WAITING, scan_deadline=at("2026-11-21T00:00"))

    assert upcoming(looked(friday, "2026-11-20T20:00")) == at("2026-11-21T00:00")


@pytest.mark.parametrize(
    ("last", "following"),
    [
        ("2026-11-20T00:00", "2026-11-20T08:00"),  # the deadline itself is after the last day
        ("2026-11-20T00:01", "2026-11-20T08:00"),
        ("2026-11-20T08:00", "2026-11-20T11:00"),
        ("2026-11-20T17:30", "2026-11-20T20:00"),
        ("2026-11-20T20:00", "2026-11-23T08:00"),
        ("2026-11-21T00:00", "2026-11-23T08:00"),
    ],
)
def test_overdue_parcel_is_looked_at_before_each_send_window(last: str, following: str) -> None:
    """
    While it stays unscanned the proof is renewed half an hour before messages may go out.
    """
    assert upcoming(looked(WAITING, last)) == at(following)


def test_look_before_an_early_send_window_lies_outside_working_hours() -> None:
    """
    The look for a window that opens at 06:00 is made at 05:30.
    """
    early = replace(EXACT, send_window=SendWindow.parse("06:00-23:00"))

    assert upcoming(looked(WAITING, "2026-11-20T00:01"), early) == at("2026-11-20T05:30")
    assert upcoming(looked(WAITING, "2026-11-20T22:00"), early) == at("2026-11-23T05:30")


def test_window_always_needs_no_look_before_it() -> None:
    """
    With ``always`` the confirming look is fresh by itself and the pace stays as it is.
    """
    always = replace(EXACT, send_window=SendWindow.parse("always"))

    assert upcoming(looked(WAITING, "2026-11-20T00:01"), always) == at("2026-11-20T08:00")


@pytest.mark.parametrize("outcome", [outcome for outcome in Outcome if not outcome.is_good])
@pytest.mark.parametrize(
    ("failures", "minutes"), [(1, 10), (2, 20), (3, 40), (4, 80), (5, 160), (6, 180), (1000, 180)]
)
def test_bad_look_is_tried_again_with_growing_pauses(
    outcome: Outcome, failures: int, minutes: int
) -> None:
    """
    After a bad look 10, 20, 40 minutes and so on pass, at most three hours, at any hour.
    """
    failed = looked(WAITING, "2026-11-20T00:05", outcome, failures)

    assert upcoming(failed) == at("2026-11-20T00:05") + timedelta(minutes=minutes)


def test_bad_look_does_not_push_out_the_confirming_one() -> None:
    """
    A long pause after failures still ends at the deadline.
    """
    failed = looked(WAITING, "2026-11-19T22:30", Outcome.BLOCKED, 6)

    assert upcoming(failed) == at("2026-11-20T00:00")


@pytest.mark.parametrize("quiet_hours", [0, 24, 25, 24 * 40])
def test_daily_after_the_scan(quiet_hours: int) -> None:
    """
    After the scan a parcel is looked at once a day, however long it said nothing.
    """
    last = at("2026-11-18T14:00") + timedelta(hours=quiet_hours)

    assert upcoming(replace(SCANNED, last_look_at=last)) == last + timedelta(hours=24)


def test_bad_look_after_the_scan_is_tried_again_soon() -> None:
    """
    A scanned parcel's failed look does not cost it a day.
    """
    assert upcoming(looked(SCANNED, "2026-11-25T14:00", Outcome.UNREACHABLE, 2)) == at(
        "2026-11-25T14:20"
    )


def test_scanned_parcel_has_no_confirming_look() -> None:
    """
    The deadline of a scanned parcel asks for nothing.
    """
    assert upcoming(looked(SCANNED, "2026-11-19T22:00", Outcome.EVENTS)) == at("2026-11-20T22:00")


@pytest.mark.parametrize(
    ("changes", "watched"),
    [
        ({"stage": Stage.DELIVERED}, False),
        ({"stage": Stage.RETURNED}, False),
        ({"stage": Stage.LOST}, False),
        ({"stage": Stage.DAMAGED}, False),
        ({"stage": Stage.IN_TRANSIT}, True),
        ({"stage": Stage.EXPORT, "service": Service.POSTAL}, False),
        ({"stage": Stage.CUSTOMS, "service": Service.POSTAL}, False),
        ({"stage": Stage.HELD, "service": Service.POSTAL}, True),
        ({"stage": Stage.RETURNING, "service": Service.POSTAL}, True),
        ({"seller_status": SellerStatus.SHIPPED}, False),
        ({"seller_status": SellerStatus.DELIVERED}, False),
        ({"seller_status": SellerStatus.FAILED}, False),
        ({"seller_status": SellerStatus.RETURNED}, False),
        ({"seller_status": SellerStatus.UNKNOWN}, True),
        ({"seller_status": None}, True),
        ({"first_scan_at": at("2026-09-19T14:01")}, True),
        ({"first_scan_at": at("2026-09-19T14:00")}, False),
        ({"first_scan_at": None, "last_news_at": at("2026-09-19T14:00")}, False),
    ],
)
def test_where_watching_ends(changes: dict[str, object], *, watched: bool) -> None:
    """
    A terminal stage, an ended order, postal after export, and 60 days after the scan end it.
    """
    watch = replace(SCANNED, **changes)

    assert (upcoming(watch) is not None) is watched


@pytest.mark.parametrize(
    ("changes", "watched"),
    [
        ({}, True),
        ({"handover_assumed": True}, False),
        ({"handed_over_at": None, "scan_deadline": None}, False),
    ],
)
def test_cancelled_order_is_watched_only_with_a_given_hand_over(
    changes: dict[str, object], *, watched: bool
) -> None:
    """
    A cancelled order's parcel that was really handed over may still be claimed (R26).
    """
    cancelled = replace(WAITING, seller_status=SellerStatus.CANCELED, **changes)

    assert (upcoming(cancelled) is not None) is watched


@pytest.mark.parametrize(
    ("changes", "given_up"),
    [
        ({}, at("2026-11-16T09:00") + timedelta(days=95)),
        ({"created_at": None}, at("2026-11-17T09:00") + timedelta(days=95)),
        ({"claimed_at": at("2026-11-24T09:00")}, at("2026-12-24T09:00")),
        ({"claimed_at": at("2027-02-15T09:00")}, at("2026-11-16T09:00") + timedelta(days=95)),
        ({"scanned": True}, None),
    ],
)
def test_archive_at(changes: dict[str, object], given_up: datetime | None) -> None:
    """
    An unscanned parcel is given up 30 days after a claim or 95 days after the order.
    """
    watch = replace(WAITING, **changes)

    assert archive_at(watch) == given_up
    if given_up is not None:
        before = given_up - timedelta(seconds=1)
        assert is_archived(watch, given_up)
        assert not is_archived(watch, before)
        assert next_look_at(watch, given_up, SHENZHEN) is None
        assert next_look_at(watch, before, SHENZHEN) is not None


def test_clock_that_jumped_back_does_not_silence_a_parcel() -> None:
    """
    A last look in the future counts as now, so the next one is not put off by the jump.
    """
    ahead = looked(WAITING, "2026-12-18T11:00")

    assert next_look_at(ahead, at("2026-11-18T11:00"), SHENZHEN, EXACT) == at("2026-11-18T14:00")


def test_late_start_leaves_the_look_due() -> None:
    """
    After a week's pause the answer is the missed instant, not one in the future.
    """
    now = at("2026-11-27T12:00")

    assert next_look_at(WAITING, now, SHENZHEN, EXACT) == at("2026-11-18T14:00")


@given(st.text(min_size=1), st.sampled_from([WAITING, SCANNED]))
def test_stagger_is_small_and_stable(key: str, watch: Watch) -> None:
    """
    A parcel's delay is at most a tenth of the pace and the same at every call.
    """
    watch = replace(watch, key=key)
    exact = upcoming(watch)
    due = upcoming(watch, DEFAULT)

    assert exact is not None
    assert due is not None
    assert watch.last_look_at is not None
    assert timedelta(0) <= due - exact <= (exact - watch.last_look_at) * 0.1
    assert due == upcoming(watch, DEFAULT)
    assert due.tzinfo is UTC


def test_stagger_spreads_the_confirming_looks() -> None:
    """
    A thousand parcels of one deadline are confirmed within ten minutes, in every one of them.
    """
    evening = looked(WAITING, "2026-11-19T20:10")
    due = [upcoming(replace(evening, key=f"JG-NJS-{n:09}-1234"), DEFAULT) for n in range(1000)]
    minutes = {int((look - at("2026-11-20T00:00")).total_seconds() // 60) for look in due if look}

    assert minutes == set(range(10))


def test_stagger_is_the_same_in_another_process() -> None:
    """
    Python's hash seed, which differs by process, plays no part.
    """
    program = (
        "from tracker.planning.cadence import _share, Watch\n"
        "from datetime import UTC, datetime\n"
        "print(_share(Watch(key='JG-NJS-319365323-5711', first_seen_at=datetime.now(UTC))))"
    )
    seen = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }

    assert len(seen) == 1
