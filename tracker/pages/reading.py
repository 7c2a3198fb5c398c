"""
What every part of a page reader needs to know.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tracker.model import Stage
from tracker.pages.events import scan_event
from tracker.profiles import ReadProfile
from tracker.stages import without_place

if TYPE_CHECKING:
    from tracker.model import CarrierName, ScanEvent
    from tracker.pages.dates import Instant
    from tracker.stages import Tables


@dataclass(frozen=True, slots=True)
class Reading:
    """
    What is needed to read rows: whose portal, what is known of it, which zone, tables, numbers.
    """

    carrier: CarrierName
    zone: str
    tables: Tables
    asked: tuple[str, ...]
    profile: ReadProfile = field(default_factory=ReadProfile)

    def event(
        self, instant: Instant | None, text: str, place: str | None, code: str | None
    ) -> ScanEvent:
        """
        A scan event of this portal; a known place that stands in its text is taken out of it.
        """
        if place is None and self.known(text) is None:
            parted = ((t, p) for t, p in without_place(text) if self.known(t) is not None)
            text, place = next(parted, (text, None))
        return scan_event(
            self.tables, self.carrier, instant=instant, text=text, location=place, code=code
        )

    def event_is_known(self, text: str) -> bool:
        """
        True when the tables know the text, with or without a known place in it.
        """
        if self.known(text) is not None:
            return True
        return any(self.known(sentence) is not None for sentence, _ in without_place(text))

    def known(self, text: str) -> Stage | None:
        """
        The stage of a text that the tables know.
        """
        stage = self.tables.classify(self.carrier, text, None).stage
        return None if stage is Stage.UNCLASSIFIED else stage
