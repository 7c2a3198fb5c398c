"""
The calendar of each centre by month, and what people enter into it.

An entry is foreseen before it is made: a link shows what it would change, a form makes it.
"""

from __future__ import annotations

from calendar import Calendar
from dataclasses import asdict, dataclass, fields
from datetime import date, timedelta
from typing import TYPE_CHECKING, Annotated, Any

from babel.dates import format_date, get_day_names
from fastapi import APIRouter, Depends, HTTPException, Request
from starlette.responses import Response
from starlette.status import HTTP_404_NOT_FOUND

from alerts.foreseeing import foresee_entry, foresee_withdrawal
from tracker.acting import entering
from tracker.calendar import DEFAULT_CENTRE
from tracker.calendar.centres import CENTRES
from tracker.calendar.entering import entered_exception
from tracker.model import CarrierName, UsageError
from tracker.sentences import RefusedError, Sentence, sentence_of
from tracker.web.language import LOCALES, language_of
from tracker.web.language import marked as _
from tracker.web.rendering import done, gettext_of, page
from tracker.web.security.viewers import OperatingActor, Operator, house_of
from tracker.web.terms import terms_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tracker.calendar import WorkingCalendar
    from tracker.model import CalendarDay, CalendarException
    from tracker.store import Transaction
    from tracker.store.closures import EnteredException
    from tracker.web.security.viewers import Viewing

router = APIRouter(include_in_schema=False)

PATH = "/settings/calendar"
EFFECTS = ("closed", "open", "cutoff", "extra_working_days")


