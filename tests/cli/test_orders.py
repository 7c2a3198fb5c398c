"""
``tracker orders``: exit codes and JSON shapes of contract.md.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
import time_machine

from tests.support.world import SHOP, ds_number, postal_number
from tracker.model import CarrierName, Evidence, LookReport, Outcome
from tracker.settings import load_settings
from tracker.store import open_store

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.support.cli import Ended

    Tracker = Callable[..., Ended]

NUMBER = ds_number(319365323)
POSTAL = postal_number(47312482)
EXPORT = f"""Order Number;Order Item Id;Tracking Code;Created at;Status;Shipping Provider
319365323;1;{NUMBER};2026-11-16 10:00:00;ready_to_ship;NG-JG-Seko-Shenzhen-Seko-Station
319365324;2;{POSTAL};2026-11-16 11:00:00;ready_to_ship;
319365325;3;;2026-11-16 12:00:00;pending;
;4;{ds_number(1)};2026-11-16 12:00:00;pending;
319365326;5;{ds_number(2)};soon;pending;
319365327;6;{ds_number(3)};2026-11-16 12:00:00;somehow;
"""
PARCEL_KEYS = [
    "tracking_number",
    "order_number",
    "shop",
    "country",
    "service",
    "carrier",
    "station",
    "centre",
    "seller_status",
    "seller_status_at",
    "handed_over_at",
    "handover_assumed",
    "scan_deadline",
    "auto_cancel_at",
    "state",
    "stage",
    "first_scan_at",
    "last_good_look_at",
    "next_look_at",
]
COLUMNS = {
    "order_number": "Order Number",
    "order_item_id": "Order Item Id",
    "tracking_number": "Tracking Code",
    "created_at": "Created at",
    "status": "Status",
    "station": "Shipping Provider",
}


@pytest.fixture
def export(workplace: Path) -> str:
    """
    An export file with good and bad rows.
    """
    (workplace / "export.csv").write_text(EXPORT)
    return "export.csv"


def test_import_lists_refused_rows_and_counts(tracker: Tracker, export: str) -> None:
    """
    Exit 1 for refused rows, one line each, and the counts on the last line.
    """
    ended = tracker("orders", "import", export, "--json")
    *refused, counts = ended.lines
    assert ended.code == 1
    assert [(row["file"], row["line"]) for row in refused] == [("export.csv", 5), ("export.csv", 6)]
    assert all(set(row) == {"file", "line", "reason"} for row in refused)
    columns = counts.pop("columns")
    assert columns == COLUMNS
    assert counts == {
        "added": 3,
        "updated": 0,
        "unchanged": 0,
        "refused": 2,
        "no_number": 1,
        "warnings": 1,
    }
    assert "somehow" in ended.err


def test_a_clean_import_is_exit_0(tracker: Tracker, workplace: Path) -> None:
    """
    Nothing refused: exit 0 and one line; again: everything unchanged.
    """
    (workplace / "good.csv").write_text("\n".join(EXPORT.splitlines()[:3]))
    first = tracker("orders", "import", "good.csv", "--json")
    again = tracker("orders", "import", "good.csv", "--json")
    assert (first.code, first.one["added"]) == (0, 2)
    assert (again.code, again.one["unchanged"]) == (0, 2)


def test_a_dry_run_writes_nothing(tracker: Tracker, export: str) -> None:
    """
    The counts are those of a real import and the watch list stays empty.
    """
    ended = tracker("orders", "import", export, "--dry-run", "--json")
    assert (ended.code, ended.lines[-1]["added"]) == (1, 3)
    assert tracker("orders", "list", "--json").out == ""


@pytest.mark.parametrize(
    ("name", "content", "word"),
    [
        ("nowhere.csv", None, "nowhere.csv"),
        ("words.csv", b"Colour;Size\nred;5\n", "Colour"),
        ("noise.xlsx", b"\x00\x01\x02", "noise.xlsx"),
        ("empty.csv", b"", "empty.csv"),
    ],
)
def test_a_file_that_is_none_refuses_itself(
    tracker: Tracker, workplace: Path, name: str, content: bytes | None, word: str
) -> None:
    """
    Missing, without the required heading, not a workbook, empty: exit 2, one sentence, no trace.
    """
    if content is not None:
        (workplace / name).write_bytes(content)
    ended = tracker("orders", "import", name, "--json")
    assert ended.code == 2
    assert ended.out == ""
    assert word in ended.err
    assert "Traceback" not in ended.err


def test_list_has_the_shape_of_the_contract(tracker: Tracker, export: str) -> None:
    """
    One object per parcel with exactly the contract's keys; missing facts are null.
    """
    tracker("orders", "import", export)
    ended = tracker("orders", "list", "--json")
    assert ended.code == 0
    assert [list(line) for line in ended.lines] == [PARCEL_KEYS] * 4
    by_order = {line["order_number"]: line for line in ended.lines}
    parcel = by_order["319365323"]
    assert parcel["shop"] == SHOP
    assert (parcel["service"], parcel["carrier"]) == ("ds", "seko")
    assert (parcel["centre"], parcel["country"]) == ("shenzhen", "NG")
    assert parcel["seller_status"] == "READY_TO_SHIP"
    assert parcel["handover_assumed"] is True
    assert parcel["auto_cancel_at"] == "2026-11-23T02:00:00Z"
    assert parcel["stage"] is None
    assert by_order["319365325"]["state"] == "no_number"
    assert by_order["319365327"]["seller_status"] == "UNKNOWN"


def test_list_filters(tracker: Tracker, export: str) -> None:
    """
    ``--shop``, ``--state`` and ``--centre`` narrow the list; wrong names are usage errors.
    """
    tracker("orders", "import", export)
    assert len(tracker("orders", "list", "--state", "no_number", "--json").lines) == 1
    assert len(tracker("orders", "list", "--centre", "Shen Zhen", "--json").lines) == 1
    assert tracker("orders", "list", "--shop", "Nobody", "--json").lines == []
    assert tracker("orders", "list", "--state", "lost").code == 2
    assert tracker("orders", "list", "--centre", "Atlantis").code == 2


def test_show_adds_events_looks_and_alerts(tracker: Tracker, export: str) -> None:
    """
    ``show`` finds a number in any spelling and an order; an unknown one is exit 1.
    """
    tracker("orders", "import", export)
    shown = tracker("orders", "show", f" {NUMBER.lower()} ", "--json")
    assert shown.code == 0
    assert list(shown.one) == [
        *PARCEL_KEYS,
        "second_carrier",
        "events",
        "sightings",
        "looks",
        "alerts",
    ]
    assert tracker("orders", "show", "319365324", "--json").one["tracking_number"] == POSTAL
    assert tracker("orders", "show", "JG-NJS-1-1").code == 1


LOOK_KEYS = [
    "look_id",
    "carrier",
    "looked_at",
    "outcome",
    "scanned",
    "detail",
    "flag",
    "evidence",
]


def test_show_writes_the_evidence(tracker: Tracker, workplace: Path, export: str) -> None:
    """
    Each look tells what is kept of its answer, and ``--evidence`` writes it as files.

    People read "no", not a word of the programming language.
    """
    tracker("orders", "import", export)
    store, now = open_store(load_settings().database_url), datetime(2026, 11, 20, 2, tzinfo=UTC)
    kept = Evidence(
        url="https://portal.example/jtrack",
        http_status=200,
        content_type="text/html; charset=utf-8",
        body="<p>nothing yet</p>",
        reader="portal/7",
        screenshot=b"\x89PNG",
    )
    look = LookReport(
        tracking_number=NUMBER,
        carrier=CarrierName.SEKO,
        outcome=Outcome.NO_EVENTS,
        looked_at=now,
        evidence=kept,
    )
    with store.begin() as tx:
        record = tx.parcels.live(NUMBER, now)
        assert record is not None
        tx.looks.record(record.parcel.id, look)
        tx.looks.record(record.parcel.id, replace(look, evidence=None))
    store.close()
    looks = tracker("orders", "show", NUMBER).out.partition("When we looked")[2]
    assert "no_events  no " in looks
    assert "False" not in looks
    ended = tracker("orders", "show", NUMBER, "--evidence", "proof", "--json")
    first, second = ended.one["looks"]
    assert (ended.code, list(first), second["evidence"]) == (0, LOOK_KEYS, None)
    digest = first["evidence"].pop("sha256")
    assert first["evidence"] == {
        "url": "https://portal.example/jtrack",
        "http_status": 200,
        "reader": "portal/7",
        "content_type": "text/html; charset=utf-8",
        "has_screenshot": True,
        "kept_until": "2027-05-19T02:00:00Z",
    }
    stem = f"look-{first['look_id']}-{digest[:12]}"
    written = {path.name for path in (workplace / "proof").iterdir()}
    assert written == {f"{stem}.html", f"{stem}.png", "index.json"}
    assert f"{digest[:12]} with picture" in tracker("orders", "show", NUMBER).out
    again = tracker("orders", "show", NUMBER, "--evidence", "proof", "--json")
    assert (again.code, again.out) == (2, "")


def test_hand_over_sets_time_deadline_and_waybill(tracker: Tracker, export: str) -> None:
    """
    The given hand-over replaces the assumed one; a naive time is in the configured zone.
    """
    tracker("orders", "import", export)
    courier = ("--courier", "SF", "--waybill", "SF123")
    ended = tracker("orders", "handover", NUMBER, "--at", "2026-11-18T16:00", *courier, "--json")
    assert ended.code == 0
    assert ended.one["handed_over_at"] == "2026-11-18T08:00:00Z"
    assert ended.one["handover_assumed"] is False
    assert ended.one["scan_deadline"] == "2026-11-19T16:00:00Z"


def test_hand_over_from_a_file(tracker: Tracker, workplace: Path, export: str) -> None:
    """
    A file of numbers hands over many at once.
    """
    tracker("orders", "import", export)
    (workplace / "numbers.txt").write_text(f"{NUMBER}\n{POSTAL}\n")
    ended = tracker("orders", "handover", "--from", "numbers.txt", "--at", "2026-11-18", "--json")
    assert ended.code == 0
    assert [line["tracking_number"] for line in ended.lines] == [NUMBER, POSTAL]


def test_hand_over_of_a_bare_date_is_in_time(tracker: Tracker, export: str) -> None:
    """
    A bare date is that day, in time.
    """
    tracker("orders", "import", export)
    ended = tracker("orders", "handover", NUMBER, "--at", "2026-11-18", "--json")
    assert ended.one["scan_deadline"] == "2026-11-19T16:00:00Z"


def test_hand_over_of_today_before_noon(tracker: Tracker, export: str) -> None:
    """
    In the morning today's bare date is now, not a time still to come.
    """
    tracker("orders", "import", export)
    with time_machine.travel("2026-11-18T09:00+08:00", tick=False):
        ended = tracker("orders", "handover", NUMBER, "--at", "2026-11-18", "--json")
    assert ended.code == 0
    assert ended.one["handed_over_at"] == "2026-11-18T01:00:00Z"


def test_hand_over_trouble(tracker: Tracker, export: str) -> None:
    """
    One unknown number of two is exit 1 and the other goes in; a wrong time or nothing is exit 2.
    """
    tracker("orders", "import", export)
    some = tracker("orders", "handover", NUMBER, ds_number(77), "--at", "2026-11-18", "--json")
    assert (some.code, len(some.lines)) == (1, 1)
    assert ds_number(77) in some.err
    assert tracker("orders", "handover", NUMBER, "--at", "tomorrow-ish").code == 2
    assert tracker("orders", "handover").code == 2
    assert tracker("orders", "handover", NUMBER, "--at", "2036-11-18").code == 1
    assert tracker("orders", "handover", "--from", "nowhere.txt").code == 2


def test_an_unknown_key_names_the_nearest(tracker: Tracker, workplace: Path) -> None:
    """
    A misspelt key in the file or the environment is exit 2 and says what was meant.
    """
    config = workplace / "tracker.toml"
    config.write_text(config.read_text().replace("[watch]", "[watch]\nsend_windw = 'always'"))
    ended = tracker("orders", "list")
    assert ended.code == 2
    assert "watch.send_window" in ended.err


def test_an_unknown_variable_names_the_nearest(
    tracker: Tracker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    The environment is as strict as the file.
    """
    monkeypatch.setenv("TRACKER_WATCH__SEND_WINDO", "always")
    ended = tracker("orders", "list")
    assert ended.code == 2
    assert "TRACKER_WATCH__SEND_WINDOW" in ended.err


