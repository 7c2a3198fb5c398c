"""
How a mail server's answer is read (promises.md R13, RFC 5321 4.2.1 and 4.5.3.1.10).

- any 4xx, 421 included, a lost connection and a time-out: ``Retry``;
- 552 (storage, mailbox full): ``Retry``, except 5.3.4 and 5.2.3, "this message is too large";
- every other 5xx, at any stage (550 and 553 recipient, 554 policy, 535 password, 530 TLS wanted):
  ``Refused``, so that a person hears of it through another channel now and not in three days;
- a certificate that does not verify: ``Refused``.
"""

from __future__ import annotations

import re
import smtplib
import ssl
from typing import TYPE_CHECKING

from alerts.channels.base import Refused, Result, Retry

if TYPE_CHECKING:
    from alerts.channels.smtp_server import SmtpServer

_TOO_LARGE = re.compile(r"5\.(3\.4|2\.3)\b")
_MAILBOX_FULL = 552
_PERMANENT = 500


def verdict(error: Exception, server: SmtpServer) -> Result:
    """
    What becomes of a delivery that ended with this error of ``smtplib`` or the network.
    """
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
