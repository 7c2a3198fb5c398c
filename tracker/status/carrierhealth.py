"""
How each carrier's portal is, for ``tracker status``: rate, doubt, canaries, pauses, new wordings.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tracker.model import AlertKind, AlertState
from tracker.sentences import Sentence
from tracker.shapes import instant, wording_lines

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from tracker.model import Alert, CarrierName, Outcome
    from tracker.store import Transaction
    from tracker.store.canaries import CanaryLook
    from tracker.store.health import CarrierState

HEALTH_LOOKS = 20
_WORDS = {True: "right", False: "WRONG", None: "says nothing"}


@dataclass(frozen=True, slots=True, kw_only=True)
class CarrierHealth:
    """
    One carrier; ``good_rate`` is the share of good ones among its latest looks.

    ``commonest`` is their most frequent outcome. ``wordings`` are the alerts about texts that no
    table knows and nobody has dealt with.
    """

    state: CarrierState
    good_rate: float | None
    commonest: Outcome | None
    canaries: tuple[CanaryLook, ...]
    wordings: tuple[Alert, ...]

    def shape(self, now: datetime) -> dict[str, Any]:
        """
        As ``status --json`` prints it.
        """
        state = self.state
        cooling = state.cools(now)
        return {
            "state": state.state,
            "last_good_look_at": instant(state.last_good_look_at),
            "good_rate": self.good_rate,
            "confirmed": state.confirmed_at is not None,
            "cooling_until": instant(state.cooldown_until) if cooling else None,
            "cooling_because": state.cooldown_reason if cooling else None,
            "failing_rounds": state.failing_rounds,
            "doubt": state.doubt,
            "checked_at": instant(state.checked_at),
            "check_failure": state.check_failure,
            "canaries": [canary_shape(one) for one in self.canaries],
            "unknown_wordings": [
                {"text": alert.reason, "lines": list(wording_lines(alert))}
                for alert in self.wordings
            ],
        }

    def lines(self) -> Iterator[str]:
        """
        The same for people.
        """
        state = self.state
        seen = instant(state.last_good_look_at) or "never"
        share = "" if self.good_rate is None else f", {self.good_rate:.0%} of recent looks good"
        yield f"{state.name}: {state.state}, last good look {seen}{share}"
        for one in self.canaries:
            at = instant(one.looked_at)
            yield f"  canary {one.tracking_number}: {_WORDS[one.right]} ({one.outcome}, {at})"
        for alert in self.wordings:
            yield (
                "  it shows a text that no table knows; say what it means: `tracker carriers "
                "wordings`, then `tracker carriers classify ID --stage STAGE`; or add to your "
                "wording file (wordings.file):"
            )
            yield from wording_lines(alert)

    def problems(self, now: datetime) -> Iterator[Sentence]:
        """
        What is wrong with the carrier, each in a sentence.
        """
        state = self.state
        if state.doubt is not None:
            yield Sentence(
                "%(carrier)s: no look proves anything at present: %(doubt)s",
                carrier=state.name,
                doubt=state.doubt,
            )
        if state.check_failure is not None:
            yield Sentence(
                "%(carrier)s: the check of the portal failed at %(failure)s Once "
                "repaired, run `tracker carriers check --carrier %(carrier)s --save`",
                carrier=state.name,
                failure=state.check_failure,
            )
        if state.cools(now):
            until = instant(state.cooldown_until)
            yield Sentence(
                "%(carrier)s is left alone until %(until)s: %(why)s",
                carrier=state.name,
                until=until,
                why=state.cooldown_reason,
            )
        elif state.state == "bad":
            yield Sentence("%(carrier)s: most looks fail", carrier=state.name)
        elif self.good_rate == 0 and state.failing_rounds:
            yield Sentence(
                "%(carrier)s: none of its looks succeeded, most often: %(outcome)s",
                carrier=state.name,
                outcome=self.commonest,
            )


def carrier_health(tx: Transaction, name: CarrierName) -> CarrierHealth:
    """
    The carrier as it is now.
    """
    outcomes = tx.looks.recent_outcomes(name, HEALTH_LOOKS)
    good = sum(outcome.is_good for outcome in outcomes)
    return CarrierHealth(
        state=tx.health.carrier(name),
        commonest=max(outcomes, key=outcomes.count, default=None),
        good_rate=round(good / len(outcomes), 2) if outcomes else None,
        canaries=tx.canaries.of(name),
        wordings=tuple(
            alert
            for alert in tx.alerts.matching(kind=AlertKind.UNKNOWN_WORDING)
            if alert.carrier is name and alert.state is AlertState.OPEN
        ),
    )


def canary_shape(look: CanaryLook) -> dict[str, Any]:
    """
    One canary's latest answer.
    """
    return {
        "tracking_number": look.tracking_number,
        "expected": look.expected,
        "looked_at": instant(look.looked_at),
        "outcome": look.outcome,
        "right": look.right,
        "detail": look.detail,
    }
