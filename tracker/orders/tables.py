"""
A file as a table, whatever it is called: headings, then rows with the line each starts at.

The kind of file is decided by its content. A table is read once, row by row, while it is open.
"""

from __future__ import annotations

import stat
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, TypeAlias

from tracker.orders.columns import OrderFileError
from tracker.sentences import Sentence

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path


Cell: TypeAlias = "str | datetime"

MAX_FILE_BYTES: Final = 256 * 1024 * 1024  # an export of a million rows is smaller

_ZIP: Final = b"PK\x03\x04"
_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_MARKUP: Final = (b"<!doctype", b"<html", b"<?xml", b"<table", b"<head", b"<body", b"<!--")
_HEAD_BYTES: Final = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class TableRow:
    """
    One row that is not blank.

    ``problem`` says why the row is malformed (its cells are then empty); ``uncomputed`` are the
    columns whose formula was saved without a value.
    """

    line: int
    cells: tuple[Cell, ...] = ()
    problem: Sentence | None = None
    uncomputed: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """
    An open file: its heading row, and its data rows to be read once.

    ``notes`` are warnings about the file as a whole.
    """

    headings: tuple[str, ...]
    heading_line: int
    rows: Iterator[TableRow] = field(repr=False)
    notes: tuple[Sentence, ...] = ()


def read_head(path: Path) -> bytes:
    """
    The first bytes of the file; raises :class:`OrderFileError` for one that cannot be read.
    """
    try:
        about = path.stat()
        if not stat.S_ISREG(about.st_mode):
            raise OrderFileError(
                Sentence("%(file)s: this is not a file; give a CSV or XLSX file", file=path)
            )
        if about.st_size > MAX_FILE_BYTES:
            limit = MAX_FILE_BYTES // 1024 // 1024
            raise OrderFileError(
                Sentence(
                    "%(file)s: larger than %(limit)s MB; split the export", file=path, limit=limit
                )
            )
        with path.open("rb") as stream:
            return stream.read(_HEAD_BYTES)
    except FileNotFoundError as error:
        raise OrderFileError(Sentence("%(file)s: there is no such file", file=path)) from error
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise OrderFileError(
            Sentence("%(file)s: the file cannot be read (%(why)s)", file=path, why=why)
        ) from error


def is_workbook(head: bytes) -> bool:
    """
    True when the content is a zip archive, as every XLSX file is.
    """
    return head.startswith(_ZIP)


def refuse_foreign(path: Path, head: bytes) -> None:
    """
    Raises :class:`OrderFileError` for content that is known to be neither CSV nor XLSX.
    """
    if not head.strip():
        raise OrderFileError(empty(path))
    if head.startswith(_OLE):
        raise OrderFileError(
            Sentence(
                "%(file)s: an old .xls or a password-protected workbook; "
                "save it as .xlsx without a password, or as CSV UTF-8",
                file=path,
            )
        )
    if head.removeprefix(b"\xef\xbb\xbf").lstrip().lower().startswith(_MARKUP):
        raise OrderFileError(
            Sentence(
                "%(file)s: a web page, not a table (a login page, perhaps); "
                "export the orders again",
                file=path,
            )
        )


def wrong_width(count: int, width: int) -> Sentence:
    """
    That a row has other cells than headings stand above it.
    """
    return Sentence("%(count)s cells under %(width)s headings", count=count, width=width)


def empty(path: Path) -> Sentence:
    """
    That there is nothing in the file.
    """
    return Sentence("%(file)s: the file is empty", file=path)
