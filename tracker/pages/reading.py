"""
What every part of a page reader needs to know.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tracker.model import Stage
from tracker.pages.events import scan_event
from tracker.profiles import ReadProfile

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
        A scan event of this portal.
        """
        return scan_event(
            self.tables, self.carrier, instant=instant, text=text, location=place, code=code
        )

    def known(self, text: str) -> Stage | None:
        """
        The stage of a text that the tables know.
        """
        stage = self.tables.classify(self.carrier, text, None).stage
        return None if stage is Stage.UNCLASSIFIED else stage
