"""
``python -m benchmarks.peers``: three rounds of the same parcels by us and by karrio, in turn.

The first fill, a round in which nothing is new, and one in which every parcel has been scanned.
Bounds are reported, not enforced; the exit code is 1 only when it could not be run.
"""

from __future__ import annotations

import argparse
import statistics
import sys
from typing import TYPE_CHECKING

from benchmarks.measuring import Figure
from benchmarks.peers.carrier import ANNOUNCED_EACH, SCANNED_EACH, peer_carrier
from benchmarks.peers.environment import karrio, prepare
from benchmarks.peers.ours import BATCH, CONCURRENCY, our_rounds
from benchmarks.places import postal_number, temporary_folder

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

#: How many parcels, and how often they are taken through all rounds.
SIZES = {1_000: 3, 10_000: 1}
FASTER = 10
#: A round, and the events of each parcel that both must have after it.
ROUNDS = (("fill", ANNOUNCED_EACH), ("unchanged", ANNOUNCED_EACH), ("scanned", SCANNED_EACH))


def main() -> int:
    """
    Prints the figures of the chosen numbers of parcels.
    """
    parser = argparse.ArgumentParser(prog="python -m benchmarks.peers", description=__doc__)
    parser.add_argument("--parcels", type=int, action="append", metavar="N", help="only so many")
    parser.add_argument("--json", action="store_true", help="one JSON object per line")
    chosen = parser.parse_args()
    prepare()
    for count in chosen.parcels or SIZES:
        for figure in _figures(count):
            print(figure.as_json() if chosen.json else figure.line(), flush=True)
    return 0


def _figures(count: int) -> Iterator[Figure]:
    taken = [_all_rounds(count) for _ in range(SIZES.get(count, 1))]
    for at, (name, _) in enumerate(ROUNDS):
        ours = statistics.median(times[at][0] for times in taken)
        theirs = statistics.median(times[at][1] for times in taken)
        yield Figure(
            name=f"peers-{name}-{count}",
            unit="s",
            ours=ours,
            limit=theirs,
            limit_is="karrio",
            bound=f"{FASTER} times faster",
            ok=theirs >= FASTER * ours,
            note=f"{theirs / ours:.1f} times faster; batch {BATCH}, concurrency {CONCURRENCY}, "
            "no pauses on either side",
        )


def _all_rounds(count: int) -> Sequence[tuple[float, float]]:
    """
    The seconds of each round, ours and karrio's, one after the other on one carrier.
    """
    numbers = [postal_number(index) for index in range(count)]
    times = []
    with (
        temporary_folder() as folder,
        peer_carrier() as carrier,
        our_rounds(folder, carrier.clevy_url, count) as ours,
        karrio(folder) as ask,
    ):
        ask({"carrier": carrier.address, "numbers": numbers})
        for name, events_each in ROUNDS:
            if name == "scanned":
                carrier.scan_all()
            seconds, stored = ours()
            told = ask({"round": True})
            for side, found in (("ours", stored), ("karrio", told["events"])):
                if found != count * events_each:
                    raise RuntimeError(f"{side} has {found} events after the round {name!r}")
            times.append((seconds, float(told["seconds"])))
    return times


if __name__ == "__main__":
    sys.exit(main())
