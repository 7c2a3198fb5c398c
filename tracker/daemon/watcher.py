"""
The watcher put together: store, calendars, crawls, decider and deliverer under one configuration.

Its steps (poll, decide, deliver, housekeeping) are called by the daemon's metronome and by
``run --once``; each does what is due now, stamps its heartbeat, and may be called at any time by
any number of processes.
"""

from __future__ import annotations

import logging
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Self

from alerts.channels.configured import make_channels
from alerts.deliver import Deliverer, DeliveryResult
from alerts.reminding import remind_of_breaks
from alerts.rounds import Decider, RoundResult
from tracker.access import accesses_of
from tracker.acting.classifying import settle_wordings
from tracker.clock import utc_now
from tracker.crawl import CrawlProcess
from tracker.model import CarrierName, UsageError
from tracker.orders.inbox import Inbox, InboxRound
from tracker.planning.cadence import DEFAULT as CADENCE
from tracker.planning.deadlines import Deadlines
from tracker.planning.recounting import recount_all, recount_entered
from tracker.planning.watching import settle
from tracker.polling.pace import SharedPace
from tracker.polling.poller import Poller, PollResult
from tracker.probing.daily import CheckEnded, PortalCheck, check_if_due
from tracker.proofs.keeping import tidy_evidence
from tracker.status.liveness import DAEMON, DEADMAN, ONCE, why_unwell
from tracker.store import open_store
from tracker.vendor.accounts import accounts_of
from tracker.vendor.due import pausing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import datetime

    from tracker.clock import Clock
    from tracker.polling.poller import Crawl
    from tracker.settings import Settings
    from tracker.store import Store

log = logging.getLogger(__name__)


