"""
The aggregates as pictures and as the rows of the tables beside them.
"""

from __future__ import annotations

from datetime import timedelta
from itertools import groupby
from typing import TYPE_CHECKING

from tracker.model import AlertKind, ClaimAnswer
from tracker.web.charts.pictures import Series, bar_chart, column_chart, line_chart
from tracker.web.language import marked as _

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from markupsafe import Markup

    from tracker.store.boards.trends import CentreWeek, Claims, OpenAlerts
    from tracker.web.rooms.trends.asking import Asked


#: The ages of open alerts, by the days below which they lie; the last one has no end.
AGES = (
    (1, _("less than a day")),
    (3, _("1 to 3 days")),
    (7, _("3 to 7 days")),
    (14, _("1 to 2 weeks")),
)
_OLDEST = _("more than 2 weeks")
ANSWERS: dict[ClaimAnswer | None, str] = {
    None: _("no answer yet"),
    ClaimAnswer.ACCEPTED: _("accepted"),
    ClaimAnswer.REJECTED: _("rejected"),
    ClaimAnswer.INFO_NEEDED: _("more information wanted"),
}


def age_bounds(now: datetime) -> tuple[datetime, ...]:
    """
    The instants at or after which an alert was opened that is of each age.
    """
    return tuple(now - timedelta(days=days) for days, _name in AGES)


# -- time to the scan ----------------------------------------------------------------------------


def transit_pictures(
    asked: Asked, found: Sequence[CentreWeek]
) -> Iterator[tuple[str, int, Markup]]:
    """
    Each centre's name, how many scanned parcels its picture speaks of, and the picture.
    """
    for centre, group in groupby(found, key=lambda one: one.centre):
        weeks = {one.week: one for one in group if one.scanned}
        if not weeks:
            continue
        name = asked.terms.centre(centre)
        last = weeks[max(weeks)]
        said = asked.told(
            _(
                "%(centre)s: hours from hand-over to scan by week; in the last known week half of "
                "the parcels within %(median)s, nine tenths within %(ninetieth)s."
            )
        ) % {"centre": name, "median": last.median, "ninetieth": last.ninetieth}
        series = (
            Series(asked.told(_("half within")), _over(asked, weeks, "median")),
            Series(
                asked.told(_("nine in ten within")), _over(asked, weeks, "ninetieth"), dashed=True
            ),
        )
        yield (
            name,
            sum(one.scanned for one in weeks.values()),
            line_chart(asked.weeks, series, said),
        )


def _over(asked: Asked, weeks: dict[int, CentreWeek], name: str) -> tuple[float | None, ...]:
    return tuple(getattr(weeks.get(n), name, None) for n in range(len(asked.mondays)))


# -- in time -------------------------------------------------------------------------------------


def share(found: Sequence[CentreWeek]) -> float | None:
    """
    Per cent of the due parcels that were scanned in time; ``None`` if none was due.
    """
    due = sum(one.due for one in found)
    return sum(one.in_time for one in found) / due * 100 if due else None


def share_picture(asked: Asked, found: Sequence[CentreWeek]) -> Markup | None:
    """
    One column for each week, all centres together; nothing where nothing was due.
    """
    shares = [share([one for one in found if one.week == n]) for n in range(len(asked.mondays))]
    whole = share(found)
    if whole is None:
        return None
    said = asked.told(
        _("Parcels scanned in time, per cent by week of hand-over; in all: %(share)s.")
    )
    return column_chart(asked.weeks, shares, said % {"share": f"{whole:.0f}"})


# -- open alerts ---------------------------------------------------------------------------------


def age_names(asked: Asked) -> list[str]:
    """
    What each age is called, the youngest first.
    """
    return [asked.told(name) for _days, name in AGES] + [asked.told(_OLDEST)]


def alert_rows(asked: Asked, found: Sequence[OpenAlerts]) -> list[tuple[str, list[int]]]:
    """
    Each kind with its count of each age.
    """
    counts: dict[AlertKind, list[int]] = {}
    for one in found:
        counts.setdefault(one.kind, [0] * (len(AGES) + 1))[one.age] = one.many
    return [(asked.terms.short(kind.value), row) for kind, row in counts.items()]


def age_picture(asked: Asked, found: Sequence[OpenAlerts]) -> Markup | None:
    """
    All open alerts by age, whatever their kind; nothing if there are none.
    """
    if not found:
        return None
    counts = [sum(one.many for one in found if one.age == age) for age in range(len(AGES) + 1)]
    said = asked.told(_("Open alerts by age, %(many)s in all.")) % {"many": sum(counts)}
    return bar_chart(list(zip(age_names(asked), counts, strict=True)), said)


# -- claims --------------------------------------------------------------------------------------


def claim_rows(
    asked: Asked, found: Sequence[Claims]
) -> list[tuple[str, dict[ClaimAnswer | None, int]]]:
    """
    Each week with claims, and how many were answered how.
    """
    rows = []
    for week, group in groupby(found, key=lambda one: one.week):
        counts = dict.fromkeys(ANSWERS, 0) | {one.answer: one.many for one in group}
        rows.append((asked.weeks[week], counts))
    return rows


def claim_picture(asked: Asked, found: Sequence[Claims]) -> Markup | None:
    """
    All claims by their latest answer; nothing if there are none.
    """
    if not found:
        return None
    counts = {answer: sum(one.many for one in found if one.answer is answer) for answer in ANSWERS}
    said = asked.told(_("Claims by answer, %(many)s in all.")) % {"many": sum(counts.values())}
    return bar_chart([(asked.told(ANSWERS[one]), many) for one, many in counts.items()], said)
