"""
The names of the settings: in the configuration file and in the environment.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tracker.settings.sections import Section

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic import BaseModel

PREFIX = "TRACKER_"
#: Environment names that are no settings themselves.
NOT_SETTINGS = frozenset({"TRACKER_CONFIG"})
#: Each key's variable may be given as ``<NAME>_FILE``, naming a file that holds the value.
FILE_SUFFIX = "_FILE"


def environment_names(model: type[BaseModel]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """
    Each environment name with the path of its key, ``("TRACKER_WATCH__SEND_WINDOW", (...))``.
    """
    for path, _ in fields_of(model):
        yield environment_name(path), path


def environment_name(path: tuple[object, ...]) -> str:
    """
    The variable that gives the key with this path.
    """
    return PREFIX + "__".join(str(part).upper() for part in path)


def fields_of(
    model: type[BaseModel], path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], Any]]:
    """
    Each single setting's path and pydantic field, in the order of declaration.

    Lists of tables (``[[shops]]``, ``[[calendar.exceptions]]``) are not among them: they can be
    given in the file only.
    """
    for name, field in model.model_fields.items():
        here = (*path, name.rstrip("_"))
        if isinstance(field.annotation, type) and issubclass(field.annotation, Section):
            yield from fields_of(field.annotation, here)
        elif name not in {"shops", "exceptions"}:
            yield here, field


#: Keys that may be given as ``<key>_file`` in the configuration file.
SECRET_KEYS = frozenset(
    {
        "password",
        "smtp_url",
        "webhook",
        "slack_webhook",
        "apprise",
        "secret",
        "refresh_token",
        "url",
        "database_url",
    }
)
