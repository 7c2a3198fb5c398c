"""
``tracker carriers learn``: saved pages read offline, and what is written to paste.
"""

from __future__ import annotations

import json
import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.cli import run_tracker
from tests.support.smallportal import SmallPortal, Told
from tracker.model import CarrierName, Stage
from tracker.profiles import load_profile
from tracker.stages import load_tables
from tracker.teaching.case import load_case, reading

if TYPE_CHECKING:
    from tests.support.cli import Ended

ONE, OTHER = "JG-NJS-319365323-5711", "JG-NJS-319365324-5712"
SEKO = "https://portal.sekosynergy.com.hk:4434/mercuryhub"
FORM = """<form><label for="no">Consignments</label><textarea id="no"></textarea>
<input type="hidden" name="csrfToken" value="csrf-99887766aabb"><button class="go">Track</button>
</form>"""
TABLE = f"""<h2>{ONE}</h2><table><tr><th>Time</th><th>Event</th><th>Place</th></tr>
<tr><td>2026-11-18 16:20</td><td>Pre-advice received</td><td></td></tr>
<tr><td>2026-11-19 10:11</td><td>Quietly admired at bay "7"</td><td>SHENZHEN</td></tr></table>"""


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """
    No configuration: an empty working directory.
    """
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("TRACKER_CONFIG", raising=False)


def html(body: str) -> str:
    """
    A page as a browser saves it.
    """
    remark = f"<!-- saved from url=(0058){SEKO}/jtrack -->"
    return f"<!DOCTYPE html>\n{remark}\n<html><body>{body}</body></html>"


def har(told: Any, *, asked: str = f"{ONE}\n{OTHER}") -> str:
    """
    A HAR of the page's load and its one question, with a session in it.
    """
    cookie = {"name": "Cookie", "value": "JSESSIONID=sess10n-0123456789"}
    page = {
        "request": {"url": f"{SEKO}/jtrack", "headers": [cookie]},
        "response": {
            "status": 200,
            "headers": [],
            "content": {"mimeType": "text/html", "text": html(FORM)},
        },
        "_resourceType": "document",
    }
    question = {
        "request": {
            "url": f"{SEKO}/q?session=sess10n-0123456789",
            "headers": [cookie],
            "postData": {"text": asked},
        },
        "response": {
            "status": 200,
            "headers": [],
            "content": {"mimeType": "application/json", "text": json.dumps(told)},
        },
        "_resourceType": "xhr",
    }
    return json.dumps({"log": {"entries": [page, question]}})


def parcel(number: str, *texts: str) -> dict[str, Any]:
    """
    One parcel of a made-up answer.
    """
    events = [{"q": f"2026-11-1{day} 10:11", "w": text} for day, text in enumerate(texts)]
    return {"n": number, "h": events}


def learn(content: str, *arguments: str, name: str = "page.har") -> Ended:
    """
    The command on a file with this content.
    """
    Path(name).write_text(content, encoding="utf-8")
    return run_tracker("carriers", "learn", name, *arguments)


def test_a_page_teaches_its_controls_and_its_unknown_words() -> None:
    """
    The reading in the words of ``track``, selectors, and a group for the text nobody knows.
    """
    ended = learn(html(FORM + TABLE), name="page.html")
    assert ended.code == 0
    assert f"{ONE} (seko): unclear: the portal shows a text that is not classified" in ended.out
    _, profile, wordings = ended.out.split("--- ")
    told = tomllib.loads(profile.partition(" ---\n")[2])
    assert told["ask"] == {"field": "#no", "button": "button.go"}
    (group,) = tomllib.loads(wordings.partition(" ---\n")[2])["group"]
    assert (group["carrier"], group["stage"]) == ("seko", "STAGE")
    assert group["texts"] == ['Quietly admired at bay "7"']


