"""
Which parcels a letter shows, in which order, and under which headings (promises.md R15).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import IntEnum
from typing import TYPE_CHECKING, Self

from alerts.messages.message import LOST, REMINDER, RESOLVED, WITHDRAWN
from tracker.model import CarrierName

if TYPE_CHECKING:
    from collections.abc import Iterable

    from alerts.messages.message import Line
    from tracker.model import AlertKind

MOST_SHOWN = 20
_SHOWN_AS = {CarrierName.SEKO: "Seko", CarrierName.CLEVY: "Clevy"}
_NO_LIMIT = 10**6
_LATEST = datetime.max.replace(tzinfo=UTC)


class Tone(IntEnum):
    """
    How a notice speaks of its alert; open ones come first in a letter.
    """

    NEW = 0
    AGAIN = 1  # a reminder
    WITHDRAWN = 2  # it was told and was not so
    RESOLVED = 3

    @classmethod
    def of(cls, notice: str) -> Tone:
        """
        The tone of a stored notice (contract.md).
        """
        if notice.startswith(REMINDER):
            return cls.AGAIN
        return {WITHDRAWN: cls.WITHDRAWN, RESOLVED: cls.RESOLVED}.get(notice, cls.NEW)


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """
    The parcels of one kind and tone; ``lines`` are the shown ones, ``everything`` all of them.

    ``hidden`` counts the parcels of this section that are not shown.
    """

    kind: AlertKind
    tone: Tone
    lines: tuple[Line, ...]
    everything: tuple[Line, ...]
    hidden: int

    @property
    def template(self) -> str:
        """
        The template that words the section's kind.
        """
        return f"kind_{self.kind.value}"

    @property
    def count(self) -> int:
        """
        How many parcels the section is about, shown or not.
        """
        return parcels(self.everything)

    @property
    def is_open(self) -> bool:
        """
        True when there is still something to do about these parcels.
        """
        return self.tone in {Tone.NEW, Tone.AGAIN}

    @property
    def alert_ids(self) -> tuple[int, ...]:
        """
        The alerts of the shown lines, each once.
        """
        return tuple(dict.fromkeys(line.alert_id for line in self.lines))

    @property
    def oldest(self) -> Line:
        """
        The line whose alert was opened first.
        """
        return min(self.everything, key=lambda line: line.opened_at)

    @property
    def some_lost(self) -> bool:
        """
        True when the carrier calls at least one of these parcels lost.
        """
        return any(is_lost(line) for line in self.everything)

    @property
    def all_lost(self) -> bool:
        """
        True when the carrier calls every one of these parcels lost.
        """
        return all(is_lost(line) for line in self.everything)

    @property
    def hurried(self) -> tuple[Line, ...]:
        """
        The shown parcels that are to be urged and claimed at once.
        """
        return tuple(line for line in self.lines if line.both_steps)

    @property
    def in_time(self) -> tuple[Line, ...]:
        """
        The shown parcels whose time of automatic cancellation is still to come, or not known.
        """
        return tuple(line for line in self.lines if not line.cancel_is_past)

    @property
    def past_cancellation(self) -> tuple[Line, ...]:
        """
        The shown parcels whose orders may have been cancelled already.
        """
        return tuple(line for line in self.lines if line.cancel_is_past)

    @property
    def mailed(self) -> tuple[Line, ...]:
        """
        The shown parcels of which Seko's service has been mailed.
        """
        return tuple(line for line in self.lines if line.urge_mailed_at is not None)

    @property
    def mail_due(self) -> tuple[Line, ...]:
        """
        The shown parcels of which Seko's service is going to be mailed.
        """
        return tuple(
            line for line in self.lines if line.urge_mail_to and line.urge_mailed_at is None
        )

    @property
    def by_person(self) -> tuple[Line, ...]:
        """
        The shown parcels of which Seko's service hears from nobody but a person.
        """
        return tuple(line for line in self.lines if line.urge_mail_to is None)

    @property
    def to_urge(self) -> Self:
        """
        The section without the parcels of which Seko's service has been mailed.
        """
        mailed = {line.delivery_id for line in self.everything if line.urge_mailed_at is not None}
        return replace(
            self,
            lines=tuple(line for line in self.lines if line.delivery_id not in mailed),
            everything=tuple(one for one in self.everything if one.delivery_id not in mailed),
        )

    @property
    def all_mailed(self) -> bool:
        """
        True when Seko's service has been mailed of every one of these parcels.
        """
        return not self.to_urge.everything

    @property
    def carriers(self) -> str:
        """
        The names of the carriers concerned, for people; empty when there is none.
        """
        names = dict.fromkeys(line.carrier for line in self.everything if line.carrier)
        return ", ".join(_SHOWN_AS[name] for name in names)


def is_lost(line: Line) -> bool:
    """
    True when the alert rests on the stage ``lost`` and on no deadline (promises.md R3).
    """
    return line.reason == LOST


def parcels(lines: Iterable[Line]) -> int:
    """
    How many parcels the lines are about: an operator's line counts what it covers.
    """
    return sum(_weight(line) for line in lines)


def worst_first(lines: Iterable[Line]) -> tuple[Line, ...]:
    """
    Open before withdrawn before resolved; fewest working days left, then the oldest deadline.
    """
    return tuple(sorted(lines, key=_badness))


def sections(lines: Iterable[Line], most: int = MOST_SHOWN) -> tuple[Section, ...]:
    """
    The lines under their headings, at most ``most`` parcels shown, worst first throughout.
    """
    ordered = worst_first(lines)
    shown = {line.delivery_id: line for line in _within(ordered, most)}
    groups: dict[tuple[Tone, AlertKind], list[Line]] = {}
    for line in ordered:
        groups.setdefault((Tone.of(line.notice), line.kind), []).append(line)
    return tuple(_section(tone, kind, group, shown) for (tone, kind), group in groups.items())


def _section(tone: Tone, kind: AlertKind, group: list[Line], shown: dict[int, Line]) -> Section:
    lines = tuple(shown[line.delivery_id] for line in group if line.delivery_id in shown)
    hidden = parcels(group) - parcels(lines)
    return Section(kind=kind, tone=tone, lines=lines, everything=tuple(group), hidden=hidden)


def _within(ordered: Iterable[Line], most: int) -> Iterable[Line]:
    left = most
    for line in ordered:
        if left <= 0:
            return
        shown = line.covered[:left]
        both = tuple(number for number in line.covered_at_both if number in shown)
        yield replace(line, covered=shown, covered_at_both=both)
        left -= _weight(line)


def _weight(line: Line) -> int:
    return max(1, len(line.covered))


def _badness(line: Line) -> tuple[Tone, int, datetime, datetime, int]:
    tone = Tone.of(line.notice)
    left = _NO_LIMIT if line.working_days_left is None else line.working_days_left
    # Withdrawn and resolved parcels have no hurry: the kind's own order is enough.
    open_tone = Tone.NEW if tone is Tone.AGAIN else tone
    return (
        open_tone,
        left,
        line.act_by or line.deadline or _LATEST,
        line.opened_at,
        line.delivery_id,
    )
