"""
Where settings come from: the environment, and one TOML file.

Own code instead of the library's sources because an unknown name must be an error that names the
nearest known one, and every secret must be readable from a file.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic_settings.sources import InitSettingsSource

from tracker.model import UsageError
from tracker.settings.explaining import unknown
from tracker.settings.keys import FILE_SUFFIX, NOT_SETTINGS, PREFIX, SECRET_KEYS, environment_names

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic_settings import BaseSettings

DEFAULT_FILE = Path("tracker.toml")


class EnvironmentSource(InitSettingsSource):
    """
    ``TRACKER_A__B`` as nested values; ``TRACKER_A__B_FILE`` is read from the file it names.
    """

    def __init__(self, settings_cls: type[BaseSettings], environ: Mapping[str, str]) -> None:
        super().__init__(settings_cls, init_kwargs=_environment_values(settings_cls, environ))


class TomlSource(InitSettingsSource):
    """
    The configuration file's values, ``..._file`` keys replaced by the named file's content.
    """

    def __init__(self, settings_cls: type[BaseSettings], path: Path | None) -> None:
        super().__init__(settings_cls, init_kwargs={} if path is None else _read_toml(path))


def config_path(environ: Mapping[str, str]) -> Path | None:
    """
    The file that ``TRACKER_CONFIG`` names, else ``tracker.toml`` if there is one.
    """
    named = environ.get("TRACKER_CONFIG")
    if named:
        path = Path(named)
        if not path.is_file():
            raise UsageError(
                f"TRACKER_CONFIG names {named}, which is not a file: correct or unset it."
            )
        return path
    return DEFAULT_FILE if DEFAULT_FILE.is_file() else None


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} cannot be read: {error}.") from error
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{path} is not valid TOML: {error}.") from error
    filled = _fill_from_files(values, path)
    assert isinstance(filled, dict)  # noqa: S101 - a table in is a table out; tells mypy so
    return filled


def _fill_from_files(value: Any, origin: Path) -> Any:
    """
    ``password_file = "x"`` becomes ``password`` with the content of ``x``, at any depth.

    A relative ``x`` lies beside the configuration file.
    """
    if isinstance(value, list):
        return [_fill_from_files(item, origin) for item in value]
    if not isinstance(value, dict):
        return value
    filled: dict[str, Any] = {}
    for key, item in value.items():
        if key.endswith("_file") and key[:-5] in SECRET_KEYS and isinstance(item, str):
            if key[:-5] in value:
                raise UsageError(f"{origin} sets both {key[:-5]} and {key}: keep one of them.")
            filled[key[:-5]] = _secret_in(origin.parent / item, f"{key} in {origin}")
        else:
            filled[key] = _fill_from_files(item, origin)
    return filled


def _secret_in(path: Path, named_by: str) -> str:
    try:
        secret = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not text"
        raise UsageError(f"{named_by} names {path}, which cannot be read: {reason}.") from error
    if not secret:
        raise UsageError(f"{named_by} names {path}, which is empty: write the secret into it.")
    return secret


def _environment_values(
    settings_cls: type[BaseSettings], environ: Mapping[str, str]
) -> dict[str, Any]:
    known = dict(environment_names(settings_cls))
    values: dict[str, Any] = {}
    for name, text in environ.items():
        if not name.startswith(PREFIX) or name in NOT_SETTINGS:
            continue
        base = name.removesuffix(FILE_SUFFIX)
        if name in known:
            _set(values, known[name], text)
        elif base in known and base in environ:
            raise UsageError(f"{base} and {name} are both set: unset one of them.")
        elif base in known:
            _set(values, known[base], _secret_in(Path(text), name))
        else:
            raise UsageError(unknown(name, sorted(known), "environment variable"))
    return values


def _set(values: dict[str, Any], path: tuple[str, ...], text: str) -> None:
    for part in path[:-1]:
        values = values.setdefault(part, {})
    values[path[-1]] = text
