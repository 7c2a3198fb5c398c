"""
Learning from a page that a person saved: whose it is, what was asked, and how it reads.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from parsel import Selector

from tracker.model import CarrierName, UsageError
from tracker.numbers import assign, normalise
from tracker.pages.dom import Page
from tracker.pages.numbers import strangers
from tracker.profiles import PortalProfile, Tie, load_profile
from tracker.shapes import instant
from tracker.teaching.case import SavedCase

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from tracker.model import LookReport
    from tracker.stages import Tables
    from tracker.teaching.savedpage import SavedPage

_MOST = 20  # numbers found by their shape: more are a list of something else


@dataclass(frozen=True, slots=True, kw_only=True)
class Portal:
    """
    What is known of a portal beforehand: its addresses and the profile in use.
    """

    urls: tuple[str, ...]
    profile: str | None = None


@dataclass(frozen=True, slots=True)
class Learned:
    """
    A saved page as a case, its reading, and remarks for whoever saved it.
    """

    case: SavedCase
    reports: tuple[LookReport, ...]
    remarks: tuple[str, ...]


def learn(
    page: SavedPage,
    numbers: Sequence[str],
    carrier: CarrierName | None,
    *,
    path: Path,
    portals: Mapping[CarrierName, Portal],
    now: datetime,
    tables: Tables,
) -> Learned:
    """
    The page read for the numbers; without any, for those of a tracking number's shape in it.

    Raises :class:`UsageError` when it is unclear which numbers or which carrier are meant.
    """
    try:
        asked = [normalise(number) for number in numbers] or _numbers(page, path)
        whose = carrier or _carrier(page, asked, portals, path)
        case = _case(page, asked, whose, portals[whose], now)
        reports = case.read(now, tables)
        return Learned(case, reports, (*page.remarks, *_tie_remark(case, reports, now, tables)))
    except RecursionError as error:
        raise UsageError(f"{path}: the page is nested too deeply to be read.") from error


def _case(
    page: SavedPage, asked: Sequence[str], whose: CarrierName, portal: Portal, now: datetime
) -> SavedCase:
    return SavedCase(
        name=f"{whose}-{now:%Y%m%d-%H%M%S}",
        carrier=whose,
        asked=list(dict.fromkeys(asked)),
        capture=page.capture,
        profile=load_profile(whose, portal.profile),
        origin=f"a page saved in a browser ({page.kind}), read on {instant(now)}",
    )


def _numbers(page: SavedPage, path: Path) -> list[str]:
    found = list(page.asked) or _shown(page)
    if not found:
        raise UsageError(
            f"{path}: no tracking number was found in it: name the numbers that you had asked for."
        )
    if len(found) > _MOST:
        raise UsageError(
            f"{path}: {len(found)} texts in it look like tracking numbers: name the numbers that "
            "you had asked for."
        )
    return found


def _shown(page: SavedPage) -> list[str]:
    """
    The numbers that a person saw or typed, else those in the page's own data.
    """
    html = page.capture.html
    typed = Selector(text=html, type="html").css("textarea::text, input::attr(value)").getall()
    shown = " ".join((Page(html).text, *typed))
    told = shown if strangers(shown, ()) else " ".join(one.body for one in page.capture.answers)
    spelt = told.upper()
    return sorted(strangers(told, ()), key=lambda number: (spelt.find(number), number))


def _carrier(
    page: SavedPage, asked: Sequence[str], portals: Mapping[CarrierName, Portal], path: Path
) -> CarrierName:
    """
    Whose page it is, by its address, else by the shape of the numbers.
    """
    host = urlsplit(page.capture.url).hostname
    by_host = [name for name, portal in portals.items() if host and host in _hosts(portal)]
    if len(by_host) == 1:
        return by_host[0]
    by_shape = {assign(number).carrier for number in asked}
    known = by_shape.pop() if len(by_shape) == 1 else None
    if known is None:
        raise UsageError(f"{path}: whose portal it is cannot be told: name it with --carrier.")
    return known


def _hosts(portal: Portal) -> set[str | None]:
    return {urlsplit(url).hostname for url in portal.urls}


def with_lines(case: SavedCase, table: str, lines: Mapping[str, object]) -> SavedCase:
    """
    The case with other lines in one table of its profile.
    """
    profile = case.profile
    told = getattr(profile, table).model_dump() | dict(lines)
    changed = profile.model_dump() | {table: told}
    return replace(case, profile=PortalProfile.model_validate(changed))


def _tie_remark(
    case: SavedCase, reports: Sequence[LookReport], now: datetime, tables: Tables
) -> tuple[str, ...]:
    """
    A page that does not repeat the one asked number: what a profile may say then.
    """
    if len(reports) != 1 or reports[0].outcome.is_good:
        return ()
    told = with_lines(case, "read", {"tie": Tie.REQUEST}).read(now, tables)[0]
    if not told.outcome.is_good:
        return ()
    remark = (
        f'the page does not repeat {told.tracking_number}; with tie = "request" under [read] in '
        f"the profile it would read as {told.outcome}: right only if one number is asked at a time"
    )
    return (remark,)
