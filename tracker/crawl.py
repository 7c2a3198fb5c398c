"""
Crawls as the daemon sees them: numbers in, exactly one look report each out, whatever dies.

The crawling side lives in a child process (``tracker.crawler``) that is killed, browser and all,
when it overruns its wall clock. This module imports neither Scrapy nor Playwright, so that the
daemon stays small.
"""

from __future__ import annotations

import contextlib
import ipaddress
import json
import logging
import math
import os
import queue
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import asdict, dataclass, field
from typing import IO, TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit

from tracker.browser import find_browser
from tracker.clock import utc_now
from tracker.model import CarrierName, LookReport, Outcome, UsageError
from tracker.processes import FOLDER_PREFIX, kill_tree
from tracker.wire import ReportReader

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

log = logging.getLogger(__name__)

CRAWLS_PER_CHILD = 100  # then a fresh child: a browser grows by some MB every hundred pages
IDLE_SECONDS = 300.0  # a child that nobody asks is closed: the idle daemon stays small
_CLOSE_SECONDS = 5.0
_START_SECONDS = 30.0  # Python, Scrapy and a browser on a busy machine


@dataclass(frozen=True, slots=True, kw_only=True)
class CarrierAccess:
    """
    How one carrier's portal is reached and how gently (contract.md, ``carriers.<name>.*``).

    It holds the password: it travels to the child over its standard input only, and its ``repr``
    shows neither user name nor password.
    """

    carrier: CarrierName
    url: str
    api_url: str | None = None
    username: str | None = field(default=None, repr=False)
    password: str | None = field(default=None, repr=False)
    allow_plain_http: bool = False
    batch_size: int = 10
    requests_per_minute: float = 6
    concurrency: int = 1
    timeout_seconds: float = 60
    verify_tls: bool = True
    browser_executable: str | None = None
    profile: str | None = None
    wordings: str | None = None
    #: Seconds until the first question may be asked: the pace is shared by all processes (R22).
    starts_in_seconds: float = 0.0
    #: Every number is asked through the page a person sees, so that a picture shows the answer.
    by_page_only: bool = False

    @property
    def uses_api(self) -> bool:
        """
        True when the carrier's API is asked; false when its page is opened in a browser.
        """
        return bool(
            self.carrier is CarrierName.CLEVY and self.api_url and self.username and self.password
        )

    @property
    def asked_url(self) -> str:
        """
        The address that is asked: the API's or the page's.
        """
        return self.api_url if self.uses_api and self.api_url else self.url

    @property
    def host(self) -> str:
        """
        The host that is asked, for messages.
        """
        return urlsplit(self.asked_url).hostname or self.asked_url


def access_to_json(access: CarrierAccess) -> dict[str, Any]:
    """
    The access as JSON values, password included: for the child's standard input only.
    """
    return asdict(access)


def access_from_json(told: Mapping[str, Any]) -> CarrierAccess:
    """
    The access that :func:`access_to_json` told.
    """
    return CarrierAccess(**{**told, "carrier": CarrierName(told["carrier"])})


def check_access(access: CarrierAccess) -> None:
    """
    Returns when the carrier can be asked with this configuration.

    Raises :class:`UsageError` when credentials would travel unencrypted, and
    :class:`tracker.browser.BrowserMissing` when a page is to be opened without a browser.
    """
    if not access.uses_api:
        find_browser(access.browser_executable)
        return
    parts = urlsplit(access.asked_url)
    if parts.scheme == "https" or access.allow_plain_http or is_loopback(parts.hostname or ""):
        return
    name = access.carrier.value
    raise UsageError(
        f"carriers.{name}: the credentials would travel unencrypted to {access.host} over http: "
        f"set carriers.{name}.api_url to an https address, or carriers.{name}.allow_plain_http "
        f"to true, or leave user name and password empty to use the public page"
    )


def is_loopback(host: str) -> bool:
    """
    True for names and addresses that never leave this machine.
    """
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def not_looked(
    carrier: CarrierName | None,
    numbers: Sequence[str],
    outcome: Outcome,
    detail: str,
    *,
    retry_after_seconds: float | None = None,
) -> list[LookReport]:
    """
    One failed look per number, made now, with the same outcome and reason.
    """
    now = utc_now()
    return [
        LookReport(
            tracking_number=number,
            carrier=carrier,
            outcome=outcome,
            looked_at=now,
            detail=detail,
            retry_after_seconds=retry_after_seconds,
        )
        for number in numbers
    ]


#: What a failed look says when the failure was ours, and told nothing about the carrier.
_OUR_OWN = (
    "the crawl process ",
    "the crawl overran ",
    "the crawl failed: ",
    "the crawl ended ",
    "failed in our own code",
)


def is_our_own_failure(report: LookReport) -> bool:
    """
    True for a failed look whose crawl, and not the carrier, was the trouble.
    """
    if report.outcome.is_good or report.detail is None:
        return False
    return any(words in report.detail for words in _OUR_OWN)


