"""
The claim pack as one archive, for whoever takes it over the wire.
"""

from __future__ import annotations

import tempfile
from typing import IO
from zipfile import ZIP_DEFLATED, ZipFile

#: A larger archive is kept on disk while it is built and sent.
_IN_MEMORY = 8_000_000


class ZipShelf:
    """
    Files in one archive; :meth:`finish` gives it.
    """

    def __init__(self) -> None:
        self._file: IO[bytes] = tempfile.SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115 - see finish
        self._archive = ZipFile(self._file, "w", ZIP_DEFLATED)

    def put(self, name: str, content: bytes) -> None:
        """
        The file stands in the archive.
        """
        self._archive.writestr(name, content)

    def finish(self) -> IO[bytes]:
        """
        The whole archive, at its beginning; to be closed by whoever takes it.
        """
        self._archive.close()
        self._file.seek(0)
        return self._file
