"""
Tables as files for spreadsheets.
"""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from starlette.responses import Response

from tracker.cells import inert

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


def csv_file(
    name: str, headings: Sequence[str], rows: Iterable[Sequence[str | float | None]]
) -> Response:
    """
    The table as a CSV file of that name, readable in any spreadsheet; no cell is a formula.
    """
    target = io.StringIO()
    writer = csv.writer(target)
    writer.writerow([inert(heading) for heading in headings])
    writer.writerows([_cell(value) for value in row] for row in rows)
    return Response(
        target.getvalue().encode("utf-8-sig"),
        media_type="text/csv",
        headers=attached(name),
    )


def attached(name: str) -> dict[str, str]:
    """
    The headers with which a browser keeps the answer as a file of that (plain) name.
    """
    return {"Content-Disposition": f'attachment; filename="{name}"'}


def _cell(value: str | float | None) -> str | float:
    if value is None:
        return ""
    return inert(value) if isinstance(value, str) else value
