"""
How long ``tracker --help`` takes, and what it imports.
"""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

from benchmarks.measuring import Figure, interleaved, run_python, seconds_of

if TYPE_CHECKING:
    from collections.abc import Iterator

PAIRS = 11
BOUND_MS = 200
HELP = ("-c", "import sys; from tracker.cli import main; sys.argv = ['tracker', '--help']; main()")


def help_time() -> Iterator[Figure]:
    """
    The wall time against an empty Python program of the same interpreter.
    """
    ours, bare = interleaved(
        PAIRS,
        lambda: seconds_of(lambda: run_python(HELP)),
        lambda: seconds_of(lambda: run_python(("-c", "pass"))),
    )
    yield Figure(
        name="help",
        unit="ms",
        ours=ours * 1000,
        limit=bare * 1000,
        limit_is="python -c pass",
        bound=f"{BOUND_MS} ms",
        ok=ours * 1000 < BOUND_MS,
        note=f"imports {', '.join(_imported())}",
    )


def _imported() -> list[str]:
    """
    The packages that are not of the standard library, with what the larger ones cost.
    """
    done = subprocess.run(
        [sys.executable, "-X", "importtime", *HELP], capture_output=True, text=True, check=True
    )
    spent: dict[str, int] = {}
    for line in done.stderr.splitlines():
        own, _, name = line.removeprefix("import time:").rpartition("|")
        root = name.strip().partition(".")[0]
        if own.partition("|")[0].strip().isdigit() and root not in sys.stdlib_module_names:
            spent[root] = spent.get(root, 0) + int(own.partition("|")[0])
    large = sorted(spent.items(), key=lambda item: -item[1])
    return [f"{name} {micro / 1000:.0f} ms" for name, micro in large if micro >= 1000]
