"""
Texts from portals and files are hostile: no form of a message lets them be more than text.
"""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Callable, Iterator
from datetime import date
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.messages import Letter, Line, compose
from alerts.messages.as_slack import (
    MOST_BLOCKS,
    MOST_IN_A_HEADER,
    MOST_IN_A_TEXT,
    MOST_IN_ALL,
    chunks,
)
from alerts.messages.clean import one_line, web_address
from alerts.messages.table import to_csv
from tracker.model import AlertKind, CalendarDay

MakeLine = Callable[..., Line]
MakeLetter = Callable[..., Letter]

HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "<!channel> <!here> <@U123> <#C123>",
    "<https://evil.example|your bank>",
    "@channel @everyone :skull: *bold* `code`",
    '=HYPERLINK("https://evil.example")',
    "{{ 7 * 7 }}{% raw %}",
    "line one\r\nBcc: thief@evil.example\r\n\r\nbody",
    "abc\u202egnp.exe\u2066\u200b\ufeff",
    "\x00\x07\x1b[31mred\x7f\ud800",
    "&lt;b&gt; &amp;amp;",
    "a \u200b b \u2066 \u2028 c",
    "x" * 100_000,
    "Z\u0335\u0322\u0321" * 10_000,
]
FIELDS = [
    "tracking_number",
    "order_number",
    "shop",
    "country",
    "station",
    "centre",
    "courier",
    "waybill",
    "last_text",
    "seller_status_text",
    "reason",
    "case_id",
]


@pytest.fixture(params=HOSTILE, ids=range(len(HOSTILE)))
def hostile(request: pytest.FixtureRequest) -> str:
    """
    Each hostile text in turn.
    """
    return str(request.param)


@pytest.fixture(params=[AlertKind.URGE_SCAN, AlertKind.RAISE_CLAIM, AlertKind.UNKNOWN_WORDING])
def lines_of(request: pytest.FixtureRequest, hostile: str, make_line: MakeLine) -> list[Line]:
    """
    Many lines with the hostile text wherever a text may stand.
    """
    texts: dict[str, Any] = dict.fromkeys(FIELDS, hostile)
    texts["days"] = (CalendarDay(date=date(2026, 10, 12), open=False, why=hostile),)
    kind = request.param
    lines = [make_line(delivery_id=n, kind=kind, **texts) for n in range(25)]
    lines.append(make_line(delivery_id=99, kind=AlertKind.UNVERIFIED, covered=(hostile,) * 3))
    return lines


@pytest.fixture(params=["en", "zh"])
def letter(
    request: pytest.FixtureRequest,
    hostile: str,
    lines_of: list[Line],
    make_letter: MakeLetter,
) -> Letter:
    """
    A letter of these lines in either language.
    """
    facts = {"shop": hostile, "seko_contact": hostile, "centre_notes": (hostile,)}
    return make_letter(
        *lines_of, reference=hostile, dashboard_url=hostile, language=request.param, **facts
    )


class Tags(HTMLParser):
    """
    The names of the tags and attributes of a page.
    """

    def __init__(self) -> None:
        super().__init__()
        self.seen: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """
        Notes the tag and its attributes.
        """
        self.seen.update((tag, *(f"{tag}.{name}" for name, _ in attrs)))


def test_html_has_our_tags_only(letter: Letter) -> None:
    """
    No text adds a tag or an attribute to the page.
    """
    tags = Tags()
    tags.feed(compose(letter).html)
    ours = {"html", "html.lang", "head", "meta", "meta.charset", "title", "body", "h2", "p", "div"}
    ours |= {"strong", "br", "ul", "li", "pre", "a", "a.href"}
    ours |= {f"{tag}.style" for tag in ("body", "h2", "p", "div", "ul", "pre")}
    assert tags.seen <= ours


def _texts(value: Any) -> Iterator[tuple[str, str]]:
    """
    Each text of the blocks with the type of the element that holds it.
    """
    if isinstance(value, dict):
        if isinstance(value.get("text"), str):
            yield value["type"], value["text"]
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _texts(inner)


def test_slack_reads_no_mention_or_link_of_theirs(letter: Letter) -> None:
    """
    Mark-up is read in our headings and links only, and these hold no hostile bracket.
    """
    blocks = compose(letter).blocks
    marked = [text for kind, text in _texts(blocks) if kind == "mrkdwn"]
    assert {kind for kind, _ in _texts(blocks)} <= {"plain_text", "mrkdwn", "text"}
    for text in marked:
        inner = text.removeprefix("<https://portal.example:4434/mercuryhub/jtrack|")
        assert "<" not in inner
        assert "evil.example|" not in inner


