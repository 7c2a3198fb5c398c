"""
karrio's own environment: made once from the pinned packages, beside ours and never in it.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

FOLDER = Path(".venv-peers")
PINNED = Path(__file__).with_name("requirements.lock")
_DRIVER = Path(__file__).with_name("with_karrio.py")
_PYTHON = FOLDER / "bin" / "python"
_EMPTY = FOLDER / "empty.sqlite3"
_READY = FOLDER / "ready"


def prepare() -> None:
    """
    The environment is there with an empty database that has karrio's tables; done once.

    Needs the package index the first time, and some minutes.
    """
    key = hashlib.sha256(PINNED.read_bytes()).hexdigest()
    if _READY.exists() and _READY.read_text() == key:
        return
    print(f"setting up karrio in {FOLDER} (once, some minutes)", file=sys.stderr)
    uv = [sys.executable, "-m", "uv", "-q"]
    _run([*uv, "venv", "--clear", "--python", sys.executable, str(FOLDER)])
    _run([*uv, "pip", "sync", "--python", str(_PYTHON), "--require-hashes", str(PINNED)])
    _run([str(FOLDER / "bin" / "karrio"), "migrate"], _environment(FOLDER, _EMPTY))
    _READY.write_text(key)


@contextmanager
def karrio(folder: Path) -> Iterator[Callable[[dict[str, Any]], dict[str, Any]]]:
    """
    A running karrio with an empty database in ``folder``; takes and gives one line of JSON.
    """
    database = folder / "karrio.sqlite3"
    shutil.copy(_EMPTY, database)
    with (
        (folder / "karrio.log").open("w+", encoding="utf-8") as log,
        subprocess.Popen(
            [_PYTHON, _DRIVER],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            env=_environment(folder, database),
        ) as process,
    ):

        def ask(question: dict[str, Any]) -> dict[str, Any]:
            assert process.stdin is not None
            assert process.stdout is not None
            process.stdin.write(json.dumps(question) + "\n")
            process.stdin.flush()
            line = process.stdout.readline()
            if not line:
                log.seek(0)
                raise RuntimeError(f"karrio ended: {log.read()[-2000:]}")
            told: dict[str, Any] = json.loads(line)
            return told

        yield ask
        process.communicate()


def _environment(folder: Path, database: Path) -> dict[str, str]:
    """
    One process on SQLite with tasks run at once, no debugging and no chatter.
    """
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": str(folder.resolve()),
        "DJANGO_SETTINGS_MODULE": "karrio.server.settings",
        "SECRET_KEY": "only for this benchmark",
        "DATABASE_ENGINE": "sqlite3",
        "DATABASE_NAME": str(database.resolve()),
        "WORK_DIR": str(folder.resolve()),
        "WORKER_IMMEDIATE_MODE": "True",
        "DETACHED_WORKER": "True",
        "TRACKER_BATCH_DELAY": "0",
        "DEBUG_MODE": "False",
        "LOG_LEVEL": "WARNING",
    }


def _run(command: Sequence[str], environment: dict[str, str] | None = None) -> None:
    done = subprocess.run(
        command, capture_output=True, text=True, env=environment, check=False, timeout=1800
    )
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)} failed: {done.stderr.strip()[-2000:]}")
