"""
The Apprise rows of the channel table, by its own services over real sockets.
"""

from __future__ import annotations

import json
import logging
import re
import ssl
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
import requests
from apprise.plugins.dingtalk import NotifyDingTalk
from apprise.plugins.feishu import NotifyFeishu
from apprise.plugins.lark import NotifyLark
from apprise.plugins.telegram import NotifyTelegram
from apprise.plugins.wecombot import NotifyWeComBot
from werkzeug import Response

from alerts.channels import Delivered, Refused, Result, Retry
from alerts.channels.apprise import AppriseChannel
from alerts.channels.apprise_http import observed
from tests.support.talks import BROKEN, drip_body, drip_headers, read_request
from tracker.model import UsageError
from tracker.recipients import AppriseAddress

if TYPE_CHECKING:
    import socket
    from pathlib import Path

    from pytest_httpserver import HTTPServer

    from alerts.messages import Message

SECRET = "SeCrEtToKeN1234567890"
NOW = datetime(2026, 10, 14, 1, 0, tzinfo=UTC)
Talk = Callable[["socket.socket"], None]
Listen = Callable[[Talk], int]


def _address(url: str) -> AppriseAddress:
    return AppriseAddress(owner="shop 'Lagos Lights'", url=url)


def _send(url: str, message: Message, **options: Any) -> Result:
    address = _address(url)
    channel = AppriseChannel([address], **({"timeout": 1, "now": lambda: NOW} | options))
    return channel.send(message, address.id)


def _json(port: int) -> str:
    return f"json://user:{SECRET}@127.0.0.1:{port}/path"


def _answering(
    httpserver: HTTPServer, status: int, body: str = "", headers: dict[str, str] | None = None
) -> str:
    httpserver.expect_request("/path").respond_with_response(
        Response(body, status=status, headers=headers)
    )
    return _json(httpserver.port)


def test_title_and_text_arrive(httpserver: HTTPServer, message: Message) -> None:
    """
    The subject is the title and the chat text the body, in one request, with the URL's password.
    """
    said = replace(message, chat="1 parcel\n尚未扫描")
    result = _send(_answering(httpserver, 200), said)
    assert result == Delivered(f"taken over by 127.0.0.1:{httpserver.port}")
    (request, _), *others = httpserver.log
    sent = request.get_json()
    assert others == []
    assert (sent["title"], sent["message"]) == (message.subject, "1 parcel\n尚未扫描")
    assert request.authorization is not None
    assert request.authorization.password == SECRET


def test_a_form_arrives(httpserver: HTTPServer, message: Message) -> None:
    """
    Another of its services works the same way.
    """
    _answering(httpserver, 200)
    assert isinstance(_send(f"form://127.0.0.1:{httpserver.port}/path", message), Delivered)
    assert httpserver.log[0][0].form["title"] == message.subject


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 302, 307, 308])
def test_refusals_are_refused(httpserver: HTTPServer, message: Message, status: int) -> None:
    """
    What a repeat cannot change is refused, with the status; a redirect's target is never asked.
    """
    target = {"Location": httpserver.url_for("/elsewhere")}
    result = _send(_answering(httpserver, status, SECRET, target), message)
    assert isinstance(result, Refused)
    assert str(status) in result.why
    assert SECRET not in result.why
    assert len(httpserver.log) == 1


