"""
The deciding rules beyond the matrix: ladder, seller status, hand-over, closings, properties.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from alerts.rules import AlertFact, Decision, Facts, LookFact, Opening, Reason, decide, joint_look
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

DEADLINE = datetime(2026, 11, 19, 16, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
NOW = DEADLINE + 8 * HOUR

SCAN_KINDS = {AlertKind.URGE_SCAN, AlertKind.RAISE_CLAIM}
BAD = [outcome for outcome in Outcome if not outcome.is_good]
ENDED = [SellerStatus.SHIPPED, SellerStatus.DELIVERED, SellerStatus.FAILED, SellerStatus.RETURNED]


def look(
    hours: float, outcome: Outcome = Outcome.NO_EVENTS, *, scanned: bool | None = False
) -> LookFact:
    """
    A look made that many hours after the deadline.
    """
    verdict = scanned if outcome.is_good else None
    return LookFact(look_id=20, looked_at=DEADLINE + hours * HOUR, outcome=outcome, scanned=verdict)


def alert(
    kind: AlertKind,
    closed_because: ClosedBecause | None = None,
    *,
    number: int = 7,
    state: AlertState = AlertState.OPEN,
    deadline: datetime | None = DEADLINE,
    told: bool = True,
) -> AlertFact:
    """
    An alert of the parcel; closed if a cause is given.
    """
    return AlertFact(
        id=number,
        kind=kind,
        state=AlertState.CLOSED if closed_because else state,
        deadline=deadline,
        closed_because=closed_because,
        told=told,
    )


PROVED_DS = Facts(
    tracking_number="JG-NJS-319365323-5711",
    service=Service.DS,
    carrier=CarrierName.SEKO,
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
    scanned=False,
    stage=None,
    superseded=False,
    archived=False,
    urged_at=None,
    claim_after=None,
    last_look=look(1),
    last_good=look(1),
    first_attempt_after_deadline=DEADLINE + HOUR,
    grace_ends_at=DEADLINE + 3 * HOUR,
    unclassified=False,
    alerts=(),
    carrier_blind=False,
)
PROVED_POSTAL = replace(PROVED_DS, service=Service.POSTAL, carrier=CarrierName.CLEVY)
ASSUMED = replace(PROVED_DS, handover_assumed=True)
CANCELLED_AFTER = replace(
    PROVED_DS,
    seller_status=SellerStatus.CANCELED,
    cancelled_first_seen_at=DEADLINE + 2 * HOUR,
)
CANCELLED_BEFORE = replace(CANCELLED_AFTER, cancelled_first_seen_at=DEADLINE - 2 * HOUR)
LOST = replace(PROVED_DS, stage=Stage.LOST, scanned=True)


def opened(facts: Facts, now: datetime = NOW) -> list[tuple[AlertKind, Reason]]:
    """
    What the decision opens.
    """
    return [(opening.kind, opening.reason) for opening in decide(facts, now).openings]


def closed(facts: Facts, now: datetime = NOW) -> list[tuple[int, ClosedBecause]]:
    """
    What the decision closes.
    """
    return [(closing.alert_id, closing.because) for closing in decide(facts, now).closings]


# --- proof ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("outcome", BAD)
def test_a_failed_look_takes_no_proof_away(outcome: Outcome) -> None:
    """
    A good look after the deadline proves the parcel late even if the latest look failed.
    """
    facts = replace(PROVED_DS, last_look=look(2, outcome))
    assert opened(facts) == [(AlertKind.URGE_SCAN, Reason.NO_EVENTS)]


def test_a_look_at_the_deadline_itself_is_proof() -> None:
    """
    The deadline is the first instant that is late, so a look at it proves lateness.
    """
    assert opened(replace(PROVED_DS, last_good=look(0)), DEADLINE)


def test_a_look_just_before_the_deadline_is_no_proof() -> None:
    """
    One microsecond before the deadline the parcel was still in time.
    """
    early = replace(look(0), looked_at=DEADLINE - timedelta(microseconds=1))
    decision = decide(replace(PROVED_DS, last_good=early), NOW)
    assert (decision.openings, decision.look_now) == ((), True)


def test_an_unclassified_stored_text_holds_a_clear_look_back() -> None:
    """
    A text that no table knows is no proof of "not scanned", even where the latest look lacks it.
    """
    decision = decide(replace(PROVED_DS, unclassified=True), NOW)
    assert (decision.openings, decision.unverified, decision.look_now) == ((), True, False)


def test_a_blind_carrier_proves_nothing() -> None:
    """
    While its carrier is blind a late parcel is recorded as unverified and opens nothing (R9).
    """
    decision = decide(replace(PROVED_DS, carrier_blind=True), NOW)
    assert (decision.openings, decision.unverified) == ((), True)
    assert decide(replace(LOST, carrier_blind=True), NOW).openings == ()


def test_without_a_grace_that_can_start_nothing_is_unverified() -> None:
    """
    An unknown end of the grace has not passed.
    """
    decision = decide(replace(PROVED_DS, last_good=None, grace_ends_at=None), NOW)
    assert (decision.unverified, decision.look_now) == (False, True)


def test_two_portals_prove_by_the_weaker_look() -> None:
    """
    Proof from both portals is as old, and as unclear, as the weaker of the two.
    """
    unclear = look(5, Outcome.EVENTS, scanned=None)
    assert joint_look([look(1), look(2)]) == look(1)
    assert joint_look([look(1), unclear]) == unclear
    assert joint_look([look(1), None]) is None
    assert joint_look([]) is None


def test_a_carrier_without_a_service_decides_the_rung() -> None:
    """
    Where only the carrier is known, Seko is urged and Clevy's parcel is claimed.
    """
    assert opened(replace(PROVED_DS, service=None))[0][0] is AlertKind.URGE_SCAN
    assert opened(replace(PROVED_POSTAL, service=None))[0][0] is AlertKind.RAISE_CLAIM


# --- the ladder ----------------------------------------------------------------------------------

URGED = replace(
    PROVED_DS,
    urged_at=DEADLINE + 2 * HOUR,
    claim_after=DEADLINE + 5 * HOUR,
    alerts=(alert(AlertKind.URGE_SCAN, state=AlertState.ACTED),),
)


def test_still_unscanned_after_urging_raises_a_claim() -> None:
    """
    A look after the wait shows no scan: the claim opens and the urging ends as a lower rung.
    """
    decision = decide(replace(URGED, last_good=look(6)), NOW)
    assert decision.openings == (
        Opening(
            kind=AlertKind.RAISE_CLAIM,
            deadline=DEADLINE,
            reason=Reason.NO_EVENTS,
            proof=look(6),
        ),
    )
    (closing,) = decision.closings
    assert (closing.because, closing.tell) == (ClosedBecause.HIGHER_RUNG, False)


def test_a_claim_after_urging_needs_a_look_after_the_wait() -> None:
    """
    The proof that opened the urging does not prove the claim: a new look is wanted.
    """
    decision = decide(URGED, NOW)
    assert (decision.openings, decision.closings) == ((), ())
    assert (decision.look_now, decision.unverified) == (True, False)


def test_the_wait_after_urging_is_kept() -> None:
    """
    Before the wait is over nothing more is asked of the seller.
    """
    decision = decide(replace(URGED, last_good=look(4)), DEADLINE + 4 * HOUR)
    assert decision == Decision(why=decision.why)


def test_urging_never_follows_an_open_claim() -> None:
    """
    A parcel with a claim under way is not urged for again.
    """
    assert opened(replace(PROVED_DS, alerts=(alert(AlertKind.RAISE_CLAIM),))) == []


def test_the_wait_ends_at_its_instant() -> None:
    """
    A look at the very instant at which the wait ends proves the claim at that instant.
    """
    facts = replace(URGED, last_good=look(5))
    assert opened(facts, DEADLINE + 5 * HOUR) == [(AlertKind.RAISE_CLAIM, Reason.NO_EVENTS)]


# --- lost ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("service", list(Service))
def test_a_lost_parcel_is_claimed_without_a_deadline(service: Service) -> None:
    """
    "Lost" opens a claim at once, before any deadline and although the parcel was scanned (R3).
    """
    facts = replace(LOST, service=service, scan_deadline=None, last_good=look(-20, scanned=True))
    (opening,) = decide(facts, DEADLINE - 10 * HOUR).openings
    assert (opening.kind, opening.reason, opening.deadline) == (
        AlertKind.RAISE_CLAIM,
        Reason.LOST,
        None,
    )


def test_a_lost_parcel_keeps_its_claim() -> None:
    """
    An open claim is neither doubled nor closed when the carrier reports the loss.
    """
    decision = decide(replace(LOST, alerts=(alert(AlertKind.RAISE_CLAIM),)), NOW)
    assert (decision.openings, decision.closings) == ((), ())


def test_shipped_is_no_answer_to_a_loss_but_delivered_is() -> None:
    """
    SHIPPED says "scanned" only; a parcel that the platform calls delivered is not lost.
    """
    assert opened(replace(LOST, seller_status=SellerStatus.SHIPPED))
    assert not opened(replace(LOST, seller_status=SellerStatus.DELIVERED))


def test_a_lost_parcel_that_is_not_late_is_looked_up_and_not_unverified() -> None:
    """
    Without a look that counts the loss is looked up; the unverified list is for late parcels.
    """
    decision = decide(replace(LOST, last_good=None), NOW)
    assert (decision.openings, decision.look_now, decision.unverified) == ((), True, False)


# --- what the seller's platform says -------------------------------------------------------------


@pytest.mark.parametrize("status", ENDED)
@pytest.mark.parametrize("kind", [*sorted(SCAN_KINDS), AlertKind.CONFIRM_HANDOVER])
def test_an_ended_order_closes_its_alerts(status: SellerStatus, kind: AlertKind) -> None:
    """
    SHIPPED and later close what is open, tell it as resolved, and open nothing (R26).
    """
    facts = replace(PROVED_DS, seller_status=status, alerts=(alert(kind),))
    decision = decide(facts, NOW)
    (closing,) = decision.closings
    assert (closing.because, closing.notice) == (ClosedBecause.SELLER_STATUS, "resolved")
    assert (decision.openings, decision.unverified, decision.look_now) == ((), False, False)


def test_cancelled_after_the_deadline_turns_urging_into_a_claim() -> None:
    """
    The parcel was there in time and never scanned: urging ends, the claim opens (R26).
    """
    facts = replace(CANCELLED_AFTER, alerts=(alert(AlertKind.URGE_SCAN),))
    assert opened(facts) == [(AlertKind.RAISE_CLAIM, Reason.CANCELLED_UNSCANNED)]
    assert closed(facts) == [(7, ClosedBecause.SELLER_STATUS)]


def test_a_claim_outlives_a_cancellation_after_the_deadline() -> None:
    """
    A claim that stands when the order is cancelled too late stays.
    """
    facts = replace(CANCELLED_AFTER, alerts=(alert(AlertKind.RAISE_CLAIM),))
    assert (opened(facts), closed(facts)) == ([], [])


def test_a_claim_for_a_cancelled_parcel_still_needs_proof() -> None:
    """
    Without a look after the deadline the cancelled parcel is looked up, then unverified.
    """
    facts = replace(CANCELLED_AFTER, last_good=None, alerts=(alert(AlertKind.URGE_SCAN),))
    decision = decide(facts, NOW)
    assert (decision.openings, decision.look_now, decision.unverified) == ((), True, True)


def test_cancelled_before_the_deadline_asks_nothing_more() -> None:
    """
    A parcel cancelled while still in time is nobody's fault.
    """
    facts = replace(CANCELLED_BEFORE, alerts=(alert(AlertKind.RAISE_CLAIM),))
    assert (opened(facts), closed(facts)) == ([], [(7, ClosedBecause.SELLER_STATUS)])
    assert not decide(facts, NOW).unverified


def test_a_cancellation_seen_at_the_deadline_comes_too_late() -> None:
    """
    The deadline is the first instant that is late, so a cancellation at it leaves the claim.
    """
    facts = replace(CANCELLED_AFTER, cancelled_first_seen_at=DEADLINE)
    assert opened(facts) == [(AlertKind.RAISE_CLAIM, Reason.CANCELLED_UNSCANNED)]


def test_a_cancellation_at_an_unknown_instant_keeps_the_claim() -> None:
    """
    A first sighting that was not recorded counts as now, after the deadline.
    """
    facts = replace(CANCELLED_AFTER, cancelled_first_seen_at=None)
    assert opened(facts) == [(AlertKind.RAISE_CLAIM, Reason.CANCELLED_UNSCANNED)]


def test_a_guessed_handover_is_no_ground_for_a_claim_after_cancelling() -> None:
    """
    A cancelled parcel whose hand-over is assumed opens neither claim nor question.
    """
    assert opened(replace(CANCELLED_AFTER, handover_assumed=True)) == []


# --- the hand-over -------------------------------------------------------------------------------


def test_an_assumed_handover_is_asked_about_and_accuses_nobody() -> None:
    """
    With every proof at hand a guess still opens confirm_handover only (R25).
    """
    (opening,) = decide(ASSUMED, NOW).openings
    assert (opening.kind, opening.reason) == (AlertKind.CONFIRM_HANDOVER, Reason.ASSUMED_HANDOVER)
    assert (opening.deadline, opening.proof) == (DEADLINE, None)


def test_the_question_comes_two_lead_time_days_before_the_cancellation() -> None:
    """
    If the order is near its cancellation the question does not wait for the assumed deadline.
    """
    facts = replace(ASSUMED, confirm_by=DEADLINE - 10 * HOUR, last_good=None)
    assert opened(facts, DEADLINE - 11 * HOUR) == []
    (opening,) = decide(facts, DEADLINE - 10 * HOUR).openings
    assert opening.deadline == DEADLINE - 10 * HOUR


def test_an_assumed_handover_past_its_deadline_is_looked_up() -> None:
    """
    A look may spare the seller the question's follow-up; the parcel is never unverified.
    """
    decision = decide(
        replace(ASSUMED, last_good=None, alerts=(alert(AlertKind.CONFIRM_HANDOVER),)), NOW
    )
    assert (decision.look_now, decision.unverified) == (True, False)


def test_a_trusted_assumption_counts_as_given() -> None:
    """
    The setting trust_assumed_handover lets the ladder begin.
    """
    assert opened(replace(ASSUMED, trust_assumed=True))[0][0] is AlertKind.URGE_SCAN


def test_without_any_handover_nothing_is_asked() -> None:
    """
    With the assumption turned off nobody claims that the parcel is on its way.
    """
    facts = replace(PROVED_DS, handed_over_at=None, scan_deadline=None)
    decision = decide(facts, DEADLINE + 100 * HOUR)
    assert decision == Decision(why="no hand-over")


@pytest.mark.parametrize(
    ("change", "because"),
    [
        ({"handover_assumed": False}, ClosedBecause.MANUAL),
        ({"scanned": True}, ClosedBecause.SCANNED),
        ({"seller_status": SellerStatus.CANCELED}, ClosedBecause.SELLER_STATUS),
        (
            {"scan_deadline": NOW + HOUR, "confirm_by": NOW + 2 * HOUR},
            ClosedBecause.DEADLINE_MOVED,
        ),
        ({"handed_over_at": None, "scan_deadline": None}, ClosedBecause.DEADLINE_MOVED),
        ({"superseded": True}, ClosedBecause.NUMBER_CHANGED),
        ({"stage": Stage.LOST}, ClosedBecause.HIGHER_RUNG),
    ],
)
def test_the_question_closes_when_it_is_answered(
    change: dict[str, object], because: ClosedBecause
) -> None:
    """
    A given hand-over, a scan, the platform, or a moved deadline ends confirm_handover.
    """
    facts = replace(ASSUMED, alerts=(alert(AlertKind.CONFIRM_HANDOVER),), **change)
    assert closed(facts) == [(7, because)]


def test_a_handover_that_became_a_guess_withdraws_the_accusation() -> None:
    """
    An alert whose given hand-over was taken back has lost its ground.
    """
    facts = replace(ASSUMED, alerts=(alert(AlertKind.URGE_SCAN),))
    assert closed(facts) == [(7, ClosedBecause.DEADLINE_MOVED)]


@pytest.mark.parametrize("facts", [PROVED_DS, LOST, ASSUMED])
def test_without_a_carrier_nothing_opens_and_nobody_is_asked(facts: Facts) -> None:
    """
    Where no portal can be asked no look, claim, urging or question makes sense.
    """
    decision = decide(replace(facts, carrier=None, service=None), NOW)
    assert (decision.openings, decision.look_now) == ((), False)


# --- moved deadlines and identity ----------------------------------------------------------------


def test_a_deadline_moved_past_now_withdraws_what_was_told() -> None:
    """
    A closure entered late closes the alert and tells its withdrawal only if it had been told.
    """
    told, untold = alert(AlertKind.URGE_SCAN), alert(AlertKind.RAISE_CLAIM, number=8, told=False)
    facts = replace(PROVED_DS, scan_deadline=NOW + HOUR, alerts=(told, untold))
    closings = decide(facts, NOW).closings
    assert [closing.because for closing in closings] == [ClosedBecause.DEADLINE_MOVED] * 2
    assert [closing.notice for closing in closings] == ["withdrawn", None]


def test_a_deadline_moved_within_the_past_keeps_the_one_alert() -> None:
    """
    An open alert of another deadline that has passed too is neither doubled nor closed.
    """
    earlier = alert(AlertKind.URGE_SCAN, deadline=DEADLINE - 24 * HOUR)
    facts = replace(PROVED_DS, alerts=(earlier,))
    assert (opened(facts), closed(facts)) == ([], [])


@pytest.mark.parametrize("because", list(ClosedBecause))
def test_which_closed_alerts_may_come_back(because: ClosedBecause) -> None:
    """
    Facts that turn back take the same alert up again; persons and higher rungs settle it.
    """
    turns_back = {"deadline_moved", "number_changed", "recovered", "scanned", "seller_status"}
    decision = decide(replace(PROVED_DS, alerts=(alert(AlertKind.URGE_SCAN, because),)), NOW)
    reopened = [opening.reopens for opening in decision.openings]
    assert reopened == ([7] if because in turns_back else [])
    assert not decision.unverified


def test_an_alert_settled_for_another_deadline_does_not_stand_in_the_way() -> None:
    """
    A new deadline is a new alert, in a row of its own.
    """
    other = alert(AlertKind.URGE_SCAN, ClosedBecause.MANUAL, deadline=DEADLINE - 24 * HOUR)
    (opening,) = decide(replace(PROVED_DS, alerts=(other,)), NOW).openings
    assert (opening.deadline, opening.reopens) == (DEADLINE, None)


# --- the parcel itself ---------------------------------------------------------------------------


def test_a_changed_number_closes_every_alert_of_the_parcel() -> None:
    """
    All kinds of the parcel's own close; the operator's lists are not its own (R24).
    """
    alerts = (
        alert(AlertKind.URGE_SCAN, number=1),
        alert(AlertKind.RETRIEVE_PARCEL, number=2, told=False),
        alert(AlertKind.UNVERIFIED, number=3),
    )
    decision = decide(replace(PROVED_DS, superseded=True, alerts=alerts), NOW)
    assert [(one.alert_id, one.notice) for one in decision.closings] == [
        (1, "withdrawn"),
        (2, None),
    ]
    assert decision.openings == ()


def test_an_archived_parcel_is_left_as_it_is() -> None:
    """
    Archived parcels open and close nothing, whatever else is true of them.
    """
    facts = replace(
        PROVED_DS,
        archived=True,
        scanned=True,
        superseded=True,
        alerts=(alert(AlertKind.URGE_SCAN),),
    )
    decision = decide(facts, NOW)
    assert decision == Decision(why=decision.why)


def test_the_operators_alerts_are_not_touched() -> None:
    """
    What lists parcels is opened and closed by its own rules.
    """
    facts = replace(PROVED_DS, scanned=True, alerts=(alert(AlertKind.UNKNOWN_WORDING),))
    assert closed(facts) == []


# --- properties ----------------------------------------------------------------------------------

instants = st.integers(-6, 14).map(lambda hours: DEADLINE + hours * HOUR)
maybe = st.none() | instants


def look_facts(outcomes: list[Outcome]) -> st.SearchStrategy[LookFact]:
    """
    Looks with these outcomes, good ones with every verdict.
    """
    return st.builds(
        lambda at, outcome, verdict: LookFact(
            look_id=1,
            looked_at=at,
            outcome=outcome,
            scanned=verdict if outcome.is_good else None,
        ),
        instants,
        st.sampled_from(outcomes),
        st.sampled_from([None, False, False, True]),
    )


@st.composite
def alert_sets(draw: st.DrawFn) -> tuple[AlertFact, ...]:
    """
    Alerts as the store can hold them: one a kind and deadline.
    """
    kinds = st.sampled_from(
        [*sorted(SCAN_KINDS), AlertKind.CONFIRM_HANDOVER, AlertKind.CANCEL_RISK]
    )
    keys = draw(st.lists(st.tuples(kinds, maybe), unique=True, max_size=4))
    causes = st.none() | st.sampled_from(list(ClosedBecause))
    return tuple(
        alert(kind, draw(causes), number=number, deadline=deadline, told=draw(st.booleans()))
        for number, (kind, deadline) in enumerate(keys, start=1)
    )


def facts_with(good: st.SearchStrategy[LookFact | None]) -> st.SearchStrategy[Facts]:
    """
    Any facts, the latest good look drawn from ``good``.
    """
    return st.builds(
        Facts,
        tracking_number=st.just("JG-NJS-319365323-5711"),
        service=st.none() | st.sampled_from(list(Service)),
        carrier=st.sampled_from([None, *CarrierName, *CarrierName]),
        seller_status=st.sampled_from(
            [None, *SellerStatus, *[SellerStatus.READY_TO_SHIP, SellerStatus.CANCELED] * 4]
        ),
        seller_status_at=maybe,
        cancelled_first_seen_at=maybe,
        created_at=maybe,
        handed_over_at=maybe,
        handover_assumed=st.booleans(),
        trust_assumed=st.booleans(),
        scan_deadline=maybe,
        confirm_by=maybe,
        auto_cancel_at=maybe,
        scanned=st.sampled_from([False, False, True]),
        stage=st.sampled_from([None, None, Stage.ANNOUNCED, Stage.RECEIVED, Stage.LOST]),
        superseded=st.sampled_from([False] * 9 + [True]),
        archived=st.sampled_from([False] * 9 + [True]),
        urged_at=maybe,
        claim_after=maybe,
        last_look=st.none() | look_facts(list(Outcome)),
        last_good=good,
        first_attempt_after_deadline=maybe,
        grace_ends_at=maybe,
        unclassified=st.sampled_from([False, False, True]),
        alerts=alert_sets(),
        carrier_blind=st.sampled_from([False, False, True]),
    )


good_looks = st.none() | look_facts([outcome for outcome in Outcome if outcome.is_good])
any_facts = facts_with(good_looks)


def applied(facts: Facts, decision: Decision) -> Facts:
    """
    The facts after the decision was written down, as the store would give them back.
    """
    ended = {closing.alert_id: closing.because for closing in decision.closings}
    reopened = {opening.reopens for opening in decision.openings}
    kept = [
        replace(one, state=AlertState.CLOSED, closed_because=ended[one.id])
        if one.id in ended
        else replace(one, state=AlertState.OPEN, closed_because=None)
        if one.id in reopened
        else one
        for one in facts.alerts
    ]
    new = [
        alert(opening.kind, number=100 + number, deadline=opening.deadline)
        for number, opening in enumerate(decision.openings)
        if opening.reopens is None
    ]
    return replace(facts, alerts=(*kept, *new))


@settings(max_examples=200)
@given(facts=facts_with(st.none() | look_facts(BAD)), now=instants)
def test_p4_bad_looks_alone_never_open_a_scan_alert(facts: Facts, now: datetime) -> None:
    """
    P4: with nothing but failed looks, even one mistaken for good, no scan alert opens.
    """
    assert {opening.kind for opening in decide(facts, now).openings} & SCAN_KINDS == set()


@settings(max_examples=200)
@given(facts=any_facts, bad=look_facts(BAD), now=instants)
def test_p4_a_bad_look_changes_no_decision(facts: Facts, bad: LookFact, now: datetime) -> None:
    """
    P4 and R5: whatever else is known, one more failed look opens nothing and closes nothing.
    """
    assert decide(replace(facts, last_look=bad), now) == decide(facts, now)


@settings(max_examples=200)
@given(facts=facts_with(st.none()), good=st.none() | look_facts(BAD), now=instants)
def test_p4_a_bad_look_closes_no_scan_alert(
    facts: Facts, good: LookFact | None, now: datetime
) -> None:
    """
    P4: closings are the same whether a failed look is known or none at all.
    """
    with_bad = decide(replace(facts, last_look=good, last_good=good), now)
    assert with_bad.closings == decide(facts, now).closings


@settings(max_examples=200)
@given(facts=any_facts, now=instants)
def test_deciding_again_changes_nothing(facts: Facts, now: datetime) -> None:
    """
    A decision written down leaves nothing to open, to close or to relist.
    """
    first = decide(facts, now)
    again = decide(applied(facts, first), now)
    assert (again.openings, again.closings) == ((), ())
    assert again.unverified == first.unverified


@settings(max_examples=200)
@given(facts=any_facts, now=instants)
def test_a_decision_keeps_the_stores_keys(facts: Facts, now: datetime) -> None:
    """
    Nothing opens beside an open alert of its kind or under a taken key; nothing closes twice.
    """
    decision = decide(facts, now)
    after = applied(facts, decision).alerts
    keys = [(one.kind, one.deadline) for one in after]
    assert len(keys) == len(set(keys))
    for opening in decision.openings:
        assert [one.kind for one in after if one.stands].count(opening.kind) == 1
    assert {closing.alert_id for closing in decision.closings} <= {
        one.id for one in facts.alerts if one.stands
    }


@settings(max_examples=200)
@given(facts=any_facts, now=instants)
def test_a_parcel_is_never_alerted_and_unverified_at_once(facts: Facts, now: datetime) -> None:
    """
    An opening and a place on the unverified list exclude each other.
    """
    decision = decide(facts, now)
    assert not (decision.openings and decision.unverified)


@settings(max_examples=200)
@given(facts=any_facts, now=instants)
def test_p1_a_late_parcel_is_alerted_or_unverified(facts: Facts, now: datetime) -> None:
    """
    P1: a given hand-over, no scan, deadline and grace over: an alert stands or it is unverified.
    """
    facts = replace(
        facts,
        handed_over_at=DEADLINE - 36 * HOUR,
        handover_assumed=False,
        scanned=False,
        scan_deadline=now - 2 * HOUR,
        grace_ends_at=now - HOUR,
        seller_status=SellerStatus.READY_TO_SHIP,
        superseded=False,
        archived=False,
    )
    settled = {
        ClosedBecause.MANUAL,
        ClosedBecause.SCANNED,
        ClosedBecause.HIGHER_RUNG,
        ClosedBecause.EXPIRED,
    }
    assume(not any(one.closed_because in settled for one in facts.alerts))
    decision = decide(facts, now)
    standing = {one.kind for one in applied(facts, decision).alerts if one.stands}
    assert decision.unverified or standing & SCAN_KINDS


@settings(max_examples=200)
@given(facts=any_facts, now=instants)
def test_a_scan_closes_and_never_opens(facts: Facts, now: datetime) -> None:
    """
    Learning of a scan leaves no urging and no claim open, except for a parcel that was lost.
    """
    facts = replace(facts, scanned=True, stage=Stage.RECEIVED, archived=False)
    decision = decide(facts, now)
    standing = {one.kind for one in applied(facts, decision).alerts if one.stands}
    assert decision.openings == ()
    assert not standing & (SCAN_KINDS | {AlertKind.CONFIRM_HANDOVER})


@settings(max_examples=200)
@given(facts=any_facts, now=instants, later=st.integers(0, 200))
def test_an_alert_that_time_opened_time_alone_does_not_close(
    facts: Facts, now: datetime, later: int
) -> None:
    """
    With the same facts a later instant closes an alert only for a higher rung.
    """
    opening = decide(facts, now)
    after = applied(facts, opening)
    closings = decide(after, now + later * HOUR).closings
    assert {closing.because for closing in closings} <= {ClosedBecause.HIGHER_RUNG}
