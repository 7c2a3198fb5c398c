"""
``tracker carriers wordings`` and ``classify``: texts of portals that no table knows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from tracker.cli.opening import opened
from tracker.cli.output import JsonOption, emit, local, say, table
from tracker.vocabulary import CarrierName, Stage, UsageError

if TYPE_CHECKING:
    from tracker.store.wordings import Wording


def wordings(
    carrier: Annotated[CarrierName | None, typer.Option("--carrier", help="Only this.")] = None,
    every: Annotated[bool, typer.Option("--all", help="The explained ones too.")] = False,
    as_json: JsonOption = False,
) -> None:
    """
    Lists texts that no table knows, and how many parcels each of them holds back.
    """
    from tracker.shapes import listed_wording_shape

    with opened() as (settings, store), store.read() as tx:
        listed = [
            one
            for one in tx.wordings.all()
            if carrier in {None, one.wording.carrier} and (every or one.wording.stage is None)
        ]
    if as_json:
        for one in listed:
            emit(listed_wording_shape(one))
        return
    zone = settings.zone
    table(
        ("id", "carrier", "text", "means", "by", "held back", "first seen", "last seen", "parcel"),
        [
            (
                one.wording.id,
                one.wording.carrier,
                one.wording.text,
                one.wording.stage,
                one.wording.classified_by,
                one.held_back,
                local(one.wording.first_seen_at, zone),
                local(one.last_seen_at, zone),
                one.tracking_number,
            )
            for one in listed
        ],
    )


def classify(
    wording_id: Annotated[int, typer.Argument(metavar="ID", help="See `carriers wordings`.")],
    stage: Annotated[Stage | None, typer.Option("--stage", help="What it means.")] = None,
    withdraw: Annotated[bool, typer.Option("--withdraw", help="Take back what was said.")] = False,
    author: Annotated[str | None, typer.Option("--by", help="Who says so.")] = None,
    as_json: JsonOption = False,
) -> None:
    """
    Says what an unknown text of a portal means: for that very text, in stored looks too.
    """
    from tracker.acting import classifying
    from tracker.clock import utc_now
    from tracker.planning.deadlines import Deadlines
    from tracker.shapes import wording_shape

    if (stage is None) is not withdraw:
        raise UsageError("Give --stage STAGE or --withdraw, one of them.")
    name, now = (author or "").strip() or None, utc_now()
    with opened() as (settings, store):
        with store.begin() as tx:
            if stage is None:
                told = classifying.withdraw(tx, wording_id, name, now)
            else:
                told = classifying.classify(tx, settings, wording_id, stage, author=name, now=now)
        changed = classifying.settle_wordings(store, Deadlines(settings), utc_now) or 0
    if as_json:
        emit(wording_shape(told) | {"parcels_changed": changed})
        return
    say(f"{told.carrier} {told.text!r}: {_effect(told)}; {changed} parcels changed")


def _effect(told: Wording) -> str:
    from tracker.acting.classifying import counts_as_scan

    if told.stage is None:
        return "unclassified again, its parcels are asked anew"
    counts = "counts as a scan" if counts_as_scan(told.stage) else "does not count as a scan"
    return f"{told.stage}, {counts}"
