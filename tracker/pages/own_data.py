"""
What the page's own answers say of each asked number, all of them together.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from tracker.model import Outcome
from tracker.pages.bodies import data_in, is_markup
from tracker.pages.fragments import read_fragment
from tracker.pages.http import by_content, by_status
from tracker.pages.joining import answered
from tracker.pages.pinned import PinnedReader
from tracker.pages.report import Harvest

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from tracker.pages.capture import Answer
    from tracker.pages.http import Refusal
    from tracker.pages.reading import Reading


@dataclass
class OwnData:
    """
    What was told, the answer each number rests on, and the last refusal among the answers.
    """

    harvest: Harvest = field(default_factory=Harvest)
    sources: dict[str, Answer] = field(default_factory=dict)
    trouble: Refusal | None = None


def read_answers(
    answers: Sequence[Answer], reading: Reading, *, page_url: str, now: datetime
) -> OwnData:
    """
    The page's own answers read in the order in which they came; ``now`` is aware.

    Where the profile names the answer that counts, no other is read.
    """
    told, name = OwnData(), reading.profile.answer
    counted = [answer for answer in answers if name is None or name in answer.url]
    if name is not None and not counted:
        told.harvest.nowhere = f"read.answer: no answer of the page has {name!r} in its address"
    reader = PinnedReader(reading)
    for answer in counted:
        refused = by_status(answer, now=now)
        harvest = None if refused else _read(answer, reader, reading)
        if harvest is not None:
            _add(told, harvest, answer, pinned=name is not None)
        if harvest is None or not harvest.found:
            why = refused or by_content(answer)
            told.trouble = why if why and _is_of(answer.url, page_url) else told.trouble
    return told


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
