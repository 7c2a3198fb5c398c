"""
What one object of a page's own data says of its parcel in its own fields.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from tracker.model import Outcome
from tracker.pages import keys
from tracker.pages.bodies import is_markup
from tracker.pages.events import in_order
from tracker.pages.failures import has_failed, is_not_found_alone, tells_not_found
from tracker.pages.numbers import canonical
from tracker.pages.paths import inside
from tracker.pages.report import Finding, unreadable
from tracker.stages import phrases

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tracker.pages.data_rows import DataRows
    from tracker.pages.reading import Reading

_DEPTH = 40
_FAILED = unreadable("the page's own answer says that the request failed")
_OTHER_HISTORY = unreadable("the page's own answer has a history that cannot be read")


class OwnObjects:
    """
    Reads objects that name an asked number.
    """

    def __init__(self, reading: Reading, rows: DataRows) -> None:
        self._asked = {canonical(number) for number in reading.asked}
        self._rows = rows

    def said(self, value: Mapping[str, Any], *, failed: bool = False) -> Finding | None:
        """
        What the object says of its number; ``None`` to look deeper.

        ``failed``: an object around it says that the request failed. An empty history says
        "nothing yet", unless another one stands beside it that we cannot read.
        """
        lists = {k: v for k, v in value.items() if isinstance(v, list | dict) and v}
        carries_markup = any(isinstance(v, str) and is_markup(v) for v in value.values())
        if carries_markup or any(self._holds_rows(inner, 0) for inner in lists.values()):
            return None
        empty = any(v == [] and keys.CONTAINER.search(k) for k, v in value.items())
        if empty and not lists and is_not_found_alone(value):
            return Finding(Outcome.NOT_FOUND)
        if failed or has_failed(value):
            return _FAILED
        sentence = keys.not_found_in(value) or sentence_of(value)
        if sentence is not None:
            return Finding(sentence)
        return self._of_lists(lists, empty=empty) or self._of_status(value, lists)

    def _of_lists(self, lists: Mapping[str, Any], *, empty: bool) -> Finding | None:
        if not empty:
            return None
        other = any(keys.CONTAINER.search(key) for key in lists)
        return _OTHER_HISTORY if other else Finding(Outcome.NO_EVENTS)

    def _of_status(self, value: Mapping[str, Any], lists: Mapping[str, Any]) -> Finding | None:
        """
        The latest status that stands in the object itself.
        """
        names = any(canonical(str(field)) in self._asked for field in value.values())
        if lists or not names or not self._rows.is_row(value):
            return None
        return replace(self._rows.history([value]), summary=True)

    def _holds_rows(self, value: Any, depth: int) -> bool:
        if depth > _DEPTH:
            return False
        if isinstance(value, list) and any(
            isinstance(one, dict) and self._rows.is_row(one) for one in value
        ):
            return True
        return any(self._holds_rows(one, depth + 1) for one in inside(value))


def sentence_of(value: Any) -> Outcome | None:
    """
    The one outcome that the known sentences among an object's own fields say.
    """
    fields = value if isinstance(value, dict) else {}
    if tells_not_found(fields):
        return Outcome.NOT_FOUND
    told = [phrases().sentence(text) for text in fields.values() if isinstance(text, str)]
    known = [sentence for sentence in told if sentence is not None]
    strong = [sentence for sentence in known if not sentence.weak]
    outcomes = {sentence.outcome for sentence in strong or known}
    return outcomes.pop() if len(outcomes) == 1 else None


def merged(findings: Sequence[Finding]) -> Finding:
    """
    Several histories of one number in one answer together; a disagreement is unreadable.
    """
    outcomes = {finding.outcome for finding in findings}
    if len(findings) == 1:
        return findings[0]
    if len(outcomes) > 1:
        return unreadable("the page's own answer contradicts itself")
    events = in_order(event for finding in findings for event in finding.events)
    return Finding(findings[0].outcome, events, findings[0].detail)
