"""
``tracker backup`` and ``tracker restore`` as commands.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.support.world import postal_number

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pytest

    from tests.support.cli import Ended

NUMBER = postal_number(47312482)


def watch_one(workplace: Path, tracker: Callable[..., Ended]) -> None:
    """
    One parcel is on the watch list.
    """
    (workplace / "orders.csv").write_text(
        f"Order Number;Tracking Code;Status\n300000001;{NUMBER};READY_TO_SHIP\n"
    )
    assert tracker("orders", "import", "orders.csv").code == 0


def test_a_store_moves_to_another_database(
    workplace: Path,
    tracker: Callable[..., Ended],
    postgres_url: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """
    From SQLite to PostgreSQL in two commands, which say what they did and that it holds secrets.
    """
    watch_one(workplace, tracker)
    saved = tracker("backup", "tracker.zip", "--json")
    assert saved.code == 0
    assert saved.one["tables"]["parcels"] == 1
    assert saved.one["bytes"] == (workplace / "tracker.zip").stat().st_size
    assert "holds secrets" in saved.err
    monkeypatch.setenv("TRACKER_DATABASE_URL", postgres_url)
    restored = tracker("restore", "tracker.zip", "--json")
    assert restored.code == 0
    assert restored.one["tables"] == saved.one["tables"]
    assert restored.one["revision_now"] == saved.one["revision"]
    (parcel,) = tracker("orders", "list", "--json").lines
    assert parcel["tracking_number"] == NUMBER


def test_what_cannot_be_done_is_a_sentence(workplace: Path, tracker: Callable[..., Ended]) -> None:
    """
    A full database and a wrong file are wrong usage, a folder that is missing a failure.
    """
    watch_one(workplace, tracker)
    said = tracker("backup", "tracker.zip")
    assert said.out.startswith("tracker.zip: 1 parcels, ")
    full = tracker("restore", "tracker.zip")
    assert full.code == 2
    assert "--replace" in full.err
    wrong = tracker("restore", "orders.csv", "--replace")
    assert wrong.code == 2
    assert wrong.err == "tracker: orders.csv is no backup of Scan Tracker, or it is damaged.\n"
    nowhere = tracker("backup", "nowhere/tracker.zip")
    assert nowhere.code == 1
    assert nowhere.err.startswith("tracker: The backup nowhere/tracker.zip could not be written: ")
    again = tracker("restore", "tracker.zip", "--replace")
    assert again.code == 0
    assert again.out.startswith("1 parcels, ")
