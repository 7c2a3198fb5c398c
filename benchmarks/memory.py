"""
What the daemon keeps resident: idle on an empty store, and after a poll of a hundred parcels.
"""

from __future__ import annotations

import subprocess
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import psutil  # type: ignore[import-untyped]  # it ships no types

from benchmarks.crowded import Crowd
from benchmarks.measuring import Figure
from benchmarks.places import default_settings, own_environment, temporary_folder
from tracker.clock import utc_now
from tracker.model import CarrierName, Service
from tracker.planning.deadlines import Deadlines
from tracker.planning.watching import settle
from tracker.practice.server import start_practice
from tracker.store import open_store
from tracker.store.engine import make_engine
from tracker.store.parcels import ParcelDraft

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tracker.store import Store

BOUND_MB = 120
IDLE_SECONDS = 8
POLL_SECONDS = 600
PARCELS = 100
STORED = (1_000, 100_000)
RUN = "import sys; from tracker.cli import main; sys.argv = ['tracker', 'run']; main()"
_TOLD = {
    "TRACKER_OPERATOR__EMAIL": "operator@example.com",
    "TRACKER_EMAIL__SMTP_URL": "smtp://127.0.0.1:9",
    "TRACKER_EMAIL__FROM": "tracker@example.com",
}


def daemon_memory() -> Iterator[Figure]:
    """
    The daemon's own process against a bare interpreter, and the whole family of processes.
    """
    bare = _bare_megabytes()
    for name, web in (("idle-daemon", "true"), ("idle-daemon-without-web", "false")):
        with _daemon(TRACKER_WEB__ENABLED=web) as (process, _):
            time.sleep(IDLE_SECONDS)
            idle = _megabytes(process)
        yield Figure(
            name=name,
            unit="MB",
            ours=idle,
            limit=bare,
            limit_is="bare interpreter",
            bound=f"{BOUND_MB} MB",
            ok=idle < BOUND_MB,
            note="resident, empty store",
        )
    for stored in STORED:
        yield from _polling(stored, bare)


def _polling(stored: int, bare: float) -> Iterator[Figure]:
    """
    Each process after a poll of a hundred parcels, two crawls with one browser, of so many stored.
    """
    with _daemon(stored=stored, due=PARCELS) as (process, store):
        _wait_until_looked(process, store)
        alone = _megabytes(process)
        children = process.children(recursive=True)
        browser = [one for one in children if "chrom" in one.name() or "headless" in one.name()]
        crawls = [one for one in children if one not in browser]
        shared = {
            "daemon": _shared([process]),
            f"{len(crawls)} crawl processes": _shared(crawls),
            f"browser of {len(browser)} processes": _shared(browser),
        }
    yield Figure(
        name=f"polling-daemon-{stored}",
        unit="MB",
        ours=alone,
        limit=bare,
        limit_is="bare interpreter",
        note=f"resident, the daemon's process after a poll of {PARCELS} of {stored:,} parcels",
    )
    yield Figure(
        name=f"polling-family-{stored}",
        unit="MB",
        ours=sum(shared.values()),
        note="shared pages divided: "
        + ", ".join(f"{name} {size:.0f}" for name, size in shared.items()),
    )


@contextmanager
def _daemon(
    stored: int = 0, due: int = 0, **settings: str
) -> Iterator[tuple[psutil.Process, Store]]:
    with start_practice() as practice, temporary_folder() as folder:
        url = f"sqlite:///{folder / 'bench.db'}"
        store = open_store(url)
        if stored:
            _crowd(url, stored)
        _add(store, due)
        environment = own_environment(folder, **practice.environment(), **_TOLD, **settings)
        with (folder / "log").open("wb") as log:
            child = subprocess.Popen(
                [sys.executable, "-c", RUN], env=environment, stderr=log, cwd=folder
            )
            try:
                yield psutil.Process(child.pid), store
                _still_running(child, folder)
            finally:
                child.terminate()
                child.wait(20)
                store.close()


def _still_running(child: subprocess.Popen[bytes], folder: Path) -> None:
    if child.poll() is not None:
        raise RuntimeError(f"the daemon ended: {(folder / 'log').read_text()[-2000:]}")


def _crowd(url: str, stored: int) -> None:
    """
    The store holds so many parcels, of which none is due.
    """
    engine = make_engine(url)
    crowd = Crowd(stored, utc_now())
    crowd.fill(engine)
    crowd.calm(engine)
    engine.dispose()


def _add(store: Store, count: int) -> None:
    deadlines, now = Deadlines(default_settings()), utc_now()
    with store.begin() as tx:
        for index in range(count):
            parcel_id = tx.parcels.add(deadlines.derived(_draft(index)), now)
            settle(tx, parcel_id, deadlines, now)


def _draft(index: int) -> ParcelDraft:
    seko = index % 2 == 0
    return ParcelDraft(
        # Numbers of no scenario: both portals know how to say that they do not know them.
        tracking_number=f"JG-NJS-31936{index:04d}-5711" if seko else f"UH31936{index:04d}KE",
        order_number=f"31936{index:04d}",
        service=Service.DS if seko else Service.POSTAL,
        carrier=CarrierName.SEKO if seko else CarrierName.CLEVY,
        created_at=utc_now(),
    )


def _wait_until_looked(process: psutil.Process, store: Store) -> None:
    until = time.monotonic() + POLL_SECONDS
    while time.monotonic() < until and process.is_running():
        now = utc_now()
        with store.read() as tx:
            looked = PARCELS - sum(tx.parcels.due_count(one, now) for one in CarrierName)
        if looked == PARCELS:
            return
        time.sleep(0.5)
    raise RuntimeError("the daemon did not look at every parcel in time")


def _megabytes(process: psutil.Process) -> float:
    return float(process.memory_info().rss) / 1e6


def _shared(processes: list[psutil.Process]) -> float:
    return float(sum(one.memory_full_info().pss for one in processes)) / 1e6


def _bare_megabytes() -> float:
    told = "print(1, flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", told], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as child:
        assert child.stdout is not None
        child.stdout.readline()
        resident = _megabytes(psutil.Process(child.pid))
        child.communicate(b"\n")
    return resident
