"""
Which process does what. Pure.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tracker.daemon.steps import poll_step
from tracker.model import CarrierName
from tracker.status.liveness import DEADMAN
from tracker.vocabulary import ProcessRole

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tracker.daemon.steps import Step


#: What the scheduler does itself: the folder lies on its machine, and it is what is to be watched.
OWN_STEPS = frozenset({"inbox", DEADMAN})
_CHECK = "check"


def steps_for(
    role: ProcessRole, steps: Sequence[Step], carrier: CarrierName | None
) -> tuple[Step, ...]:
    """
    Those of all steps that a process of the role does by its own hand.

    ``carrier`` keeps a worker to one carrier's portal.
    """
    asking = {poll_step(one) for one in CarrierName if carrier in {None, one}} | {_CHECK}
    everybodys = {poll_step(one) for one in CarrierName} | {_CHECK} | OWN_STEPS
    wanted = {
        ProcessRole.ALL: {one.name for one in steps},
        ProcessRole.SCHEDULER: OWN_STEPS,
        ProcessRole.WORKER: asking,
        ProcessRole.DELIVER: {one.name for one in steps} - everybodys,
        ProcessRole.WEB: set(),
    }[role]
    return tuple(one for one in steps if one.name in wanted)
