"""
Looks and scan events: what a look may change, and what no look can (promises.md R5, R7, R8).
"""

from __future__ import annotations

import itertools
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.builders import (
    CLEVY,
    NOON,
    SEKO,
    add_parcel,
    after,
    announced,
    draft,
    event,
    report,
)
from tracker.model import Evidence, LookReport, Outcome, ScanEvent, Stage, StoredEvent
from tracker.store import Store
from tracker.store.history import identity

if TYPE_CHECKING:
    from tests.support.databases import SqliteFiles
    from tracker.store.looks import Recorded
    from tracker.store.parcels import WatchRecord

BAD = [outcome for outcome in Outcome if not outcome.is_good]
#: What a look is allowed to change even when it failed.
OF_THE_ATTEMPT = {"last_look_at": None, "last_outcome": None}


def _record(store: Store, parcel_id: int, *looks: LookReport) -> list[Recorded]:
    recorded = []
    for look in looks:
        with store.begin() as tx:
            recorded.append(tx.looks.record(parcel_id, look))
    return recorded


def _events(store: Store, parcel_id: int) -> tuple[StoredEvent, ...]:
    with store.read() as tx:
        return tx.looks.events(parcel_id)


def _parcel(store: Store, parcel_id: int) -> WatchRecord:
    with store.read() as tx:
        record = tx.parcels.get(parcel_id, NOON)
    assert record is not None
    return record


def _flags(store: Store, parcel_id: int) -> list[str | None]:
    with store.read() as tx:
        return [look.flag for look in tx.looks.of(parcel_id)]


# -- what a look changes -----------------------------------------------------------------------


def test_a_scan_is_believed_and_said_to_be_new_once(store: Store) -> None:
    """
    The first look with a scan makes the parcel scanned; the same answer again is no news.
    """
    parcel_id = add_parcel(store)
    later = report(event(), looked_at=after(hours=3))
    first, second = _record(store, parcel_id, report(event()), later)
    assert (first.first_scan, first.news, second.first_scan, second.news) == (
        True,
        True,
        False,
        False,
    )
    record = _parcel(store, parcel_id)
    assert record.parcel.scanned
    assert record.parcel.stage is Stage.RECEIVED
    assert record.parcel.first_scan_at == after(days=-1)
    assert record.parcel.last_good_look_at == after(hours=3)
    assert record.last_news_at == NOON


def test_a_good_look_without_events_proves_that_nothing_is_there(store: Store) -> None:
    """
    "Nothing yet" and "not found" are good looks with the verdict "not scanned".
    """
    parcel_id = add_parcel(store)
    unknown = report(outcome=Outcome.NOT_FOUND, looked_at=after(hours=1))
    _record(store, parcel_id, report(), unknown)
    with store.read() as tx:
        seen = [(look.outcome, look.scanned, look.flag) for look in tx.looks.of(parcel_id)]
        assert tx.looks.last_good([parcel_id], SEKO) == tx.looks.last([parcel_id])
    assert seen == [(Outcome.NO_EVENTS, False, None), (Outcome.NOT_FOUND, False, None)]
    assert _parcel(store, parcel_id).parcel.last_good_look_at == after(hours=1)


@pytest.mark.parametrize("outcome", BAD)
def test_a_bad_look_changes_nothing_that_is_believed(store: Store, outcome: Outcome) -> None:
    """
    A failed look is kept and counted; events, stage, scan and proof stay (promises.md R5).
    """
    parcel_id = add_parcel(store)
    _record(store, parcel_id, report(announced()))
    before, known = _parcel(store, parcel_id), _events(store, parcel_id)
    bad = report(outcome=outcome, looked_at=after(hours=1), detail="403")
    lying = replace(bad, events=(event(),))
    recorded = _record(store, parcel_id, bad, lying)
    now = _parcel(store, parcel_id)
    assert _events(store, parcel_id) == known
    assert replace(now.parcel, **OF_THE_ATTEMPT) == replace(before.parcel, **OF_THE_ATTEMPT)
    assert (now.parcel.last_look_at, now.parcel.last_outcome) == (after(hours=1), outcome)
    assert (before.failures, now.failures) == (0, 2)
    assert [(one.news, one.first_scan, one.unknown) for one in recorded] == [(False, False, ())] * 2
    with store.read() as tx:
        last, good = tx.looks.last([parcel_id]), tx.looks.last_good([parcel_id], SEKO)
    assert (last[parcel_id].scanned, last[parcel_id].detail) == (None, "403")
    assert good[parcel_id].looked_at == NOON


