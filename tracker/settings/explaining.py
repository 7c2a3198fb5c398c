"""
What is wrong with a configuration, in one sentence each: where, what, and what to do.
"""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from tracker.settings.keys import FILE_SUFFIX, environment_name

if TYPE_CHECKING:
    from collections.abc import Collection

    from pydantic import ValidationError


class Explainer:
    """
    Explains the errors of one settings class; ``variables`` are the environment's names.
    """

    def __init__(self, model: type[BaseModel], variables: Collection[str]) -> None:
        self._model = model
        self._variables = variables

    def explain(self, error: ValidationError) -> str:
        """
        One sentence for each thing that is wrong.
        """
        return " ".join(self._one(item) for item in error.errors(include_url=False))

    def _one(self, item: Any) -> str:
        path = ".".join(str(part) for part in item["loc"]) or "the configuration"
        if item["type"] == "extra_forbidden":
            return unknown(path, self._siblings(item["loc"]), "key")
        message = str(item["msg"]).removeprefix("Value error, ")
        end = "" if message.endswith((".", "?")) else "."
        return f"Setting {path}{self._given_by(item['loc'])}: {message}{end}"

    def _given_by(self, loc: tuple[Any, ...]) -> str:
        """
        The environment variable that set a key, if one did: the file is then not where to look.
        """
        name = environment_name(loc)
        found = [one for one in (name, name + FILE_SUFFIX) if one in self._variables]
        return f" (from {found[0]})" if found else ""

    def _siblings(self, loc: tuple[Any, ...]) -> list[str]:
        """
        The dotted keys that may stand where an unknown one was found.
        """
        model: Any = self._model
        for part in loc[:-1]:
            if not isinstance(part, int):
                model = _table_model(model, str(part))
        prefix = ".".join(str(part) for part in loc[:-1])
        names = [name.rstrip("_") for name in getattr(model, "model_fields", {})]
        return [f"{prefix}.{name}" if prefix else name for name in names]


def _table_model(model: Any, key: str) -> Any:
    field = getattr(model, "model_fields", {}).get(key)
    if field is None:
        return None
    candidates = [field.annotation, *getattr(field.annotation, "__args__", ())]
    return next(
        (one for one in candidates if isinstance(one, type) and issubclass(one, BaseModel)), None
    )


def unknown(name: str, known: list[str], what: str) -> str:
    """
    The sentence about a name that is not known, with the nearest one that is.
    """
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    hint = f"did you mean {near[0]}?" if near else f"known here: {', '.join(known)}."
    return f"Unknown {what} {name}: {hint}"
