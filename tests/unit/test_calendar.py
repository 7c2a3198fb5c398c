"""
The working-day clock against the facts of domain.md 1.4.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest

from tracker.calendar import CENTRES, DEFAULT_CENTRE, WorkingCalendar, centre_name
from tracker.model import CalendarException, CarrierName, UsageError

SHENZHEN = WorkingCalendar("shenzhen")
HONG_KONG = WorkingCalendar("hongkong")

OFF_2026 = {
    "New Year": (date(2026, 1, 1), date(2026, 1, 3)),
    "Spring Festival": (date(2026, 2, 15), date(2026, 2, 23)),
    "Tomb-Sweeping": (date(2026, 4, 4), date(2026, 4, 6)),
    "Labour Day": (date(2026, 5, 1), date(2026, 5, 5)),
    "Dragon Boat": (date(2026, 6, 19), date(2026, 6, 21)),
    "Mid-Autumn": (date(2026, 9, 25), date(2026, 9, 27)),
    "National Day": (date(2026, 10, 1), date(2026, 10, 7)),
}
MAKE_UP_2026 = frozenset(
    date(2026, month, day) for month, day in ((1, 4), (2, 14), (2, 28), (5, 9), (9, 20), (10, 10))
)


def local(text: str, calendar: WorkingCalendar = SHENZHEN) -> datetime:
    """
    The instant at which the centre's clock shows ``text``.
    """
    return datetime.fromisoformat(text).replace(tzinfo=calendar.zone)


def days_of(first: date, last: date) -> list[date]:
    """
    Every day from ``first`` to ``last``, both included.
    """
    return [first + timedelta(days=step) for step in range((last - first).days + 1)]


def closure(first: str, last: str, **narrowed: object) -> CalendarException:
    """
    A closure, narrowed to a centre or carrier if asked.
    """
    return CalendarException(
        first=date.fromisoformat(first),
        last=date.fromisoformat(last),
        closed=True,
        **narrowed,
    )


@pytest.mark.parametrize("text", ["Hong Kong", "HONG-KONG", "hongkong", " hong_kong "])
def test_centre_spelling_does_not_matter(text: str) -> None:
    """
    Case, blanks and hyphens of a centre's name are folded.
    """
    assert centre_name(text) == "hongkong"


def test_unknown_centre_names_the_known_and_the_nearest() -> None:
    """
    An unknown centre is a usage error that lists the known ones and the nearest one.
    """
    with pytest.raises(UsageError) as caught:
        centre_name("shenzen")

    assert "Did you mean shenzhen?" in str(caught.value)
    assert all(name in str(caught.value) for name in CENTRES)


def test_every_centre_has_a_calendar() -> None:
    """
    Each known centre, the default among them, answers for a plain Wednesday.
    """
    assert DEFAULT_CENTRE in CENTRES
    assert all(WorkingCalendar(name).is_open(date(2026, 11, 18)) for name in CENTRES)


def test_whole_mainland_year_2026() -> None:
    """
    Exactly the published days of 2026 are off, and exactly the make-up weekend days are worked.
    """
    holidays = {day for first, last in OFF_2026.values() for day in days_of(first, last)}
    expected_open = {
        day
        for day in days_of(date(2026, 1, 1), date(2026, 12, 31))
        if (day.weekday() < 5 and day not in holidays) or day in MAKE_UP_2026
    }

    seen = {day for day in days_of(date(2026, 1, 1), date(2026, 12, 31)) if SHENZHEN.is_open(day)}

    assert seen == expected_open


@pytest.mark.parametrize(
    ("day", "why"),
    [
        ("2026-11-18", "working day"),
        ("2026-11-21", "Saturday"),
        ("2026-11-22", "Sunday"),
        ("2026-10-01", "National Day"),
        ("2026-10-10", "make-up working day"),
        ("2026-10-07", "day off, made up on 2026-10-10"),
    ],
)
def test_each_day_says_why(day: str, why: str) -> None:
    """
    A day's reason is plain English, in the words of the law's own names.
    """
    assert SHENZHEN.explain(date.fromisoformat(day)).why == why


def test_december_make_up_day_belongs_to_the_next_years_notice() -> None:
    """
    A make-up day in December that the next year's New Year bridge made is worked.
    """
    assert SHENZHEN.is_open(date(2011, 12, 31))


def test_hong_kong_saturday_is_closed() -> None:
    """
    Hong Kong's Saturday is closed although the holidays package calls it a working day.
    """
    assert HONG_KONG.explain(date(2026, 11, 21)).why == "Saturday"
    assert not HONG_KONG.is_open(date(2026, 11, 21))
    assert not HONG_KONG.is_open(date(2026, 10, 10))


def test_hong_kong_keeps_its_own_holidays() -> None:
    """
    Hong Kong works in the mainland's National Day week and rests on its own general holidays.
    """
    assert HONG_KONG.is_open(date(2026, 10, 2))
    assert not HONG_KONG.is_open(date(2026, 7, 1))
    assert not HONG_KONG.is_open(date(2026, 4, 3))


def test_deadline_before_national_day_week() -> None:
    """
    A hand-over on 30 September 2026 has until the end of 8 October.
    """
    deadline = SHENZHEN.deadline(local("2026-09-30T10:00"))

    assert deadline.at == local("2026-10-09T00:00")
    assert deadline.at.tzinfo is UTC
    assert deadline.effective_day == date(2026, 9, 30)
    assert [day.date for day in deadline.days] == days_of(date(2026, 9, 30), date(2026, 10, 8))
    assert not deadline.estimated


@pytest.mark.parametrize(
    ("handed_over", "effective", "end"),
    [
        ("2026-11-18T17:30", "2026-11-18", "2026-11-20"),
        ("2026-11-18T17:30:01", "2026-11-19", "2026-11-21"),
        ("2026-11-18T00:00", "2026-11-18", "2026-11-20"),
        ("2026-11-20T18:00", "2026-11-23", "2026-11-25"),
        ("2026-11-21T09:00", "2026-11-23", "2026-11-25"),
        ("2026-11-20T09:00", "2026-11-20", "2026-11-24"),
        ("2026-10-09T09:00", "2026-10-09", "2026-10-11"),
        ("2026-10-10T09:00", "2026-10-10", "2026-10-13"),
    ],
)
def test_effective_day_and_deadline(handed_over: str, effective: str, end: str) -> None:
    """
    17:30 sharp is in time; later, or on a closed day, counts for the next open day.
    """
    deadline = SHENZHEN.deadline(local(handed_over))

    assert deadline.effective_day == date.fromisoformat(effective)
    assert deadline.at == local(f"{end}T00:00")


def test_bare_date_is_that_day_in_time() -> None:
    """
    A date without an hour counts for that day, or for the next open one when it is closed.
    """
    assert SHENZHEN.effective_day(date(2026, 11, 18)) == date(2026, 11, 18)
    assert SHENZHEN.effective_day(date(2026, 11, 21)) == date(2026, 11, 23)


def test_instant_is_read_on_the_centres_clock() -> None:
    """
    An instant given in UTC falls on the centre's local day and hour.
    """
    assert SHENZHEN.effective_day(datetime(2026, 11, 17, 16, 0, tzinfo=UTC)) == date(2026, 11, 18)
    assert SHENZHEN.effective_day(datetime(2026, 11, 18, 9, 31, tzinfo=UTC)) == date(2026, 11, 19)


def test_zero_and_several_working_days() -> None:
    """
    The deadline lies the asked number of open days after the effective day.
    """
    handed_over = local("2026-11-18T10:00")

    assert SHENZHEN.deadline(handed_over, 0).at == local("2026-11-19T00:00")
    assert SHENZHEN.deadline(handed_over, 3).at == local("2026-11-24T00:00")


def test_naive_datetime_is_refused() -> None:
    """
    A datetime without a zone names no instant, so no guess is made.
    """
    naive = local("2026-11-18T10:00").replace(tzinfo=None)

    with pytest.raises(ValueError, match="without a zone"):
        SHENZHEN.deadline(naive)


def test_unpublished_year_is_estimated_and_does_not_crash() -> None:
    """
    A deadline that touches 2027, whose make-up days are not published, says estimated.
    """
    deadline = SHENZHEN.deadline(local("2026-12-31T18:00"))

    assert deadline.estimated
    assert [SHENZHEN.is_estimated(day.date) for day in deadline.days] == [False] + [True] * 5
    assert deadline.at == local("2027-01-06T00:00")
    assert SHENZHEN.deadline(local("2050-06-01T10:00")).estimated
    assert not SHENZHEN.deadline(local("2026-12-29T10:00")).estimated


def test_hong_kong_is_never_estimated() -> None:
    """
    Hong Kong has no make-up days, so no year of it waits for a notice.
    """
    assert not HONG_KONG.deadline(local("2027-03-01T10:00", HONG_KONG)).estimated


def test_year_far_away_is_one_clear_sentence() -> None:
    """
    A mistyped year is a usage error that names it, not a crash.
    """
    with pytest.raises(UsageError, match="year 9999"):
        SHENZHEN.deadline(date(9999, 12, 31))
    with pytest.raises(UsageError, match="9999-12-31"):
        SHENZHEN.deadline(datetime(9999, 12, 31, 20, tzinfo=UTC))


def test_spring_festival_2022_make_up_weekend_with_early_cut_off() -> None:
    """
    On 29 and 30 January 2022 (Sat, Sun) the centres worked and the entered cut-off 16:00 held.
    """
    early = CalendarException(
        first=date(2022, 1, 29), last=date(2022, 1, 30), centre="Shenzhen", cutoff="16:00"
    )
    calendar = WorkingCalendar("shenzhen", exceptions=[early])

    assert calendar.is_open(date(2022, 1, 29))
    assert calendar.is_open(date(2022, 1, 30))
    assert calendar.cutoff_on(date(2022, 1, 30)) == time(16)
    assert calendar.explain(date(2022, 1, 30)).why == "make-up working day, cut-off 16:00"
    assert calendar.effective_day(local("2022-01-30T16:00")) == date(2022, 1, 30)
    assert calendar.effective_day(local("2022-01-30T16:01")) == date(2022, 2, 7)
    assert WorkingCalendar("xiamen", exceptions=[early]).cutoff_on(date(2022, 1, 30)) == time(
        17, 30
    )


def test_labour_day_2021_closure_overrides_the_make_up_saturday() -> None:
    """
    The announced closure of 1 to 12 May 2021 holds on make-up Saturday 8 May as well.
    """
    handed_over = local("2021-04-30T10:00")
    announced = closure("2021-05-01", "2021-05-12", note="Labour Day notice")
    calendar = WorkingCalendar("shenzhen", exceptions=[announced])

    assert SHENZHEN.deadline(handed_over).at == local("2021-05-07T00:00")
    assert calendar.deadline(handed_over).at == local("2021-05-14T00:00")
    assert calendar.explain(date(2021, 5, 8)).why == "closure: Labour Day notice"


@pytest.mark.parametrize(
    ("exception", "applies"),
    [
        (closure("2026-11-18", "2026-11-18"), True),
        (closure("2026-11-18", "2026-11-18", centre="Shen Zhen"), True),
        (closure("2026-11-18", "2026-11-18", centre="yiwu"), False),
        (closure("2026-11-18", "2026-11-18", carrier=CarrierName.SEKO), True),
        (closure("2026-11-18", "2026-11-18", carrier=CarrierName.CLEVY), False),
        (closure("2026-11-18", "2026-11-18", centre="yiwu", carrier=CarrierName.SEKO), False),
    ],
)
def test_exception_concerns_its_centre_and_carrier(
    exception: CalendarException, *, applies: bool
) -> None:
    """
    An exception applies when it names no other centre and no other carrier.
    """
    calendar = WorkingCalendar("shenzhen", exceptions=[exception])

    assert calendar.is_open(date(2026, 11, 18)) is not applies


def test_given_carrier_overrides_the_centres_own() -> None:
    """
    A carrier that is given decides which carrier's exceptions apply.
    """
    clevys = closure("2026-11-18", "2026-11-18", carrier=CarrierName.CLEVY)
    day = date(2026, 11, 18)

    assert not WorkingCalendar("clevy", exceptions=[clevys]).is_open(day)
    assert not WorkingCalendar("yiwu", carrier=CarrierName.CLEVY, exceptions=[clevys]).is_open(day)


def test_entered_open_day_and_closure_on_it() -> None:
    """
    An entered open day opens a Saturday; a closure on the same day wins over it.
    """
    saturday = date(2026, 11, 21)
    extra = CalendarException(first=saturday, last=saturday, open=True, note="11.11 backlog")
    opened = WorkingCalendar("shenzhen", exceptions=[extra])
    both = WorkingCalendar("shenzhen", exceptions=[extra, closure("2026-11-21", "2026-11-21")])

    assert opened.explain(saturday).why == "extra open day (Saturday): 11.11 backlog"
    assert opened.is_open(saturday)
    assert not both.is_open(saturday)


def test_peak_gives_extra_working_days() -> None:
    """
    A hand-over whose effective day lies in a peak has the extra working days; one before has not.
    """
    peak = CalendarException(
        first=date(2026, 11, 11), last=date(2026, 11, 13), extra_working_days=2, note="11.11"
    )
    calendar = WorkingCalendar("shenzhen", exceptions=[peak])

    assert calendar.deadline(local("2026-11-10T10:00")).at == local("2026-11-12T00:00")
    assert calendar.deadline(local("2026-11-10T18:00")).at == local("2026-11-17T00:00")
    assert calendar.deadline(local("2026-11-13T10:00")).at == local("2026-11-19T00:00")
    assert "2 extra working days: 11.11" in calendar.explain(date(2026, 11, 11)).why


def test_parcel_after_a_peak_is_not_due_before_those_of_the_peak() -> None:
    """
    The queue of a peak is worked off first, and a week later the peak is forgotten.
    """
    peak = CalendarException(
        first=date(2026, 11, 11), last=date(2026, 11, 13), extra_working_days=2
    )
    calendar = WorkingCalendar("shenzhen", exceptions=[peak])

    assert calendar.deadline(local("2026-11-16T10:00")).at == local("2026-11-19T00:00")
    assert calendar.deadline(local("2026-11-18T10:00")).at == local("2026-11-20T00:00")


def test_endless_closure_is_one_clear_sentence() -> None:
    """
    Exceptions that leave no open day are a usage error that names them.
    """
    calendar = WorkingCalendar("shenzhen", exceptions=[closure("2026-01-01", "2026-12-31")])

    with pytest.raises(UsageError, match=r"calendar\.exceptions \(closed 2026-01-01 to 2026-12-31"):
        calendar.deadline(date(2026, 3, 1))


@pytest.mark.parametrize("text", ["16h", "25:00", "16:00+08:00"])
def test_unreadable_cut_off_is_refused(text: str) -> None:
    """
    A cut-off that is no local hour is a usage error that shows it.
    """
    wrong = CalendarException(first=date(2026, 1, 1), last=date(2026, 1, 1), cutoff=text)

    with pytest.raises(UsageError) as caught:
        WorkingCalendar("shenzhen", exceptions=[wrong])

    assert repr(text) in str(caught.value)


@pytest.mark.parametrize(
    ("start", "days", "end"),
    [
        ("2026-11-18T14:00", 1, "2026-11-19T14:00"),
        ("2026-11-20T14:00", 1, "2026-11-23T14:00"),
        ("2026-11-21T14:00", 1, "2026-11-24T14:00"),
        ("2026-11-21T14:00", 0, "2026-11-23T14:00"),
        ("2026-10-09T14:00", 2, "2026-10-12T14:00"),
    ],
)
def test_add_working_days_keeps_the_local_clock(start: str, days: int, end: str) -> None:
    """
    Adding working days keeps the hour; a closed day counts from the next open day.
    """
    assert SHENZHEN.add_working_days(local(start), days) == local(end)


@pytest.mark.parametrize(
    ("start", "end", "count"),
    [
        ("2026-11-18T00:00", "2026-11-19T00:00", 1),
        ("2026-11-18T00:01", "2026-11-19T00:00", 0),
        ("2026-11-18T10:00", "2026-11-23T10:00", 2),
        ("2026-10-09T00:00", "2026-10-12T00:00", 2),
        ("2026-11-19T10:00", "2026-11-18T10:00", 0),
    ],
)
def test_working_days_between_counts_whole_open_days(start: str, end: str, count: int) -> None:
    """
    Only open days that began and ended between the two instants are counted.
    """
    assert SHENZHEN.working_days_between(local(start), local(end)) == count
