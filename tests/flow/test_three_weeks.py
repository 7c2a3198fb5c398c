"""
Three weeks under a scripted clock: every message that left, against a golden file.

28 September to 18 October 2026 hold National Day (1 to 7 October), a make-up Saturday (the 10th),
an outage of Clevy, a closure that is entered late, and every way a parcel's story can go. The
golden file is written anew by ``SCAN_TRACKER_WRITE_GOLDEN=1``; then read it line by line.
"""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.support.world import (
    SHANGHAI,
    ScriptedClock,
    ScriptedCrawl,
    at,
    ds_number,
    opened_world,
    order,
    postal_number,
)
from tracker.model import (
    AlertKind,
    AlertState,
    CarrierName,
    Outcome,
    ScanEvent,
    SellerStatus,
    Stage,
)
from tracker.planning.watching import settle

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    import pytest

    from tests.support.world import World

GOLDEN = Path(__file__).with_name("three_weeks.txt")
START = at("2026-09-28 08:00")
END = at("2026-10-18 20:00")

D1, D2, D3, D4, D5, D6, D7, D8, D9, D10, D11 = (ds_number(900 + n) for n in range(1, 12))
P1, P2, P3, P4, P5 = (postal_number(47310000 + n) for n in range(1, 6))
NAIROBI = "Nairobi Nets"

SECOND_SHOP = f"""
[[shops]]
name = "{NAIROBI}"
country = "KE"
email = ["nets@nairobi.example"]
"""
CLOSURE = """
[[calendar.exceptions]]
centre = "xiamen"
from = "2026-09-29"
to = "2026-09-30"
closed = true
note = "flood"
"""


def event(when: str, stage: Stage, text: str) -> ScanEvent:
    """
    One line of a portal.
    """
    scans = {Stage.RECEIVED, Stage.EXPORT, Stage.IN_TRANSIT, Stage.DELIVERED}
    return ScanEvent(
        occurred_at=at(when),
        zone="Asia/Shanghai",
        zone_assumed=True,
        stage=stage,
        is_scan=stage in scans,
        code=None,
        text=text,
        location=None,
    )


def received(when: str) -> ScanEvent:
    """
    An arrival scan.
    """
    return event(when, Stage.RECEIVED, "Parcel received and accepted")


def announced(when: str) -> ScanEvent:
    """
    A pre-advice.
    """
    return event(when, Stage.ANNOUNCED, "Shipping information received")


def write_portals(seko: ScriptedCrawl, clevy: ScriptedCrawl) -> None:
    """
    What the two carriers answer in these weeks.
    """
    long_ago = "2026-09-01 00:00"
    for number in (D2, D4, D5, D6, D7, D8, D9, D11):
        seko.tell(number, long_ago, ())
    seko.tell(D1, long_ago, (announced("2026-09-27 18:00"),))
    seko.tell(D1, "2026-09-29 11:00", (announced("2026-09-27 18:00"), received("2026-09-29 10:40")))
    seko.tell(D3, long_ago, (announced("2026-09-28 20:00"),))
    seko.tell(D3, "2026-10-08 09:40", (announced("2026-09-28 20:00"), received("2026-10-08 09:20")))
    seko.tell(D4, "2026-10-08 15:00", (received("2026-10-08 14:30"),))
    seko.tell(D7, "2026-10-12 13:00", (received("2026-10-10 16:00"),))
    puzzling = event("2026-10-13 10:00", Stage.UNCLASSIFIED, "Parcel regraded at bay seven")
    seko.tell(D10, long_ago, ())
    seko.tell(D10, "2026-10-13 11:00", (puzzling,))
    lost = event("2026-10-14 09:00", Stage.LOST, "Parcel lost")
    seko.tell(D11, "2026-10-13 12:00", (received("2026-10-13 11:00"),))
    seko.tell(D11, "2026-10-14 10:00", (received("2026-10-13 11:00"), lost))
    for number in (P1, P3, P5):
        clevy.tell(number, long_ago, ())
    clevy.tell(P2, "2026-10-09 12:00", (received("2026-10-09 11:00"),))  # unknown until then
    clevy.tell(P4, long_ago, ())
    clevy.outages.append((at("2026-10-09 17:00"), at("2026-10-12 15:00"), Outcome.UNREACHABLE))


