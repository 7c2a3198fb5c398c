"""
The ladder's marks against the written matrix ``ladder_matrix.txt``.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from itertools import product
from pathlib import Path

import pytest

from alerts.rules import AlertFact, Facts, decide
from tests.unit.test_rules import DEADLINE, HOUR, NOW, PROVED_DS, PROVED_POSTAL, alert, look
from tests.unit.test_rules_matrix import Combination, Row, in_words, read_matrix
from tracker.model import AlertKind, AlertState, ClaimAnswer

MATRIX = Path(__file__).with_name("ladder_matrix.txt")
AXES = {
    "service": ("ds", "postal"),
    "cancel": ("far", "near"),
    "urged": ("no", "waiting", "over"),
    "claim": ("no", "fresh", "due", "asked", "ended"),
    "alert": ("none", "urge", "claim", "follow", "answer"),
}
ROWS = read_matrix(MATRIX.read_text(encoding="utf-8"), AXES)
DAY = timedelta(days=1)

STANDING = {
    "urge": (AlertKind.URGE_SCAN, AlertState.ACTED),
    "claim": (AlertKind.RAISE_CLAIM, AlertState.ACTED),
    "follow": (AlertKind.FOLLOW_UP_CLAIM, AlertState.OPEN),
    "answer": (AlertKind.ANSWER_CLAIM, AlertState.OPEN),
}


def alerts_of(word: str) -> tuple[AlertFact, ...]:
    """
    The one alert that stands.
    """
    if word == "none":
        return ()
    kind, state = STANDING[word]
    return (alert(kind, state=state),)


def facts_of(combination: Combination) -> Facts:
    """
    The facts that a combination stands for.
    """
    service, cancel, urged, claim, standing = combination
    claimed_at = None if claim == "no" else NOW - (3 * HOUR if claim == "fresh" else 4 * DAY)
    answers = {"asked": ClaimAnswer.INFO_NEEDED, "ended": ClaimAnswer.REJECTED}
    return replace(
        PROVED_DS if service == "ds" else PROVED_POSTAL,
        last_good=look(7.5),
        last_look=look(7.5),
        claim_by=NOW + HOUR if cancel == "far" else NOW - HOUR,
        urged_at=None if urged == "no" else DEADLINE + HOUR,
        claim_after={"no": None, "waiting": NOW + HOUR, "over": NOW - HOUR}[urged],
        claimed_at=claimed_at,
        claim_answer=answers.get(claim),
        claim_answer_by=None if claimed_at is None else claimed_at + 3 * DAY,
        reply_by=NOW + DAY if claim == "asked" else None,
        alerts=alerts_of(standing),
    )


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
    decided = {one: in_words(decide(facts_of(one), NOW)) for one in row.combinations()}
    wrong = {one: words for one, words in decided.items() if words != row.expected}
    assert wrong == {}
