"""
A whole watcher under a scripted clock: real store, real channels, real decisions.

Only two things are not real: the clock, and (in :class:`ScriptedCrawl`) a carrier for runs of
weeks. :class:`RealCrawl` asks a practice portal through the real crawling child.
"""

from __future__ import annotations

import os
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zlib import crc32
from zoneinfo import ZoneInfo

from sqlalchemy import select

from tests.support.inboxes import Inboxes
from tracker.daemon.watcher import Watcher
from tracker.model import CarrierName, LookReport, OrderRow, Outcome
from tracker.orders.importing import Importer
from tracker.practice.scenarios import check_digit
from tracker.settings import load_settings
from tracker.store import open_store
from tracker.store.tables import messages

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    import pytest

    from tests.support.inboxes import Arrived
    from tracker.crawl import CarrierAccess, CrawlProcess
    from tracker.model import Alert, ImportResult, Parcel, ScanEvent, StoredLook
    from tracker.practice.server import PracticeServer

SHANGHAI = ZoneInfo("Asia/Shanghai")
SELLER = "seller@lagos-lights.example"
OPERATOR = "operator@watch.example"
SHOP = "Lagos Lights"


def at(text: str) -> datetime:
    """
    An instant by the clocks of Shenzhen: ``2026-11-18 08:30``, in UTC.
    """
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI).astimezone(UTC)


def postal_number(serial: int) -> str:
    """
    A postal number with its right check digit.
    """
    digits = f"{serial:08}"
    return f"UH{digits}{check_digit(digits)}KG"


def ds_number(serial: int) -> str:
    """
    A dropshipping number.
    """
    return f"JG-NJS-{serial:09}-5711"


class ScriptedClock:
    """
    A clock that stands where it was put.
    """

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        """
        The instant, in UTC.
        """
        return self.now


class PowerCut(BaseException):
    """
    The process is gone at this instant; no ``except Exception`` of the product survives it.
    """


class MortalClock(ScriptedClock):
    """
    A clock with which the power may fail right after a message has arrived.

    The watcher reads the clock between a send and its mark: there it dies (promises.md P3).
    """

    def __init__(self, now: datetime) -> None:
        super().__init__(now)
        self._dies_when: Callable[[], bool] | None = None

    def die_after_next_message(self, inboxes: Inboxes) -> None:
        """
        Whoever reads the clock after one more arrival dies of it, once.
        """
        before = len(inboxes.arrived)
        self._dies_when = lambda: len(inboxes.arrived) > before

    def live_on(self) -> None:
        """
        No power cut is to come.
        """
        self._dies_when = None

    def __call__(self) -> datetime:
        """
        The instant, in UTC; or :class:`PowerCut`.
        """
        if self._dies_when is not None and self._dies_when():
            self._dies_when = None
            raise PowerCut
        return self.now


class RealCrawl:
    """
    The real crawling child; its looks carry the scripted instant instead of the real one.
    """

    def __init__(self, process: CrawlProcess, clock: ScriptedClock) -> None:
        self._process = process
        self._clock = clock

    def prepare(self, access: CarrierAccess) -> None:
        """
        The child is up.
        """
        self._process.prepare(access)

    def run(
        self, access: CarrierAccess, numbers: Sequence[str], wall_clock_seconds: float
    ) -> list[LookReport]:
        """
        What the carrier answered, looked at now.

        Slots were reserved on the scripted clock: nobody waits for them on the real one.
        """
        at_once = replace(access, starts_in_seconds=0)
        reports = self._process.run(at_once, numbers, wall_clock_seconds)
        return [replace(report, looked_at=self._clock()) for report in reports]

    def close(self) -> None:
        """
        The child belongs to whoever lent it.
        """


#: What a scripted carrier answers about a number: a bad outcome, or events (none: "nothing yet").
Answer = Outcome | tuple["ScanEvent", ...]