def test_slack_limits_hold(letter: Letter) -> None:
    """
    However long the texts are, the blocks keep to Slack's limits.
    """
    blocks = compose(letter).blocks
    texts = [text for _, text in _texts(blocks)]
    assert 1 <= len(blocks) <= MOST_BLOCKS
    assert all(1 <= len(text) <= MOST_IN_A_TEXT for text in texts)
    assert sum(map(len, texts)) <= MOST_IN_ALL + MOST_IN_A_TEXT
    assert blocks[0]["type"] == "header"
    assert len(blocks[0]["text"]["text"]) <= MOST_IN_A_HEADER


def test_no_cell_is_a_formula(letter: Letter) -> None:
    """
    Every cell of the table begins with something that no spreadsheet runs.
    """
    table = compose(letter).csv
    rows = list(csv.reader(io.StringIO(table)))
    assert len({len(row) for row in rows}) == 1
    for cell in (cell for row in rows for cell in row):
        assert not cell.lstrip().startswith(("=", "+", "@", "＝")) or cell.startswith("'")


def test_the_subject_is_one_short_line(letter: Letter) -> None:
    """
    A subject has no line break and no control character, and fits a header.
    """
    subject = compose(letter).subject
    assert subject.isprintable()
    assert len(subject) <= MOST_IN_A_HEADER


def test_nothing_invisible_is_left(letter: Letter) -> None:
    """
    Neither text nor HTML holds a control, direction-changing, invisible or half character.
    """
    message = compose(letter)
    for form in (message.subject, message.text, message.html, message.csv or ""):
        left = {unicodedata.category(c) for c in form if c not in "\r\n"}
        assert not left & {"Cc", "Cf", "Cs"}
        assert form.encode("utf-8")


def test_templates_in_texts_are_not_run(make_line: MakeLine, make_letter: MakeLetter) -> None:
    """
    A portal that writes template code sees it quoted as it stands.
    """
    text = compose(make_letter(make_line(last_text="{{ 7 * 7 }}"))).text
    assert "“{{ 7 * 7 }}”" in text


def test_a_message_of_hostile_texts_stays_small(letter: Letter) -> None:
    """
    Texts of any length make a message of bounded length.
    """
    assert len(compose(letter).text) < 60_000


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "https://evil.example/\r\nx",
        "https://evil.example/|your bank>",
        "https://evil.example/\u202e",
        "https://" + "x" * 600,
        "data:text/html,x",
        "",
        None,
    ],
)
def test_only_plain_web_addresses_become_links(
    make_line: MakeLine, make_letter: MakeLetter, url: str | None
) -> None:
    """
    Anything but a plain http(s) address is no link in any form.
    """
    message = compose(make_letter(make_line(portal_url=url), dashboard_url=url))
    assert web_address(url) is None
    assert "href" not in message.html
    assert not any("|" in text for kind, text in _texts(message.blocks) if kind == "mrkdwn")


@given(st.text(max_size=400), st.integers(min_value=1, max_value=80))
def test_one_line_is_one_short_printable_line(text: str, limit: int) -> None:
    """
    Any text becomes one line within the limit, and cleaning it again changes nothing.
    """
    cleaned = one_line(text, limit)
    assert len(cleaned) <= limit
    assert cleaned == " ".join(cleaned.split())
    assert one_line(cleaned, limit) == cleaned


@given(st.lists(st.text(alphabet="ab ", max_size=30)), st.integers(min_value=1, max_value=12))
def test_chunks_lose_nothing(lines: list[str], most: int) -> None:
    """
    Texts cut into pieces hold every character in order, none longer than allowed.
    """
    pieces = chunks(lines, most)
    assert all(len(piece) <= most for piece in pieces)
    assert "".join(pieces).replace("\n", "") == "".join(lines)


@pytest.mark.parametrize("first", ["=", "+", "-", "@", "\t=", " =", "＝", "＠", "\r="])
def test_every_beginning_of_a_formula_is_made_inert(make_line: MakeLine, first: str) -> None:
    """
    A cell that a spreadsheet might run gets an apostrophe before it.
    """
    table = to_csv([make_line(last_text=f"{first}1+1")], ["headings"], str)
    cells = list(csv.reader(io.StringIO(table)))[1]
    assert f"'{first}1+1" in cells


def test_the_list_to_fill_in_holds_no_formula(letter: Letter) -> None:
    """
    Whatever a number is, a spreadsheet takes its cell for text.
    """
    told = compose(letter).by_hand
    assert told is not None
    cells = [cell for row in csv.reader(io.StringIO(told)) for cell in row]
    assert [cell for cell in cells if cell.lstrip().startswith(("=", "+", "-", "@"))] == []
