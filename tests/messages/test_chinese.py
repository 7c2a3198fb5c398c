"""
Chinese is complete: every English macro has its counterpart, and no English sentence is left.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from jinja2 import Environment, nodes

from alerts.facts import Reason
from alerts.messages import Letter, Line, Message, compose
from alerts.messages.words import TEMPLATES, Words, reworded
from alerts.unverified import NO_PROOF
from tests.messages.test_golden import CASES, in_language
from tracker.calendar import CENTRES, WorkingCalendar
from tracker.model import (
    AlertKind,
    CalendarException,
    ClosedBecause,
    Outcome,
    SellerStatus,
    Service,
    Stage,
)
from tracker.orders.numberlists import read_numbers

if TYPE_CHECKING:
    from pathlib import Path

MakeLine = Callable[..., Line]
MakeLetter = Callable[..., Letter]

NAMES = sorted(path.stem for path in (TEMPLATES / "en").glob("*.j2"))
#: What stands between two such lines of a text is meant to be copied, in both languages.
COPIED = re.compile(r"^-{60}$.*?^-{60}$", re.MULTILINE | re.DOTALL)
#: Portals' and people's own words, addresses, commands, and names that stand on a screen.
NOT_OURS = re.compile(
    r"“[^”]*”|https?://\S+|tracker [!-~ ]+|Raise A Claim|Ready to Ship"
    r"|NG-JG-SEKO-Shenzhen-Seko Station|Lagos Lights|SF Express|WeChat seko-sz-service"
)
#: Half-width marks between Chinese characters; blanks beside full-width marks or inside Chinese.
WRONG_MARKS = re.compile(
    r"[一-鿿] *[,;:?!()] *[一-鿿]|[，。；：？！（）、“”【】] +\S"
    r"|\S +[，。；：？！（）、]|[一-鿿] +[一-鿿]"
)
SENTENCE = re.compile(r"[A-Za-z']+(?:[ ,:;]+[A-Za-z']+){2,}")


def _macros(language: str, name: str) -> dict[str, list[str]]:
    source = (TEMPLATES / language / f"{name}.j2").read_text(encoding="utf-8")
    found = Environment(autoescape=True).parse(source).find_all(nodes.Macro)
    return {macro.name: [argument.name for argument in macro.args] for macro in found}


@pytest.mark.parametrize("name", NAMES)
def test_every_english_macro_has_its_chinese_counterpart(name: str) -> None:
    """
    The Chinese template has each macro of the English one, with the same parameters.
    """
    chinese = _macros("zh", name)
    missing = {
        macro: parameters
        for macro, parameters in _macros("en", name).items()
        if chinese.get(macro) != parameters
    }
    assert missing == {}


def test_the_two_folders_hold_the_same_templates() -> None:
    """
    No template is missing in Chinese, and none stands there alone.
    """
    assert sorted(path.stem for path in (TEMPLATES / "zh").glob("*.j2")) == NAMES


def _table(name: str, language: str = "zh") -> dict[str, str]:
    found = Words(language)._templates.get_template("words.j2").module
    return dict(getattr(found, name))


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ("OUTCOMES", Outcome),
        ("CELLS", Outcome),
        ("CELLS", AlertKind),
        ("CELLS", Service),
        ("CELLS", Reason),
        ("REASONS", [*Reason, NO_PROOF]),
        ("CLOSED", ClosedBecause),
        ("STATUSES", set(SellerStatus) - {SellerStatus.UNKNOWN}),
        ("STAGES", set(Stage) - {Stage.UNCLASSIFIED}),
        ("RECOVERED", [kind for kind in AlertKind if kind.is_operators]),
        ("CENTRES", CENTRES),
    ],
)
def test_every_word_of_the_field_has_a_chinese_one(table: str, words: Iterable[object]) -> None:
    """
    Outcomes, kinds, reasons, endings, statuses, stages and centres are all worded.
    """
    known = _table(table)
    assert {str(word) for word in words} - set(known) == set()


@pytest.mark.parametrize("name", ["OUTCOMES", "RECOVERED", "REASONS", "PORTALS", "CLOSED"])
def test_chinese_has_every_key_of_an_english_table(name: str) -> None:
    """
    What English words by a key, Chinese words too.
    """
    assert set(_table(name, "en")) - set(_table(name)) == set()


def _left_over(message: Message) -> list[str]:
    """
    Runs of three Latin words that are nobody's quotation, command, address or name.
    """
    text = f"{message.subject}\n{COPIED.sub('', message.text)}\n{message.cut}"
    return SENTENCE.findall(NOT_OURS.sub("·", text))


@pytest.mark.parametrize("kind", AlertKind)
@pytest.mark.parametrize("notice", ["first", "reminder-2026-10-15", "resolved", "withdrawn"])
@pytest.mark.parametrize("count", [1, 2, 25])
def test_no_english_sentence_is_left(
    make_line: MakeLine, make_letter: MakeLetter, kind: AlertKind, notice: str, count: int
) -> None:
    """
    Every kind, notice and number of parcels is told in Chinese from subject to signature.
    """
    lines = [make_line(delivery_id=n, kind=kind, notice=notice) for n in range(count)]
    message = compose(in_language(make_letter(*lines), "zh"))
    assert _left_over(message) == []
    assert message.subject.startswith("【Lagos Lights】")
    assert 'lang="zh-CN"' in message.html
    assert ("现在要做的事：" in message.text) == (notice[0] == "f" or notice[0:3] == "rem")
    assert ("再次提醒：" in message.text) == notice.startswith("reminder")
    assert ("已了结：" in message.text) == (notice == "resolved")
    assert ("请忽略" in message.text) == (notice == "withdrawn")


@pytest.mark.parametrize("name", CASES)
def test_no_english_sentence_is_left_in_any_letter(
    make_line: MakeLine, make_letter: MakeLetter, name: str
) -> None:
    """
    The letters of the golden files hold no English sentence of ours.
    """
    message = compose(in_language(CASES[name](make_line, make_letter), "zh"))
    stored = {"of the last", "looks were blocked"}  # the operator's reason, shown as it stands
    assert set(_left_over(message)) <= stored


@pytest.mark.parametrize("name", CASES)
def test_punctuation_is_full_width_and_no_blank_stands_beside_it(
    make_line: MakeLine, make_letter: MakeLetter, name: str
) -> None:
    """
    Between Chinese characters stand full-width marks, and no blanks around them.
    """
    message = compose(in_language(CASES[name](make_line, make_letter), "zh"))
    text = COPIED.sub("", message.text)
    assert WRONG_MARKS.findall(f"{message.subject}\n{text}") == []


def test_the_copied_texts_are_the_same_in_both_languages(
    make_line: MakeLine, make_letter: MakeLetter
) -> None:
    """
    What is sent to Seko or written into Raise A Claim does not depend on the shop's language.
    """
    letter = make_letter(make_line(), make_line(delivery_id=2, kind=AlertKind.RAISE_CLAIM))
    english, chinese = compose(letter), compose(in_language(letter, "zh"))
    copied = COPIED.findall(english.text)
    assert len(copied) == 4
    assert COPIED.findall(chinese.text) == copied


@pytest.mark.parametrize("centre", ["shenzhen", "hongkong"])
def test_every_statutory_day_is_said_in_chinese(centre: str) -> None:
    """
    Why a day is open or closed is said without a Latin letter, holidays of sixteen years included.
    """
    calendar = WorkingCalendar(centre)
    words = Words("zh")
    first = date(2017, 1, 1)
    whys = {calendar.explain(first + timedelta(days=n)).why for n in range(16 * 365)}
    told = {why: words.one("words", "day_why", why) for why in whys}
    assert {why: said for why, said in told.items() if re.search("[A-Za-z]", said)} == {}


@pytest.mark.parametrize(
    ("entered", "day", "said"),
    [
        ({"closed": True}, 14, "停工"),
        (
            {"closed": True, "note": "Saturday, cut-off 16:00"},
            14,
            "停工（Saturday, cut-off 16:00）",
        ),
        ({"open": True}, 18, "加开工作日（原为周日）"),
        ({"open": True, "note": "backlog"}, 18, "加开工作日（原为周日；backlog）"),
        ({"cutoff": "16:00"}, 14, "工作日，16:00 截单"),
        ({"cutoff": "16:00", "note": "early"}, 10, "调休补班，16:00 截单（early）"),
        ({"extra_working_days": 2}, 14, "工作日，另加 2 个工作日"),
        ({"extra_working_days": 2, "note": "11.11"}, 14, "工作日，另加 2 个工作日（11.11）"),
    ],
)
def test_entered_exceptions_are_said_in_chinese(
    entered: dict[str, object], day: int, said: str
) -> None:
    """
    Our words are Chinese, a person's note stays as it was entered.
    """
    on = date(2026, 10, day)
    exception = CalendarException(**{"first": on, "last": on, **entered})  # type: ignore[arg-type]
    why = WorkingCalendar("shenzhen", exceptions=(exception,)).explain(on).why
    assert Words("zh").one("words", "day_why", why) == said


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        (NO_PROOF, "原因：截止时间之后没有一次有效的查询结果。"),
        (
            "8 of the last 10 looks failed, most often: blocked",
            "原因：最近 10 次查询有 8 次失败，最常见的情况是：官网拒绝了查询。",
        ),
        ("the daily check failed: no field", "原因：the daily check failed: no field。"),
        ("{said} {0} {{x}}", "原因：{said} {0} {{x}}。"),
    ],
)
def test_stored_reasons_are_said_in_chinese_or_as_they_stand(
    make_line: MakeLine, reason: str, said: str
) -> None:
    """
    A reason that the templates know is worded; another one stands as it was stored.
    """
    assert Words("zh").one("words", "why", make_line(reason=reason)) == said


def test_rewording_does_not_run_what_a_text_holds() -> None:
    """
    Braces in a text are text.
    """
    patterns = [("closure: (?P<note>.+)", "停工（{note}）")]
    assert reworded("closure: {said.__class__}", {}, patterns) == "停工（{said.__class__}）"


def test_the_table_is_in_chinese(make_line: MakeLine, make_letter: MakeLetter) -> None:
    """
    Headings and codes of the attached table are Chinese, numbers and the portal's words stay.
    """
    lines = [make_line(delivery_id=n, notice="reminder-2026-10-15") for n in range(25)]
    table = compose(make_letter(*lines, language="zh")).csv
    row = next(csv.DictReader(io.StringIO(table)))
    assert row["事项"] == "催扫描"
    assert row["通知"] == "再次提醒 2026-10-15"
    assert row["送达时间为推测"] == "否"
    assert row["查询结果"] == "有轨迹"
    assert row["官网显示"] == "Shipment information received"


def test_another_zone_is_named(make_line: MakeLine, make_letter: MakeLetter) -> None:
    """
    Beijing and Hong Kong time have Chinese names; any other zone keeps its own.
    """
    zones = {
        "Asia/Shanghai": "北京时间",
        "Asia/Hong_Kong": "香港时间",
        "Africa/Lagos": "Africa/Lagos",
    }
    for zone, said in zones.items():
        assert f"（{said}）" in compose(make_letter(make_line(zone=zone), language="zh")).text


def test_the_list_to_fill_in_is_read_back(
    make_line: MakeLine, make_letter: MakeLetter, tmp_path: Path
) -> None:
    """
    The Chinese file, filled in, gives the numbers, times and sources back.
    """
    line = make_line(kind=AlertKind.UNVERIFIED, tracking_number=None, covered=("JG-1", "JG-2"))
    given = compose(make_letter(line, language="zh")).by_hand or ""
    filled = tmp_path / "by-hand.csv"
    filled.write_text(given.replace("JG-1,,", "JG-1,2026-10-14 10:00,客服"), encoding="utf-8-sig")
    rows = read_numbers(filled, zone=ZoneInfo("Asia/Shanghai")).rows
    told = [(row.tracking_number, row.at and row.at.hour, row.source) for row in rows]
    assert told == [("JG-1", 2, "客服"), ("JG-2", None, None)]
