"""
The practice portals as a real HTTP server on loopback.

One port plays Seko's jtrack page, Clevy's page and Clevy's API; the number asked decides the
answer (``scenarios.py``). It is a teaching aid and a test server: it listens on loopback only.
"""

from __future__ import annotations

import base64
import json
import threading
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import parse_qsl

from tracker.clock import utc_now
from tracker.practice.answers import (
    PracticeEvent,
    Told,
    clevy_answer,
    seko_answer,
    told_by,
    told_of,
    unreadable_answer,
)
from tracker.practice.scenarios import Manner, scenario_named

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import datetime

USERNAME = "practice"
PASSWORD = "practice"  # noqa: S105 - the published password of a teaching aid
JTRACK_PATH = "/mercuryhub/jtrack"
JTRACK_DATA_PATH = "/mercuryhub/api/consignments"
CLEVY_PATH = "/en/search.html"
CLEVY_DATA_PATH = "/en/route_query"
API_PATH = "/api/v2/RouteTrack"

_PAGES = {"/": "index", JTRACK_PATH: "jtrack", CLEVY_PATH: "search", "/login": "login"}
_BODY_LIMIT = 100_000


@dataclass(frozen=True, slots=True)
class PracticeRequest:
    """
    One request as the practice portal saw it, at ``at``; ``numbers`` is empty for page loads.
    """

    method: str
    path: str
    numbers: tuple[str, ...]
    headers: dict[str, str]
    at: datetime = field(default_factory=utc_now)


@dataclass(frozen=True, slots=True)
class _Reply:
    status: int
    content_type: str
    body: bytes
    headers: tuple[tuple[str, str], ...] = ()
    claimed_length: int | None = None  # more than the body has: the answer is cut


class PracticeServer:
    """
    Both practice portals, listening on loopback; a context manager.

    Scenario hours count back from ``now``, the start. Stories can be changed while it runs, so
    that a scan appears later.
    """

    def __init__(self, *, port: int, now: datetime, slow_seconds: float) -> None:
        self.start = now
        self.slow_seconds = slow_seconds
        self.requests: list[PracticeRequest] = []
        self._stories: dict[str, Callable[[], Told]] = {}
        self._asked_busy: set[str] = set()
        self._lock = threading.Lock()
        self._closing = threading.Event()
        self._http = _Listener(("127.0.0.1", port), _handler_for(self))
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def port(self) -> int:
        """
        The port it listens on.
        """
        return self._http.server_port

    @property
    def url(self) -> str:
        """
        The root address, without a trailing slash.
        """
        return f"http://127.0.0.1:{self.port}"

    def environment(self) -> dict[str, str]:
        """
        The environment variables that point the tool at these portals (contract.md).
        """
        return {
            "TRACKER_CARRIERS__SEKO__URL": self.url + JTRACK_PATH,
            "TRACKER_CARRIERS__SEKO__REQUESTS_PER_MINUTE": "600",
            "TRACKER_CARRIERS__CLEVY__URL": self.url + CLEVY_PATH,
            "TRACKER_CARRIERS__CLEVY__API_URL": self.url + API_PATH,
            "TRACKER_CARRIERS__CLEVY__USERNAME": USERNAME,
            "TRACKER_CARRIERS__CLEVY__PASSWORD": PASSWORD,
            "TRACKER_CARRIERS__CLEVY__REQUESTS_PER_MINUTE": "600",
        }

    def set_events(self, number: str, events: Iterable[PracticeEvent]) -> None:
        """
        From now on the number has exactly these events; none of them means "nothing yet".
        """
        told = tuple(events)
        manner = Manner.TELL if told else Manner.NOTHING_YET
        with self._lock:
            self._stories[number] = lambda: Told(number, manner, told)

    def set_scenario(self, number: str, name: str) -> None:
        """
        From now on the number plays the scenario with this name.

        Raises ``KeyError`` for an unknown name.
        """
        scenario = scenario_named(name)
        with self._lock:
            self._stories[number] = lambda: told_by(scenario, number, self.start)

    def told(self, numbers: Sequence[str]) -> tuple[Told, ...]:
        """
        What the portal says about each number at this moment.
        """
        with self._lock:
            stories = [self._stories.get(number) for number in numbers]
        return tuple(
            story() if story else told_of(number, self.start)
            for number, story in zip(numbers, stories, strict=True)
        )

    def asked_before(self, number: str) -> bool:
        """
        Whether a busy-once number was asked already; the asking is remembered.
        """
        with self._lock:
            before = number in self._asked_busy
            self._asked_busy.add(number)
        return before

    def note(self, request: PracticeRequest) -> None:
        """
        The request is in the log.
        """
        with self._lock:
            self.requests.append(request)

    def linger(self) -> None:
        """
        Waits as the slow scenario does, or until the server closes.
        """
        self._closing.wait(self.slow_seconds)

    def wait_until_closed(self) -> None:
        """
        Returns when the server was closed; Ctrl-C interrupts it.
        """
        self._closing.wait()

    def close(self) -> None:
        """
        The port is free and waiting answers were let go.
        """
        self._closing.set()
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()


def start_practice(
    *, port: int = 0, now: datetime | None = None, slow_seconds: float = 120
) -> PracticeServer:
    """
    The practice portals, listening on loopback; port 0 takes a free one.

    Raises ``OSError`` when the port is taken.
    """
    return PracticeServer(port=port, now=now or utc_now(), slow_seconds=slow_seconds)


