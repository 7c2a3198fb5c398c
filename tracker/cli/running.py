"""
``tracker run``, ``tracker status`` and ``tracker demo``.
"""

from __future__ import annotations

import logging
import os
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tracker.cli.opening import opened
from tracker.cli.output import JsonOption, emit, log_to_stderr, notice, say

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tracker.watcher import Watcher

log = logging.getLogger(__name__)


def run(
    once: Annotated[bool, typer.Option("--once", help="One full round, then exit.")] = False,
    as_json: JsonOption = False,
    verbose: Annotated[bool, typer.Option("--verbose", help="Say more on stderr.")] = False,
) -> None:
    """
    Watches in the background until stopped; with --once does one full round and exits.
    """
    from tracker.settings import load_settings
    from tracker.status.liveness import DAEMON, ONCE
    from tracker.watcher import Watcher

    log_to_stderr(verbose=verbose or not once)
    settings = load_settings()
    with Watcher.opened(settings, mode=ONCE if once else DAEMON) as watcher:
        if once:
            if not _one_round(watcher, as_json=as_json):
                raise typer.Exit(1)
            return
        from tracker.scheduler import Daemon

        with _dashboard(watcher):
            ended = Daemon(watcher).run()
        if not ended:
            log.warning("some steps did not end in time; their leases run out by themselves")
            sys.stderr.flush()
            os._exit(0)


@contextmanager
def _dashboard(watcher: Watcher) -> Iterator[None]:
    """
    The dashboard is served within the block, unless it is switched off.
    """
    if not watcher.settings.web.enabled:
        yield
        return
    from tracker.web.house import House
    from tracker.web.security.operator import let_operator_in
    from tracker.web.serving import WebServer

    house = House(
        settings=watcher.settings,
        store=watcher.store,
        deadlines=watcher.deadlines,
        clock=watcher.clock,
    )
    server = WebServer(house)
    let_operator_in(house, sys.stderr, Path.cwd())
    server.start()
    try:
        yield
    finally:
        server.stop()


def _one_round(watcher: Watcher, *, as_json: bool) -> bool:
    """
    Polls all due work, decides after all looks, attempts each due delivery once (contract.md).
    """
    from tracker.rounds import run_once

    def progress(text: str) -> None:
        if not as_json:
            notice(text)

    result = run_once(watcher, progress)
    shape = {
        "looked": result.looked,
        "failed_looks": result.failed_looks,
        "decided": result.decided,
        "opened": result.opened,
        "closed": result.closed,
        "sent": result.sent,
        "failed_deliveries": result.failed_deliveries,
        "problems": list(result.problems),
    }
    if as_json:
        emit(shape)
    else:
        say(
            f"{result.looked} looks ({result.failed_looks} failed), {result.opened} alerts opened, "
            f"{result.closed} closed, {result.sent} messages sent "
            f"({result.failed_deliveries} failed)."
        )
        for problem in result.problems:
            notice(f"problem: {problem}")
    return result.ok


def status(as_json: JsonOption = False) -> None:
    """
    Says how the watcher is: heartbeats, carriers, outbox; exit 1 when something is wrong.
    """
    from tracker.clock import utc_now
    from tracker.status.health import health_of

    with opened() as (settings, store):
        health = health_of(settings, store, utc_now())
    if as_json:
        emit(health.shape())
    else:
        for line in health.lines():
            say(line)
    if not health.ok:
        raise typer.Exit(1)


def demo(
    keep: Annotated[bool, typer.Option("--keep", help="Keep the demo's folder.")] = False,
    verbose: Annotated[bool, typer.Option("--verbose", help="Say more on stderr.")] = False,
) -> None:
    """
    Shows the whole job on practice portals, from an export file to what a seller reads.
    """
    from tracker.practice.demo import run_demo

    log_to_stderr(verbose=verbose)
    if not run_demo(say, keep=keep):
        raise typer.Exit(1)
