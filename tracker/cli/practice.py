"""
``tracker practice``: portals to try the tool on.
"""

from __future__ import annotations

import signal
import threading
from typing import TYPE_CHECKING, Annotated

import typer
from typer.core import TyperCommand

from tracker.cli.output import say
from tracker.vocabulary import UsageError

if TYPE_CHECKING:
    from typer._click.core import Context

    from tracker.practice.server import PracticeServer

app = typer.Typer(help="Practice portals, to try the tool on.", no_args_is_help=True)


@app.callback()
def practice() -> None:
    """
    Practice portals, to try the tool on.
    """


class _WithScenarios(TyperCommand):
    """
    Its ``--help`` ends with the scenario numbers (contract.md), loaded only then.
    """

    def get_help(self, ctx: Context) -> str:
        """
        The usual text, and a line for each scenario.
        """
        from tracker.practice.scenarios import scenario_lines

        return "\n  ".join((super().get_help(ctx), "", "Scenarios:", *scenario_lines()))


def _started(port: int) -> PracticeServer:
    from tracker.clock import utc_now
    from tracker.practice.server import start_practice

    try:
        return start_practice(port=port, now=utc_now())
    except OSError as error:
        raise UsageError(
            f"--port {port} cannot be served: {error.strerror}. Give another one, or none."
        ) from error


@app.command("serve", cls=_WithScenarios)
def serve(
    port: Annotated[
        int, typer.Option("--port", min=0, max=65535, help="The port; 0 takes a free one.")
    ] = 0,
    scenarios: Annotated[
        bool, typer.Option("--scenarios", help="List the scenario numbers and exit.")
    ] = False,
) -> None:
    """
    Serves both carriers' practice portals on this machine until stopped.

    Certain numbers decide the answer: they are listed below, and by --scenarios.
    """
    from tracker.practice.scenarios import scenario_lines

    if scenarios:
        for line in scenario_lines():
            say(line)
        return
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    with _started(port) as portal:
        say(
            f"# Practice portals at {portal.url} (this is not Seko or Clevy). Point the tool at it:"
        )
        for name, value in portal.environment().items():
            say(f"export {name}={value}")
        say("# Scenario numbers: tracker practice serve --scenarios. Stop with Ctrl-C.")
        stop.wait()
