"""
The pack's files as they are listed: what each is for, and whom it is about.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class FileKind(StrEnum):
    """
    What a file of the pack is for.
    """

    CLAIMS = "claims"  # the table to be attached to a new claim
    FOLLOW_UP = "follow_up"  # claims that were raised: ask about them, never raise them again
    TOO_OLD = "too_old"  # orders older than the claim window
    EVIDENCE = "evidence"  # one parcel's page
    PICTURE = "picture"  # a picture too large for its page
    EXTENSION = "lead_time_extension"  # the draft of another claim
    INDEX = "index"  # what is where, and the next step


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """
    One file as the index and the command name it.
    """

    name: str
    kind: FileKind
    country: str | None
    shops: tuple[str | None, ...]
    tracking_numbers: tuple[str, ...]
    size: int

    def shape(self) -> dict[str, Any]:
        """
        As ``claims export --json`` prints it.
        """
        return {
            "file": self.name,
            "kind": self.kind.value,
            "country": self.country,
            "shops": list(self.shops),
            "tracking_numbers": list(self.tracking_numbers),
            "bytes": self.size,
        }
