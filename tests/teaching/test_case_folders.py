"""
Case folders: what is saved is what was seen, less secrets, and it reads the same.
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tracker.model import CarrierName, UsageError
from tracker.pages.capture import Answer, PageCapture
from tracker.profiles import AskProfile, PortalProfile, ReadProfile
from tracker.teaching.case import SavedCase, load_case, reading
from tracker.teaching.keeping import free_name, keep_case

CASES = Path(__file__).parents[1] / "pages" / "cases"
NOW = datetime(2026, 11, 22, 1, 0, tzinfo=UTC)
NUMBER = "JG-NJS-319365323-5711"
SECRETS = {
    "cookie": "c00kie-9f8e7d6c5b4a",
    "bearer": "b3arer.Zm9vYmFyYmF6",
    "field": "csrf-0a1b2c3d4e5f",
    "meta": "m3ta-token-77aa88bb",
    "script": "scr1pt-session-4242",
    "query": "qu3ry-sign-123456",
    "json": "j5on-accesstoken-99",
    "deep": "d33p-credential-0001",
    "viewstate": "/wEPDwUKLTEyMzQ1Njc4OQ9kFgICAw8WAh4",
    "path": "A1B2C3D4E5F60718",
    "jwt": "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiI0MiJ9.c2lnbmF0dXJl",
    "password": "hunter2hunter2",
    "header": "x-api-7c6d5e4f3a2b",
}
PERSONAL = ("wang.wei@buyer.example", "+234 803 555 0199", "Wang Wei")
EVENTS = [
    {"when": "2026-11-18 16:20", "what": "Pre-advice received", "where": ""},
    {"when": "2026-11-19 10:11", "what": "Parcel received and accepted", "where": "SHENZHEN"},
]


def page(secrets: dict[str, str] = SECRETS) -> str:
    """
    A page as portals write them, with something secret wherever pages hold such things.
    """
    return f"""<!DOCTYPE html><html><head><title>Track</title>
<meta name="csrf-token" content="{secrets["meta"]}">
<script>var appSession = '{secrets["script"]}'; window.config = {{"jwt":"{secrets["jwt"]}"}};
document.cookie = "SESSIONID={secrets["cookie"]}; path=/";
fetch("/q?id=1&sign={secrets["query"]}",
  {{headers: {{Authorization: "Bearer {secrets["bearer"]}"}}}});
