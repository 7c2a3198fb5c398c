"""
A case folder: what one look saw of a portal, and what the reader made of it.

The folder holds ``meta.toml`` (whose portal, what was asked, how the answer came), the page before
and after the submit (``before.html``, ``page.html``, ``further-1.html``...), the data that the page
fetched (``answer-1.json``...), ``screenshot.png`` and ``expected.json``. It is the form of the
folders in tests/pages/cases: one that was recorded drops in there as it is.
"""

from __future__ import annotations

import json
import tomllib
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from tracker.model import CarrierName, UsageError
from tracker.pages.capture import Answer, PageCapture
from tracker.pages.portal import read_portal
from tracker.pages.route_track import read_route_track
from tracker.profiles import AskProfile, PortalProfile, ReadProfile, parse_profile
from tracker.shapes import report_shape

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from tracker.model import LookReport
    from tracker.stages import Tables

META = "meta.toml"
EXPECTED = "expected.json"
BEFORE = "before.html"
PAGE = "page.html"
SCREENSHOT = "screenshot.png"


@dataclass(frozen=True, kw_only=True)
class SavedCase:
    """
    What one look saw: a page's capture, or the answer of Clevy's interface.

    ``profile`` is what was told to the reader; ``expected`` what it made of the case when it was
    saved, one line for each asked number in the form of ``track --json`` without ``looked_at``.
    ``looked_at`` is when the look was made (``None``: not told): what lies ahead of it is no event.
    """

    name: str
    carrier: CarrierName
    asked: list[str]
    capture: PageCapture | None = None
    answer: Answer | None = None
    profile: PortalProfile = field(default_factory=PortalProfile)
    field_found: bool = True
    origin: str | None = None
    looked_at: datetime | None = None
    expected: list[dict[str, Any]] = field(default_factory=list)

    def read(self, looked_at: datetime, tables: Tables | None = None) -> tuple[LookReport, ...]:
        """
        What the reader makes of the case today.
        """
        if self.answer is not None:
            zone = self.profile.read.zone
            return read_route_track(
                self.answer, self.asked, looked_at=looked_at, zone=zone, tables=tables
            )
        if self.capture is None:
            raise ValueError(f"the case {self.name} has neither a page nor an answer")
        return read_portal(
            self.capture,
            self.asked,
            carrier=self.carrier,
            looked_at=looked_at,
            profile=self.profile.read,
            field_found=self.field_found,
            tables=tables,
        )


def reading(reports: Sequence[LookReport]) -> list[dict[str, Any]]:
    """
    A reading as ``expected.json`` keeps it: ``track --json`` (contract.md) without ``looked_at``.
    """
    lines: list[dict[str, Any]] = json.loads(json.dumps([report_shape(one) for one in reports]))
    for line in lines:
        del line["looked_at"]
    return lines


def load_case(folder: Path) -> SavedCase:
    """
    The case in a folder.

    Raises :class:`UsageError` when a part of it is missing, cannot be read or lies elsewhere.
    """
    meta = _meta(folder)
    try:
        answers = tuple(_answer(folder, entry) for entry in meta.get("answers", []))
        told = folder / EXPECTED
        whose = {
            "name": folder.name,
            "carrier": CarrierName(meta["carrier"]),
            "asked": list(meta["asked"]),
            "profile": _profile(folder, meta),
            "field_found": meta.get("field_found", True),
            "origin": meta.get("origin"),
            "looked_at": _instant(meta.get("looked_at")),
            "expected": json.loads(_text(told)) if told.exists() else [],
        }
        if meta["reader"] == "route_track":
            return SavedCase(**whose, answer=answers[0])
        return SavedCase(**whose, capture=_capture(folder, meta, answers))
    except (KeyError, IndexError, TypeError, ValueError) as error:
        told_as = f"{META} lacks {error}" if isinstance(error, KeyError) else str(error)
        raise UsageError(f"{folder} is no case folder: {told_as}.") from error


def _instant(told: str | None) -> datetime | None:
    return None if told is None else datetime.fromisoformat(told)


def _meta(folder: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(_text(folder / META))
    except ValueError as error:
        raise UsageError(f"{folder / META} is not TOML in UTF-8: {error}.") from error


def _capture(folder: Path, meta: Mapping[str, Any], answers: tuple[Answer, ...]) -> PageCapture:
    before, picture = folder / BEFORE, folder / SCREENSHOT
    return PageCapture(
        url=meta["url"],
        status=meta.get("status", 200),
        html_before=_text(before) if before.exists() else None,
        html=_text(folder / PAGE),
        answers=answers,
        further=tuple(_further(folder)),
        partial=meta.get("partial"),
        submitted=meta.get("submitted", True),
        screenshot=picture.read_bytes() if picture.exists() else None,
    )


def _further(folder: Path) -> Iterator[str]:
    number = 1
    while (page := folder / f"further-{number}.html").exists():
        yield _text(page)
        number += 1


def _answer(folder: Path, entry: Mapping[str, Any]) -> Answer:
    name = str(entry["file"])
    if "/" in name or "\\" in name or name.startswith("."):
        raise UsageError(f"{folder / META}: the file {name!r} does not lie in the case folder.")
    return Answer(
        url=entry["url"],
        status=entry.get("status", 200),
        content_type=entry.get("content_type", "application/json") or None,
        body=_text(folder / name),
        headers=entry.get("headers", {}),
        complete=entry.get("complete", True),
    )


def _profile(folder: Path, meta: Mapping[str, Any]) -> PortalProfile:
    read = {"zone": meta["zone"]} if "zone" in meta else {}
    told = {"ask": meta.get("ask", {}), "read": read | dict(meta.get("profile", {}))}
    return parse_profile(told, str(folder / META))


def profile_lines(profile: AskProfile | ReadProfile) -> dict[str, Any]:
    """
    The keys of one table of a profile that say more than the default.
    """
    return {key: _plain(value) for key, value in profile.model_dump(exclude_defaults=True).items()}


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _text(path: Path) -> str:
    """
    A file's text with its line ends as they are.
    """
    try:
        return path.read_bytes().decode("utf-8")
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{path} is not text in UTF-8.") from error
