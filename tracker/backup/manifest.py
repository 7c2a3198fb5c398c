"""
What a backup says of itself: its form, and for each table how many rows and which hash.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

NAME = "manifest.json"
Kind = Literal["instant", "day", "flag", "bytes", "json", "number", "text"]


class SavedTable(BaseModel):
    """
    One table's rows lie in ``<name>.jsonl``, a JSON list of the columns' values a line.
    """

    model_config = ConfigDict(frozen=True)

    name: str = Field(pattern=r"^[a-z][a-z_]{0,40}$")
    columns: dict[str, Kind]
    rows: int = Field(ge=0)
    sha256: str

    @property
    def file(self) -> str:
        """
        Its file within the archive.
        """
        return f"{self.name}.jsonl"


class Manifest(BaseModel):
    """
    ``manifest.json``; ``tables`` stand in an order in which they can be filled.
    """

    model_config = ConfigDict(frozen=True)

    format: Literal["scan-tracker-backup"]
    version: Literal[1]
    made_by: str
    made_at: datetime
    revision: str
    tables: tuple[SavedTable, ...]

    def counts(self) -> dict[str, int]:
        """
        How many rows each table has.
        """
        return {table.name: table.rows for table in self.tables}
