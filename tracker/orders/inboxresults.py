"""
Where an inbox file goes when it was taken, and the results that are written beside it.

The results are written hidden, the file is moved, then they are shown: after a crash at any point
the next round finishes it. No name is used twice, so that nothing is written over.
"""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass, replace
from itertools import count
from typing import TYPE_CHECKING, Final

from tracker.cells import inert
from tracker.shapes import import_shape, instant

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path

    from tracker.model import ImportResult

_MARK: Final = ".result."


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """
    What became of one file, in words; ``at`` is in the zone that people read.
    """

    name: str
    shop: str | None
    at: datetime
    result: ImportResult | None = None
    error: str | None = None

    def imported(self, result: ImportResult) -> Told:
        """
        It went in.
        """
        return replace(self, result=result)

    def refused(self, error: str) -> Told:
        """
        It did not go in.
        """
        return replace(self, error=error)

    def files(self) -> Iterator[tuple[str, str]]:
        """
        Each result's ending and content.
        """
        yield "json", json.dumps(self._shape(), ensure_ascii=False, indent=1) + "\n"
        yield "txt", "\n".join(_plain(line) for line in self._lines()) + "\n"
        if self.result is not None and self.result.refused:
            yield "csv", "\ufeff" + self._refused_rows()

    def _shape(self) -> dict[str, object]:
        told = self.result
        return {
            "file": self.name,
            "shop": self.shop,
            "at": instant(self.at),
            "error": self.error,
            "counts": import_shape(told) if told else None,
            "refused": [{"line": row.line, "reason": row.reason} for row in told.refused]
            if told
            else [],
            "warnings": list(told.warnings) if told else [],
        }

    def _lines(self) -> Iterator[str]:
        when = f"{self.at:%Y-%m-%d %H:%M} {self.at.tzname()}"
        told = self.result
        if told is None:
            yield f"{self.name} was NOT imported ({when})."
            yield self.error or ""
            yield "Drop a corrected file into the inbox; this one can then be taken away."
            return
        yield f"{self.name} was imported ({when}{f', shop {self.shop}' if self.shop else ''})."
        yield (
            f"{told.added} added, {told.updated} updated, {told.unchanged} unchanged, "
            f"{told.no_number} without a number yet, {len(told.refused)} refused."
        )
        yield from (f"refused: line {row.line}: {row.reason}" for row in told.refused)
        yield from (f"warning: {warning}" for warning in told.warnings)

    def _refused_rows(self) -> str:
        target = io.StringIO()
        writer = csv.writer(target)
        writer.writerow(("line", "reason"))
        for row in self.result.refused if self.result else ():
            writer.writerow((row.line, inert(row.reason)))
        return target.getvalue()


def put_away(path: Path, folder_name: str, told: Told) -> None:
    """
    The file lies in the folder of that name beside it, with its results; raises ``OSError``.
    """
    folder = path.parent / folder_name
    folder.mkdir(exist_ok=True)
    if folder.is_symlink():
        raise NotADirectoryError(0, f"{folder} is a link")
    target = _free_name(folder, path)
    for ending, content in told.files():
        hidden = folder / f".{target.name}{_MARK}{ending}"
        # A new file, or none: a link that somebody put there is not written through.
        with hidden.open("x", encoding="utf-8", errors="replace") as stream:
            stream.write(content)
    path.rename(target)
    finish(folder)


def finish(folder: Path) -> None:
    """
    Hidden results are shown beside their file; those whose file never came are gone.
    """
    if folder.is_symlink() or not folder.is_dir():
        return
    for hidden in sorted(folder.glob(f".*{_MARK}*")):
        shown = folder / hidden.name.removeprefix(".")
        if (folder / shown.name.rpartition(_MARK)[0]).exists():
            hidden.rename(shown)
        else:
            hidden.unlink()


def is_result(name: str) -> bool:
    """
    True for a file that :func:`put_away` wrote.
    """
    return name.rpartition(_MARK)[2] in {"json", "txt", "csv"} and _MARK in name


def _free_name(folder: Path, path: Path) -> Path:
    """
    ``orders.csv``, or ``orders-2.csv`` when that name was used before.
    """
    for number in count(1):
        name = path.name if number == 1 else f"{path.stem}-{number}{path.suffix}"
        taken = [folder / name, *(folder / f"{name}{_MARK}{end}" for end in ("json", "txt", "csv"))]
        if not any(one.exists() or one.is_symlink() for one in taken):
            return folder / name
    raise AssertionError  # the count has no end


def _plain(text: str) -> str:
    return "".join(char if char.isprintable() else " " for char in text)
