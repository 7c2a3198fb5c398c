"""
``python -m benchmarks``: every figure on one line, its bound beside it.

Bounds are reported, not enforced: the machine may be busy. The exit code is 1 only when a
benchmark could not be run.
"""

from __future__ import annotations

import argparse
import sys
import traceback
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from benchmarks.measuring import Figure

#: name: (module, function); imported only when asked for.
BENCHMARKS = {
    "help": ("benchmarks.startup", "help_time"),
    "track": ("benchmarks.tracking", "track_time"),
    "looks": ("benchmarks.looks", "clevy_looks"),
    "due": ("benchmarks.due", "due_parcels"),
    "growth": ("benchmarks.growth", "growth"),
    "outage": ("benchmarks.outage", "outage"),
    "simulation": ("benchmarks.simulation", "simulation"),
    "memory": ("benchmarks.memory", "daemon_memory"),
    "browser": ("benchmarks.browsing", "browser_looks"),
    "ingest": ("benchmarks.ingest", "ingest_rates"),
    "import": ("benchmarks.importing", "import_time"),
    "pages": ("benchmarks.pages", "page_times"),
}


def main() -> int:
    """
    Runs the chosen benchmarks; 0 when each of them could be run.
    """
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--only", action="append", choices=sorted(BENCHMARKS), metavar="NAME")
    parser.add_argument("--json", action="store_true", help="one JSON object per line")
    chosen = parser.parse_args()
    ran = [_run(name, as_json=chosen.json) for name in chosen.only or BENCHMARKS]
    return 0 if all(ran) else 1


def _run(name: str, *, as_json: bool) -> bool:
    module, function = BENCHMARKS[name]
    try:
        measure: Callable[[], Iterator[Figure]] = getattr(import_module(module), function)
        for figure in measure():
            print(figure.as_json() if as_json else figure.line(), flush=True)
    except Exception:  # noqa: BLE001 - the other benchmarks can still be run
        traceback.print_exc()
        print(f"{name}: could not be run", file=sys.stderr)
        return False
    return True


if __name__ == "__main__":
    sys.exit(main())
