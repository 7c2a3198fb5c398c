"""
One row's used cells as values: text, numbers that Excel may have spoilt, instants.

Only used cells are ever looked at, and a reason quotes only the used cell that is at fault:
buyer data in the other columns reach nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime, time
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from tracker.orders.columns import name, quoted
from tracker.orders.dates import UnreadableDateError, parse_instant
from tracker.sentences import Sentence, SentenceError

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from tracker.orders.columns import Columns
    from tracker.orders.tables import Cell, TableRow

MAX_CELL: Final = 500  # characters of a used cell; more is a cell that swallowed others

#: What programs write into a cell to say that there is nothing.
_NOTHING: Final = frozenset({"", "-", "--", "—", "n/a", "#n/a", "null", "none", "nil"})
_ZERO_DATE: Final = re.compile(r"0000-00-00(?:[ T]00:00(?::00)?)?")
_AS_TEXT: Final = re.compile(r'=\s*"(?P<text>[^"]*)"')  # ="00123", the trick that keeps digits
_PLAIN_FLOAT: Final = re.compile(r"\d+\.0+", re.ASCII)
_SCIENTIFIC: Final = re.compile(r"\d(?:[.,](?P<decimals>\d+))?[eE]\+(?P<power>\d{1,3})", re.ASCII)
_FIRST_LOSSY_POWER: Final = 15  # Excel keeps 15 digits of a number
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_EDGES: Final = (
    "\u200b\u200e\u200f\u2060\ufeff \t\r\n\v\f\x1c\x1d\x1e\x1f\x85\xa0\u3000\u2028\u2029"
)


class RowRefusedError(SentenceError):
    """
    Why one row does not go in; the others do.
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class RowValues:
    """
    The used cells of one row; ``warnings`` collects what was repaired or left out.
    """

    file: str
    row: TableRow
    columns: Columns
    zone: ZoneInfo
    warnings: list[Sentence] = field(repr=False)

    def text(self, our_field: str) -> str | None:
        """
        The field's text, trimmed; ``None`` when it is empty or says that there is nothing.

        Raises :class:`RowRefusedError` for a cell longer than 500 characters.
        """
        cell = self._cell(our_field)
        text = cell.isoformat(sep=" ") if isinstance(cell, datetime) else cell
        if text is not None and len(text) > MAX_CELL:
            raise RowRefusedError(
                Sentence(
                    "the %(field)s has %(count)s characters", field=name(our_field), count=len(text)
                )
            )
        return text

    def number(self, our_field: str) -> str | None:
        """
        The field's number as text; one that Excel wrote as a float is repaired, with a warning.

        Raises :class:`RowRefusedError` when the float has lost digits.
        """
        text = self.text(our_field)
        if text is None:
            return None
        repaired = _unfloat(text)
        if repaired is None:
            raise RowRefusedError(
                Sentence(
                    "Excel has turned the %(field)s into %(text)s and its digits are "
                    "lost; export again and keep the column as text",
                    field=name(our_field),
                    text=quoted(text),
                )
            )
        if repaired != text:
            self.warn(
                Sentence(
                    "the %(field)s %(text)s was read as %(repaired)s",
                    field=name(our_field),
                    text=quoted(text),
                    repaired=repaired,
                )
            )
        return repaired

    def number_or_nothing(self, our_field: str) -> str | None:
        """
        Like :meth:`number`, but a number with lost digits is ``None``, with a warning.
        """
        try:
            return self.number(our_field)
        except RowRefusedError as error:
            self.warn(Sentence("%(why)s; it is left out", why=error.sentence))
            return None

    def instant(self, our_field: str, *, bare_day_at: time = time.min) -> datetime | None:
        """
        The field's instant in UTC; ``None`` when it is empty.

        Raises :class:`RowRefusedError` naming the column and the value when it is no date.
        """
        cell = self._cell(our_field)
        if cell is None or (isinstance(cell, str) and _ZERO_DATE.fullmatch(cell)):
            return None
        try:
            return parse_instant(cell, zone=self.zone, bare_day_at=bare_day_at)
        except UnreadableDateError as error:
            heading = self.columns.headings[our_field]
            raise RowRefusedError(
                Sentence(
                    "the column %(heading)s holds %(cell)s: %(why)s",
                    heading=quoted(heading),
                    cell=quoted(str(cell)),
                    why=error.sentence,
                )
            ) from error

    def warn(self, what: Sentence) -> None:
        """
        A warning that names the file and the line.
        """
        self.warnings.append(warning_at(self.file, self.row.line, what))

    def _cell(self, our_field: str) -> Cell | None:
        """
        The first cell of the field's columns that holds something.
        """
        for index in self.columns.indexes.get(our_field, ()):
            if index in self.row.uncomputed:
                self.warn(
                    Sentence(
                        "the %(field)s is a formula without a saved value: read as empty",
                        field=name(our_field),
                    )
                )
            elif index < len(self.row.cells):
                cell = self.row.cells[index]
                plain = _plain(cell) if isinstance(cell, str) else cell
                if plain is not None:
                    return plain
        return None


def warning_at(file: str, line: int, what: Sentence) -> Sentence:
    """
    The warning with the file and the line that it is about.
    """
    return Sentence("%(file)s, line %(line)s: %(what)s", file=file, line=line, what=what)


def _plain(text: str) -> str | None:
    """
    The text without what only programs put there; ``None`` when nothing is left.
    """
    plain = (text if text.isprintable() else _CONTROL.sub(" ", text)).strip(_EDGES)
    if plain.startswith("=") and (kept := _AS_TEXT.fullmatch(plain)):
        plain = kept["text"].strip(_EDGES)
    plain = plain.removeprefix("'")
    return None if plain.casefold() in _NOTHING else plain


def _unfloat(text: str) -> str | None:
    """
    The whole number behind Excel's float notation, ``None`` when its digits are lost.
    """
    if text.isalnum():
        return text
    if _PLAIN_FLOAT.fullmatch(text):
        return text.partition(".")[0]
    match = _SCIENTIFIC.fullmatch(text)
    if match is None:
        return text
    power, decimals = int(match["power"]), match["decimals"] or ""
    if power >= _FIRST_LOSSY_POWER or len(decimals.rstrip("0")) < power:
        return None
    exact = Decimal(text.replace(",", "."))
    return str(int(exact)) if exact == exact.to_integral_value() else text