def script(world: World) -> dict[datetime, Callable[[], None]]:
    """
    What people do in these weeks.
    """

    def take(number: str, **facts: Any) -> Callable[[], None]:
        return lambda: world.take(order(number, **facts)) and None

    def handed(number: str, when: str, **facts: Any) -> Callable[[], None]:
        given = {
            "created_at": at(when) - timedelta(days=1),
            "handed_over_at": at(when),
            "status": SellerStatus.READY_TO_SHIP,
        }
        return take(number, **given, **facts)

    def person(kind: AlertKind, number: str, **marks: datetime) -> Callable[[], None]:
        return lambda: act(world, kind, number, **marks)

    def both(*acts: Callable[[], None]) -> Callable[[], None]:
        return lambda: [one() for one in acts] and None

    xiamen = {"station": "NG-JG-Seko-Xiamen-Seko-Station"}
    return {
        at("2026-09-28 17:00"): both(
            handed(D1, "2026-09-28 10:00"),
            handed(D2, "2026-09-28 16:00"),
            handed(D4, "2026-09-28 12:00", **xiamen),
            handed(P2, "2026-09-28 12:00"),
        ),
        at("2026-09-29 19:00"): both(
            handed(D3, "2026-09-29 15:00"), handed(P1, "2026-09-29 18:00")
        ),
        at("2026-09-30 10:00"): person(AlertKind.URGE_SCAN, D2, urged_at=at("2026-09-30 10:00")),
        at("2026-09-30 11:00"): lambda: world.reconfigure(CLOSURE),
        at("2026-10-08 16:00"): both(
            handed(P3, "2026-10-08 11:00", shop=NAIROBI, country="KE"),
            handed(D5, "2026-10-08 15:00"),
            handed(D6, "2026-10-08 09:00"),
            take(
                P4,
                created_at=at("2026-10-08 10:00"),
                ready_to_ship_at=at("2026-10-08 12:00"),
                status=SellerStatus.READY_TO_SHIP,
            ),
        ),
        at("2026-10-09 09:00"): take(D5, status=SellerStatus.CANCELED),
        at("2026-10-09 11:00"): both(
            person(AlertKind.RAISE_CLAIM, D2, claimed_at=at("2026-10-09 11:00")),
            handed(D7, "2026-10-09 10:00"),
        ),
        at("2026-10-10 12:00"): handed(D8, "2026-10-10 11:00", shop=NAIROBI, country="KE"),
        at("2026-10-12 10:00"): take(D6, status=SellerStatus.CANCELED),
        at("2026-10-12 12:00"): both(
            take(P1, status=SellerStatus.SHIPPED),
            handed(D9, "2026-10-12 11:00"),
            handed(D10, "2026-10-12 11:00"),
            handed(D11, "2026-10-12 11:00"),
        ),
        at("2026-10-13 10:00"): both(
            take(D9, status=SellerStatus.SHIPPED), person(AlertKind.URGE_SCAN, D8)
        ),
        at("2026-10-14 11:00"): handed(P5, "2026-10-13 17:40"),
    }


def act(world: World, kind: AlertKind, number: str, **marks: datetime) -> None:
    """
    ``alerts urged`` or ``claimed`` when a time is given, else ``alerts ack``.
    """
    now = world.clock()
    (alert,) = (
        one for one in world.alerts("open") if (one.kind, one.tracking_numbers) == (kind, (number,))
    )
    with world.store.begin() as tx:
        state = AlertState.ACTED if marks else AlertState.ACKNOWLEDGED
        tx.alerts.set_state(alert.id, state, now)
        for parcel_id in alert.parcel_ids:
            tx.parcels.mark(parcel_id, **marks)
            settle(tx, parcel_id, world.watcher.deadlines, now)


def live_through(world: World) -> None:
    """
    Ticks each half hour by day and each hour by night, from the first to the last day.
    """
    acts = script(world)
    while world.clock.now < END:
        local = world.clock.now.astimezone(SHANGHAI)
        step = timedelta(minutes=30 if 7 <= local.hour < 20 else 60)
        due = {when: doing for when, doing in acts.items() if when <= world.clock.now}
        for when, doing in sorted(due.items(), key=lambda one: one[0]):
            doing()
            del acts[when]
        world.tick()
        world.clock.now += step
    assert not acts


NAMES = {
    D1: "D1", D2: "D2", D3: "D3", D4: "D4", D5: "D5", D6: "D6", D7: "D7", D8: "D8", D9: "D9",
    D10: "D10", D11: "D11", P1: "P1", P2: "P2", P3: "P3", P4: "P4", P5: "P5",
}  # fmt: skip


def log_of(world: World) -> str:
    """
    One line for each message: when, whereto, its subject, its notices, numbers by their names.
    """
    lines = []
    for one in world.arrived:
        when = one.at.astimezone(SHANGHAI).strftime("%Y-%m-%d %a %H:%M")
        line = f"{when} | {one.channel} {one.recipient} | {one.subject} | {world.content(one)}"
        for number, name in NAMES.items():
            line = line.replace(number, name)
        lines.append(line + (" | POSSIBLE REPEAT" if one.repeat else ""))
    return "\n".join(lines) + "\n"


def test_three_weeks_tell_exactly_this(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """
    The whole message log of three weeks is the golden file, to the minute and the last word.
    """
    monkeypatch.setattr("alerts.deliver.JITTER", 0)
    monkeypatch.setattr("tracker.polling.pausing.JITTER", 0)
    clock = ScriptedClock(START)
    crawls = {carrier: ScriptedCrawl(carrier, clock) for carrier in CarrierName}
    write_portals(crawls[CarrierName.SEKO], crawls[CarrierName.CLEVY])
    with opened_world(tmp_path, monkeypatch, clock, crawls=crawls, extra=SECOND_SHOP) as world:
        live_through(world)
        log = log_of(world)
    if os.environ.get("SCAN_TRACKER_WRITE_GOLDEN"):
        GOLDEN.write_text(log, encoding="utf-8")
    assert log == GOLDEN.read_text(encoding="utf-8")
