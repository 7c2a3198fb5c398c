"""
How a web server misbehaves on one connection: what ``listen`` hands each connection to.
"""

from __future__ import annotations

import socket
import struct
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


def reset(connection: socket.socket) -> None:
    """
    The connection is reset, what was not read included.
    """
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def reset_at_once(connection: socket.socket) -> None:
    """
    Nothing is read and the connection reset.
    """
    reset(connection)


def reset_after_the_request(connection: socket.socket) -> None:
    """
    The request is read, and the connection reset in place of an answer.
    """
    read_request(connection)
    reset(connection)


def reset_in_the_body(connection: socket.socket) -> None:
    """
    A good answer whose body breaks off by a reset.
    """
    read_request(connection)
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\no")
    reset(connection)


def end_in_the_headers(connection: socket.socket) -> None:
    """
    A good answer that ends in its headers.
    """
    read_request(connection)
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-")


def end_in_the_body(connection: socket.socket) -> None:
    """
    A good answer that ends before its body does.
    """
    read_request(connection)
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\no")


def drip_headers(connection: socket.socket) -> None:
    """
    A good answer whose headers come a byte at a time.
    """
    read_request(connection)
    connection.sendall(b"HTTP/1.1 200 OK\r\nX-Drip: ")
    drip(connection)


def drip_body(connection: socket.socket) -> None:
    """
    A good answer whose body comes a byte at a time.
    """
    read_request(connection)
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 4000\r\n\r\n")
    drip(connection)


def drip(connection: socket.socket) -> None:
    """
    A byte now and then.
    """
    for _ in range(2000):
        connection.sendall(b"o")
        time.sleep(0.05)


def speak_something_else(connection: socket.socket) -> None:
    """
    The server is none of the web.
    """
    read_request(connection)
    connection.sendall(b"220 mail.example ESMTP\r\n")


def say_nothing(connection: socket.socket) -> None:
    """
    The request is read and never answered.
    """
    read_request(connection)
    connection.recv(1)  # until the client gives up


def read_request(connection: socket.socket) -> None:
    """
    The whole request is read: what is left unread would reset the connection at its end.
    """
    with connection.makefile("rb") as request:
        length = 0
        for line in request:
            if line.lower().startswith(b"content-length:"):
                length = int(line.partition(b":")[2])
            if line == b"\r\n":
                break
        request.read(length)


BROKEN: tuple[Callable[[socket.socket], None], ...] = (
    reset_at_once,
    reset_after_the_request,
    reset_in_the_body,
    end_in_the_headers,
    end_in_the_body,
    speak_something_else,
    say_nothing,
)
