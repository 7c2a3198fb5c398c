"""
A portal that misbehaves on the wire, in the manner of Scrapy's ``tests/mockserver``.

Each fault is a small function that writes to a real socket. The pages and the good answers are
those of the practice portals, so that a fault is the only thing that differs from a good look.
"""

from __future__ import annotations

import json
import socket
import ssl
import struct
import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from ipaddress import ip_address
from typing import TYPE_CHECKING, Self
from urllib.parse import parse_qsl

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tracker.practice.answers import clevy_answer, seko_answer, told_of
from tracker.practice.server import API_PATH, CLEVY_PATH, JTRACK_DATA_PATH, JTRACK_PATH

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    Fault = Callable[["Exchange"], None]

_PAGE_OF = {JTRACK_PATH: "jtrack", CLEVY_PATH: "search", "/login": "login"}


@dataclass
class Exchange:
    """
    One request as it came, and the socket to answer on.
    """

    server: FaultServer
    socket: socket.socket
    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    at: float = field(default_factory=time.monotonic)

    @property
    def numbers(self) -> tuple[str, ...]:
        """
        The numbers asked.
        """
        text = self.body.decode()
        if self.path == JTRACK_DATA_PATH:
            return tuple(json.loads(text))
        return tuple(v for name, v in parse_qsl(text) if name.startswith("MailNos["))

    def good_body(self) -> bytes:
        """
        What a healthy portal would say.
        """
        return _told(self.path, self.numbers)

    def answer(
        self,
        status: int,
        body: bytes = b"",
        *,
        content_type: str = "application/json",
        length: int | None = None,
        headers: str = "",
    ) -> None:
        """
        A whole HTTP answer; ``length`` claims another length than the body has.
        """
        head = (
            f"HTTP/1.1 {status} Told\r\nContent-Type: {content_type}\r\n"
            f"Content-Length: {len(body) if length is None else length}\r\n"
            f"Connection: close\r\n{headers}\r\n"
        )
        self.socket.sendall(head.encode() + body)


def _told(path: str, numbers: Sequence[str]) -> bytes:
    told = [told_of(number, datetime.now(UTC)) for number in numbers]
    answer = seko_answer(told) if path == JTRACK_DATA_PATH else clevy_answer(told)
    return json.dumps(answer).encode()


@dataclass
class FaultServer:
    """
    Answers the nth data request by the nth fault (the last one goes on), pages by ``page``.

    ``paths`` are answered by their own faults, whatever the method.
    """

    data: Sequence[Fault]
    page: Sequence[Fault] = ()
    tls: ssl.SSLContext | None = None
    paths: dict[str, Fault] = field(default_factory=dict)
    asked: list[tuple[str, ...]] = field(default_factory=list)
    loads: int = 0
    exchanges: list[Exchange] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.closing = threading.Event()
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self._listener.settimeout(0.1)
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.closing.set()
        self._thread.join()
        self._listener.close()

    @property
    def url(self) -> str:
        """
        The root address.
        """
        scheme = "https" if self.tls else "http"
        return f"{scheme}://127.0.0.1:{self._listener.getsockname()[1]}"

    def _accept(self) -> None:
        while not self.closing.is_set():
            try:
                caller, _ = self._listener.accept()
            except TimeoutError:
                continue
            threading.Thread(target=self._serve, args=(caller,), daemon=True).start()

    def _serve(self, caller: socket.socket) -> None:
        try:
            with self.tls.wrap_socket(caller, server_side=True) if self.tls else caller as talk:
                talk.settimeout(10)
                exchange = self._read(talk)
                if exchange is not None:
                    self._fault_for(exchange)(exchange)
        except OSError:
            pass  # the caller hung up: it is allowed to

    def _read(self, talk: socket.socket) -> Exchange | None:
        data = b""
        while b"\r\n\r\n" not in data:
            more = talk.recv(65536)
            if not more:
                return None
            data += more
        head, _, body = data.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        pairs = (line.partition(":") for line in lines)
        headers = {name.lower(): value.strip() for name, _, value in pairs}
        while len(body) < int(headers.get("content-length", 0)):
            body += talk.recv(65536)
        method, path, _ = first.split(" ")
        return Exchange(self, talk, method, path, headers, body)

    def _fault_for(self, exchange: Exchange) -> Fault:
        with self._lock:
            self.exchanges.append(exchange)
            if exchange.path in self.paths:
                return self.paths[exchange.path]
            if exchange.method == "GET" and exchange.path == "/login":
                return plain_page
            if exchange.method == "GET":
                script, turn = self.page, self.loads
                self.loads += exchange.path in _PAGE_OF
                return script[min(turn, len(script) - 1)] if script else plain_page
            self.asked.append(exchange.numbers)
            return self.data[min(len(self.asked), len(self.data)) - 1]


def plain_page(exchange: Exchange) -> None:
    """
    The practice page at this address, or 404.
    """
    name = _PAGE_OF.get(exchange.path)
    if name is None:
        exchange.answer(404, b"no such page", content_type="text/plain")
    else:
        html(name)(exchange)


