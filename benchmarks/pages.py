"""
The dashboard with 100,000 parcels stored: the server's time for each page, on both engines.

The pages are those of the app itself: every address that it answers to a GET is asked, as an
operator and as a seller, so that a new room is measured without being named here. What stands in an
address is filled from what is stored; an address with a part that nothing here knows is told as not
measured. Beside each stands the entrance page, asked in turn with it: it asks nothing of the store,
so the ratio says what the page costs on whatever machine.
"""

from __future__ import annotations

import re
import resource
import statistics
import sys
from typing import TYPE_CHECKING, Any

from fastapi.routing import APIRoute

from benchmarks.asgi import ask
from benchmarks.due import postgres
from benchmarks.hall import MUCH_LOOKED_AT, dashboard, headers_of, open_alerts
from benchmarks.measuring import Figure
from benchmarks.places import temporary_folder
from tracker.model import AlertKind
from tracker.web.api.app import PATH as API

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from fastapi import FastAPI

    from benchmarks.asgi import Answer

BOUND_MS = 300
TIMES = 5
BARE = "/login"
#: What fills a part of an address.
_PARTS = {
    "parcel_id": str(MUCH_LOOKED_AT),
    "look_id": str(MUCH_LOOKED_AT),
    "alert_id": "61",
    "number": "39900077",
    "kind": AlertKind.URGE_SCAN.value,
    "name": "shenzhen",
    "entry_id": "1",
}
#: Addresses besides the bare ones: the questions that people and programs ask of a long list.
_QUESTIONS = (
    "/parcels?state=overdue&sort=deadline",
    "/parcels?state=unverified&sort=cancellation",
    "/parcels?q=UH00&sort=deadline",
    "/parcels?q=3990004+UH000770",
    "/parcels?shop=Shop+10&centre=shenzhen&carrier=seko&from=2026-01-01",
    "/parcels?sort=cancellation&after=50000",
    "/trends?weeks=26",
    "/trends?weeks=26&centre=shenzhen",
    "/trends/weeks.csv?weeks=26",
    f"{API}/parcels?limit=500",
    f"{API}/parcels?state=overdue&limit=500",
    f"{API}/alerts?state=all&limit=500",
    f"{API}/deliveries?limit=500",
    f"{API}/calendar/show?centre=shenzhen&month=2026-10",
    *(
        f"/today/text/{deed}?" + "&".join(f"id={one}" for one in open_alerts(kind, 100))
        for deed, kind in (
            ("urge-text", AlertKind.URGE_SCAN),
            ("claim-text", AlertKind.RAISE_CLAIM),
        )
    ),
)
#: Files of whole lists: they come in pieces, so the first piece is what has a bound.
_FILES = (
    "/parcels/parcels.csv",
    "/parcels/parcels.xlsx",
    "/parcels/parcels.xlsx?shop=Shop+10",
    "/claims/pack.zip",
)
_NEEDS_A_QUESTION = ("/today/text/", f"{API}/calendar/")
_UNWELL = 503  # what /healthz answers where no daemon runs


def page_times() -> Iterator[Figure]:
    """
    The slowest of an operator's and a seller's view of each page.
    """
    with temporary_folder() as folder:
        yield from _on(f"sqlite:///{folder / 'bench.db'}", "sqlite")
    with postgres() as url:
        yield from _on(url, "postgresql")


def _on(url: str, engine_name: str) -> Iterator[Figure]:
    with dashboard(url) as app:
        for address in [*_addresses(app), *_QUESTIONS]:
            yield from _page(app, address, engine_name)
        for address in _FILES:
            yield from _file(app, address, engine_name)


def _page(app: FastAPI, address: str, engine_name: str) -> Iterator[Figure]:
    name = f"page-{engine_name} {_short(address)}"
    if "{" in address:
        yield Figure(name=name, unit="ms", ours=0, note="not measured")
        return
    spent: dict[str, float] = {}
    bare: list[float] = []
    size = 0
    for who in ("operator", "seller"):
        first = ask(app, address, headers_of(who))  # warm: statements compiled, templates loaded
        if not _is_shown(first):
            continue  # elsewhere, or not for this person
        size = max(size, first.size)
        taken = []
        for _ in range(TIMES):
            bare.append(ask(app, BARE, {}).whole)
            taken.append(ask(app, address, headers_of(who)).whole)
        spent[who] = statistics.median(taken) * 1000
    if spent:
        slowest = max(spent.values())
        told = ", ".join(f"{who} {ms:.0f}" for who, ms in spent.items())
        yield Figure(
            name=name,
            unit="ms",
            ours=slowest,
            limit=statistics.median(bare) * 1000,
            limit_is=BARE,
            bound=f"{BOUND_MS} ms",
            ok=slowest < BOUND_MS,
            note=f"{told}; {size // 1024} KB",
        )


def _file(app: FastAPI, address: str, engine_name: str) -> Iterator[Figure]:
    """
    Once for each person: until the first byte, and in all, with what the memory grew by meanwhile.
    """
    for who in ("operator", "seller"):
        before = _most_memory()
        answer = ask(app, address, headers_of(who))
        name = f"file-{engine_name} {address} {who}"
        if answer.status != 200:
            yield Figure(name=name, unit="ms", ours=0, note=f"refused with {answer.status}")
            continue
        bounded = address.endswith(".csv")  # the others are packed before they can be sent
        yield Figure(
            name=name,
            unit="ms",
            ours=answer.first * 1000,
            bound=f"{BOUND_MS} ms to the first byte" if bounded else None,
            ok=answer.first * 1000 < BOUND_MS if bounded else None,
            note=f"{answer.whole:.1f} s in all, {answer.size / 1e6:.1f} MB; "
            f"memory grew by {_most_memory() - before:.0f} MB",
        )


def _is_shown(answer: Answer) -> bool:
    return answer.status in {200, _UNWELL}


def _most_memory() -> float:
    """
    The most that this process ever held, in MB.
    """
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6


def _short(address: str) -> str:
    """
    The address, of which a long list of numbers is left out.
    """
    return re.sub(r"(\bid=\d+)(&id=\d+)+", r"\1...", address)


def _addresses(app: FastAPI) -> list[str]:
    """
    Every address that the app and its API answer to a GET, its known parts filled.
    """

    def filled(part: re.Match[str]) -> str:
        return _PARTS.get(part[1], part[0])

    paths = [
        *_paths(app.routes),
        *(API + path for path in _paths(app.state.api.routes)),
    ]
    files = {address.partition("?")[0] for address in _FILES}
    return [
        re.sub(r"\{(\w+)(?::\w+)?\}", filled, path)
        for path in paths
        if path not in files and not path.startswith(("/login", "/language", *_NEEDS_A_QUESTION))
    ]


def _paths(routes: Iterable[Any]) -> Iterator[str]:
    for route in routes:
        if isinstance(route, APIRoute):
            if "GET" in (route.methods or ()):
                yield route.path
        elif hasattr(route, "original_router"):
            yield from _paths(route.original_router.routes)
