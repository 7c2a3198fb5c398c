"""
The urge that the tool mails to Seko itself: once a day for each shop, on fresh proof, and marked.
"""

from __future__ import annotations

import csv
import io
import subprocess
import sys
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.faults.test_crash_matrix import CRASHING_ROUND, DELIVERY_POINTS
from tests.support.world import (
    OPERATOR,
    SELLER,
    SHOP,
    MortalClock,
    PowerCut,
    ScriptedClock,
    ScriptedCrawl,
    at,
    ds_number,
    opened_world,
    order,
    postal_number,
)
from tracker.acting.marking import Marker
from tracker.alertlist import listed
from tracker.clock import utc_now
from tracker.crashpoints import EXIT_CODE, CrashPoint
from tracker.daemon.rounds import run_once
from tracker.daemon.watcher import ONCE, Watcher
from tracker.model import AlertKind, AlertState, CarrierName, Outcome, ScanEvent, Stage
from tracker.urgemail import UrgeMail, mail_of, urged_by_mail

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

    from tests.support.inboxes import Arrived
    from tests.support.world import World
    from tracker.model import Alert

    MakeWorld = Callable[..., AbstractContextManager[World]]

SEKO = "cs@seko.example"
ONE, TWO = ds_number(319365301), ds_number(319365302)
POSTAL = postal_number(47312482)
ON = f'[seko_service]\nemail = "{SEKO}"\nmail_urges = true\n'
DRY = f'[seko_service]\nemail = "{SEKO}"\n'
HALF_HOUR = timedelta(minutes=30)
EVENING = "2026-11-16 18:00"  # a Monday; what was handed over at 16:00 is late on Wednesday 00:00
LATE = {"handed_over_at": at("2026-11-16 16:00")}


@pytest.fixture
def world_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> MakeWorld:
    """
    Opens a world whose portals know every number and show nothing, and which mails urges.
    """
    monkeypatch.setattr("alerts.deliver.JITTER", 0)

    @contextmanager
    def make(start: str = EVENING, *, extra: str = ON, **options: Any) -> Iterator[World]:
        clock = options.pop("clock", None) or ScriptedClock(at(start))
        crawls = {carrier: ScriptedCrawl(carrier, clock) for carrier in CarrierName}
        for number in (ONE, TWO):
            crawls[CarrierName.SEKO].tell(number, "2026-01-01 00:00", ())
        crawls[CarrierName.CLEVY].tell(POSTAL, "2026-01-01 00:00", ())
        with opened_world(
            tmp_path, monkeypatch, clock, crawls=crawls, extra=extra, **options
        ) as world:
            yield world

    return make


def seko(world: World) -> ScriptedCrawl:
    """
    Seko's portal.
    """
    return world.watcher._crawls[CarrierName.SEKO]


def to_seko(world: World) -> list[Arrived]:
    """
    The mails that Seko's service got.
    """
    return [one for one in world.arrived if one.recipient == SEKO]


def to_seller(world: World) -> list[Arrived]:
    """
    The mails that the seller got.
    """
    return [one for one in world.arrived if one.recipient == SELLER]


def urge(world: World) -> Alert:
    """
    The one alert that asks for urging.
    """
    (alert,) = (one for one in world.alerts() if one.kind is AlertKind.URGE_SCAN)
    return alert


def mark_urged(world: World) -> None:
    """
    A person has urged Seko about everything.
    """
    with world.store.begin() as tx:
        marker = Marker(tx, world.watcher.deadlines, world.clock())
        for alert in tx.alerts.matching(kind=AlertKind.URGE_SCAN):
            marker.urge(alert)


def receipt(text: str) -> ScanEvent:
    """
    An arrival scan.
    """
    return ScanEvent(
        occurred_at=at(text),
        zone="Asia/Shanghai",
        zone_assumed=True,
        stage=Stage.RECEIVED,
        is_scan=True,
        code=None,
        text="Parcel received and accepted",
        location="SHENZHEN",
    )


def test_it_is_off_by_default_and_the_list_says_what_would_be_mailed(world_on: MakeWorld) -> None:
    """
    With an address alone nothing goes to Seko: ``alerts list`` shows a dry run.
    """
    with world_on(extra=DRY) as world:
        world.take(order(ONE, **LATE), order(POSTAL, **LATE))
        world.run_until(at("2026-11-18 12:00"), HALF_HOUR)
        assert to_seko(world) == []
        assert "Send the text below to Seko's customer service" in to_seller(world)[0].text
        with world.store.read() as tx:
            shown = listed(tx, world.watcher.deadlines, world.alerts("open"), world.clock())
        assert {one.alert.kind: one.urge_mail for one in shown} == {
            AlertKind.URGE_SCAN: UrgeMail.DRY_RUN,
            AlertKind.RAISE_CLAIM: None,
        }


