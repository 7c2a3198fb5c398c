"""
``tracker carriers record`` and ``check`` against portals on loopback, in a real browser.
"""

from __future__ import annotations

import base64
import json
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.cli import run_tracker
from tests.support.portals import ds, postal
from tests.support.smallportal import SmallPortal, Told
from tests.support.world import ds_number
from tracker.practice.answers import PracticeEvent
from tracker.practice.server import JTRACK_PATH, PracticeServer, start_practice
from tracker.probing.onelook import NOBODYS
from tracker.settings import load_settings
from tracker.store import open_store
from tracker.teaching.case import load_case, reading
from tracker.vocabulary import CarrierName

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tracker.store import Store

NOW = datetime(2026, 11, 22, tzinfo=UTC)
NUMBER = "JG-NJS-319365323-5711"
NUMBER_OF_CLEVY = postal("scanned-earlier")
SECRETS = {
    "cookie": "ck-7f6e5d4c3b2a1908",
    "bearer": "br.ZXhhbXBsZS1iZWFyZXI",
    "csrf": "cs-0f1e2d3c4b5a6978",
    "mail": "li.na@buyer.example",
}
PAGE = f"""<!DOCTYPE html><html><head><title>Track</title>
<meta name="csrf-token" content="{SECRETS["csrf"]}"></head><body>
<p>Signed in as {SECRETS["mail"]}</p>
<form id="f"><label for="n">Tracking numbers</label><textarea id="n"></textarea>
<input type="hidden" name="_csrf" value="{SECRETS["csrf"]}"><button>Track</button></form>
<div id="r"></div>
<script>
document.getElementById("f").addEventListener("submit", async (event) => {{
  event.preventDefault();
  const answer = await fetch("/data?token={SECRETS["bearer"]}", {{
    method: "POST", body: document.getElementById("n").value,
    headers: {{Authorization: "Bearer {SECRETS["bearer"]}"}}}});
  document.getElementById("r").textContent = (await answer.text()) + document.cookie;
}});
</script></body></html>"""


@pytest.fixture
def portal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[PracticeServer]:
    """
    The practice portals, the environment that points at them, and an empty working directory.
    """
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("TRACKER_CONFIG", raising=False)
    with start_practice() as server:
        for name, value in server.environment().items():
            monkeypatch.setenv(name, value)
        yield server


@pytest.fixture
def without_credentials(portal: PracticeServer, monkeypatch: pytest.MonkeyPatch) -> PracticeServer:
    """
    The practice portals, Clevy's by its page.
    """
    monkeypatch.setenv("TRACKER_CARRIERS__CLEVY__USERNAME", "")
    monkeypatch.setenv("TRACKER_CARRIERS__CLEVY__PASSWORD", "")
    return portal


@pytest.fixture
def secretive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SmallPortal]:
    """
    In Seko's place a page with a cookie, a token, a CSRF field and a buyer, which nobody can read.
    """
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("TRACKER_CONFIG", raising=False)
    told = {"q": [1, 2], "who": SECRETS["mail"], "sessionToken": SECRETS["cookie"]}
    cookie = ("Set-Cookie", f"portal={SECRETS['cookie']}; Path=/")
    pages = {
        "/": Told(PAGE, headers=(cookie,)),
        "/data": Told(json.dumps(told), "application/json", headers=(cookie,)),
    }
    with SmallPortal(pages) as server:
        monkeypatch.setenv("TRACKER_CARRIERS__SEKO__URL", server.url)
        monkeypatch.setenv("TRACKER_CARRIERS__SEKO__REQUESTS_PER_MINUTE", "600")
        yield server


@contextmanager
def store_here() -> Iterator[Store]:
    """
    The database that the commands use.
    """
    store = open_store(load_settings().database_url)
    try:
        yield store
    finally:
        store.close()


def content_of(folder: Path) -> str:
    """
    Every byte below a folder.
    """
    files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    return b"".join(path.read_bytes() for path in files).decode("utf-8", "replace")


