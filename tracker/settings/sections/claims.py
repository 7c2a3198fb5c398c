"""
``[claims]``: the claim pack.
"""

from __future__ import annotations

from difflib import get_close_matches
from typing import Annotated

from pydantic import BeforeValidator, Field, field_validator
from pydantic_settings import NoDecode

from tracker.claimcolumns import ClaimColumn
from tracker.settings.sections.base import Section
from tracker.settings.sections.values import comma_list


def _claim_column(name: str) -> str:
    """
    The column as it is named; raises ``ValueError`` with the nearest or all known names.
    """
    known = [column.value for column in ClaimColumn]
    folded = name.strip().lower().replace("-", "_").replace(" ", "_")
    if folded in known:
        return folded
    near = get_close_matches(folded, known, n=1)
    hint = f"did you mean {near[0]}?" if near else f"known are {', '.join(known)}"
    raise ValueError(f"{name!r} is no column of the claim table; {hint}")


class Claims(Section):
    """
    The claim pack: which columns its tables have and how large a file may be (domain.md 1.6).
    """

    columns: Annotated[tuple[str, ...], NoDecode, BeforeValidator(comma_list)] = Field(
        default=tuple(column.value for column in ClaimColumn),
        description="the columns of the claim tables, in their order: docs/claims.md",
    )
    max_megabytes: float = Field(
        default=3, ge=1, le=100, description="no file of the claim pack is larger"
    )

    @field_validator("columns")
    @classmethod
    def _known_columns(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        columns = tuple(dict.fromkeys(_claim_column(name) for name in value))
        if not columns:
            raise ValueError("name at least one column")
        return columns
