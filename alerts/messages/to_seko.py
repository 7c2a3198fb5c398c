"""
The urge as a mail to Seko's customer service, in English and Chinese, with a table of the parcels.

Nothing of the program's own business stands in it: no alert, no command, no order status.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from alerts.messages import clean
from alerts.messages.as_html import as_html
from alerts.messages.as_text import as_text
from alerts.messages.message import Letter, Message
from alerts.messages.parts import Paragraph
from alerts.messages.sections import MOST_SHOWN, worst_first
from alerts.messages.table import csv_of
from alerts.messages.words import FALLBACK, Words, stamp

if TYPE_CHECKING:
    from alerts.messages.message import Line


def compose_to_seko(letter: Letter) -> Message:
    """
    The letter as a mail to Seko; the same letter always gives the same message.
    """
    letter = clean.clean_letter(letter)
    words = Words(FALLBACK)  # the text to Seko is the same in every language
    lines = worst_first(letter.lines)
    shown, hidden = lines[:MOST_SHOWN], len(lines[MOST_SHOWN:])
    subject = words.one("seko_mail", "subject", letter, lines)
    parts = [
        Paragraph(said)
        for said in (
            *words.lines("seko_mail", "repeat", letter),
            *words.lines("copy", "urge_en", shown, hidden),
            *words.lines("copy", "urge_zh", shown, hidden),
            *words.lines("seko_mail", "closing", letter),
        )
    ]
    return Message(
        reference=letter.reference,
        subject=clean.one_line(subject, clean.TEXT),
        text=as_text(parts),
        html=as_html(parts, subject=subject, language=FALLBACK),
        blocks=(),
        csv=_table(lines, words) if len(lines) > 1 else None,
        possible_repeat=letter.possible_repeat,
        reply_to=letter.reply_to,
        letter=replace(letter, language=FALLBACK),
    )


def _table(lines: tuple[Line, ...], words: Words) -> str:
    return csv_of(words.lines("seko_mail", "columns"), (_cells(line) for line in lines))


def _cells(line: Line) -> list[str | None]:
    return [
        line.tracking_number,
        line.order_number,
        line.shop,
        line.country,
        line.station,
        stamp(line.handed_over_at, line.zone) if line.handed_over_at else None,
        line.courier,
        line.waybill,
        stamp(line.deadline, line.zone) if line.deadline else None,
    ]
