"""
Files that a person has sent and not yet confirmed: private, for minutes, then gone.

Order exports hold data of buyers, which are never stored (domain.md 5.1). A file waits in a folder
that only this process's user can open, under a random name, bound to the login that sent it. It is
deleted when it is used, when the login sends another one, when its time is over, and when the
process ends; what a killed process left behind is deleted by the next one.
"""

from __future__ import annotations

import os
import secrets
import shutil
import tempfile
import threading
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from collections.abc import Iterable

LIFETIME = timedelta(minutes=30)
_PREFIX = "scan-tracker-upload-"
_LONGEST_NAME = 80


@dataclass(frozen=True, slots=True)
class SentFile:
    """
    One file, and what its sender calls it.
    """

    path: Path
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """
    The files that were sent together, and for which shop; until when they are kept.
    """

    key: str
    login: str
    folder: Path
    files: tuple[SentFile, ...]
    shop: str | None
    expires_at: datetime


class Uploads:
    """
    The uploads of this process; may be used by many threads.
    """

    def __init__(self, lifetime: timedelta = LIFETIME) -> None:
        self._lifetime = lifetime
        self._kept: dict[str, Upload] = {}
        self._lock = threading.Lock()

    def keep(
        self, login: str, sent: Iterable[tuple[str, BinaryIO]], shop: str | None, now: datetime
    ) -> Upload:
        """
        The files wait for the login's word; an earlier upload of the login is gone.
        """
        _sweep(now - self._lifetime)
        folder = Path(tempfile.mkdtemp(prefix=_PREFIX))  # 0700
        try:
            files = tuple(
                _stored(folder / str(place), name, stream, now)
                for place, (name, stream) in enumerate(sent)
            )
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        upload = Upload(
            key=secrets.token_urlsafe(),
            login=login,
            folder=folder,
            files=files,
            shop=shop,
            expires_at=now + self._lifetime,
        )
        for earlier in [one for one in self._all() if one.login == login]:
            self.drop(earlier)
        with self._lock:
            self._kept[upload.key] = upload
        timer = threading.Timer(self._lifetime.total_seconds(), self.drop, [upload])
        timer.daemon = True
        timer.start()
        return upload

    def waiting(self, login: str, key: str, now: datetime) -> Upload | None:
        """
        The login's own upload of that key, while it is kept.
        """
        with self._lock:
            upload = self._kept.get(key)
        if upload is None or upload.login != login:
            return None
        if upload.expires_at <= now:
            self.drop(upload)
            return None
        return upload

    def taken(self, login: str, key: str, now: datetime) -> Upload | None:
        """
        As :meth:`waiting`, for one caller only; who gets it drops it after use.
        """
        upload = self.waiting(login, key, now)
        with self._lock:
            return None if upload is None else self._kept.pop(upload.key, None)

    def drop(self, upload: Upload) -> None:
        """
        The files are gone.
        """
        with self._lock:
            self._kept.pop(upload.key, None)
        shutil.rmtree(upload.folder, ignore_errors=True)

    def close(self) -> None:
        """
        Every file is gone.
        """
        for upload in self._all():
            self.drop(upload)

    def _all(self) -> list[Upload]:
        with self._lock:
            return list(self._kept.values())


def file_name(written: str, otherwise: str) -> str:
    """
    What its sender calls a file, without folders and without what cannot be printed.
    """
    last = PurePath(written.replace("\\", "/")).name
    plain = "".join(char for char in last if char.isprintable()).strip()
    return plain[:_LONGEST_NAME] or otherwise


def _stored(path: Path, name: str, stream: BinaryIO, now: datetime) -> SentFile:
    with path.open("xb") as target:
        shutil.copyfileobj(stream, target)
    # About when its facts were exported, as far as anybody knows (promises.md R27).
    os.utime(path, (now.timestamp(), now.timestamp()))
    return SentFile(path, name)


def _sweep(before: datetime) -> None:
    """
    Folders of a process that was killed are gone, if nothing was put into them since ``before``.
    """
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        try:
            about = folder.lstat()
            ours = about.st_uid == os.getuid() and not folder.is_symlink()
            if ours and datetime.fromtimestamp(about.st_mtime, UTC) < before:
                shutil.rmtree(folder, ignore_errors=True)
        except OSError:  # another process was quicker
            continue
