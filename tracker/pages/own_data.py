"""
What the page's own answers say of each asked number, all of them together.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from tracker.model import Outcome, scanned_by
from tracker.pages.bodies import data_in, is_markup
from tracker.pages.fragments import read_fragment
from tracker.pages.http import by_content, by_status
from tracker.pages.joining import answered
from tracker.pages.pinned import PinnedReader
from tracker.pages.report import Finding, Harvest, of_refusal, unreadable

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from tracker.pages.capture import Answer
    from tracker.pages.http import Refusal
    from tracker.pages.reading import Reading

_CUT = unreadable("one of the page's own answers cannot be read")
_SILENT = unreadable("the page's last answer names the number and tells nothing that we know")
_LOOSE = unreadable("one of the page's own answers has events that belong to no number")


@dataclass
class OwnData:
    """
    What was told, the answer each number rests on, and the last refusal among the answers.

    ``failed``: the portal's last answer says that the request failed. ``silent`` is the place and
    path of the last answer that named a number and told nothing of it.
    """

    harvest: Harvest = field(default_factory=Harvest)
    sources: dict[str, Answer] = field(default_factory=dict)
    trouble: Refusal | None = None
    failed: bool = False
    silent: dict[str, tuple[int, str]] = field(default_factory=dict)


def read_answers(
    answers: Sequence[Answer], reading: Reading, *, page_url: str, now: datetime
) -> OwnData:
    """
    The page's own answers read in the order in which they came; ``now`` is aware.

    Where the profile names the answer that counts, no other is read.
    """
    told, name = OwnData(), reading.profile.answer
    gaps: list[tuple[int, str, Finding]] = []
    counted = [answer for answer in answers if name is None or name in answer.url]
    if name is not None and not counted:
        told.harvest.nowhere = f"read.answer: no answer of the page has {name!r} in its address"
    reader = PinnedReader(reading)
    for place, answer in enumerate(counted):
        refused = by_status(answer, now=now)
        harvest = None if refused else _read(answer, reader, reading)
        gap = of_refusal(refused) if refused else _gap(answer, harvest)
        gaps += [(place, _path(answer), gap)] if gap else []
        silent = harvest.echoed - set(harvest.found) if harvest is not None else set()
        told.silent |= dict.fromkeys(silent, (place, _path(answer)))
        if harvest is not None:
            _add(told, harvest, answer, pinned=name is not None)
        if harvest is not None and _is_of(answer.url, page_url):
            told.failed = harvest.failed and not harvest.found
        if harvest is None or not harvest.found:
            why = refused or by_content(answer)
            told.trouble = why if why and _is_of(answer.url, page_url) else told.trouble
    _doubt(told, counted, gaps)
    return told


def _gap(answer: Answer, harvest: Harvest | None) -> Finding | None:
    """
    What an answer may have told and does not: cut data, or events that nothing names.
    """
    if harvest is None:
        return _CUT if answer.body.lstrip().startswith(("{", "[", "<?xml")) else None
    if not harvest.whole:
        return _CUT
    return _LOOSE if harvest.loose else None


def _doubt(
    told: OwnData, answers: Sequence[Answer], gaps: Sequence[tuple[int, str, Finding]]
) -> None:
    """
    What one page of a history says is not all, where another page of it could not be read.

    Pages of one history come from one address. A failed answer before the last good one was asked
    again and takes nothing away; a refused one after it leaves what was scanned as it is.
    """
    for number, source in told.sources.items():
        finding, last = told.harvest.found.get(number), answers.index(source)
        for place, path, gap in gaps:
            if finding is None or path != _path(source) or not finding.outcome.is_good:
                continue
            cut = gap in {_CUT, _LOOSE}
            if cut or (place > last and not scanned_by(finding.events)):
                told.harvest.found[number] = gap
        place, path = told.silent.get(number, (-1, ""))
        proves_none = finding is not None and not scanned_by(finding.events)
        if place > last and path == _path(source) and proves_none:
            told.harvest.found[number] = _SILENT


def _path(answer: Answer) -> str:
    return urlsplit(answer.url)._replace(query="", fragment="").geturl()


def _read(answer: Answer, reader: PinnedReader, reading: Reading) -> Harvest | None:
    """
    What one answer says; ``None`` when it is no data.
    """
    data = data_in(answer.body)
    if data is not None:
        return reader.read(data)
    return read_fragment(answer.body, reading) if is_markup(answer.body) else None


def _add(told: OwnData, one: Harvest, answer: Answer, *, pinned: bool) -> None:
    whole = told.harvest
    for number, finding in one.found.items():
        whole.found[number] = answered(whole.found.get(number), finding)
        told.sources[number] = answer
    whole.nowhere = one.nowhere or whole.nowhere
    if one.nowhere is not None and pinned:  # the answer that counts has changed its form
        whole.found = {n: f for n, f in whole.found.items() if f.outcome is Outcome.EVENTS}
    whole.echoed |= one.echoed
    whole.strangers = whole.strangers or one.strangers
    whole.by_request |= one.by_request


def _is_of(url: str, page_url: str) -> bool:
    """
    True when an answer came from the portal's own site: somebody's counter may fail as it likes.
    """
    one, other = ((urlsplit(text).hostname or "").split(".")[-3:] for text in (url, page_url))
    return one == other
