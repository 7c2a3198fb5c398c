"""
A new folder that is there as a whole or not at all, and never anybody else's.
"""

from __future__ import annotations

import secrets
import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

from tracker.model import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_MOST_TRIES = 1000


class Shelf(Protocol):
    """
    Takes the pack's files one by one.
    """

    def put(self, name: str, content: bytes) -> None:
        """
        The file is taken.
        """


class NoShelf:
    """
    Takes nothing: for finding out what would be written.
    """

    def put(self, name: str, content: bytes) -> None:
        """
        Nothing is written.
        """


class FolderShelf:
    """
    Files in one hidden folder, which the first of them makes.
    """

    def __init__(self, parent: Path, name: str) -> None:
        self._parent = parent
        self._name = name
        self._hidden = parent / f".{name}-{secrets.token_hex(4)}"
        #: Where the files are in the end; ``None`` while they are not, or when there are none.
        self.final: Path | None = None

    def put(self, name: str, content: bytes) -> None:
        """
        The file stands in the folder; one of that name must not be there yet.
        """
        if not self._hidden.exists():
            self._parent.mkdir(parents=True, exist_ok=True)
            self._hidden.mkdir()
        with (self._hidden / name).open("xb") as stream:
            stream.write(content)

    def finish(self) -> None:
        """
        The files stand under the name, or under it with the first number that is free.
        """
        if not self._hidden.exists():
            return
        for serial in range(1, _MOST_TRIES):
            final = self._parent / (self._name if serial == 1 else f"{self._name}-{serial}")
            try:
                final.mkdir()  # taken before the renaming, which would take any empty folder
            except FileExistsError:
                continue
            self.final = self._hidden.rename(final)
            return
        raise UsageError(f"{self._parent} holds {_MOST_TRIES} folders named {self._name} already.")

    def discard(self) -> None:
        """
        Nothing is left of the hidden folder.
        """
        shutil.rmtree(self._hidden, ignore_errors=True)


@contextmanager
def new_folder(parent: Path, name: str) -> Iterator[FolderShelf]:
    """
    A shelf whose files stand in ``parent/name`` (``name-2`` if taken) when the block has ended.

    Until then they lie in a hidden folder beside it, which goes if the block fails. Raises
    :class:`UsageError` when the place cannot be written.
    """
    shelf = FolderShelf(parent, name)
    try:
        yield shelf
        shelf.finish()
    except OSError as error:
        shelf.discard()
        raise UsageError(f"{parent} cannot be written: {error.strerror}.") from error
    except BaseException:
        shelf.discard()
        raise
