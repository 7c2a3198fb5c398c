"""
Probing a portal: the steps of a look, one after another, until one fails.
"""

from __future__ import annotations

import socket
import ssl
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from tracker.crawl import check_access
from tracker.looking import look
from tracker.model import CarrierName, Outcome, ScanTrackerError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tracker.crawl import CarrierAccess

#: Numbers of the right shape that no parcel bears: asking them shows whether answers are read.
NOBODYS = {CarrierName.SEKO: "JG-NJS-100000000-0001", CarrierName.CLEVY: "UH000000005KG"}
CONNECT_SECONDS = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeStep:
    """
    One step of a probe: ``ok`` is ``None`` when an earlier step failed and it was not tried.
    """

    name: str
    ok: bool | None
    detail: str | None = None


class _StepFailed(Exception):  # noqa: N818 - ends a probe, is no error of the program
    pass


def probe(access: CarrierAccess) -> Iterator[ProbeStep]:
    """
    Configuration, name, connection, certificate, and one look at a number nobody has.
    """
    steps = (
        ("configuration", _configuration),
        ("name resolves", _name),
        ("connects", _connection),
        ("certificate", _certificate),
        ("answers", _answer),
    )
    failed = False
    for name, step in steps:
        if failed:
            yield ProbeStep(name=name, ok=None)
            continue
        try:
            detail = step(access)
        except _StepFailed as error:
            failed = True
            yield ProbeStep(name=name, ok=False, detail=str(error))
        else:
            yield ProbeStep(name=name, ok=True, detail=detail)


def _configuration(access: CarrierAccess) -> str:
    try:
        check_access(access)
    except ScanTrackerError as error:
        raise _StepFailed(str(error)) from error
    return f"{'API' if access.uses_api else 'page'} at {access.asked_url}"


def _place(access: CarrierAccess) -> tuple[str, int]:
    parts = urlsplit(access.asked_url)
    return access.host, parts.port or (443 if parts.scheme == "https" else 80)


def _name(access: CarrierAccess) -> str:
    host, port = _place(access)
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise _StepFailed(
            f"{host} could not be resolved ({error.strerror}): check the server's DNS and network."
        ) from error
    return str(found[0][4][0])


def _connection(access: CarrierAccess) -> str:
    host, port = _place(access)
    try:
        with socket.create_connection((host, port), CONNECT_SECONDS):
            return f"{host}:{port}"
    except OSError as error:
        raise _StepFailed(
            f"{host}:{port} did not accept a connection ({error.strerror or error}): "
            "a firewall may keep this server out; ask for that port to be opened."
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
        raise _StepFailed(
            f"{host}:{port} has no certificate that can be trusted ({error}): if you know why, "
            f"set carriers.{access.carrier}.verify_tls to false."
        ) from error


def _answer(access: CarrierAccess) -> str:
    report = look({access.carrier: access}, [(NOBODYS[access.carrier], access.carrier)])[0]
    if report.outcome.is_good:
        return f"{report.outcome}: the answer was understood"
    hints = {
        Outcome.BLOCKED: "the portal keeps us out; look at it in a browser from this server.",
        Outcome.UNREADABLE: "the page was not understood; it may look otherwise than expected.",
        Outcome.MISSING: "the answer did not mention the asked number.",
    }
    hint = hints.get(report.outcome, "try again later.")
    raise _StepFailed(f"{report.outcome}: {report.detail or 'no detail'}; {hint}")