def test_failures_are_counted_since_the_last_good_look(store: Store) -> None:
    """
    A good look forgives the failures before it.
    """
    parcel_id = add_parcel(store)
    _record(store, parcel_id, report(outcome=Outcome.BLOCKED), report(outcome=Outcome.MISSING))
    assert _parcel(store, parcel_id).failures == 2
    _record(store, parcel_id, report())
    assert _parcel(store, parcel_id).failures == 0


def test_a_late_report_does_not_turn_the_clock_back(store: Store) -> None:
    """
    A worker that hands in an old answer late leaves the instants of the newest look.
    """
    parcel_id = add_parcel(store)
    _record(store, parcel_id, report(looked_at=after(hours=2)), report(looked_at=NOON))
    parcel = _parcel(store, parcel_id).parcel
    assert parcel.last_look_at == parcel.last_good_look_at == after(hours=2)


def test_the_first_attempt_since_an_instant_is_known(store: Store) -> None:
    """
    Good or bad, the earliest look at or after the instant counts.
    """
    parcel_id, other = add_parcel(store), add_parcel(store, 2)
    bad = report(outcome=Outcome.BLOCKED, looked_at=after(hours=1))
    _record(store, parcel_id, report(), bad, report(looked_at=after(hours=2)))
    with store.read() as tx:
        first = {
            hours: tx.looks.first_attempts_since([parcel_id, other], after(hours=hours))
            for hours in (0.1, 1, 3)
        }
    assert first == {
        0.1: {(parcel_id, SEKO): after(hours=1)},
        1: {(parcel_id, SEKO): after(hours=1)},
        3: {},
    }


def test_a_carriers_latest_outcomes_come_newest_first(store: Store) -> None:
    """
    Health is judged by the carrier's own latest looks.
    """
    parcel_id = add_parcel(store)
    _record(
        store,
        parcel_id,
        report(),
        report(outcome=Outcome.BLOCKED, looked_at=after(hours=1)),
        report(outcome=Outcome.MISSING, looked_at=after(hours=2)),
        report(outcome=Outcome.NOT_FOUND, looked_at=after(hours=3), carrier=CLEVY),
    )
    with store.read() as tx:
        assert tx.looks.recent_outcomes(SEKO, 2) == (Outcome.MISSING, Outcome.BLOCKED)
        assert tx.looks.recent_outcomes(CLEVY, 9) == (Outcome.NOT_FOUND,)


# -- identity ----------------------------------------------------------------------------------

