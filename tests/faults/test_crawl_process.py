"""
The crawl process and its supervisor when something is killed, hangs or goes mad.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.portals import clevy_access, ds, postal, seko_access
from tracker.browser import BrowserMissing
from tracker.crawl import CrawlProcess, is_our_own_failure
from tracker.model import CarrierName, Outcome
from tracker.practice.scenarios import SCENARIOS
from tracker.practice.server import start_practice
from tracker.processes import descendants, processes_in

if TYPE_CHECKING:
    from collections.abc import Callable

    from tracker.model import LookReport

GOOD = [scenario.postal_number for scenario in SCENARIOS[:10]]
GOOD_DS = [scenario.ds_number for scenario in SCENARIOS[:10]]


def alive(pid: int) -> bool:
    """
    Whether the process runs (a zombie does not).
    """
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def wait_until(fact: Callable[[], bool], seconds: float = 60) -> bool:
    """
    Whether the fact came true in time; the limit is that of a machine with much else to do.
    """
    end = time.monotonic() + seconds
    while not fact():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def kill_soon(victim: Callable[[], int | None], seconds: float) -> threading.Thread:
    """
    A thread that kills the victim (SIGKILL) after some time, if there is one then.
    """

    def kill() -> None:
        time.sleep(seconds)
        pid = victim()
        if pid is not None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    thread = threading.Thread(target=kill)
    thread.start()
    return thread


def browser_of(process: CrawlProcess) -> int | None:
    """
    The browser's main process below the crawl process.
    """
    for pid in descendants(process.pid or -1):
        with contextlib.suppress(OSError):
            command = Path(f"/proc/{pid}/cmdline").read_text()
            if "--user-data-dir" in command and "--type=" not in command:
                return pid
    return None


@pytest.mark.parametrize("seed", range(6))
def test_every_number_has_one_outcome_when_the_crawl_is_killed(seed: int) -> None:
    """
    N asked are N outcomes, in order, at whatever moment ``kill -9`` hits; the next crawl is well.
    """
    with start_practice() as portal, CrawlProcess(CarrierName.CLEVY) as process:
        access = clevy_access(portal.url, batch_size=1, requests_per_minute=600)
        delay = random.Random(seed).uniform(0.1, 1.8)
        killer = kill_soon(lambda: process.pid, delay)
        reports = process.run(access, GOOD, 30)
        killer.join()
        assert [report.tracking_number for report in reports] == GOOD
        lost = {report.detail for report in reports if not report.outcome.is_good}
        assert lost <= {"127.0.0.1: the crawl process died"}
        silent = [one for one in reports if one.outcome is Outcome.UNREACHABLE]
        assert all(is_our_own_failure(report) for report in silent)
        again = process.run(access, GOOD[:1], 30)
        assert again[0].outcome is Outcome.EVENTS


def test_killed_while_the_portal_is_slow() -> None:
    """
    Answers that came before the death are kept; the others are ``unreachable`` with the reason.
    """
    slow = postal("slow")
    with start_practice() as portal, CrawlProcess(CarrierName.CLEVY) as process:
        access = clevy_access(portal.url, batch_size=1, timeout_seconds=30)

        def victim() -> int | None:
            wait_until(lambda: any(slow in one.numbers for one in portal.requests))
            return process.pid

        killer = kill_soon(victim, 0)
        first, last = process.run(access, [postal("delivered"), slow], 30)
        killer.join()
    assert first.outcome is Outcome.EVENTS
    assert (last.outcome, last.detail) == (
        Outcome.UNREACHABLE,
        "127.0.0.1: the crawl process died",
    )


@pytest.mark.parametrize("seed", range(3))
def test_a_killed_browser_loses_no_number(seed: int) -> None:
    """
    The browser dies in the middle of a crawl: its batch is asked again in a new one.
    """
    with start_practice() as portal, CrawlProcess(CarrierName.SEKO) as process:
        access = seko_access(portal.url, batch_size=3, timeout_seconds=30)

        def victim() -> int | None:
            wait_until(lambda: browser_of(process) is not None)
            time.sleep(random.Random(seed).uniform(0, 1.5))
            return browser_of(process)

        killer = kill_soon(victim, 0)
        reports = process.run(access, GOOD_DS, 60)
        killer.join()
    assert [report.tracking_number for report in reports] == GOOD_DS
    assert all(report.outcome.is_good for report in reports)


def test_an_overrun_is_ended_with_its_browser() -> None:
    """
    At the wall clock the child and its browser are gone, and the numbers are ``unreachable``.
    """
    with start_practice() as portal, CrawlProcess(CarrierName.SEKO) as process:
        access = seko_access(portal.url, timeout_seconds=60)
        process.run(access, GOOD_DS[:1], 30)
        below = [process.pid or -1, *descendants(process.pid or -1)]
        (report,) = process.run(access, [ds("slow")], 2)
        assert wait_until(lambda: not any(alive(pid) for pid in below))
        assert process.pid is None
    assert report.outcome is Outcome.UNREACHABLE
    assert report.detail == "127.0.0.1: the crawl overran its time limit and was ended"
    assert is_our_own_failure(report)


def test_a_stopped_child_is_ended_too() -> None:
    """
    A child that no longer runs (SIGSTOP) cannot hold the daemon beyond the wall clock.
    """
    with start_practice() as portal, CrawlProcess(CarrierName.CLEVY) as process:
        access = clevy_access(portal.url)
        process.run(access, GOOD[:1], 30)
        os.kill(process.pid or -1, signal.SIGSTOP)
        (report,) = process.run(access, GOOD[1:2], 1)
    assert report.outcome is Outcome.UNREACHABLE


def test_nothing_is_left_after_the_close() -> None:
    """
    After ``close`` neither process nor file of the crawl remains.
    """
    with start_practice() as portal, CrawlProcess(CarrierName.SEKO) as process:
        process.run(seko_access(portal.url), GOOD_DS[:1], 30)
        pid = process.pid or -1
        folder = environment_of(pid)["TMPDIR"]
        below = [pid, *descendants(pid)]
        assert processes_in(folder)
    assert wait_until(lambda: not any(alive(one) for one in below))
    assert processes_in(folder) == []
    assert not Path(folder).exists()


def test_an_idle_child_is_closed_and_a_worn_one_replaced() -> None:
    """
    A child ends when nobody asks it, and after its number of crawls another one takes over.
    """
    with start_practice() as portal:
        access = clevy_access(portal.url)
        with CrawlProcess(CarrierName.CLEVY, idle_seconds=0.2) as process:
            process.run(access, GOOD[:1], 30)
            assert wait_until(lambda: process.pid is None)
        with CrawlProcess(CarrierName.CLEVY, crawls_per_child=1) as process:
            process.run(access, GOOD[:1], 30)
            first = process.pid
            assert process.run(access, GOOD[:1], 30)[0].outcome is Outcome.EVENTS
            assert process.pid != first


PARENT = """
import sys
from tests.support.portals import seko_access
from tracker.crawl import CrawlProcess
from tracker.model import CarrierName
process = CrawlProcess(CarrierName.SEKO)
process.run(seko_access(sys.argv[1], timeout_seconds=60), [sys.argv[2]], 60)
print(process.pid, flush=True)
process.run(seko_access(sys.argv[1], timeout_seconds=60), [sys.argv[3]], 60)
"""


def test_the_child_dies_with_its_parent() -> None:
    """
    ``kill -9`` of the daemon leaves neither crawl process nor browser nor files behind.
    """
    with start_practice() as portal:
        command = [sys.executable, "-c", textwrap.dedent(PARENT), portal.url]
        with subprocess.Popen(
            [*command, GOOD_DS[0], ds("slow")],
            stdout=subprocess.PIPE,
            cwd=Path(__file__).parents[2],
        ) as parent:
            assert parent.stdout is not None
            child = int(parent.stdout.readline())
            below = [child, *descendants(child)]
            assert len(below) > 2
            folder = Path(environment_of(child)["TMPDIR"])
            assert folder.exists()
            parent.kill()
        assert wait_until(lambda: not any(alive(pid) for pid in below))
        assert not folder.exists()


def test_the_crawl_opens_no_port() -> None:
    """
    While it crawls, no process of the crawl listens: Scrapy's and Chromium's doors are shut.
    """
    with start_practice() as portal, CrawlProcess(CarrierName.SEKO) as process:
        found: list[str] = []
        pids: list[int] = []

        def look_round() -> None:
            wait_until(lambda: any(one.numbers for one in portal.requests))
            pids.extend([process.pid or -1, *descendants(process.pid or -1)])
            found.extend(line for pid in pids for line in listening(pid))

        watcher = threading.Thread(target=look_round)
        watcher.start()
        process.run(seko_access(portal.url, timeout_seconds=4), [ds("slow")], 30)
        watcher.join()
    assert len(pids) > 2
    assert found == []


def listening(pid: int) -> list[str]:
    """
    The process's own TCP sockets that listen.
    """
    inodes = set()
    with contextlib.suppress(OSError):
        for descriptor in Path(f"/proc/{pid}/fd").iterdir():
            with contextlib.suppress(OSError):
                inodes.add(str(descriptor.readlink()).removeprefix("socket:[").rstrip("]"))
    tables = [Path("/proc/net/tcp"), Path("/proc/net/tcp6")]
    texts = [table.read_text() for table in tables if table.exists()]
    rows = [line.split() for text in texts for line in text.splitlines()]
    return [row[1] for row in rows if row[3] == "0A" and row[9] in inodes]


def environment_of(pid: int) -> dict[str, str]:
    """
    The environment a process was started with.
    """
    pairs = Path(f"/proc/{pid}/environ").read_text().split("\0")
    return dict(pair.split("=", 1) for pair in pairs if "=" in pair)


def test_the_password_is_neither_on_the_command_line_nor_in_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """
    Nothing that other users of the machine or the browser can read holds the credentials.
    """
    secret = "s3cret-of-the-test"
    monkeypatch.setenv("TRACKER_CARRIERS__CLEVY__PASSWORD", secret)
    with start_practice() as portal, CrawlProcess(CarrierName.CLEVY) as process:
        access = clevy_access(portal.url, password=secret)
        process.run(access, GOOD[:1], 30)
        pid = process.pid or -1
        seen = Path(f"/proc/{pid}/cmdline").read_text() + json.dumps(environment_of(pid))
    assert secret not in seen
    assert secret not in repr(access)


def test_a_browser_that_is_not_there_is_told_before_anything_is_asked(tmp_path: Path) -> None:
    """
    A wrong ``browser.executable`` raises; the portal was not asked and no child was started.
    """
    with start_practice() as portal, CrawlProcess(CarrierName.SEKO) as process:
        access = seko_access(portal.url, browser_executable=str(tmp_path / "none"))
        with pytest.raises(BrowserMissing, match=r"browser\.executable names"):
            process.run(access, GOOD_DS[:1], 30)
        assert process.pid is None
        assert portal.requests == []


def test_a_browser_that_cannot_start_is_unreachable(tmp_path: Path) -> None:
    """
    A program that is no browser makes each look ``unreachable``; the caller is not thrown at.
    """
    program = tmp_path / "browser"
    program.write_text("#!/bin/sh\nexit 1\n")
    program.chmod(0o755)
    with start_practice() as portal, CrawlProcess(CarrierName.SEKO) as process:
        access = seko_access(portal.url, browser_executable=str(program), timeout_seconds=5)
        reports = process.run(access, GOOD_DS[:2], 30)
    assert [report.outcome for report in reports] == [Outcome.UNREACHABLE] * 2


def test_a_close_ends_a_running_crawl() -> None:
    """
    ``close`` does not wait for a slow portal: the running crawl is ended and says so.
    """
    with start_practice() as portal, CrawlProcess(CarrierName.CLEVY) as process:
        found: list[LookReport] = []
        access = clevy_access(portal.url, timeout_seconds=60)
        running = threading.Thread(
            target=lambda: found.extend(process.run(access, [postal("slow")], 60))
        )
        running.start()
        assert wait_until(lambda: any(one.numbers for one in portal.requests))
        process.close(grace_seconds=0)
        running.join()
        assert process.pid is None
    assert [report.outcome for report in found] == [Outcome.UNREACHABLE]


def test_a_prepared_child_has_asked_nothing() -> None:
    """
    It is up before the first question, and stays the same one for it.
    """
    with start_practice() as portal, CrawlProcess(CarrierName.CLEVY) as process:
        access = clevy_access(portal.url)
        process.prepare(access)
        pid = process.pid
        process.prepare(access)
        assert pid is not None
        assert portal.requests == []
        assert process.run(access, GOOD[:1], 30)[0].outcome is Outcome.EVENTS
        assert process.pid == pid


def test_two_threads_may_ask_one_process() -> None:
    """
    Calls wait for one another and each gets its own answers.
    """
    with start_practice() as portal, CrawlProcess(CarrierName.CLEVY) as process:
        access = clevy_access(portal.url)
        found: dict[str, Outcome] = {}

        def ask(number: str) -> None:
            (report,) = process.run(access, [number], 30)
            found[report.tracking_number] = report.outcome

        threads = [threading.Thread(target=ask, args=(number,)) for number in GOOD[:4]]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert set(found) == set(GOOD[:4])
