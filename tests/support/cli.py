"""
The console commands as a user starts them.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

#: The installed console command beside this interpreter.
TRACKER = str(Path(sys.executable).with_name("tracker"))


@dataclass(frozen=True, slots=True)
class Ended:
    """
    How a command ended and what it printed.
    """

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[dict[str, Any]]:
        """
        Standard output as one JSON object per line; fails when anything else stands there.
        """
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def one(self) -> dict[str, Any]:
        """
        The only line.
        """
        (line,) = self.lines
        return line


def run_tracker(*arguments: str, cwd: Path | None = None, stdin: str = "") -> Ended:
    """
    ``tracker ...`` in a process of its own, with this process's environment.
    """
    ended = subprocess.run(
        [TRACKER, *arguments],
        env=os.environ.copy(),
        cwd=cwd,
        input=stdin,
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )
    return Ended(ended.returncode, ended.stdout, ended.stderr)