def wall_clock_seconds(access: CarrierAccess, count: int) -> float:
    """
    The longest that a crawl of ``count`` numbers may take: every batch at its time limit.

    Numbers left out of a batch are asked again alone, so that each may cost a look of its own.
    The wait for the first slot counts too.
    """
    batches = math.ceil(count / access.batch_size)
    looks = batches + min(count, access.batch_size)
    each = max(access.timeout_seconds, 60 / access.requests_per_minute)
    asking = each * math.ceil(looks / access.concurrency)
    return _START_SECONDS + access.starts_in_seconds + asking


class CrawlProcess:
    """
    One carrier's crawling child: started on demand, killed with its browser when it misbehaves.

    ``run`` may be called from any thread; calls wait for one another.
    """

    def __init__(
        self,
        carrier: CarrierName,
        *,
        crawls_per_child: int = CRAWLS_PER_CHILD,
        idle_seconds: float = IDLE_SECONDS,
    ) -> None:
        self.carrier = carrier
        self._crawls_per_child = crawls_per_child
        self._idle_seconds = idle_seconds
        self._lock = threading.Lock()
        self._child: _Child | None = None
        self._idle: threading.Timer | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def pid(self) -> int | None:
        """
        The child's process id while it lives.
        """
        child = self._child
        return child.pid if child is not None and child.alive else None

    def run(
        self,
        access: CarrierAccess,
        numbers: Sequence[str],
        wall_clock_seconds: float,
        *,
        on_report: Callable[[LookReport], None] | None = None,
    ) -> list[LookReport]:
        """
        One report per distinct number, in the asked order, within the wall clock.

        Nothing that the portal or the child does is raised: numbers without an answer are
        ``unreachable``. Raises what :func:`check_access` raises, before anything is asked.
        """
        check_access(access)
        asked = list(dict.fromkeys(numbers))
        if not asked:
            return []
        with self._lock:
            self._stop_idle_timer()
            try:
                answered, reason = self._ask(access, asked, wall_clock_seconds, on_report)
            finally:
                self._rest()
        silent = [number for number in asked if number not in answered]
        for report in not_looked(self.carrier, silent, Outcome.UNREACHABLE, reason):
            answered[report.tracking_number] = report
            if on_report is not None:
                on_report(report)
        return [answered[number] for number in asked]

    def prepare(self, access: CarrierAccess) -> None:
        """
        The child is up and has loaded what this carrier needs; nothing was asked of the carrier.

        Slots that are reserved after this are not used up by a start. A child that does not come
        up is told of by the ``run`` that follows.
        """
        with self._lock:
            if self._child is not None and self._child.alive:
                return
            self._stop_idle_timer()
            deadline = time.monotonic() + _START_SECONDS
            try:
                for _ in self._asked_child(access, (), deadline).answers(deadline):
                    pass
            except _ChildFailed as failure:
                log.warning("%s: %s", self.carrier.value, failure)
                self._drop(gently=False)
            finally:
                self._rest()

    def close(self, *, grace_seconds: float = 2.0) -> None:
        """
        The child and its browser are gone; a later ``run`` starts a new one.

        A running crawl has ``grace_seconds`` to end; then it is ended, and its ``run`` returns
        with what was answered.
        """
        if not self._lock.acquire(timeout=grace_seconds):
            child = self._child
            if child is not None:
                child.kill()
            self._lock.acquire()
        try:
            self._stop_idle_timer()
            self._drop(gently=True)
        finally:
            self._lock.release()

    def _ask(
        self,
        access: CarrierAccess,
        asked: list[str],
        wall_clock_seconds: float,
        on_report: Callable[[LookReport], None] | None,
    ) -> tuple[dict[str, LookReport], str]:
        """
        The answers that came and, for the numbers without one, why.
        """
        deadline = time.monotonic() + wall_clock_seconds
        answered: dict[str, LookReport] = {}
        try:
            child = self._asked_child(access, asked, deadline)
            for report in child.answers(deadline):
                if report.tracking_number in asked:
                    answered.setdefault(report.tracking_number, report)
                    if on_report is not None:
                        on_report(report)
        except _ChildFailed as failure:
            log.warning("%s: %s", self.carrier.value, failure)
            self._drop(gently=False)
            return answered, f"{access.host}: {failure}"
        except BaseException:
            self._drop(gently=False)  # interrupted: its late answers must not reach the next run
            raise
        return answered, f"{access.host}: the crawl ended without an answer for this number"

    def _asked_child(self, access: CarrierAccess, asked: Sequence[str], deadline: float) -> _Child:
        """
        A child that has taken up the question; one that died before is replaced, once.

        Nothing was asked of the carrier until then: a child killed between two crawls may still
        look alive when the next one begins.
        """
        try:
            child = self._living_child()
            child.ask(access, asked, deadline)
        except _ChildDied:
            self._drop(gently=False)
            child = self._living_child()
            child.ask(access, asked, deadline)
        return child

    def _living_child(self) -> _Child:
        worn_out = self._child is not None and self._child.crawls >= self._crawls_per_child
        if self._child is not None and (worn_out or not self._child.alive):
            self._drop(gently=worn_out)
        if self._child is None:
            self._child = _Child()
        return self._child

    def _drop(self, *, gently: bool) -> None:
        child, self._child = self._child, None
        if child is not None:
            child.end(gently=gently)

    def _rest(self) -> None:
        if self._child is not None:
            self._idle = threading.Timer(self._idle_seconds, self._close_if_idle)
            self._idle.daemon = True
            self._idle.start()

    def _close_if_idle(self) -> None:
        # A run that began meanwhile holds the lock and has cancelled this timer's successor.
        if self._lock.acquire(blocking=False):
            try:
                self._drop(gently=True)
            finally:
                self._lock.release()

    def _stop_idle_timer(self) -> None:
        if self._idle is not None:
            self._idle.cancel()
            self._idle = None


