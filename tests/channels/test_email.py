"""
The SMTP rows of the channel table (promises.md, "Tests worth having"), over real sockets.
"""

from __future__ import annotations

import email
import email.policy
import logging
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from alerts.channels import Delivered, Refused, Result, Retry
from alerts.channels.email import EmailChannel, message_id, to_mail
from alerts.channels.smtp_server import read_smtp_url
from tracker.model import UsageError

if TYPE_CHECKING:
    from email.message import EmailMessage
    from pathlib import Path

    from alerts.messages import Message

SENDER = "Scan Tracker <watch@watch.example>"
TO = "seller@shop.example"
Talk = Callable[[socket.socket], None]
Listen = Callable[[Talk], int]


class Mailbox:
    """
    A mail server's conduct: the answer it gives at each stage, and what it took over.
    """

    def __init__(self, **answers: str) -> None:
        self.answers = answers
        self.taken: list[Envelope] = []

    async def handle_EHLO(  # noqa: N802  the name and arguments are aiosmtpd's
        self, server: SMTP, session: Session, envelope: Envelope, name: str, lines: list[str]
    ) -> list[str]:
        """
        The greeting, or the answer asked for.
        """
        session.host_name = name
        return [self.answers["ehlo"]] if "ehlo" in self.answers else lines

    async def handle_HELO(  # noqa: N802  the name is aiosmtpd's
        self, server: SMTP, session: Session, envelope: Envelope, name: str
    ) -> str:
        """
        The plain greeting, or the same answer as to EHLO.
        """
        session.host_name = name
        return self.answers.get("ehlo", "250 hello")

    async def handle_MAIL(  # noqa: N802  the name and arguments are aiosmtpd's
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """
        The sender taken, or the answer asked for.
        """
        envelope.mail_from = address
        return self.answers.get("mail", "250 OK")

    async def handle_RCPT(  # noqa: N802  the name and arguments are aiosmtpd's
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """
        The recipient taken, or the answer asked for.
        """
        envelope.rcpt_tos.append(address)
        return self.answers.get("rcpt", "250 OK")

    async def handle_DATA(  # noqa: N802  the name is aiosmtpd's
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        """
        The message taken, or the answer asked for; ``drop`` ends the connection unanswered.
        """
        answer = self.answers.get("data", "250 OK")
        if answer == "drop":
            server.transport.abort()
        elif answer.startswith("250"):
            self.taken.append(envelope)
        return answer

    @property
    def mails(self) -> list[EmailMessage]:
        """
        What was taken over, parsed.
        """
        return [
            email.message_from_bytes(taken.original_content, policy=email.policy.default)
            for taken in self.taken
        ]


class AnyPort(Controller):
    """
    aiosmtpd's server on a port that the system chooses.
    """

    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


Serve = Callable[..., int]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """
    Starts mail servers on loopback; gives the port.
    """
    with ExitStack() as running:

        def start(mailbox: Mailbox, **options: Any) -> int:
            controller = AnyPort(mailbox, hostname="127.0.0.1", port=0, **options)
            controller.start()
            running.callback(controller.stop)
            return int(controller.port)

        yield start


def _send(port: int, message: Message, to: str = TO, scheme: str = "smtp://") -> Result:
    return EmailChannel(f"{scheme}127.0.0.1:{port}", SENDER, timeout=1).send(message, to)


def test_a_letter_arrives_whole(serve: Serve, message: Message) -> None:
    """
    Text, HTML, table, subject and Message-ID arrive as composed, once, for the one recipient.
    """
    mailbox = Mailbox()
    assert isinstance(_send(serve(mailbox), message), Delivered)
    (envelope,), (mail,) = mailbox.taken, mailbox.mails
    table = next(mail.iter_attachments())
    text, html = mail.get_body(("plain",)), mail.get_body(("html",))
    assert text is not None
    assert html is not None
    assert envelope.rcpt_tos == [TO]
    assert envelope.mail_from == "watch@watch.example"
    assert mail["Message-ID"] == message.reference
    assert mail["Subject"] == message.subject
    assert text.get_content().replace("\r\n", "\n") == message.text
    assert html.get_content().strip() == message.html
    assert table.get_filename() == "parcels.csv"
    assert table.get_payload(decode=True) == (message.csv or "").encode("utf-8-sig")
    assert "X-Scan-Tracker-Repeat" not in mail


def test_a_possible_repeat_has_the_same_message_id(serve: Serve, message: Message) -> None:
    """
    A retry bears the same Message-ID and says in a header that it may be a repeat.
    """
    mailbox = Mailbox()
    port = serve(mailbox)
    _send(port, message)
    _send(port, replace(message, possible_repeat=True, csv=None))
    first, second = mailbox.mails
    assert first["Message-ID"] == second["Message-ID"]
    assert second["X-Scan-Tracker-Repeat"] == "possible"
    assert list(second.iter_attachments()) == []


@pytest.mark.parametrize("stage", ["ehlo", "mail", "rcpt", "data"])
@pytest.mark.parametrize("answer", ["421 4.3.2 closing", "450 4.2.1 busy", "451 4.7.1 greylisted"])
def test_not_now_is_tried_again(serve: Serve, message: Message, stage: str, answer: str) -> None:
    """
    A 4xx at any stage is a ``Retry``.
    """
    mailbox = Mailbox(**{stage: answer})
    result = _send(serve(mailbox), message)
    assert isinstance(result, Retry)
    assert mailbox.taken == []


@pytest.mark.parametrize("stage", ["mail", "rcpt", "data"])
@pytest.mark.parametrize(
    "answer",
    ["550 5.1.1 no such user", "551 5.1.6 moved", "553 5.1.3 bad name", "554 5.7.1 policy"],
)
def test_never_is_refused(serve: Serve, message: Message, stage: str, answer: str) -> None:
    """
    A 5xx at any stage is ``Refused`` with code and enhanced status and nothing else of the text.
    """
    result = _send(serve(Mailbox(**{stage: answer})), message)
    assert isinstance(result, Refused)
    assert result.why.endswith(f"answered {answer[:9]}")


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        ("552 5.2.2 mailbox full", Retry),
        ("552 too many recipients", Retry),
        ("552 5.3.4 message too big for system", Refused),
        ("552 5.2.3 message too long", Refused),
    ],
)
def test_552_depends_on_what_is_full(
    serve: Serve, message: Message, answer: str, kind: type
) -> None:
    """
    A full mailbox empties itself, a message that is too large never shrinks.
    """
    assert isinstance(_send(serve(Mailbox(data=answer)), message), kind)


def test_a_drop_after_data_is_tried_again(serve: Serve, message: Message) -> None:
    """
    A connection that ends after the message was sent and before the answer is a ``Retry``.
    """
    assert isinstance(_send(serve(Mailbox(data="drop")), message), Retry)


def _hang_up(connection: socket.socket) -> None:
    connection.close()


def _turn_away(connection: socket.socket) -> None:
    connection.sendall(b"421 4.3.2 not today\r\n")


def _speak_http(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")


def _say_nothing(connection: socket.socket) -> None:
    connection.recv(1)  # until the client gives up


@pytest.mark.parametrize("talk", [_hang_up, _turn_away, _speak_http, _say_nothing])
def test_a_server_that_does_not_talk_is_tried_again(
    listen: Listen, message: Message, talk: Talk
) -> None:
    """
    Whatever happens before the first command is a ``Retry`` and no exception.
    """
    assert isinstance(_send(listen(talk), message), Retry)


def test_a_time_out_is_called_one(listen: Listen, message: Message) -> None:
    """
    The reason for trying again names the time-out and the server.
    """
    port = listen(_say_nothing)
    assert _send(port, message) == Retry(None, f"127.0.0.1:{port} did not answer in time")


def _drip(connection: socket.socket) -> None:
    for _ in range(2000):
        connection.sendall(b"220-wait\r\n")
        time.sleep(0.05)


def test_an_endless_greeting_is_ended(listen: Listen, message: Message) -> None:
    """
    A server that never pauses long enough for a time-out is left after the total time.
    """
    port = listen(_drip)
    channel = EmailChannel(f"smtp://127.0.0.1:{port}", SENDER, timeout=5, total=0.5)
    assert channel.send(message, TO) == Retry(None, f"127.0.0.1:{port} did not finish in time")


def test_nobody_listens(closed_port: int, message: Message) -> None:
    """
    A refused connection is a ``Retry``.
    """
    assert isinstance(_send(closed_port, message), Retry)


def _take_over_and_hang_up(connection: socket.socket) -> None:
    connection.sendall(b"220 here\r\n")
    with connection.makefile("rb") as lines:
        for answer in (b"250 hello", b"250 from", b"250 to", b"354 go on"):
            lines.readline()
            connection.sendall(answer + b"\r\n")
        for line in lines:
            if line == b".\r\n":
                break
        connection.sendall(b"250 taken over\r\n")


def test_a_bad_farewell_does_not_undo_a_delivery(listen: Listen, message: Message) -> None:
    """
    Once the server has taken the message over, an abrupt end must not make it go out again.
    """
    assert isinstance(_send(listen(_take_over_and_hang_up), message), Delivered)


@pytest.mark.parametrize(
    "recipient", ["", "seller", "a@b\r\nBcc: c@d", "a b@c.example", "https://hooks.example/x"]
)
def test_what_is_no_address_is_refused(serve: Serve, message: Message, recipient: str) -> None:
    """
    A recipient that is no e-mail address is refused and nothing is sent.
    """
    mailbox = Mailbox()
    assert isinstance(_send(serve(mailbox), message, recipient), Refused)
    assert mailbox.taken == []


@pytest.mark.parametrize(("international", "kind"), [(True, Delivered), (False, Refused)])
def test_an_address_beyond_ascii_needs_a_server_that_takes_it(
    serve: Serve, message: Message, *, international: bool, kind: type
) -> None:
    """
    Such an address is delivered with SMTPUTF8 and refused, not raised, without.
    """
    port = serve(Mailbox(), enable_SMTPUTF8=international)
    assert isinstance(_send(port, message, "卖家@shop.example"), kind)


def test_a_subject_cannot_add_headers(message: Message) -> None:
    """
    Line breaks in a subject become blanks, so that no header can be smuggled in.
    """
    hostile = replace(message, subject="Late\r\nBcc: thief@evil.example\r\n\r\nbody")
    mail = to_mail(hostile, sender=SENDER, recipient=TO)
    assert mail["Bcc"] is None
    assert mail["Subject"] == "Late Bcc: thief@evil.example body"


def _knows(server: SMTP, session: Session, envelope: Envelope, how: str, data: Any) -> AuthResult:
    assert isinstance(data, LoginPassword)
    known = data.login == b"us:er" and data.password == b"p@ss/word"
    return AuthResult(success=known, handled=known)


def test_the_user_logs_in_on_loopback(serve: Serve, message: Message) -> None:
    """
    User and password are percent-decoded, and loopback takes them without encryption.
    """
    mailbox = Mailbox()
    port = serve(mailbox, authenticator=_knows, auth_require_tls=False)
    assert isinstance(_send(port, message, scheme="smtp://us%3Aer:p%40ss%2Fword@"), Delivered)


def test_a_wrong_password_is_refused_and_not_told(
    serve: Serve, message: Message, caplog: pytest.LogCaptureFixture
) -> None:
    """
    A 535 is ``Refused``; neither reason nor log holds user or password.
    """
    caplog.set_level(logging.DEBUG)
    port = serve(Mailbox(), authenticator=_knows, auth_require_tls=False)
    result = _send(port, message, scheme="smtp://somebody:wr0ng-s3cret@")
    ours = [record.getMessage() for record in caplog.records if record.name != "mail.log"]
    assert isinstance(result, Refused)
    for told in (result.why, *ours):
        assert "wr0ng-s3cret" not in told
        assert "somebody" not in told


def test_no_login_on_offer_is_refused(serve: Serve, message: Message) -> None:
    """
    A server without any login, given a user, is ``Refused``.
    """
    assert isinstance(_send(serve(Mailbox()), message, scheme="smtp://a:b@"), Refused)


def test_a_password_never_travels_in_the_clear(
    serve: Serve, message: Message, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    A server that is not loopback and offers no encryption gets neither password nor letter.
    """
    # 127.0.0.1 under a name of its own stands in for a server elsewhere.
    mailbox = Mailbox()
    port = serve(mailbox, authenticator=_knows, auth_require_tls=False)
    name_server = socket.getaddrinfo

    def elsewhere(host: str, *rest: Any, **more: Any) -> Any:
        return name_server("127.0.0.1" if host == "mail.example" else host, *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", elsewhere)
    channel = EmailChannel(f"smtp://us%3Aer:p%40ss%2Fword@mail.example:{port}", SENDER, timeout=1)
    result = channel.send(message, TO)
    assert isinstance(result, Refused)
    assert "not sent" in result.why
    assert mailbox.taken == []


def _server_side(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


def _trusting(certificate: Path) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(certificate))


def test_starttls_is_used_when_offered(serve: Serve, message: Message, certificate: Path) -> None:
    """
    With a certificate that verifies, the letter goes through a server that insists on STARTTLS.
    """
    port = serve(Mailbox(), tls_context=_server_side(certificate), require_starttls=True)
    url = f"smtp://127.0.0.1:{port}"
    channel = EmailChannel(url, SENDER, timeout=5, tls=_trusting(certificate))
    assert isinstance(channel.send(message, TO), Delivered)


def test_a_strange_certificate_is_refused(
    serve: Serve, message: Message, certificate: Path
) -> None:
    """
    A certificate that does not verify ends the attempt, with STARTTLS and with smtps.
    """
    mailbox = Mailbox()
    port = serve(mailbox, tls_context=_server_side(certificate))
    result = _send(port, message)
    assert isinstance(result, Refused)
    assert "certificate" in result.why
    assert mailbox.taken == []


def test_starttls_can_be_left_out_on_loopback(
    serve: Serve, message: Message, certificate: Path
) -> None:
    """
    ``?starttls=never`` reaches a local relay whose certificate no one signed.
    """
    port = serve(Mailbox(), tls_context=_server_side(certificate))
    channel = EmailChannel(f"smtp://127.0.0.1:{port}?starttls=never", SENDER, timeout=1)
    assert isinstance(channel.send(message, TO), Delivered)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "mail.example:587",
        "user:hunter2@mail.example:587",
        "http://mail.example",
        "smtp://",
        "smtp://user:hunter2@mail.example:port",
        "smtp://user:hun/ter2@mail.example",
        "smtp://user@mail.example",
        "smtp://user:hunter2@mail.example?starttls=never",
        "smtp://user:hunter2@mail.example?retry=3",
        "smtp://user:hünter2@mail.example",
        "smtp://user:hunter2@mail..example",
    ],
)
def test_an_unusable_url_is_a_usage_error_without_the_secret(url: str) -> None:
    """
    The error comes when the channel is built, says what to write, and never repeats the URL.
    """
    with pytest.raises(UsageError) as error:
        EmailChannel(url, SENDER)
    assert "smtp_url" in str(error.value)
    assert "ter2" not in str(error.value)


@pytest.mark.parametrize("sender", ["", "watch", "a@b, c@d", "Ü <ü@watch.example>"])
def test_an_unusable_sender_is_a_usage_error(sender: str) -> None:
    """
    The error comes when the channel is built and names the key.
    """
    with pytest.raises(UsageError, match=r"email\.from"):
        EmailChannel("smtp://127.0.0.1", sender)


@pytest.mark.parametrize(
    ("url", "port", "implicit_tls"),
    [
        ("smtp://mail.example", 587, False),
        ("smtps://mail.example", 465, True),
        ("smtp://[::1]:25", 25, False),
    ],
)
def test_the_url_names_port_and_encryption(url: str, port: int, implicit_tls: bool) -> None:  # noqa: FBT001  a column of the table
    """
    Submission port 587 with STARTTLS, 465 for smtps, or the port given.
    """
    server = read_smtp_url(url)
    assert (server.port, server.implicit_tls) == (port, implicit_tls)


def test_credentials_are_not_in_the_repr() -> None:
    """
    A server printed by accident shows neither user nor password.
    """
    shown = repr(read_smtp_url("smtp://somebody:hunter2@mail.example"))
    assert "hunter2" not in shown
    assert "somebody" not in shown


@pytest.mark.parametrize(
    ("reference", "expected"),
    [
        ("<a.b@watch.example>", "<a.b@watch.example>"),
        ("alert 12/seller", "<alert-12-seller@scan-tracker.invalid>"),
        ("<a@b>\r\nBcc: c@d", "<a-b-Bcc-c-d@scan-tracker.invalid>"),
        ("", "<message@scan-tracker.invalid>"),
    ],
)
def test_every_reference_gives_a_valid_message_id(reference: str, expected: str) -> None:
    """
    A Message-ID stays as it is and anything else becomes one, always the same.
    """
    assert message_id(reference) == expected