@pytest.mark.parametrize("status", [408, 500, 502, 503])
def test_trouble_over_there_is_tried_again(
    httpserver: HTTPServer, message: Message, status: int
) -> None:
    """
    A server in trouble is a ``Retry`` after exactly one request, whatever the URL asks for.
    """
    url = _answering(httpserver, status) + "?retry=3&optional=yes&wait=0"
    assert isinstance(_send(url, message), Retry)
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
    A 429 is a ``Retry`` after the time it names, although Apprise itself does not read it.
    """
    result = _send(_answering(httpserver, 429, "", {"Retry-After": header}), message)
    assert result == Retry(wait, f"127.0.0.1:{httpserver.port} answered 429")


def test_a_web_page_is_no_delivery(httpserver: HTTPServer, message: Message) -> None:
    """
    A login page that answers 200 in the service's place delivers nothing.
    """
    page = _answering(httpserver, 200, "<!DOCTYPE html><p>Sign in to the hotel")
    assert isinstance(_send(page, message), Retry)


#: Headers that end too early look whole to ``requests``: the 200 counts.
TOLD_APART = [talk for talk in BROKEN if talk.__name__ != "end_in_the_headers"]


@pytest.mark.parametrize("talk", TOLD_APART)
def test_a_broken_conversation_is_tried_again(message: Message, listen: Listen, talk: Talk) -> None:
    """
    Whatever breaks on the wire is a ``Retry`` without the password, and no exception.
    """
    result = _send(_json(listen(talk)), message)
    assert isinstance(result, Retry)
    assert SECRET not in result.why


def test_nobody_listens(message: Message, closed_port: int) -> None:
    """
    A refused connection is a ``Retry``.
    """
    why = f"127.0.0.1:{closed_port} refused or dropped the connection"
    assert _send(_json(closed_port), message) == Retry(None, why)


def test_silence_is_called_a_time_out(message: Message, listen: Listen) -> None:
    """
    A server that never answers is a ``Retry`` that says so.
    """

    def say_nothing(connection: socket.socket) -> None:
        read_request(connection)
        connection.recv(1)

    port = listen(say_nothing)
    assert _send(_json(port), message) == Retry(None, f"127.0.0.1:{port} did not answer in time")


@pytest.mark.parametrize("talk", [drip_headers, drip_body])
def test_an_endless_answer_is_left(message: Message, listen: Listen, talk: Talk) -> None:
    """
    A server that never pauses long enough for a time-out is left after the total time.
    """
    result = _send(_json(listen(talk)), message, timeout=5, total=0.5)
    assert result == Retry(None, "JSON did not answer in time")


def test_an_unknown_certificate_is_refused(
    message: Message, listen: Listen, certificate: Path
) -> None:
    """
    A certificate that does not verify is refused with that reason.
    """
    served = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    served.load_cert_chain(certificate)

    def shake_hands(connection: socket.socket) -> None:
        with served.wrap_socket(connection, server_side=True) as secure:
            secure.recv(1)

    result = _send(_json(listen(shake_hands)).replace("json://", "jsons://"), message, timeout=5)
    assert isinstance(result, Refused)
    assert "certificate" in result.why


ROBOTS = {"dingtalk": NotifyDingTalk, "wecombot": NotifyWeComBot, "feishu": NotifyFeishu}


@pytest.fixture(params=[*ROBOTS, "lark"])
def robot(
    request: pytest.FixtureRequest, httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch
) -> str:
    """
    The URL of a group's robot whose service is the local server.
    """
    service = ROBOTS.get(request.param, NotifyLark)
    monkeypatch.setattr(service, "notify_url", httpserver.url_for("/path") + "?")
    monkeypatch.setattr(service, "request_rate_per_sec", 0)  # Lark's would wait for itself
    return f"{request.param}://{SECRET}/"


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ('{"errcode": 0, "errmsg": "ok", "code": 0}', Delivered),
        ('{"errcode": 310000, "errmsg": "keywords not in content", "code": 19024}', Refused),
        ('{"errcode": 45009, "errmsg": "api freq out of limit", "code": 11232}', Retry),
        ('{"errcode": "0"}', Retry),
        ("[0]", Retry),
        ("", Retry),
    ],
)
def test_a_robot_that_says_no_with_200_is_understood(
    robot: str, httpserver: HTTPServer, message: Message, body: str, kind: type
) -> None:
    """
    DingTalk, WeCom, Feishu and Lark refuse with status 200 and a code: only 0 is a delivery.
    """
    _answering(httpserver, 200, body)
    result = _send(robot, message)
    assert isinstance(result, kind)
    assert SECRET not in str(result)
    assert "keywords" not in str(result)


def test_telegram_gets_its_share_of_a_long_message(
    httpserver: HTTPServer, message: Message, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    Telegram takes 4096 characters: the message ends in time with the sentence about the rest.
    """
    monkeypatch.setattr(NotifyTelegram, "notify_url", httpserver.url_for("/bot"))
    httpserver.expect_request(f"/bot123456789:{SECRET}/sendMessage").respond_with_json({"ok": True})
    long = replace(message, chat="尚未扫描 parcel\n" * 900, cut="The rest: tracker alerts list")
    assert isinstance(_send(f"tgram://123456789:{SECRET}/12315544/", long), Delivered)
    (request, _), *others = httpserver.log
    text = re.sub("</?b>", "", json.loads(request.get_data())["text"])
    assert others == []
    assert 3900 < len(text) <= 4096
    assert text.rstrip().endswith("parcel\r\nThe rest: tracker alerts list")


