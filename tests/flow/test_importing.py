"""
Order rows on a real store: what is counted, what is kept, what follows (contract.md, Import).
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from tests.support.world import (
    SHOP,
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
    CarrierName,
    ClosedBecause,
    ImportResult,
    ParcelState,
    ReadyToShipSource,
    SellerStatus,
    Service,
    UsageError,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.world import World

OLD = ds_number(319365301)
NEW = ds_number(319365302)
ORDER = "319365301"
HANDED_OVER = at("2026-11-16 16:00")
SCAN_KINDS = {AlertKind.URGE_SCAN, AlertKind.RAISE_CLAIM}


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """
    A world on Wednesday morning in which Seko shows nothing yet of the two numbers.
    """
    clock = ScriptedClock(at("2026-11-18 09:00"))
    crawls = {carrier: ScriptedCrawl(carrier, clock) for carrier in CarrierName}
    for number in (OLD, NEW):
        crawls[CarrierName.SEKO].tell(number, "2026-11-01 00:00", ())
    with opened_world(tmp_path, monkeypatch, clock, crawls=crawls) as opened:
        yield opened


def counts(result: ImportResult) -> tuple[int, int, int, int, int]:
    """
    (added, updated, unchanged, refused, without a number).
    """
    return (
        result.added,
        result.updated,
        result.unchanged,
        len(result.refused),
        result.no_number,
    )


def item(key: str | None, number: str | None, **facts: object) -> object:
    """
    One item of the same order.
    """
    return order(number, order_number=ORDER, order_item_id=key, **facts)


def kinds(world: World, state: str = "all") -> list[AlertKind]:
    """
    The kinds of the stored alerts.
    """
    return [alert.kind for alert in world.alerts(state)]


def test_the_same_rows_again_change_nothing(world: World) -> None:
    """
    A second import of the same rows counts them as unchanged and leaves the parcels as they are.
    """
    rows = [
        order(OLD, handed_over_at=HANDED_OVER, status=SellerStatus.READY_TO_SHIP),
        order(postal_number(47312482), created_at=at("2026-11-15 10:00")),
        order(None, order_number="42", order_item_id="1", sku="A"),
    ]
    assert counts(world.take(*rows)) == (2, 0, 0, 0, 1)
    before = [world.parcel(row.tracking_number) for row in rows[:2] if row.tracking_number]
    assert counts(world.take(*rows)) == (0, 0, 2, 0, 1)
    assert [world.parcel(row.tracking_number) for row in rows[:2] if row.tracking_number] == before


def test_one_new_fact_counts_as_an_update(world: World) -> None:
    """
    A changed status is an update; a fact that a later file lacks is not forgotten.
    """
    world.take(order(OLD, handed_over_at=HANDED_OVER, sku="A"))
    changed = world.take(order(OLD, status=SellerStatus.READY_TO_SHIP))
    assert counts(changed) == (0, 1, 0, 0, 0)
    parcel = world.parcel(OLD)
    assert (parcel.handed_over_at, parcel.sku) == (HANDED_OVER, "A")


def test_items_of_one_parcel_are_counted_as_rows(world: World) -> None:
    """
    Three items under one number and order are one parcel and three added rows.
    """
    result = world.take(item("1", OLD), item("2", OLD), item("3", OLD))
    assert counts(result) == (3, 0, 0, 0, 0)
    with world.store.read() as tx:
        assert tx.parcels.count() == 1


def test_the_same_item_twice_the_last_wins(world: World) -> None:
    """
    Of two rows on one item the later one counts.
    """
    world.take(
        item("1", OLD, status=SellerStatus.PENDING),
        item("1", OLD, status=SellerStatus.READY_TO_SHIP),
    )
    assert world.parcel(OLD).seller_status is SellerStatus.READY_TO_SHIP


def test_the_same_number_under_two_orders_is_refused(world: World) -> None:
    """
    The first order keeps the number; the other row is refused with both orders named.
    """
    world.take(order(OLD, order_number="111"))
    result = world.take(order(OLD, order_number="222", line=7))
    assert counts(result) == (0, 0, 0, 1, 0)
    (refused,) = result.refused
    assert (refused.file, refused.line) == ("orders.csv", 7)
    assert "111" in refused.reason
    assert "222" in refused.reason
    assert world.parcel(OLD).order_number == "111"


@pytest.mark.parametrize("key", ["1", None])
def test_a_number_that_comes_later_replaces_the_placeholder(world: World, key: str | None) -> None:
    """
    A row without a number is kept and becomes the parcel when its number comes, item id or not.
    """
    assert counts(world.take(item(key, None, sku="A"))) == (0, 0, 0, 0, 1)
    with world.store.read() as tx:
        (waiting,) = tx.parcels.matching(world.clock())
    assert waiting.state is ParcelState.NO_NUMBER
    assert waiting.next_look_at is None
    world.take(item(key, OLD, sku="A"))
    with world.store.read() as tx:
        (parcel,) = tx.parcels.matching(world.clock())
    assert (parcel.tracking_number, parcel.state) == (OLD, ParcelState.WAITING)


def test_an_older_export_does_not_take_the_number_away(world: World) -> None:
    """
    A row without a number for an item whose number is known counts and changes nothing.
    """
    world.take(item("1", OLD))
    assert counts(world.take(item("1", None))) == (0, 0, 0, 0, 1)
    assert world.parcel(OLD).state is ParcelState.WAITING


def test_r24_a_changed_number_supersedes_and_withdraws(world: World) -> None:
    """
    The item travels under another number: the old alert is withdrawn, the hand-over moves along.
    """
    world.take(item("1", OLD, handed_over_at=HANDED_OVER))
    world.tick()
    assert kinds(world, "open") == [AlertKind.URGE_SCAN]
    world.take(item("1", NEW))
    world.clock.now += timedelta(minutes=5)
    world.tick()
    assert world.parcel(OLD).state is ParcelState.SUPERSEDED
    assert world.parcel(NEW).handed_over_at == HANDED_OVER
    old = next(alert for alert in world.alerts() if alert.tracking_numbers == (OLD,))
    assert old.closed_because is ClosedBecause.NUMBER_CHANGED
    told = {content for _, _, content in world.told()}
    assert told >= {f"urge_scan first {OLD}", f"urge_scan withdrawn {OLD}"}


def test_r24_the_orders_times_move_along(world: World) -> None:
    """
    The new number's row is thin: its order is cancelled when the old one's was to be, and claimed.
    """
    facts = {"created_at": at("2026-11-12 10:00"), "ready_to_ship_at": at("2026-11-12 12:00")}
    world.take(item("1", OLD, handed_over_at=at("2026-11-16 10:00"), **facts))
    before = world.parcel(OLD)
    world.take(item("1", NEW))
    after = world.parcel(NEW)
    assert (after.created_at, after.auto_cancel_at) == (before.created_at, before.auto_cancel_at)
    assert after.ready_to_ship_at == before.ready_to_ship_at
    assert after.ready_to_ship_source is ReadyToShipSource.GIVEN
    world.run_until(at("2026-11-18 20:00"), timedelta(minutes=30))
    assert AlertKind.RAISE_CLAIM in kinds(world, "open")  # one lead-time day before it


def test_r24_a_row_that_says_more_keeps_its_own_times(world: World) -> None:
    """
    What the new row gives is not overwritten.
    """
    world.take(item("1", OLD, created_at=at("2026-11-12 10:00")))
    own = {"created_at": at("2026-11-13 10:00"), "ready_to_ship_at": at("2026-11-13 12:00")}
    world.take(item("1", NEW, **own))
    after = world.parcel(NEW)
    assert (after.created_at, after.ready_to_ship_at) == tuple(own.values())


def test_r24_a_parcel_that_keeps_an_item_is_not_superseded(world: World) -> None:
    """
    Only a parcel that is left without items is superseded.
    """
    world.take(item("1", OLD), item("2", OLD))
    world.take(item("1", NEW))
    assert world.parcel(OLD).state is ParcelState.WAITING
    assert world.parcel(NEW).state is ParcelState.WAITING


def test_r24_the_old_number_again_is_watched_again(world: World) -> None:
    """
    An item that goes back to its first number restores that parcel.
    """
    world.take(item("1", OLD))
    world.take(item("1", NEW))
    world.take(item("1", OLD))
    assert world.parcel(OLD).state is ParcelState.WAITING
    assert world.parcel(OLD).next_look_at is not None
    assert world.parcel(NEW).state is ParcelState.SUPERSEDED


def test_r25_an_assumed_hand_over_accuses_nobody(world: World) -> None:
    """
    Ready to ship last week and never confirmed: the seller is asked, and nothing else opens.
    """
    world.take(
        order(
            OLD,
            created_at=at("2026-11-09 10:00"),
            ready_to_ship_at=at("2026-11-10 10:00"),
            status=SellerStatus.READY_TO_SHIP,
        )
    )
    parcel = world.parcel(OLD)
    assert parcel.handover_assumed
    assert parcel.ready_to_ship_source is ReadyToShipSource.GIVEN
    world.run_until(at("2026-11-18 20:00"), timedelta(hours=1))
    assert kinds(world) == [AlertKind.CONFIRM_HANDOVER]


def test_r25_confirming_the_hand_over_starts_the_ladder(world: World) -> None:
    """
    Once the hand-over is given, the question closes and the late parcel is urged.
    """
    world.take(order(OLD, ready_to_ship_at=at("2026-11-10 10:00")))
    world.tick()
    world.take(order(OLD, handed_over_at=HANDED_OVER))
    world.clock.now += timedelta(minutes=5)
    world.tick()
    world.tick()
    assert kinds(world, "open") == [AlertKind.URGE_SCAN]


@pytest.mark.parametrize(
    ("facts", "source"),
    [
        ({"ready_to_ship_at": at("2026-11-17 10:00")}, ReadyToShipSource.GIVEN),
        (
            {"status": SellerStatus.READY_TO_SHIP, "updated_at": at("2026-11-17 10:00")},
            ReadyToShipSource.STATUS_CHANGE,
        ),
        ({"created_at": at("2026-11-17 10:00")}, ReadyToShipSource.CREATED),
        ({}, ReadyToShipSource.FIRST_SEEN),
    ],
)
def test_r25_the_ready_to_ship_time_is_labelled(
    world: World, facts: dict[str, object], source: ReadyToShipSource
) -> None:
    """
    Given, else the last status change, else created, else first sighting; and it says which.
    """
    world.take(order(OLD, **facts))
    assert world.parcel(OLD).ready_to_ship_source is source


@pytest.mark.parametrize(
    "status",
    [
        SellerStatus.SHIPPED,
        SellerStatus.DELIVERED,
        SellerStatus.FAILED,
        SellerStatus.RETURNED,
        SellerStatus.CANCELED,
    ],
)
def test_an_ended_order_is_stored_and_never_polled(world: World, status: SellerStatus) -> None:
    """
    Shipped or later, or cancelled before any given hand-over: kept, and nobody looks.
    """
    world.take(order(OLD, status=status, created_at=at("2026-11-09 10:00")))
    world.run_until(at("2026-11-18 20:00"), timedelta(hours=2))
    assert world.parcel(OLD).state is ParcelState.ENDED
    assert world.looks(OLD) == ()
    assert world.alerts() == ()


def test_r26_cancelled_before_the_deadline_is_over(world: World) -> None:
    """
    A cancellation that was seen before the deadline leaves nothing to claim.
    """
    world.take(order(OLD, handed_over_at=at("2026-11-17 10:00")))
    world.take(order(OLD, status=SellerStatus.CANCELED))
    world.run_until(at("2026-11-20 12:00"), timedelta(hours=2))
    assert set(kinds(world)) & SCAN_KINDS == set()


def test_r26_cancelled_after_the_deadline_is_claimed(world: World) -> None:
    """
    The deadline had passed unscanned when the order was cancelled: the urging becomes a claim.

    Beside it the parcel is to be got back.
    """
    world.take(order(OLD, handed_over_at=HANDED_OVER))
    world.tick()
    world.clock.now = at("2026-11-18 11:00")
    world.take(order(OLD, status=SellerStatus.CANCELED))
    world.run_until(at("2026-11-18 14:00"), timedelta(minutes=30))
    urge, *others = sorted(world.alerts(), key=lambda one: one.kind != AlertKind.URGE_SCAN)
    claim, retrieve = sorted(others, key=lambda one: one.kind)
    assert (urge.kind, urge.closed_because) == (AlertKind.URGE_SCAN, ClosedBecause.SELLER_STATUS)
    assert (retrieve.kind, retrieve.closed_at) == (AlertKind.RETRIEVE_PARCEL, None)
    assert (claim.kind, claim.reason) == (AlertKind.RAISE_CLAIM, "cancelled_unscanned")
    assert claim.closed_at is None
    assert not any("resolved" in content for _, _, content in world.told())


@pytest.mark.parametrize(
    "status", [SellerStatus.SHIPPED, SellerStatus.DELIVERED, SellerStatus.RETURNED]
)
def test_r26_a_platform_that_says_scanned_closes_the_alert(
    world: World, status: SellerStatus
) -> None:
    """
    SHIPPED or later ends the urging, and who was told reads that it is settled.
    """
    world.take(order(OLD, handed_over_at=HANDED_OVER))
    world.tick()
    world.clock.now += timedelta(hours=2)
    world.take(order(OLD, status=status))
    world.tick()
    (alert,) = world.alerts()
    assert alert.closed_because is ClosedBecause.SELLER_STATUS
    assert len([one for one in world.told() if "urge_scan resolved" in one[2]]) == 2


def test_a_parcel_is_cancelled_only_when_every_item_is(world: World) -> None:
    """
    One cancelled item of two does not end the watch.
    """
    world.take(
        item("1", OLD, status=SellerStatus.CANCELED),
        item("2", OLD, status=SellerStatus.READY_TO_SHIP),
    )
    assert world.parcel(OLD).seller_status is SellerStatus.READY_TO_SHIP


def test_orders_older_than_95_days_are_archived(world: World) -> None:
    """
    An old order is kept, looked at by nobody and opens nothing.
    """
    world.take(order(OLD, created_at=at("2026-08-10 10:00"), handed_over_at=at("2026-08-12 10:00")))
    world.take(order(NEW, created_at=at("2026-08-20 10:00")))
    world.tick()
    assert world.parcel(OLD).state is ParcelState.ARCHIVED
    assert world.looks(OLD) == ()
    assert world.parcel(NEW).state is not ParcelState.ARCHIVED
    assert not any(OLD in alert.tracking_numbers for alert in world.alerts())


def test_an_unconfigured_shop_is_taken_with_a_warning(world: World) -> None:
    """
    Its alerts go to the operator, and the import says so.
    """
    result = world.take(order(OLD, shop="Unheard Of", handed_over_at=HANDED_OVER))
    assert counts(result) == (1, 0, 0, 0, 0)
    assert any("Unheard Of" in warning for warning in result.warnings)
    world.tick()
    assert {recipient for _, recipient, _ in world.told()} == {"operator@watch.example"}


def test_the_only_configured_shop_is_taken_for_rows_without_one(world: World) -> None:
    """
    No option and no column: the one configured shop it is; an option goes before the column.
    """
    world.take(order(OLD, shop=None), order(NEW, shop="Somebody"), shop=None)
    assert (world.parcel(OLD).shop, world.parcel(NEW).shop) == (SHOP, "Somebody")
    world.take(order(NEW, shop="Somebody"), shop=SHOP)
    assert world.parcel(NEW).shop == SHOP


def test_a_shop_that_nobody_can_tell_refuses_everything(world: World) -> None:
    """
    With two configured shops a row without a shop is a usage error, and nothing is written.
    """
    world.reconfigure('\n[[shops]]\nname = "Nairobi Nets"\nemail = ["n@nairobi.example"]\n')
    with pytest.raises(UsageError, match="--shop"):
        world.take(order(OLD, shop=SHOP), order(NEW, shop=None, line=3))
    with world.store.read() as tx:
        assert tx.parcels.count() == 0


def test_service_and_carrier_follow_number_station_and_text(world: World) -> None:
    """
    A postal number is Clevy's and a JG number Seko's; a foreign station has no carrier.
    """
    postal = postal_number(47312482)
    stranger = ds_number(319365399)
    world.take(
        order(OLD),
        order(postal),
        order(stranger, station="EG-JG-EDFA3LY-China"),
    )
    known = {number: world.parcel(number) for number in (OLD, postal, stranger)}
    assert (known[OLD].service, known[OLD].carrier) == (Service.DS, CarrierName.SEKO)
    assert (known[postal].service, known[postal].carrier) == (Service.POSTAL, CarrierName.CLEVY)
    assert known[stranger].carrier is None


def test_a_wrong_check_digit_is_a_warning(world: World) -> None:
    """
    The parcel is watched all the same.
    """
    good = postal_number(47312482)
    wrong = good[:10] + str((int(good[10]) + 1) % 10) + good[11:]
    result = world.take(order(wrong))
    assert counts(result) == (1, 0, 0, 0, 0)
    assert any("check digit" in warning for warning in result.warnings)


def test_first_import_is_one_digest(world: World) -> None:
    """
    Forty late parcels at once are one message for each recipient, all numbers in it.
    """
    numbers = [ds_number(319365400 + n) for n in range(40)]
    seko = world.watcher._crawls[CarrierName.SEKO]
    for number in numbers:
        seko.tell(number, "2026-11-01 00:00", ())
    world.take(*(order(number, handed_over_at=HANDED_OVER) for number in numbers))
    world.run_until(at("2026-11-18 09:50"))
    assert len(world.arrived) == 2
    assert all(number in world.content(world.arrived[0]) for number in numbers)