@pytest.mark.parametrize(
    "url",
    [
        "sqlite:////nowhere/at/all/tracker.db",
        "sqlite:////proc/tracker.db",
        "mysql://localhost/x",
        "nonsense",
        "sqlite://",
    ],
)
def test_a_database_that_cannot_be_used(
    tracker: Tracker, monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    """
    A wrong URL or an unwritable place: exit 2, nothing done, one sentence, no traceback.
    """
    monkeypatch.setenv("TRACKER_DATABASE_URL", url)
    ended = tracker("orders", "list", "--json")
    assert ended.code == 2
    assert ended.out == ""
    assert "Traceback" not in ended.err
    assert ended.err.startswith("tracker: ")


def test_a_file_made_by_hand_needs_only_the_documented_headings(
    tracker: Tracker, tmp_path: Path
) -> None:
    """
    The headings that docs/orders.md names are all understood, the hand-over among them.
    """
    rows = (
        "Order Number,Tracking Number,Shipping Provider,Shop,Country,Status,Created at,"
        "Ready to Ship at,Handed over at\n"
        f"1,{NUMBER},NG-JG-Seko-Shenzhen-Seko-Station,{SHOP},NG,Ready to Ship,2026-11-16 10:00,"
        "2026-11-16 12:00,2026-11-18 15:40\n"
    )
    (tmp_path / "mine.csv").write_text(rows)
    taken = tracker("orders", "import", str(tmp_path / "mine.csv"), "--json")
    assert (taken.code, taken.one["added"], len(taken.one["columns"])) == (0, 1, 9)
    parcel = tracker("orders", "show", NUMBER, "--json").one
    assert (parcel["handed_over_at"], parcel["handover_assumed"]) == ("2026-11-18T07:40:00Z", False)
