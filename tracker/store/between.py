"""
How many whole units of time lie between two instants, as each engine counts them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Integer
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

if TYPE_CHECKING:
    from sqlalchemy.sql.compiler import SQLCompiler


class whole_between(FunctionElement[int]):  # noqa: N801 - it is used as SQL's functions are
    """
    How many whole units of so many seconds lie between two instants.
    """

    inherit_cache = True
    type = Integer()


@compiles(whole_between, "sqlite")
def _in_sqlite(element: whole_between, compiler: SQLCompiler, **options: Any) -> str:
    # Days there are fractions: half a second keeps a whole hour whole.
    start, end, unit = (compiler.process(one, **options) for one in element.clauses)
    return f"CAST(((julianday({end}) - julianday({start})) * 86400 + 0.5) / {unit} AS INTEGER)"


@compiles(whole_between, "postgresql")
def _in_postgresql(element: whole_between, compiler: SQLCompiler, **options: Any) -> str:
    start, end, unit = (compiler.process(one, **options) for one in element.clauses)
    return f"CAST(trunc(extract(epoch FROM {end} - {start}) / {unit}) AS INTEGER)"
