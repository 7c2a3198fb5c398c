"""
The settings as they may be shown to people: the one place where secrets are masked.

A secret is never shown, not even in part. An address shows neither a password nor a token: what
stands before its host and in its query is masked wherever a value is an address.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from pydantic import BaseModel, SecretStr

from tracker.settings.keys import FILE_SUFFIX, environment_name, fields_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

MASK = "••••••"


class Origin(StrEnum):
    """
    Where a setting's value came from.
    """

    DEFAULT = "default"  # nobody set it
    FILE = "file"  # the configuration file
    ENVIRONMENT = "environment"  # a variable, or the file that one names


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """
    One setting for people: ``value`` is masked, ``None`` if it is not set.
    """

    path: tuple[str, ...]
    value: str | None
    origin: Origin
    description: str

    @property
    def key(self) -> str:
        """
        The key as the configuration file names it.
        """
        return ".".join(self.path)


def shown_settings(
    settings: BaseModel, origins: Mapping[tuple[str, ...], Origin]
) -> Iterator[Shown]:
    """
    Each single setting, in the order of declaration.
    """
    for path, field in fields_of(type(settings)):
        value = _at(settings, path)
        yield Shown(
            path=path,
            value=masked(value),
            origin=origins.get(path, Origin.DEFAULT),
            description=field.description or "",
        )


def shown_table(table: BaseModel) -> Iterator[tuple[str, str]]:
    """
    The keys of one ``[[shops]]`` table that are set, each with its masked value.
    """
    for name in type(table).model_fields:
        value = getattr(table, name)
        if isinstance(value, BaseModel):
            yield from ((f"{name}.{key}", shown) for key, shown in shown_table(value))
        elif (shown := masked(value)) is not None:
            yield name, shown


def masked(value: object) -> str | None:
    """
    A setting's value as it may be shown; ``None`` for what is not set.
    """
    if value is None or value in ((), {}):
        return None
    if isinstance(value, SecretStr):
        return MASK
    if isinstance(value, tuple | list):
        return ", ".join(filter(None, map(masked, value)))
    if isinstance(value, dict):
        return ", ".join(f"{key}: {masked(one)}" for key, one in value.items())
    if isinstance(value, bool):
        return str(value).lower()
    return _address(str(value))


def origins_of(
    model: type[BaseModel], environment: Collection[str], from_file: Mapping[str, Any]
) -> dict[tuple[str, ...], Origin]:
    """
    Where each single setting came from, by the names in the environment and the file's tables.
    """
    found = {}
    for path, _field in fields_of(model):
        name = environment_name(path)
        if name in environment or f"{name}{FILE_SUFFIX}" in environment:
            found[path] = Origin.ENVIRONMENT
        elif _stands_in(from_file, path):
            found[path] = Origin.FILE
        else:
            found[path] = Origin.DEFAULT
    return found


def _stands_in(tables: Mapping[str, Any], path: tuple[str, ...]) -> bool:
    for part in path[:-1]:
        inner = tables.get(part)
        if not isinstance(inner, dict):
            return False
        tables = inner
    return path[-1] in tables


def _at(settings: BaseModel, path: tuple[str, ...]) -> object:
    value: Any = settings
    for part in path:
        known = type(value).model_fields
        value = getattr(value, part if part in known else f"{part}_")
    return value


def _address(text: str) -> str:
    """
    The text; if it is an address, without user, password, query and fragment.
    """
    if "://" not in text:
        return text
    try:
        parts = urlsplit(text)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return MASK
    user = f"{MASK}@" if "@" in parts.netloc else ""
    where = f"{host}:{port}" if port else host
    query = f"?{MASK}" if parts.query or parts.fragment else ""
    return f"{parts.scheme}://{user}{where}{parts.path}{query}"
