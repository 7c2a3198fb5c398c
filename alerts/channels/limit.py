"""
A bound on a whole attempt: a server that sends a byte now and then must not hold the others up.
"""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType


class WholeLimit:
    """
    Shuts the watched connection when ``seconds`` are over, so that whoever reads it sees its end.

    The time-out of a single step does not bound the sum of the steps. ``passed`` tells afterwards
    whether it was this limit that ended the attempt.
    """

    def __init__(self, seconds: float) -> None:
        self._timer = threading.Timer(seconds, self._end)
        self._timer.daemon = True
        self._sockets: list[Callable[[], socket.socket | None]] = []
        self.passed = False

    def watch(self, current: Callable[[], socket.socket | None]) -> None:
        """
        ``current`` gives the connection as it is at the end: TLS puts another in its place.
        """
        self._sockets.append(current)

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._timer.cancel()

    def _end(self) -> None:
        self.passed = True
        for current in self._sockets:
            connection = current()
            if connection is not None:
                with suppress(OSError):  # it has ended by itself
                    # The plain socket's shutdown: the one of TLS would talk to the other side.
                    socket.socket.shutdown(connection, socket.SHUT_RDWR)
