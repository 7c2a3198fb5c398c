"""
Portal profiles: what is known or assumed of a portal's page, as data (domain.md 3.2).

Each carrier has a shipped profile beside this file; a file of the user's, named by
``carriers.<name>.profile``, changes single keys of it. A key that is not set means: find it out by
meaning. Nobody who built this could reach a portal, so the shipped profiles only say what is
assumed, and ``assumed = true`` stands in them.
"""

from __future__ import annotations

import tomllib
from difflib import get_close_matches
from enum import StrEnum
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import jmespath
from jmespath.exceptions import JMESPathError
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from tracker.vocabulary import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tracker.vocabulary import CarrierName


class Submit(StrEnum):
    """
    How the numbers are submitted.
    """

    BUTTON = "button"
    ENTER = "enter"


class Tie(StrEnum):
    """
    What ties an answer to a number: the number repeated in it, or having asked for it alone.
    """

    ECHO = "echo"
    REQUEST = "request"


def _known_zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ValueError(f"{value!r} is not an IANA time zone such as Asia/Shanghai") from error
    return value


def _json_path(value: str) -> str:
    try:
        jmespath.compile(value)
    except JMESPathError as error:
        raise ValueError(f"{value!r} is not a JMESPath expression such as data.list") from error
    return value


_Text = Annotated[str, Field(min_length=1)]
_Path = Annotated[str, Field(min_length=1), AfterValidator(_json_path)]


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class AskProfile(_Table):
    """
    How the page is asked. Selectors are CSS, and hold in whichever frame of the page has them.
    """

    field: _Text | None = Field(default=None, description="the field for tracking numbers")
    button: _Text | None = Field(default=None, description="what is clicked to submit")
    submit: Annotated[Submit | None, Field(strict=False)] = Field(
        default=None, description="`button` or `enter`"
    )
    separator: _Text | None = Field(default=None, description="what stands between two numbers")
    batch_size: int | None = Field(
        default=None, ge=1, le=100, description="the most numbers that the page takes at once"
    )
    dismiss: Annotated[tuple[_Text, ...], Field(strict=False)] = Field(
        default=(), description="notices to close and consents to refuse before asking"
    )
    details: Annotated[tuple[_Text, ...], Field(strict=False)] = Field(
        default=(), description="what is clicked to show a parcel's events"
    )
    next_page: _Text | None = Field(default=None, description="what leads to the next page")
    ready: _Text | None = Field(default=None, description="what is there once the answer is drawn")


class ReadProfile(_Table):
    """
    How the answer is read. Paths are JMESPath expressions on the JSON that the page fetched.

    ``parcels`` gives one entry a parcel. On an entry, ``number`` gives its tracking number and
    ``events`` its list of events; on an event, ``date``, ``text``, ``place`` and ``code`` give
    their values. What is not set is found out by meaning.
    """

    answer: _Text | None = Field(
        default=None, description="part of the address of the page's own answer"
    )
    parcels: _Path | None = Field(default=None, description="the parcels of the page's own answer")
    number: _Path | None = Field(default=None, description="a parcel's tracking number")
    events: _Path | None = Field(default=None, description="a parcel's events")
    date: _Path | None = Field(default=None, description="an event's date and time")
    text: _Path | None = Field(default=None, description="an event's text")
    place: _Path | None = Field(default=None, description="an event's place")
    code: _Path | None = Field(default=None, description="an event's code")
    zone: Annotated[str, AfterValidator(_known_zone)] = Field(
        default="Asia/Shanghai", description="zone of times without an offset"
    )
    tie: Annotated[Tie, Field(strict=False)] = Field(
        default=Tie.ECHO,
        description="`echo`: the number must stand in the answer; `request`: a page asked for one "
        "number alone may leave it out",
    )


class PortalProfile(_Table):
    """
    One portal's profile; ``assumed`` until a person has compared it with the real page.
    """

    assumed: bool = Field(default=False, description="true until somebody saw the real page")
    note: str | None = Field(default=None, description="where this is known from")
    ask: AskProfile = AskProfile()
    read: ReadProfile = ReadProfile()


def load_profile(carrier: CarrierName, path: str | Path | None = None) -> PortalProfile:
    """
    The carrier's shipped profile, with the keys of the user's file in place of its own.

    Raises :class:`UsageError` for a file that cannot be read, an unknown key (naming the nearest
    known one) or a value that cannot be used.
    """
    shipped = _shipped(carrier)
    if not path:
        return parse_profile(shipped, f"the shipped profile of {carrier}")
    try:
        told = tomllib.loads(Path(path).read_text("utf-8"))
    except OSError as error:
        raise UsageError(f"The portal profile {path} cannot be read: {error.strerror}.") from error
    except ValueError as error:
        raise UsageError(f"The portal profile {path} cannot be read: {error}.") from error
    return parse_profile(_merged(shipped, {"assumed": False} | told), f"The portal profile {path}")


def parse_profile(told: Mapping[str, Any], where: str) -> PortalProfile:
    """
    The profile that a TOML document says; ``where`` names it in an error.

    Raises :class:`UsageError` as :func:`load_profile` does.
    """
    try:
        return PortalProfile.model_validate(dict(told))
    except ValidationError as error:
        raise UsageError(f"{where}: {_explained(error)}") from error


@cache
def _shipped(carrier: CarrierName) -> dict[str, Any]:
    return tomllib.loads(files(__name__).joinpath(f"{carrier}.toml").read_text("utf-8"))


def _merged(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(below)
    for key, value in above.items():
        known = merged.get(key)
        if isinstance(known, dict) and isinstance(value, dict):
            merged[key] = _merged(known, value)
        else:
            merged[key] = value
    return merged


def known_keys() -> tuple[str, ...]:
    """
    Every key of a profile, ``ask.field`` and the like.
    """
    return tuple(
        name if section is None else f"{section}.{name}"
        for section, table in ((None, PortalProfile), ("ask", AskProfile), ("read", ReadProfile))
        for name in table.model_fields
        if name not in {"ask", "read"}
    )


def _explained(error: ValidationError) -> str:
    first = error.errors()[0]
    key = ".".join(str(part) for part in first["loc"])
    if first["type"] != "extra_forbidden":
        return f"{key}: {first['msg'].removeprefix('Value error, ')}."
    near = get_close_matches(key, known_keys(), 1, 0.0)
    return f"{key!r} is no key of a profile; the nearest one is {near[0]!r}."
