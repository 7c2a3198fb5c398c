"""
How commands speak: JSON lines for scripts, tables for people, notices to standard error.
"""

from __future__ import annotations

import json
import logging
import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tracker.quiet import hold_back_libraries

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime, tzinfo

    from tracker.model import Parcel

#: Columns of a table that is not read on a terminal.
WIDE = 200

JsonOption = Annotated[bool, typer.Option("--json", help="One JSON object per line.")]


def emit(shape: dict[str, Any]) -> None:
    """
    One JSON object on a line of its own, to standard output.
    """
    sys.stdout.write(json.dumps(shape, ensure_ascii=False) + "\n")


def say(text: str) -> None:
    """
    One line for people, to standard output.
    """
    sys.stdout.write(clean(text) + "\n")


def notice(text: str) -> None:
    """
    One line beside the data, to standard error.
    """
    sys.stderr.write(clean(text) + "\n")


def clean(text: str) -> str:
    """
    Text of a portal or a file without control characters: it must not drive the terminal.
    """
    return "".join(char for char in text if char in "\n\t" or char.isprintable())


def table(headings: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """
    A table for people, as wide as the terminal; cells are plain text, never markup.
    """
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    drawn = Table(box=None, pad_edge=False, header_style="bold")
    for place, heading in enumerate(headings):
        drawn.add_column(heading, no_wrap=place == 0)
    for row in rows:
        drawn.add_row(*(Text(clean("" if cell is None else str(cell))) for cell in row))
    Console(width=None if sys.stdout.isatty() else WIDE).print(drawn)


def local(at: datetime | None, zone: tzinfo) -> str:
    """
    An instant as people read it, in the configured zone.
    """
    return "" if at is None else at.astimezone(zone).strftime("%Y-%m-%d %H:%M")


def handed_over(parcel: Parcel, zone: tzinfo) -> str:
    """
    When the parcel reached the centre; a guess is called one, because nobody may be accused on it.
    """
    at = local(parcel.handed_over_at, zone)
    return f"{at} ASSUMED, nobody said so" if at and parcel.handover_assumed else at


def log_to_stderr(*, verbose: bool = False) -> None:
    """
    Our own log goes to standard error; libraries that log secrets are held at WARNING (R23).
    """
    logging.basicConfig(
        level=logging.WARNING,
        stream=sys.stderr,
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
    )
    level = logging.INFO if verbose else logging.WARNING
    for name in ("tracker", "alerts"):
        logging.getLogger(name).setLevel(level)
    hold_back_libraries()
