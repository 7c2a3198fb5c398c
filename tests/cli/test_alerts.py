"""
``tracker alerts``, ``run --once`` and ``status``: exit codes and JSON shapes of contract.md.
"""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from tests.support.cli import run_tracker
from tests.support.world import (
    OPERATOR,
    SELLER,
    SHOP,
    ScriptedClock,
    ScriptedCrawl,
    ds_number,
    order,
    postal_number,
)
from tracker.clock import utc_now
from tracker.daemon.rounds import run_once
from tracker.daemon.watcher import Watcher
from tracker.model import AlertKind, CarrierName, Outcome
from tracker.orders.importing import Importer
from tracker.planning.deadlines import Deadlines
from tracker.practice.server import start_practice
from tracker.settings import load_settings
from tracker.status.liveness import ONCE
from tracker.store import open_store
from tracker.store.alerts import NewAlert

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pytest_httpserver import HTTPServer

    from tests.support.cli import Ended
    from tests.support.inboxes import Inboxes

    Tracker = Callable[..., Ended]

DS = ds_number(319365323)
POSTAL = postal_number(47312482)
ALERT_KEYS = [
    "id",
    "kind",
    "tracking_numbers",
    "order_number",
    "shop",
    "carrier",
    "opened_at",
    "closed_at",
    "deadline",
    "state",
    "reason",
    "closed_because",
    "proof",
    "case_id",
    "snoozed_until",
    "snoozed_by",
    "deliveries",
]
LISTED_KEYS = ["auto_cancel_at", "working_days_left", "acted_at", "acted_by", "urge_mail"]
DELIVERY_KEYS = ["channel", "recipient", "notice", "state", "attempts", "sent_at", "last_error"]


