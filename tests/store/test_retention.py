"""
How long answers are kept and how much room they take; what an open alert rests on stays (R20).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select, update

from tests.support.builders import (
    CLEVY,
    NOON,
    add_parcel,
    after,
    announced,
    event,
    open_alert,
    report,
)
from tracker.model import ClosedBecause, Evidence, LookReport, Outcome, ScanEvent, Stage
from tracker.store import tables
from tracker.store.retention import Dropped

if TYPE_CHECKING:
    from tracker.store import Store

PICTURE = b"\x89PNG" + bytes(996)


def _answer(text: str, *, picture: bytes | None = PICTURE) -> Evidence:
    return Evidence(
        url="http://127.0.0.1/jtrack",
        http_status=200,
        content_type="text/html",
        body=text,
        reader="portal/7",
        screenshot=picture,
    )


def _look(store: Store, parcel_id: int, look: LookReport) -> int:
    with store.begin() as tx:
        return tx.looks.record(parcel_id, look).look_id


def _days(store: Store, count: int) -> list[int]:
    """
    One look a day, each with an answer of its own; their ids.
    """
    parcel_id = add_parcel(store)
    return [
        _look(store, parcel_id, report(looked_at=after(days=day), evidence=_answer(f"day {day}")))
        for day in range(count)
    ]


def _kept(store: Store) -> list[tuple[int, bool]]:
    """
    (look id, has a picture) of the looks whose answer is kept.
    """
    with store.read() as tx:
        return [
            (look.id, look.evidence.has_screenshot)
            for parcel in tx.parcels.matching(NOON)
            for look in tx.looks.of(parcel.id)
            if look.evidence is not None
        ]


NOT_SHOWN = [
    report(evidence=_answer("nothing yet")),
    report(announced(), evidence=_answer("announced")),
    report(event("A7 induct", stage=Stage.UNCLASSIFIED), evidence=_answer("unknown")),
    *(
        report(outcome=outcome, evidence=_answer("bad"))
        for outcome in Outcome
        if not outcome.is_good
    ),
    report(event(), event("Lost", stage=Stage.LOST, occurred_at=NOON), evidence=_answer("lost")),
]


@pytest.mark.parametrize("look", NOT_SHOWN, ids=lambda look: look.evidence.body + look.outcome)
def test_every_look_without_a_scan_can_be_proved(store: Store, look: LookReport) -> None:
    """
    Confirming looks, looks in doubt and every failed look that got an answer keep it, and a loss.
    """
    look_id = _look(store, add_parcel(store), look)
    assert _kept(store) == [(look_id, True)]


@pytest.mark.parametrize("events", [(event(),), (announced(), event())])
def test_a_scan_needs_no_proof(store: Store, events: tuple[ScanEvent, ...]) -> None:
    """
    A look that shows the scan accuses nobody: its answer is not kept.
    """
    _look(store, add_parcel(store), report(*events, evidence=_answer("scanned")))
    assert _kept(store) == []


def test_a_looks_evidence_is_told_with_it(store: Store) -> None:
    """
    Address, status, kind of content and the look's own reader; the body comes when asked for.
    """
    parcel_id = add_parcel(store)
    _look(store, parcel_id, report(evidence=_answer("nothing 暂无")))
    with store.read() as tx:
        (look,) = tx.looks.of(parcel_id)
        assert look.evidence is not None
        whole = tx.evidence.whole(look.evidence.sha256)
        assert tx.evidence.whole("0" * 64) is None
    assert (look.reader, look.evidence.http_status) == ("portal/7", 200)
    assert look.evidence.content_type == "text/html"
    assert look.evidence.last_seen_at == NOON
    assert whole is not None
    assert (whole.body.decode(), whole.screenshot, whole.intact) == ("nothing 暂无", PICTURE, True)


@pytest.mark.parametrize("body", [b"no zlib", b"x\x9c\x03\x00\x00\x00\x00\x01"])
def test_a_changed_body_is_noticed(store: Store, body: bytes) -> None:
    """
    A stored body that does not match its digest is not taken for the portal's answer.
    """
    _look(store, add_parcel(store), report(evidence=_answer("nothing yet")))
    with store.begin() as tx:
        tx._connection.execute(update(tables.evidence).values(body=body))
        digest = tx._connection.execute(select(tables.evidence.c.sha256)).scalar_one()
        whole = tx.evidence.whole(digest)
    assert whole is not None
    assert not whole.intact


def test_a_picture_joins_an_answer_that_had_none(store: Store) -> None:
    """
    The same answer seen by browser later gets its picture, and its size follows.
    """
    parcel_id = add_parcel(store)
    _look(store, parcel_id, report(evidence=_answer("same", picture=None)))
    with store.read() as tx:
        before = tx.evidence.size()
    _look(store, parcel_id, report(evidence=_answer("same"), looked_at=after(hours=1)))
    _look(store, parcel_id, report(evidence=_answer("same"), looked_at=after(hours=2)))
    with store.read() as tx:
        assert tx.evidence.size() == before + len(PICTURE)


def test_the_oldest_pictures_go_first_then_the_oldest_answers(store: Store) -> None:
    """
    Just as much as is needed goes, from the oldest on, and the count is told.
    """
    looks = _days(store, 5)
    with store.begin() as tx:
        whole = tx.evidence.size()
        assert tx.evidence.keep_within(whole) == Dropped()
        assert tx.evidence.keep_within(whole - 1500) == Dropped(pictures=2)
        assert tx.evidence.size() == whole - 2 * len(PICTURE)
    assert _kept(store) == [(look, place >= 2) for place, look in enumerate(looks)]
    with store.begin() as tx:
        body = (whole - 5 * len(PICTURE)) // 5
        dropped = tx.evidence.keep_within(3 * body + 2)
        assert dropped == Dropped(pictures=3, answers=2)
        assert tx.evidence.size() <= 3 * body + 2
    assert _kept(store) == [(look, False) for look in looks[2:]]


def test_what_an_open_alert_rests_on_stays(store: Store) -> None:
    """
    Neither age nor want of room takes the proof of an open alert; closed, it goes like others.
    """
    looks = _days(store, 3)
    with store.begin() as tx:
        parcel_id = next(iter(tx.parcels.matching(NOON))).id
        alert_id = open_alert(tx, parcel_id, proof_look_id=looks[0])
        assert tx.evidence.keep_within(0) == Dropped(pictures=2, answers=2)
        assert tx.evidence.forget(after(days=900)) == 0
    assert _kept(store) == [(looks[0], True)]
    with store.begin() as tx:
        tx.alerts.close(alert_id, ClosedBecause.SCANNED, NOON)
        assert tx.evidence.forget(after(days=900)) == 1
    assert _kept(store) == []


def test_an_alert_on_two_portals_rests_on_both(store: Store) -> None:
    """
    Of a doubtful parcel both portals' answers since the deadline are kept for its open alert.
    """
    parcel_id = add_parcel(store, second_carrier=CLEVY)
    early = report(evidence=_answer("before"), looked_at=after(days=-1))
    _look(store, parcel_id, early)
    proofs = [
        _look(store, parcel_id, report(evidence=_answer("own"))),
        _look(store, parcel_id, report(evidence=_answer("other"), carrier=CLEVY)),
    ]
    with store.begin() as tx:
        open_alert(tx, parcel_id, proof_look_id=proofs[0])
        tx.evidence.keep_within(0)
    assert _kept(store) == [(look, True) for look in proofs]