def test_a_recorded_look_is_a_case_that_reads_the_same(
    without_credentials: PracticeServer, tmp_path: Path
) -> None:
    """
    The folder holds pages, answer and picture, and the reader makes of it what was shown.
    """
    asked = [ds("scanned-today"), ds("pre-advice"), ds("not-found"), postal("scanned-earlier")]
    ended = run_tracker("carriers", "record", *asked, "--json", "--out", "kept")
    assert ended.code == 0
    readings, cases = ended.one["readings"], ended.one["cases"]
    assert [line["outcome"] for line in readings] == ["events", "events", "not_found", "events"]
    assert [case["carrier"] for case in cases] == ["seko", "clevy"]
    for told in cases:
        folder = Path(told["folder"])
        assert folder.parent == Path("kept")
        assert {"before.html", "page.html", "answer-1.json", "screenshot.png"} < {
            path.name for path in (tmp_path / folder).iterdir()
        }
        case = load_case(tmp_path / folder)
        shown = [line for line in readings if line["carrier"] == told["carrier"]]
        assert case.looked_at is not None
        assert reading(case.read(case.looked_at)) == case.expected
        assert case.expected == [
            {key: value for key, value in line.items() if key != "looked_at"} for line in shown
        ]
        assert told["changed_by_scrub"] == []


def test_what_is_not_understood_is_recorded_and_says_what_to_do(
    secretive: SmallPortal, tmp_path: Path
) -> None:
    """
    An unreadable answer is exit 1, its case is kept, and nothing secret is in it or was printed.

    Nobody is invited to confirm a reading that there is not.
    """
    ended = run_tracker("carriers", "record", NUMBER)
    assert ended.code == 1
    assert "could not look: the portal's answer was not understood" in ended.out
    assert "tests/pages/cases" in ended.out
    assert "tracker carriers confirm" not in ended.out
    assert "there is no reading to confirm" in ended.out
    (folder,) = (tmp_path / "cases").iterdir()
    case = load_case(folder)
    assert [line["outcome"] for line in case.expected] == ["unreadable"]
    assert case.capture is not None
    assert NUMBER not in case.capture.html
    assert [answer.status for answer in case.capture.answers] == [200]
    everything = content_of(tmp_path) + ended.out + ended.err
    assert [name for name, secret in SECRETS.items() if secret in everything] == []
    assert "/data?token=***" in everything


def test_a_second_recording_overwrites_nothing(
    without_credentials: PracticeServer, tmp_path: Path
) -> None:
    """
    Two recordings, two folders, whenever they are made.
    """
    for _ in range(2):
        assert run_tracker("carriers", "record", postal("nothing-yet")).code == 0
    assert len(list((tmp_path / "cases").iterdir())) == 2


def test_the_credential_reaches_neither_folder_nor_log(
    portal: PracticeServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    Clevy's interface, asked with credentials that it even echoes: they are written nowhere.
    """
    user, password = "seller-4711", "S3cret/pa55+word"
    pair = base64.b64encode(f"{user}:{password}".encode()).decode()
    number = postal("scanned-today")
    told = {
        "Code": "SUCCESS",
        "debug": f"Basic {pair} {user}:{password}",
        "ResponseMessage": [{"MailNo": number, "Status": 2, "Routes": []}],
    }
    with SmallPortal({"/api": Told(json.dumps(told), "application/json")}) as server:
        monkeypatch.setenv("TRACKER_CARRIERS__CLEVY__API_URL", f"{server.url}/api")
        monkeypatch.setenv("TRACKER_CARRIERS__CLEVY__USERNAME", user)
        monkeypatch.setenv("TRACKER_CARRIERS__CLEVY__PASSWORD", password)
        ended = run_tracker("carriers", "record", number)
    assert ended.code == 0
    everything = content_of(tmp_path / "cases") + ended.out + ended.err
    assert [secret for secret in (user, password, pair) if secret in everything] == []
    (folder,) = (tmp_path / "cases").iterdir()
    assert load_case(folder).expected[0]["outcome"] == "no_events"


def test_a_portal_that_is_not_there_leaves_nothing_to_save(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    Unreachable is exit 1, no folder appears, and the next step is named.
    """
    monkeypatch.chdir(tmp_path)
    with SmallPortal({}) as server:
        url = server.url
    monkeypatch.setenv("TRACKER_CARRIERS__SEKO__URL", url)
    monkeypatch.setenv("TRACKER_CARRIERS__SEKO__TIMEOUT_SECONDS", "5")
    ended = run_tracker("carriers", "record", NUMBER)
    assert ended.code == 1
    assert "run `tracker carriers check`" in ended.out
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("WHAT-IS-THIS",), "--carrier"),
        (tuple(ds_number(at) for at in range(11)), "carriers.seko.batch_size"),
        ((), "Missing argument"),
    ],
)
def test_wrong_usage_of_record_is_exit_2(
    portal: PracticeServer, tmp_path: Path, arguments: tuple[str, ...], told: str
) -> None:
    """
    One sentence, nothing asked, nothing written.
    """
    ended = run_tracker("carriers", "record", *arguments)
    assert (ended.code, ended.out) == (2, "")
    assert told in ended.err
    assert portal.requests == []
    assert list(tmp_path.iterdir()) == []


