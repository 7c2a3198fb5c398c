"""
What a portal's wording means: tables as data (EN + ZH), and the questions asked of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tracker.stages.loading import load_tables
from tracker.stages.pasting import wording_group
from tracker.stages.phrases import Markers, Sentence, no_record, phrases
from tracker.stages.places import is_place, without_place
from tracker.stages.tables import SCAN_STAGES, Classified, Tables
from tracker.stages.text import normalise_code, normalise_text

if TYPE_CHECKING:
    from tracker.model import CarrierName

__all__ = [
    "SCAN_STAGES",
    "Classified",
    "Markers",
    "Sentence",
    "Tables",
    "classify",
    "is_place",
    "load_tables",
    "no_record",
    "normalise_code",
    "normalise_text",
    "phrases",
    "without_place",
    "wording_group",
]


def classify(carrier: CarrierName, text: str, code: str | None) -> Classified:
    """
    The stage of a carrier's line by the shipped tables (see :meth:`Tables.classify`).
    """
    return load_tables().classify(carrier, text, code)
