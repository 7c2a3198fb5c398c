"""
The webhook rows of the channel table over real sockets, and what the receiver can check.
"""

from __future__ import annotations

import base64
import json
import re
import ssl
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import time_machine
from standardwebhooks import Webhook, WebhookVerificationError
from werkzeug import Response

from alerts.channels import Delivered, Refused, Result, Retry
from alerts.channels.webhook import WebhookChannel, message_id
from alerts.messages import Letter, Line, Message
from alerts.messages.compose import compose
from tests.support.talks import BROKEN, drip_body, drip_headers, read_request
from tracker.model import AlertKind, AlertState, CarrierName, Outcome
from tracker.recipients import WebhookAddress

if TYPE_CHECKING:
    import socket

    from pytest_httpserver import HTTPServer

SECRET = "whsec_" + base64.b64encode(b"twenty-four bytes at least").decode()
NOW = datetime(2026, 10, 14, 1, 0, tzinfo=UTC)
DOCS = Path(__file__).parents[2] / "docs" / "alerts.md"
Listen = Callable[[Callable[["socket.socket"], None]], int]


def _url(port: int) -> str:
    return f"http://127.0.0.1:{port}/hooks/private-path"


def _send(url: str, message: Message, **options: Any) -> Result:
    channel = WebhookChannel(
        [WebhookAddress(url=url, secret=SECRET)], **({"timeout": 1, "now": lambda: NOW} | options)
    )
    return channel.send(message, url)


def _answering(
    httpserver: HTTPServer, status: int, body: str = "", headers: dict[str, str] | None = None
) -> str:
    answer = Response(body, status=status, headers=headers)
    httpserver.expect_request("/hooks/private-path").respond_with_response(answer)
    return _url(httpserver.port)


@pytest.fixture
def late() -> Message:
    """
    A message about one parcel that is not scanned, as the outbox has it composed.
    """
    line = Line(
        delivery_id=1,
        alert_id=12,
        kind=AlertKind.URGE_SCAN,
        notice="first",
        zone="Asia/Shanghai",
        opened_at=datetime(2026, 10, 13, 16, 5, tzinfo=UTC),
        alert_state=AlertState.OPEN,
        reason="",
        tracking_number="JG-NJS-319365323-5711",
        order_number="319365323",
        shop="Lagos Lights",
        carrier=CarrierName.SEKO,
        deadline=datetime(2026, 10, 13, 16, tzinfo=UTC),
        proof_at=datetime(2026, 10, 13, 16, 4, tzinfo=UTC),
        proof_outcome=Outcome.NO_EVENTS,
    )
    reference = "<0b5f3c1e-7a52-4f0e-9f8d-1c2d3e4f5a6b.scan-tracker@watch.example>"
    return compose(Letter(reference=reference, created_at=NOW, shop="Lagos Lights", lines=(line,)))


def test_the_facts_arrive_as_documented(httpserver: HTTPServer, late: Message) -> None:
    """
    One POST of JSON holds the reference, the words, and each alert under the contract's names.
    """
    assert isinstance(_send(_answering(httpserver, 204), late), Delivered)
    (request, _), *others = httpserver.log
    sent = request.get_json()
    (alert,) = sent["data"].pop("alerts")
    assert others == []
    assert (sent["type"], sent["timestamp"]) == ("alerts.notice", "2026-10-14T01:00:00Z")
    assert sent["data"] == {
        "reference": late.reference,
        "possible_repeat": False,
        "shop": "Lagos Lights",
        "language": "en",
        "subject": late.subject,
        "text": late.chat,
    }
    assert alert == {
        "id": 12,
        "kind": "urge_scan",
        "notice": "first",
        "tracking_numbers": ["JG-NJS-319365323-5711"],
        "order_number": "319365323",
        "shop": "Lagos Lights",
        "country": None,
        "service": None,
        "carrier": "seko",
        "centre": None,
        "opened_at": "2026-10-13T16:05:00Z",
        "deadline": "2026-10-13T16:00:00Z",
        "auto_cancel_at": None,
        "working_days_left": None,
        "state": "open",
        "reason": "",
        "closed_because": None,
        "proof": {"looked_at": "2026-10-13T16:04:00Z", "outcome": "no_events"},
        "case_id": None,
    }