def test_one_mail_for_a_shop_with_text_and_table(world_on: MakeWorld) -> None:
    """
    English and Chinese, the numbers as a table, the shop as the one to answer to.
    """
    with world_on() as world:
        world.take(
            order(ONE, courier="=SF", waybill="SF1", station="Shenzhen", **LATE),
            order(TWO, **LATE),
            order(POSTAL, **LATE),
        )
        world.run_until(at("2026-11-18 19:00"), HALF_HOUR)
        (mail,) = to_seko(world)
        assert mail.at == at("2026-11-18 08:30")
        assert mail.reply_to == SELLER
        assert mail.subject == f"{SHOP}: please find and scan 2 parcels / 请查找并扫描 2 个包裹"
        assert "have no arrival scan yet" in mail.text
        assert "至今没有入库扫描记录" in mail.text
        assert POSTAL not in mail.text
        assert "tracker alerts" not in mail.text
        rows = list(csv.reader(io.StringIO(mail.files["parcels.csv"].decode("utf-8-sig"))))
        assert {row[0] for row in rows[1:]} == {ONE, TWO}
        assert {row[6] for row in rows[1:]} == {"'=SF", ""}


def test_what_was_mailed_is_urged_and_the_seller_reads_of_it(world_on: MakeWorld) -> None:
    """
    Marked at the sending time; the claim follows one working day after it, without reminders.
    """
    with world_on() as world:
        world.take(order(ONE, **LATE))
        world.run_until(at("2026-11-18 12:00"), HALF_HOUR)
        (alert,) = world.alerts()
        assert (alert.state, alert.acted_at) == (AlertState.ACTED, at("2026-11-18 08:30"))
        assert urged_by_mail(alert)
        (told,) = to_seller(world)
        assert f"mailed Seko's customer service ({SEKO})" in told.text
        assert "Ready to send" not in told.text
        assert "tracker alerts urged" not in told.text
        slack = next(one for one in world.arrived if one.channel == "slack")
        assert "mailed Seko" in slack.text
        world.run_until(at("2026-11-19 12:00"), HALF_HOUR)
        assert [world.content(one) for one in to_seller(world)] == [
            f"urge_scan first {ONE}",
            f"raise_claim first {ONE}",
        ]
        assert "Urged at Wed 2026-11-18 08:30" in to_seller(world)[1].text
        assert len(to_seko(world)) == 1


def test_chinese_for_the_seller(world_on: MakeWorld) -> None:
    """
    A shop that reads Chinese reads of the mail in Chinese.
    """
    with world_on() as world:
        text = world._config.read_text().replace(
            'country = "NG"', 'country = "NG"\nlanguage = "zh"'
        )
        world._config.write_text(text)
        world.reconfigure("")
        world.take(order(ONE, **LATE))
        world.run_until(at("2026-11-18 12:00"), HALF_HOUR)
        assert f"发邮件给 Seko 客服（{SEKO}）" in to_seller(world)[0].text
        assert "请帮忙尽快查找并扫描" in to_seko(world)[0].text


def test_one_mail_a_day(world_on: MakeWorld) -> None:
    """
    What becomes late after the day's mail waits for the next day's, and the seller is told so.
    """
    with world_on(watch="scan_working_days = 1") as world:
        world.take(order(ONE, **LATE))
        world.run_until(at("2026-11-18 10:00"), HALF_HOUR)
        world.take(order(TWO, **LATE))
        world.run_until(at("2026-11-18 19:30"), HALF_HOUR)
        assert [world.content(one) for one in to_seko(world)] == [f"urge_scan first {ONE}"]
        assert "is going to mail Seko's customer service" in to_seller(world)[-1].text
        world.run_until(at("2026-11-19 10:00"), HALF_HOUR)
        assert [one.at.date() for one in to_seko(world)] == [
            at("2026-11-18 12:00").date(),
            at("2026-11-19 12:00").date(),
        ]
        assert TWO in to_seko(world)[1].text
        assert ONE not in to_seko(world)[1].text


def test_an_assumed_hand_over_urges_nobody(world_on: MakeWorld) -> None:
    """
    Neither as a question to the seller, nor where the assumption is trusted.
    """
    ready = {"ready_to_ship_at": at("2026-11-13 10:00"), "created_at": at("2026-11-13 09:00")}
    with world_on() as world:
        world.take(order(ONE, **ready))
        world.run_until(at("2026-11-19 12:00"), HALF_HOUR)
        assert AlertKind.CONFIRM_HANDOVER in {one.kind for one in world.alerts()}
        assert to_seko(world) == []
    with world_on(watch="trust_assumed_handover = true") as world:
        world.take(order(ONE, **ready))
        world.run_until(at("2026-11-19 08:45"), HALF_HOUR)  # late since midnight
        assert AlertKind.URGE_SCAN in {one.kind for one in world.alerts()}
        assert to_seko(world) == []


