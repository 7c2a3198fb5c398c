"""
What people tell of scans: kept beside the carriers' events, on both engines.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.support.builders import NOON, add_parcel, after, announced, event, report
from tracker.model import Outcome, Stage, StoredSighting

if TYPE_CHECKING:
    from tracker.model import Parcel
    from tracker.store import Store

TOLD = StoredSighting(
    scanned_at=after(hours=-30), source="chat \N{RIGHTWARDS ARROW} 客服", told_at=NOON
)


def _tell(store: Store, parcel_id: int, *told: StoredSighting) -> list[bool]:
    with store.begin() as tx:
        news = [tx.sightings.tell(parcel_id, one.scanned_at, one.source, NOON) for one in told]
        tx.looks.resummarise(parcel_id)
    return news


def _parcel(store: Store, parcel_id: int) -> Parcel:
    with store.read() as tx:
        record = tx.parcels.get(parcel_id, NOON)
    assert record is not None
    return record.parcel


def test_a_telling_comes_back_once(store: Store) -> None:
    """
    The same scan from the same source is kept once; a NUL in its source is left out.
    """
    parcel_id = add_parcel(store)
    hostile = StoredSighting(scanned_at=after(hours=-29), source="a\0b", told_at=NOON)
    assert _tell(store, parcel_id, TOLD, TOLD, hostile) == [True, False, True]
    with store.read() as tx:
        assert [one.source for one in tx.sightings.of(parcel_id)] == [TOLD.source, "ab"]
        assert tx.sightings.of(parcel_id)[0] == TOLD


def test_looks_keep_what_a_person_told(store: Store) -> None:
    """
    Whatever a later look comes to, the parcel stays scanned since the earliest known scan.
    """
    parcel_id = add_parcel(store)
    _tell(store, parcel_id, TOLD)
    looks = (report(), report(announced()), report(outcome=Outcome.BLOCKED), report(event()))
    for minute, look in enumerate(looks):
        with store.begin() as tx:
            recorded = tx.looks.record(parcel_id, look)
        parcel = _parcel(store, parcel_id)
        assert (parcel.scanned, parcel.first_scan_at) == (True, TOLD.scanned_at), minute
        assert not recorded.first_scan
    with store.read() as tx:
        assert {look.flag for look in tx.looks.of(parcel_id)} == {None}
    assert _parcel(store, parcel_id).stage is Stage.RECEIVED


def test_a_carriers_earlier_scan_comes_first(store: Store) -> None:
    """
    The first scan is the earliest of what carriers show and people tell.
    """
    parcel_id = add_parcel(store)
    _tell(store, parcel_id, TOLD)
    with store.begin() as tx:
        tx.looks.record(parcel_id, report(event(occurred_at=after(hours=-40))))
    assert _parcel(store, parcel_id).first_scan_at == after(hours=-40)


def test_taken_back_leaves_what_the_carrier_showed(store: Store) -> None:
    """
    Without people's word a parcel is as the carrier shows it.
    """
    told_only, both = add_parcel(store), add_parcel(store, 2)
    for parcel_id in (told_only, both):
        _tell(store, parcel_id, TOLD)
    with store.begin() as tx:
        tx.looks.record(both, report(event()))
        assert [tx.sightings.withdraw(one) for one in (told_only, both, both)] == [1, 1, 0]
        tx.looks.resummarise(told_only)
        tx.looks.resummarise(both)
    assert not _parcel(store, told_only).scanned
    assert _parcel(store, told_only).first_scan_at is None
    assert _parcel(store, both).first_scan_at == after(days=-1)
