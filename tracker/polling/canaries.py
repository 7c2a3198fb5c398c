"""
Whether one round of looks proves anything: canaries and mass anomalies (promises.md R9). Pure.

A canary is a number whose answer is known beforehand. It is asked along with each crawl that may
accuse somebody; when it is answered wrongly, or when most parcels that had events lose them at
once, the portal (or our reading of it) has changed, and nothing that the round says is believed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from tracker.model import Outcome
from tracker.store.canaries import CanaryLook, Expected, Shown
from tracker.store.history import identity

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from tracker.model import LookReport

    Known = Mapping[str, tuple[Shown, ...]]

#: So many parcels with a history must have been asked before losing it means anything (R9b).
ANOMALY_NEEDS = 5
ANOMALY_ABOVE = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Canary:
    """
    A number to be asked along; ``own`` marks a watched parcel that was scanned lately.
    """

    tracking_number: str
    expected: Expected
    own: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """
    What a round is worth: ``doubt`` says in words why it proves nothing.

    ``trusted`` is true for a round with at least one good look and no reason for doubt. ``tested``
    is true if it could have gone wrong and did not: a canary was right, or a parcel still shows
    what it had shown, or a person has compared. Only then it ends an earlier doubt: a portal that
    knows no number any more is not well again when it is asked about new parcels alone.
    """

    canaries: tuple[CanaryLook, ...]
    doubt: str | None
    trusted: bool
    tested: bool


def judge(
    reports: Sequence[LookReport],
    canaries: Iterable[Canary],
    known: Known,
    *,
    confirmed: bool = False,
) -> Verdict:
    """
    The worth of one crawl's reports, given what the carrier had shown of its numbers before.

    ``confirmed``: a person has compared the readings with the portal since the doubt arose, so
    that answers which differ from earlier ones are taken as they are.
    """
    by_number = {report.tracking_number: report for report in reports}
    asked = [
        (canary, _answered(canary, by_number[canary.tracking_number], known))
        for canary in canaries
        if canary.tracking_number in by_number
    ]
    doubt = _wrong_canary(asked)
    if doubt is None and not confirmed:
        doubt = _mass_anomaly(reports, known)
    trusted = doubt is None and any(report.outcome.is_good for report in reports)
    right = any(look.right for _, look in asked) or any(
        not _lost(report, events) for report, events in _with_history(reports, known)
    )
    return Verdict(
        canaries=tuple(look for _, look in asked),
        doubt=doubt,
        trusted=trusted,
        tested=trusted and (right or confirmed),
    )


def believed(reports: Iterable[LookReport], verdict: Verdict) -> list[LookReport]:
    """
    The reports as they may be recorded: in a doubted round a good look is ``unreadable``.

    Its evidence stays, its events do not: neither "scanned" nor "not scanned" is believed.
    """
    if verdict.doubt is None:
        return list(reports)
    return [_doubted(report, verdict.doubt) for report in reports]


def _doubted(report: LookReport, doubt: str) -> LookReport:
    if not report.outcome.is_good:
        return report
    detail = f"not believed: {doubt}"
    return replace(report, outcome=Outcome.UNREADABLE, events=(), detail=detail)


def _answered(canary: Canary, report: LookReport, known: Known) -> CanaryLook:
    right = _is_right(canary, report, known.get(canary.tracking_number, ()))
    return CanaryLook(
        tracking_number=canary.tracking_number,
        expected=canary.expected,
        looked_at=report.looked_at,
        outcome=report.outcome,
        right=right,
        detail=_why_wrong(canary, report) if right is False else report.detail,
    )


def _is_right(canary: Canary, report: LookReport, known: tuple[Shown, ...]) -> bool | None:
    """
    ``None`` when the answer says nothing: a failed look, or a text that no table knows.

    A scan that is still shown word for word counts, even if a table now calls it something else.
    """
    if not report.outcome.is_good:
        return None
    if canary.expected is Expected.UNKNOWN:
        return report.outcome is not Outcome.EVENTS
    if report.scanned is False and _shows_word_for_word(report, _scans_of(known)):
        return None
    return report.scanned


def _why_wrong(canary: Canary, report: LookReport) -> str:
    said = "it is scanned" if canary.expected is Expected.SCANNED else "nobody knows it"
    shown = {
        Outcome.EVENTS: "events without a scan" if report.scanned is False else "events",
        Outcome.NO_EVENTS: "nothing yet",
    }.get(report.outcome, "no such number")
    return (
        f"the canary {canary.tracking_number} was answered wrongly: {said}, the portal says {shown}"
    )


def _wrong_canary(asked: Sequence[tuple[Canary, CanaryLook]]) -> str | None:
    """
    A configured canary that is wrong is enough; of own parcels the greater part must be right.

    A portal may take back one parcel's scan; several at once it does not.
    """
    given = [look for canary, look in asked if not canary.own and look.right is False]
    if given:
        return given[0].detail
    own = [look for canary, look in asked if canary.own and look.right is not None]
    wrong = [look for look in own if not look.right]
    return wrong[0].detail if 2 * len(wrong) >= len(own) and wrong else None


def _mass_anomaly(reports: Iterable[LookReport], known: Known) -> str | None:
    """
    More than half of at least five parcels lost what the carrier had shown of them (R9b).

    Parcels never seen scanned are no anomaly: a centre that is really late must be told.
    """
    had = _with_history(reports, known)
    lost = sum(_lost(report, events) for report, events in had)
    if len(had) < ANOMALY_NEEDS or lost <= ANOMALY_ABOVE * len(had):
        return None
    return f"{lost} of {len(had)} parcels lost their events in one round"


def _with_history(
    reports: Iterable[LookReport], known: Known
) -> list[tuple[LookReport, tuple[Shown, ...]]]:
    """
    The good looks at parcels of which the carrier had shown something, with what that was.
    """
    return [
        (report, known[report.tracking_number])
        for report in reports
        if report.outcome.is_good and known.get(report.tracking_number)
    ]


def _lost(report: LookReport, known: tuple[Shown, ...]) -> bool:
    """
    True if the answer shows none of the parcel's scans, or without any none of its events.

    An event reworded (a portal that changed its language) is known by its instant.
    """
    wanted = _scans_of(known) or known
    if _shows_word_for_word(report, wanted):
        return False
    instants = {event.occurred_at for event in report.events} - {None}
    same_time = any(event.occurred_at in instants for event in wanted)
    return not same_time or (bool(_scans_of(known)) and report.scanned is False)


def _shows_word_for_word(report: LookReport, wanted: Iterable[Shown]) -> bool:
    shown = {identity(event) for event in report.events}
    return any(event.identity in shown for event in wanted)


def _scans_of(known: Iterable[Shown]) -> tuple[Shown, ...]:
    return tuple(event for event in known if event.is_scan)
