"""
Which mail server to hand letters to, read from ``email.smtp_url``.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, unquote, urlsplit

from tracker.model import UsageError

_DEFAULT_PORTS = {"smtp": 587, "smtps": 465}
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
    if choice == "never" and not is_loopback(host):
        raise UsageError("email.smtp_url: starttls=never is for a server on this machine only")
    return choice != "never"


def is_loopback(host: str) -> bool:
    """
    True when nobody stands between this program and the host.
    """
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:  # a name and not an address
        return False
