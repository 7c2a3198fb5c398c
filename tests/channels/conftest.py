"""
One composed message, and servers on real sockets that misbehave on request.
"""

from __future__ import annotations

import socket
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import TYPE_CHECKING

import pytest

from alerts.messages import Message

if TYPE_CHECKING:
    from pathlib import Path

Talk = Callable[[socket.socket], None]
Listen = Callable[[Talk], int]


@pytest.fixture
def message() -> Message:
    """
    A message with a table and text in two languages.
    """
    return Message(
        reference="<alert-12-1@watch.example>",
        subject="Lagos Lights: urge the scan of JG-NJS-319365323-5711",
        text="Not scanned in time.\n尚未扫描。\n.leading dot\n",
        html="<p>Not scanned in time. 尚未扫描。</p>",
        blocks=({"type": "section", "text": {"type": "plain_text", "text": "Not scanned"}},),
        csv="Tracking number\r\nJG-NJS-319365323-5711\r\n",
    )


@pytest.fixture
def listen() -> Iterator[Listen]:
    """
    Starts servers whose every connection is handed to the given talk; gives the port.
    """
    with ExitStack() as open_servers:
        yield lambda talk: open_servers.enter_context(_server(talk))


@contextmanager
def _server(talk: Talk) -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=_accept, args=(server, talk), daemon=True)
        thread.start()
        yield server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)
        thread.join(timeout=10)


def _accept(server: socket.socket, talk: Talk) -> None:
    while True:
        try:
            connection, _ = server.accept()
        except OSError:  # the test is over and the server closed
            return
        with connection, suppress(OSError):  # the client went away: that is its business
            talk(connection)


@pytest.fixture
def closed_port() -> int:
    """
    A port on which nobody listens.
    """
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """
    A fresh self-signed certificate for 127.0.0.1 with its key, in one file.
    """
    folder = tmp_path_factory.mktemp("tls")
    both, key = folder / "both.pem", folder / "key.pem"
    command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 1"
    names = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    subprocess.run(
        [*command.split(), *names, "-out", both, "-keyout", key], check=True, capture_output=True
    )
    both.write_text(both.read_text() + key.read_text())
    return both
