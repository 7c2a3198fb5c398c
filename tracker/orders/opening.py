"""
Opening an order file, whatever its kind: the content decides, not the name.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from tracker.orders.delimited import open_delimited
from tracker.orders.tables import is_workbook, read_head, refuse_foreign

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tracker.orders.columns import Aliases
    from tracker.orders.tables import Table


@contextmanager
def open_table(path: Path, aliases: Aliases, *, comment: str | None = None) -> Iterator[Table]:
    """
    The file as a table whose heading row has the required column, if any row does.

    ``comment`` starts lines that are skipped in a text file. Raises
    :class:`~tracker.orders.columns.OrderFileError` for anything that is no table; reading the
    rows may raise it as well.
    """
    head = read_head(path)
    refuse_foreign(path, head)
    if is_workbook(head):
        from tracker.orders.workbooks import open_workbook  # noqa: PLC0415 - openpyxl is slow

        opened = open_workbook(path, aliases)
    else:
        opened = open_delimited(path, aliases, comment=comment)
    with opened as table:
        yield table
