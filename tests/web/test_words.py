"""
Every text of the pages stands in Chinese, and no catalogue holds what no page says.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from tracker.web.language import LOCALES, WORDS, catalogue, language_of
from tracker.web.rendering import in_words

if TYPE_CHECKING:
    from collections.abc import Iterator

WEB = WORDS.parent
METHODS = [
    ("**.py", "python"),
    ("**.html", "jinja2.ext.babel_extract"),
    ("**.svg", "jinja2.ext.babel_extract"),
]
OPTIONS = {one: {"trimmed": "true", "silent": "false"} for one in ("**.html", "**.svg")}


def said() -> Iterator[str | tuple[str, ...]]:
    """
    Every text that the code and the templates mark for translation.
    """
    for _, _, text, _, _ in extract_from_dir(WEB, METHODS, OPTIONS):
        yield text if isinstance(text, str) else tuple(text[:2])


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