@dataclass(slots=True)
class ScriptedCrawl:
    """
    A carrier that answers from a script: (from when, what), the latest row that has begun holds.

    ``outages`` are (from, until, outcome): in between every number has this bad outcome.
    """

    carrier: CarrierName
    clock: ScriptedClock
    story: dict[str, list[tuple[datetime, Answer]]] = field(default_factory=dict)
    outages: list[tuple[datetime, datetime, Outcome]] = field(default_factory=list)
    asked: list[tuple[datetime, str]] = field(default_factory=list)
    #: The power fails when the next answers are in memory and nothing of them is stored.
    dies: bool = False

    def tell(self, number: str, since: str, answer: Answer) -> None:
        """
        From then on the carrier answers so.
        """
        self.story.setdefault(number, []).append((at(since), answer))

    def prepare(self, access: CarrierAccess) -> None:
        """
        Nothing has to start.
        """

    def run(
        self, access: CarrierAccess, numbers: Sequence[str], wall_clock_seconds: float
    ) -> list[LookReport]:
        """
        One report per number, looked at now.
        """
        self.asked += [(self.clock(), number) for number in numbers]
        if self.dies:
            self.dies = False
            raise PowerCut
        return [self._look(number) for number in numbers]

    def close(self) -> None:
        """
        Nothing runs.
        """

    def _look(self, number: str) -> LookReport:
        now = self.clock()
        known = {"tracking_number": number, "carrier": self.carrier, "looked_at": now}
        for first, last, outcome in self.outages:
            if first <= now < last:
                return LookReport(**known, outcome=outcome, detail="scripted outage")
        begun = [answer for since, answer in self.story.get(number, []) if since <= now]
        answer = begun[-1] if begun else Outcome.NOT_FOUND
        if isinstance(answer, Outcome):
            return LookReport(**known, outcome=answer, detail=f"scripted {answer}")
        outcome = Outcome.EVENTS if answer else Outcome.NO_EVENTS
        return LookReport(**known, outcome=outcome, events=answer)


class World:
    """
    One watcher, its recipients' inboxes and its clock.
    """

    def __init__(
        self, watcher: Watcher, clock: ScriptedClock, inboxes: Inboxes, config: Path
    ) -> None:
        self._config = config
        self.watcher = watcher
        self.store = watcher.store
        self.settings = watcher.settings
        self.clock = clock
        self.inboxes = inboxes

    # -- what people do ------------------------------------------------------------------------

    def take(self, *rows: OrderRow, shop: str | None = None) -> ImportResult:
        """
        The rows are imported now.
        """
        now = self.clock()
        with self.store.begin() as tx:
            importer = Importer(
                tx=tx, deadlines=self.watcher.deadlines, now=now, observed_at=now, shop=shop
            )
            return importer.take("orders.csv", rows)

    def reconfigure(self, extra: str) -> None:
        """
        The configuration file says more now, and the daemon was started anew.
        """
        self._config.write_text(self._config.read_text() + extra)
        old = self.watcher
        self.watcher = Watcher(load_settings(), self.store, self.clock, crawls=old._crawls)
        self.settings = self.watcher.settings
        self.watcher.recount_deadlines()
        self.watcher.readdress()

    def restart(self) -> None:
        """
        The process is gone, and another one has started on the same database.

        Of the old one nothing is left but the carriers' scripts, which are the world's.
        """
        crawls = self.watcher._crawls
        self.store.close()
        self.store = open_store(self.settings.database_url)
        self.settings = load_settings()
        self.watcher = Watcher(self.settings, self.store, self.clock, crawls=crawls)
        self.watcher.check_recipients()
        self.watcher.recount_deadlines()
        self.watcher.readdress()

    # -- time ----------------------------------------------------------------------------------

    def tick(self, *, poll: bool = True) -> None:
        """
        Every step of the daemon runs once, at the present instant.
        """
        for carrier in CarrierName if poll else ():
            self.watcher.poll(carrier, self.watcher.decide)
        self.watcher.decide()
        self.watcher.remind()
        self.watcher.deliver()

    def run_until(
        self,
        end: datetime,
        step: timedelta = timedelta(minutes=5),
        *,
        poll: bool = True,
        script: Mapping[datetime, Callable[[], None]] | None = None,
    ) -> None:
        """
        The daemon ticks from now until ``end``; scripted acts happen at their instants.
        """
        waiting = sorted((script or {}).items(), key=lambda act: act[0])
        while self.clock.now < end:
            while waiting and waiting[0][0] <= self.clock.now:
                waiting.pop(0)[1]()
            self.tick(poll=poll)
            self.clock.now = min(self.clock.now + step, end)
        self.tick(poll=poll)

    # -- what came of it -----------------------------------------------------------------------

    @property
    def arrived(self) -> list[Arrived]:
        """
        Everything that arrived anywhere.
        """
        return self.inboxes.arrived

    def alerts(self, state: str = "all") -> tuple[Alert, ...]:
        """
        The alerts as stored.
        """
        with self.store.read() as tx:
            return tx.alerts.matching(state=state)

    def parcel(self, number: str) -> Parcel:
        """
        The newest parcel that bears the number.
        """
        with self.store.read() as tx:
            return tx.parcels.by_number(number, self.clock())[0].parcel

    def looks(self, number: str) -> tuple[StoredLook, ...]:
        """
        Every recorded look at the parcel.
        """
        parcel = self.parcel(number)
        with self.store.read() as tx:
            return tx.looks.of(parcel.id)

    def told(self) -> list[tuple[str, str, str]]:
        """
        (channel, recipient, kind and notice of each line) of everything that arrived.
        """
        return [(one.channel, one.recipient, self.content(one)) for one in self.arrived]

    def content(self, message: Arrived) -> str:
        """
        What the message told, from its frozen lines: ``raise_claim first UH..., ...``.
        """
        groups: dict[str, list[str]] = {}
        for line in self._lines(message.reference):
            numbers = line["covered"] or [line["tracking_number"] or "-"]
            groups.setdefault(f"{line['kind']} {line['notice']}", []).extend(numbers)
        return "; ".join(f"{what} {', '.join(numbers)}" for what, numbers in groups.items())

    def _lines(self, reference: str) -> list[dict[str, Any]]:
        with self.store.read() as tx:
            found = select(messages.c.lines).where(messages.c.reference == reference)
            return list(tx._connection.execute(found).scalar_one())