ONE = event(code="OP-14")
SAME = [
    (event(), event(location="HONG KONG")),
    (event(), event("  PARCEL received\u00a0and   accepted. ")),
    (event(), event(occurred_at=after(days=-1).astimezone(timezone(timedelta(hours=8))))),
    (ONE, event("Something else entirely", code="OP-14")),
    (event(occurred_at=None), event(occurred_at=None, location=None)),
]
DIFFERENT = [
    (event(), event(occurred_at=after(days=-1, seconds=1))),
    (event(), event("Parcel received and refused")),
    (ONE, event(code="OP-15")),
    (event(), event(occurred_at=None)),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_two_tellings_of_one_event_have_one_identity(one: ScanEvent, other: ScanEvent) -> None:
    """
    The place, blanks, case, zone and, with a code, the text are not part of it (R7).
    """
    assert identity(one) == identity(other)


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_two_events_have_two_identities(one: ScanEvent, other: ScanEvent) -> None:
    """
    Another instant, text or code is another event.
    """
    assert identity(one) != identity(other)


def _only(store: Store, parcel_id: int) -> ScanEvent:
    (stored,) = _events(store, parcel_id)
    assert stored.first_seen_at == NOON
    return stored.event


CHANGED = [
    # first telling, second telling, what is kept of both
    (event(), event(location="HONG KONG"), event(location="HONG KONG")),
    (event(), event(location=None), event()),
    (event(), event("Item received at depot"), event("Item received at depot")),
    (event(), event(code="OP-14"), event(code="OP-14")),
    (ONE, event("Received", code="OP-14"), event("Received", code="OP-14")),
    (ONE, event(), ONE),
    (
        event("Gescannt", stage=Stage.UNCLASSIFIED),
        event("Gescannt"),
        event("Gescannt"),
    ),
    (event("Scan"), event("Scan!?", stage=Stage.UNCLASSIFIED), event("Scan!?")),
]


@pytest.mark.parametrize(("first", "second", "kept"), CHANGED)
def test_a_retold_event_is_updated_in_place(
    store: Store, first: ScanEvent, second: ScanEvent, kept: ScanEvent
) -> None:
    """
    A reworded, newly placed, newly coded or newly understood event stays one event (R7).
    """
    parcel_id = add_parcel(store)
    again = report(second, looked_at=after(hours=1))
    _record(store, parcel_id, report(first), again, again)
    assert _only(store, parcel_id) == kept
    assert _parcel(store, parcel_id).parcel.scanned
    assert _flags(store, parcel_id) == [None, None, None]


def test_two_events_of_one_instant_stay_two(store: Store) -> None:
    """
    Equal times occur (domain.md 3.3): what the same answer shows side by side is not rewording.
    """
    parcel_id = add_parcel(store)
    pair = (event("Received"), event("Weighed and received"))
    _record(store, parcel_id, report(*pair), report(*pair), report(pair[0]), report(*pair))
    assert [one.event for one in _events(store, parcel_id)] == list(pair)


def test_another_carriers_event_is_not_a_rewording(store: Store) -> None:
    """
    Where two portals are asked, each keeps its own event of the same instant.
    """
    parcel_id = add_parcel(store)
    clevy = report(event("Posting"), carrier=CLEVY)
    _record(store, parcel_id, report(event()), clevy, report(event()), clevy)
    assert [(one.carrier, one.event.text) for one in _events(store, parcel_id)] == [
        (SEKO, "Parcel received and accepted"),
        (CLEVY, "Posting"),
    ]
    assert _flags(store, parcel_id) == [None] * 4


def test_of_two_tellings_in_one_answer_the_scan_counts(store: Store) -> None:
    """
    One instant and one code with two texts is one event, and it is a scan if either is.
    """
    parcel_id = add_parcel(store)
    noise = event("Label", code="OP-14", stage=Stage.ANNOUNCED)
    _record(store, parcel_id, report(ONE, noise))
    assert _only(store, parcel_id) == ONE
    assert _parcel(store, parcel_id).parcel.scanned


def test_a_back_dated_event_is_taken_in_with_both_times(store: Store) -> None:
    """
    A scan that is reported late keeps when it happened and when it was first seen.
    """
    parcel_id = add_parcel(store)
    late = event(occurred_at=after(days=-1, hours=-5))
    _record(store, parcel_id, report(announced()), report(late, looked_at=after(hours=6)))
    stored = _events(store, parcel_id)
    assert [(one.event.stage, one.first_seen_at) for one in stored] == [
        (Stage.RECEIVED, after(hours=6)),
        (Stage.ANNOUNCED, NOON),
    ]
    assert _parcel(store, parcel_id).parcel.first_scan_at == after(days=-1, hours=-5)


def test_an_undated_scan_counts(store: Store) -> None:
    """
    A scan whose date cannot be read is a scan without an instant (contract.md).
    """
    parcel_id = add_parcel(store)
    _record(store, parcel_id, report(event(occurred_at=None)))
    parcel = _parcel(store, parcel_id).parcel
    assert (parcel.scanned, parcel.first_scan_at, parcel.stage) == (True, None, Stage.RECEIVED)


# -- what is never lost ------------------------------------------------------------------------

LOST = [
    (report(looked_at=after(hours=1)), "scan_lost"),
    (report(outcome=Outcome.NOT_FOUND, looked_at=after(hours=1)), "scan_lost"),
    (report(announced(), looked_at=after(hours=1)), "scan_lost"),
    (report(event("???", stage=Stage.UNCLASSIFIED, occurred_at=NOON)), "scan_lost"),
    (report(event("In transit", stage=Stage.IN_TRANSIT, is_scan=True, occurred_at=NOON)), None),
    (report(event("Reworded")), None),
    (report(carrier=CLEVY), None),
    (report(outcome=Outcome.BLOCKED), None),
]


@pytest.mark.parametrize(("look", "flag"), LOST)
def test_a_scan_that_an_answer_lacks_is_kept_and_the_look_flagged(
    store: Store, look: LookReport, flag: str | None
) -> None:
    """
    The parcel stays scanned; only a good answer of the same carrier without any scan is odd (R7).
    """
    parcel_id = add_parcel(store)
    _record(store, parcel_id, report(event()), look)
    parcel = _parcel(store, parcel_id).parcel
    assert (parcel.scanned, parcel.first_scan_at) == (True, after(days=-1))
    assert any(one.event.is_scan for one in _events(store, parcel_id))
    assert _flags(store, parcel_id) == [None, flag]


TERMINAL = [stage for stage in Stage if stage.is_terminal]


def test_a_terminal_stage_is_not_downgraded(store: Store) -> None:
    """
    Noise after, before or without a date leaves a delivered, returned or lost parcel so (R8).
    """
    cases = itertools.product(TERMINAL, [NOON, None, after(days=-3)])
    for index, (stage, at) in enumerate(cases):
        parcel_id = add_parcel(store, index)
        noise = event("Customs", stage=Stage.CUSTOMS, is_scan=True, occurred_at=at)
        end = event("The end", stage=stage, is_scan=True)
        _record(store, parcel_id, report(end), report(noise), report())
        assert _parcel(store, parcel_id).parcel.stage is stage


def test_the_stage_is_that_of_the_latest_classified_event(store: Store) -> None:
    """
    An unknown text is kept and reported, and says nothing about the stage.
    """
    parcel_id = add_parcel(store)
    flight = event("Flight", stage=Stage.IN_TRANSIT, is_scan=True, occurred_at=after(hours=-3))
    odd = event("Blub", stage=Stage.UNCLASSIFIED, occurred_at=after(hours=-1))
    (recorded,) = _record(store, parcel_id, report(event(), odd, flight, odd))
    assert recorded.unknown == ("Blub",)
    assert _parcel(store, parcel_id).parcel.stage is Stage.IN_TRANSIT


# -- numbers that are used again ---------------------------------------------------------------

CREATED = draft().created_at
assert CREATED is not None
FOREIGN = event("Old", occurred_at=CREATED - timedelta(days=3, seconds=1))
OWN = event("Own", occurred_at=CREATED - timedelta(days=3))


def test_an_earlier_parcels_events_count_for_nothing_and_are_kept(store: Store) -> None:
    """
    More than three days before the order, a scan is another parcel's (R7).
    """
    parcel_id = add_parcel(store)
    (recorded,) = _record(store, parcel_id, report(FOREIGN))
    parcel = _parcel(store, parcel_id).parcel
    assert (parcel.scanned, parcel.stage, parcel.first_scan_at) == (False, None, None)
    assert not recorded.first_scan
    assert [(one.event, one.foreign) for one in _events(store, parcel_id)] == [(FOREIGN, True)]
    with store.read() as tx:
        look = tx.looks.last([parcel_id])[parcel_id]
    assert (look.scanned, look.flag) == (False, None)


def test_an_event_three_days_before_the_order_is_the_parcels_own(store: Store) -> None:
    """
    The border itself belongs to the parcel.
    """
    parcel_id = add_parcel(store)
    _record(store, parcel_id, report(OWN, FOREIGN))
    assert [one.foreign for one in _events(store, parcel_id)] == [True, False]
    assert _parcel(store, parcel_id).parcel.first_scan_at == OWN.occurred_at


def test_what_is_foreign_follows_the_orders_date(store: Store) -> None:
    """
    Once the order's date is known, or corrected, the parcel's summary is made again from events.
    """
    parcel_id = add_parcel(store, created_at=None)
    _record(store, parcel_id, report(FOREIGN))
    assert _parcel(store, parcel_id).parcel.scanned
    with store.begin() as tx:
        tx.parcels.change(parcel_id, draft())
        tx.looks.resummarise(parcel_id)
    parcel = _parcel(store, parcel_id).parcel
    assert (parcel.scanned, parcel.stage, parcel.first_scan_at) == (False, None, None)
    with store.begin() as tx:
        tx.parcels.change(parcel_id, draft(created_at=FOREIGN.occurred_at))
        tx.looks.resummarise(parcel_id)
    assert _parcel(store, parcel_id).parcel.first_scan_at == FOREIGN.occurred_at


# -- hostile and racing answers ----------------------------------------------------------------


def test_a_portals_texts_cannot_keep_a_scan_out(store: Store) -> None:
    """
    NUL, lone surrogates and endless texts are stored as plain text, and the scan counts.
    """
    parcel_id = add_parcel(store)
    text = "Received\0 \ud800" + "x" * 20_000
    hostile = event(text, code="C\0" * 500, location="\udfff" * 500)
    kept = Evidence(
        url="http://127.0.0.1/" + "a" * 500,
        http_status=200,
        content_type="x" * 500,
        body="\0\ud800",
        reader="test",
    )
    look = report(hostile, evidence=kept, detail="\0\ud800" * 500)
    bad = report(outcome=Outcome.UNREADABLE, evidence=kept, detail="\0")
    _record(store, parcel_id, look, look, bad)
    (stored,) = _events(store, parcel_id)
    assert (stored.event.text, stored.event.code) == ("Received ?" + "x" * 20_000, "C" * 500)
    assert _parcel(store, parcel_id).parcel.scanned


@pytest.mark.parametrize("workers", [2, 4])
def test_racing_looks_at_one_parcel_are_all_recorded(database_url: str, workers: int) -> None:
    """
    Two workers with one parcel (a lease ran out) lose no look, no event and no scan.
    """
    setup = Store(database_url)
    parcel_id = add_parcel(setup)

    def work(index: int) -> None:
        own = Store(database_url)
        for hour in range(5):
            shown = (event(), announced()) if (index + hour) % 2 else (announced(),)
            _record(own, parcel_id, report(*shown, looked_at=after(hours=hour)))
        own.close()

    with ThreadPoolExecutor(workers) as pool:
        list(pool.map(work, range(workers)))
    assert len(_flags(setup, parcel_id)) == 5 * workers
    assert len(_events(setup, parcel_id)) == 2
    assert _parcel(setup, parcel_id).parcel.scanned
    setup.close()


# -- any sequence ------------------------------------------------------------------------------

INSTANTS = [None, after(days=-20), after(days=-1), after(days=-1, minutes=1), NOON]
EVENTS = st.builds(
    lambda text, stage, at, code, place: event(
        text,
        stage=stage,
        occurred_at=at,
        code=code,
        location=place,
        is_scan=stage not in {Stage.ANNOUNCED, Stage.UNCLASSIFIED},
    ),
    st.sampled_from(["Received", "received.", "Arrived", "Weighed", "包裹已到达仓库"]),
    st.sampled_from([Stage.RECEIVED, Stage.ANNOUNCED, Stage.UNCLASSIFIED, Stage.DELIVERED]),
    st.sampled_from(INSTANTS),
    st.sampled_from([None, "OP-14", "OP-1"]),
    st.sampled_from([None, "SHENZHEN"]),
)


def _a_look(outcome: Outcome, shown: list[ScanEvent], carrier: Any, hours: int) -> LookReport:
    told = shown if outcome is Outcome.EVENTS else []
    return report(*told, outcome=outcome, carrier=carrier, looked_at=after(hours=hours))


LOOKS = st.builds(
    _a_look,
    st.sampled_from([Outcome.EVENTS] * 6 + list(Outcome)),
    st.lists(EVENTS, min_size=1, max_size=4),
    st.sampled_from([SEKO, SEKO, CLEVY]),
    st.integers(0, 48),
)


def _instants(stored: tuple[StoredEvent, ...]) -> set[tuple[Any, bool]]:
    return {(one.event.occurred_at, one.event.is_scan) for one in stored if one.event.is_scan}


@settings(max_examples=40)
@given(st.lists(LOOKS, min_size=1, max_size=6))
def test_no_sequence_of_looks_unscans_a_parcel_or_loses_an_event(
    sqlite_files: SqliteFiles, looks: list[LookReport]
) -> None:
    """
    After any looks: scanned, a terminal stage and every scan stay, and events never get fewer.

    One SQLite file serves all examples: each has a parcel of its own.
    """
    store = Store(_shared_url(sqlite_files))
    with store.begin() as tx:
        parcel_id = tx.parcels.add(draft(tx.parcels.count()), NOON)
    scanned, terminal, count, scans = False, False, 0, set[tuple[Any, bool]]()
    for look in looks:
        (recorded,) = _record(store, parcel_id, look)
        parcel, stored = _parcel(store, parcel_id).parcel, _events(store, parcel_id)
        own_scan = any(one.event.is_scan for one in stored if not one.foreign)
        assert parcel.scanned == (scanned or own_scan)
        assert recorded.first_scan == (parcel.scanned and not scanned)
        assert len(stored) >= count
        assert _instants(stored) >= scans
        assert not terminal or (parcel.stage is not None and parcel.stage.is_terminal)
        if not look.outcome.is_good:
            assert (parcel.scanned, len(stored), _instants(stored)) == (scanned, count, scans)
        scanned, count, scans = parcel.scanned, len(stored), _instants(stored)
        terminal = parcel.stage is not None and parcel.stage.is_terminal
    store.close()


_URLS: dict[int, str] = {}


def _shared_url(files: SqliteFiles) -> str:
    return _URLS.setdefault(id(files), files.migrated())


def test_an_answer_is_kept_once_and_forgotten_when_nobody_saw_it_lately(store: Store) -> None:
    """
    Ten looks on one answer keep one answer; the looks outlive it.
    """
    kept = Evidence(
        url="http://127.0.0.1/", http_status=500, content_type=None, body="down", reader="test"
    )
    for serial in range(1, 6):
        bad = [
            report(outcome=Outcome.UNREADABLE, evidence=kept, looked_at=after(hours=hours))
            for hours in (0, 1)
        ]
        _record(store, add_parcel(store, serial), *bad)
    with store.begin() as tx:
        assert tx.evidence.forget(after(hours=1)) == 0
        assert tx.evidence.forget(after(hours=2)) == 1
        assert tx.evidence.forget(after(hours=2)) == 0
    with store.read() as tx:
        numbers = [parcel.id for parcel in tx.parcels.matching(after(hours=3))]
        assert [len(tx.looks.of(parcel_id)) for parcel_id in numbers] == [2] * 5