def test_a_scan_in_time_for_the_mail_stops_it(world_on: MakeWorld) -> None:
    """
    Late at midnight, scanned before the window opens: Seko is not asked for it.
    """
    with world_on() as world:
        world.take(order(ONE, **LATE), order(TWO, **LATE))
        seko(world).tell(ONE, "2026-11-18 02:00", (receipt("2026-11-18 01:00"),))
        world.run_until(at("2026-11-18 12:00"), HALF_HOUR)
        (mail,) = to_seko(world)
        assert ONE not in mail.text
        assert TWO in mail.text


def test_a_person_who_was_quicker_is_not_repeated(world_on: MakeWorld) -> None:
    """
    Marked as urged before the window: no mail, and the person's time stays.
    """
    with world_on() as world:
        world.take(order(ONE, **LATE))
        world.run_until(at("2026-11-18 07:00"), HALF_HOUR)
        mark_urged(world)
        world.run_until(at("2026-11-18 12:00"), HALF_HOUR)
        assert to_seko(world) == []
        (alert,) = world.alerts()
        assert alert.acted_at == at("2026-11-18 07:00")


def test_nothing_goes_to_seko_while_its_portal_is_in_doubt(world_on: MakeWorld) -> None:
    """
    However long the doubt lasts; the seller is told with the age of the proof meanwhile.
    """
    with world_on() as world:
        world.take(order(ONE, **LATE))
        world.run_until(at("2026-11-18 03:00"), HALF_HOUR)
        with world.store.begin() as tx:
            tx.health.checked(CarrierName.SEKO, world.clock(), "its answer was not understood")
        world.run_until(at("2026-11-18 19:00"), HALF_HOUR, poll=False)
        assert to_seko(world) == []
        assert "is going to mail Seko's customer service" in to_seller(world)[0].text
        assert mail_of(urge(world)).state == "pending"


def test_an_old_proof_is_renewed_or_nothing_is_mailed(world_on: MakeWorld) -> None:
    """
    The portal is out from before the window until the afternoon: the mail waits for its answer.
    """
    with world_on() as world:
        world.take(order(ONE, **LATE))
        out = (at("2026-11-18 01:00"), at("2026-11-18 15:00"), Outcome.UNREACHABLE)
        seko(world).outages.append(out)
        world.run_until(at("2026-11-18 14:30"), HALF_HOUR)
        assert to_seko(world) == []
        world.run_until(at("2026-11-18 19:30"), HALF_HOUR)
        (mail,) = to_seko(world)
        assert at("2026-11-18 15:00") <= mail.at
        assert mail.at - urge(world).proof.looked_at <= timedelta(minutes=90)


def test_a_refusal_leaves_the_urging_to_the_seller(world_on: MakeWorld) -> None:
    """
    The seller is told again on the same day, the operator too, and nothing keeps the status red.
    """
    with world_on() as world:
        world.inboxes.smtp_answers[SEKO] = "550 5.1.1 no such user"
        world.take(order(ONE, **LATE))
        world.run_until(at("2026-11-18 12:00"), HALF_HOUR)
        assert to_seko(world) == []
        (alert,) = world.alerts()
        assert alert.state is AlertState.OPEN
        mail = mail_of(alert)
        assert (mail.state, "550 5.1.1" in mail.last_error) == ("superseded", True)
        assert "Send the text below to Seko's customer service" in to_seller(world)[-1].text
        with world.store.read() as tx:
            assert tx.outbox.state().refused == 0


def test_a_mail_server_that_is_down_delays_the_mail_only(world_on: MakeWorld) -> None:
    """
    Temporary errors: tried again under one reference, with a fresh look each time.
    """
    with world_on() as world:
        world.inboxes.smtp_answers[SEKO] = "450 mailbox busy"
        world.take(order(ONE, **LATE))
        world.run_until(at("2026-11-18 12:00"), HALF_HOUR)
        assert "is going to mail" in to_seller(world)[0].text
        del world.inboxes.smtp_answers[SEKO]
        world.run_until(at("2026-11-18 19:00"), HALF_HOUR)
        (mail,) = to_seko(world)
        (alert,) = world.alerts()
        assert (alert.state, alert.acted_at) == (AlertState.ACTED, mail.at)
        assert mail.at - alert.proof.looked_at <= timedelta(minutes=90)


