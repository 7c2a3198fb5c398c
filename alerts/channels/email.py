"""
Letters by SMTP: plain text with an HTML alternative, the whole list as an attachment.

``smtp_server`` reads the address, ``smtp_answers`` the server's codes. A password goes out only
encrypted, or to this machine.
"""

from __future__ import annotations

import logging
import re
import smtplib
import ssl
from contextlib import contextmanager
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from email.utils import format_datetime, formataddr, getaddresses, localtime, parseaddr
from typing import TYPE_CHECKING

from alerts.channels.base import Delivered, Refused, Result, Retry
from alerts.channels.limit import WholeLimit
from alerts.channels.smtp_answers import verdict
from alerts.channels.smtp_server import SmtpServer, is_loopback, read_smtp_url
from alerts.messages.by_hand import FILE_NAME
from tracker.model import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from alerts.messages.message import Message

log = logging.getLogger(__name__)

_ADDRESS = re.compile(
    r"[^\s@<>()\[\]\\,;:\"\x00-\x1f\x7f]{1,64}@[^\s@<>()\\,;:\"\x00-\x1f\x7f]{1,255}"
)
_MESSAGE_ID = re.compile(r"<[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,120}@[A-Za-z0-9.-]{1,80}>")


class EmailChannel:
    """
    One SMTP connection per message.

    ``timeout`` is in seconds and holds for each step of the conversation, ``total`` for all of it.
    ``tls`` replaces the system's trust store, for a private certificate authority. An unusable
    URL or sender raises ``UsageError``.
    """

    name = "email"

    def __init__(
        self,
        smtp_url: str,
        sender: str,
        timeout: float = 30,
        *,
        total: float = 120,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._total = total
        self._server = read_smtp_url(smtp_url)
        self._sender = _checked_sender(sender)
        self._timeout = timeout
        self._tls = tls or ssl.create_default_context()

    def send(self, message: Message, recipient: str) -> Result:
        """
        One attempt to hand the message to the mail server for ``recipient``, an e-mail address.
        """
        if not _ADDRESS.fullmatch(recipient):
            return Refused(
                "the recipient is not an e-mail address: correct it in the configuration"
            )
        mail = to_mail(message, sender=self._sender, recipient=recipient)
        limit = WholeLimit(self._total)
        try:
            with limit, self._connection(limit) as smtp:
                smtp.send_message(mail, parseaddr(self._sender)[1], [recipient])
        except _PlainTextPassword as refusal:
            return Refused(str(refusal))
        except (smtplib.SMTPException, OSError) as error:
            if limit.passed:
                return Retry(None, f"{self._server.shown} did not finish in time")
            return verdict(error, self._server)
        return Delivered(f"taken over by {self._server.shown}")

    @contextmanager
    def _connection(self, limit: WholeLimit) -> Iterator[smtplib.SMTP]:
        smtp = self._open(limit)
        try:
            self._secure(smtp)
            yield smtp
            _leave(smtp)
        finally:
            smtp.close()

    def _open(self, limit: WholeLimit) -> smtplib.SMTP:
        host, port, timeout = self._server.host, self._server.port, self._timeout
        if self._server.implicit_tls:
            return _LimitedTls(host, port, timeout=timeout, context=self._tls, limit=limit)
        return _Limited(host, port, timeout=timeout, limit=limit)

    def _secure(self, smtp: smtplib.SMTP) -> None:
        smtp.ehlo_or_helo_if_needed()
        server = self._server
        encrypted = server.implicit_tls
        if not encrypted and server.starttls and smtp.has_extn("starttls"):
            smtp.starttls(context=self._tls)
            smtp.ehlo()
            encrypted = True
        if server.user is None or server.password is None:
            return
        if not encrypted and not is_loopback(server.host):
            raise _PlainTextPassword(server)
        smtp.login(server.user, server.password)


class _Limited(smtplib.SMTP):
    # The connection must be watched before smtplib makes it and waits for the greeting.
    def __init__(self, host: str, port: int, *, timeout: float, limit: WholeLimit) -> None:
        limit.watch(lambda: getattr(self, "sock", None))
        super().__init__(host, port, timeout=timeout)


class _LimitedTls(smtplib.SMTP_SSL):
    def __init__(
        self, host: str, port: int, *, timeout: float, context: ssl.SSLContext, limit: WholeLimit
    ) -> None:
        limit.watch(lambda: getattr(self, "sock", None))
        super().__init__(host, port, timeout=timeout, context=context)


class _PlainTextPassword(Exception):  # noqa: N818  it names what was refused, and stays in here
    def __init__(self, server: SmtpServer) -> None:
        super().__init__(
            f"{server.shown} offers no encryption (STARTTLS), so user and password were not sent: "
            "use smtps:// or another server"
        )


def to_mail(message: Message, *, sender: str, recipient: str) -> EmailMessage:
    """
    The message as mail; a retry of the same reference bears the same Message-ID.
    """
    mail = EmailMessage(policy=SMTP_POLICY)
    mail["From"] = sender
    mail["To"] = recipient
    if message.reply_to:
        mail["Reply-To"] = ", ".join(message.reply_to)
    mail["Subject"] = " ".join(message.subject.split())
    mail["Date"] = format_datetime(localtime())
    mail["Message-ID"] = message_id(message.reference)
    mail["Auto-Submitted"] = "auto-generated"
    if message.possible_repeat:
        mail["X-Scan-Tracker-Repeat"] = "possible"
    mail.set_content(message.text, cte="quoted-printable")
    mail.add_alternative(message.html, subtype="html", cte="quoted-printable")
    if message.csv is not None:
        # The mark at the beginning makes Excel read the file as UTF-8.
        table = message.csv.encode("utf-8-sig")
        mail.add_attachment(table, maintype="text", subtype="csv", filename="parcels.csv")
    if message.by_hand is not None:
        table = message.by_hand.encode("utf-8-sig")
        mail.add_attachment(table, maintype="text", subtype="csv", filename=FILE_NAME)
    return mail


def message_id(reference: str) -> str:
    """
    The reference as a valid Message-ID: itself if it is one, else the same one made from it.
    """
    if _MESSAGE_ID.fullmatch(reference):
        return reference
    local = re.sub(r"[^A-Za-z0-9.-]+", "-", reference).strip(".-") or "message"
    return f"<{re.sub(r'[.]+', '.', local)[:120]}@scan-tracker.invalid>"


def _checked_sender(sender: str) -> str:
    parsed = getaddresses([sender])
    name, address = parsed[0] if len(parsed) == 1 else ("", "")
    if not _ADDRESS.fullmatch(address) or not address.isascii():
        raise UsageError(
            "email.from is not an e-mail address: write it as watch@example.com "
            "or as Scan Tracker <watch@example.com>"
        )
    return formataddr((" ".join(name.split()), address))


def _leave(smtp: smtplib.SMTP) -> None:
    try:
        smtp.quit()
    except (smtplib.SMTPException, OSError) as error:
        # The server has taken the message over already: a bad farewell must not send it again.
        log.debug(
            "the mail server ended the conversation without farewell: %s", type(error).__name__
        )
