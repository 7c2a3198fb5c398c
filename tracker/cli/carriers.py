"""
``tracker carriers``: whether the portals can be reached and read, and how they are taught.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from tracker.cli import teaching, wordings
from tracker.cli.output import JsonOption, emit, log_to_stderr, say
from tracker.vocabulary import CarrierName

if TYPE_CHECKING:
    from tracker.crawl import CarrierAccess
    from tracker.probing.onelook import Manner
    from tracker.probing.steps import ProbeStep
    from tracker.settings import Settings

app = typer.Typer(help="The carriers' portals.", no_args_is_help=True)


@app.callback()
def carriers() -> None:
    """
    The carriers' portals.
    """


@app.command("check")
def check(
    carrier: Annotated[CarrierName | None, typer.Option("--carrier", help="Only this.")] = None,
    save: Annotated[
        bool, typer.Option("--save", help="Keep the result for `tracker status`.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """
    Probes each portal step by step and says which step fails and what to do.
    """
    from tracker.access import accesses_of
    from tracker.cli.sharing import shared
    from tracker.probing.onelook import Manner
    from tracker.settings import load_settings

    log_to_stderr()
    settings = load_settings()
    red = False
    with shared(settings) as among:
        for name, access in accesses_of(settings).items():
            if carrier is not None and name is not carrier:
                continue
            manner = Manner(slot=among.slot, paused=among.paused(name))
            failed = _probed(settings, access, manner, as_json=as_json)
            if save:
                _save_check(settings, name, failed)
            red |= failed is not None
    if red:
        raise typer.Exit(1)


def _probed(
    settings: Settings, access: CarrierAccess, manner: Manner, *, as_json: bool
) -> ProbeStep | None:
    """
    Each step is told as it ends; returns the one that failed.
    """
    from tracker.probing.onelook import Canaries
    from tracker.probing.steps import probe

    own = settings.carriers.of(access.carrier)
    canaries = Canaries(scanned=own.canary_scanned, unknown=own.canary_unknown)
    failed = None
    for step in probe(access, canaries, manner):
        failed = step if step.ok is False else failed
        if as_json:
            told = {"step": step.name, "ok": step.ok, "detail": step.detail}
            emit({"carrier": access.carrier, **told})
        else:
            word = {True: "ok", False: "FAILED", None: "not tried"}[step.ok]
            detail = f", {step.detail}" if step.detail else ""
            say(f"{access.carrier} {step.name}: {word}{detail}")
    return failed


def _save_check(settings: Settings, carrier: CarrierName, failed: ProbeStep | None) -> None:
    from tracker.clock import utc_now
    from tracker.store import open_store

    store = open_store(settings.database_url)
    try:
        with store.begin() as tx:
            told = None if failed is None else f"{failed.name}: {failed.detail}"
            tx.health.checked(carrier, utc_now(), told)
    finally:
        store.close()


app.command("wordings")(wordings.wordings)
app.command("classify")(wordings.classify)
app.command("record")(teaching.record)
app.command("learn")(teaching.learn)


@app.command("confirm")
def confirm(
    carrier: Annotated[CarrierName, typer.Argument(help="Whose readings were right.")],
    as_json: JsonOption = False,
) -> None:
    """
    A person compared readings with the portal and they were right: messages stop asking for it.
    """
    from tracker.cli.opening import opened
    from tracker.clock import utc_now
    from tracker.shapes import instant

    now = utc_now()
    with opened() as (_settings, store), store.begin() as tx:
        tx.health.confirm(carrier, now)
    if as_json:
        emit({"carrier": carrier, "confirmed_at": instant(now)})
    else:
        say(f"{carrier}: confirmed; messages no longer ask to check a number by hand.")
