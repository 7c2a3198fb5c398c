"""
A way of one's own to a server that others reach too: a TCP port on loopback that passes all on.
"""

from __future__ import annotations

import socket
import socketserver
import threading
from contextlib import suppress
from typing import Self

#: A server's address: (host, port), or the path of a Unix socket.
Address = tuple[str, int] | str


class Relay(socketserver.ThreadingTCPServer):
    """
    Listens on a free port and connects each caller to the server; a context manager.
    """

    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, server: Address) -> None:
        self.server = server
        super().__init__(("127.0.0.1", 0), _Call)
        self._thread = threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self.server_close()
        self._thread.join()

    @property
    def port(self) -> int:
        """
        The port it listens on.
        """
        return int(self.server_address[1])


class _Call(socketserver.BaseRequestHandler):
    server: Relay

    def handle(self) -> None:
        with _connected(self.server.server) as far:
            back = threading.Thread(target=_pass_on, args=(far, self.request), daemon=True)
            back.start()
            _pass_on(self.request, far)
            back.join()


def _connected(server: Address) -> socket.socket:
    if isinstance(server, tuple):
        return socket.create_connection(server)
    connection = socket.socket(socket.AF_UNIX)
    connection.connect(server)
    return connection


def _pass_on(source: socket.socket, target: socket.socket) -> None:
    """
    Returns when the source has said all, or when either side is gone; the target knows then.
    """
    with suppress(OSError):
        while told := source.recv(65536):
            target.sendall(told)
    with suppress(OSError):
        target.shutdown(socket.SHUT_WR)