def test_check_names_every_step(without_credentials: PracticeServer) -> None:
    """
    Both portals are well: each step in its order, canaries not set.
    """
    ended = run_tracker("carriers", "check", "--json")
    assert ended.code == 0
    assert [list(line) for line in ended.lines] == [["carrier", "step", "ok", "detail"]] * 18
    assert {line["ok"] for line in ended.lines} == {True}
    seko = [line for line in ended.lines if line["carrier"] == "seko"]
    assert [line["step"] for line in seko] == [
        "configuration",
        "name resolves",
        "connects",
        "certificate",
        "page loads",
        "field found",
        "submitted",
        "answer recognised",
        "canaries",
    ]
    assert seko[-1]["detail"] == "none set"


def test_check_of_the_interface_asks_once(portal: PracticeServer) -> None:
    """
    With credentials Clevy's interface is checked, with one request.
    """
    ended = run_tracker("carriers", "check", "--carrier", "clevy", "--json")
    assert ended.code == 0
    assert [line["step"] for line in ended.lines][4:] == ["answers", "canaries"]
    assert [request.numbers for request in portal.requests] == [(NOBODYS[CarrierName.CLEVY],)]


def failing(monkeypatch: pytest.MonkeyPatch, page: Told | None, **pages: Told) -> tuple[str, str]:
    """
    The step that fails at Seko's with this page, and what is told; those after it are not tried.
    """
    with SmallPortal({"/": page or Told(""), **{f"/{k}": v for k, v in pages.items()}}) as server:
        monkeypatch.setenv("TRACKER_CARRIERS__SEKO__URL", f"{server.url}/")
        monkeypatch.setenv("TRACKER_CARRIERS__SEKO__TIMEOUT_SECONDS", "12")
        ended = run_tracker("carriers", "check", "--carrier", "seko", "--json")
    assert ended.code == 1
    (failed,) = [line for line in ended.lines if line["ok"] is False]
    rest = ended.lines[ended.lines.index(failed) + 1 :]
    assert {line["ok"] for line in rest} <= {None}
    return failed["step"], failed["detail"]


def test_check_says_which_step_fails_and_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    Refused, no field, nothing recognised: each its own step with a next move.
    """
    monkeypatch.chdir(tmp_path)
    step, detail = failing(monkeypatch, Told("no", status=403))
    assert step == "page loads"
    assert "requests_per_minute" in detail
    assert "tracker carriers learn FILE" in detail
    step, detail = failing(monkeypatch, Told("<html><body><p>Hello</p></body></html>"))
    assert step == "field found"
    assert "carriers.seko.profile" in detail
    step, detail = failing(monkeypatch, Told(PAGE), data=Told('{"q": 1}', "application/json"))
    assert step == "answer recognised"
    assert "tracker carriers record JG-NJS-100000000-0001" in detail


def test_check_of_an_address_that_is_not_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    A name nobody has, a port nobody serves: the way to the portal is told step by step.
    """
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TRACKER_CARRIERS__SEKO__URL", "https://portal.invalid:4434/jtrack")
    ended = run_tracker("carriers", "check", "--carrier", "seko", "--json")
    assert ended.code == 1
    assert [line["ok"] for line in ended.lines[:3]] == [True, False, None]
    assert "carriers.seko.url" in ended.lines[1]["detail"]
    with SmallPortal({}) as server:
        url = server.url
    monkeypatch.setenv("TRACKER_CARRIERS__SEKO__URL", url)
    ended = run_tracker("carriers", "check", "--carrier", "seko", "--json")
    assert [line["ok"] for line in ended.lines[:4]] == [True, True, False, None]
    assert f"port {url.rpartition(':')[2]}" in ended.lines[2]["detail"]
    assert "firewall" in ended.lines[2]["detail"]


