"""
The loop of a process that crawls: one for its whole life, with Twisted's reactor on it.
"""

from __future__ import annotations

import asyncio
import threading
from functools import partial
from typing import Any

_kept: list[asyncio.AbstractEventLoop] = []


def the_loop() -> asyncio.AbstractEventLoop:
    """
    The process's one loop for crawls, with Twisted's reactor running on it.

    A reactor belongs to one loop for ever, so the loop is kept from crawl to crawl.
    """
    if not _kept:
        loop = asyncio.new_event_loop()
        asyncio.set_event_loop(loop)
        _install_reactor(loop)
        _kept.append(loop)
    return _kept[0]


def _install_reactor(loop: asyncio.AbstractEventLoop) -> None:
    """
    Twisted's reactor works on ``loop`` and counts as running, or crawls would wait for ever.
    """
    from twisted.internet import asyncioreactor  # noqa: PLC0415 - importing installs the reactor

    asyncioreactor.install(loop)  # type: ignore[no-untyped-call]  # Twisted has no types here
    from twisted.internet import reactor  # noqa: PLC0415

    running: Any = reactor
    running.startRunning(installSignalHandlers=False)
    # A name server that does not answer must not keep the process alive after the look.
    running.getThreadPool().threadFactory = partial(threading.Thread, daemon=True)
