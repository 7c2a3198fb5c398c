"""
What every request works with: settings, store, deadlines and the clock.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tracker.clock import Clock
    from tracker.planning.deadlines import Deadlines
    from tracker.settings import Settings
    from tracker.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """
    The parts that requests share; all of them may be used by many threads.
    """

    settings: Settings
    store: Store
    deadlines: Deadlines
    clock: Clock