def test_canaries_that_answer_wrongly_are_told(
    portal: PracticeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    The scanned one must come back scanned, the unknown one without events (promises.md R9).
    """
    monkeypatch.setenv("TRACKER_CARRIERS__CLEVY__CANARY_SCANNED", postal("scanned-earlier"))
    monkeypatch.setenv("TRACKER_CARRIERS__CLEVY__CANARY_UNKNOWN", postal("not-found"))
    ended = run_tracker("carriers", "check", "--carrier", "clevy", "--json")
    assert ended.code == 0
    assert ended.lines[-1]["detail"] == f"{postal('scanned-earlier')}, {postal('not-found')}"
    portal.set_events(postal("scanned-earlier"), [])
    ended = run_tracker("carriers", "check", "--carrier", "clevy", "--json")
    assert (ended.code, ended.lines[-1]["step"]) == (1, "canaries")
    assert "canary_scanned" in ended.lines[-1]["detail"]
    portal.set_events(postal("not-found"), [PracticeEvent(NOW, "Parcel received and accepted")])
    ended = run_tracker("carriers", "check", "--carrier", "clevy", "--json")
    assert (ended.code, ended.lines[-1]["step"]) == (1, "canaries")
    assert "canary_unknown" in ended.lines[-1]["detail"]


def test_a_saved_check_shows_in_the_status(
    portal: PracticeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    ``check --save`` keeps the failed step for ``tracker status``, and the next good one ends it.
    """
    monkeypatch.setenv("TRACKER_CARRIERS__CLEVY__PASSWORD", "wrong")
    assert run_tracker("carriers", "check", "--carrier", "clevy", "--save").code == 1
    status = run_tracker("status", "--json").one
    assert status["carriers"]["clevy"]["check_failure"].startswith("answers: blocked: credentials")
    assert any("clevy: the check of the portal failed" in one for one in status["problems"])
    monkeypatch.setenv("TRACKER_CARRIERS__CLEVY__PASSWORD", "practice")
    assert run_tracker("carriers", "check", "--carrier", "clevy", "--save").code == 0
    status = run_tracker("status", "--json").one
    assert status["carriers"]["clevy"]["check_failure"] is None
    assert status["carriers"]["clevy"]["checked_at"] is not None
    assert not any("clevy" in one for one in status["problems"])


@pytest.mark.parametrize("command", [("check", "--carrier", "clevy"), ("record", NUMBER_OF_CLEVY)])
def test_a_question_by_hand_takes_a_slot_of_the_shared_pace(
    portal: PracticeServer, command: tuple[str, ...]
) -> None:
    """
    Reserved by somebody else until in three seconds: it is asked after that, and its slot is taken.
    """
    with store_here() as store:
        free = datetime.now(UTC) + timedelta(seconds=3)
        with store.begin() as tx:
            tx.manners.not_before(CarrierName.CLEVY, free)
        assert run_tracker("carriers", *command).code == 0
        assert [one.at >= free for one in portal.requests] == [True]
        with store.begin() as tx:
            ahead = timedelta(hours=1)
            after = tx.manners.free_slot(CarrierName.CLEVY, free, furthest=ahead)
    assert after > free


@pytest.mark.parametrize("command", [("check", "--carrier", "clevy"), ("record", NUMBER_OF_CLEVY)])
def test_nobody_asks_by_hand_while_the_carrier_is_left_alone(
    portal: PracticeServer, command: tuple[str, ...]
) -> None:
    """
    One sentence says until when, and no request is made (promises.md R22).
    """
    now = datetime.now(UTC)
    with store_here() as store, store.begin() as tx:
        tx.health.cool_down(CarrierName.CLEVY, now, now + timedelta(hours=1), "HTTP 429")
    ended = run_tracker("carriers", *command)
    assert ended.code == 1
    assert "clevy is left alone until" in ended.out + ended.err
    assert "HTTP 429" in ended.out + ended.err
    assert portal.requests == []


def test_a_check_with_the_database_down_keeps_a_pace_of_its_own(
    portal: PracticeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    It says so, and the portal is checked all the same.
    """
    monkeypatch.setenv("TRACKER_DATABASE_URL", "postgresql://127.0.0.1:1/nowhere")
    ended = run_tracker("carriers", "check", "--carrier", "clevy")
    assert ended.code == 0
    assert "At a pace of its own" in ended.err
    assert len(portal.requests) == 1


def test_a_profile_is_kept_with_the_case(
    without_credentials: PracticeServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    What the user's profile pinned stands in the folder, so that it is read as it was.
    """
    profile = tmp_path / "seko.toml"
    profile.write_text('[ask]\nfield = "#numbers"\n[read]\nzone = "Asia/Hong_Kong"\n')
    monkeypatch.setenv("TRACKER_CARRIERS__SEKO__PROFILE", str(profile))
    assert run_tracker("carriers", "record", ds("scanned-today")).code == 0
    (folder,) = (tmp_path / "cases").iterdir()
    case = load_case(folder)
    assert case.profile.ask.field == "#numbers"
    assert {event["zone"] for event in case.expected[0]["events"]} == {"Asia/Hong_Kong"}
    assert JTRACK_PATH in (folder / "meta.toml").read_text()
