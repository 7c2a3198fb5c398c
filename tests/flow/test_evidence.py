"""
The proof of an alert as files for a carrier: from a real look at a practice portal to its digest.
"""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import update

from tests.support.world import (
    RealCrawl,
    ScriptedClock,
    ScriptedCrawl,
    at,
    opened_world,
    order,
    postal_number,
)
from tracker.model import AlertKind, CarrierName, UsageError
from tracker.proofs.exporting import EvidenceFolder, Exported
from tracker.proofs.keeping import SAID_FOR
from tracker.status.health import health_of
from tracker.store.tables import evidence

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.world import World
    from tracker.crawl import CrawlProcess
    from tracker.practice.server import PracticeServer

NUMBER = postal_number(47312482)
KEEP = timedelta(days=180)


@pytest.fixture
def world(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    clevy_child: CrawlProcess,
    portal: PracticeServer,
) -> Iterator[World]:
    """
    An unscanned postal parcel, looked at through Clevy's practice API until its claim is open.
    """
    portal.set_events(NUMBER, [])
    clock = ScriptedClock(at("2026-11-17 23:50"))
    crawls = {
        CarrierName.CLEVY: RealCrawl(clevy_child, clock),
        CarrierName.SEKO: ScriptedCrawl(CarrierName.SEKO, clock),
    }
    with opened_world(tmp_path, monkeypatch, clock, crawls=crawls, portal=portal) as opened:
        opened.take(order(NUMBER, handed_over_at=at("2026-11-16 16:00")))
        opened.run_until(at("2026-11-18 09:00"), timedelta(minutes=30))
        yield opened


def export(world: World, folder: Path) -> tuple[Exported, dict[str, Any]]:
    """
    What was written, and the index.
    """
    with world.store.read() as tx:
        done = EvidenceFolder(tx, folder, KEEP).write([world.parcel(NUMBER)], world.clock())
    index: dict[str, Any] = json.loads((folder / "index.json").read_text(encoding="utf-8"))
    return done, index


def proofs(index: dict[str, Any]) -> list[dict[str, Any]]:
    """
    The evidence of each look of the index that has any.
    """
    return [look["evidence"] for look in index["parcels"][0]["looks"] if look["evidence"]]


def test_the_proof_of_an_alert_can_be_recomputed_from_its_files(
    world: World, tmp_path: Path
) -> None:
    """
    The claim's proof is among the exported looks, and its digest follows from file and index.
    """
    (claim,) = [one for one in world.alerts() if one.kind is AlertKind.RAISE_CLAIM]
    assert claim.proof is not None
    done, index = export(world, tmp_path / "proof")
    by_id = {look["look_id"]: look["evidence"] for look in index["parcels"][0]["looks"]}
    kept = by_id[claim.proof.look_id]
    body = (tmp_path / "proof" / kept["file"]).read_bytes()
    assert NUMBER in body.decode()
    head = f"{kept['url']}\n{kept['http_status']}\n".encode()
    assert hashlib.sha256(head + body).hexdigest() == kept["sha256"]
    assert hashlib.sha256(body).hexdigest() == kept["file_sha256"]
    assert kept["file"].endswith(".json")
    assert kept["intact"] is True
    assert kept["reader"]
    assert done == Exported(answers=len({one["file"] for one in proofs(index)}))


def test_a_failed_look_that_got_an_answer_can_be_shown(
    world: World, portal: PracticeServer, tmp_path: Path
) -> None:
    """
    What the portal sent instead of an answer is exported with the look that it spoilt.
    """
    portal.set_scenario(NUMBER, "unreadable")
    world.run_until(at("2026-11-18 15:00"), timedelta(minutes=30))
    _, index = export(world, tmp_path / "proof")
    bad = [look for look in index["parcels"][0]["looks"] if look["outcome"] == "unreadable"]
    assert bad != []
    assert all((tmp_path / "proof" / look["evidence"]["file"]).exists() for look in bad)


def test_nothing_is_overwritten(world: World, tmp_path: Path) -> None:
    """
    A folder with an index, or with a file of that name, is left as it is.
    """
    folder = tmp_path / "proof"
    export(world, folder)
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    with pytest.raises(UsageError, match=r"index\.json already"):
        export(world, folder)
    (folder / "index.json").unlink()
    with pytest.raises(UsageError, match="File exists"):
        export(world, folder)
    assert {path.name: path.read_bytes() for path in folder.iterdir()}.items() <= before.items()


def test_evidence_that_was_changed_is_said_to_be(world: World, tmp_path: Path) -> None:
    """
    A body that was altered in the database proves nothing, and the export says so.
    """
    with world.store.begin() as tx:
        tx._connection.execute(update(evidence).values(http_status=418))
    done, index = export(world, tmp_path / "proof")
    assert done.broken != []
    assert {one["intact"] for one in proofs(index)} == {False}


def test_answers_that_had_no_room_are_a_warning(
    world: World, portal: PracticeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    Housekeeping drops what nothing open rests on, and ``status`` says so for a month.
    """
    portal.set_scenario(NUMBER, "unreadable")
    world.run_until(at("2026-11-18 15:00"), timedelta(minutes=30))
    with world.store.begin() as tx:
        tx._connection.execute(update(evidence).values(size=evidence.c.size + 10**9))
        full = tx.evidence.size()
    kept = [look for look in world.looks(NUMBER) if look.evidence is not None]
    assert len({look.evidence.sha256 for look in kept if look.evidence}) > 1
    monkeypatch.setenv("TRACKER_WATCH__EVIDENCE_MEGABYTES", "50")
    world.reconfigure("")
    world.watcher.keep_house()
    with world.store.read() as tx:
        assert tx.evidence.size() < full
    (claim,) = [one for one in world.alerts() if one.kind is AlertKind.RAISE_CLAIM]
    left = [look.id for look in world.looks(NUMBER) if look.evidence is not None]
    assert claim.proof is not None
    assert claim.proof.look_id in left
    health = health_of(world.settings, world.store, world.clock())
    assert "watch.evidence_megabytes" in health.warnings[0]
    assert health.shape()["warnings"] == list(health.warnings)
    later = health_of(world.settings, world.store, world.clock() + SAID_FOR * 2)
    assert later.warnings == ()
