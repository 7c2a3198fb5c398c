"""
Probing a portal: the steps of a look, one after another, until one fails, and what to do then.
"""

from __future__ import annotations

import socket
import ssl
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from tracker.crawl import check_access
from tracker.model import ScanTrackerError
from tracker.probing.onelook import Canaries, Manner, ProbeLook, StepFailed, by_hand

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tracker.crawl import CarrierAccess

CONNECT_SECONDS = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeStep:
    """
    One step of a probe: ``ok`` is ``None`` when an earlier step failed and it was not tried.
    """

    name: str
    ok: bool | None
    detail: str | None = None


def probe(
    access: CarrierAccess, canaries: Canaries | None = None, manner: Manner | None = None
) -> Iterator[ProbeStep]:
    """
    Each step as it ends: the way to the portal, then one look at a number that nobody has.

    The look asks for the canaries with it. A portal is asked one question, two where a question
    takes one number.
    """
    found = ProbeLook(access, canaries or Canaries(), manner or Manner())
    failed = False
    for name, step in _steps(access, found):
        if failed:
            yield ProbeStep(name=name, ok=None)
            continue
        try:
            detail = step()
        except StepFailed as error:
            failed = True
            yield ProbeStep(name=name, ok=False, detail=str(error))
        else:
            yield ProbeStep(name=name, ok=True, detail=detail)


def _steps(access: CarrierAccess, found: ProbeLook) -> Iterator[tuple[str, Callable[[], str]]]:
    yield "configuration", lambda: _configuration(access)
    yield "name resolves", lambda: _name(access)
    yield "connects", lambda: _connection(access)
    yield "certificate", lambda: _certificate(access)
    if access.uses_api:
        yield "answers", found.answer
    else:
        yield "page loads", found.page
        yield "field found", found.field
        yield "submitted", found.submit
        yield "answer recognised", found.answer
    yield "canaries", found.canaries


def _configuration(access: CarrierAccess) -> str:
    try:
        check_access(access)
    except ScanTrackerError as error:
        raise StepFailed(str(error)) from error
    profile = f", profile {access.profile}" if access.profile else ""
    return f"{'API' if access.uses_api else 'page'} at {access.asked_url}{profile}"


def _place(access: CarrierAccess) -> tuple[str, int]:
    parts = urlsplit(access.asked_url)
    return access.host, parts.port or (443 if parts.scheme == "https" else 80)


def _name(access: CarrierAccess) -> str:
    host, port = _place(access)
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise StepFailed(
            f"{host} could not be resolved ({error.strerror}): check the server's DNS and network, "
            f"and the spelling of {_address_key(access)}. {by_hand(access)}"
        ) from error
    return str(found[0][4][0])


def _connection(access: CarrierAccess) -> str:
    host, port = _place(access)
    try:
        with socket.create_connection((host, port), CONNECT_SECONDS):
            return f"{host}:{port}"
    except OSError as error:
        raise StepFailed(
            f"{host}:{port} did not accept a connection ({error.strerror or error}): a firewall, "
            "or a network that reaches the web by a proxy only, may keep this server in; ask for "
            f"outgoing connections to port {port} to be opened. {by_hand(access)}"
        ) from error


def _certificate(access: CarrierAccess) -> str:
    if urlsplit(access.asked_url).scheme != "https":
        return "plain http: there is none"
    if not access.verify_tls:
        return "not checked (verify_tls = false)"
    host, port = _place(access)
    try:
        with (
            socket.create_connection((host, port), CONNECT_SECONDS) as plain,
            ssl.create_default_context().wrap_socket(plain, server_hostname=host) as secured,
        ):
            return secured.version() or "TLS"
    except (OSError, ssl.SSLError) as error:
        raise StepFailed(
            f"{host}:{port} has no certificate that can be trusted ({error}): a proxy that reads "
            "along must have its certificate installed on this server; if you know why the "
            f"portal's own is not valid, set carriers.{access.carrier}.verify_tls to false."
        ) from error


def _address_key(access: CarrierAccess) -> str:
    return f"carriers.{access.carrier}.{'api_url' if access.uses_api else 'url'}"