@dataclass(frozen=True, slots=True)
class Square:
    """
    One day of the month's grid; ``counted`` is what the law and the entries make of it.
    """

    counted: CalendarDay
    estimated: bool
    in_month: bool
    is_today: bool

    @property
    def is_plain(self) -> bool:
        """
        True where nothing but the day of the week decides.
        """
        return self.counted.why in {"working day", "Saturday", "Sunday"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """
    An entry as somebody writes it into the form.
    """

    centre: str = ""
    carrier: str = ""
    first: str = ""
    last: str = ""
    effect: str = "closed"
    value: str = ""
    note: str = ""

    def entry(self) -> CalendarException:
        """
        The entry as the calendar takes it; raises :class:`UsageError` for one that it cannot.
        """
        if self.effect not in EFFECTS or self.carrier not in {"", *CarrierName}:
            raise RefusedError(Sentence("The form was not filled in as it is meant."))
        number = self.value.strip()
        if self.effect == "extra_working_days" and not number.isdecimal():
            raise RefusedError(
                Sentence(
                    "%(number)s is not a number of extra working days: write 2.",
                    number=repr(number),
                )
            )
        return entered_exception(
            first=self.first,
            last=self.last or None,
            centre=self.centre or None,
            carrier=CarrierName(self.carrier) if self.carrier else None,
            closed=self.effect == "closed",
            open_=self.effect == "open",
            cutoff=self.value if self.effect == "cutoff" else None,
            extra_working_days=int(number) if self.effect == "extra_working_days" else 0,
            note=self.note.strip() or None,
        )


@router.get(PATH)
def month(request: Request, viewer: Operator, centre: str = "", month: str = "") -> Response:
    """
    One month of one centre, and every entry that holds.
    """
    house, now = house_of(request), house_of(request).clock()
    name = centre if centre in CENTRES else DEFAULT_CENTRE
    today = now.astimezone(CENTRES[name].zone).date()
    first = _first_of(month, today)
    language = language_of(request, viewer.user.language)
    with house.store.read() as tx:
        calendar = house.deadlines.follow(tx).calendar(name, None)
        entered = [one for one in tx.closures.all() if one.withdrawn_at is None]
    return page(
        request,
        "settings/calendar.html",
        viewer,
        centre=name,
        centres=CENTRES,
        terms=terms_of(language),
        title=format_date(first, "LLLL y", locale=LOCALES[language]),
        first=first,
        before=(first - timedelta(days=1)).replace(day=1),
        after=(first + timedelta(days=32)).replace(day=1),
        weekdays=_weekdays(language),
        weeks=_grid(calendar, first, today),
        entered=entered,
        from_file=house.settings.calendar_exceptions,
    )


def _asked(request: Request) -> Draft:
    """
    What a link says of the entry.
    """
    return Draft(**_given(request.query_params))


async def _sent(request: Request) -> Draft:
    """
    What a form says of it; an effect must be said.
    """
    return Draft(**({"effect": ""} | _given(await request.form())))


def _given(said: Mapping[str, object]) -> dict[str, str]:
    return {one.name: str(said[one.name]) for one in fields(Draft) if one.name in said}


@router.get(f"{PATH}/enter")
def draft(
    request: Request, viewer: Operator, wanted: Annotated[Draft, Depends(_asked)]
) -> Response:
    """
    The form; once it is filled in, what the entry would change.
    """
    house, now = house_of(request), house_of(request).clock()
    foreseen, wrong = None, None
    if wanted.first:
        try:
            with house.store.read() as tx:
                foreseen = foresee_entry(tx, house.settings, wanted.entry(), now)
        except UsageError as error:
            wrong = sentence_of(error)
    return _form(request, viewer, wanted, foreseen=foreseen, wrong=wrong)


@router.post(f"{PATH}/enter")
def enter(
    request: Request, actor: OperatingActor, wanted: Annotated[Draft, Depends(_sent)]
) -> Response:
    """
    The entry holds; watchers count with it in their next step.
    """
    house, now = house_of(request), house_of(request).clock()
    entry = wanted.entry()
    with house.store.begin() as tx:
        entering.enter(tx, house.settings, entry, actor.user.name, now)
    said = gettext_of(request, actor)(_("Entered. Deadlines follow with the watcher's next step."))
    return done(request, actor, _month_of(entry), said)


@router.get(f"{PATH}/entries/{{entry_id}}")
def entry(request: Request, viewer: Operator, entry_id: int) -> Response:
    """
    One entry that holds, and what its withdrawal would change.
    """
    house, now = house_of(request), house_of(request).clock()
    with house.store.read() as tx:
        held = _held(tx, entry_id, gettext_of(request, viewer))
        foreseen = foresee_withdrawal(tx, house.settings, entry_id, now)
    return page(
        request,
        "settings/entry.html",
        viewer,
        held=held,
        foreseen=foreseen,
        terms=terms_of(language_of(request, viewer.user.language)),
    )


@router.post(f"{PATH}/entries/{{entry_id}}/withdraw")
def withdraw(request: Request, actor: OperatingActor, entry_id: int) -> Response:
    """
    The entry holds no more; it stays as history.
    """
    house, now = house_of(request), house_of(request).clock()
    with house.store.begin() as tx:
        _held(tx, entry_id, gettext_of(request, actor))
        held = entering.withdraw(tx, entry_id, actor.user.name, now)
    said = gettext_of(request, actor)(
        _("Withdrawn. Deadlines follow with the watcher's next step.")
    )
    return done(request, actor, _month_of(held.entry), said)


def _held(tx: Transaction, entry_id: int, say: Callable[[str], str]) -> EnteredException:
    """
    The entry of that id that holds; one that never was is not found.
    """
    try:
        return entering.held_entry(tx, entry_id)
    except entering.EntryUnknownError as error:
        raise HTTPException(HTTP_404_NOT_FOUND, error.sentence.said(say)) from error


def _form(request: Request, viewer: Viewing, wanted: Draft, **values: Any) -> Response:
    return page(
        request,
        "settings/enter.html",
        viewer,
        wanted=wanted,
        filled=asdict(wanted),
        centres=CENTRES,
        carriers=list(CarrierName),
        terms=terms_of(language_of(request, viewer.user.language)),
        **values,
    )


def _month_of(entry: CalendarException) -> str:
    centre = entry.centre or DEFAULT_CENTRE
    return f"{PATH}?centre={centre}&month={entry.first:%Y-%m}"


def _first_of(month: str, today: date) -> date:
    """
    The first day of the month that is asked for, or of the present one.
    """
    try:
        return date.fromisoformat(f"{month}-01")
    except ValueError:
        return today.replace(day=1)


def _weekdays(language: str) -> list[str]:
    """
    Their short names, Monday first.
    """
    names = get_day_names("abbreviated", "stand-alone", LOCALES[language])
    return [names[day] for day in range(7)]


def _grid(calendar: WorkingCalendar, first: date, today: date) -> list[list[Square]]:
    """
    The weeks of the month, Monday to Sunday, with the days around it.
    """
    return [
        [
            Square(
                counted=calendar.explain(day),
                estimated=calendar.is_estimated(day),
                in_month=day.month == first.month,
                is_today=day == today,
            )
            for day in week
        ]
        for week in Calendar().monthdatescalendar(first.year, first.month)
    ]