@pytest.fixture
def late(workplace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """
    A DS and a postal parcel, late for weeks and told once.
    """
    monkeypatch.setenv("TRACKER_WATCH__SEND_WINDOW", "always")
    settings = load_settings()
    store = open_store(settings.database_url)
    now = utc_now()
    handed_over = now - timedelta(days=20)
    with store.begin() as tx:
        Importer(tx=tx, deadlines=Deadlines(settings), now=now, observed_at=now).take(
            "orders.csv", [order(number, handed_over_at=handed_over) for number in (DS, POSTAL)]
        )
    clock = ScriptedClock(now)
    crawls = {carrier: ScriptedCrawl(carrier, clock) for carrier in CarrierName}
    for carrier, number in ((CarrierName.SEKO, DS), (CarrierName.CLEVY, POSTAL)):
        crawls[carrier].tell(number, "2020-01-01 00:00", ())
    run_once(Watcher(settings, store, clock, mode=ONCE, crawls=crawls), lambda _: None)
    store.close()


def by_kind(tracker: Tracker, *arguments: str) -> dict[str, dict[str, object]]:
    """
    The listed alerts by their kind.
    """
    return {line["kind"]: line for line in tracker("alerts", "list", *arguments, "--json").lines}


def test_list_has_the_shape_of_the_contract(tracker: Tracker, late: None) -> None:
    """
    Exactly the contract's keys; the proof names its look; a webhook is shown masked.
    """
    ended = tracker("alerts", "list", "--json")
    assert ended.code == 0
    assert [list(line) for line in ended.lines] == [[*ALERT_KEYS, *LISTED_KEYS]] * 2
    urge = by_kind(tracker)["urge_scan"]
    assert urge["tracking_numbers"] == [DS]
    assert (urge["shop"], urge["carrier"], urge["state"]) == (SHOP, "seko", "open")
    assert set(urge["proof"]) == {"looked_at", "outcome", "look_id"}
    assert urge["proof"]["outcome"] == "no_events"
    assert all(list(one) == DELIVERY_KEYS for one in urge["deliveries"])
    told = {(one["channel"], one["notice"], one["state"]) for one in urge["deliveries"]}
    assert told == {("email", "first", "sent"), ("slack", "first", "sent")}
    assert "/services/" not in ended.out


def test_deliveries_are_listed_over_all_alerts(tracker: Tracker, late: None) -> None:
    """
    The newest first, with the alert and the message's reference; narrowed by channel and state.
    """
    lines = tracker("alerts", "deliveries", "--json").lines
    extra = ["created_at", "next_attempt_at", "reference"]
    assert [list(one) for one in lines] == [
        ["alert_id", "kind", "shop", *DELIVERY_KEYS, *extra]
    ] * 4
    assert {one["state"] for one in lines} == {"sent"}
    assert all(one["reference"] and one["next_attempt_at"] is None for one in lines)
    mail = tracker("alerts", "deliveries", "--channel", "email", "--json").lines
    assert [one["recipient"] for one in mail] == [SELLER, SELLER]
    assert tracker("alerts", "deliveries", "--state", "refused", "--json").lines == []
    assert tracker("alerts", "deliveries", "--state", "lost").code == 2
    ended = tracker("alerts", "deliveries")
    assert (ended.code, ended.out.count("slack:…"), "/services/" in ended.out) == (0, 2, False)


def test_list_gives_lines_to_paste_for_an_unknown_wording(
    tracker: Tracker, workplace: Path
) -> None:
    """
    For people and as JSON, and only with that kind; the lines are TOML.
    """
    store = open_store(load_settings().database_url)
    with store.begin() as tx:
        new = NewAlert(
            kind=AlertKind.UNKNOWN_WORDING,
            subject="wording:seko:1",
            occasion="",
            reason='Induct "A7"\nat depot',
            carrier=CarrierName.SEKO,
        )
        tx.alerts.open(new, utc_now())
    store.close()
    (listed,) = tracker("alerts", "list", "--json").lines
    assert list(listed) == [*ALERT_KEYS, "wording_lines", *LISTED_KEYS]
    (group,) = tomllib.loads("\n".join(listed["wording_lines"]))["group"]
    assert group["texts"] == ['Induct "A7"\nat depot']
    printed = tracker("alerts", "list").out
    assert "\n".join(listed["wording_lines"]) in printed
    assert "\n".join(listed["wording_lines"]) in tracker("status").out


def test_list_filters(tracker: Tracker, late: None) -> None:
    """
    By state, shop and kind; an unknown kind is a usage error.
    """
    assert set(by_kind(tracker, "--kind", "raise_claim")) == {"raise_claim"}
    assert by_kind(tracker, "--shop", "Nobody") == {}
    assert by_kind(tracker, "--state", "closed") == {}
    assert len(by_kind(tracker, "--state", "all")) == 2
    assert tracker("alerts", "list", "--kind", "worry").code == 2


def test_list_begins_with_what_is_cancelled_first(tracker: Tracker, workplace: Path) -> None:
    """
    Fewest working days left first, unknown ones last; a time that is over says so.
    """
    settings = load_settings()
    store = open_store(settings.database_url)
    now = utc_now()
    ages = {"NONE": None, "LATER": 2, "SOON": 5, "PAST": 40}
    with store.begin() as tx:
        numbers = {name: ds_number(319365310 + serial) for serial, name in enumerate(ages)}
        rows = [
            order(numbers[name], created_at=None if age is None else now - timedelta(days=age))
            for name, age in ages.items()
        ]
        Importer(tx=tx, deadlines=Deadlines(settings), now=now, observed_at=now).take("o.csv", rows)
        for name, number in numbers.items():
            parcel = tx.parcels.by_number(number, now)[0].parcel
            tx.alerts.open(
                NewAlert(
                    kind=AlertKind.CONFIRM_HANDOVER,
                    subject=f"parcel:{parcel.id}",
                    occasion=name,
                    reason="",
                    parcel_id=parcel.id,
                    shop=SHOP,
                ),
                now,
            )
    store.close()
    lines = tracker("alerts", "list", "--json").lines
    names = {number: name for name, number in numbers.items()}
    shown = [names[line["tracking_numbers"][0]] for line in lines]
    assert shown == ["PAST", "SOON", "LATER", "NONE"]
    left = {name: line["working_days_left"] for name, line in zip(shown, lines, strict=True)}
    assert (left["PAST"], left["NONE"]) == (0, None)
    assert left["SOON"] < left["LATER"]
    assert [line["auto_cancel_at"] is None for line in lines] == [False, False, False, True]
    printed = tracker("alerts", "list").out.splitlines()
    assert "days left" in printed[0]
    assert "past" in next(line for line in printed if numbers["PAST"] in line)
    assert {line["urge_mail"] for line in lines} == {None}


def test_list_says_what_would_be_mailed_to_seko(
    tracker: Tracker, late: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    An address without the switch is a dry run.
    """
    monkeypatch.setenv("TRACKER_SEKO_SERVICE__EMAIL", "cs@seko.example")
    urge = by_kind(tracker)["urge_scan"]
    assert urge["urge_mail"] == "dry_run"
    assert f"{urge['id']}: would be mailed to cs@seko.example" in tracker("alerts", "list").out


def test_ack_urged_and_claimed(tracker: Tracker, late: None) -> None:
    """
    Each mark changes the state that ``list`` shows; a case id is kept.
    """
    alerts = by_kind(tracker)
    urge, claim = str(alerts["urge_scan"]["id"]), str(alerts["raise_claim"]["id"])
    assert tracker("alerts", "ack", claim, "--json").one["state"] == "acknowledged"
    assert tracker("alerts", "urged", urge, "--json").one["state"] == "acted"
    claimed = tracker("alerts", "claimed", claim, "--case-id", "12345678", "--json")
    assert (claimed.code, claimed.one["case_id"]) == (0, "12345678")
    assert by_kind(tracker)["raise_claim"]["state"] == "acted"


def test_many_at_once(tracker: Tracker, late: None) -> None:
    """
    ``--shop`` picks all of a shop's alerts; nothing picked is a usage error.
    """
    assert len(tracker("alerts", "ack", "--shop", SHOP, "--json").lines) == 2
    assert tracker("alerts", "ack").code == 2


def test_one_unknown_id_of_several_is_exit_1(tracker: Tracker, late: None) -> None:
    """
    The known one is marked, the unknown one named.
    """
    known = str(by_kind(tracker)["urge_scan"]["id"])
    ended = tracker("alerts", "ack", known, "999", "--json")
    assert (ended.code, len(ended.lines)) == (1, 1)
    assert "999" in ended.err


def test_wrong_usage(tracker: Tracker, late: None) -> None:
    """
    A claim cannot be urged, and a case id has eight digits; nothing is changed.
    """
    claim = str(by_kind(tracker)["raise_claim"]["id"])
    assert tracker("alerts", "urged", claim).code == 2
    assert tracker("alerts", "claimed", claim, "--case-id", "12").code == 2
    assert tracker("alerts", "ack", "seven").code == 2
    assert by_kind(tracker)["raise_claim"]["state"] == "open"


def test_a_test_message_reaches_every_channel(
    tracker: Tracker, workplace: Path, inboxes: Inboxes
) -> None:
    """
    Seller, webhook and operator each get one marked message; webhooks are shown masked.
    """
    ended = tracker("alerts", "test", "--json")
    assert ended.code == 0
    assert all(line["arrived"] for line in ended.lines)
    arrived = {(one.channel, one.recipient) for one in inboxes.arrived}
    assert arrived == {("email", SELLER), ("slack", "lagos"), ("email", OPERATOR)}
    assert all("Test message" in one.subject for one in inboxes.arrived)
    assert "/services/" not in ended.out + ended.err


def test_a_test_message_that_fails_is_exit_1(
    tracker: Tracker, workplace: Path, inboxes: Inboxes
) -> None:
    """
    A gone webhook is named and the others are tried all the same.
    """
    inboxes.slack_status["lagos"] = 404
    ended = tracker("alerts", "test", "--json")
    assert ended.code == 1
    assert [line["arrived"] for line in ended.lines if line["channel"] == "slack"] == [False]
    assert len(inboxes.arrived) == 2
    assert tracker("alerts", "test", "--shop", "Nobody").code == 2


def test_apprise_and_webhook_are_proved_too(
    tracker: Tracker, workplace: Path, inboxes: Inboxes, httpserver: HTTPServer
) -> None:
    """
    ``--shop`` proves that shop's channels only, and one that fails is exit 1 and told without URL.
    """
    httpserver.expect_request("/chat").respond_with_data("ok")
    httpserver.expect_request("/program").respond_with_data("no", status=401)
    with (workplace / "tracker.toml").open("a", encoding="utf-8") as config:
        config.write(
            f"[[shops]]\nname = 'Kano'\napprise = ['json://127.0.0.1:{httpserver.port}/chat']\n"
            f"webhook = {{ url = '{httpserver.url_for('/program')}', secret = '{'A' * 32}' }}\n"
        )
    ended = tracker("alerts", "test", "--shop", "Kano", "--json")
    chat, program = ended.lines
    assert (ended.code, inboxes.arrived) == (1, [])
    assert (chat["channel"], chat["arrived"]) == ("apprise", True)
    assert (program["channel"], program["arrived"]) == ("webhook", False)
    assert program["detail"].endswith("answered 401")
    assert chat["recipient"].startswith("json:")
    assert "/program" not in ended.out + ended.err
    assert len(tracker("alerts", "test", "--json").lines) == 5


def test_status_of_a_watched_store(tracker: Tracker, late: None) -> None:
    """
    The contract's keys; all well is exit 0.
    """
    ended = tracker("status", "--json")
    shape = ended.one
    assert list(shape) == ["ok", "heartbeats", "carriers", "outbox", "problems", "warnings"]
    assert set(shape["carriers"]) == {"seko", "clevy"}
    for carrier in shape["carriers"].values():
        assert set(carrier) >= {"state", "last_good_look_at", "good_rate", "confirmed"}
    assert set(shape["outbox"]) == {"pending", "oldest_pending_seconds", "refused"}
    assert {"decide", "deliver", "housekeeping"} <= set(shape["heartbeats"])
    assert (ended.code, shape["ok"], shape["problems"]) == (0, True, [])


def test_status_is_red_when_nobody_watches(tracker: Tracker, workplace: Path) -> None:
    """
    Parcels and no heartbeat at all: exit 1 and a sentence that says what to start.
    """
    (workplace / "good.csv").write_text(f"Order Number,Tracking Code\n1,{POSTAL}\n")
    tracker("orders", "import", "good.csv")
    ended = tracker("status", "--json")
    assert (ended.code, ended.one["ok"]) == (1, False)
    assert any("tracker run" in problem for problem in ended.one["problems"])


def test_status_is_red_when_a_recipient_refuses(
    tracker: Tracker, late: None, inboxes: Inboxes
) -> None:
    """
    Parked messages are a problem, told without the webhook's address.
    """
    settings = load_settings()
    store = open_store(settings.database_url)
    with store.begin() as tx:
        tx.outbox.add(
            1,
            shop=SHOP,
            recipients=[("slack", inboxes.webhook("gone"))],
            notice="first",
            now=utc_now(),
            not_before=utc_now(),
        )
    inboxes.slack_status["gone"] = 404
    clock = ScriptedClock(utc_now())
    crawls = {carrier: ScriptedCrawl(carrier, clock) for carrier in CarrierName}
    Watcher(settings, store, clock, mode=ONCE, crawls=crawls).deliver()
    store.close()
    ended = tracker("status", "--json")
    assert (ended.code, ended.one["outbox"]["refused"]) == (1, 1)
    assert "/services/" not in ended.out


def test_first_round_of_failed_looks_is_counted_and_named(
    tracker: Tracker, workplace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    Six of six fail: "opened" counts what the operator is told, and ``status`` names the portal.
    """
    monkeypatch.setenv("TRACKER_WATCH__SEND_WINDOW", "always")
    settings = load_settings()
    store = open_store(settings.database_url)
    clock = ScriptedClock(utc_now())
    numbers = [postal_number(serial) for serial in range(47312001, 47312007)]
    late_since = clock.now - timedelta(days=20)
    with store.begin() as tx:
        Importer(tx=tx, deadlines=Deadlines(settings), now=clock.now, observed_at=clock.now).take(
            "orders.csv", [order(one, handed_over_at=late_since) for one in numbers]
        )
    crawls = {carrier: ScriptedCrawl(carrier, clock) for carrier in CarrierName}
    for number in numbers:
        crawls[CarrierName.CLEVY].tell(number, "2020-01-01 00:00", Outcome.UNREACHABLE)
    heard: list[str] = []
    watcher = Watcher(settings, store, clock, mode=ONCE, crawls=crawls)
    first = run_once(watcher, heard.append)
    assert (first.looked, first.failed_looks, first.opened) == (6, 6, 1)  # carrier_blind
    assert "asking clevy about 6 parcels" in heard
    with store.read() as tx:
        assert [one.kind for one in tx.alerts.matching()] == [AlertKind.CARRIER_BLIND]
    clock.now += timedelta(hours=4)
    second = run_once(watcher, heard.append)
    with store.read() as tx:
        assert second.opened == len(tx.alerts.matching()) - 1 == 1  # unverified
    store.close()
    problems = tracker("status", "--json").one["problems"]
    assert any(one.startswith("clevy: ") and "look" in one for one in problems), problems


def test_a_few_failed_looks_and_no_good_one_are_named(tracker: Tracker, workplace: Path) -> None:
    """
    Too few to call the portal bad, and still nothing of it was seen.
    """
    settings = load_settings()
    store = open_store(settings.database_url)
    clock = ScriptedClock(utc_now())
    with store.begin() as tx:
        Importer(tx=tx, deadlines=Deadlines(settings), now=clock.now, observed_at=clock.now).take(
            "orders.csv", [order(POSTAL, handed_over_at=clock.now - timedelta(days=20))]
        )
    crawls = {carrier: ScriptedCrawl(carrier, clock) for carrier in CarrierName}
    crawls[CarrierName.CLEVY].tell(POSTAL, "2020-01-01 00:00", Outcome.UNREACHABLE)
    heard: list[str] = []
    run_once(Watcher(settings, store, clock, mode=ONCE, crawls=crawls), heard.append)
    store.close()
    assert "asking clevy about 1 parcel" in heard
    problems = tracker("status", "--json").one["problems"]
    assert "clevy: none of its looks succeeded, most often: unreachable" in problems


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("alerts", "list", "--shop", "Nope"), "--shop 'Nope' is not known"),
        (("alerts", "deliveries", "--shop", "Nope"), "--shop 'Nope' is not known"),
        (
            ("alerts", "deliveries", "--channel", "x"),
            "--channel 'x' is no channel: known are email",
        ),
        (("orders", "list", "--shop", "Nope"), "--shop 'Nope' is not known"),
        (("orders", "by-hand", "--shop", "Nope"), "--shop 'Nope' is not known"),
        (("orders", "dispatch", "--shop", "Nope"), "--shop 'Nope' is not known"),
        (("claims", "export", "--out", "x", "--shop", "Nope"), "--shop 'Nope' is not known"),
        (("claims", "export", "--out", "x", "--country", "XX"), "--country 'XX' is no country"),
    ],
)
def test_an_empty_list_of_something_unknown_says_why(
    arguments: tuple[str, ...], said: str, tracker: Tracker, late: None
) -> None:
    """
    Exit 0 as for any list, nothing on stdout that was not asked for, and a sentence on stderr.
    """
    ended = tracker(*arguments, "--json")
    assert (ended.code, said in ended.err) == (0, True), ended.err
    known = ("--country", "NG") if "--country" in arguments else ("--shop", SHOP)
    known = ("--channel", "slack") if "--channel" in arguments else known
    assert "not known" not in tracker(*arguments[:-2], *known, "--json").err


