"""
Figures and how they are taken: medians over interleaved pairs, because machines are noisy.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """
    One line of the report.

    ``limit`` is what the bare means reached in the same run; ``ratio`` is ours against it.
    ``bound`` says in words what was promised, and ``ok`` whether it held; both are ``None`` for a
    figure that only informs.
    """

    name: str
    unit: str
    ours: float
    limit: float | None = None
    limit_is: str | None = None
    bound: str | None = None
    ok: bool | None = None
    note: str | None = None

    @property
    def ratio(self) -> float | None:
        """
        Our figure as a share of the limit.
        """
        return self.ours / self.limit if self.limit else None

    def line(self) -> str:
        """
        The figure for people, on one line.
        """
        parts = [f"{self.name}: {_number(self.ours)} {self.unit}"]
        if self.limit is not None:
            parts.append(f"{self.limit_is or 'limit'} {_number(self.limit)} {self.unit}")
        if self.ratio is not None:
            parts.append(f"ratio {self.ratio:.2f}")
        if self.bound is not None:
            parts += [f"bound {self.bound}", "ok" if self.ok else "MISSED"]
        else:
            parts.append("informative")
        return " | ".join([*parts, self.note] if self.note else parts)

    def as_json(self) -> str:
        """
        The figure for scripts, on one line.
        """
        return json.dumps(asdict(self) | {"ratio": self.ratio})


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def interleaved(pairs: int, *measures: Callable[[], float]) -> tuple[float, ...]:
    """
    The median of each measure over ``pairs`` rounds of all of them in turn (A B A B ...).
    """
    taken: list[list[float]] = [[] for _ in measures]
    for _ in range(pairs):
        for measure, values in zip(measures, taken, strict=True):
            values.append(measure())
    return tuple(statistics.median(values) for values in taken)


def seconds_of(work: Callable[[], object]) -> float:
    """
    The wall time of one call.
    """
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def run_python(
    arguments: Sequence[str],
    environment: Mapping[str, str] | None = None,
    *,
    told: str | None = None,
    folder: str | None = None,
) -> str:
    """
    What this interpreter printed when run with the arguments.

    Raises ``RuntimeError`` with its errors when it failed.
    """
    done = subprocess.run(
        [sys.executable, *arguments],
        capture_output=True,
        text=True,
        input=told,
        env=None if environment is None else dict(environment),
        cwd=folder,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"{' '.join(arguments)} failed: {done.stderr.strip()}")
    return done.stdout
