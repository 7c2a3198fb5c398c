"""
The Slack rows of the channel table (promises.md, "Tests worth having"), over real sockets.
"""

from __future__ import annotations

import json
import logging
import socket
import ssl
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from werkzeug import Request, Response

from alerts.channels import Delivered, Refused, Retry
from alerts.channels.http_answers import retry_after
from alerts.channels.slack import SlackChannel
from alerts.messages import Message
from tests.support.talks import BROKEN, drip_body, drip_headers, read_request

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_httpserver import HTTPServer

SECRET = "T000-B000-SeCrEtToKeN1234"
NOW = datetime(2026, 10, 14, 1, 0, tzinfo=UTC)
Listen = Callable[[Callable[[socket.socket], None]], int]


@pytest.fixture
def channel() -> SlackChannel:
    """
    The channel with a short time limit and a fixed clock.
    """
    return SlackChannel(timeout=1, now=lambda: NOW)


def _webhook(port: int) -> str:
    return f"http://127.0.0.1:{port}/services/{SECRET}"


def _answering(
    httpserver: HTTPServer, status: int, body: str = "", headers: dict[str, str] | None = None
) -> str:
    answer = Response(body, status=status, headers=headers)
    httpserver.expect_request(f"/services/{SECRET}").respond_with_response(answer)
    return _webhook(httpserver.port)


def test_ok_is_delivered(channel: SlackChannel, httpserver: HTTPServer, message: Message) -> None:
    """
    A 200 with ``ok`` is a delivery, and the webhook got text and blocks in one request.
    """
    webhook = _answering(httpserver, 200, "ok")
    assert isinstance(channel.send(message, webhook), Delivered)
    (request, _), *others = httpserver.log
    sent = json.loads(request.get_data())
    assert others == []
    assert sent["text"] == message.subject
    assert sent["blocks"] == list(message.blocks)
    assert sent["unfurl_links"] is False


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (400, "invalid_payload"),
        (401, ""),
        (403, "invalid_token"),
        (404, "no_service"),
        (410, "channel_is_archived"),
    ],
)
def test_refusals_are_refused(
    channel: SlackChannel, httpserver: HTTPServer, message: Message, status: int, body: str
) -> None:
    """
    What a repeat cannot change is refused, with Slack's code and without the webhook.
    """
    result = channel.send(message, _answering(httpserver, status, body))
    assert isinstance(result, Refused)
    assert str(status) in result.why
    assert body in result.why
    assert SECRET not in result.why


@pytest.mark.parametrize("status", [500, 502, 503, 408])
def test_trouble_over_there_is_tried_again(
    channel: SlackChannel, httpserver: HTTPServer, message: Message, status: int
) -> None:
    """
    A server in trouble is a ``Retry`` after exactly one request.
    """
    result = channel.send(message, _answering(httpserver, status))
    assert isinstance(result, Retry)
    assert result.after is None
    assert len(httpserver.log) == 1


@pytest.mark.parametrize(
    ("header", "wait"),
    [
        ("37", timedelta(seconds=37)),
        ("Wed, 14 Oct 2026 01:05:00 GMT", timedelta(minutes=5)),
        ("Wed, 14 Oct 2026 00:05:00 GMT", timedelta()),
        ("99999999999999999999", timedelta(days=1)),
        ("soon", None),
    ],
)
def test_too_many_requests_say_how_long(
    channel: SlackChannel,
    httpserver: HTTPServer,
    message: Message,
    header: str,
    wait: timedelta | None,
) -> None:
    """
    A 429 is a ``Retry`` after the seconds or until the date it names, a day at most.
    """
    webhook = _answering(httpserver, 429, "rate_limited", {"Retry-After": header})
    result = channel.send(message, webhook)
    assert isinstance(result, Retry)
    assert result.after == wait


def test_no_header_says_nothing() -> None:
    """
    Without the header no time is named.
    """
    assert retry_after(None, NOW) is None


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_not_followed(
    channel: SlackChannel, httpserver: HTTPServer, message: Message, status: int
) -> None:
    """
    A redirect is refused and its target never asked.
    """
    target = {"Location": httpserver.url_for("/elsewhere")}
    result = channel.send(message, _answering(httpserver, status, headers=target))
    assert isinstance(result, Refused)
    assert [request.path for request, _ in httpserver.log] == [f"/services/{SECRET}"]


