"""
``track`` of one Clevy number by the API, against a bare httpx script with the same question.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.carrier import local_carrier
from benchmarks.measuring import Figure, interleaved, run_python, seconds_of
from benchmarks.places import own_environment, postal_number, temporary_folder

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

PAIRS = 7
BOUND_SECONDS = 1.2
TRACK = "import sys; from tracker.cli import track_main; sys.argv[0] = 'track'; track_main()"


def track_time() -> Iterator[Figure]:
    """
    The wall time of the whole command; the local carrier's own time is far below a millisecond.
    """
    number = postal_number(1)
    with local_carrier() as url, temporary_folder() as folder:
        environment = own_environment(
            folder,
            TRACKER_CARRIERS__CLEVY__API_URL=url,
            TRACKER_CARRIERS__CLEVY__USERNAME="practice",
            TRACKER_CARRIERS__CLEVY__PASSWORD="practice",
        )
        ours, bare = interleaved(
            PAIRS,
            lambda: seconds_of(lambda: _track(number, environment)),
            lambda: seconds_of(
                lambda: run_python(("-m", "benchmarks.bare.with_httpx", url, number))
            ),
        )
    yield Figure(
        name="track",
        unit="s",
        ours=ours,
        limit=bare,
        limit_is="bare httpx script",
        bound=f"{BOUND_SECONDS} s",
        ok=ours < BOUND_SECONDS,
    )


def _track(number: str, environment: Mapping[str, str]) -> None:
    printed = run_python(("-c", TRACK, number), environment)
    if "scanned" not in printed:
        raise RuntimeError(f"track printed {printed!r}")
