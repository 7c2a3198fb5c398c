"""
``tracker carriers``: whether the portals can be reached and read.
"""

from __future__ import annotations

from typing import Annotated

import typer

from tracker.cli.output import JsonOption, emit, log_to_stderr, say
from tracker.vocabulary import CarrierName

app = typer.Typer(help="The carriers' portals.", no_args_is_help=True)


@app.callback()
def carriers() -> None:
    """
    The carriers' portals.
    """


@app.command("check")
def check(
    carrier: Annotated[CarrierName | None, typer.Option("--carrier", help="Only this.")] = None,
    as_json: JsonOption = False,
) -> None:
    """
    Probes each portal step by step and says which step fails and what to do.
    """
    from tracker.access import accesses_of
    from tracker.probing import probe
    from tracker.settings import load_settings

    log_to_stderr()
    settings = load_settings()
    red = False
    for name, access in accesses_of(settings).items():
        if carrier is not None and name is not carrier:
            continue
        for step in probe(access):
            red |= step.ok is False
            if as_json:
                emit({"carrier": name, "step": step.name, "ok": step.ok, "detail": step.detail})
            else:
                word = {True: "ok", False: "FAILED", None: "not tried"}[step.ok]
                say(f"{name} {step.name}: {word}{f', {step.detail}' if step.detail else ''}")
    if red:
        raise typer.Exit(1)


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
