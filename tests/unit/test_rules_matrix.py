"""
The deciding rules against the written matrix ``rules_matrix.txt`` (promises.md R2).
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path

import pytest

from alerts.rules import AlertFact, Decision, Facts, LookFact, decide
from tracker.model import (
    AlertKind,
    AlertState,
    CarrierName,
    ClosedBecause,
    Outcome,
    SellerStatus,
    Service,
    Stage,
)

MATRIX = Path(__file__).with_name("rules_matrix.txt")

AXES: dict[str, tuple[str, ...]] = {
    "scan": ("none", "in_time", "late", "backdated"),
    "look": ("odd_events", "never", *(outcome.value for outcome in Outcome)),
    "made": ("before", "after"),
    "clock": ("ahead", "grace", "over"),
    "alert": ("none", "open", "settled", "lapsed"),
    "service": ("ds", "postal"),
}

DEADLINE = datetime(2026, 11, 19, 16, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
ALERT_ID = 7

Axes = dict[str, tuple[str, ...]]
Combination = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """
    One line of the matrix: the values each axis may take, and what is expected.
    """

    line: int
    cells: tuple[frozenset[str], ...]
    expected: str

    def combinations(self) -> set[Combination]:
        """
        Every combination that this line speaks of.
        """
        return set(product(*self.cells))


def read_matrix(text: str, axes: Axes = AXES) -> list[Row]:
    """
    The rows of the table, groups expanded; an unknown word is an error that names its line.
    """
    heading = f"{next(iter(axes))} "
    groups: dict[str, frozenset[str]] = {}
    rows = []
    for number, raw in enumerate(text.splitlines(), start=1):
        line = raw.strip()
        if line.startswith("@") and "|" not in line:
            name, _, members = line.partition("=")
            groups[name.strip()] = expand(members, groups)
        elif line and not line.startswith(("#", heading)):
            *cells, expected = (cell.strip() for cell in line.split("|"))
            rows.append(Row(number, read_cells(number, cells, groups, axes), expected))
    return rows


def expand(text: str, groups: dict[str, frozenset[str]]) -> frozenset[str]:
    """
    The plain values of one cell.
    """
    words = [word.strip() for word in text.split("/")]
    return frozenset().union(*(groups.get(word, frozenset({word})) for word in words))


def read_cells(
    number: int, cells: list[str], groups: dict[str, frozenset[str]], axes: Axes
) -> tuple[frozenset[str], ...]:
    """
    The cells as sets of axis values.
    """
    read = []
    for cell, (axis, values) in zip(cells, axes.items(), strict=True):
        found = frozenset(values) if cell == "any" else expand(cell, groups)
        assert found <= set(values), f"line {number}: {found - set(values)} is no {axis}"
        read.append(found)
    return tuple(read)


ROWS = read_matrix(MATRIX.read_text(encoding="utf-8"))


def now_of(clock: str) -> datetime:
    """
    The instant of deciding.
    """
    return DEADLINE - HOUR if clock == "ahead" else DEADLINE + 4 * HOUR


def look_of(look: str, made: str, scan: str) -> LookFact | None:
    """
    The latest look of a combination.
    """
    if look == "never":
        return None
    outcome = Outcome.EVENTS if look == "odd_events" else Outcome(look)
    scanned: bool | None = None
    if look != "odd_events" and outcome.is_good:
        scanned = look == "events" and scan != "none"
    at = DEADLINE - 2 * HOUR if made == "before" else DEADLINE + HOUR
    return LookFact(look_id=20, looked_at=at, outcome=outcome, scanned=scanned)


def last_good_of(look: LookFact | None) -> LookFact | None:
    """
    The latest look if it is good; before a failed one there was a good one, ahead of the deadline.
    """
    if look is None or look.outcome.is_good:
        return look
    if look.outcome is Outcome.NO_CARRIER:
        return None
    return LookFact(
        look_id=19, looked_at=DEADLINE - 5 * HOUR, outcome=Outcome.NO_EVENTS, scanned=False
    )


def alerts_of(alert: str, service: str, clock: str) -> tuple[AlertFact, ...]:
    """
    The parcel's alert of its service's first rung.
    """
    if alert == "none":
        return ()
    earlier = alert == "open" and clock == "ahead"
    because = {"settled": ClosedBecause.MANUAL, "lapsed": ClosedBecause.DEADLINE_MOVED}.get(alert)
    return (
        AlertFact(
            id=ALERT_ID,
            kind=AlertKind.URGE_SCAN if service == "ds" else AlertKind.RAISE_CLAIM,
            state=AlertState.CLOSED if because else AlertState.OPEN,
            deadline=DEADLINE - 24 * HOUR if earlier else DEADLINE,
            closed_because=because,
            told=True,
        ),
    )


def scan_of(scan: str) -> tuple[datetime | None, datetime | None]:
    """
    When the scan happened and when it was first seen.
    """
    return {
        "none": (None, None),
        "in_time": (DEADLINE - 4 * HOUR, DEADLINE - 3 * HOUR),
        "late": (DEADLINE + HOUR / 2, DEADLINE + HOUR),
        "backdated": (DEADLINE - 4 * HOUR, DEADLINE + HOUR),
    }[scan]


def facts_of(combination: Combination) -> Facts:
    """
    The facts that a combination stands for.
    """
    scan, look, made, clock, alert, service = combination
    now = now_of(clock)
    last_look = look_of(look, made, scan)
    happened, seen = scan_of(scan)
    carrier = CarrierName.SEKO if service == "ds" else CarrierName.CLEVY
    return Facts(
        tracking_number="JG-NJS-319365323-5711",
        service=Service(service),
        carrier=None if look == "no_carrier" else carrier,
        seller_status=SellerStatus.READY_TO_SHIP,
        seller_status_at=DEADLINE - 48 * HOUR,
        cancelled_first_seen_at=None,
        created_at=DEADLINE - 72 * HOUR,
        handed_over_at=DEADLINE - 36 * HOUR,
        handover_assumed=False,
        trust_assumed=False,
        scan_deadline=DEADLINE,
        confirm_by=DEADLINE + 24 * HOUR,
        auto_cancel_at=DEADLINE + 72 * HOUR,
        scanned=scan != "none",
        stage=Stage.ANNOUNCED if scan == "none" else Stage.RECEIVED,
        superseded=False,
        archived=False,
        urged_at=None,
        claim_after=None,
        last_look=last_look,
        last_good=last_good_of(last_look),
        first_attempt_after_deadline=DEADLINE + HOUR if made == "after" else None,
        grace_ends_at={"ahead": None, "grace": now + HOUR, "over": now - HOUR}[clock],
        unclassified=False,
        alerts=alerts_of(alert, service, clock),
        carrier_blind=False,
        first_scan_at=happened,
        scan_first_seen_at=seen,
    )


def in_words(decision: Decision) -> str:
    """
    A decision in the notation of the matrix.
    """
    words = [
        f"{'open' if opening.reopens is None else 'reopen'} {opening.kind} {opening.reason}"
        for opening in decision.openings
    ]
    words += [f"close {closing.because}" for closing in decision.closings]
    words += ["look"] if decision.look_now else []
    words += ["unverified"] if decision.unverified else []
    return " + ".join(words) or "nothing"


def test_every_combination_stands_in_the_matrix_exactly_once() -> None:
    """
    The matrix is complete and speaks of no combination twice.
    """
    spoken = Counter(one for row in ROWS for one in row.combinations())
    everything = set(product(*AXES.values()))
    assert everything - set(spoken) == set(), "these stand in no row"
    assert [one for one, times in spoken.items() if times > 1] == [], "these stand in two rows"


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"line-{row.line}")
def test_the_decision_is_the_written_one(row: Row) -> None:
    """
    Each combination of a row is decided as the row says.
    """
    if row.expected.startswith("impossible"):
        assert re.fullmatch(r"impossible: \w.+", row.expected), "a reason must be given"
        return
    decided = {one: in_words(decide(facts_of(one), now_of(one[3]))) for one in row.combinations()}
    wrong = {one: words for one, words in decided.items() if words != row.expected}
    assert wrong == {}


def test_an_opening_carries_deadline_proof_and_the_row_it_takes_up_again() -> None:
    """
    The opening names the deadline, the look that proves it, and the lapsed alert it reopens.
    """
    combination = ("none", "not_found", "after", "grace", "lapsed", "ds")
    (opening,) = decide(facts_of(combination), now_of("grace")).openings
    assert opening.deadline == DEADLINE
    assert opening.proof is not None
    assert opening.proof.look_id == 20
    assert opening.reopens == ALERT_ID


@pytest.mark.parametrize(
    ("scan", "why"),
    [
        ("in_time", "scanned in time"),
        ("late", "scanned late"),
        ("backdated", "scanned in time, seen late"),
    ],
)
def test_the_log_tells_the_kinds_of_scan_apart(scan: str, why: str) -> None:
    """
    The line for the log says whether the parcel or only the news of its scan was late.
    """
    combination = (scan, "no_events", "after", "over", "open", "postal")
    assert decide(facts_of(combination), now_of("over")).why == why
