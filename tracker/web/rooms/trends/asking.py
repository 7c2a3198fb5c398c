"""
What somebody asks of the trends: weeks, shop, centre, and in which words.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlencode

from babel.dates import format_date
from fastapi import Depends, HTTPException, Request
from starlette.status import HTTP_404_NOT_FOUND

from tracker.calendar.centres import CENTRES
from tracker.sentences import RefusedError, Sentence
from tracker.store.boards.trends import Span
from tracker.web.language import LOCALES, language_of
from tracker.web.language import marked as _
from tracker.web.rendering import gettext_of
from tracker.web.security.viewers import Viewer, house_of, may_see
from tracker.web.terms import terms_of
from tracker.web.weeks import last_weeks

if TYPE_CHECKING:
    from collections.abc import Callable

    from tracker.web.house import House
    from tracker.web.terms import Terms

#: How many weeks may be looked back.
WEEKS = (4, 8, 12, 26)
_DEFAULT_WEEKS = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """
    What somebody wants to see, and in which words.
    """

    span: Span
    mondays: tuple[date, ...]
    now: datetime
    house: House
    terms: Terms
    told: Callable[[str], str]
    locale: str

    @property
    def weeks(self) -> list[str]:
        """
        Each week by its Monday, short.
        """
        return [format_date(day, _("d MMM"), locale=self.locale) for day in self.mondays]

    @property
    def query(self) -> str:
        """
        The same choice as the query of a link.
        """
        chosen = {"shop": self.span.shop, "centre": self.span.centre, "weeks": self.span.weeks}
        return urlencode({name: value for name, value in chosen.items() if value is not None})


def _asked(
    request: Request,
    viewer: Viewer,
    shop: str = "",
    centre: str = "",
    weeks: str = "",
) -> Asked:
    """
    The filters as given; a shop out of scope or an unknown centre is not found.

    Raises :class:`RefusedError` for a period that is not offered.
    """
    if (shop and not may_see(viewer.scope, shop)) or (centre and centre not in CENTRES):
        raise HTTPException(HTTP_404_NOT_FOUND)
    house, now = house_of(request), house_of(request).clock()
    many = _weeks(weeks)
    start, mondays = last_weeks(now, many)
    language = language_of(request, viewer.user.language)
    return Asked(
        span=Span(
            scope=viewer.scope,
            start=start,
            weeks=many,
            shop=shop or None,
            centre=centre or None,
        ),
        mondays=mondays,
        now=now,
        house=house,
        terms=terms_of(language),
        told=gettext_of(request, viewer),
        locale=LOCALES[language],
    )


def _weeks(text: str) -> int:
    if not text:
        return _DEFAULT_WEEKS
    if text not in map(str, WEEKS):
        raise RefusedError(
            Sentence(
                "%(weeks)s is no number of weeks that can be shown: choose one of %(known)s.",
                weeks=repr(text[:40]),
                known=", ".join(map(str, WEEKS)),
            )
        )
    return int(text)


Choice = Annotated[Asked, Depends(_asked)]
