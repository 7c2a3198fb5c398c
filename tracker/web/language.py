"""
The languages of the pages: gettext catalogues, one file for each room and language.

The words in the templates are English; ``words/zh/*.po`` holds the Chinese. The files are read as
they are: nothing has to be compiled before a page is shown.
"""

from __future__ import annotations

import io
from functools import cache
from gettext import GNUTranslations, NullTranslations
from pathlib import Path
from typing import TYPE_CHECKING

from babel.core import negotiate_locale
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

if TYPE_CHECKING:
    from fastapi import Request

WORDS = Path(__file__).parent / "words"
ENGLISH = "en"
#: Each language by its code, with its own name for itself.
LANGUAGES = {ENGLISH: "English", "zh": "简体中文"}
#: What Babel calls them.
LOCALES = {ENGLISH: "en_GB", "zh": "zh_Hans_CN"}
COOKIE = "scan_tracker_language"


def marked(text: str) -> str:
    """
    The text itself, marked for translation; it is translated where it is shown.

    Imported as ``_``, by which the words of the code are found.
    """
    return text


@cache
def translations(language: str) -> NullTranslations:
    """
    The words of a language; English ones are those of the templates.
    """
    if language == ENGLISH:
        return NullTranslations()
    return GNUTranslations(io.BytesIO(_compiled(catalogue(language))))


def catalogue(language: str) -> Catalog:
    """
    All files of a language as one catalogue.
    """
    whole = Catalog(locale=LOCALES[language])
    for path in sorted((WORDS / language).glob("*.po")):
        with path.open("rb") as file:
            for message in read_po(file, locale=LOCALES[language]):
                if message.id:
                    whole[message.id] = message
    return whole


def _compiled(whole: Catalog) -> bytes:
    file = io.BytesIO()
    write_mo(file, whole)
    return file.getvalue()


def language_of(request: Request, own: str | None) -> str:
    """
    The language last chosen in this browser, else the person's own, else what the browser asks for.
    """
    for wanted in (request.cookies.get(COOKIE), own):
        if wanted in LANGUAGES:
            return str(wanted)
    asked = request.headers.get("accept-language", "")
    preferred = [part.split(";")[0].strip() for part in asked.split(",") if part.strip()]
    known = [*LANGUAGES, "zh-CN", "zh-Hans", "zh-TW", "zh-HK", "en-US", "en-GB"]
    found = negotiate_locale(preferred, known, sep="-") or ENGLISH
    return found.split("-")[0]
