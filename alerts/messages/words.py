"""
The templates of one language, called by name.

English and Chinese are complete; a folder of another language would need to hold only what differs:
what it lacks is taken from English. The texts to be copied (English and Chinese for everybody)
stand in ``shared``.
"""

from __future__ import annotations

import re
import shlex
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from jinja2 import Environment, FileSystemLoader, StrictUndefined

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date, datetime

    from alerts.messages.message import Line

TEMPLATES = Path(__file__).parent / "templates"
FALLBACK = "en"


class Words:
    """
    The wording of one language; an unknown language speaks English.
    """

    def __init__(self, language: str) -> None:
        self.language = language if _exists(language) else FALLBACK
        self._templates = _environment(self.language)

    def one(self, template: str, macro: str, *values: object) -> str:
        """
        What the macro says, as one line.
        """
        return " ".join(self.lines(template, macro, *values))

    def lines(self, template: str, macro: str, *values: object) -> tuple[str, ...]:
        """
        What the macro says, line by line without empty ones.

        Values hold no line breaks (``clean``), so that a line here is a line of the template.
        """
        module = self._templates.get_template(f"{template}.j2").module
        said = str(getattr(module, macro)(*values))
        return tuple(line.strip() for line in said.splitlines() if line.strip())

    def sign(self, template: str, name: str) -> str:
        """
        A text that the template sets, as it stands, blanks included.
        """
        return str(getattr(self._templates.get_template(f"{template}.j2").module, name))

    def table(self, template: str, name: str) -> Mapping[str, str]:
        """
        A table of words that the template sets; empty if this language needs none.
        """
        return getattr(self._templates.get_template(f"{template}.j2").module, name, {})


def reworded(
    text: str,
    phrases: Mapping[str, str],
    patterns: Iterable[tuple[str, str]] = (),
    inner: Mapping[str, str] | None = None,
) -> str:
    """
    The text in a template's words, where English is stored; what no phrase or pattern knows stays.

    The first pattern that fits the whole text gives the words for it. Its groups whose names begin
    with ``said`` are reworded in turn, by ``inner`` phrases if given; the others stay.
    """
    if text in phrases:
        return phrases[text]
    patterns = tuple(patterns)
    for pattern, words in patterns:
        if match := re.fullmatch(pattern, text):
            groups = match.groupdict()
            return words.format_map(
                {
                    name: reworded(value, inner or phrases, patterns, inner)
                    if name.startswith("said")
                    else value
                    for name, value in groups.items()
                }
            )
    return text


def stamp(instant: datetime, zone: str) -> str:
    """
    The instant in the zone, to the minute, with the zone's name.
    """
    return f"{local(instant, zone):%Y-%m-%d %H:%M} ({zone_name(zone)})"


def local(instant: datetime, zone: str) -> datetime:
    """
    The instant on the clocks of the zone.
    """
    return instant.astimezone(ZoneInfo(zone_name(zone)))


@cache
def zone_name(zone: str) -> str:
    """
    The zone if this machine knows it, else UTC: a strange zone must not cost an alert.
    """
    try:
        return ZoneInfo(zone).key
    except (ZoneInfoNotFoundError, ValueError, OSError):  # unknown, or no name of a zone at all
        return "UTC"


def due(deadline: datetime, zone: str) -> str:
    """
    The deadline for texts in any language: the first instant that is too late.
    """
    return stamp(deadline, zone)


def ends_day(deadline: datetime, zone: str) -> bool:
    """
    True when the deadline is a midnight, so that it can be told as the end of a day.
    """
    at = local(deadline, zone)
    return (at.hour, at.minute, at.second) == (0, 0, 0)


def last_day(deadline: datetime, zone: str) -> date:
    """
    The last day that is still in time.
    """
    return (local(deadline, zone) - timedelta(microseconds=1)).date()


def countries(lines: Iterable[Line]) -> list[str]:
    """
    The countries concerned, each once, in the order of the lines.
    """
    return list(dict.fromkeys(line.country for line in lines if line.country))


def portals(lines: Iterable[Line]) -> list[str]:
    """
    The addresses of the portals concerned, each once.
    """
    urls = (portal.url for line in lines for portal in line.portals)
    return list(dict.fromkeys(url for url in urls if url))


def _exists(language: str) -> bool:
    return bool(re.fullmatch(r"[a-z]{2}", language)) and (TEMPLATES / language).is_dir()


@cache
def _environment(language: str) -> Environment:
    folders = [TEMPLATES / name for name in dict.fromkeys((language, FALLBACK, "shared"))]
    # No escaping here: words become parts, and each form (HTML, Slack, table) escapes for itself.
    environment = Environment(  # noqa: S701  see above
        loader=FileSystemLoader(folders),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.filters["ucfirst"] = lambda text: text[:1].upper() + text[1:]
    environment.filters["reworded"] = reworded
    environment.globals.update(
        stamp=stamp,
        zone_name=zone_name,
        local=local,
        due=due,
        ends_day=ends_day,
        last_day=last_day,
        countries=countries,
        portals=portals,
        quoted=shlex.quote,
    )
    return environment
