"""
A local carrier in a process of its own, so that its work is not counted as anybody's.
"""

from __future__ import annotations

import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def served_by(module: str, *arguments: str) -> Iterator[str]:
    """
    The address that ``python -m module`` prints first; the process lives as long as the block.
    """
    process = subprocess.Popen(
        [sys.executable, "-m", module, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        if not address:
            raise RuntimeError("the local carrier did not start")
        yield address
        process.communicate()
