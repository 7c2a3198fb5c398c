"""
The one look of a probe, and what each of its steps reads from it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tracker.looking import look
from tracker.model import CarrierName, Outcome
from tracker.pages.capture import PageCapture
from tracker.teaching.controls import find_controls
from tracker.teaching.recording import shown_to_people

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tracker.crawl import CarrierAccess
    from tracker.crawler import Slot
    from tracker.model import LookReport
    from tracker.pages.capture import Answer

#: Numbers of the right shape that no parcel bears: asking them shows whether answers are read.
NOBODYS = {CarrierName.SEKO: "JG-NJS-100000000-0001", CarrierName.CLEVY: "UH000000005KG"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """
    How a probe keeps to what other processes know of the carrier (promises.md R22).

    ``slot`` takes slots of the shared pace (``None``: a pace of its own is kept); ``paused`` says
    until when the carrier is left alone, and why: then the portal's page is not asked.
    """

    slot: Slot | None = None
    paused: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Canaries:
    """
    Numbers whose answer is known beforehand (promises.md R9); ``None``: not configured.
    """

    scanned: str | None = None
    unknown: str | None = None


class StepFailed(Exception):  # noqa: N818 - ends a probe, is no error of the program
    """
    A step of a probe failed; the text says why and what to do.
    """


def by_hand(access: CarrierAccess) -> str:
    """
    What works without a way to the portal.
    """
    return (
        f"Until then save {access.url} with an answer in an ordinary browser and run "
        "`tracker carriers learn FILE`."
    )


class ProbeLook:
    """
    One look of the probe, made when its first step is due, and what each step reads from it.
    """

    def __init__(self, access: CarrierAccess, canaries: Canaries, manner: Manner) -> None:
        self._access = shown_to_people(access)
        self._manner = manner
        self._canaries = canaries
        self._nobodys = canaries.unknown or NOBODYS[access.carrier]
        self._seen: PageCapture | Answer | None = None
        self._made: list[LookReport] = []

    def page(self) -> str:
        """
        The page came; raises :class:`StepFailed` when it did not.
        """
        report = self._reports()[0]
        if not isinstance(self._seen, PageCapture):
            raise self._refused(report)
        came = self._seen.submitted or report.outcome not in {Outcome.BLOCKED, Outcome.UNREACHABLE}
        if not came or (self._seen.status or 200) >= 400:  # noqa: PLR2004 - HTTP errors
            raise self._refused(report)
        return f"HTTP {self._seen.status or 200}, {len(self._seen.html)} characters"

    def field(self) -> str:
        """
        The field for tracking numbers was found.
        """
        capture, detail = self._capture(), self._reports()[0].detail or "nothing was submitted"
        found = find_controls(capture.html) is not None and "ask.field" not in detail
        if capture.submitted or found:
            return self._access.profile or "found by meaning"
        carrier = self._access.carrier
        raise StepFailed(
            f"{detail}: open the page in your browser, and name the field for tracking numbers in "
            f"a profile ([ask] field, carriers.{carrier}.profile); "
            f"`tracker carriers record {self._nobodys}` saves the page as it came."
        )

    def submit(self) -> str:
        """
        The numbers were submitted.
        """
        if self._capture().submitted:
            return "submitted"
        raise StepFailed(
            f"{self._reports()[0].detail or 'nothing was submitted'}: the field is there; name the "
            "button in a profile "
            f'([ask] button, or submit = "enter"; carriers.{self._access.carrier}.profile).'
        )

    def answer(self) -> str:
        """
        Each asked number's answer was understood.
        """
        reports = self._reports()
        failed = next((one for one in reports if not one.outcome.is_good), None)
        if failed is not None:
            raise self._refused(failed)
        first = reports[0]
        if first.outcome is Outcome.EVENTS and self._canaries.unknown is None:
            raise StepFailed(
                f"{first.tracking_number}, which no parcel bears, came back with events: the "
                f"answers are tied to the wrong numbers. {self._teach(first)}"
            )
        return f"{first.outcome}: the answer was understood"

    def canaries(self) -> str:
        """
        The numbers whose answer is known came back as they must (promises.md R9).
        """
        by_number = {report.tracking_number: report for report in self._reports()}
        scanned, unknown = self._canaries.scanned, self._canaries.unknown
        carrier = self._access.carrier
        if unknown and by_number[unknown].outcome is Outcome.EVENTS:
            raise StepFailed(
                f"{unknown} (carriers.{carrier}.canary_unknown) came back with events: the "
                f"reading cannot be trusted, or the number is in use now. "
                f"{self._teach(by_number[unknown])}"
            )
        if scanned and by_number[scanned].scanned is not True:
            raise StepFailed(
                f"{scanned} (carriers.{carrier}.canary_scanned) did not come back scanned "
                f"({by_number[scanned].outcome}): the reading cannot be trusted, or the portal has "
                f"forgotten the parcel. {self._teach(by_number[scanned])}"
            )
        return ", ".join(filter(None, (scanned, unknown))) or "none set"

    def _capture(self) -> PageCapture:
        if not isinstance(self._seen, PageCapture):
            raise TypeError("the step before this one saw no page")
        return self._seen

    def _reports(self) -> Sequence[LookReport]:
        if self._manner.paused is not None:
            raise StepFailed(self._manner.paused)
        if not self._made:
            carrier = self._access.carrier
            numbers = dict.fromkeys(filter(None, (self._nobodys, self._canaries.scanned)))
            asked = [(number, carrier) for number in numbers]
            self._made = look(
                {carrier: self._access}, asked, keep=self._keep, slot=self._manner.slot
            )
        return self._made

    def _keep(self, _carrier: CarrierName, _numbers: object, seen: PageCapture | Answer) -> None:
        self._seen = self._seen or seen

    def _refused(self, report: LookReport) -> StepFailed:
        told = f"{report.outcome}: {report.detail or 'no detail'}"
        return StepFailed(f"{told}; {self._hint(report)}")

    def _hint(self, report: LookReport) -> str:
        if report.outcome is Outcome.BLOCKED:
            if report.detail == "credentials":
                name = self._access.carrier
                return f"check carriers.{name}.username and carriers.{name}.password."
            return (
                "the portal keeps us out and is not to be pressed: wait, ask less often "
                f"(requests_per_minute), or ask the carrier. {by_hand(self._access)}"
            )
        if report.outcome is Outcome.UNREACHABLE:
            return (
                f"try again later, or give it more time (timeout_seconds). {by_hand(self._access)}"
            )
        return self._teach(report)

    def _teach(self, report: LookReport) -> str:
        return (
            f"Run `tracker carriers record {report.tracking_number}` to save what the portal "
            "shows, or save it in your browser and run `tracker carriers learn FILE`."
        )