def test_what_is_written_works_as_it_stands(tmp_path: Path) -> None:
    """
    The profile loads, reads the same when it is in use, and the wording lines only want a stage.
    """
    told = {"d": {"x": [parcel(ONE, "Pre-advice received", "Hugged"), parcel(OTHER, "Hugged")]}}
    before = learn(har(told), "--json").one
    ended = learn(har(told), "--out", "lines")
    assert ended.code == 0
    profile = load_profile(CarrierName.SEKO, tmp_path / "lines" / "seko.toml")
    assert (profile.ask.field, profile.ask.button) == ("#no", "button.go")
    read = profile.read
    assert (read.answer, read.parcels, read.number) == ("/mercuryhub/q", "d.x", "n")
    assert (read.events, read.date, read.text) == ("h", "q", "w")
    wordings = tmp_path / "lines" / "wordings.toml"
    wordings.write_text(wordings.read_text("utf-8").replace('"STAGE"', '"received"'), "utf-8")
    meaning = load_tables(wordings).classify(CarrierName.SEKO, "Hugged", None)
    assert (meaning.stage, meaning.is_scan) == (Stage.RECEIVED, True)
    (tmp_path / "tracker.toml").write_text(
        '[carriers.seko]\nprofile = "lines/seko.toml"\n[wordings]\nfile = "lines/wordings.toml"\n'
    )
    again = learn(har(told), "--json").one
    assert again["wordings"] is None
    assert [line["scanned"] for line in again["readings"]] == [True, True]
    assert [len(line["events"]) for line in again["readings"]] == [2, 1]
    assert [line["outcome"] for line in before["readings"]] == ["events", "events"]


def test_lines_that_would_change_the_reading_are_not_offered() -> None:
    """
    Where a path would lose a number that is read by meaning, it is left out.
    """
    by_number = {ONE: {"h": [{"q": "2026-11-19 10:11", "w": "Parcel received and accepted"}]}}
    told = learn(har({"by": by_number}, asked=ONE), "--json").one
    assert [line["outcome"] for line in told["readings"]] == ["events"]
    assert "[ask]" in told["profile"]
    assert "[read]" not in told["profile"]


@pytest.mark.parametrize(
    ("path", "part"),
    [
        ("/api/v2/RouteTrack", "/api/v2/RouteTrack"),
        ("/hub/jobs/j17", "/hub/jobs/"),
        (f"/hub/{ONE}", "/hub/"),
        ("/4711/list", None),
        ("/", None),
    ],
)
def test_the_lasting_part_of_an_address_is_pinned(path: str, part: str | None) -> None:
    """
    A job's name or a tracking number in the address is another one the next time.
    """
    told = har({"x": [parcel(ONE, "Parcel received and accepted")]}, asked=ONE)
    ended = learn(told.replace("/mercuryhub/q?", f"{path}?"), "--carrier", "seko", "--json")
    assert tomllib.loads(ended.one["profile"])["read"].get("answer") == part


def test_a_known_interface_is_pinned_by_its_address_only() -> None:
    """
    Of Clevy's own answer the reader knows more than paths can say.
    """
    route = {"EventDate": "2026-11-19 10:11", "EventStatus": "Posting (EMA)", "EventSite": ""}
    item = {"MailNo": "UH473124829KG", "Status": 2, "Routes": [route]}
    told = {"Code": "SUCCESS", "ResponseMessage": [item]}
    ended = learn(har(told, asked="UH473124829KG"), "--carrier", "clevy", "--json")
    assert tomllib.loads(ended.one["profile"])["read"] == {"answer": "/mercuryhub/q"}


def test_a_case_is_saved_without_what_a_har_holds(tmp_path: Path) -> None:
    """
    The session of the HAR and the form's token are not in the folder, which reads the same.
    """
    told = {"who": "li.na@buyer.example", "x": [parcel(ONE, "Parcel received and accepted")]}
    ended = learn(har(told, asked=ONE), "--case", "--json")
    folder = tmp_path / ended.one["case"]["folder"]
    content = "".join(path.read_text("utf-8") for path in sorted(folder.iterdir()))
    secrets = ("sess10n-0123456789", "csrf-99887766aabb", "li.na@buyer.example", str(tmp_path))
    assert [secret for secret in secrets if secret in content] == []
    assert ended.one["case"]["changed_by_scrub"] == []
    case = load_case(folder)
    assert case.expected[0]["scanned"] is True
    assert reading(case.read(datetime(2026, 11, 22, tzinfo=UTC))) == case.expected


