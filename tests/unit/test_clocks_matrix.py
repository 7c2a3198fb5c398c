"""
The clocks beside the ladder against the written matrix ``clocks_matrix.txt``.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from itertools import product
from pathlib import Path

import pytest

from alerts.rules import Decision, Facts, decide
from tests.unit.test_rules import DEADLINE, HOUR, NOW, PROVED_DS, alert
from tests.unit.test_rules_matrix import Combination, Row, read_matrix
from tracker.model import AlertKind, ClosedBecause, SellerStatus, Stage
from tracker.planning.clocks import ClockTimes

MATRIX = Path(__file__).with_name("clocks_matrix.txt")
AXES = {
    "kind": (
        "cancel_risk",
        "retrieve_parcel",
        "not_synchronised",
        "claim_window",
        "overdue_delivery",
        "return_claim",
        "pending_order",
    ),
    "switch": ("on", "off"),
    "clock": ("ahead", "struck", "over"),
    "status": ("fresh", "old", "ended"),
    "alert": ("none", "open", "settled"),
}
ROWS = read_matrix(MATRIX.read_text(encoding="utf-8"), AXES)
DAY = timedelta(days=1)

#: In time still and unscanned, with no proof of anything.
IN_TIME = replace(
    PROVED_DS, scan_deadline=NOW + DAY, last_good=None, last_look=None, grace_ends_at=None
)
SCANNED = replace(IN_TIME, scanned=True, stage=Stage.IN_TRANSIT, seller_status=SellerStatus.PENDING)
#: Each kind's parcel, and the status that leaves its clock no cause.
PARCELS = {
    "cancel_risk": (IN_TIME, SellerStatus.SHIPPED),
    "retrieve_parcel": (
        replace(IN_TIME, seller_status=SellerStatus.CANCELED),
        SellerStatus.SHIPPED,
    ),
    "not_synchronised": (
        replace(SCANNED, seller_status=SellerStatus.READY_TO_SHIP),
        SellerStatus.SHIPPED,
    ),
    "claim_window": (replace(PROVED_DS, last_good=None, grace_ends_at=None), SellerStatus.SHIPPED),
    "overdue_delivery": (
        replace(SCANNED, seller_status=SellerStatus.SHIPPED),
        SellerStatus.DELIVERED,
    ),
    "return_claim": (replace(SCANNED, seller_status=SellerStatus.RETURNED), SellerStatus.RETURNED),
    "pending_order": (
        replace(IN_TIME, seller_status=SellerStatus.PENDING),
        SellerStatus.READY_TO_SHIP,
    ),
}


def times_of(kind: str, clock: str) -> ClockTimes:
    """
    The parcel's one clock.
    """
    strikes = NOW + HOUR if clock == "ahead" else NOW - 3 * HOUR
    ends = NOW - HOUR if clock == "over" else NOW + DAY
    return {
        "cancel_risk": ClockTimes(cancel_near=strikes, cancelled_at=ends),
        "retrieve_parcel": ClockTimes(),
        "not_synchronised": ClockTimes(sync_by=strikes),
        "claim_window": ClockTimes(claims_end_soon=strikes, claims_end=ends),
        "overdue_delivery": ClockTimes(deliver_by=strikes),
        "return_claim": ClockTimes(picked_up_at=strikes, return_until=ends),
        "pending_order": ClockTimes(ready_by=strikes),
    }[kind]


def deadline_of(kind: str, clock: str) -> object:
    """
    The identity of the clock's alert.
    """
    times = times_of(kind, clock)
    ends = times.cancelled_at or times.claims_end or times.return_until
    return ends or times.sync_by or times.deliver_by or times.ready_by or NOW - 3 * HOUR


def facts_of(combination: Combination) -> Facts:
    """
    The facts that a combination stands for.
    """
    kind, switch, clock, status, standing = combination
    facts, ended = PARCELS[kind]
    closed = ClosedBecause.MANUAL if standing == "settled" else None
    own = alert(AlertKind(kind), closed, deadline=deadline_of(kind, clock))  # type: ignore[arg-type]
    return replace(
        facts,
        clocks=times_of(kind, clock),
        clocks_on=frozenset({AlertKind(kind)}) if switch == "on" else frozenset(),
        seller_status=ended if status == "ended" else facts.seller_status,
        seller_status_at=NOW - (2 * HOUR if status == "fresh" else 4 * HOUR),
        cancelled_first_seen_at=NOW - 3 * HOUR if kind == "retrieve_parcel" else None,
        alerts=() if standing == "none" else (own,),
    )


def in_words(decision: Decision, kind: str) -> str:
    """
    What is decided about the clock, in the notation of the matrix.
    """
    words = [f"open {one.reason}" for one in decision.openings if one.kind == kind]
    words += [f"close {closing.because}" for closing in decision.closings]
    words += ["orders"] if decision.wants_orders else []
    return " + ".join(words) or "nothing"


def test_every_combination_stands_in_the_matrix_exactly_once() -> None:
    """
    The matrix is complete and speaks of no combination twice.
    """
    spoken = Counter(one for row in ROWS for one in row.combinations())
    assert set(product(*AXES.values())) - set(spoken) == set(), "these stand in no row"
    assert [one for one, times in spoken.items() if times > 1] == [], "these stand in two rows"


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"line-{row.line}")
def test_the_decision_is_the_written_one(row: Row) -> None:
    """
    Each combination of a row is decided as the row says.
    """
    if row.expected.startswith("impossible"):
        assert len(row.expected.split()) > 1, "a reason must be given"
        return
    decided = {one: in_words(decide(facts_of(one), NOW), one[0]) for one in row.combinations()}
    wrong = {one: words for one, words in decided.items() if words != row.expected}
    assert wrong == {}


def test_near_cancellation_the_question_for_the_hand_over_gives_way() -> None:
    """
    An assumed hand-over is asked for first; a day before the cancellation one alert says both.
    """
    facts = replace(
        PROVED_DS,
        handover_assumed=True,
        clocks=ClockTimes(cancel_near=NOW - HOUR, cancelled_at=NOW + DAY),
        clocks_on=frozenset({AlertKind.CANCEL_RISK}),
        alerts=(alert(AlertKind.CONFIRM_HANDOVER, deadline=DEADLINE),),
    )
    decision = decide(facts, NOW)
    assert [one.kind for one in decision.openings] == [AlertKind.CANCEL_RISK]
    assert [one.because for one in decision.closings] == [ClosedBecause.HIGHER_RUNG]


def test_the_question_for_the_hand_over_is_asked_when_its_substitute_is_switched_off() -> None:
    """
    In the same decision: nothing else would make the next one (R25).
    """
    facts = replace(
        PROVED_DS,
        handover_assumed=True,
        confirm_by=DEADLINE,
        clocks=ClockTimes(cancel_near=NOW - HOUR, cancelled_at=NOW + DAY),
        alerts=(alert(AlertKind.CANCEL_RISK, deadline=NOW + DAY),),
    )
    decision = decide(facts, NOW)
    assert [one.kind for one in decision.openings] == [AlertKind.CONFIRM_HANDOVER]
    assert [one.because for one in decision.closings] == [ClosedBecause.MANUAL]
    on = decide(replace(facts, clocks_on=frozenset({AlertKind.CANCEL_RISK})), NOW)
    assert (on.openings, on.closings) == ((), ())


def test_a_scan_alert_tells_of_the_cancellation_itself() -> None:
    """
    Where the ladder speaks already, no second alert says that cancellation is near.
    """
    clocks = ClockTimes(cancel_near=NOW - HOUR, cancelled_at=NOW + DAY)
    on = frozenset({AlertKind.CANCEL_RISK})
    facts = replace(PROVED_DS, clocks=clocks, clocks_on=on)
    assert [one.kind for one in decide(facts, NOW).openings] == [AlertKind.URGE_SCAN]
    facts = replace(facts, alerts=(alert(AlertKind.CANCEL_RISK, deadline=NOW + DAY),))
    decision = decide(facts, NOW)
    assert [one.kind for one in decision.openings] == [AlertKind.URGE_SCAN]
    assert [one.because for one in decision.closings] == [ClosedBecause.HIGHER_RUNG]


def test_a_cancelled_parcel_is_claimed_and_got_back() -> None:
    """
    R26: the claim and ``retrieve_parcel`` open beside each other.
    """
    facts = replace(
        PROVED_DS,
        seller_status=SellerStatus.CANCELED,
        cancelled_first_seen_at=DEADLINE + HOUR,
        clocks_on=frozenset({AlertKind.RETRIEVE_PARCEL}),
    )
    kinds = {one.kind for one in decide(facts, NOW).openings}
    assert kinds == {AlertKind.RAISE_CLAIM, AlertKind.RETRIEVE_PARCEL}
