"""
The daemon's log: one line for what was done, in JSON for programs, and never a secret.
"""

from __future__ import annotations

import io
import json
import logging
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.cli import Ended, run_tracker
from tests.support.world import SHOP, postal_number
from tracker.events import EVENTS, tell
from tracker.logs import TAKEN_OUT, log_events
from tracker.practice.server import start_practice

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.inboxes import Inboxes
    from tracker.practice.server import PracticeServer

LATE = postal_number(47312482)
_UTC = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")
#: By name what it stands for; none of them may be found in a log.
SECRETS = {
    "smtp": "smtp-hush-4711",
    "slack": "T024HUSHHUSH-slack",
    "apprise": "apprise-hush-0815",
    "webhook": "aHVzaC1odXNoLWh1c2gtaHVzaC1odXNoLQ==",
    "deadman": "6c1f0f4a-hush-deadman",
    "vendor": "refresh-hush-99",
    "web": "operators-hush-77",
}
SETTINGS = """
[slack]
webhook = "{root}/services/{slack}"
[deadman]
url = "{root}/{deadman}"
[web]
password = "{web}"
[carriers.clevy]
username = "practice"
password = "practice"
[vendor_center]
api_url = "http://127.0.0.1:1/vendor"
token_url = "http://127.0.0.1:1/token"
[[shops]]
name = "{shop}"
country = "NG"
email = ["seller@lagos-lights.example"]
apprise = ["json://user:{apprise}@{host}/chat"]
webhook = {{ url = "{root}/services/program", secret = "{webhook}" }}
vendor_center = {{ client_id = "client-1", refresh_token = "{vendor}" }}
[operator]
email = ["operator@watch.example"]
[watch]
send_window = "always"
break_notice_days = 0
"""


@pytest.fixture
def portal() -> Iterator[PracticeServer]:
    """
    A portal on which the number shows nothing yet.
    """
    with start_practice() as server:
        server.set_events(LATE, [])
        yield server


def round_with_secrets(
    folder: Path, inboxes: Inboxes, portal: PracticeServer, monkeypatch: pytest.MonkeyPatch
) -> Ended:
    """
    A whole round of ``run --once --verbose`` with every sort of secret in the settings.
    """
    root = inboxes.webhook("").partition("/services/")[0]
    text = SETTINGS.format(root=root, host=root.partition("//")[2], shop=SHOP, **SECRETS)
    smtp = inboxes.smtp_url.replace("//", f"//watch:{SECRETS['smtp']}@")
    text = (
        f'database_url = "sqlite:///{folder}/tracker.db"\n[email]\nsmtp_url = "{smtp}"\n'
        f'from = "watch@watch.example"\n{text}'
    )
    (folder / "tracker.toml").write_text(text)
    monkeypatch.setenv("TRACKER_CONFIG", str(folder / "tracker.toml"))
    monkeypatch.setenv(
        "TRACKER_CARRIERS__CLEVY__API_URL", portal.environment()["TRACKER_CARRIERS__CLEVY__API_URL"]
    )
    orders = "Order Number;Tracking Code;Status;Handed Over At;Created At\n"
    orders += f"300000001;{LATE};READY_TO_SHIP;2026-11-02 10:00;2026-10-30 10:00\n"
    (folder / "orders.csv").write_text(orders)
    imported = run_tracker("orders", "import", str(folder / "orders.csv"), cwd=folder)
    assert imported.code == 0, imported.err
    assert not imported.err.startswith("{")
    return run_tracker("run", "--once", "--json", "--verbose", cwd=folder)


def events_in(text: str) -> list[dict[str, Any]]:
    """
    The log's lines; fails when one is no JSON object.
    """
    return [json.loads(line) for line in text.splitlines()]


