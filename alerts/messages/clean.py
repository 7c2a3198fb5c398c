"""
Text from portals and files made harmless for any place it may be shown in.

What is left is one line of bounded length without control, direction-changing, invisible or
half characters. Escaping for HTML, Slack and tables is the business of those writers.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace
from typing import TYPE_CHECKING

from tracker.model import CalendarDay

if TYPE_CHECKING:
    from alerts.messages.message import Letter, Line

NUMBER = 60
NAME = 80
TEXT = 300
REASON = 500  # an unknown wording stands here, and is to be pasted whole
URL = 500
_DROPPED = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
_WEB_ADDRESS = re.compile(r"https?://[^\s<>\"'|`\\]+", re.IGNORECASE)


def one_line(text: str, limit: int) -> str:
    """
    The text as one line of at most ``limit`` characters, an ellipsis last where it was cut.
    """
    # What is far beyond the limit cannot be shown, and hostile text may be megabytes.
    spaced = re.sub(r"\s", " ", text[: limit * 10])
    visible = "".join(c for c in spaced if unicodedata.category(c) not in _DROPPED)
    shown = " ".join(visible.split())
    return shown if len(shown) <= limit else shown[: limit - 1] + "…"


def web_address(url: str | None) -> str | None:
    """
    The address if it is a plain http(s) one that fits, else ``None``.
    """
    if url is None or len(url) > URL or one_line(url, URL) != url:
        return None
    return url if _WEB_ADDRESS.fullmatch(url) else None


def clean_line(line: Line) -> Line:
    """
    The same facts with every free text made harmless and bounded.
    """
    return replace(
        line,
        reason=one_line(line.reason, REASON),
        tracking_number=_maybe(line.tracking_number, NUMBER),
        order_number=_maybe(line.order_number, NUMBER),
        shop=_maybe(line.shop, NAME),
        country=_maybe(line.country, NUMBER),
        station=_maybe(line.station, NAME),
        centre=_maybe(line.centre, NAME),
        courier=_maybe(line.courier, NAME),
        waybill=_maybe(line.waybill, NUMBER),
        last_text=_maybe(line.last_text, TEXT),
        seller_status_text=_maybe(line.seller_status_text, NAME),
        case_id=_maybe(line.case_id, NUMBER),
        urge_mail_to=_maybe(line.urge_mail_to, NAME),
        told_by=_maybe(line.told_by, NAME),
        portal_url=web_address(line.portal_url),
        second_portal_url=web_address(line.second_portal_url),
        covered=tuple(one_line(number, NUMBER) for number in line.covered),
        covered_at_both=tuple(one_line(number, NUMBER) for number in line.covered_at_both),
        days=tuple(
            CalendarDay(date=day.date, open=day.open, why=one_line(day.why, NAME))
            for day in line.days
        ),
    )


def clean_letter(letter: Letter) -> Letter:
    """
    The same letter with every free text made harmless and bounded.
    """
    contact, shop = letter.seko_contact, letter.shop
    return replace(
        letter,
        reference=one_line(letter.reference, URL),
        shop=None if shop is None else one_line(shop, NAME),
        lines=tuple(clean_line(line) for line in letter.lines),
        seko_contact=None if contact is None else one_line(contact, TEXT) or None,
        dashboard_url=web_address(letter.dashboard_url),
        centre_notes=tuple(one_line(note, TEXT) for note in letter.centre_notes),
    )


def _maybe(text: str | None, limit: int) -> str | None:
    return None if text is None else one_line(text, limit) or None
