"""
The command line: thin, one file per command group, every heavy import inside a command.
"""

from __future__ import annotations

import sys

import typer

from tracker.cli import (
    alerts,
    backups,
    byhand,
    calendar,
    carriers,
    claims,
    dispatch,
    handover,
    marks,
    orders,
    pickedup,
    practice,
    running,
    showing,
    snoozing,
    syncing,
    telling,
    tokens,
    tracking,
    users,
)
from tracker.vocabulary import ScanTrackerError, UsageError

app = typer.Typer(
    name="tracker",
    help="Watches Seko and Clevy for the sorting centre's scan of each Jumia parcel.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
app.command("track")(tracking.track)
orders.app.command("show")(showing.show_order)
orders.app.command("handover")(handover.hand_over)
orders.app.command("dispatch")(dispatch.dispatch)
orders.app.command("scanned")(telling.scanned)
orders.app.command("by-hand")(byhand.by_hand)
orders.app.command("picked-up")(pickedup.picked_up)
orders.app.command("sync")(syncing.sync_orders)
app.add_typer(orders.app, name="orders")
app.command("run")(running.run)
alerts.app.command("ack")(marks.acknowledge)
alerts.app.command("urged")(marks.urged)
alerts.app.command("claimed")(marks.claimed)
alerts.app.command("answered")(marks.answered)
alerts.app.command("snooze")(snoozing.snooze)
app.add_typer(alerts.app, name="alerts")
app.add_typer(claims.app, name="claims")
app.add_typer(calendar.app, name="calendar")
app.add_typer(carriers.app, name="carriers")
app.add_typer(practice.app, name="practice")
users.app.command("token")(tokens.make)
users.app.command("tokens")(tokens.list_tokens)
users.app.command("revoke")(tokens.revoke)
app.add_typer(users.app, name="users")
app.command("status")(running.status)
app.command("backup")(backups.backup)
app.command("restore")(backups.restore)
app.command("demo")(running.demo)

_track = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
_track.command()(tracking.track)


def main() -> None:
    """
    The ``tracker`` command.
    """
    _guarded(app)


def track_main() -> None:
    """
    The ``track`` command: the same as ``tracker track``.
    """
    _guarded(_track)


def _guarded(command: typer.Typer) -> None:
    """
    An error that a person can act on is one sentence and an exit code, never a traceback.
    """
    try:
        command()
    except ScanTrackerError as error:
        print(f"tracker: {error}", file=sys.stderr)  # noqa: T201 - this is the command line
        sys.exit(2 if isinstance(error, UsageError) else 1)
    except BrokenPipeError:
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
