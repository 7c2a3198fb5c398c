"""
Every text of the pages stands in Chinese, and no catalogue holds what no page says.
"""

from __future__ import annotations

import ast
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from tracker.sentences import Sentence
from tracker.web.language import LOCALES, WORDS, catalogue, language_of, translations
from tracker.web.rendering import in_words

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

WEB = WORDS.parent
TRACKER = WEB.parent
METHODS = [
    ("**.py", "python"),
    ("**.html", "jinja2.ext.babel_extract"),
    ("**.svg", "jinja2.ext.babel_extract"),
]
OPTIONS = {one: {"trimmed": "true", "silent": "false"} for one in ("**.html", "**.svg")}


#: What pages show the refusals of, besides the pages themselves: there every one is a sentence.
SHOWN = (
    "acting",
    "calendar/centres.py",
    "calendar/entering.py",
    "calendar/exceptions.py",
    "calendar/leadtime.py",
    "calendar/statutory.py",
    "calendar/working.py",
    "orders",
    "status",
    "web/rooms",
)


def said() -> Iterator[str | tuple[str, ...]]:
    """
    Every text that the code and the templates mark for translation.
    """
    for _, _, text, _, _ in extract_from_dir(WEB, METHODS, OPTIONS):
        yield text if isinstance(text, str) else tuple(text[:2])
    for path, call in sentences():
        template = call.args[0]
        assert isinstance(template, ast.Constant), f"{path}:{call.lineno} hides its template"
        yield str(template.value)


def sentences() -> Iterator[tuple[Path, ast.Call]]:
    """
    Each sentence that is made outside of the pages too, by the file that makes it.
    """
    for path in sorted(TRACKER.rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        if "from tracker.sentences import" in text:
            yield from ((path, call) for call in calls(text) if named(call) == "Sentence")


def calls(text: str) -> Iterator[ast.Call]:
    """
    Every call in a module's source.
    """
    return (node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call))


def named(call: ast.Call) -> str:
    """
    What is called, without its owner.
    """
    return ast.unparse(call.func).rpartition(".")[2]


def test_pages_show_no_refusal_in_english_only() -> None:
    """
    What a page may show is raised as a sentence: a bare ``UsageError`` would stay English.
    """
    files = [path for name in SHOWN for path in sorted((TRACKER / name).rglob("*.py"))]
    files += [path for name in SHOWN if (path := TRACKER / name).is_file()]
    assert len(files) > 60
    bare = [
        f"{path.relative_to(TRACKER)}:{call.lineno}"
        for path in files
        for call in calls(path.read_text(encoding="utf-8"))
        if named(call) in {"UsageError", "ScanTrackerError"}
    ]
    assert bare == []


def test_a_sentence_is_english_and_can_be_said_otherwise() -> None:
    """
    Also what stands within it; a value that is no sentence stays as it is.
    """
    chinese = translations("zh").gettext
    inner = Sentence("the year is outside %(first)s-%(last)s", first=2015, last=2100)
    told = Sentence(
        "the column %(heading)s holds %(cell)s: %(why)s", heading="A", cell="%s", why=inner
    )
    assert told == "the column A holds %s: the year is outside 2015-2100"
    assert told.said(chinese) == "A 列的内容是 %s：年份不在 2015-2100 之内"
    assert told.but(cell="9", file="x").said(str) == told.replace("%s", "9")
    assert Sentence("100%").said(str) == "100%"


@pytest.mark.parametrize("language", [one for one in LOCALES if one != "en"])
def test_every_text_is_translated(language: str) -> None:
    """
    None is missing, none is empty, none is left over.
    """
    known = {message.id: message for message in catalogue(language) if message.id}
    wanted = set(said())
    assert len(wanted) > 10
    assert sorted(map(str, wanted - set(known))) == []
    assert sorted(map(str, set(known) - wanted)) == []
    assert [str(one.id) for one in known.values() if not one.string or one.fuzzy] == []


@pytest.mark.parametrize("language", [one for one in LOCALES if one != "en"])
def test_no_text_is_translated_twice(language: str) -> None:
    """
    Rooms share the words of ``base.po``; the same text in two files could differ.
    """
    found: dict[str, list[str]] = {}
    for path in sorted((WORDS / language).glob("*.po")):
        with path.open("rb") as file:
            for message in read_po(file):
                if message.id:
                    found.setdefault(str(message.id), []).append(path.name)
    assert {text: files for text, files in found.items() if len(files) > 1} == {}


@pytest.mark.parametrize("language", [one for one in LOCALES if one != "en"])
def test_placeholders_survive(language: str) -> None:
    """
    A translation names the same values as its text.
    """
    assert [
        str(one.id) for one in catalogue(language) if list(one.check(catalogue(language)))
    ] == []


@pytest.mark.parametrize(
    ("asked", "language"),
    [
        ("zh-CN,zh;q=0.9", "zh"),
        ("zh-TW", "zh"),
        ("de-DE,en;q=0.5", "en"),
        ("fr", "en"),
        ("", "en"),
        ("en-US,zh;q=0.5", "en"),
        ("garbage;;;,,", "en"),
    ],
)
def test_the_browsers_language_is_spoken(asked: str, language: str) -> None:
    """
    The first language of ours that the browser asks for, else English.
    """
    from starlette.requests import Request  # noqa: PLC0415 - only here

    headers = [(b"accept-language", asked.encode())]
    request = Request({"type": "http", "headers": headers})
    assert language_of(request, None) == language


@pytest.mark.parametrize(("language", "told"), [("en", "just now"), ("zh", "刚刚")])
def test_this_very_moment_is_not_in_nought_seconds(language: str, told: str) -> None:
    """
    What happened within the page's own second is told in words.
    """
    now = datetime(2026, 11, 18, 10, tzinfo=UTC)
    ago = in_words(language, now)
    assert ago(now) == ago(now - timedelta(seconds=1)) == told
    assert ago(now - timedelta(hours=2)) != told
