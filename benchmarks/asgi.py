"""
Asking an app as its server does, without one: when the first byte came, and when all had come.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.types import ASGIApp, Message


@dataclass(slots=True)
class Answer:
    """
    What came back; times in seconds from the asking.
    """

    status: int = 0
    kind: str = ""
    first: float = 0.0
    whole: float = 0.0
    size: int = 0


def ask(app: ASGIApp, address: str, headers: Mapping[str, str]) -> Answer:
    """
    The answer to a GET from this machine; its body is counted and thrown away.
    """
    return asyncio.run(_asked(app, address, headers))


async def _asked(app: ASGIApp, address: str, headers: Mapping[str, str]) -> Answer:
    answer, parts = Answer(), urlsplit(address)
    scope: dict[str, Any] = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": parts.path,
        "raw_path": parts.path.encode(),
        "root_path": "",
        "query_string": parts.query.encode(),
        "headers": [
            (name.encode(), value.encode())
            for name, value in {"host": "127.0.0.1", **headers}.items()
        ],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
    }
    asked, started = False, time.perf_counter()

    async def receive() -> Message:
        nonlocal asked
        if asked:
            await asyncio.Event().wait()  # the browser stays until all has come
        asked = True
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            answer.status = message["status"]
            answer.kind = dict(message["headers"]).get(b"content-type", b"").decode()
            return
        answer.size += len(message.get("body", b""))
        answer.whole = time.perf_counter() - started
        answer.first = answer.first or answer.whole

    await app(scope, receive, send)
    return answer
