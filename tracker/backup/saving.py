"""
Writing a backup: a zip beside its place under another name, put there when it is whole.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from pathlib import Path
from typing import IO, TYPE_CHECKING
from zipfile import ZIP_DEFLATED, ZipFile

import tracker
from tracker.backup.manifest import NAME, Manifest, SavedTable
from tracker.model import ScanTrackerError
from tracker.store.snapshot import snapshot_of

if TYPE_CHECKING:
    from datetime import datetime

    from tracker.store.snapshot import Snapshot


class BackupError(ScanTrackerError):
    """
    The backup could not be written; what lay in its place is still there.
    """


def save(database_url: str, path: Path, now: datetime) -> Manifest:
    """
    ``path`` holds the whole store as of one instant; only its owner may read it.

    Raises :class:`BackupError` when the file cannot be written: then nothing of it is left, and an
    older backup of that name is as it was.
    """
    try:
        handle, name = tempfile.mkstemp(
            dir=path.parent, prefix=f".{path.name}.", suffix=".part"
        )  # made with mode 0600
    except OSError as error:
        raise BackupError(_sentence(path, error)) from error
    part = Path(name)
    try:
        with os.fdopen(handle, "wb") as file, snapshot_of(database_url) as snapshot:
            manifest = _write(file, snapshot, now)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
        _sync_folder(path.parent)
    except OSError as error:
        raise BackupError(_sentence(path, error)) from error
    finally:
        part.unlink(missing_ok=True)
    return manifest


def _write(file: IO[bytes], snapshot: Snapshot, now: datetime) -> Manifest:
    with ZipFile(file, "w", ZIP_DEFLATED) as archive:
        tables = tuple(
            _write_table(archive, snapshot, name, columns)
            for name, columns in snapshot.columns().items()
        )
        manifest = Manifest(
            format="scan-tracker-backup",
            version=1,
            made_by=tracker.__version__,
            made_at=now,
            revision=snapshot.revision,
            tables=tables,
        )
        archive.writestr(NAME, manifest.model_dump_json(indent=1))
    return manifest


def _write_table(
    archive: ZipFile, snapshot: Snapshot, name: str, columns: dict[str, str]
) -> SavedTable:
    digest, count = hashlib.sha256(), 0
    with archive.open(f"{name}.jsonl", "w", force_zip64=True) as member:
        for row in snapshot.rows(name):
            line = json.dumps(row, separators=(",", ":")).encode() + b"\n"
            digest.update(line)
            member.write(line)
            count += 1
    return SavedTable.model_validate(
        {"name": name, "columns": columns, "rows": count, "sha256": digest.hexdigest()}
    )


def _sync_folder(folder: Path) -> None:
    """
    The new name survives a power cut.
    """
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _sentence(path: Path, error: OSError) -> str:
    return f"The backup {path} could not be written: {error.strerror or error}."
