"""
What tests of every room share: a store on each of the two engines.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from tests.support.databases import Databases, PostgresDatabases, SqliteFiles
from tracker.store import Store

if TYPE_CHECKING:
    from collections.abc import Iterator

# How long an example takes says nothing: machines are busy, and the first one imports.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


@pytest.fixture(scope="session")
def sqlite_files(tmp_path_factory: pytest.TempPathFactory) -> SqliteFiles:
    """
    SQLite files that are gone after the run.
    """
    return SqliteFiles(tmp_path_factory.mktemp("sqlite"))


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresDatabases]:
    """
    A real PostgreSQL, one for each test process.
    """
    yield from PostgresDatabases.started()


@pytest.fixture
def postgres_url(postgres: PostgresDatabases) -> Iterator[str]:
    """
    A PostgreSQL database with our tables, for this test alone.
    """
    url = postgres.migrated()
    yield url
    postgres.drop(url)


@pytest.fixture(params=["sqlite", "postgresql"])
def databases(request: pytest.FixtureRequest) -> Databases:
    """
    Databases of each of the two engines in turn.
    """
    name = {"sqlite": "sqlite_files", "postgresql": "postgres"}[request.param]
    supply: Databases = request.getfixturevalue(name)
    return supply


@pytest.fixture
def database_url(databases: Databases) -> Iterator[str]:
    """
    A database with our tables, for this test alone; the test runs on both engines.
    """
    url = databases.migrated()
    yield url
    if isinstance(databases, PostgresDatabases):
        databases.drop(url)


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    """
    A store on a database of this test's own; the test runs on both engines.
    """
    opened = Store(database_url)
    yield opened
    opened.close()