def test_an_old_look_alike_may_answer_nothing(
    channel: SlackChannel, message: Message, listen: Listen
) -> None:
    """
    An HTTP/1.0 server ends its answer by closing: its empty 200 is a delivery.
    """

    def answer_nothing(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(b"HTTP/1.0 200 OK\r\n\r\n")

    assert isinstance(channel.send(message, _webhook(listen(answer_nothing))), Delivered)


def test_a_web_page_is_no_delivery(
    channel: SlackChannel, httpserver: HTTPServer, message: Message
) -> None:
    """
    A login page that answers 200 in Slack's place delivers nothing.
    """
    webhook = _answering(httpserver, 200, "<!doctype html><p>Sign in to the hotel")
    assert isinstance(channel.send(message, webhook), Retry)


def test_nobody_listens(channel: SlackChannel, message: Message, closed_port: int) -> None:
    """
    A refused connection is a ``Retry`` that names the host only.
    """
    result = channel.send(message, _webhook(closed_port))
    assert isinstance(result, Retry)
    assert f"127.0.0.1:{closed_port}" in result.why
    assert SECRET not in result.why


@pytest.mark.parametrize("talk", [drip_headers, drip_body])
def test_an_endless_answer_is_ended(
    message: Message, listen: Listen, talk: Callable[[socket.socket], None]
) -> None:
    """
    A server that never pauses long enough for a time-out is left after the total time.
    """
    channel = SlackChannel(timeout=5, total=0.5)
    port = listen(talk)
    expected = Retry(None, f"127.0.0.1:{port} did not answer in time")
    assert channel.send(message, _webhook(port)) == expected


@pytest.mark.parametrize("talk", BROKEN)
def test_a_broken_conversation_is_tried_again(
    channel: SlackChannel,
    message: Message,
    listen: Listen,
    talk: Callable[[socket.socket], None],
) -> None:
    """
    Whatever breaks on the wire is a ``Retry`` and no exception.
    """
    result = channel.send(message, _webhook(listen(talk)))
    assert isinstance(result, Retry)
    assert SECRET not in result.why


@pytest.mark.parametrize("trusted", [True, False])
def test_the_certificate_is_checked(
    message: Message, listen: Listen, certificate: Path, *, trusted: bool
) -> None:
    """
    A webhook over TLS is delivered with a certificate that verifies and refused without.
    """
    served = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    served.load_cert_chain(certificate)

    def say_ok(connection: socket.socket) -> None:
        with served.wrap_socket(connection, server_side=True) as secure:
            read_request(secure)
            secure.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")

    trust = ssl.create_default_context(cafile=str(certificate) if trusted else None)
    webhook = _webhook(listen(say_ok)).replace("http://", "https://")
    result = SlackChannel(timeout=5, tls=trust).send(message, webhook)
    assert isinstance(result, Delivered if trusted else Refused)
    assert ("certificate" in str(result)) != trusted
    assert SECRET not in str(result)


@pytest.mark.parametrize(
    "recipient",
    ["", "watch@example.com", "ftp://host/x", "http://", "https://a b/c", "http://h:99999999/x"],
)
def test_what_is_no_webhook_is_refused(
    channel: SlackChannel, message: Message, recipient: str
) -> None:
    """
    A recipient that is no http(s) address is refused before anything is sent.
    """
    assert isinstance(channel.send(message, recipient), Refused)


def _everything_logged(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.name != "werkzeug"]


@pytest.mark.parametrize("status", [200, 404, 500])
def test_the_webhook_is_in_no_log(
    channel: SlackChannel,
    httpserver: HTTPServer,
    message: Message,
    caplog: pytest.LogCaptureFixture,
    status: int,
) -> None:
    """
    With the root logger at DEBUG, no answer makes anybody log the webhook.
    """
    caplog.set_level(logging.DEBUG)
    channel.send(message, _answering(httpserver, status, "x"))
    assert not any(SECRET in line for line in _everything_logged(caplog))


def test_the_webhook_is_in_no_log_when_nobody_listens(
    channel: SlackChannel, message: Message, caplog: pytest.LogCaptureFixture, closed_port: int
) -> None:
    """
    With the loggers of slack_sdk at DEBUG too, a refused connection does not log the webhook.
    """
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.DEBUG, logger="slack_sdk")
    channel.send(message, _webhook(closed_port))
    assert not any(SECRET in line for line in _everything_logged(caplog))


def test_an_answer_that_repeats_the_webhook_is_not_quoted(
    channel: SlackChannel, httpserver: HTTPServer, message: Message
) -> None:
    """
    A server that echoes the address cannot bring the secret into the delivery's error.
    """

    def echo(request: Request) -> Response:
        return Response(f'{{"error": "{request.path}"}}', status=404)

    httpserver.expect_request(f"/services/{SECRET}").respond_with_handler(echo)
    result = channel.send(message, _webhook(httpserver.port))
    assert isinstance(result, Refused)
    assert SECRET not in result.why


def test_mentions_are_dead_in_the_notification_text(
    channel: SlackChannel, httpserver: HTTPServer, message: Message
) -> None:
    """
    The text for notifications reaches Slack escaped, so that ``<!channel>`` calls nobody.
    """
    hostile = Message(
        reference=message.reference,
        subject="<!channel> & <https://evil.example|ok>",
        text="",
        html="",
        blocks=(),
    )
    channel.send(hostile, _answering(httpserver, 200, "ok"))
    sent = json.loads(httpserver.log[0][0].get_data())
    assert sent["text"] == "&lt;!channel&gt; &amp; &lt;https://evil.example|ok&gt;"
