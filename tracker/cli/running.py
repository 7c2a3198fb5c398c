"""
``tracker run``, ``tracker status`` and ``tracker demo``.
"""

from __future__ import annotations

import logging
import os
import sys
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tracker.cli.opening import opened
from tracker.cli.output import JsonOption, emit, log_to_stderr, notice, say
from tracker.vocabulary import CarrierName, ProcessRole, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tracker.daemon.watcher import Watcher

log = logging.getLogger(__name__)


def run(
    once: Annotated[bool, typer.Option("--once", help="One full round, then exit.")] = False,
    role: Annotated[
        ProcessRole,
        typer.Option("--role", help="This process's part, with others on one PostgreSQL."),
    ] = ProcessRole.ALL,
    carrier: Annotated[
        CarrierName | None, typer.Option("--carrier", help="With --role worker: only its portal.")
    ] = None,
    as_json: JsonOption = False,
    verbose: Annotated[bool, typer.Option("--verbose", help="Say more on stderr.")] = False,
) -> None:
    """
    Watches in the background until stopped; with --once does one full round and exits.
    """
    _check_role(role, carrier, once=once)
    from tracker.daemon.watcher import Watcher
    from tracker.logs import log_events
    from tracker.settings import load_settings
    from tracker.status.liveness import DAEMON, ONCE

    settings = load_settings()
    log_events(
        form=settings.log.format,
        level=_level(settings.log.level, once=once, verbose=verbose),
        secrets=settings.secrets,
    )
    with Watcher.opened(settings, mode=ONCE if once else DAEMON) as watcher:
        if once:
            if not _one_round(watcher, as_json=as_json):
                raise typer.Exit(1)
            return
        with _dashboard(watcher) if role in {ProcessRole.ALL, ProcessRole.WEB} else nullcontext():
            ended = _watch(watcher, role, carrier)
        if not ended:
            log.warning("some steps did not end in time; their leases run out by themselves")
            sys.stderr.flush()
            os._exit(0)


def _check_role(role: ProcessRole, carrier: CarrierName | None, *, once: bool) -> None:
    """
    Returns for options that go together; else raises :class:`UsageError`.
    """
    if once and role is not ProcessRole.ALL:
        raise UsageError("--once does everything in this process: leave out --role.")
    if carrier is not None and role is not ProcessRole.WORKER:
        raise UsageError("--carrier goes with --role worker.")


def _watch(watcher: Watcher, role: ProcessRole, carrier: CarrierName | None) -> bool:
    """
    This process's part was done until a signal; true when every running step ended in time.
    """
    if role is ProcessRole.ALL:
        from tracker.scheduler import Daemon

        return Daemon(watcher).run()
    from tracker.fleet.running import run_role

    if role is ProcessRole.WEB and not watcher.settings.web.enabled:
        raise UsageError("--role web serves the dashboard, which web.enabled switches off.")
    return run_role(watcher, role, carrier)


def _level(chosen: str, *, once: bool, verbose: bool) -> str:
    """
    A single round says in sentences what it does, and logs only what is wrong unless asked.
    """
    if verbose:
        return "debug"
    return "warning" if once and chosen == "info" else chosen


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
    from tracker.daemon.rounds import run_once

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