class Watcher:
    """
    Everything one process needs to watch; close it to end its crawling children.
    """

    def __init__(
        self,
        settings: Settings,
        store: Store,
        clock: Clock = utc_now,
        *,
        mode: str = DAEMON,
        crawls: Mapping[CarrierName, Crawl] | None = None,
    ) -> None:
        self.settings = settings
        self.store = store
        self.clock = clock
        self.mode = mode
        self.stopping = False
        self.deadlines = Deadlines(settings)
        self._check = PortalCheck()
        self._untold: str | None = None
        pace = SharedPace(store, clock)
        self._crawls = crawls or {one: CrawlProcess(one, slot=pace.take) for one in CarrierName}
        self._poller = Poller(
            store,
            self.deadlines,
            accesses_of(settings),
            self._crawls,
            clock,
            stopping=lambda: self.stopping,
        )
        self._decider = Decider(store, self.deadlines)
        self._channels = make_channels(
            settings.smtp_url,
            settings.email.from_,
            settings.apprise_addresses,
            settings.webhook_addresses,
        )
        self._deliverer = Deliverer(
            store,
            self.deadlines,
            self._channels,
            clock,
            patient=mode == DAEMON,
        )
        folder = settings.inbox.folder
        self._inbox = (
            Inbox(folder, store=store, deadlines=self.deadlines, clock=clock) if folder else None
        )

    @classmethod
    @contextmanager
    def opened(
        cls, settings: Settings, clock: Clock = utc_now, *, mode: str = DAEMON
    ) -> Iterator[Self]:
        """
        A watcher on the configured database; its children and connections end with the block.

        Raises :class:`UsageError` when somebody's alerts would reach nobody (promises.md R16).
        """
        store = open_store(settings.database_url)
        try:
            watcher = cls(settings, store, clock, mode=mode)
            watcher.check_recipients()
            watcher.recount_deadlines()
            watcher.readdress()
            try:
                yield watcher
            finally:
                watcher.close()
        finally:
            store.close()

    def check_recipients(self) -> None:
        """
        Returns when each shop with parcels has somebody to tell (promises.md R16).
        """
        with self.store.read() as tx:
            shops = tx.parcels.shops()
        lonely = [shop for shop in shops if not self.settings.recipients_of(shop)]
        if lonely:
            named = ", ".join(repr(shop) for shop in lonely)
            raise UsageError(
                f"Nobody would be told about the parcels of {named}: "
                "give the shop an e-mail address (with email.smtp_url), a Slack webhook, "
                "an Apprise URL or a webhook, or set one of these for the operator."
            )

    def recount_deadlines(self) -> int:
        """
        Stored deadlines follow the calendar and the settings as they are now; how many moved.

        Scanned parcels, which have no deadline to come, get the clocks that run for them now.
        """
        return recount_all(self.store, self.deadlines, self.clock)

    def _follow_calendar(self) -> bool:
        """
        What people entered since the last step counts; true if anything was entered.
        """
        stopping = partial(getattr, self, "stopping")
        return recount_entered(self.store, self.deadlines, self.clock, stopping) is not None

    def readdress(self) -> None:
        """
        What a recipient refused goes to the recipients configured now, once each (R13).
        """
        now = self.clock()
        with self.store.begin() as tx:
            for alert_id in tx.outbox.refused_alerts():
                alert = tx.alerts.get(alert_id)
                if alert is None:
                    continue
                own = self.settings.operator_recipients
                if not alert.kind.is_operators or alert.shop is not None:
                    own = self.settings.recipients_of(alert.shop)
                tx.outbox.add(
                    alert_id,
                    shop=alert.shop,
                    recipients=[(one.channel, one.address) for one in own],
                    notice="first",
                    now=now,
                    not_before=now,
                )

    # -- steps -------------------------------------------------------------------------------

    def poll(
        self, carrier: CarrierName, after_round: Callable[[], object] | None = None
    ) -> PollResult:
        """
        Every due look of the carrier was made, crawl by crawl; ``after_round`` follows each.
        """

        def beat(result: PollResult) -> None:
            if not self.stopping:
                # A portal that is left alone is its own trouble: the step did what it should.
                self._beat(f"poll:{carrier}", problem=None if result.cooling else result.trouble)

        def recorded(result: PollResult) -> None:
            beat(result)
            if after_round is not None and not self.stopping:
                after_round()

        result = self._poller.poll(carrier, recorded)
        beat(result)
        return result

    def due(self, carrier: CarrierName) -> int:
        """
        How many looks of the carrier are due.
        """
        with self.store.read() as tx:
            return tx.parcels.due_count(carrier, self.clock())

    def decide(self) -> RoundResult:
        """
        What is due to be decided was decided.
        """
        self._follow_calendar()
        settle_wordings(self.store, self.deadlines, self.clock)
        result = self._decider.round(self.clock())
        self._beat("decide", problem=f"{result.put_off} put off" if result.put_off else None)
        return result

    def deliver(self) -> DeliveryResult:
        """
        Every due message had one attempt.
        """
        if self._follow_calendar():
            # What is not late any more is not told, and what was told is taken back.
            self._decider.round(self.clock())
        result = self._deliverer.round()
        self._beat("deliver")
        return result

    def remind(self) -> int:
        """
        Open alerts told before today are due to be told again.
        """
        if self._follow_calendar():
            self._decider.round(self.clock())
        reminded = self._decider.remind(self.clock())
        self._beat("remind")
        return reminded

    def take_inbox(self) -> InboxRound:
        """
        Every file that lies still in the inbox folder was imported.
        """
        if self._inbox is None:
            self._retire("inbox")
            return InboxRound()
        patient = self.mode == ONCE
        done = self._inbox.round(pausing(lambda: self.stopping) if patient else None)
        if done.imported:
            done.problems += tuple(self._nobody_told())
        self._beat("inbox", problem="; ".join(done.problems) or None)
        return done

    def sync(self) -> tuple[str, ...]:
        """
        Orders of every account that was due were pulled; what went wrong (domain.md 5.2).
        """
        if not accounts_of(self.settings):
            self._retire("sync")
            return ()
        from tracker.vendor.step import sync_due  # noqa: PLC0415 - httpx is slow to load

        problems = sync_due(self.store, self.deadlines, self.clock, lambda: self.stopping)
        self._beat("sync")
        return (*problems, *self._nobody_told())

    def _nobody_told(self) -> Iterator[str]:
        """
        Orders that came in by themselves may be of a shop that nobody hears about (R16).
        """
        try:
            self.check_recipients()
        except UsageError as error:
            yield str(error)

    def _retire(self, name: str) -> None:
        """
        A step that is configured no more is not missed by ``tracker status``.
        """
        with self.store.read() as tx:
            known = {name, f"missed:{name}"} & {beat.name for beat in tx.health.beats()}
        if known:
            with self.store.begin() as tx:
                tx.health.forget_beat(name)

    def keep_house(self) -> None:
        """
        Given-up parcels are archived; old answers of portals (R20) and ended logins are forgotten.

        The operator was reminded of a coming break.
        """
        now = self.clock()
        with self.store.read() as tx:
            old = tx.parcels.perhaps_given_up(
                ordered_before=now - CADENCE.archive_after_order,
                claimed_before=now - CADENCE.archive_after_claim,
            )
        for parcel_id in old:
            with self.store.begin() as tx:
                settle(tx, parcel_id, self.deadlines, now)
        with self.store.begin() as tx:
            tidy_evidence(tx, self.settings, now)
            tx.people.forget_logins(now)
        remind_of_breaks(self.store, self.deadlines, self._channels, now)
        self._beat("housekeeping")

    def check_portals(self) -> None:
        """
        Each portal with watched parcels was checked within the day, and the result is on record.
        """
        for access in accesses_of(self.settings).values():
            if self.stopping:
                return
            try:
                check_if_due(self.store, access, self.clock(), self._check)
            except CheckEnded:
                return
        self._beat("check")

    def ping(self) -> bool:
        """
        Somebody outside was told that the watcher lives, if it does; true if so (promises.md P5).

        What kept it from being told is on record, and no problem of the watcher's own.
        """
        url = self.settings.deadman.url
        if url is None:
            self._retire(DEADMAN)
            return False
        with self.store.read() as tx:
            unwell = why_unwell(tx.health.beats(), tx.outbox.state(), self.clock(), mode=self.mode)
        if unwell:
            problem: str | None = f"held back, because {'; '.join(unwell)}"
        else:
            from tracker.daemon.deadman import ping  # noqa: PLC0415 - httpx is slow to load

            problem = ping(url.get_secret_value())
        if problem is not None and problem != self._untold:
            log.warning("the outside watchdog was not told: %s", problem)
        self._untold = problem
        self._beat(DEADMAN, problem=problem)
        return problem is None

    def prepare_round(self) -> None:
        """
        For a single round: what is overdue without a good look, or told on a stale proof, is due.
        """
        now = self.clock()
        with self.store.begin() as tx:
            tx.parcels.look_soon(tx.parcels.overdue_without_good_look(now), now)
        self._deliverer.request_rechecks()

    def close(self) -> None:
        """
        The crawling children are gone, their browsers with them.
        """
        self.stopping = True
        self._check.close()
        for crawl in self._crawls.values():
            crawl.close()

    def missed(self, job: str, at: datetime, why: str) -> None:
        """
        A tick that did not run, or failed, is on record (promises.md R21).
        """
        with self.store.begin() as tx:
            tx.health.beat(f"missed:{job}", at, ok=False, detail=why[:500])

    def _beat(self, name: str, *, problem: str | None = None) -> None:
        with self.store.begin() as tx:
            detail = self.mode if problem is None else f"{self.mode}: {problem}"
            tx.health.beat(name, self.clock(), ok=problem is None, detail=detail)
