"""
When the next question may be asked: at a pace of one's own, or in slots of the one all share.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable
from typing import Protocol

from tracker.spiders.trouble import Trouble

#: Takes one more slot of the shared pace, within so many seconds: the seconds until it, or
#: ``None`` when it is refused.
Further = Callable[[float], Awaitable[float | None]]


class NoSlot(Trouble):
    """
    The shared pace has no slot left for this question: the carrier was not asked.
    """

    def __init__(self) -> None:
        super().__init__("the crawl ended before the shared pace had a slot for this question")


class Slots(Protocol):
    """
    What every question waits for.
    """

    async def slot(self, within: float = math.inf) -> None:
        """
        Returns when the question may be asked.

        Raises :class:`NoSlot` when no shared slot is to be had within so many seconds.
        """


class Pace:
    """
    Slots of our own for questions, evenly spaced; the first one is free at once.
    """

    def __init__(self, per_minute: float) -> None:
        self._every = 60 / per_minute
        self._next = 0.0

    def take(self, now: float) -> float:
        """
        Takes the next slot; returns the seconds from ``now`` until it.
        """
        mine = max(self._next, now)
        self._next = mine + self._every
        return mine - now

    async def slot(self, within: float = math.inf) -> None:  # noqa: ARG002 - nobody else waits
        """
        Returns when the next question may be asked.
        """
        await _until(self.take(asyncio.get_running_loop().time()))


class SharedSlots:
    """
    ``count`` reserved slots from ``starts`` on, one every ``every`` seconds, then further ones.

    A slot is good until the next one begins: a look that took longer gives its slots up, for what
    was reserved after them is somebody else's (promises.md R22).
    """

    def __init__(self, *, starts: float, count: int, every: float, further: Further) -> None:
        self._starts = starts
        self._count = count
        self._every = every
        self._further = further
        self._next = 0

    def take(self, now: float, within: float = math.inf) -> float | None:
        """
        The seconds until the next reserved slot, which is taken; ``None``: none is left in time.
        """
        self._next = max(self._next, math.floor((now - self._starts) / self._every))
        wait = max(0.0, self._starts + self._next * self._every - now)
        if self._next >= self._count or wait > within:
            return None
        self._next += 1
        return wait

    async def slot(self, within: float = math.inf) -> None:
        """
        Returns when the next question may be asked; see :class:`Slots`.
        """
        wait = self.take(asyncio.get_running_loop().time(), within)
        if wait is None:
            wait = await self._further(within)
        if wait is None:
            raise NoSlot
        await _until(wait)


async def _until(wait: float) -> None:
    """
    Returns after so many seconds; at once for none.

    Whoever gives the loop away lets others read their answers before this question goes out.
    """
    if wait > 0:
        await asyncio.sleep(wait)
