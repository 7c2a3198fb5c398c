"""
A mail server and a Slack look-alike on loopback that keep what arrives, and misbehave on request.
"""

from __future__ import annotations

import email
import email.policy
import json
import re
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Self

from aiosmtpd.controller import Controller

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from aiosmtpd.smtp import SMTP, Envelope, Session

_REFERENCE = re.compile(r"<[^<>\s]+@[^<>\s]+>")


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrived:
    """
    One message as its recipient has it; ``recipient`` is an address, or a webhook's path.
    """

    at: datetime
    channel: str
    recipient: str
    reference: str
    subject: str
    text: str
    repeat: bool
    reply_to: str = ""
    files: dict[str, bytes] = field(default_factory=dict)


class Inboxes:
    """
    Everything that arrived, in order, over both channels; a context manager.

    ``smtp_answers`` maps an address to the answer given to RCPT instead of ``250 OK``;
    ``slack_status`` maps a webhook's name to the HTTP status it answers instead of 200.
    """

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self.arrived: list[Arrived] = []
        self.attempts: list[tuple[datetime, str, str]] = []
        self.smtp_answers: dict[str, str] = {}
        self.slack_status: dict[str, int] = {}
        self._smtp = _AnyPort(_MailHandler(self), hostname="127.0.0.1", port=0)
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), _webhook_handler(self))
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True)

    def __enter__(self) -> Self:
        self._smtp.start()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._smtp.stop()
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    @property
    def smtp_url(self) -> str:
        """
        The mail server, for ``email.smtp_url``.
        """
        return f"smtp://127.0.0.1:{self._smtp.port}"

    def webhook(self, name: str) -> str:
        """
        The webhook of a channel, for ``slack_webhook``; it arrives under the path ``/services/``.
        """
        return f"http://127.0.0.1:{self._http.server_port}/services/{name}"

    def mail_down(self) -> None:
        """
        Connections to the mail server are refused.
        """
        self._smtp.stop()

    def mail_up(self) -> None:
        """
        The mail server is back on its port.
        """
        self._smtp = _AnyPort(self._smtp.handler, hostname="127.0.0.1", port=self._smtp.port)
        self._smtp.start()

    def take(self, **facts: Any) -> None:
        """
        A message has arrived.
        """
        self.arrived.append(Arrived(at=self._clock(), **facts))

    def attempted(self, channel: str, recipient: str) -> None:
        """
        Somebody tried to hand a message over, whatever came of it.
        """
        self.attempts.append((self._clock(), channel, recipient))


class _AnyPort(Controller):
    """
    aiosmtpd's server on a port that the system chooses.
    """

    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


class _MailHandler:
    def __init__(self, inboxes: Inboxes) -> None:
        self._inboxes = inboxes

    async def handle_RCPT(  # noqa: N802 - the name and arguments are aiosmtpd's
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """
        The recipient taken, or the answer asked for.
        """
        self._inboxes.attempted("email", address)
        envelope.rcpt_tos.append(address)
        return self._inboxes.smtp_answers.get(address, "250 OK")

    async def handle_DATA(  # noqa: N802 - the name is aiosmtpd's
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        """
        The message taken.
        """
        mail = email.message_from_bytes(envelope.original_content, policy=email.policy.default)
        body = mail.get_body(("plain",))
        self._inboxes.take(
            channel="email",
            recipient=envelope.rcpt_tos[0],
            reference=mail["Message-ID"],
            subject=mail["Subject"].strip(),  # a folded heading begins with its blank
            text=body.get_content() if body else "",
            repeat="X-Scan-Tracker-Repeat" in mail,
            reply_to=mail["Reply-To"] or "",
            files={
                part.get_filename(): part.get_payload(decode=True)
                for part in mail.iter_attachments()
            },
        )
        return "250 OK"


def _webhook_handler(inboxes: Inboxes) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            name = self.path.removeprefix("/services/")
            inboxes.attempted("slack", name)
            status = inboxes.slack_status.get(name, 200)
            if status == 200:
                _keep(inboxes, name, json.loads(body))
            answer = b"ok" if status == 200 else b"no_service"
            self.send_response(status)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            """
            Nothing is printed.
            """

    return Handler


def _keep(inboxes: Inboxes, name: str, payload: dict[str, Any]) -> None:
    text = "\n".join(_texts(payload["blocks"]))
    found = _REFERENCE.search(text)
    inboxes.take(
        channel="slack",
        recipient=name,
        reference=found.group() if found else "",
        subject=payload["text"],
        text=text,
        repeat="Possible repeat" in text,
    )


def _texts(blocks: Any) -> list[str]:
    """
    Every text of Slack's blocks, at any depth.
    """
    if isinstance(blocks, list):
        return [text for block in blocks for text in _texts(block)]
    if not isinstance(blocks, dict):
        return []
    own = [blocks["text"]] if isinstance(blocks.get("text"), str) else []
    return own + [text for value in blocks.values() for text in _texts(value)]
