"""
What one round of looks is worth: canaries and mass anomalies, judged on values (promises.md R9).
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.builders import after, announced, event, number, report
from tracker.model import LookReport, Outcome, Stage
from tracker.polling.canaries import Canary, believed, judge
from tracker.store.canaries import Expected, Shown

if TYPE_CHECKING:
    from tracker.model import ScanEvent

SCANNED = Canary(tracking_number=number(1), expected=Expected.SCANNED)
UNKNOWN = Canary(tracking_number=number(2), expected=Expected.UNKNOWN)
SCAN = event()
ODD = event("Parcel regraded at bay seven", stage=Stage.UNCLASSIFIED)
BAD = [outcome for outcome in Outcome if not outcome.is_good]


def look(index: int, *events: ScanEvent, outcome: Outcome | None = None) -> LookReport:
    """
    What the portal said of the parcel with that index.
    """
    made = report(*events, tracking_number=number(index))
    return made if outcome is None else replace(made, outcome=outcome)


def shown(*events: ScanEvent) -> tuple[Shown, ...]:
    """
    What the portal had shown before.
    """
    return tuple(map(Shown.of, events))


def not_found(index: int) -> LookReport:
    """
    The portal does not know the number.
    """
    return look(index, outcome=Outcome.NOT_FOUND)


@pytest.mark.parametrize(
    ("canary", "answer", "right"),
    [
        (SCANNED, look(1, SCAN), True),
        (SCANNED, look(1, announced()), False),
        (SCANNED, look(1), False),
        (SCANNED, not_found(1), False),
        (SCANNED, look(1, ODD), None),
        (UNKNOWN, not_found(2), True),
        (UNKNOWN, look(2), True),
        (UNKNOWN, look(2, announced()), False),
        (UNKNOWN, look(2, SCAN), False),
        *((SCANNED, look(1, outcome=outcome), None) for outcome in BAD),
        *((UNKNOWN, look(2, outcome=outcome), None) for outcome in BAD),
    ],
)
def test_each_answer_of_a_canary(canary: Canary, answer: LookReport, *, right: bool | None) -> None:
    """
    A canary is wrong only if a good look says otherwise; a failed or unclear one says nothing.
    """
    verdict = judge([answer, look(9, announced())], [canary], {})
    assert [one.right for one in verdict.canaries] == [right]
    assert (verdict.doubt is not None) == (right is False)
    assert verdict.trusted == (right is not False)


def test_a_doubt_says_which_canary_and_what_was_said() -> None:
    """
    The reason is a sentence that names the number and both sides.
    """
    verdict = judge([not_found(1)], [SCANNED], {})
    assert verdict.doubt == (
        f"the canary {number(1)} was answered wrongly: it is scanned, "
        "the portal says no such number"
    )


def test_one_own_parcel_alone_against_two_is_no_doubt() -> None:
    """
    A portal may take back one parcel's scan: of own canaries the greater part must be wrong.
    """
    own = [replace(SCANNED, tracking_number=number(n), own=True) for n in (1, 2, 3)]
    odd_one = [not_found(1), look(2, SCAN), look(3, SCAN)]
    assert judge(odd_one, own, {}).doubt is None
    assert judge(odd_one[:2], own, {}).doubt is not None
    assert judge([not_found(1), not_found(2), look(3, SCAN)], own, {}).doubt is not None


def test_a_given_canary_is_not_outvoted() -> None:
    """
    The number that a person chose speaks for itself, whatever own parcels say.
    """
    own = [replace(SCANNED, tracking_number=number(n), own=True) for n in (3, 4, 5)]
    answers = [not_found(1), *(look(n, SCAN) for n in (3, 4, 5))]
    assert judge(answers, [SCANNED, *own], {}).doubt is not None


def test_a_scan_shown_word_for_word_is_no_wrong_answer() -> None:
    """
    When a table now calls the very same text something else, the portal did not change.
    """
    renamed = replace(SCAN, stage=Stage.ANNOUNCED, is_scan=False)
    verdict = judge([look(1, renamed)], [replace(SCANNED, own=True)], {number(1): shown(SCAN)})
    assert [one.right for one in verdict.canaries] == [None]
    assert verdict.doubt is None


@pytest.mark.parametrize(
    ("had", "lost", "doubted"),
    [(4, 4, False), (5, 2, False), (5, 3, True), (6, 3, False), (6, 4, True), (9, 7, True)],
)
def test_more_than_half_of_at_least_five(had: int, lost: int, *, doubted: bool) -> None:
    """
    Fewer than five with a history mean nothing, and exactly half of them is not most.
    """
    known = {number(n): shown(announced()) for n in range(had)}
    answers = [look(n) if n < lost else look(n, announced()) for n in range(had)]
    doubt = judge(answers, [], known).doubt
    assert doubt == (f"{lost} of {had} parcels lost their events in one round" if doubted else None)


def test_parcels_never_seen_scanned_are_no_anomaly() -> None:
    """
    A centre that is really late: any number of parcels without a history prove themselves.
    """
    assert judge([look(n) for n in range(50)], [], {}).doubt is None


def test_failed_looks_lose_nothing() -> None:
    """
    A look that failed is no lost history.
    """
    known = {number(n): shown(SCAN) for n in range(9)}
    answers = [look(n, outcome=Outcome.UNREADABLE) for n in range(9)]
    verdict = judge(answers, [], known)
    assert (verdict.doubt, verdict.trusted) == (None, False)


@pytest.mark.parametrize(
    ("before", "now", "is_lost"),
    [
        ((SCAN,), (announced(),), True),  # the scan is gone
        ((SCAN, announced()), (announced(),), True),
        ((SCAN,), (event("包裹已收到"),), False),  # the same instant in another language
        ((SCAN,), (event(occurred_at=after(days=-9)),), True),  # another parcel's scan
        ((announced(),), (SCAN, announced()), False),
        ((announced(),), (event(occurred_at=after(days=-9)),), True),
        ((event(occurred_at=None),), (event(occurred_at=None),), False),
        ((event(occurred_at=None),), (announced(),), True),
    ],
)
def test_what_counts_as_lost(
    before: tuple[ScanEvent, ...], now: tuple[ScanEvent, ...], *, is_lost: bool
) -> None:
    """
    A history is lost when none of its scans (of its events, without a scan) is shown any more.
    """
    answers = [look(n, *now) for n in range(5)]
    doubt = judge(answers, [], {number(n): shown(*before) for n in range(5)}).doubt
    assert (doubt is not None) == is_lost


def test_a_person_who_compared_waives_the_anomaly_and_not_the_canary() -> None:
    """
    After ``carriers confirm`` changed answers are taken as they are; a wrong canary is not.
    """
    known = {number(n): shown(SCAN) for n in range(9)}
    answers = [not_found(n) for n in range(9)]
    assert judge(answers, [], known, confirmed=True).doubt is None
    assert judge(answers, [SCANNED], known, confirmed=True).doubt is not None


@pytest.mark.parametrize(
    ("canaries", "answers", "tested"),
    [
        ([], [not_found(7)], False),  # nobody knows what the answer should have been
        ([SCANNED], [look(1, outcome=Outcome.UNREADABLE), not_found(7)], False),
        ([SCANNED], [look(1, SCAN), not_found(7)], True),
        ([UNKNOWN], [not_found(2), not_found(7)], True),
        ([], [look(5), not_found(7)], False),  # its history is gone
        ([], [look(5, announced()), not_found(7)], True),  # its history is still shown
        ([], [look(7, outcome=Outcome.UNREADABLE)], False),
    ],
)
def test_only_a_round_that_could_have_gone_wrong_tests_a_doubt(
    canaries: list[Canary], answers: list[LookReport], *, tested: bool
) -> None:
    """
    New parcels alone say nothing about a portal in doubt, unless a person has compared it.
    """
    known = {number(5): shown(announced())}
    assert judge(answers, canaries, known).tested == tested
    any_good = any(answer.outcome.is_good for answer in answers)
    assert judge(answers, canaries, known, confirmed=True).tested == any_good


REPORTS = st.lists(
    st.builds(
        look,
        st.integers(0, 12),
        outcome=st.sampled_from([outcome for outcome in Outcome if outcome is not Outcome.EVENTS]),
    )
    | st.builds(look, st.integers(0, 12), st.sampled_from([SCAN, ODD, announced()])),
    max_size=15,
    unique_by=lambda made: made.tracking_number,
)


@given(
    reports=REPORTS,
    canaries=st.lists(st.sampled_from([SCANNED, UNKNOWN]), unique=True),
    histories=st.lists(st.sampled_from([(), (SCAN,), (announced(),)]), min_size=13, max_size=13),
)
def test_a_doubted_round_is_believed_in_nothing(
    reports: list[LookReport],
    canaries: list[Canary],
    histories: list[tuple[ScanEvent, ...]],
) -> None:
    """
    Every report is passed on; in doubt none says "scanned" or "not scanned", else all are the same.
    """
    known = {number(n): shown(*events) for n, events in enumerate(histories)}
    verdict = judge(reports, canaries, known)
    told = believed(reports, verdict)
    assert [one.tracking_number for one in told] == [one.tracking_number for one in reports]
    assert [one.evidence for one in told] == [one.evidence for one in reports]
    if verdict.doubt is None:
        assert told == reports
    else:
        assert not verdict.trusted
        assert {one.scanned for one in told} == {None}
        assert not any(one.events or one.outcome.is_good for one in told)
