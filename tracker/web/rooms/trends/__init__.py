"""
Trends: how long centres took, how much was in time, what is open and how claims ended.
"""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from tracker.calendar.centres import CENTRES
from tracker.web.downloads import csv_file
from tracker.web.rendering import page
from tracker.web.rooms.trends.asking import WEEKS, Choice
from tracker.web.rooms.trends.pictures import (
    AGES,
    age_bounds,
    age_names,
    age_picture,
    alert_rows,
    claim_picture,
    claim_rows,
    share,
    share_picture,
    transit_pictures,
)
from tracker.web.security.viewers import Viewer

router = APIRouter(include_in_schema=False)


@router.get("/trends")
def trends(request: Request, viewer: Viewer, asked: Choice) -> Response:
    """
    All pictures with their numbers.
    """
    with asked.house.store.read() as tx:
        by_week = tx.trends.by_week(asked.span, asked.now)
        alerts = tx.trends.open_alerts(asked.span, age_bounds(asked.now))
        claims = tx.trends.claims(asked.span)
        shops = tx.trends.shops() if viewer.scope is None else sorted(viewer.scope)
    return page(
        request,
        "trends/trends.html",
        viewer,
        asked=asked,
        shops=shops,
        centres={name: asked.terms.centre(name) for name in CENTRES},
        choices=WEEKS,
        transit=list(transit_pictures(asked, by_week)),
        share=share(by_week),
        shares=share_picture(asked, by_week),
        by_week=[(asked.weeks[one.week], asked.terms.centre(one.centre), one) for one in by_week],
        alerts=alert_rows(asked, alerts),
        ages=age_picture(asked, alerts),
        age_names=age_names(asked),
        claims=claim_rows(asked, claims),
        answers=claim_picture(asked, claims),
    )


@router.get("/trends/weeks.csv")
def weeks_csv(asked: Choice) -> Response:
    """
    Time to the scan and scans in time, by centre and week.
    """
    with asked.house.store.read() as tx:
        found = tx.trends.by_week(asked.span, asked.now)
    headings = (
        "week_from",
        "centre",
        "scanned",
        "median_hours",
        "ninetieth_percentile_hours",
        "due",
        "in_time",
        "late",
        "unscanned",
    )
    rows = (
        (
            asked.mondays[one.week].isoformat(),
            one.centre,
            one.scanned,
            one.median,
            one.ninetieth,
            one.due,
            one.in_time,
            one.late,
            one.unscanned,
        )
        for one in found
    )
    return csv_file("scans-by-week.csv", headings, rows)


@router.get("/trends/alerts.csv")
def alerts_csv(asked: Choice) -> Response:
    """
    Open alerts by kind and age.
    """
    with asked.house.store.read() as tx:
        found = tx.trends.open_alerts(asked.span, age_bounds(asked.now))
    below = [days for days, _name in AGES]
    rows = (
        (one.kind.value, below[one.age] if one.age < len(below) else None, one.many)
        for one in found
    )
    return csv_file("open-alerts-by-age.csv", ("kind", "younger_than_days", "alerts"), rows)


@router.get("/trends/claims.csv")
def claims_csv(asked: Choice) -> Response:
    """
    Claims by week and answer.
    """
    with asked.house.store.read() as tx:
        found = tx.trends.claims(asked.span)
    rows = (
        (asked.mondays[one.week].isoformat(), one.answer.value if one.answer else None, one.many)
        for one in found
    )
    return csv_file("claims-by-answer.csv", ("week_from", "answer", "claims"), rows)
