"""
Three weeks as a reader can follow them: what people and portals did, and every message that left.

18 September to 10 October 2026 hold both make-up days of National Day (Sunday the 20th and
Saturday the 10th), Mid-Autumn and the seven days off, an outage of Seko's portal, a Slack outage,
two power cuts, and each way of the ladder. ``test_three_weeks.py`` tells of other parcels. The
golden file is written anew by ``SCAN_TRACKER_WRITE_GOLDEN=1``; then read it line by line.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.flow.test_three_weeks import announced, received
from tests.support.world import (
    SHANGHAI,
    MortalClock,
    PowerCut,
    ScriptedCrawl,
    at,
    ds_number,
    opened_world,
    order,
    postal_number,
)
from tracker.acting.marking import Marker
from tracker.model import AlertKind, CarrierName, ClaimAnswer, Outcome, SellerStatus

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    import pytest

    from tests.support.world import World
    from tracker.model import Alert

GOLDEN = Path(__file__).with_name("story.txt")
START = at("2026-09-18 08:00")
END = at("2026-10-10 20:00")
XINGGUANG = "星光小店"
CHINESE_SHOP = f"""
[[shops]]
name = "{XINGGUANG}"
country = "KE"
email = ["shop@xingguang.example"]
language = "zh"
"""
SHENZHEN = "NG-JG-SEKO-Shenzhen-Seko Station"

#: Each parcel of the story by its name; the log calls them so.
LADDER, EVENING, CANCELLED, BACKDATED, OLD, NEW, OUTAGE, GOOD = (
    ds_number(319365400 + n) for n in range(8)
)
POSTAL, SNOOZED = postal_number(47312482), postal_number(47312490)
BACKLOG = tuple(ds_number(319365500 + n) for n in range(25))
NAMES = {
    LADDER: "Ladder", EVENING: "FridayEvening", CANCELLED: "Cancelled", BACKDATED: "Backdated",
    OLD: "OldNumber", NEW: "NewNumber", OUTAGE: "Outage", GOOD: "Good", POSTAL: "Postal",
    SNOOZED: "Snoozed", **{one: f"B{n:02}" for n, one in enumerate(BACKLOG, 1)},
}  # fmt: skip


@dataclass(slots=True)
class Story:
    """
    What people and portals do, with a diary of it.
    """

    world: World
    diary: list[tuple[datetime, str]] = field(default_factory=list)

    def crawl(self, carrier: CarrierName) -> ScriptedCrawl:
        """
        The carrier's script.
        """
        crawl = self.world.watcher._crawls[carrier]
        assert isinstance(crawl, ScriptedCrawl)
        return crawl

    def note(self, text: str) -> None:
        """
        The diary says what happened now.
        """
        self.diary.append((self.world.clock(), text))

    def handed(self, number: str, when: str, **facts: Any) -> None:
        """
        A parcel is imported with the time at which it was handed over.
        """
        given = {
            "created_at": at(when) - timedelta(hours=20),
            "handed_over_at": at(when),
            "status": SellerStatus.READY_TO_SHIP,
        }
        self.world.take(order(number, **given, **facts))
        self.note(f"{number} is imported, handed over at {when}")

    def status(self, number: str, status: SellerStatus) -> None:
        """
        A new export says so of the order.
        """
        self.world.take(order(number, status=status))
        self.note(f"an export says {status} of {number}")

    def mark(
        self, kind: AlertKind, number: str, what: str, act: Callable[[Marker, Alert], None]
    ) -> None:
        """
        A person does something about the parcel's open alert.
        """
        (alert,) = (
            one
            for one in self.world.alerts("open")
            if (one.kind, one.tracking_numbers) == (kind, (number,))
        )
        with self.world.store.begin() as tx:
            act(Marker(tx, self.world.watcher.deadlines, self.world.clock()), alert)
        self.note(f"a person: {kind} of {number}: {what}")

    def slack(self, status: int) -> None:
        """
        Slack answers so from now on.
        """
        self.world.inboxes.slack_status["lagos"] = status
        self.note(f"Slack answers {status} from now on")

    def import_backlog(self) -> None:
        """
        A day of sales: 25 parcels to one centre.
        """
        facts = {"station": SHENZHEN, "shop": XINGGUANG, "country": "KE"}
        for number in BACKLOG:
            self.handed(number, "2026-09-30 14:00", **facts)
        del self.diary[-len(BACKLOG) :]
        self.note("B01 to B25 are imported, handed over at Shenzhen at 2026-09-30 14:00")

    def change_number(self) -> None:
        """
        The item of the old number travels under a new one.
        """
        number = order(OLD).order_number
        facts = {"created_at": at("2026-09-21 16:00"), "status": SellerStatus.READY_TO_SHIP}
        self.world.take(order(NEW, order_number=number, order_item_id="1", **facts))
        self.note(f"an export names {NEW} for the item of {OLD}")

    def restart(self, why: str) -> None:
        """
        The watcher is gone and a new one runs on the same database.
        """
        self.world.restart()
        self.note(f"{why}; a new watcher starts")

    def power_fails_while_asking(self) -> None:
        """
        The next answers of Seko's portal are lost with the process.
        """
        self.crawl(CarrierName.SEKO).dies = True

    def power_fails_while_sending(self) -> None:
        """
        The process dies when the next message has arrived and is not marked as sent.
        """
        clock = self.world.clock
        assert isinstance(clock, MortalClock)
        clock.die_after_next_message(self.world.inboxes)

    def decided_but_not_told(self) -> None:
        """
        The alerts of this instant are decided; the process is gone before it tells anything.
        """
        for carrier in CarrierName:
            self.world.watcher.poll(carrier)
        self.world.watcher.decide()
        self.restart("the watcher is stopped between deciding and telling")


def write_portals(story: Story) -> None:
    """
    What the two carriers answer in these weeks.
    """
    seko, clevy = story.crawl(CarrierName.SEKO), story.crawl(CarrierName.CLEVY)
    long_ago = "2026-09-01 00:00"
    for number in (LADDER, EVENING, CANCELLED, BACKDATED, OLD, NEW, OUTAGE, GOOD, *BACKLOG):
        seko.tell(number, long_ago, (announced("2026-09-17 18:00"),))
    for number in (POSTAL, SNOOZED):
        clevy.tell(number, long_ago, ())
    seko.tell(GOOD, "2026-09-21 11:00", (received("2026-09-21 10:40"),))
    seko.tell(EVENING, "2026-09-22 12:00", (received("2026-09-22 11:30"),))
    seko.tell(BACKDATED, "2026-09-24 15:00", (received("2026-09-23 10:00"),))
    seko.tell(OUTAGE, "2026-09-30 11:00", (received("2026-09-30 10:30"),))
    clevy.tell(POSTAL, "2026-09-29 12:00", (received("2026-09-29 11:00"),))
    for number in BACKLOG[:20]:
        seko.tell(number, "2026-10-10 11:00", (received("2026-10-10 10:30"),))
    seko.outages.append((at("2026-09-28 17:00"), at("2026-09-29 15:00"), Outcome.UNREACHABLE))


def script(story: Story) -> dict[datetime, Callable[[], None]]:
    """
    What people do, and what fails, in these weeks.
    """
    urge, claim = AlertKind.URGE_SCAN, AlertKind.RAISE_CLAIM
    follow, answer = AlertKind.FOLLOW_UP_CLAIM, AlertKind.ANSWER_CLAIM

    def handed(number: str, when: str, **facts: Any) -> Callable[[], None]:
        return lambda: story.handed(number, when, **facts)

    def mark(
        kind: AlertKind, number: str, what: str, act: Callable[[Marker, Alert], None]
    ) -> Callable[[], None]:
        return lambda: story.mark(kind, number, what, act)

    def claimed(kind: AlertKind, number: str, case_id: str) -> Callable[[], None]:
        what = f"claimed, case {case_id}"
        return mark(kind, number, what, lambda marker, alert: marker.claim(alert, case_id))

    def answered(outcome: ClaimAnswer) -> Callable[[Marker, Alert], None]:
        return lambda marker, alert: marker.answer(alert, outcome)

    def both(*acts: Callable[[], None]) -> Callable[[], None]:
        return lambda: [one() for one in acts] and None

    wake = at("2026-09-29 15:00")
    chinese = {"shop": XINGGUANG, "country": "KE"}
    return {
        at("2026-09-18 20:00"): both(
            handed(LADDER, "2026-09-18 10:00"),
            handed(EVENING, "2026-09-18 19:30"),
        ),
        at("2026-09-20 18:00"): handed(GOOD, "2026-09-20 15:00"),
        at("2026-09-21 10:00"): mark(urge, LADDER, "urged", Marker.urge),
        at("2026-09-21 18:00"): handed(POSTAL, "2026-09-21 12:00"),
        at("2026-09-22 10:00"): lambda: story.slack(503),
        at("2026-09-22 11:00"): claimed(claim, LADDER, "12345678"),
        at("2026-09-22 14:00"): lambda: story.slack(200),
        at("2026-09-22 18:00"): both(
            handed(CANCELLED, "2026-09-22 10:00"),
            handed(BACKDATED, "2026-09-22 11:00"),
            handed(OLD, "2026-09-22 12:00", order_item_id="1"),
            handed(SNOOZED, "2026-09-22 13:00", **chinese),
        ),
        at("2026-09-23 08:30"): story.power_fails_while_sending,
        at("2026-09-23 10:00"): both(
            claimed(claim, POSTAL, "23456789"),
            lambda: story.status(CANCELLED, SellerStatus.CANCELED),
        ),
        at("2026-09-24 00:00"): story.power_fails_while_asking,
        at("2026-09-24 08:30"): story.decided_but_not_told,
        at("2026-09-24 10:00"): both(
            story.change_number,
            mark(
                claim,
                SNOOZED,
                f"snoozed until {wake.astimezone(SHANGHAI):%Y-%m-%d %H:%M}",
                lambda marker, alert: marker.snooze(alert, wake, "Li"),
            ),
        ),
        at("2026-09-24 16:00"): mark(
            AlertKind.RETRIEVE_PARCEL, CANCELLED, "seen", Marker.acknowledge
        ),
        at("2026-09-24 18:00"): handed(OUTAGE, "2026-09-24 12:00"),
        at("2026-09-28 09:00"): mark(urge, NEW, "seen", Marker.acknowledge),
        at("2026-09-28 14:00"): mark(
            follow, LADDER, "Jumia answered: info_needed", answered(ClaimAnswer.INFO_NEEDED)
        ),
        at("2026-09-28 17:00"): claimed(claim, NEW, "45678901"),
        at("2026-09-28 16:00"): claimed(answer, LADDER, "12345678"),
        at("2026-09-30 09:00"): claimed(claim, SNOOZED, "34567890"),
        at("2026-09-30 18:00"): story.import_backlog,
        at("2026-10-09 09:00"): mark(
            follow, LADDER, "Jumia answered: accepted", answered(ClaimAnswer.ACCEPTED)
        ),
    }


def live_through(story: Story) -> None:
    """
    Ticks each half hour by day and each hour by night; a tick that dies is followed by a restart.
    """
    acts = script(story)
    clock = story.world.clock
    while clock.now < END:
        if clock.now in acts:
            acts.pop(clock.now)()
        try:
            story.world.tick()
        except PowerCut:
            story.restart("the power fails in the middle of a step")
        by_day = 7 <= clock.now.astimezone(SHANGHAI).hour < 20
        clock.now += timedelta(minutes=30 if by_day else 60)
    assert not acts


def log_of(story: Story) -> str:
    """
    The diary and the messages in the order of their instants, numbers by their parcels' names.
    """
    world = story.world
    lines = [(when, f"* {text}") for when, text in story.diary]
    for one in world.arrived:
        line = f"    {one.channel} {one.recipient} | {one.subject} | {world.content(one)}"
        heading = [text for text in one.text.splitlines() if "分拣中心似乎整体延误" in text]
        line += "".join(f" | {text}" for text in heading)
        lines.append((one.at, line + (" | POSSIBLE REPEAT" if one.repeat else "")))
    told = "".join(
        f"{when.astimezone(SHANGHAI):%Y-%m-%d %a %H:%M} {line}\n"
        for when, line in sorted(lines, key=lambda one: one[0])
    )
    for number, name in NAMES.items():
        told = told.replace(number, name)
    return told


def test_a_reader_can_follow_three_weeks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """
    Diary and whole message log of three weeks are the golden file, to the minute and last word.
    """
    monkeypatch.setattr("alerts.deliver.JITTER", 0)
    monkeypatch.setattr("tracker.polling.pausing.JITTER", 0)
    clock = MortalClock(START)
    crawls = {carrier: ScriptedCrawl(carrier, clock) for carrier in CarrierName}
    with opened_world(tmp_path, monkeypatch, clock, crawls=crawls, extra=CHINESE_SHOP) as world:
        story = Story(world)
        write_portals(story)
        live_through(story)
        log = log_of(story)
    if os.environ.get("SCAN_TRACKER_WRITE_GOLDEN"):
        GOLDEN.write_text(log, encoding="utf-8")
    assert log == GOLDEN.read_text(encoding="utf-8")
