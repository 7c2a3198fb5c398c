"""
Tables in text files: ``;`` ``,`` or tab, in the encodings that sellers' programs write.

A broken row costs itself only: when a quotation mark is never closed, reading goes on at the next
line of the file, so that no later order is swallowed unseen.
"""

from __future__ import annotations

import codecs
import csv
from collections import deque
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from tracker.orders.columns import OrderFileError
from tracker.orders.rowvalues import warning_at
from tracker.orders.tables import Table, TableRow, empty, wrong_width
from tracker.sentences import Sentence

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tracker.orders.columns import Aliases

DELIMITERS: Final = (";", ",", "\t")

_CHUNK: Final = 1024 * 1024
_MAX_LINES_PER_ROW: Final = 200  # of a quoted cell with line breaks; more is an open quote
_UTF_16_MARKS: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_MIN_WIDTH_TO_SUSPECT: Final = 3  # in narrower tables prose inside a cell can look like a row


@contextmanager
def open_delimited(path: Path, aliases: Aliases, *, comment: str | None = None) -> Iterator[Table]:
    """
    The text file as a table; see :func:`tracker.orders.tables.open_table`.
    """
    encoding = find_encoding(path)
    with path.open(encoding=encoding, newline="") as stream:
        lines = Lines(stream, path, comment)
        headings, delimiter, line = _read_headings(lines, aliases, path)
        yield Table(
            headings=headings,
            heading_line=line,
            rows=_rows(lines, delimiter, headings),
            notes=encoding_notes(path, encoding),
        )


def encoding_notes(path: Path, encoding: str) -> tuple[Sentence, ...]:
    """
    A warning when the encoding is a fallback that fits many wrong files too.
    """
    if encoding != "gb18030":
        return ()
    note = Sentence(
        "not UTF-8, read as GB18030 (Chinese Excel); "
        "if names look wrong, save the file as CSV UTF-8"
    )
    return (warning_at(str(path), 1, note),)


def find_encoding(path: Path) -> str:
    """
    The encoding that the whole file decodes in, strictly: UTF-8, UTF-16 by its mark, GB18030.

    Raises :class:`OrderFileError` when none fits, or when the content is no text.
    """
    with path.open("rb") as stream:
        marked = stream.read(2) in _UTF_16_MARKS
    for encoding in ("utf-16",) if marked else ("utf-8-sig", "gb18030"):
        if _decodes(path, encoding):
            return encoding
    raise OrderFileError(
        Sentence(
            "%(file)s: the text is neither UTF-8, UTF-16 nor GB18030; save the file as CSV UTF-8",
            file=path,
        )
    )


