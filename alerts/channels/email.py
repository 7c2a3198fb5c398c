"""
Letters by SMTP: plain text with an HTML alternative, the whole list as an attachment.

How a server's code is read (promises.md R13, RFC 5321 4.2.1 and 4.5.3.1.10):

- any 4xx, 421 included, a lost connection and a time-out: ``Retry``;
- 552 (storage, mailbox full): ``Retry``, except 5.3.4 and 5.2.3, "this message is too large";
- every other 5xx, at any stage (550 and 553 recipient, 554 policy, 535 password, 530 TLS wanted):
  ``Refused``, so that a person hears of it through another channel now and not in three days;
- a certificate that does not verify, and a server that would take the password in the clear:
  ``Refused``.
"""

from __future__ import annotations

import ipaddress
import logging
import re
import smtplib
import ssl
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from email.utils import format_datetime, formataddr, getaddresses, localtime, parseaddr
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, unquote, urlsplit

from alerts.channels.base import Delivered, Refused, Result, Retry
from alerts.channels.limit import WholeLimit
from tracker.model import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from alerts.messages.message import Message

log = logging.getLogger(__name__)

_DEFAULT_PORTS = {"smtp": 587, "smtps": 465}
_ADDRESS = re.compile(
    r"[^\s@<>()\[\]\\,;:\"\x00-\x1f\x7f]{1,64}@[^\s@<>()\\,;:\"\x00-\x1f\x7f]{1,255}"
)
_MESSAGE_ID = re.compile(r"<[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,120}@[A-Za-z0-9.-]{1,80}>")
_TOO_LARGE = re.compile(r"5\.(3\.4|2\.3)\b")
_MAILBOX_FULL = 552
_PERMANENT = 500
_HELP = (
    "write it as smtp://user:password@host:587 or smtps://user:password@host:465, "
    "with special characters in user and password percent-encoded"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SmtpServer:
    """
    Where and how to hand mail over, read from ``email.smtp_url``.

    ``starttls`` is false only for ``?starttls=never`` on loopback, where a local relay often
    offers STARTTLS with a certificate that no one signed.
    """

    host: str
    port: int
    implicit_tls: bool
    user: str | None = field(default=None, repr=False)
    password: str | None = field(default=None, repr=False)
    starttls: bool = True

    @property
    def shown(self) -> str:
        """
        The server as texts may name it, without user and password.
        """
        return f"{self.host}:{self.port}"


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
            return _verdict(error, self._server)
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
        if not encrypted and not _is_loopback(server.host):
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


def read_smtp_url(smtp_url: str) -> SmtpServer:
    """
    The server that the URL names; ``UsageError`` (which never repeats the URL) if it is unusable.
    """
    try:
        parts = urlsplit(smtp_url.strip())
        port = parts.port
    except ValueError:
        raise UsageError(f"email.smtp_url cannot be read: {_HELP}") from None
    if parts.scheme not in _DEFAULT_PORTS or not parts.hostname:
        raise UsageError(f"email.smtp_url must begin with smtp:// or smtps:// and a host: {_HELP}")
    if (parts.username is None) != (parts.password is None):
        raise UsageError(f"email.smtp_url must have both user and password or neither: {_HELP}")
    user, password = _unquoted(parts.username), _unquoted(parts.password)
    if not (user or "").isascii() or not (password or "").isascii():
        raise UsageError("email.smtp_url: SMTP takes only ASCII characters in user and password")
    return SmtpServer(
        host=_checked_host(parts.hostname),
        port=port or _DEFAULT_PORTS[parts.scheme],
        implicit_tls=parts.scheme == "smtps",
        user=user,
        password=password,
        starttls=_wants_starttls(parts.query, parts.hostname),
    )


def to_mail(message: Message, *, sender: str, recipient: str) -> EmailMessage:
    """
    The message as mail; a retry of the same reference bears the same Message-ID.
    """
    mail = EmailMessage(policy=SMTP_POLICY)
    mail["From"] = sender
    mail["To"] = recipient
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


def _unquoted(text: str | None) -> str | None:
    return None if text is None else unquote(text)


def _checked_host(host: str) -> str:
    try:
        host.encode("idna")
    except UnicodeError:
        raise UsageError(f"email.smtp_url names a host that cannot exist: {_HELP}") from None
    return host


def _wants_starttls(query: str, host: str) -> bool:
    options = dict(parse_qsl(query, keep_blank_values=True))
    choice = options.pop("starttls", "offered")
    if options or choice not in {"offered", "never"}:
        raise UsageError(
            "email.smtp_url has an unknown option after '?': only starttls=never is one"
        )
    if choice == "never" and not _is_loopback(host):
        raise UsageError("email.smtp_url: starttls=never is for a server on this machine only")
    return choice != "never"


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:  # a name and not an address
        return False


def _leave(smtp: smtplib.SMTP) -> None:
    try:
        smtp.quit()
    except (smtplib.SMTPException, OSError) as error:
        # The server has taken the message over already: a bad farewell must not send it again.
        log.debug(
            "the mail server ended the conversation without farewell: %s", type(error).__name__
        )


def _verdict(error: Exception, server: SmtpServer) -> Result:
    code, text = _answer(error)
    if code is not None:
        why = f"{server.shown} answered {code}{_known_words(text)}"
        return Refused(why) if _is_permanent(code, text) else Retry(None, why)
    return _hopeless(error, server) or Retry(None, _silence(error, server))


def _hopeless(error: Exception, server: SmtpServer) -> Refused | None:
    """
    What no second try will change, although the server gave no code.
    """
    if isinstance(error, ssl.SSLCertVerificationError):
        return Refused(f"the certificate of {server.shown} does not verify: {error.verify_message}")
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return Refused(f"{server.shown} lacks something that this message needs: {error}")
    if type(error) is smtplib.SMTPException:
        return Refused(f"{server.shown} offers no way to log in that this program knows")
    return None


def _silence(error: Exception, server: SmtpServer) -> str:
    # smtplib tells a time-out while reading as a lost connection and keeps the cause beside it.
    if isinstance(error, TimeoutError) or isinstance(error.__context__, TimeoutError):
        return f"{server.shown} did not answer in time"
    if isinstance(error, smtplib.SMTPServerDisconnected | ConnectionError):
        return f"{server.shown} refused or dropped the connection"
    return f"{server.shown} could not be reached: {type(error).__name__}"


def _answer(error: Exception) -> tuple[int | None, str]:
    """
    The code and text with which the server said no; no code if it said nothing.
    """
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return _code_and_text(*next(iter(error.recipients.values())))
    if isinstance(error, smtplib.SMTPResponseException):
        return _code_and_text(error.smtp_code, error.smtp_error)
    return None, ""


def _code_and_text(code: int, text: bytes | str) -> tuple[int | None, str]:
    shown = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    # smtplib gives -1 for a line that is no SMTP answer: somebody else listens there.
    return (code if code > 0 else None), shown


def _is_permanent(code: int, text: str) -> bool:
    if code == _MAILBOX_FULL:
        return bool(_TOO_LARGE.search(text))
    return code >= _PERMANENT


def _known_words(text: str) -> str:
    """
    Only the enhanced status (RFC 3463) of the server's text: the rest may repeat what was sent.
    """
    found = re.match(r"\s*([245]\.\d{1,3}\.\d{1,3})\b", text)
    return f" {found[1]}" if found else ""
