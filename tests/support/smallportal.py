"""
Small portals on loopback: pages written by a test, and what was asked of them.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self


@dataclass(frozen=True, slots=True)
class Told:
    """
    One answer of a portal.
    """

    body: str
    content_type: str = "text/html; charset=utf-8"
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()


@dataclass
class SmallPortal:
    """
    Answers each path by its entry; what is not there is 404.
    """

    pages: dict[str, Told]
    asked: list[str] = field(default_factory=list)

    def __enter__(self) -> Self:
        portal = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                self._answer()

            def do_POST(self) -> None:
                self.rfile.read(int(self.headers.get("Content-Length", 0)))
                self._answer()

            def _answer(self) -> None:
                portal.asked.append(self.path)
                told = portal.pages.get(self.path.partition("?")[0], Told("nothing", status=404))
                body = told.body.encode()
                self.send_response(told.status)
                self.send_header("Content-Type", told.content_type)
                self.send_header("Content-Length", str(len(body)))
                for name, value in told.headers:
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """
                Nothing is printed.
                """

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._http.daemon_threads = True
        threading.Thread(target=self._http.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._http.shutdown()
        self._http.server_close()

    @property
    def url(self) -> str:
        """
        The root address.
        """
        return f"http://127.0.0.1:{self._http.server_port}"