def test_wecom_counts_bytes(
    httpserver: HTTPServer, message: Message, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    WeCom's 2048 are bytes: a Chinese message is cut at a third of as many characters.
    """
    monkeypatch.setattr(NotifyWeComBot, "notify_url", httpserver.url_for("/path?key={key}"))
    _answering(httpserver, 200, '{"errcode": 0}')
    long = replace(message, chat="尚未扫描\n" * 900, cut="其余见 tracker alerts list")
    assert isinstance(_send(f"wecombot://{SECRET}/", long), Delivered)
    content = httpserver.log[0][0].get_json()["text"]["content"]
    assert 1900 < len(content.encode()) <= 2048
    assert content.endswith("尚未扫描\n其余见 tracker alerts list")


@pytest.mark.parametrize(
    "url",
    [f"nope://{SECRET}", f"tgram://{SECRET}", f"discord://{SECRET}", f"https://x.example/{SECRET}"],
)
def test_a_url_of_no_service_stops_the_start(url: str, caplog: pytest.LogCaptureFixture) -> None:
    """
    It is an error naming the shop and the scheme, and neither it nor any log has the URL.
    """
    caplog.set_level(logging.DEBUG)
    with pytest.raises(UsageError, match="shop 'Lagos Lights' cannot be used") as caught:
        AppriseChannel([_address(url)])
    assert str(caught.value).startswith(f"The {url.partition(':')[0]}:// address")
    assert SECRET not in str(caught.value) + caplog.text


def test_a_service_that_left_the_settings_is_refused(message: Message) -> None:
    """
    What was meant for a URL that is no longer configured is parked with these words.
    """
    result = AppriseChannel([]).send(message, _address("json://x").id)
    assert result == Refused("this Apprise URL is not in the settings any more")


@pytest.mark.parametrize("status", [200, 404, 500, None])
def test_the_url_is_in_no_log(
    httpserver: HTTPServer,
    message: Message,
    caplog: pytest.LogCaptureFixture,
    closed_port: int,
    status: int | None,
) -> None:
    """
    With the root logger at DEBUG, no answer makes anybody log the password or the message.
    """
    caplog.set_level(logging.DEBUG)
    _send(_answering(httpserver, status) if status else _json(closed_port), message)
    logged = [one.getMessage() for one in caplog.records if one.name != "werkzeug"]
    assert not any(SECRET in line or "/path" in line or "尚未" in line for line in logged)


def test_other_users_of_requests_are_left_alone(httpserver: HTTPServer) -> None:
    """
    A call by ``requests`` outside a message is neither noted nor changed.
    """
    httpserver.expect_request("/x").respond_with_data("hello", status=404)
    with observed() as notes:
        pass
    assert requests.get(httpserver.url_for("/x"), timeout=5).text == "hello"
    assert notes == []


def test_nobody_waits_for_apprise_in_vain() -> None:
    """
    Its library, which takes a second to load, is loaded for Apprise URLs only.
    """
    program = (
        "import sys; from alerts.channels.configured import make_channels; "
        "make_channels(None, None); print('apprise' in sys.modules, 'requests' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.split() == ["False", "False"]
