"""
Saving a case folder: scrubbed, read again, and put in place in one step.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tracker.model import UsageError
from tracker.shapes import instant
from tracker.teaching.case import (
    BEFORE,
    EXPECTED,
    META,
    PAGE,
    SCREENSHOT,
    SavedCase,
    profile_lines,
    reading,
)
from tracker.teaching.scrubbing import scrubbed
from tracker.teaching.tomltext import toml_lines

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from tracker.pages.capture import Answer, PageCapture
    from tracker.stages import Tables

_ENDINGS = (("json", "json"), ("xml", "xml"), ("html", "html"))


@dataclass(frozen=True, slots=True)
class KeptCase:
    """
    A case on disk; ``changed`` are the numbers that read otherwise since the scrub.
    """

    folder: Path
    case: SavedCase
    changed: tuple[str, ...]


def keep_case(
    case: SavedCase,
    parent: Path,
    *,
    looked_at: datetime,
    known: Iterable[str] = (),
    tables: Tables | None = None,
) -> KeptCase:
    """
    The case lies in a new folder of ``parent``, named as the case, without secrets (R23).

    ``known`` are secrets that must not be in it wherever they stand. Raises :class:`UsageError`
    when the folder exists already or cannot be written; then nothing was written.
    """
    clean = scrubbed(case, known)
    try:
        before = reading(case.read(looked_at, tables))
        expected = reading(clean.read(looked_at, tables))
        clean = replace(clean, expected=expected, looked_at=looked_at)
    except RecursionError as error:
        raise UsageError("The page is nested too deeply to be kept as a case.") from error
    pairs = zip(before, clean.expected, strict=True)
    changed = tuple(one["tracking_number"] for one, other in pairs if one != other)
    return KeptCase(_put(clean, parent), clean, changed)


def free_name(parent: Path, wanted: str) -> str:
    """
    The wanted name, with a number behind it when something of that name is there.
    """
    names = (wanted, *(f"{wanted}-{number}" for number in range(2, 1000)))
    return next(name for name in names if not (parent / name).exists())


def _put(case: SavedCase, parent: Path) -> Path:
    folder = parent / case.name
    if folder.exists():
        raise UsageError(f"{folder} exists already: nothing is overwritten; name another --out.")
    try:
        parent.mkdir(parents=True, exist_ok=True)
        making = Path(tempfile.mkdtemp(prefix=f".{case.name}-", dir=parent))
        try:
            for name, content in _files(case):
                (making / name).write_bytes(content)
            making.rename(folder)
        except BaseException:
            shutil.rmtree(making, ignore_errors=True)
            raise
    except OSError as error:
        raise UsageError(f"{folder} cannot be written: {error.strerror}.") from error
    return folder


def _files(case: SavedCase) -> Iterator[tuple[str, bytes]]:
    answers = _named_answers(case)
    yield META, _bytes("\n".join(_meta(case, answers)) + "\n")
    for name, answer in answers:
        yield name, _bytes(answer.body)
    if case.capture is not None:
        yield from _pages(case.capture)
    told = json.dumps(case.expected, ensure_ascii=False, indent=1)
    yield EXPECTED, _bytes(told + "\n")


def _pages(capture: PageCapture) -> Iterator[tuple[str, bytes]]:
    if capture.html_before is not None:
        yield BEFORE, _bytes(capture.html_before)
    yield PAGE, _bytes(capture.html)
    for number, page in enumerate(capture.further, start=1):
        yield f"further-{number}.html", _bytes(page)
    if capture.screenshot is not None:
        yield SCREENSHOT, capture.screenshot


def _named_answers(case: SavedCase) -> list[tuple[str, Answer]]:
    answers = case.capture.answers if case.capture is not None else ()
    if case.answer is not None:
        answers = (case.answer,)
    return [
        (f"answer-{number}.{_ending(answer)}", answer)
        for number, answer in enumerate(answers, start=1)
    ]


def _ending(answer: Answer) -> str:
    kind = (answer.content_type or "").lower()
    return next((ending for mark, ending in _ENDINGS if mark in kind), "txt")


def _meta(case: SavedCase, answers: Iterable[tuple[str, Answer]]) -> Iterator[str]:
    capture = case.capture
    top: dict[str, Any] = {
        "origin": case.origin,
        "reader": "route_track" if capture is None else "portal",
        "carrier": case.carrier.value,
        "asked": case.asked,
        "looked_at": instant(case.looked_at),
        "zone": case.profile.read.zone,
    }
    if capture is not None:
        top |= {"url": capture.url, "status": capture.status, "submitted": capture.submitted}
        top |= {"partial": capture.partial, "field_found": case.field_found}
    yield from toml_lines(top)
    for table, told in (("ask", case.profile.ask), ("profile", case.profile.read)):
        lines = profile_lines(told)
        lines.pop("zone", None)  # stands above, for readers of the file
        if lines:
            yield f"\n[{table}]"
            yield from toml_lines(lines)
    for name, answer in answers:
        yield from _answer_lines(name, answer)


def _answer_lines(name: str, answer: Answer) -> Iterator[str]:
    yield "\n[[answers]]"
    yield from toml_lines(
        {
            "url": answer.url,
            "status": answer.status,
            "content_type": answer.content_type or "",
            "file": name,
            "complete": answer.complete,
        }
    )
    if answer.headers:
        yield f"headers = {{ {', '.join(toml_lines(dict(answer.headers)))} }}"


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "replace")