def test_a_page_that_repeats_no_number_is_told_how_it_could_be_read() -> None:
    """
    Unreadable is exit 1; ``tie`` is named as what a profile may say, and is not written.
    """
    events = [{"q": "2026-11-19 10:11", "w": "Parcel received and accepted"}]
    ended = learn(har({"events": events}, asked=ONE), "--json")
    assert ended.code == 1
    told = ended.one
    assert told["readings"][0]["outcome"] not in {"events", "no_events", "not_found"}
    assert any('tie = "request"' in remark for remark in told["remarks"])
    assert "tie" not in (told["profile"] or "")


def test_named_numbers_count_and_not_what_the_page_shows() -> None:
    """
    A number that is not on the page is not seen there: exit 1.
    """
    ended = learn(html(TABLE), OTHER, "--json", name="page.html")
    assert (ended.code, [line["tracking_number"] for line in ended.one["readings"]]) == (1, [OTHER])
    assert ended.one["readings"][0]["outcome"] == "missing"


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    """
    Lines that are there already stay as they are.
    """
    (tmp_path / "lines").mkdir()
    (tmp_path / "lines" / "seko.toml").write_text("# mine\n")
    ended = learn(html(FORM + TABLE), "--out", "lines", name="page.html")
    assert ended.code == 2
    assert "exists already" in ended.err
    assert [path.name for path in (tmp_path / "lines").iterdir()] == ["seko.toml"]
    assert (tmp_path / "lines" / "seko.toml").read_text() == "# mine\n"


@pytest.mark.parametrize(
    ("content", "arguments", "told"),
    [
        (html("<div>" * 20_000 + TABLE), (), "no tracking number was found in it"),
        ("not a page", (), "no HTML, no MHTML and no HAR"),
        ("<html><body>Hello</body></html>", (), "no tracking number was found"),
        (f"<html><body>{ONE}</body></html>", ("--carrier", "dhl"), "dhl"),
        (f"<html><body>{ONE} UH473124829KG</body></html>", (), "--carrier"),
        ("<html><body>x</body></html>", ("WHAT-IS-THIS",), "--carrier"),
        (
            "<p>" + " ".join(f"JG-NJS-3193653{at:02}-5711" for at in range(21)),
            (),
            "21 texts in it look like tracking numbers",
        ),
        ('{"log": {"entries": []}}', (), "the HAR is empty"),
    ],
)
def test_what_teaches_nothing_is_one_sentence(
    content: str, arguments: tuple[str, ...], told: str, tmp_path: Path
) -> None:
    """
    Exit 2, nothing on standard output, nothing written.
    """
    ended = learn(content, *arguments, "--json", "--case")
    assert (ended.code, ended.out) == (2, "")
    assert told in ended.err
    assert "Traceback" not in ended.err
    assert [path.name for path in tmp_path.iterdir()] == ["page.har"]


def test_nothing_in_a_page_is_executed_or_fetched() -> None:
    """
    Scripts, pictures, frames and style sheets that a page names are never asked for.
    """
    with SmallPortal({"/": Told("fetched")}) as server:
        url = f"{server.url}/"
        body = (
            f"<script>fetch('{url}')</script><img src='{url}'><iframe src='{url}'></iframe>"
            f"<link rel=stylesheet href='{url}'><meta http-equiv=refresh content='0;url={url}'>"
        )
        assert learn(html(body + FORM + TABLE), name="page.html").code == 0
        assert server.asked == []


@pytest.mark.parametrize(
    "body",
    [
        TABLE.replace("<td>", "<td>\x1b]0;owned\x07\x1b[31m"),
        TABLE + "<!--" + "-" * 100_000,
        TABLE + "&" * 200_000,
        TABLE + "<a<a" * 100_000,
    ],
)
def test_a_hostile_page_is_read_or_not_and_harms_nothing(body: str) -> None:
    """
    Whatever it holds: an exit code of ours, no traceback, nothing that drives the terminal.
    """
    ended = learn(html(FORM + body), ONE, "--case", name="page.html")
    assert ended.code in {0, 1}
    assert "Traceback" not in ended.err
    assert "\x1b" not in ended.out
