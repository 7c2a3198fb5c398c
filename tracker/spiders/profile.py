"""
A portal profile: what a person knows about a portal's page, as data (domain.md 3.2).
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, fields
from pathlib import Path

from tracker.model import UsageError


@dataclass(frozen=True, slots=True)
class PortalProfile:
    """
    Pinned CSS selectors and the separator between numbers; ``None`` means "find it yourself".
    """

    field: str | None = None
    button: str | None = None
    separator: str | None = None


def load_profile(path: str | None) -> PortalProfile:
    """
    The profile in a TOML file; the empty one when no file is named.

    Raises :class:`UsageError` for a file that cannot be read or holds an unknown key.
    """
    if not path:
        return PortalProfile()
    try:
        told = tomllib.loads(Path(path).read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise UsageError(f"the portal profile {path} cannot be read: {error}") from error
    known = {item.name for item in fields(PortalProfile)}
    for key, value in told.items():
        if key not in known or not isinstance(value, str):
            raise UsageError(
                f"the portal profile {path}: {key!r} is not one of {', '.join(sorted(known))} "
                "with a text as its value"
            )
    return PortalProfile(**told)
