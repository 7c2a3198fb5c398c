"""
One look-alike served over real HTTP on two ports of loopback: two origins.
"""

from __future__ import annotations

import json
import re
import threading
import time
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import parse_qsl, urlsplit

from jinja2 import Environment, FileSystemLoader

from tests.lookalikes.story import Parcel, Story, parcel_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from tracker.model import Outcome

ENTRY = "/mercuryhub/jtrack"


@dataclass(frozen=True, slots=True)
class Request:
    """
    One request: the page's own fields, decoded as browsers send them.
    """

    portal: Portal
    handler: BaseHTTPRequestHandler
    path: str
    query: dict[str, str]
    form: dict[str, str]
    body: bytes

    def asked(self, name: str) -> list[Parcel]:
        """
        The parcels of the numbers in a field of the query or the form.
        """
        return parcels(self.form.get(name) or self.query.get(name) or "")

    def told(self) -> Any:
        """
        The body as JSON.
        """
        return json.loads(self.body)


@dataclass(frozen=True, slots=True)
class Reply:
    """
    One answer; ``pieces`` are sent as they come, and the connection ends with them.
    """

    body: bytes = b""
    kind: str = "text/html; charset=utf-8"
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    pieces: Iterable[bytes] | None = None


@dataclass(frozen=True, slots=True)
class Lookalike:
    """
    One way to build the portal: how each path is answered, and how many numbers the form takes.

    ``instead`` says which outcomes are right for a story that this portal does not tell plainly.
    """

    name: str
    routes: Mapping[str, Callable[[Request], Reply]]
    takes: int = 10
    instead: Mapping[Story, frozenset[Outcome]] = field(default_factory=dict)


def parcels(text: str) -> list[Parcel]:
    """
    The parcels of the numbers in what was typed, in its order.
    """
    return [parcel_of(number) for number in re.split(r"[\s,;|]+", text) if number]


@cache
def _templates() -> Environment:
    folder = Path(__file__).parent / "pages"
    return Environment(loader=FileSystemLoader(folder), autoescape=True, trim_blocks=True)


def page(name: str, status: int = 200, **fixed: Any) -> Callable[[Request], Reply]:
    """
    A route that shows a page which is the same whatever was asked.
    """
    return lambda request: rendered(name, request, status=status, **fixed)


def drawn(name: str, field: str) -> Callable[[Request], Reply]:
    """
    A route whose server draws the numbers that stand in a field of the query or the form.
    """
    return lambda request: rendered(name, request, asked=request.asked(field))


def rendered(name: str, request: Request, *, status: int = 200, **known: Any) -> Reply:
    """
    A page of ``pages/`` with what it needs to know.
    """
    template = _templates().get_template(f"{name}.html")
    text = template.render(request=request, portal=request.portal, **known)
    return Reply(text.encode(), status=status)


def as_json(value: object, status: int = 200) -> Reply:
    """
    A JSON answer.
    """
    body = json.dumps(value, ensure_ascii=False).encode()
    return Reply(body, "application/json; charset=utf-8", status)


def moved(to: str, *headers: tuple[str, str]) -> Reply:
    """
    A redirect that a browser follows with GET.
    """
    return Reply(status=302, headers=(("Location", to), *headers))


def late(seconds: float, route: Callable[[Request], Reply]) -> Callable[[Request], Reply]:
    """
    The same route, answered after a while.
    """

    def answer(request: Request) -> Reply:
        time.sleep(seconds)
        return route(request)

    return answer


class Portal:
    """
    A look-alike that listens; a context manager. ``memory`` is what its server remembers.
    """

    def __init__(self, lookalike: Lookalike) -> None:
        self.lookalike = lookalike
        self.memory: dict[str, Any] = {}
        self.lock = threading.Lock()
        self.closing = threading.Event()
        self.requests: list[str] = []
        self._listeners = [_Listener(("127.0.0.1", 0), _handler_for(self)) for _ in range(2)]
        self._threads = [
            threading.Thread(target=listener.serve_forever, args=(0.05,), daemon=True)
            for listener in self._listeners
        ]
        for thread in self._threads:
            thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.closing.set()
        for listener, thread in zip(self._listeners, self._threads, strict=True):
            listener.shutdown()
            listener.server_close()
            thread.join()

    @property
    def url(self) -> str:
        """
        The root of the origin that is asked.
        """
        return f"http://127.0.0.1:{self._listeners[0].server_port}"

    @property
    def other_url(self) -> str:
        """
        The root of the second origin.
        """
        return f"http://127.0.0.1:{self._listeners[1].server_port}"

    def reply(self, request: Request) -> Reply:
        """
        The look-alike's answer; a path that ends in ``/`` answers for all below it.
        """
        routes = self.lookalike.routes
        folder = request.path.rpartition("/")[0] + "/"
        route = routes.get(request.path) or (routes.get(folder) if folder != "/" else None)
        return route(request) if route else Reply(b"not here", "text/plain", 404)


class _Listener(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def handle_error(self, request: Any, client_address: Any) -> None:
        """
        A browser may hang up in the middle.
        """


def _handler_for(portal: Portal) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            self._answer(b"")

        def do_POST(self) -> None:
            self._answer(self.rfile.read(int(self.headers.get("Content-Length", 0))))

        def _answer(self, body: bytes) -> None:
            parts = urlsplit(self.path)
            form = "x-www-form-urlencoded" in self.headers.get("Content-Type", "")
            fields = dict(parse_qsl(body.decode())) if form else {}
            query = dict(parse_qsl(parts.query))
            with portal.lock:
                portal.requests.append(f"{self.command} {self.path}")
            self._send(portal.reply(Request(portal, self, parts.path, query, fields, body)))

        def _send(self, reply: Reply) -> None:
            self.send_response(reply.status)
            for name, value in reply.headers:
                self.send_header(name, value)
            if reply.status == 101:
                self.end_headers()
            elif reply.pieces is None:
                self.send_header("Content-Type", reply.kind)
                self.send_header("Content-Length", str(len(reply.body)))
                self.end_headers()
                self.wfile.write(reply.body)
                return
            else:
                self.send_header("Content-Type", reply.kind)
                self.send_header("Connection", "close")
                self.end_headers()
            self.close_connection = True
            for piece in reply.pieces or ():
                self.wfile.write(piece)

        def log_message(self, *_: object) -> None:
            """
            Nothing is printed: ``Portal.requests`` is the log.
            """

    return Handler
