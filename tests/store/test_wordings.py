"""
Texts that no table knows, and what people say of them, on both engines.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.builders import CLEVY, NOON, SEKO, add_parcel, after, event, report
from tracker.model import CarrierName, Stage
from tracker.stages import SCAN_STAGES, normalise_text
from tracker.store import open_store
from tracker.store.wordings import Wording, as_told, explained

if TYPE_CHECKING:
    from tests.support.databases import SqliteFiles
    from tracker.model import Parcel, ScanEvent, StoredEvent
    from tracker.store import Store

TEXT = "Parcel regraded at bay seven"


def unknown(text: str = TEXT, hours: float = -5) -> ScanEvent:
    """
    An event that no table knows.
    """
    return event(text, stage=Stage.UNCLASSIFIED, occurred_at=after(hours=hours))


def look(store: Store, parcel_id: int, *events: ScanEvent) -> None:
    """
    A good look that shows these events; what is unknown of them is on record.
    """
    with store.begin() as tx:
        recorded = tx.looks.record(parcel_id, report(*events))
        for text in recorded.unknown:
            tx.wordings.note(CarrierName(SEKO), text, parcel_id, NOON)


def say(store: Store, stage: Stage | None, text: str = TEXT) -> Wording:
    """
    A person says so of the text, or takes it back.
    """
    with store.begin() as tx:
        (found,) = [
            one.wording
            for one in tx.wordings.all()
            if normalise_text(one.wording.text) == normalise_text(text)
        ]
        return tx.wordings.told(found.id, stage, "Li", NOON)


def reread(store: Store, *parcel_ids: int) -> list[bool]:
    """
    Stored events follow; whether anything changed.
    """
    with store.begin() as tx:
        return [tx.looks.reread(one) for one in parcel_ids]


def state(store: Store, parcel_id: int) -> tuple[Parcel, tuple[StoredEvent, ...]]:
    """
    The parcel and its events.
    """
    with store.read() as tx:
        record = tx.parcels.get(parcel_id, NOON)
        assert record is not None
        return record.parcel, tx.looks.events(parcel_id)


def test_stored_and_coming_events_follow_a_word(store: Store) -> None:
    """
    Both are scans then, and neither is once it is taken back; no event is lost (R7).
    """
    old, new = add_parcel(store, 1), add_parcel(store, 2)
    look(store, old, unknown())
    word = say(store, Stage.RECEIVED)
    assert reread(store, old, old) == [True, False]
    look(store, new, unknown("PARCEL  regraded at bay seven."))
    for parcel_id in (old, new):
        parcel, (stored,) = state(store, parcel_id)
        assert (parcel.scanned, parcel.stage, parcel.first_scan_at) == (
            True,
            Stage.RECEIVED,
            after(hours=-5),
        )
        assert stored.event.wording_id == word.id
    say(store, None)
    assert reread(store, old, new) == [True, True]
    for parcel_id in (old, new):
        parcel, (stored,) = state(store, parcel_id)
        assert (parcel.scanned, parcel.first_scan_at) == (False, None)
        assert (stored.event.stage, stored.event.is_scan) == (Stage.UNCLASSIFIED, False)


def test_another_word_for_the_same_text(store: Store) -> None:
    """
    The newest word holds, also when it makes a scan none.
    """
    parcel_id = add_parcel(store)
    look(store, parcel_id, unknown())
    say(store, Stage.RECEIVED)
    reread(store, parcel_id)
    say(store, Stage.ANNOUNCED)
    assert reread(store, parcel_id) == [True]
    parcel, (stored,) = state(store, parcel_id)
    assert (parcel.scanned, stored.event.stage) == (False, Stage.ANNOUNCED)
    look(store, parcel_id, unknown())
    with store.read() as tx:
        last = tx.looks.last([parcel_id])[parcel_id]
    assert last.scanned is False


def test_a_word_stands_back_for_the_tables(store: Store) -> None:
    """
    A later version that knows the text settles it, and taking the word back changes nothing then.
    """
    parcel_id = add_parcel(store)
    look(store, parcel_id, unknown())
    say(store, Stage.ANNOUNCED)
    reread(store, parcel_id)
    look(store, parcel_id, event(TEXT, occurred_at=after(hours=-5)))
    say(store, None)
    assert reread(store, parcel_id) == [False]
    parcel, (stored,) = state(store, parcel_id)
    assert (parcel.scanned, stored.event.wording_id) == (True, None)


@pytest.mark.parametrize(
    "other",
    [
        "Parcel regraded at bay",
        "Parcel regraded at bay seven today",
        "Parcel regraded at bay %",
        "Parcel regraded at bay .*",
        "Parcel not regraded at bay seven",
        "Parcel regraded at bay sevеn",
    ],
)
def test_only_the_very_text_is_meant(store: Store, other: str) -> None:
    """
    Neither a part of it nor what looks like it, and nothing in it is a pattern.
    """
    first, second = add_parcel(store, 1), add_parcel(store, 2)
    look(store, first, unknown(other))
    look(store, second, unknown())
    say(store, Stage.RECEIVED, other)
    assert reread(store, first, second) == [True, False]
    assert not state(store, second)[0].scanned


def test_long_texts_with_one_beginning_are_two(store: Store) -> None:
    """
    They share a row, but a word about the one is none about the other.
    """
    first, second = add_parcel(store, 1), add_parcel(store, 2)
    beginning = "regraded " * 40
    look(store, first, unknown(f"{beginning} one"))
    look(store, second, unknown(f"{beginning} two"))
    say(store, Stage.RECEIVED, f"{beginning} one")
    assert reread(store, first, second) == [True, False]


def test_a_word_is_about_one_carrier(store: Store) -> None:
    """
    The same text at the other portal stays unknown.
    """
    parcel_id = add_parcel(store)
    look(store, parcel_id, unknown())
    word = say(store, Stage.RECEIVED)
    words = {(word.carrier, normalise_text(word.text)): word}
    assert explained(unknown(), CarrierName(SEKO), words).is_scan
    assert not explained(unknown(), CarrierName(CLEVY), words).is_scan
    assert as_told(report(unknown(), carrier=None), words).events == (unknown(),)


def test_what_hangs_on_a_text_is_listed(store: Store) -> None:
    """
    The parcels that it holds back, an example, and when it was new last.
    """
    first, second = add_parcel(store, 1), add_parcel(store, 2)
    look(store, first, unknown())
    look(store, second, unknown(), event())  # scanned: held back by nothing
    with store.read() as tx:
        (listed,) = tx.wordings.all()
        number = tx.parcels.get(first, NOON)
    assert number is not None
    assert listed.tracking_number == number.parcel.tracking_number
    assert (listed.held_back, listed.last_seen_at, listed.wording.stage) == (1, NOON, None)
    say(store, Stage.HELD)
    reread(store, first, second)
    with store.read() as tx:
        (listed,) = tx.wordings.all()
    assert (listed.held_back, listed.wording.classified_by) == (0, "Li")


def test_what_was_read_before_another_word_does_not_settle_it(store: Store) -> None:
    """
    A word said while the events follow an earlier one is followed too.
    """
    parcel_id = add_parcel(store)
    look(store, parcel_id, unknown())
    first = say(store, Stage.RECEIVED)
    with store.begin() as tx:
        tx.wordings.told(first.id, Stage.HELD, None, after(minutes=1))
        tx.wordings.settled(first)
        (waiting,) = tx.wordings.unsettled()
        assert waiting.stage is Stage.HELD
        tx.wordings.settled(waiting)
        assert tx.wordings.unsettled() == ()


_STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("look"), st.sets(st.sampled_from(["a", "b", "known"]), max_size=3)),
        st.tuples(st.just("say"), st.sampled_from(["a", "b"]), st.sampled_from([*Stage, None])),
        st.tuples(st.just("reread")),
    ),
    max_size=8,
)


@settings(max_examples=60, deadline=None)
@given(steps=_STEPS)
def test_whatever_is_said_in_whatever_order(
    steps: list[tuple[object, ...]], sqlite_files: SqliteFiles
) -> None:
    """
    Once events have followed, a parcel is scanned exactly if a table or a standing word says so.

    No event is ever lost.
    """
    store = open_store(sqlite_files.migrated())
    parcel_id = add_parcel(store)
    texts = {"a": f"{TEXT} a", "b": f"{TEXT} b"}
    words: dict[str, Stage | None] = {}
    shown: set[str] = set()
    for step in steps:
        if step[0] == "look" and isinstance(step[1], set):
            shown |= step[1]
            events = [
                event() if name == "known" else unknown(texts[name], -ord(name[0]) / 20)
                for name in sorted(step[1])
            ]
            look(store, parcel_id, *events)
        elif step[0] == "say" and step[1] in shown and step[2] is not Stage.UNCLASSIFIED:
            name, stage = str(step[1]), step[2]
            with store.read() as tx:
                known = [normalise_text(one.wording.text) for one in tx.wordings.all()]
            if normalise_text(texts[name]) in known:
                words[name] = Stage(str(stage)) if stage else None
                say(store, words[name], texts[name])
        else:
            reread(store, parcel_id)
    reread(store, parcel_id)
    parcel, stored = state(store, parcel_id)
    scans = {name for name in shown - {"known"} if _is_scan(words.get(name))}
    assert len(stored) == len(shown)
    assert parcel.scanned is bool(scans or "known" in shown)
    told = {one.event.text[-1] for one in stored if one.event.wording_id is not None}
    assert told == {name for name in shown - {"known"} if words.get(name)}
    store.close()


def _is_scan(stage: Stage | None) -> bool:
    return stage in SCAN_STAGES
