"""
The whole job on practice portals: an export file in, what a seller reads out.

It runs the very commands that a user runs, in a folder of its own, against portals, a mailbox and
a chat channel on this machine. Nothing of it touches Seko, Clevy or anybody's mail.
"""

from __future__ import annotations

import csv
import os
import shutil
import subprocess
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from tracker.calendar import WorkingCalendar
from tracker.clock import utc_now
from tracker.model import CarrierName
from tracker.practice.receivers import PracticeMailbox, PracticeSlack
from tracker.practice.scenarios import scenario_named
from tracker.practice.server import start_practice

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from tracker.practice.server import PracticeServer

#: Scenario, carrier, station, whether the seller gave the hand-over time.
_PARCELS = (
    ("scanned-today", CarrierName.SEKO, "NG-JG-Seko-Shenzhen-Seko-Station", True),
    ("pre-advice", CarrierName.SEKO, "NG-JG-Seko-Shenzhen-Seko-Station", True),
    ("nothing-yet", CarrierName.SEKO, "KE-JG-Seko-Guangzhou-Seko-Station", True),
    ("not-found", CarrierName.SEKO, "GH-JG-Seko-Shenzhen-Seko-Station", False),
    ("pre-advice", CarrierName.CLEVY, "", True),
    ("delivered", CarrierName.CLEVY, "", True),
    ("broken", CarrierName.CLEVY, "", True),
)
_HEADINGS = (
    "Order Number",
    "Order Item Id",
    "Tracking Code",
    "Shipping Provider",
    "Shipment Type Name",
    "Status",
    "Created at",
    "Handed over at",
    "Customer Name",
)
_LIMIT_SECONDS = 120


def run_demo(say: Callable[[str], None], *, keep: bool = False) -> bool:
    """
    True when every step did what it should: alerts were opened, mail and chat got them.
    """
    started = time.monotonic()
    folder = Path(tempfile.mkdtemp(prefix="scan-tracker-demo-"))
    try:
        with (
            start_practice(now=utc_now()) as portal,
            PracticeMailbox() as mailbox,
            PracticeSlack() as slack,
        ):
            well = _steps(say, folder, portal, mailbox, slack)
    finally:
        if keep:
            say(f"The demo's folder is kept: {folder}")
        else:
            shutil.rmtree(folder, ignore_errors=True)
    say(f"The demo took {time.monotonic() - started:.0f} seconds.")
    return well


def _steps(
    say: Callable[[str], None],
    folder: Path,
    portal: PracticeServer,
    mailbox: PracticeMailbox,
    slack: PracticeSlack,
) -> bool:
    say("# Everything here runs on practice portals on this machine, not on Seko's or Clevy's.")
    _write_export(folder / "orders.csv", utc_now())
    (folder / "tracker.toml").write_text(_configuration(mailbox, slack), encoding="utf-8")
    run = _Commands(say, folder, portal.environment())
    run("orders", "import", "orders.csv")
    # One practice parcel stands on a broken page, so the round reports a failed look: exit 1.
    run("run", "--once", expected=1)
    run("orders", "list")
    run("alerts", "list")
    _show_mail(say, mailbox)
    say(f"# Slack got {len(slack.messages)} message(s) with the same content, for instance:")
    say("  " + (slack.messages[0].get("text", "") if slack.messages else "nothing"))
    return run.well and _seller_was_told(mailbox) and bool(slack.messages)


class _Commands:
    """
    Runs ``tracker`` commands as a user would, and remembers whether all ended as expected.
    """

    def __init__(self, say: Callable[[str], None], folder: Path, portal: dict[str, str]) -> None:
        self.well = True
        self._say = say
        self._folder = folder
        kept = {k: v for k, v in os.environ.items() if not k.startswith("TRACKER_")}
        self._environment = kept | portal | {"PYTHONUNBUFFERED": "1", "COLUMNS": "160"}

    def __call__(self, *words: str, expected: int = 0) -> None:
        self._say(f"\n$ tracker {' '.join(words)}")
        done = subprocess.run(  # noqa: S603 - our own command, fixed words
            [sys.executable, "-m", "tracker", *words],
            cwd=self._folder,
            env=self._environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=_LIMIT_SECONDS,
            check=False,
        )
        self._say(done.stdout.rstrip())
        if done.returncode != expected:
            self.well = False
            self._say(f"# exit code {done.returncode}, expected {expected}")


def _write_export(path: Path, now: datetime) -> None:
    """
    An export such as a seller downloads: orders of last week, handed over four open days ago.
    """
    calendar = WorkingCalendar("shenzhen")
    handed_over = now.astimezone(calendar.zone) - timedelta(days=1)
    while calendar.working_days_between(handed_over, now) < 3:  # noqa: PLR2004 - past any deadline
        handed_over -= timedelta(days=1)
    created = handed_over - timedelta(days=1)
    with path.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file, delimiter=";")
        rows.writerow(_HEADINGS)
        for count, (scenario, carrier, station, given) in enumerate(_PARCELS, start=1):
            rows.writerow(
                (
                    f"39000000{count}",
                    f"7000{count}",
                    scenario_named(scenario).number(carrier),
                    station,
                    "Dropshipping" if carrier is CarrierName.SEKO else "Economy Shipping",
                    "Ready to Ship",
                    f"{created:%Y-%m-%d} 09:15:00",
                    f"{handed_over:%Y-%m-%d} 15:40" if given else "",
                    "not stored",
                )
            )


def _configuration(mailbox: PracticeMailbox, slack: PracticeSlack) -> str:
    return f"""\
# The demo's configuration. A real one keeps the send window and the grace as they are.
[watch]
send_window = "always"
break_notice_days = 0
verify_grace_minutes = 0

[email]
smtp_url = "{mailbox.url}"
from = "Scan Tracker <tracker@example.com>"

[operator]
email = ["operator@example.com"]

[[shops]]
name = "Blue Lantern"
country = "NG"
email = ["seller@example.com"]
slack_webhook = "{slack.url}"
"""


def _show_mail(say: Callable[[str], None], mailbox: PracticeMailbox) -> None:
    for message in mailbox.messages:
        say(f"\n# E-mail to {message['To']}: {message['Subject']}")
        if "seller" in str(message["To"]):
            body = message.get_body(("plain",))
            text = "" if body is None else body.get_content()
            say("\n".join(f"  {line}" for line in text.splitlines()))


def _seller_was_told(mailbox: PracticeMailbox) -> bool:
    return any("seller@example.com" in str(message["To"]) for message in mailbox.messages)
