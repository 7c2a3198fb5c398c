"""
``tracker claims export``: the folder, the index, the exit codes and the JSON lines.
"""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from alerts.claims.folder import new_folder
from tests.support.builders import after, number
from tests.support.claims import looked, rows, to_claim
from tracker.model import UsageError
from tracker.settings import load_settings
from tracker.store import open_store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.support.cli import Ended
    from tracker.store import Store

    Tracker = Callable[..., Ended]

FILE_KEYS = ["file", "kind", "country", "shops", "tracking_numbers", "bytes"]
SUMMARY_KEYS = ["folder", "claims", "follow_ups", "too_old", "claimed", "files", "problems"]


@contextmanager
def stored() -> Iterator[Store]:
    """
    The store of the configuration.
    """
    store = open_store(load_settings().database_url)
    yield store
    store.close()


@pytest.fixture
def claim(workplace: Path) -> None:
    """
    One parcel to claim, looked at once.
    """
    with stored() as store:
        looked(store, to_claim(store))


def test_export_writes_a_folder_of_its_own(tracker: Tracker, claim: None, tmp_path: Path) -> None:
    """
    Table, evidence and index stand there; a second run has another folder and changes nothing.
    """
    ended = tracker("claims", "export", "--out", "packs")
    assert ended.code == 0
    (folder,) = (tmp_path / "packs").iterdir()
    names = sorted(path.name for path in folder.iterdir())
    assert names == ["claims-NG.xlsx", f"evidence-{number()}-1.html", "index.json", "index.txt"]
    assert f"Written to packs/{folder.name}" in ended.out
    assert "1 to claim, 0 to follow up" in ended.out
    before = {path: path.read_bytes() for path in folder.iterdir()}
    assert tracker("claims", "export", "--out", "packs").code == 0
    assert len(list((tmp_path / "packs").iterdir())) == 2
    assert {path: path.read_bytes() for path in folder.iterdir()} == before


def test_index_says_the_next_step(tracker: Tracker, claim: None, tmp_path: Path) -> None:
    """
    Country site, the form's fields, the files, "never again", and how to mark it.
    """
    tracker("claims", "export", "--out", "packs")
    (folder,) = (tmp_path / "packs").iterdir()
    text = (folder / "index.txt").read_text()
    for said in (
        "Site 国家站点: NG (1 parcel)",
        "shop name 店铺名称: Lagos Lights",
        "(not configured: registered_email of the shop)",
        "parcel not scanned at the sorting centre",
        "claims-NG.xlsx",
        f"evidence-{number()}-1.html",
        "NEVER AGAIN",
        "tracker alerts claimed 1 --case-id 12345678",
    ):
        assert said in text
    told = json.loads((folder / "index.json").read_text())
    assert [one["tracking_number"] for one in told["parcels"]] == [number()]
    assert tracker("alerts", "claimed", "1", "--case-id", "12345678").code == 0
    assert tracker("claims", "export", "--out", "packs", "--json").one["claimed"] == 1


def test_json_lists_files_and_a_summary(tracker: Tracker, claim: None, tmp_path: Path) -> None:
    """
    One line for each file, with its true size, and a last one with the counts.
    """
    *files, summary = tracker("claims", "export", "--out", "packs", "--json").lines
    assert [list(one) for one in files] == [FILE_KEYS] * 4
    assert list(summary) == SUMMARY_KEYS
    folder = tmp_path / summary["folder"]
    assert {one["file"]: one["bytes"] for one in files} == {
        path.name: path.stat().st_size for path in folder.iterdir()
    }
    assert (summary["claims"], summary["files"], summary["problems"]) == (1, 4, [])


def test_dry_run_writes_nothing(tracker: Tracker, claim: None, tmp_path: Path) -> None:
    """
    The same list, and no folder.
    """
    ended = tracker("claims", "export", "--out", "packs", "--dry-run", "--json")
    *files, summary = ended.lines
    assert (ended.code, len(files), summary["folder"]) == (0, 4, None)
    assert not (tmp_path / "packs").exists()


def test_nothing_to_claim_is_no_folder(tracker: Tracker, claim: None, tmp_path: Path) -> None:
    """
    Another country has nothing to claim: exit 0, and nothing is written.
    """
    ended = tracker("claims", "export", "--out", "packs", "--country", "kenya", "--json")
    assert (ended.code, ended.one["claims"], ended.one["folder"]) == (0, 0, None)
    assert not (tmp_path / "packs").exists()


def test_country_is_known_by_name_and_station_code(tracker: Tracker, workplace: Path) -> None:
    """
    ``--country IC`` and ``--country "Ivory Coast"`` mean CI.
    """
    with stored() as store:
        to_claim(store, country="CI")
    for name in ("IC", "ivory coast", "ci"):
        ended = tracker("claims", "export", "--out", "packs", "--country", name, "--dry-run")
        assert "claims-CI.xlsx" in ended.out


def test_out_that_cannot_be_written_is_one_sentence(
    tracker: Tracker, claim: None, tmp_path: Path
) -> None:
    """
    Exit 2 with the place and the reason, and nothing half done.
    """
    (tmp_path / "packs").write_text("a file")
    ended = tracker("claims", "export", "--out", "packs")
    assert ended.code == 2
    assert ended.err.startswith("tracker: packs cannot be written")


def test_a_failing_run_leaves_nothing(tmp_path: Path) -> None:
    """
    A folder is there as a whole or not at all, the hidden one included.
    """
    out = tmp_path / "packs"

    def fail() -> None:
        with new_folder(out, "claims") as shelf:
            shelf.put("a.txt", b"a")
            assert len(list(out.iterdir())) == 1
            raise UsageError("no")

    with pytest.raises(UsageError):
        fail()
    assert list(out.iterdir()) == []


def test_a_name_that_is_taken_gets_a_number(tmp_path: Path) -> None:
    """
    An empty folder of that name is somebody's, too.
    """
    (tmp_path / "claims").mkdir()
    with new_folder(tmp_path, "claims") as shelf:
        shelf.put("a.txt", b"a")
    assert shelf.final == tmp_path / "claims-2"
    assert list((tmp_path / "claims").iterdir()) == []


def test_several_shops_of_one_country_are_told(
    tracker: Tracker, claim: None, tmp_path: Path
) -> None:
    """
    One table for the site, and the advice to make a pack for each shop.
    """
    with stored() as store:
        to_claim(store, 2, shop="Abuja Audio")
    tracker("claims", "export", "--out", "packs")
    (folder,) = (tmp_path / "packs").iterdir()
    assert len(rows((folder / "claims-NG.xlsx").read_bytes())) == 2
    assert "`--shop NAME` writes a pack for each" in (folder / "index.txt").read_text()


def test_an_old_order_status_is_said(tracker: Tracker, workplace: Path, tmp_path: Path) -> None:
    """
    A status seen before the deadline proves nothing about today; one seen after it is no matter.
    """
    with stored() as store:
        to_claim(store, 1, seller_status_at=after(days=-3))
        to_claim(store, 2, seller_status_at=after(days=1))
    tracker("claims", "export", "--out", "packs")
    (folder,) = (tmp_path / "packs").iterdir()
    text = (folder / "index.txt").read_text()
    assert "The order status of 1 parcel is older than the deadline" in text