class _Listener(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def handle_error(self, request: Any, client_address: Any) -> None:
        """
        A caller that hangs up in the middle is part of the lesson, not an error to print.
        """


def _handler_for(portal: PracticeServer) -> type[BaseHTTPRequestHandler]:
    """
    The handler class bound to one portal, as the standard library wants it.
    """

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        server_version = "ScanTrackerPractice"
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            portal.note(PracticeRequest("GET", self.path, (), dict(self.headers)))
            self._send(_page_reply(self.path))

        def do_POST(self) -> None:
            body = self.rfile.read(min(int(self.headers.get("Content-Length", 0)), _BODY_LIMIT))
            numbers = _numbers(self.path, body)
            portal.note(PracticeRequest("POST", self.path, numbers, dict(self.headers)))
            allowed = self.headers.get("Authorization")
            self._send(_data_reply(portal, self.path, numbers, allowed))

        def _send(self, reply: _Reply) -> None:
            self.send_response(reply.status)
            self.send_header("Content-Type", reply.content_type)
            self.send_header("Content-Length", str(reply.claimed_length or len(reply.body)))
            self.send_header("X-Practice-Portal", "Scan Tracker")
            for name, value in reply.headers:
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(reply.body)
            self.close_connection = self.close_connection or reply.claimed_length is not None

        def log_message(self, *_: object) -> None:
            """
            Nothing is printed: the request log is ``PracticeServer.requests``.
            """

    return Handler


def _page(name: str, status: int = HTTPStatus.OK) -> _Reply:
    body = files("tracker.practice").joinpath("pages", f"{name}.html").read_bytes()
    return _Reply(status, "text/html; charset=utf-8", body)


def _page_reply(path: str) -> _Reply:
    name = _PAGES.get(path.partition("?")[0])
    return _page(name) if name else _text(HTTPStatus.NOT_FOUND, "practice portal: no such page")


def _text(status: int, text: str, *headers: tuple[str, str]) -> _Reply:
    return _Reply(status, "text/plain; charset=utf-8", text.encode(), headers)


def _json(value: object) -> _Reply:
    body = json.dumps(value, ensure_ascii=False).encode()
    return _Reply(HTTPStatus.OK, "application/json; charset=utf-8", body)


def _numbers(path: str, body: bytes) -> tuple[str, ...]:
    """
    The numbers that were asked; an unreadable question asks for none.
    """
    text = body.decode("utf-8", "replace")
    if path != JTRACK_DATA_PATH:
        pairs = parse_qsl(text)
        return tuple(value for name, value in pairs if name.startswith("MailNos["))
    try:
        asked = json.loads(text)
    except ValueError:
        return ()
    return tuple(str(number) for number in asked) if isinstance(asked, list) else ()


def _data_reply(
    portal: PracticeServer, path: str, numbers: tuple[str, ...], authorization: str | None
) -> _Reply:
    if path not in (API_PATH, JTRACK_DATA_PATH, CLEVY_DATA_PATH):
        return _text(HTTPStatus.NOT_FOUND, "practice portal: no such address")
    if path == API_PATH and authorization != _basic():
        return _text(HTTPStatus.UNAUTHORIZED, "credentials wanted", ("WWW-Authenticate", "Basic"))
    told = portal.told(numbers)
    whole = _json(seko_answer(told) if path == JTRACK_DATA_PATH else clevy_answer(told))
    spoiler = next((one for one in told if one.manner.spoils_the_answer), None)
    return _spoilt(portal, spoiler, whole) if spoiler else whole


def _basic() -> str:
    return "Basic " + base64.b64encode(f"{USERNAME}:{PASSWORD}".encode()).decode()


def _spoilt(portal: PracticeServer, spoiler: Told, whole: _Reply) -> _Reply:
    """
    The answer to all numbers of a batch in which one spoils it.
    """
    if spoiler.manner is Manner.SLOW:
        portal.linger()
        return whole
    if spoiler.manner is Manner.BUSY_ONCE:
        before = portal.asked_before(spoiler.number)
        return whole if before else _text(HTTPStatus.BAD_GATEWAY, "bad gateway")
    if spoiler.manner is Manner.TRUNCATED:
        half = whole.body[: len(whole.body) // 2]
        return _Reply(whole.status, whole.content_type, half, claimed_length=len(whole.body))
    return _FIXED[spoiler.manner]()


_FIXED: dict[Manner, Callable[[], _Reply]] = {
    Manner.UNREADABLE: lambda: _json(unreadable_answer()),
    Manner.FORBIDDEN: lambda: _text(HTTPStatus.FORBIDDEN, "forbidden"),
    Manner.TOO_MANY: lambda: _text(
        HTTPStatus.TOO_MANY_REQUESTS, "too many requests", ("Retry-After", "60")
    ),
    Manner.BROKEN: lambda: _text(HTTPStatus.INTERNAL_SERVER_ERROR, "internal server error"),
    Manner.CHALLENGE: lambda: _page("challenge", HTTPStatus.FORBIDDEN),
    Manner.MAINTENANCE: lambda: _page("maintenance", HTTPStatus.SERVICE_UNAVAILABLE),
    Manner.LOGIN: lambda: _text(HTTPStatus.FOUND, "", ("Location", "/login")),
    Manner.EMPTY: lambda: _Reply(HTTPStatus.OK, "application/json", b""),
}
