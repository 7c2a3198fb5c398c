"""
The dead-man's ping: somebody outside hears that the watcher lives, and misses it when it does not.

The address is a secret, since who knows it can keep the watchdog quiet: it stands in no error.
"""

from __future__ import annotations

import asyncio
from urllib.parse import urlsplit

import httpx

from tracker.quiet import hold_back_libraries

hold_back_libraries()

#: All of a ping, from the name's look-up to the status line.
PING_SECONDS = 10.0


def ping(url: str, *, seconds: float = PING_SECONDS) -> str | None:
    """
    The outside watchdog was told; else why not, without the address. Never longer than ``seconds``.

    Only a 2xx counts, and no redirect is followed: a login page would say 200 to anybody.
    """
    host = urlsplit(url).hostname or "the watchdog"
    try:
        status = asyncio.run(asyncio.wait_for(_status_of(url), seconds))
    except TimeoutError:
        return f"{host} did not answer in {seconds:g} seconds"
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
        return f"{host} could not be reached ({type(error).__name__})"
    if httpx.codes.is_success(status):
        return None
    elsewhere = ", a redirect, which is not followed" if httpx.codes.is_redirect(status) else ""
    return f"{host} answered HTTP {status}{elsewhere}"


async def _status_of(url: str) -> int:
    async with (
        httpx.AsyncClient(timeout=PING_SECONDS, follow_redirects=False) as client,
        client.stream("GET", url, headers={"User-Agent": "scan-tracker"}) as answer,
    ):
        return answer.status_code