def test_an_operators_alert_lists_its_numbers(httpserver: HTTPServer, late: Message) -> None:
    """
    An alert that covers many parcels has all their numbers, and one without any has none.
    """
    assert late.letter is not None
    (line,) = late.letter.lines
    many = replace(line, kind=AlertKind.UNVERIFIED, covered=("A1", "B2"), proof_at=None)
    none = replace(line, kind=AlertKind.CARRIER_BLIND, tracking_number=None)
    _send(_answering(httpserver, 200), compose(replace(late.letter, lines=(many, none))))
    first, second = httpserver.log[0][0].get_json()["data"]["alerts"]
    assert (first["tracking_numbers"], first["proof"]) == (["A1", "B2"], None)
    assert second["tracking_numbers"] == []


def test_a_test_message_says_so(httpserver: HTTPServer) -> None:
    """
    ``tracker alerts test`` is told apart from alerts by the type.
    """
    letter = Letter(reference="<x@watch.example>", created_at=NOW, test=True)
    _send(_answering(httpserver, 200), compose(letter))
    sent = httpserver.log[0][0].get_json()
    assert (sent["type"], sent["data"]["alerts"]) == ("alerts.test", [])


@time_machine.travel(NOW + timedelta(minutes=1), tick=False)
def test_the_standards_own_library_takes_the_signature(
    httpserver: HTTPServer, late: Message
) -> None:
    """
    The library of Standard Webhooks verifies what was sent, and nothing that was changed.
    """
    _send(_answering(httpserver, 200), late)
    request = httpserver.log[0][0]
    headers, body = dict(request.headers), request.get_data()
    assert Webhook(SECRET).verify(body, headers) == json.loads(body)
    with pytest.raises(WebhookVerificationError):
        Webhook(SECRET).verify(body.replace(b"319365323", b"319365324"), headers)


@time_machine.travel(NOW + timedelta(minutes=1), tick=False)
def test_the_documented_lines_check_the_signature(httpserver: HTTPServer, late: Message) -> None:
    """
    The Python lines of docs/alerts.md accept a message, and refuse it changed, old or misnamed.
    """
    text = DOCS.read_text(encoding="utf-8").partition("<!-- verify -->")[2]
    lines: dict[str, Any] = {}
    exec(re.split(r"```(?:python\n)?", text)[1], lines)
    _send(_answering(httpserver, 200), late)
    request = httpserver.log[0][0]
    headers, body = dict(request.headers), request.get_data()
    lower = {name.lower(): value for name, value in headers.items()}
    is_genuine = lines["is_genuine"]
    assert is_genuine(SECRET, lower, body) is True
    assert is_genuine(SECRET, lower, body + b" ") is False
    assert is_genuine(SECRET, lower | {"webhook-id": "msg_other"}, body) is False
    assert is_genuine(SECRET, lower | {"webhook-signature": ""}, body) is False
    with time_machine.travel(NOW + timedelta(hours=1), tick=False):
        assert is_genuine(SECRET, lower, body) is False


def test_a_retry_has_the_same_id(httpserver: HTTPServer, late: Message) -> None:
    """
    A second attempt bears the same ``webhook-id`` without a full stop, and says that it may repeat.
    """
    url = _answering(httpserver, 200)
    _send(url, late)
    _send(url, replace(late, possible_repeat=True), now=lambda: NOW + timedelta(hours=1))
    (first, _), (second, _) = httpserver.log
    identity = first.headers["webhook-id"]
    assert identity == second.headers["webhook-id"] == "msg_0b5f3c1e-7a52-4f0e-9f8d-1c2d3e4f5a6b"
    assert first.headers["webhook-timestamp"] != second.headers["webhook-timestamp"]
    assert second.get_json()["data"]["possible_repeat"] is True


def test_any_reference_becomes_an_id() -> None:
    """
    References of another form differ in their ids as well, and bring no full stop or line break.
    """
    references = ("<alert-12-1@watch.example>", "<alert.12.1@watch.example>", "a.b\r\nx: y", "")
    ids = [message_id(one) for one in references]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"msg_[a-f0-9]{32}", one) for one in ids)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 413, 301, 302, 303, 307, 308])
def test_refusals_are_refused(httpserver: HTTPServer, message: Message, status: int) -> None:
    """
    What a repeat cannot change is refused without the path; a redirect's target is never asked.
    """
    target = {"Location": httpserver.url_for("/elsewhere")}
    result = _send(_answering(httpserver, status, "private-path", target), message)
    assert isinstance(result, Refused)
    assert str(status) in result.why
    assert "private-path" not in result.why
    assert len(httpserver.log) == 1


