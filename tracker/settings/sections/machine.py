"""
What stands around the tracker on its machine: files, folders, browser, dashboard.
"""

from __future__ import annotations

from pathlib import Path

from pydantic import Field, SecretStr

from tracker.settings.sections.base import Section
from tracker.settings.sections.values import SecretAddress


class Wordings(Section):
    """
    Lines of the user's own for the stage tables.
    """

    file: Path | None = Field(
        default=None, description="a TOML file with further lines for the stage tables"
    )


class Inbox(Section):
    """
    A folder whose files are imported.
    """

    folder: Path | None = Field(
        default=None, description="a folder whose export files are imported; see orders.md"
    )


class Deadman(Section):
    """
    An outside watchdog, told every minute that the watcher lives (promises.md P5).
    """

    url: SecretAddress | None = Field(
        default=None,
        description="an outside watchdog's URL, fetched every minute while the watcher is well; "
        "a secret: server.md",
    )


class Browser(Section):
    """
    The browser that reads Seko's page.
    """

    executable: str | None = Field(default=None, description="the browser; empty: it is found")


class Web(Section):
    """
    The dashboard (later).
    """

    host: str = Field(default="127.0.0.1", description="the dashboard's address (later)")
    port: int = Field(default=8420, ge=0, le=65535, description="the dashboard's port (later)")
    password: SecretStr | None = Field(default=None, description="the operator's password (later)")
