"""
Threads of one process write one after the other, in the order in which they came.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import create_engine

from tracker.store.engine import StoreLocked
from tracker.store.writers import Writers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy import Engine

PATIENCE = 20.0


@pytest.fixture
def engine() -> Iterator[Engine]:
    """
    An engine that nobody connects.
    """
    engine = create_engine("sqlite://")
    yield engine
    engine.dispose()


def test_turns_come_in_the_order_of_asking(engine: Engine) -> None:
    """
    A writer that asks again at once does not get in before those that wait.
    """
    writers = Writers(engine, lock_seconds=PATIENCE)
    order: list[str] = []

    def write(name: str) -> Callable[[], None]:
        def work() -> None:
            with writers.turn():
                order.append(name)

        return work

    with ThreadPoolExecutor(3) as threads, writers.turn():
        done = []
        for name in ("first", "second", "third"):
            waiting = len(writers._waiting)
            done.append(threads.submit(write(name)))
            while len(writers._waiting) == waiting:
                Event().wait(0.001)
    for one in done:
        one.result()
    write("last")()
    assert order == ["first", "second", "third", "last"]


def test_a_turn_that_does_not_come_is_told(engine: Engine) -> None:
    """
    Who waited too long is told so, and takes no turn away from the others.
    """
    writers = Writers(engine, lock_seconds=0.05)
    with writers.turn(), pytest.raises(StoreLocked), writers.turn():
        pass
    with writers.turn():
        pass


def test_an_error_ends_the_turn(engine: Engine) -> None:
    """
    A writer that fails leaves the next one its turn.
    """
    writers = Writers(engine, lock_seconds=PATIENCE)
    with pytest.raises(ZeroDivisionError), writers.turn():
        raise ZeroDivisionError
    with writers.turn():
        pass
