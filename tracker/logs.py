"""
The daemon's log on standard error: for people on a terminal, else one JSON object a line.

Times are UTC. The last thing that happens to a line is that every secret of the settings is taken
out of it: the libraries that leak are held back already, and an exception's text is not ours.
"""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TextIO

from pythonjsonlogger.core import RESERVED_ATTRS
from pythonjsonlogger.json import JsonFormatter

from tracker.quiet import hold_back_libraries

if TYPE_CHECKING:
    from collections.abc import Iterable

OURS = ("tracker", "alerts")
#: Taken out of lines: anything shorter would be found in ordinary words.
_SHORTEST_SECRET = 6
TAKEN_OUT = "[secret]"
#: A line's own keys in JSON, by what :mod:`logging` calls them.
_KEYS = {
    "message": "event",
    "levelname": "level",
    "name": "logger",
    "asctime": "time",
    "exc_info": "exception",
}


def log_events(
    *, form: str, level: str, secrets: Iterable[str], stream: TextIO | None = None
) -> None:
    """
    The log goes to ``stream`` (standard error) in the form ``auto``, ``json`` or ``text``.

    ``level`` holds for our own lines; libraries say no more than warnings.
    """
    stream = sys.stderr if stream is None else stream
    handler = logging.StreamHandler(stream)
    handler.setFormatter(_Discreet(_formatter(form, stream), secrets))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    for name in OURS:
        logging.getLogger(name).setLevel(level.upper())
    hold_back_libraries()


class _Discreet(logging.Formatter):
    """
    What another formatter wrote, without the secrets.
    """

    def __init__(self, inner: logging.Formatter, secrets: Iterable[str]) -> None:
        super().__init__()
        self._inner = inner
        known = {secret for secret in secrets if len(secret) >= _SHORTEST_SECRET}
        known |= {json.dumps(secret)[1:-1] for secret in known}
        self._secrets = sorted(known, key=len, reverse=True)

    def format(self, record: logging.LogRecord) -> str:
        """
        The line, fit to be read by anybody.
        """
        line = self._inner.format(record)
        for secret in self._secrets:
            line = line.replace(secret, TAKEN_OUT)
        return line


def _formatter(form: str, stream: TextIO) -> logging.Formatter:
    as_text = form == "text" or (form == "auto" and stream.isatty())
    return _Text() if as_text else _Json()


class _InUtc(logging.Formatter):
    """
    Writes instants as ``2026-11-18T04:00:00.123Z``.
    """

    def formatTime(  # noqa: N802 - logging's own name
        self,
        record: logging.LogRecord,
        datefmt: str | None = None,  # noqa: ARG002 - there is one form
    ) -> str:
        """
        When the record was made.
        """
        made = datetime.fromtimestamp(record.created, UTC)
        return made.isoformat(timespec="milliseconds").replace("+00:00", "Z")


class _Json(_InUtc, JsonFormatter):
    """
    One object a line; what :func:`tracker.events.tell` was given stands beside the event.
    """

    def __init__(self) -> None:
        JsonFormatter.__init__(
            self,
            [name for name in _KEYS if name != "exc_info"],  # there only if there was one
            rename_fields=_KEYS,
            reserved_attrs=[*RESERVED_ATTRS, "facts"],
            json_ensure_ascii=False,
            json_default=str,
        )

    def add_fields(
        self,
        log_data: dict[str, Any],
        record: logging.LogRecord,
        message_dict: dict[str, Any],
    ) -> None:
        """
        The record's fields and facts are those of the line.
        """
        super().add_fields(log_data, record, message_dict)
        log_data["level"] = record.levelname.lower()
        log_data |= getattr(record, "facts", {})


class _Text(_InUtc):
    """
    One line for people: instant, level, what happened, and the facts that it was told with.
    """

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's own name
        """
        The line without what an exception adds below it.
        """
        facts: dict[str, object] = getattr(record, "facts", {})
        told = "".join(f" {name}={value}" for name, value in facts.items() if value is not None)
        level = record.levelname.lower()
        return f"{self.formatTime(record)} {level:8} {record.message}{told} [{record.name}]"
