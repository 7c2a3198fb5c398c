"""
``tracker carriers``: can the portals be reached and read?
"""

from __future__ import annotations

from typing import Annotated

import typer

from tracker.cli.output import JsonOption, emit, log_to_stderr, say
from tracker.model import CarrierName

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