def good(exchange: Exchange) -> None:
    """
    A healthy answer.
    """
    exchange.answer(200, exchange.good_body())


def status(code: int, headers: str = "", body: bytes = b"told") -> Fault:
    """
    Only a status, with a short text.
    """
    return lambda exchange: exchange.answer(code, body, content_type="text/plain", headers=headers)


def html(name: str, code: int = 200) -> Fault:
    """
    One of the practice pages: challenge, maintenance, login.
    """
    body = files("tracker.practice").joinpath("pages", f"{name}.html").read_bytes()
    return lambda exchange: exchange.answer(code, body, content_type="text/html; charset=utf-8")


def own_page(body: str) -> Fault:
    """
    A page with this body, and a script function ``ask(text)`` that asks for the numbers typed.
    """
    script = """<script>
    async function ask(text) {
      const numbers = text.split(/[\\s,;]+/).filter(Boolean);
      const answer = await fetch("/mercuryhub/api/consignments",
        {method: "POST", body: JSON.stringify(numbers)});
      const out = document.createElement("pre");
      out.textContent = await answer.text();
      document.body.append(out);
    }
    </script>"""
    page = f"<!DOCTYPE html><meta charset=utf-8><title>Portal</title><body>{body}{script}</body>"
    return lambda exchange: exchange.answer(
        200, page.encode(), content_type="text/html; charset=utf-8"
    )


def redirect(location: str, code: int = 302) -> Fault:
    """
    Sent elsewhere.
    """
    return status(code, f"Location: {location}\r\n", b"")


def hang(exchange: Exchange) -> None:
    """
    No answer while the test lasts.
    """
    exchange.server.closing.wait(60)


def slow_text(text: str, seconds: float) -> Fault:
    """
    A short text after some time.
    """

    def fault(exchange: Exchange) -> None:
        exchange.server.closing.wait(seconds)
        exchange.answer(200, text.encode(), content_type="text/plain")

    return fault


def later(seconds: float) -> Fault:
    """
    A good answer after some time.
    """

    def fault(exchange: Exchange) -> None:
        exchange.server.closing.wait(seconds)
        good(exchange)

    return fault


def later_page(seconds: float) -> Fault:
    """
    The practice page after some time.
    """

    def fault(exchange: Exchange) -> None:
        exchange.server.closing.wait(seconds)
        plain_page(exchange)

    return fault


def download(exchange: Exchange) -> None:
    """
    A file to be saved, instead of a page.
    """
    headers = "Content-Disposition: attachment; filename=setup.exe\r\n"
    exchange.answer(200, b"MZ", content_type="application/octet-stream", headers=headers)


def drop(exchange: Exchange) -> None:
    """
    The connection ends in good order, without an answer.
    """
    exchange.socket.shutdown(socket.SHUT_RDWR)


def reset(exchange: Exchange) -> None:
    """
    The connection is torn down (RST), without an answer.
    """
    exchange.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    exchange.socket.close()


def half_headers(exchange: Exchange) -> None:
    """
    The connection ends in the middle of the headers.
    """
    exchange.socket.sendall(b"HTTP/1.1 200 OK\r\nContent-Ty")


def half_body(exchange: Exchange) -> None:
    """
    The connection ends in the middle of the body.
    """
    body = exchange.good_body()
    exchange.answer(200, body[: len(body) // 2], length=len(body))


def broken_chunks(exchange: Exchange) -> None:
    """
    A chunked body that ends inside a chunk.
    """
    head = (
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    )
    exchange.socket.sendall(head + b"400\r\n" + exchange.good_body()[:20])


def never_ending(exchange: Exchange) -> None:
    """
    A body that goes on for ever.
    """
    head = (
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    )
    exchange.socket.sendall(head)
    while not exchange.server.closing.wait(0.05):
        exchange.socket.sendall(b"1\r\n \r\n")


def wrong_type(exchange: Exchange) -> None:
    """
    Something that is no text at all.
    """
    exchange.answer(200, bytes(range(256)), content_type="image/png")


def empty(exchange: Exchange) -> None:
    """
    200 and nothing.
    """
    exchange.answer(200)


def other_parcel(exchange: Exchange) -> None:
    """
    A good answer about a parcel that nobody asked for.
    """
    strangers = ["JG-NJS-900000002-5711", "UH900000028KE"]
    exchange.answer(200, _told(exchange.path, strangers))


def first_only(exchange: Exchange) -> None:
    """
    A good answer about the first number alone.
    """
    exchange.answer(200, _told(exchange.path, exchange.numbers[:1]))


def json_error(exchange: Exchange) -> None:
    """
    A failure dressed as 200.
    """
    exchange.answer(200, b'{"Code": "SYSTEM_ERROR", "ResponseMessage": "internal error"}')


def self_signed(folder: Path) -> ssl.SSLContext:
    """
    A server's TLS context whose certificate nobody vouches for.
    """
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    pem = folder / "server.pem"
    pem.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    return context


API = API_PATH
JTRACK = JTRACK_PATH
