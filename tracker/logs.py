"""
The daemon's log on standard error: for people on a terminal, else one JSON object a line.

Times are UTC. The last thing that happens to a line is that every secret of the settings is taken
out of it: the libraries that leak are held back already, and an exception's text is not ours.
"""

from __future__ import annotations

import json
import logging
import sys
from typing import TYPE_CHECKING, Any, TextIO

import structlog

from tracker.quiet import hold_back_libraries

if TYPE_CHECKING:
    from collections.abc import Iterable

    from structlog.typing import EventDict, Processor

OURS = ("tracker", "alerts")
#: Taken out of lines: anything shorter would be found in ordinary words.
_SHORTEST_SECRET = 6
TAKEN_OUT = "[secret]"


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
    last: list[Processor] = [structlog.stdlib.ProcessorFormatter.remove_processors_meta]
    if as_text:
        # Its own traceback would show the values of variables.
        plain = structlog.dev.plain_traceback
        colours = stream.isatty()
        last.append(structlog.dev.ConsoleRenderer(colors=colours, exception_formatter=plain))
    else:
        last += [
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False, default=str),
        ]
    stamp = structlog.processors.TimeStamper(
        fmt="iso", utc=True, key="timestamp" if as_text else "time"
    )
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[
            structlog.stdlib.add_log_level,
            structlog.stdlib.add_logger_name,
            stamp,
            _facts,
        ],
        processors=last,
    )


def _facts(_logger: Any, _method: str, event: EventDict) -> EventDict:
    """
    What :func:`tracker.events.tell` was given stands beside the event.
    """
    record = event.get("_record")
    return {**event, **getattr(record, "facts", {})}
