"""
Writers of one process take turns, in the order in which they came.

SQLite has one writer at a time and lets the others look again and again, further and further
apart: a writer of many small transactions would keep everybody else of its process out. Other
processes still meet at the database's own lock.
"""

from __future__ import annotations

from collections import deque
from contextlib import contextmanager
from threading import Event, Lock
from typing import TYPE_CHECKING

from tracker.store.engine import LOCK_TIMEOUT_SECONDS, StoreLocked, shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Engine


class Writers:
    """
    One writer of a database at a time; who waits longer than for another process's gives up.
    """

    def __init__(self, engine: Engine, *, lock_seconds: float = LOCK_TIMEOUT_SECONDS) -> None:
        self._engine = engine
        self._seconds = lock_seconds
        self._guard = Lock()
        self._busy = False
        self._waiting: deque[Event] = deque()

    @contextmanager
    def turn(self) -> Iterator[None]:
        """
        Nobody else writes within the block.

        Raises :class:`StoreLocked` when the turn did not come in time.
        """
        self._wait()
        try:
            yield
        finally:
            self._pass_on()

    def _wait(self) -> None:
        with self._guard:
            if not self._busy:
                self._busy = True
                return
            mine = Event()
            self._waiting.append(mine)
        came = False
        try:
            came = mine.wait(self._seconds)
        finally:  # interrupted, perhaps: a turn that nobody takes would end all writing
            if not came:
                self._leave(mine)
        if not came:
            raise StoreLocked(
                f"The database {shown(self._engine)} failed: our own lock did not end."
            )

    def _leave(self, mine: Event) -> None:
        with self._guard:
            if mine in self._waiting:
                self._waiting.remove(mine)
                return
        self._pass_on()  # it came just now

    def _pass_on(self) -> None:
        with self._guard:
            if self._waiting:
                self._waiting.popleft().set()
            else:
                self._busy = False