def test_switched_off_in_the_meantime(world_on: MakeWorld) -> None:
    """
    A mail that waits is not sent after the switch was turned off, and the seller urges.
    """
    with world_on() as world:
        world.take(order(ONE, **LATE))
        world.run_until(at("2026-11-18 07:00"), HALF_HOUR)
        world._config.write_text(world._config.read_text().replace("mail_urges = true", ""))
        world.reconfigure("")
        world.run_until(at("2026-11-18 12:00"), HALF_HOUR)
        assert to_seko(world) == []
        assert "Send the text below to Seko's customer service" in to_seller(world)[0].text


def test_a_scan_is_told_to_the_seller_and_not_to_seko(world_on: MakeWorld) -> None:
    """
    The end of the alert is news for the shop only.
    """
    with world_on() as world:
        world.take(order(ONE, **LATE))
        seko(world).tell(ONE, "2026-11-18 13:00", (receipt("2026-11-18 12:30"),))
        world.run_until(at("2026-11-18 19:00"), HALF_HOUR)
        assert [world.content(one) for one in to_seller(world)] == [
            f"urge_scan first {ONE}",
            f"urge_scan resolved {ONE}",
        ]
        assert len(to_seko(world)) == 1


def test_near_the_cancellation_the_seller_still_reads_both_steps(world_on: MakeWorld) -> None:
    """
    Seko was mailed; the claim for more lead time is the seller's to raise.
    """
    with world_on("2026-11-12 18:00") as world:
        facts = {"created_at": at("2026-11-11 12:00"), "handed_over_at": at("2026-11-13 10:00")}
        world.take(order(ONE, **facts))
        world.run_until(at("2026-11-17 09:00"), HALF_HOUR)
        (told,) = to_seller(world)
        assert "mailed Seko's customer service" in told.text
        assert "Raise a claim for more lead time today as well" in told.text


def test_a_power_cut_after_the_mail_repeats_it_recognisably(world_on: MakeWorld) -> None:
    """
    Sent, not marked: the same Message-ID, worded as a possible repeat in both languages (P3).
    """
    clock = MortalClock(at(EVENING))
    with world_on(clock=clock) as world:
        world.take(order(ONE, **LATE))
        world.run_until(at("2026-11-18 08:00"), HALF_HOUR)
        clock.now = at("2026-11-18 08:31")
        clock.die_after_next_message(world.inboxes)
        with pytest.raises(PowerCut):
            world.tick()
        (alert,) = world.alerts()
        assert (len(to_seko(world)), alert.state) == (1, AlertState.OPEN)
        world.restart()
        world.run_until(at("2026-11-18 12:00"), HALF_HOUR)
        first, again = to_seko(world)
        assert first.reference == again.reference
        assert (first.repeat, again.repeat) == (False, True)
        assert "Possible repeat" in again.text
        assert "可能重复" in again.text
        (alert,) = world.alerts()
        assert (alert.state, alert.acted_at) == (AlertState.ACTED, again.at)


@pytest.mark.parametrize("point", [CrashPoint.CLAIMING_DELIVERY, *DELIVERY_POINTS])
def test_p2_a_crash_around_the_mail_loses_nothing(point: CrashPoint, world_on: MakeWorld) -> None:
    """
    A process that dies while it mails Seko: the next one mails it, marks it and tells the seller.
    """
    now = MortalClock(utc_now())
    with world_on(clock=now, watch='send_window = "always"') as world:
        world.take(order(ONE, handed_over_at=now.now - timedelta(days=20)))
        world.watcher.poll(CarrierName.SEKO)
        world.watcher.decide()
        crash(point)
        now.now = utc_now() + HALF_HOUR
        old = world.watcher
        again = Watcher(old.settings, old.store, old.clock, mode=ONCE, crawls=old._crawls)
        assert run_once(again, lambda _: None).ok
        repeated = point in {CrashPoint.SENT_MESSAGE, CrashPoint.MARKING_SENT}
        mails = to_seko(world)
        assert len(mails) == 1 + repeated
        assert mails[-1].repeat is (point is not CrashPoint.CLAIMING_DELIVERY)  # it may be one
        assert len({one.reference for one in mails}) == 1
        (alert,) = world.alerts()
        assert (alert.state, urged_by_mail(alert)) == (AlertState.ACTED, True)
        assert [world.content(one) for one in to_seller(world)] == [f"urge_scan first {ONE}"]


def crash(point: CrashPoint) -> None:
    """
    A round in a process of its own died at the point; nothing was due to be looked up.
    """
    ended = subprocess.run(
        [sys.executable, "-c", CRASHING_ROUND, "run", "--once", point.value],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == EXIT_CODE, ended.stderr


def test_the_operator_hears_nothing_of_a_mail_that_went(world_on: MakeWorld) -> None:
    """
    It is a shop's matter.
    """
    with world_on() as world:
        world.take(order(ONE, **LATE))
        world.run_until(at("2026-11-18 12:00"), HALF_HOUR)
        assert OPERATOR not in {one.recipient for one in world.arrived}