def _decodes(path: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    with path.open("rb") as stream:
        try:
            while chunk := stream.read(_CHUNK):
                _refuse_binary(path, decoder.decode(chunk))
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return False
    return True


def _refuse_binary(path: Path, text: str) -> None:
    if "\0" in text:
        raise OrderFileError(_no_text(path))


def _no_text(path: Path) -> Sentence:
    return Sentence("%(file)s: this is no text file; give a CSV or XLSX file", file=path)


class Lines:
    """
    The physical lines of a text file, numbered from 1, that can be given back.

    An instance is an iterator over lines with their ends; ``number`` is that of the line last
    taken. Lines that start with ``comment`` are never seen, but counted.
    """

    def __init__(self, stream: Iterator[str], path: Path, comment: str | None) -> None:
        self._stream = stream
        self._path = path
        self._comment = comment
        self._returned: deque[tuple[int, str]] = deque()
        self._read = 0
        self.number = 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        while True:
            self.number, line = self._returned.popleft() if self._returned else self._pull()
            if self._comment is None or not line.lstrip().startswith(self._comment):
                return line

    def give_back(self, lines: list[tuple[int, str]]) -> None:
        """
        Later calls take ``lines`` (number and text) first, in the same order.
        """
        self._returned.extendleft(reversed(lines))

    def _pull(self) -> tuple[int, str]:
        try:
            line = next(self._stream)
        except UnicodeDecodeError as error:  # it decoded a moment ago
            raise OrderFileError(
                Sentence("%(file)s: the file changed while it was read", file=self._path)
            ) from error
        self._read += 1
        return self._read, line


def _read_headings(lines: Lines, aliases: Aliases, path: Path) -> tuple[tuple[str, ...], str, int]:
    for line in lines:
        if not line.strip(' \t\r\n;,"'):
            continue
        if (forced := _sep_line(line)) is not None:
            return _forced_headings(lines, forced, path)
        if not line.rstrip("\r\n").replace("\t", "").isprintable():
            raise OrderFileError(_no_text(path))
        number = lines.number
        cells, delimiter = _sniff(line, aliases)
        return tuple(cells), delimiter, number
    raise OrderFileError(empty(path))


def _sep_line(line: str) -> str | None:
    """
    The delimiter of Excel's own first line ``sep=;``.
    """
    text = line.rstrip("\r\n").lower()
    return text[4] if text.startswith("sep=") and text[4:] in DELIMITERS else None


def _forced_headings(lines: Lines, delimiter: str, path: Path) -> tuple[tuple[str, ...], str, int]:
    for line in lines:
        if line.strip(' \t\r\n;,"'):
            return tuple(_cells_of(line, delimiter)), delimiter, lines.number
    raise OrderFileError(empty(path))


def _sniff(line: str, aliases: Aliases) -> tuple[list[str], str]:
    """
    The heading cells and the delimiter under which they make most sense.
    """
    tried = [(_cells_of(line, delimiter), delimiter) for delimiter in DELIMITERS]
    return max(tried, key=lambda pair: (aliases.rank(pair[0]), len(pair[0])))


def _cells_of(line: str, delimiter: str) -> list[str]:
    """
    The cells of one line read leniently, as headings are.
    """
    try:
        cells = next(csv.reader([line], delimiter=delimiter), [])
    except csv.Error:
        cells = line.rstrip("\r\n").split(delimiter)
    while cells and not cells[-1].strip():
        cells.pop()
    return cells


def _rows(lines: Lines, delimiter: str, headings: tuple[str, ...]) -> Iterator[TableRow]:
    width = len(headings)
    while True:
        taken: list[tuple[int, str]] = []
        problem = None
        cells: list[str] = []
        try:
            cells = next(csv.reader(_record(lines, taken), delimiter=delimiter, strict=True))
        except StopIteration:
            return
        except csv.Error as error:
            problem = _sentence(error)
        if problem is None:
            problem = _shape_problem(cells, width, taken, delimiter)
        if problem is not None:
            lines.give_back(taken[1:])
            yield TableRow(line=taken[0][0], problem=problem)
        elif any(cell.strip() for cell in cells):
            yield TableRow(line=taken[0][0], cells=tuple(cells[:width]))


def _record(lines: Lines, taken: list[tuple[int, str]]) -> Iterator[str]:
    """
    The lines of one row, noted in ``taken`` as the CSV reader asks for them.
    """
    while len(taken) < _MAX_LINES_PER_ROW and (line := next(lines, None)) is not None:
        taken.append((lines.number, line))
        yield line


def _sentence(error: csv.Error) -> Sentence:
    text = str(error)
    if "unexpected end" in text:
        return Sentence("a quotation mark is opened and never closed")
    if "field limit" in text:
        return Sentence("a cell is too long")
    return Sentence("the quotation marks do not fit")


def _shape_problem(
    cells: list[str], width: int, taken: list[tuple[int, str]], delimiter: str
) -> Sentence | None:
    blank = not any(cell.strip() for cell in cells)
    if blank:
        return None
    if any(cell.strip() for cell in cells[width:]):
        return wrong_width(len(cells), width)
    if len(cells) < width and not taken[-1][1].endswith(("\n", "\r")):
        return Sentence(
            "the file ends in the middle of the row: %(count)s of %(width)s cells",
            count=len(cells),
            width=width,
        )
    if width >= _MIN_WIDTH_TO_SUSPECT and any(
        _is_whole_row(line, width, delimiter) for _, line in taken[1:]
    ):
        return Sentence("a quotation mark is opened and closed only in a later row")
    return None


def _is_whole_row(line: str, width: int, delimiter: str) -> bool:
    try:
        return len(next(csv.reader([line], delimiter=delimiter, strict=True))) == width
    except csv.Error:
        return False