def test_run_once_in_a_process_of_its_own(
    tracker: Tracker, workplace: Path, inboxes: Inboxes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    The whole command against a practice portal: exit 0, one JSON line, the seller has the mail.
    """
    monkeypatch.setenv("TRACKER_WATCH__SEND_WINDOW", "always")
    handed_over = (datetime.now(UTC) - timedelta(days=20)).strftime("%Y-%m-%d %H:%M")
    rows = f"Order Number,Tracking Code,Handed over at\n1,{POSTAL},{handed_over}\n"
    (workplace / "good.csv").write_text(rows)
    tracker("orders", "import", "good.csv")
    with start_practice() as portal:
        portal.set_events(POSTAL, [])
        for name, value in portal.environment().items():
            monkeypatch.setenv(name, value)
        first = run_tracker("run", "--once", "--json")
        portal.set_scenario(POSTAL, "forbidden")
    assert first.code == 0
    assert first.one == {
        "looked": 1,
        "failed_looks": 0,
        "decided": 1,
        "opened": 1,
        "closed": 0,
        "sent": 2,
        "failed_deliveries": 0,
        "problems": [],
    }
    assert {one.recipient for one in inboxes.arrived} == {SELLER, "lagos"}


def test_run_once_with_a_failed_look_is_exit_1(
    tracker: Tracker, workplace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    A blocked look: exit 1, and the line says how many failed.
    """
    (workplace / "good.csv").write_text(f"Order Number,Tracking Code\n1,{POSTAL}\n")
    tracker("orders", "import", "good.csv")
    with start_practice() as portal:
        portal.set_scenario(POSTAL, "forbidden")
        for name, value in portal.environment().items():
            monkeypatch.setenv(name, value)
        ended = run_tracker("run", "--once", "--json")
    assert (ended.code, ended.one["looked"], ended.one["failed_looks"]) == (1, 1, 1)


@pytest.mark.parametrize("arguments", [("run",), ("run", "--once")])
def test_nobody_to_tell_is_exit_2(
    tracker: Tracker, workplace: Path, arguments: tuple[str, ...]
) -> None:
    """
    A shop with parcels, no recipient of its own and no operator: nothing starts (R16).
    """
    (workplace / "good.csv").write_text(f"Order Number,Tracking Code\n1,{POSTAL}\n")
    tracker("orders", "import", "good.csv")
    config = (workplace / "tracker.toml").read_text()
    kept = [line for line in config.splitlines() if not line.startswith(("email =", "slack_web"))]
    (workplace / "tracker.toml").write_text("\n".join(kept))
    ended = tracker(*arguments)
    assert (ended.code, ended.out) == (2, "")
    assert SHOP in ended.err


def test_jumias_last_word_closes_the_claim(tracker: Tracker, late: None) -> None:
    """
    Claimed with its case, then accepted: the alert is closed by hand, and stays so.
    """
    claim = by_kind(tracker)["raise_claim"]["id"]
    assert tracker("alerts", "claimed", str(claim), "--case-id", "12345678").code == 0
    ended = tracker("alerts", "answered", str(claim), "--outcome", "accepted", "--json")
    assert ended.code == 0
    (line,) = ended.lines
    assert (line["state"], line["closed_because"]) == ("closed", "manual")
    assert line["case_id"] == "12345678"


def test_only_a_claim_can_be_answered(tracker: Tracker, late: None) -> None:
    """
    An alert whose claim nobody raised is refused, with what to do first; nothing is stored.
    """
    claim = by_kind(tracker)["raise_claim"]["id"]
    ended = tracker("alerts", "answered", str(claim), "--outcome", "rejected")
    assert ended.code == 2
    assert "no claim was raised" in ended.err
    assert by_kind(tracker)["raise_claim"]["state"] == "open"


@pytest.mark.parametrize("case_id", ["1234567", "123456789", "1234567a", "１２３４５６７８"])
def test_a_case_id_has_eight_digits(tracker: Tracker, late: None, case_id: str) -> None:
    """
    Anything else is refused before it is stored.
    """
    claim = by_kind(tracker)["raise_claim"]["id"]
    assert tracker("alerts", "claimed", str(claim), "--case-id", case_id).code == 2
    assert by_kind(tracker)["raise_claim"]["case_id"] is None


def test_a_snooze_shows_its_end_and_author(tracker: Tracker, late: None) -> None:
    """
    In JSON, in the list, and in the parcel's own page; ``now`` ends it.
    """
    claim = str(by_kind(tracker)["raise_claim"]["id"])
    arguments = ("alerts", "snooze", claim, "--by", "Li", "--until")
    line = tracker(*arguments, "2999-01-01T08:30", "--json").one
    assert (line["snoozed_until"], line["snoozed_by"]) == ("2999-01-01T00:30:00Z", "Li")
    for shown in (tracker("alerts", "list"), tracker("orders", "show", POSTAL)):
        assert "snoozed until 2999-01-01 08:30 by Li" in shown.out
    line = tracker(*arguments, "now", "--json").one
    assert (line["snoozed_until"], line["snoozed_by"]) == (None, None)
    assert "snoozed until" not in tracker("alerts", "list").out
    assert {one["snoozed_until"] for one in by_kind(tracker).values()} == {None}
    (shown,) = tracker("orders", "show", POSTAL, "--json").one["alerts"]
    assert shown["snoozed_until"] is None


def test_a_whole_shop_is_snoozed(tracker: Tracker, late: None) -> None:
    """
    Its alerts show it; a shop that nobody knows and a time that is past are refused.
    """
    until = ("--until", "2999-01-01T08:30", "--json")
    ended = tracker("alerts", "snooze", "--shop", SHOP, *until)
    assert (ended.code, ended.one["shop"]) == (0, SHOP)
    assert {one["snoozed_until"] for one in by_kind(tracker).values()} == {"2999-01-01T00:30:00Z"}
    assert tracker("alerts", "snooze", "--shop", "Nobody", *until).code == 2
    assert tracker("alerts", "snooze", "--shop", SHOP, "--until", "2020-01-01").code == 2