@pytest.mark.parametrize("status", [408, 425, 500, 502, 503, 504])
def test_trouble_over_there_is_tried_again(
    httpserver: HTTPServer, message: Message, status: int
) -> None:
    """
    A server in trouble is a ``Retry`` after exactly one request.
    """
    assert isinstance(_send(_answering(httpserver, status), message), Retry)
    assert len(httpserver.log) == 1


@pytest.mark.parametrize(
    ("header", "wait"),
    [
        ("37", timedelta(seconds=37)),
        ("Wed, 14 Oct 2026 01:05:00 GMT", timedelta(minutes=5)),
        ("soon", None),
    ],
)
def test_too_many_requests_say_how_long(
    httpserver: HTTPServer, message: Message, header: str, wait: timedelta | None
) -> None:
    """
    A 429 is a ``Retry`` after the seconds or until the date it names.
    """
    result = _send(_answering(httpserver, 429, "", {"Retry-After": header}), message)
    assert isinstance(result, Retry)
    assert result.after == wait


def test_a_web_page_is_no_delivery(httpserver: HTTPServer, message: Message) -> None:
    """
    A login page that answers 200 in the program's place delivers nothing.
    """
    assert isinstance(_send(_answering(httpserver, 200, "<!doctype html>Sign in"), message), Retry)


@pytest.mark.parametrize("talk", BROKEN)
def test_a_broken_conversation_is_tried_again(
    message: Message, listen: Listen, talk: Callable[[socket.socket], None]
) -> None:
    """
    Whatever breaks on the wire is a ``Retry`` that does not tell the path, and no exception.
    """
    result = _send(_url(listen(talk)), message)
    assert isinstance(result, Retry)
    assert "private-path" not in result.why


def test_an_answer_may_end_by_closing(message: Message, listen: Listen) -> None:
    """
    A 200 that announces to end by closing is a delivery.
    """

    def close_after(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nthanks")

    assert isinstance(_send(_url(listen(close_after)), message), Delivered)


def test_nobody_listens(message: Message, closed_port: int) -> None:
    """
    A refused connection is a ``Retry``.
    """
    assert isinstance(_send(_url(closed_port), message), Retry)


@pytest.mark.parametrize("talk", [drip_headers, drip_body])
def test_an_endless_answer_is_ended(
    message: Message, listen: Listen, talk: Callable[[socket.socket], None]
) -> None:
    """
    A server that never pauses long enough for a time-out is left after the total time.
    """
    port = listen(talk)
    expected = Retry(None, f"127.0.0.1:{port} did not answer in time")
    assert _send(_url(port), message, timeout=5, total=0.5) == expected


@pytest.mark.parametrize("trusted", [True, False])
def test_the_certificate_is_checked(
    message: Message, listen: Listen, certificate: Path, *, trusted: bool
) -> None:
    """
    A program behind TLS is told with a certificate that verifies, and not without.
    """
    served = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    served.load_cert_chain(certificate)

    def say_ok(connection: socket.socket) -> None:
        with served.wrap_socket(connection, server_side=True) as secure:
            read_request(secure)
            secure.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")

    trust = ssl.create_default_context(cafile=str(certificate) if trusted else None)
    url = _url(listen(say_ok)).replace("http://", "https://")
    result = _send(url, message, timeout=5, tls=trust)
    assert isinstance(result, Delivered if trusted else Refused)
    assert ("certificate" in str(result)) != trusted


@pytest.mark.parametrize(
    "recipient", ["", "seller@shop.example", "ftp://host/x", "http://h:99999/"]
)
def test_what_is_no_webhook_is_refused(message: Message, recipient: str) -> None:
    """
    A recipient that is no http(s) address is refused before anything is sent.
    """
    assert isinstance(_send(recipient, message), Refused)


def test_a_webhook_that_left_the_settings_is_refused(
    httpserver: HTTPServer, message: Message
) -> None:
    """
    Without its secret nothing is posted: a person is told that the webhook is gone.
    """
    result = WebhookChannel([]).send(message, _answering(httpserver, 200))
    assert isinstance(result, Refused)
    assert "not in the settings any more" in result.why
    assert "private-path" not in result.why
    assert httpserver.log == []
