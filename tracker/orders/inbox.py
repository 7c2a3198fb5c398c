"""
A folder that people and programs drop export files into: each is imported once it lies still.

Crash-safe without any memory: a file is imported, then moved. Between the two it may be imported
again, which changes nothing. Nothing that somebody dropped is ever deleted or written over, and no
link is followed. A lock on the folder keeps two processes from taking one file at once.
"""

from __future__ import annotations

import fcntl
import logging
import os
import stat
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tracker.model import ScanTrackerError
from tracker.orders.inboxresults import Told, finish, is_result, put_away
from tracker.orders.taking import Taking
from tracker.store import StoreError
from tracker.store.types import storable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tracker.clock import Clock
    from tracker.planning.deadlines import Deadlines
    from tracker.store import Store

log = logging.getLogger(__name__)

DONE: Final = "done"
FAILED: Final = "failed"
LOCK: Final = ".scan-tracker.lock"
#: Between two looks at a new file in a single round.
SETTLE_SECONDS: Final = 3.0
#: A file that was not written to for so long lies still.
STILL_SECONDS: Final = 60.0
#: What programs call a file that they have not finished.
_UNFINISHED: Final = (".part", ".partial", ".filepart", ".tmp", ".crdownload", ".download")
_NOT_FOR_US: Final = frozenset({"thumbs.db", "desktop.ini"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Dropped:
    """
    One file as it lies there: a change of any of the numbers is a change of the file.
    """

    path: Path
    shop: str | None
    inode: int
    size: int
    changed_ns: int


@dataclass(slots=True)
class InboxRound:
    """
    What one look into the folder did.
    """

    imported: int = 0
    failed: int = 0
    problems: tuple[str, ...] = ()


class _StillWrittenError(ScanTrackerError):
    """
    The file changed while it was read: it is left for later.
    """


class Inbox:
    """
    One folder, looked into again and again by one process.
    """

    def __init__(self, folder: Path, *, store: Store, deadlines: Deadlines, clock: Clock) -> None:
        self._folder = folder
        self._store = store
        self._deadlines = deadlines
        self._clock = clock
        self._seen: frozenset[Dropped] = frozenset()
        self._stuck: dict[Dropped, str] = {}

    def round(self, pause: Callable[[float], None] | None = None) -> InboxRound:
        """
        Every file that lies still is imported and put away, with its result beside it.

        New files are left for the next round; with ``pause`` they are looked at once more after a
        moment. Raises :class:`~tracker.store.StoreError` when the database fails: no file is to
        blame for that, and none is moved.
        """
        done = InboxRound()
        if not self._folder.is_dir():
            done.problems = (f"inbox.folder names {self._folder}, which is not a folder.",)
            return done
        try:
            with _locked(self._folder) as ours:
                if ours:
                    self._take_all(done, pause)
        except OSError as error:
            why = error.strerror or type(error).__name__
            done.problems += (f"the inbox {self._folder} cannot be used: {why}.",)
        done.problems = tuple(storable(problem) for problem in done.problems)
        return done

    def _take_all(self, done: InboxRound, pause: Callable[[float], None] | None) -> None:
        folders = dict(self._folders())
        for folder in folders:
            finish(folder / DONE)
            finish(folder / FAILED)
        waiting = self._waiting(folders)
        if pause is not None and any(not self._lies_still(one) for one in waiting):
            self._seen = frozenset(waiting)
            pause(SETTLE_SECONDS)
            waiting = self._waiting(folders)
        for dropped in waiting:
            if self._lies_still(dropped) and dropped not in self._stuck:
                self._take(dropped, done)
        self._seen = frozenset(waiting)
        self._stuck = {one: why for one, why in self._stuck.items() if one in self._seen}
        done.problems += tuple(self._problems(folders))

    # -- what lies there -----------------------------------------------------------------------

    def _folders(self) -> Iterator[tuple[Path, str | None]]:
        """
        The inbox itself, and each folder in it that has a configured shop's name, with that name.
        """
        yield self._folder, None
        by_name = {_folded(shop.name): shop.name for shop in self._deadlines.settings.shops}
        for path in _real_folders(self._folder):
            if (shop := by_name.get(_folded(path.name))) is not None:
                yield path, shop

    def _waiting(self, folders: dict[Path, str | None]) -> list[Dropped]:
        """
        Every file that was dropped, in the order of their names.
        """
        return [
            dropped
            for folder, shop in folders.items()
            for path in sorted(folder.iterdir())
            if not _is_not_for_us(path.name) and (dropped := _dropped(path, shop)) is not None
        ]

    def _lies_still(self, dropped: Dropped) -> bool:
        """
        True when nobody writes to the file any more, as far as can be told.
        """
        age = self._clock().timestamp() - dropped.changed_ns / 1e9
        return dropped in self._seen or age >= STILL_SECONDS

    # -- one file ------------------------------------------------------------------------------

    def _take(self, dropped: Dropped, done: InboxRound) -> None:
        told = self._imported(dropped)
        if told is None:
            return
        try:
            put_away(dropped.path, DONE if told.result else FAILED, told)
        except OSError as error:
            # Imported again each time until it can be moved, it would only cost time.
            self._stuck[dropped] = error.strerror or type(error).__name__
            return
        if told.result:
            done.imported += 1
        else:
            done.failed += 1

    def _imported(self, dropped: Dropped) -> Told | None:
        """
        What became of the file; ``None`` when it is still being written.
        """
        taking = Taking(store=self._store, deadlines=self._deadlines, now=self._clock())
        told = Told(
            name=dropped.path.name,
            shop=dropped.shop,
            at=taking.now.astimezone(self._deadlines.settings.zone),
        )
        try:
            return told.imported(
                taking.take(dropped.path, dropped.shop, check=lambda: _check_same(dropped))
            )
        except _StillWrittenError:
            return None
        except StoreError:
            raise
        except ScanTrackerError as error:
            if not _is_same(dropped):
                return None
            return told.refused(str(error))
        except Exception as error:
            # A file of a kind nobody foresaw must not keep the others waiting (promises.md R10).
            log.exception("%s could not be imported", dropped.path)
            return told.refused(f"It could not be read ({type(error).__name__}).")

    # -- what is wrong -------------------------------------------------------------------------

    def _problems(self, folders: dict[Path, str | None]) -> Iterator[str]:
        for dropped, why in self._stuck.items():
            yield f"{dropped.path} was imported and cannot be moved to {DONE}: {why}."
        for folder in folders:
            yield from _failed_in(folder / FAILED)
        for path in _real_folders(self._folder):
            if path not in folders and any(not _is_not_for_us(one.name) for one in path.iterdir()):
                yield (
                    f"{path} holds files and is no configured shop's name: "
                    "rename it, or add the shop to [[shops]]."
                )


def _dropped(path: Path, shop: str | None) -> Dropped | None:
    """
    The file as it lies there; ``None`` for anything but a file, and when it is gone again.
    """
    try:
        about = path.lstat()
    except FileNotFoundError:
        return None
    if not stat.S_ISREG(about.st_mode):
        return None
    return Dropped(
        path=path,
        shop=shop,
        inode=about.st_ino,
        size=about.st_size,
        changed_ns=about.st_mtime_ns,
    )


def _failed_in(folder: Path) -> Iterator[str]:
    if folder.is_symlink() or not folder.is_dir():
        return
    names = sorted(
        one.name
        for one in folder.iterdir()
        if not one.name.startswith(".") and not is_result(one.name)
    )
    if names:
        yield (
            f"not imported, in {folder}: {names[0]}"
            f"{f' and {len(names) - 1} more' if len(names) > 1 else ''}; the .result.txt beside it "
            "says why; drop a corrected file into the inbox and take this one away."
        )


@contextmanager
def _locked(folder: Path) -> Iterator[bool]:
    """
    Whether nobody else takes files from the folder until the block ends, crash included.
    """
    lock = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o644)
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
    finally:
        os.close(lock)


def _real_folders(folder: Path) -> list[Path]:
    """
    The folders in it that are no links, without our own.
    """
    return [
        path
        for path in sorted(folder.iterdir())
        if path.is_dir()
        and not path.is_symlink()
        and path.name not in {DONE, FAILED}
        and not path.name.startswith(".")
    ]


def _is_not_for_us(name: str) -> bool:
    """
    Hidden files, lock files of office programs, and what is still being downloaded.
    """
    folded = name.casefold()
    return (
        folded.startswith((".", "~$"))
        or folded.endswith(_UNFINISHED)
        or folded in {*_NOT_FOR_US, DONE, FAILED}
    )


def _check_same(dropped: Dropped) -> None:
    if not _is_same(dropped):
        raise _StillWrittenError(str(dropped.path))


def _is_same(dropped: Dropped) -> bool:
    return _dropped(dropped.path, dropped.shop) == dropped


def _folded(name: str) -> str:
    return " ".join(name.casefold().split())