</script></head><body>
<form action="/track;jsessionid={secrets["path"]}">
<input type="hidden" name="_csrf" value="{secrets["field"]}">
<input type=hidden name=__VIEWSTATE value={secrets["viewstate"]}>
<input type="password" value="{secrets["password"]}">
<textarea name="numbers">{NUMBER}</textarea><button>Track</button></form>
<p>Hello {secrets["cookie"]}</p><p>{PERSONAL[0]}</p>
<h2>{NUMBER}</h2><p>Consignee: {PERSONAL[2]}</p><p>Phone: {PERSONAL[1]}</p>
<table><tr><th>Date</th><th>Status</th><th>Location</th></tr>
<tr><td>2026-11-18 16:20</td><td>Pre-advice received</td><td></td></tr>
<tr><td>2026-11-19 10:11</td><td>Parcel received and accepted</td><td>SHENZHEN</td></tr></table>
</body></html>"""


def body(secrets: dict[str, str] = SECRETS) -> str:
    """
    The page's own answer, with secrets and a buyer in it.
    """
    told = {
        "accessToken": secrets["json"],
        "auth": {"inner": [{"t": secrets["deep"]}]},
        "sessionId": 184467440737,
        "link": f"https://portal.example/p?token={secrets['json']}&no={NUMBER}",
        "debug": json.dumps({"csrfToken": secrets["field"]}),
        "list": [
            {"no": NUMBER, "receiver": PERSONAL[2], "mail": PERSONAL[0], "events": EVENTS},
        ],
    }
    return json.dumps(told)


def portal_case(**changed: object) -> SavedCase:
    """
    A case as a live look brings it, secrets and all.
    """
    answer = Answer(
        url=f"https://portal.example/api?session={SECRETS['cookie']}&no={NUMBER}",
        status=200,
        content_type="application/json",
        body=body(),
        headers={
            "set-cookie": f"SESSIONID={SECRETS['cookie']}; Path=/; HttpOnly",
            "x-api-key": SECRETS["header"],
            "retry-after": "60",
        },
    )
    capture = PageCapture(
        url=f"https://user:{SECRETS['password']}@portal.example/track?sid={SECRETS['path']}",
        status=200,
        html_before=page().replace(NUMBER, ""),
        html=page(),
        answers=(answer,),
        further=(page(),),
        partial="a further page was not opened",
        screenshot=b"\x89PNG picture",
    )
    case = SavedCase(name="seko-1", carrier=CarrierName.SEKO, asked=[NUMBER], capture=capture)
    return replace(case, **changed)  # type: ignore[arg-type]  # a test's shorthand


def content_of(folder: Path) -> bytes:
    """
    Every byte of a folder, file names included.
    """
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return b"".join(path.name.encode() + path.read_bytes() for path in files)


@pytest.mark.parametrize("name", sorted(path.name for path in CASES.iterdir()))
def test_what_is_kept_reads_as_it_did(name: str, tmp_path: Path) -> None:
    """
    Every case of tests/pages/cases, scrubbed, saved and loaded again, gives its expected lines.
    """
    case = load_case(CASES / name)
    kept = keep_case(case, tmp_path, looked_at=NOW)
    again = load_case(kept.folder)
    assert kept.changed == ()
    assert reading(again.read(NOW)) == case.expected == again.expected


def test_a_folder_holds_all_that_one_look_saw(tmp_path: Path) -> None:
    """
    Pages, answers, picture, profile and how the look went come back as they were.
    """
    profile = PortalProfile(
        ask=AskProfile(field="#no", dismiss=("#ok",)), read=ReadProfile(zone="UTC", events="list[]")
    )
    case = portal_case(profile=profile, origin="a test")
    kept = keep_case(case, tmp_path, looked_at=NOW)
    assert sorted(path.name for path in kept.folder.iterdir()) == [
        "answer-1.json",
        "before.html",
        "expected.json",
        "further-1.html",
        "meta.toml",
        "page.html",
        "screenshot.png",
    ]
    again = load_case(kept.folder)
    assert again.capture is not None
    assert again.capture == kept.case.capture
    assert (again.profile, again.origin, again.asked) == (profile, "a test", [NUMBER])
    assert again.capture.partial == "a further page was not opened"
    assert again.capture.answers[0].headers == {"retry-after": "60"}


def test_no_secret_and_no_buyer_reaches_the_folder(tmp_path: Path) -> None:
    """
    Cookies, tokens, sessions, passwords, signatures and people are nowhere in it, and it reads.
    """
    kept = keep_case(portal_case(), tmp_path, looked_at=NOW)
    content = content_of(kept.folder).decode("utf-8", "replace")
    found = [name for name, secret in SECRETS.items() if secret in content]
    assert found == []
    assert [person for person in PERSONAL if person in content] == []
    assert "184467440737" not in content
    assert kept.changed == ()
    assert kept.case.expected[0]["outcome"] == "events"
    assert kept.case.expected[0]["scanned"] is True


def test_a_known_secret_is_taken_out_wherever_it_stands(tmp_path: Path) -> None:
    """
    What the caller names is masked in texts, in links and as it is spelt in JSON.
    """
    secret = 'p"ss wörd'
    told = json.dumps({"Code": "SUCCESS", "ResponseMessage": [], "note": f"you are {secret}"})
    answer = Answer(url="http://api.example/", status=200, content_type="text/json", body=told)
    case = SavedCase(name="clevy-1", carrier=CarrierName.CLEVY, asked=["X"], answer=answer)
    kept = keep_case(case, tmp_path, looked_at=NOW, known=[secret])
    content = content_of(kept.folder).decode()
    assert secret not in content
    assert json.dumps(secret)[1:-1] not in content
    assert json.loads((kept.folder / "answer-1.json").read_text())["note"] == "you are ***"


def test_a_scrub_that_changes_the_reading_is_told(tmp_path: Path) -> None:
    """
    Where the events themselves stand under a secret's name, the number is named as changed.
    """
    told = {"list": [{"no": NUMBER, "events": [{"date": "2026-11-19 10:11", "token": "Arrived"}]}]}
    capture = PageCapture(
        url="https://portal.example/",
        status=200,
        html_before=None,
        html="<html><body></body></html>",
        answers=(
            Answer(
                url="https://portal.example/a", status=200, content_type="", body=json.dumps(told)
            ),
        ),
    )
    kept = keep_case(portal_case(capture=capture), tmp_path, looked_at=NOW)
    assert kept.changed == (NUMBER,)
    assert "Arrived" not in content_of(kept.folder).decode()


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    """
    A folder that is there stays as it is, nothing else appears, and a free name can be had.
    """
    (tmp_path / "seko-1").mkdir()
    (tmp_path / "seko-1" / "mine.txt").write_text("mine")
    with pytest.raises(UsageError, match="exists already"):
        keep_case(portal_case(), tmp_path, looked_at=NOW)
    assert [path.name for path in tmp_path.iterdir()] == ["seko-1"]
    assert content_of(tmp_path) == b"mine.txtmine"
    assert free_name(tmp_path, "seko-1") == "seko-1-2"


def test_a_folder_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    """
    A file in the place of the parent folder is told, and nothing was written.
    """
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="cannot be written"):
        keep_case(portal_case(), tmp_path / "file", looked_at=NOW)


@pytest.mark.parametrize(
    ("meta", "told"),
    [
        (None, "cannot be read"),
        ("reader = ", "is not TOML"),
        ('reader = "portal"\n', "lacks 'carrier'"),
        ('reader = "portal"\ncarrier = "dhl"\nasked = []\nurl = "x"\n', "'dhl'"),
        (
            'reader = "portal"\ncarrier = "seko"\nasked = []\nurl = "x"\n',
            "page.html cannot be read",
        ),
        (
            """reader = "portal"\ncarrier = "seko"\nasked = []\n
            [[answers]]\nurl = "x"\nfile = "../secret"\n""",
            "does not lie in the case folder",
        ),
        (
            'reader = "portal"\ncarrier = "seko"\nasked = []\n[profile]\nevnts = "a"\n',
            "read.events",
        ),
    ],
)
def test_a_broken_folder_is_one_sentence(tmp_path: Path, meta: str | None, told: str) -> None:
    """
    What is missing or wrong is named, and no file beside the folder is opened.
    """
    if meta is not None:
        (tmp_path / "meta.toml").write_text(meta)
    with pytest.raises(UsageError) as raised:
        load_case(tmp_path)
    assert told in str(raised.value)


def test_ordinary_words_are_left_alone(tmp_path: Path) -> None:
    """
    Names like "key" or "sign" take nothing away that is a word, a date or a tracking number.
    """
    text = json.dumps({"key": "description", "sign": "2026-11-19 10:11", "token": NUMBER})
    answer = Answer(url="http://x.example/?key=tracking", status=200, content_type="", body=text)
    case = SavedCase(name="c", carrier=CarrierName.CLEVY, asked=[NUMBER], answer=answer)
    kept = keep_case(case, tmp_path, looked_at=NOW)
    assert (kept.folder / "answer-1.txt").read_text() == text
    assert kept.case.answer is not None
    assert kept.case.answer.url == answer.url
