"""
``tracker carriers wordings`` and ``classify``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.builders import NOON, SEKO, add_parcel, event, number, report
from tracker.model import Stage
from tracker.settings import load_settings
from tracker.store import open_store

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.support.cli import Ended

    Tracker = Callable[..., Ended]

TEXT = "Parcel \x1b[31mregraded at bay seven"


@pytest.fixture
def held_back(workplace: Path) -> None:
    """
    One watched parcel with a text that no table knows, hostile to terminals.
    """
    del workplace
    store = open_store(load_settings().database_url)
    parcel_id = add_parcel(store)
    with store.begin() as tx:
        tx.looks.record(parcel_id, report(event(TEXT, stage=Stage.UNCLASSIFIED)))
        tx.wordings.note(SEKO, TEXT, parcel_id, NOON)
    store.close()


@pytest.mark.usefixtures("held_back")
def test_a_text_is_listed_explained_and_taken_back(tracker: Tracker) -> None:
    """
    With what hangs on it, and what each step does.
    """
    listed = tracker("carriers", "wordings", "--json").one
    assert (listed["id"], listed["text"], listed["stage"]) == (1, TEXT, None)
    assert (listed["held_back"], listed["tracking_number"]) == (1, number())
    assert "\x1b" not in tracker("carriers", "wordings").out
    said = tracker("carriers", "classify", "1", "--stage", "received", "--by", "Li")
    assert said.code == 0
    assert "received, counts as a scan; 1 parcels changed" in said.out
    assert "\x1b" not in said.out
    assert tracker("carriers", "wordings", "--json").lines == []
    explained = tracker("carriers", "wordings", "--all", "--json").one
    assert (explained["stage"], explained["is_scan"], explained["classified_by"]) == (
        "received",
        True,
        "Li",
    )
    assert (explained["held_back"], explained["carrier"]) == (0, "seko")
    assert tracker("orders", "list", "--json").one["stage"] == "received"
    assert "received (a person said so)" in tracker("orders", "show", number()).out
    held = tracker("carriers", "classify", "1", "--stage", "held")
    assert "held, does not count as a scan; 1 parcels changed" in held.out
    back = tracker("carriers", "classify", "1", "--withdraw", "--json").one
    assert (back["stage"], back["is_scan"], back["parcels_changed"]) == (None, None, 1)
    assert tracker("carriers", "wordings", "--json").one["held_back"] == 1
    assert "a person said so" not in tracker("orders", "show", number()).out


@pytest.mark.usefixtures("held_back")
@pytest.mark.parametrize(
    ("told", "complaint"),
    [
        (("1",), "Give --stage STAGE or --withdraw, one of them."),
        (("1", "--stage", "held", "--withdraw"), "one of them"),
        (("1", "--stage", "unclassified"), "cannot be called unclassified"),
        (("1", "--stage", "eaten"), "eaten"),
        (("7", "--stage", "held"), "No wording has the id 7"),
        (("1", "--withdraw"), "Nobody said what wording 1 means"),
    ],
)
def test_what_cannot_be_said_is_refused(
    tracker: Tracker, told: tuple[str, ...], complaint: str
) -> None:
    """
    Exit code 2 and a sentence; the text stays unknown.
    """
    ended = tracker("carriers", "classify", *told)
    assert (ended.code, complaint in ended.err) == (2, True)
    assert tracker("carriers", "wordings", "--json").one["stage"] is None