def order(number: str | None, **facts: Any) -> OrderRow:
    """
    One order row; hand-over and order dates are given by the test.
    """
    known: dict[str, Any] = {
        "line": 2,
        "order_number": f"3{crc32((number or '').encode()) % 10**8:08}",
        "order_item_id": None,
        "tracking_number": number,
        "country": "NG",
        "shop": SHOP,
    }
    return OrderRow(**(known | facts))


def config_text(database_url: str, inboxes: Inboxes, *, watch: str = "", extra: str = "") -> str:
    """
    A configuration with one shop (mail and Slack) and an operator (mail).

    Nobody is reminded of coming breaks: many tests run on the real clock.
    """
    return f"""
database_url = "{database_url}"
[email]
smtp_url = "{inboxes.smtp_url}"
from = "Scan Tracker <watch@watch.example>"
[operator]
email = ["{OPERATOR}"]
[[shops]]
name = "{SHOP}"
country = "NG"
email = ["{SELLER}"]
slack_webhook = "{inboxes.webhook("lagos")}"
[watch]
break_notice_days = 0
{watch}
[carriers.clevy]
batch_size = 1
timeout_seconds = 2
{extra}
"""


@contextmanager
def memory_folder() -> Iterator[Path]:
    """
    A folder in memory where the system has one: a database there is not slowed by the disk.
    """
    memory = Path("/dev/shm")
    place = memory if os.access(memory, os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix="scan-tracker-test-", dir=place) as folder:
        yield Path(folder)


@contextmanager
def opened_world(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    clock: ScriptedClock,
    *,
    crawls: Mapping[CarrierName, Any],
    database_url: str | None = None,
    portal: PracticeServer | None = None,
    watch: str = "",
    extra: str = "",
) -> Iterator[World]:
    """
    A world whose configuration is a file in ``folder``; it ends with the block.
    """
    with memory_folder() as fast, Inboxes(clock) as inboxes:
        url = database_url or f"sqlite:///{fast / 'tracker.db'}"
        text = config_text(url, inboxes, watch=watch, extra=extra)
        (folder / "tracker.toml").write_text(text)
        monkeypatch.setenv("TRACKER_CONFIG", str(folder / "tracker.toml"))
        for name, value in (portal.environment() if portal else {}).items():
            monkeypatch.setenv(name, value)
        watcher = Watcher(load_settings(), open_store(url), clock, crawls=crawls)
        world = World(watcher, clock, inboxes, folder / "tracker.toml")
        try:
            yield world
        finally:
            world.store.close()


def on(day: date, hours: int, minutes: int = 0) -> datetime:
    """
    A time of a day by the clocks of Shenzhen, in UTC.
    """
    return datetime.combine(day, time(hours, minutes), SHANGHAI).astimezone(UTC)