class _ChildFailed(Exception):  # noqa: N818 - never leaves this module
    """
    The child gave no more answers; the text says why.
    """


class _ChildDied(_ChildFailed):
    """
    The child is gone.
    """

    def __init__(self) -> None:
        super().__init__("the crawl process died")


class _Child:
    """
    One running crawl process and its two pipes.
    """

    def __init__(self) -> None:
        self.crawls = 0
        # Browsers leave profile folders behind when they are killed: they get a place of their
        # own, which goes with the child.
        self._temp = tempfile.mkdtemp(prefix=FOLDER_PREFIX)
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tracker.crawler"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=_child_environment(self._temp),
            start_new_session=True,  # Ctrl-C is the daemon's; the group can be killed as one
        )
        self._reports = ReportReader()
        self._lines: queue.Queue[dict[str, Any] | None] = queue.Queue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def ask(self, access: CarrierAccess, numbers: Sequence[str], deadline: float) -> None:
        """
        The child has read the question and begins to ask the carrier.
        """
        self.crawls += 1
        question = {"crawl": self.crawls, "access": access_to_json(access), "numbers": numbers}
        pipe = self._pipe(self._process.stdin)
        try:
            pipe.write(json.dumps(question).encode() + b"\n")
            pipe.flush()
        except OSError as error:
            raise _ChildDied from error
        if "begun" not in self._next_line(deadline):
            raise _ChildFailed("the crawl process answered before it was asked")

    def answers(self, deadline: float) -> Iterator[LookReport]:
        """
        The reports of the crawl just asked, as they come, until it is done.
        """
        while True:
            line = self._next_line(deadline)
            if line.get("crawl") != self.crawls:
                raise _ChildFailed("the crawl process answered another question")
            if "report" in line:
                yield self._read_report(line["report"])
            elif line.get("error"):
                raise _ChildFailed(f"the crawl failed: {line['error']}")
            else:
                return

    def _read_report(self, told: Any) -> LookReport:
        try:
            return self._reports.read(told)
        except (KeyError, TypeError, ValueError) as error:
            raise _ChildFailed("the crawl process told a report that cannot be read") from error

    def kill(self) -> None:
        """
        The child and its browser are told to die at once.
        """
        kill_tree(self._process.pid, folder=self._temp)

    def end(self, *, gently: bool) -> None:
        """
        The child, its browser and its files are gone.
        """
        with contextlib.suppress(OSError):
            self._pipe(self._process.stdin).close()  # the child ends by itself at end of input
        if gently:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(_CLOSE_SECONDS)
        self.kill()
        self._process.wait()
        self._reader.join(_CLOSE_SECONDS)
        self._pipe(self._process.stdout).close()
        shutil.rmtree(self._temp, ignore_errors=True)

    def _next_line(self, deadline: float) -> dict[str, Any]:
        try:
            line = self._lines.get(timeout=max(0.0, deadline - time.monotonic()))
        except queue.Empty as error:
            raise _ChildFailed("the crawl overran its time limit and was ended") from error
        if line is None:
            raise _ChildDied
        return line

    def _read(self) -> None:
        """
        Every protocol line is in the queue, and a last ``None`` when the child is gone.
        """
        for line in self._pipe(self._process.stdout):
            try:
                told = json.loads(line)
            except ValueError:
                told = None
            if isinstance(told, dict):
                self._lines.put(told)
            else:
                log.warning("the crawl process wrote a line that is not of the protocol")
        self._lines.put(None)

    @staticmethod
    def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
        if pipe is None:
            raise RuntimeError("the child was started without its pipes")
        return pipe


def _child_environment(temp: str) -> dict[str, str]:
    """
    Our environment without our own settings: no secret reaches the browser's processes.
    """
    ours = {name: value for name, value in os.environ.items() if not name.startswith("TRACKER_")}
    return {**ours, "TMPDIR": temp, "PYTHONUNBUFFERED": "1"}
