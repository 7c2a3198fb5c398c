"""
Pages from templates: one environment for each language, everything escaped.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from babel.dates import format_date, format_datetime, format_timedelta
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape
from starlette.responses import HTMLResponse, RedirectResponse
from starlette.status import HTTP_303_SEE_OTHER
from starlette.status import HTTP_500_INTERNAL_SERVER_ERROR as HTTP_500

from tracker import __version__
from tracker.sentences import said
from tracker.shapes import instant
from tracker.web.language import LANGUAGES, LOCALES, language_of, translations
from tracker.web.language import marked as _
from tracker.web.security.viewers import house_of
from tracker.web.terms import terms_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date, datetime
    from zoneinfo import ZoneInfo

    from fastapi import Request
    from starlette.responses import Response

    from tracker.web.security.viewers import Viewing
    from tracker.web.terms import Terms

TEMPLATES = Path(__file__).parent / "templates"
JUST_NOW = timedelta(seconds=2)


@dataclass(frozen=True, slots=True)
class NavEntry:
    """
    One page of the navigation; only operators see those for them.

    ``count`` is how much waits there for a person; it is asked for with every page.
    """

    path: str
    name: str
    for_operators: bool = False
    count: Callable[[Request, Viewing], int] | None = None


@cache
def environment(language: str) -> Environment:
    """
    The templates in one language; an unknown name in a template is an error, not a blank.
    """
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    words = translations(language)
    made.install_gettext_translations(words, newstyle=True)  # type: ignore[attr-defined]
    made.filters["said"] = partial(said, translate=words.gettext)
    made.globals |= {"language": language, "languages": LANGUAGES, "version": __version__}
    made.globals["terms"] = terms_of(language)
    return made


def gettext_of(request: Request, viewer: Viewing | None = None) -> Callable[[str], str]:
    """
    Translates a text of the code, marked there with ``_``, for whoever is asking.
    """
    own = viewer.user.language if viewer else None
    return translations(language_of(request, own)).gettext


def terms_for(request: Request, viewer: Viewing | None = None) -> Terms:
    """
    The field's terms in the language of whoever is asking.
    """
    return terms_of(language_of(request, viewer.user.language if viewer else None))


def page(
    request: Request,
    template: str,
    viewer: Viewing | None = None,
    *,
    status: int = 200,
    **values: Any,
) -> Response:
    """
    The template as a whole page in the person's language; what was to be said once is said.
    """
    house = house_of(request)
    language = language_of(request, viewer.user.language if viewer else None)
    now = house.clock()
    flash = viewer.login.flash if viewer else None
    text = (
        environment(language)
        .get_template(template)
        .render(
            values
            | {
                "request": request,
                "viewer": viewer,
                "form_token": viewer.login.form_token if viewer else "",
                "flash": flash,
                "now": now,
                "nav": request.app.state.nav,
                "waiting": _waiting(request, viewer) if status < HTTP_500 else {},
                "zone_name": house.settings.timezone,
                "local": _local(language, house.settings.zone),
                "local_day": _local_day(language),
                "ago": in_words(language, now),
            }
        )
    )
    if flash is not None and viewer is not None:
        with house.store.begin() as tx:
            tx.people.set_flash(viewer.token_hash, None)
    return HTMLResponse(text, status_code=status)


def _waiting(request: Request, viewer: Viewing | None) -> dict[str, int]:
    """
    How much waits on each page that counts it.
    """
    entries: tuple[NavEntry, ...] = request.app.state.nav if viewer is not None else ()
    return {
        entry.path: entry.count(request, viewer)
        for entry in entries
        if entry.count is not None and viewer is not None
    }


def done(request: Request, viewer: Viewing, path: str, said: str | None = None) -> Response:
    """
    After a form: the browser goes on to the path, where ``said`` is said once.
    """
    if said is not None:
        with house_of(request).store.begin() as tx:
            tx.people.set_flash(viewer.token_hash, said)
    return RedirectResponse(path, status_code=HTTP_303_SEE_OTHER)


def safe_path(path: str | None, fallback: str = "/") -> str:
    """
    The path if it leads to a page of ours, else the fallback: a form must not send people away.
    """
    if path is None or not path.startswith("/") or path.startswith(("//", "/\\")):
        return fallback
    return path if path.isprintable() and "\\" not in path else fallback


def _local(language: str, zone: ZoneInfo) -> Callable[..., Markup]:
    """
    An instant as people read it, in the configured zone, with the exact one beneath.

    Each instant is worded once: the rows of a page share many.
    """

    @cache
    def local(at: datetime | None, pattern: str = "d MMM HH:mm", missing: str = "–") -> Markup:
        if at is None:
            return Markup('<span class="missing">{}</span>').format(missing)
        if language == "zh" and pattern == "d MMM HH:mm":
            pattern = "M月d日 HH:mm"
        here = at.astimezone(zone)
        shown = format_datetime(here, pattern, locale=LOCALES[language])
        whole = f"{here:%Y-%m-%d %H:%M:%S} {here:%Z}"
        return Markup('<time datetime="{}" title="{}">{}</time>').format(
            instant(at), whole, escape(shown)
        )

    return local


def _local_day(language: str) -> Callable[[date], str]:
    """
    A day of a calendar as people read it, with its weekday.
    """
    pattern = "yyyy年M月d日 EEE" if language == "zh" else "EEE d MMM yyyy"
    return lambda day: format_date(day, pattern, locale=LOCALES[language])


def in_words(language: str, now: datetime) -> Callable[[datetime | None], str]:
    """
    How long ago, or in how long, in words.
    """

    def ago(at: datetime | None) -> str:
        if at is None:
            return "–"
        if abs(at - now) < JUST_NOW:
            return translations(language).gettext(_("just now"))
        return format_timedelta(at - now, add_direction=True, locale=LOCALES[language])

    return ago
