"""
Reading a backup: nothing is written before every row of it was found whole.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from contextlib import contextmanager
from datetime import timedelta
from io import BufferedReader
from typing import TYPE_CHECKING, Any, cast
from zipfile import BadZipFile, ZipFile

from pydantic import ValidationError

from tracker.backup.manifest import NAME, Manifest
from tracker.model import UsageError
from tracker.store.refilling import refill

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from io import RawIOBase
    from pathlib import Path

    from tracker.backup.manifest import SavedTable

#: A daemon's quickest step runs more than once in this time.
_QUIET = timedelta(minutes=2)
_BUFFER = 1 << 20
_DAMAGED = (BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError)


class Archive:
    """
    A backup whose every table was found as the manifest says.
    """

    def __init__(self, archive: ZipFile, manifest: Manifest) -> None:
        self._archive = archive
        self.manifest = manifest

    @property
    def revision(self) -> str:
        """
        The revision of the tables that the rows came from.
        """
        return self.manifest.revision

    def columns(self) -> dict[str, dict[str, str]]:
        """
        Each table's columns with their kinds, in an order in which they can be filled.
        """
        return {table.name: dict(table.columns) for table in self.manifest.tables}

    def rows(self, name: str) -> Iterator[list[Any]]:
        """
        Each row's values as JSON has them.
        """
        with _lines(self._archive, f"{name}.jsonl") as lines:
            yield from (json.loads(line) for line in lines)


def restore(database_url: str, path: Path, now: datetime, *, replace: bool) -> tuple[Manifest, str]:
    """
    The database holds what the backup holds; the manifest, and the revision of the tables now.

    Raises :class:`UsageError` for a file that is no whole backup, and as
    :func:`tracker.store.refilling.refill` does; nothing was changed then.
    """
    with opened_archive(path) as archive:
        revision = refill(database_url, archive, replace=replace, quiet_since=now - _QUIET)
        return archive.manifest, revision


@contextmanager
def opened_archive(path: Path) -> Iterator[Archive]:
    """
    The backup in the file, after a look at every byte of it; raises :class:`UsageError`.
    """
    try:
        archive = ZipFile(path)
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror or error}.") from error
    except _DAMAGED as error:
        raise UsageError(f"{path} is no backup of Scan Tracker, or it is damaged.") from error
    with archive:
        yield Archive(archive, _checked(archive, path))


def _checked(archive: ZipFile, path: Path) -> Manifest:
    try:
        manifest = _manifest(archive, path)
        for table in manifest.tables:
            _check(archive, table, path)
    except (*_DAMAGED, OSError) as error:
        raise UsageError(f"{path} is damaged: not all of it can be read.") from error
    return manifest


def _lines(archive: ZipFile, name: str) -> BufferedReader:
    """
    A member's lines; the archive's own way to find a line's end takes a picture in crumbs.
    """
    return BufferedReader(cast("RawIOBase", archive.open(name)), _BUFFER)


def _manifest(archive: ZipFile, path: Path) -> Manifest:
    try:
        return Manifest.model_validate_json(archive.read(NAME))
    except (KeyError, ValidationError) as error:
        raise UsageError(
            f"{path} is no backup that this version of Scan Tracker reads: its {NAME} is "
            "missing or of another form."
        ) from error


def _check(archive: ZipFile, table: SavedTable, path: Path) -> None:
    digest, count = hashlib.sha256(), 0
    try:
        with _lines(archive, table.file) as lines:
            for line in lines:
                digest.update(line)
                count += 1
    except KeyError as error:
        raise UsageError(f"{path} is damaged: {table.file} is missing.") from error
    if (digest.hexdigest(), count) != (table.sha256, table.rows):
        raise UsageError(f"{path} is damaged: {table.file} is not what was written.")