def test_a_whole_round_leaves_no_secret_in_its_log(
    tmp_path: Path,
    inboxes: Inboxes,
    portal: PracticeServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """
    At the level of every detail, with a mail server, channels and services that refuse the secrets.

    Each line is an object with its time in UTC, and the documented events have their keys.
    """
    inboxes.slack_status[SECRETS["slack"]] = 404
    ended = round_with_secrets(tmp_path, inboxes, portal, monkeypatch)
    for what, secret in SECRETS.items():
        assert secret not in ended.err + ended.out, what
    lines = events_in(ended.err)
    assert all(_UTC.fullmatch(line["time"]) for line in lines)
    assert all({"event", "level", "logger"} <= line.keys() for line in lines)
    told = {line["event"] for line in lines} & EVENTS.keys()
    assert {"crawl", "delivery"} <= told, ended.err
    for line in lines:
        if line["event"] in EVENTS:
            assert set(EVENTS[line["event"]]) <= line.keys()


def logged(form: str, *secrets: str, terminal: bool = False) -> io.StringIO:
    """
    The log of this process goes into what is returned.
    """
    stream = io.StringIO()
    if terminal:
        stream.isatty = lambda: True  # type: ignore[method-assign]
    log_events(form=form, level="debug", secrets=secrets, stream=stream)
    return stream


LOG = logging.getLogger("tracker.polling.poller")


def fail_with(text: str) -> None:
    """
    An error whose text is given, logged with its traceback.
    """
    try:
        Path("/nowhere", text).read_text()
    except OSError:
        LOG.exception("it failed")


@pytest.mark.parametrize("form", ["json", "text"])
def test_a_secret_in_an_error_is_taken_out(form: str, own_log: None) -> None:
    """
    Whatever text an exception brings along, also one that JSON writes with escapes.
    """
    stream = logged(form, 'hush"hush\\')
    fail_with('no access with hush"hush\\ today')
    text = stream.getvalue()
    assert "hush" not in text
    assert TAKEN_OUT in text
    assert "Traceback" in text


@pytest.mark.parametrize(
    ("form", "terminal", "is_json"),
    [("auto", True, False), ("auto", False, True), ("json", True, True), ("text", False, False)],
)
def test_the_form_follows_the_terminal_unless_it_is_set(
    form: str, *, terminal: bool, is_json: bool, own_log: None
) -> None:
    """
    People read text, programs read JSON, and the setting decides over both.
    """
    stream = logged(form, terminal=terminal)
    tell(LOG, "crawl", carrier="seko", asked=3)
    line = stream.getvalue().strip()
    assert "crawl" in line
    assert "seko" in line
    assert line.startswith("{") is is_json
    if is_json:
        shape = json.loads(line)
        assert (shape["carrier"], shape["asked"], shape["doubt"]) == ("seko", 3, None)


def test_libraries_that_leak_stay_silent(own_log: None) -> None:
    """
    At the level of every detail too, nothing below a warning comes from them, nor from others.
    """
    stream = logged("json")
    for name in ("httpx", "httpcore.http11", "urllib3.connectionpool", "slack_sdk.webhook", "any"):
        logging.getLogger(name).info("GET https://hooks.example/secret")
    logging.getLogger("apprise").error("tgram://token")
    assert stream.getvalue() == ""
    LOG.debug("but we speak")
    assert json.loads(stream.getvalue())["event"] == "but we speak"


def test_an_event_has_its_keys_and_no_other(own_log: None) -> None:
    """
    A key that is not documented is an error where it is told.
    """
    logged("json")
    with pytest.raises(KeyError, match="secret_key"):
        tell(LOG, "crawl", secret_key="x")


def test_every_event_is_documented() -> None:
    """
    docs/server.md has a row for each event with each of its keys.
    """
    text = (Path(__file__).parents[2] / "docs" / "server.md").read_text(encoding="utf-8")
    for event, keys in EVENTS.items():
        (row,) = re.findall(rf"^\| `{event}` \|.*$", text, re.MULTILINE)
        assert re.findall(r"`(\w+)`", row)[1:] == list(keys)
