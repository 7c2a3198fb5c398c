"""
P4 for every sequence of rounds: what a doubted round shows opens and closes no scan alert.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.databases import SqliteFiles
from tests.support.world import ScriptedClock, ScriptedCrawl, at, ds_number, memory_folder, order
from tracker.daemon.watcher import Watcher
from tracker.model import AlertKind, CarrierName, ClosedBecause, Outcome, ScanEvent, Stage
from tracker.orders.importing import Importer
from tracker.settings import Settings
from tracker.store import Store

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tracker.model import Alert

LATE = ds_number(319365301)
CANARY = ds_number(319000001)
HISTORY = [ds_number(319365500 + n) for n in range(5)]
SEKO = CarrierName.SEKO
START = at("2026-11-18 09:00")
SCAN_KINDS = {AlertKind.URGE_SCAN, AlertKind.RAISE_CLAIM}


def event(text: str, *, stage: Stage) -> ScanEvent:
    """
    One line of the portal.
    """
    return ScanEvent(
        occurred_at=at("2026-11-17 10:00"),
        zone="Asia/Shanghai",
        zone_assumed=True,
        stage=stage,
        is_scan=stage is Stage.RECEIVED,
        code=None,
        text=text,
        location=None,
    )


SCAN = event("Parcel received and accepted", stage=Stage.RECEIVED)
ADVICE = event("Shipping information received", stage=Stage.ANNOUNCED)
LATES = {"nothing": (), "scan": (SCAN,), "failed": Outcome.UNREADABLE, "unknown": Outcome.NOT_FOUND}
CANARIES = {"right": (SCAN,), "wrong": (), "failed": Outcome.UNREACHABLE}
HISTORIES = {"kept": (ADVICE,), "lost": ()}


@dataclass(frozen=True, slots=True)
class Round:
    """
    What the portal answers in one round.
    """

    late: str
    canary: str
    history: str

    @property
    def is_doubted(self) -> bool:
        """
        True if the round must prove nothing.
        """
        return self.canary == "wrong" or self.history == "lost"


ROUNDS = st.lists(
    st.builds(
        Round,
        st.sampled_from([*LATES]),
        st.sampled_from([*CANARIES]),
        st.sampled_from([*HISTORIES]),
    ),
    min_size=1,
    max_size=6,
)


class Watch:
    """
    A watcher on a store of its own, and a portal that answers round by round.
    """

    def __init__(self, url: str) -> None:
        self.clock = ScriptedClock(at("2026-11-17 23:00"))
        self.crawls = {carrier: ScriptedCrawl(carrier, self.clock) for carrier in CarrierName}
        config = Settings(
            database_url=url,
            carriers={"seko": {"canary_scanned": CANARY}},
            watch={"send_window": "always"},
        )
        self.store = Store(url)
        self.watcher = Watcher(config, self.store, self.clock, crawls=self.crawls)

    def begin(self) -> None:
        """
        The late parcel and five with a history are watched; all were looked at before that.
        """
        for number in HISTORY:
            self.crawls[SEKO].story[number] = [(at("2026-11-01 00:00"), (ADVICE,))]
        self.answer(Round("nothing", "right", "kept"))
        rows = [order(one, handed_over_at=at("2026-11-16 16:00")) for one in (LATE, *HISTORY)]
        now = self.clock()
        with self.store.begin() as tx:
            importer = Importer(
                tx=tx, deadlines=self.watcher.deadlines, now=now, observed_at=now, shop="A"
            )
            importer.take("orders.csv", rows)
        self.watcher.poll(SEKO)

    def answer(self, one: Round) -> None:
        """
        From now on the portal answers so.
        """
        story = self.crawls[SEKO].story
        long_ago = at("2026-11-01 00:00")
        story[LATE] = [(long_ago, LATES[one.late])]
        story[CANARY] = [(long_ago, CANARIES[one.canary])]
        story.update({number: [(long_ago, HISTORIES[one.history])] for number in HISTORY})

    def go(self, one: Round, at_round: int) -> None:
        """
        Everything is asked once more and decided.
        """
        self.answer(one)
        self.clock.now = START + at_round * timedelta(hours=7)
        with self.store.begin() as tx:
            tx.parcels.look_soon(
                [record.id for record in tx.parcels.matching(self.clock())], self.clock()
            )
        self.watcher.poll(SEKO)
        self.watcher.decide()

    def alerts(self) -> list[Alert]:
        """
        The scan alerts on the late parcel.
        """
        with self.store.read() as tx:
            found = tx.alerts.matching(state="all")
        return [one for one in found if one.kind in SCAN_KINDS and one.tracking_numbers == (LATE,)]

    def scanned(self) -> bool:
        """
        What is believed of the late parcel.
        """
        with self.store.read() as tx:
            return tx.parcels.by_number(LATE, self.clock())[0].parcel.scanned


@pytest.fixture(scope="module")
def databases_in_memory() -> Iterator[SqliteFiles]:
    """
    Databases that are not slowed by the disk.
    """
    with memory_folder() as folder:
        yield SqliteFiles(folder)


@settings(max_examples=25)
@given(rounds=ROUNDS)
def test_p4_no_sequence_lets_a_doubted_round_speak(
    databases_in_memory: SqliteFiles, rounds: list[Round]
) -> None:
    """
    Alerts open and close, and a parcel becomes scanned, in undoubted rounds that show it only.
    """
    watch = Watch(databases_in_memory.migrated())
    watch.begin()
    believed_scan = False
    for index, one in enumerate(rounds):
        before = {alert.id: alert.closed_at for alert in watch.alerts()}
        watch.go(one, index)
        after = {alert.id: alert for alert in watch.alerts()}
        believed_scan |= one.late == "scan" and not one.is_doubted
        assert watch.scanned() == believed_scan
        if set(after) - set(before):
            assert not one.is_doubted
            assert one.late in {"nothing", "unknown"}
        for alert_id, closed_at in before.items():
            if closed_at is None and after[alert_id].closed_at is not None:
                assert not one.is_doubted
                assert (one.late, after[alert_id].closed_because) == ("scan", ClosedBecause.SCANNED)
    watch.store.close()
