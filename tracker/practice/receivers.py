"""
The receiving side of the demo: a mailbox that speaks SMTP and a channel that takes webhooks.

Both listen on loopback only and keep what came in memory.
"""

from __future__ import annotations

import email
import json
import socket
import threading
from email import policy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Self

from aiosmtpd.controller import Controller

if TYPE_CHECKING:
    from email.message import EmailMessage

    from aiosmtpd.smtp import SMTP, Envelope, Session

_BODY_LIMIT = 1_000_000


class PracticeMailbox:
    """
    An SMTP server that takes every message; a context manager.
    """

    def __init__(self) -> None:
        self.messages: list[EmailMessage] = []
        # aiosmtpd tries its own port after the start and does not follow a port 0 to the real one.
        self._controller = Controller(self, hostname="127.0.0.1", port=_free_port())

    def __enter__(self) -> Self:
        self._controller.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._controller.stop()

    @property
    def url(self) -> str:
        """
        The ``email.smtp_url`` that leads here.
        """
        return f"smtp://127.0.0.1:{self._controller.port}"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        """
        One message is kept.
        """
        content = envelope.original_content or b""
        self.messages.append(email.message_from_bytes(content, policy=policy.default))
        return "250 kept"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class PracticeSlack:
    """
    An incoming webhook that takes every message, as Slack's does; a context manager.
    """

    def __init__(self) -> None:
        self.messages: list[dict[str, Any]] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _slack_handler(self.messages))
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def url(self) -> str:
        """
        The ``slack_webhook`` that leads here.
        """
        return f"http://127.0.0.1:{self._server.server_port}/services/practice"


def _slack_handler(kept: list[dict[str, Any]]) -> type[BaseHTTPRequestHandler]:
    """
    The handler class bound to one list, as the standard library wants it.
    """

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = min(int(self.headers.get("Content-Length", 0)), _BODY_LIMIT)
            kept.append(json.loads(self.rfile.read(length)))
            self.send_response(200)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"ok")

        def log_message(self, *_: object) -> None:
            """
            Nothing: the demo prints what matters.
            """

    return Handler
