"""
``tracker alerts snooze``: quiet about a parcel, or about a shop, for a while.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from tracker.cli.choosing import Ids, Kind, Shop, mark_chosen
from tracker.cli.opening import instant_of, opened
from tracker.cli.output import JsonOption, emit, local, say
from tracker.vocabulary import UsageError

if TYPE_CHECKING:
    from datetime import datetime

    from tracker.marking import Marker
    from tracker.model import Alert

Until = Annotated[str, typer.Option("--until", help="2026-11-20T08:30, or `now` to end it.")]
Author = Annotated[str | None, typer.Option("--by", help="Who wants it so.")]


def snooze(
    until: Until,
    ids: Ids = None,
    author: Author = None,
    shop: Shop = None,
    kind: Kind = None,
    as_json: JsonOption = False,
) -> None:
    """
    Nothing is sent about these parcels, or with --shop alone about the shop, until then.

    The end of an alert is told all the same, and what stays open comes back by itself.
    """
    end = _end(until)
    name = (author or "").strip() or None
    if shop is not None and not ids and kind is None:
        _snooze_shop(shop, end, name, as_json=as_json)
        return

    def mark(marker: Marker, alert: Alert) -> None:
        marker.snooze(alert, end, name)

    mark_chosen(ids, shop, kind, mark, f"snoozed until {until}", as_json=as_json)


def _end(until: str) -> datetime:
    """
    The instant itself; ``now`` ends a snooze at once.
    """
    from tracker.clock import utc_now
    from tracker.settings import load_settings

    now = utc_now()
    if until.strip() == "now":
        return now
    end = instant_of(until, load_settings().zone, "--until")
    if end <= now:
        raise UsageError(f"--until {until!r} is past: give a time to come, or `now` to end it.")
    return end


def _snooze_shop(shop: str, end: datetime, author: str | None, *, as_json: bool) -> None:
    from tracker.clock import utc_now
    from tracker.deadlines import Deadlines
    from tracker.marking import Marker
    from tracker.shapes import instant

    with opened() as (settings, store), store.begin() as tx:
        if settings.shop(shop) is None and shop not in tx.parcels.shops():
            raise UsageError(f"--shop {shop!r} is not known: no parcel and no setting names it.")
        Marker(tx, Deadlines(settings), utc_now()).snooze_shop(shop, end, author)
    if as_json:
        emit({"shop": shop, "snoozed_until": instant(end), "snoozed_by": author})
    else:
        say(f"{shop}: nothing before {local(end, settings.zone)} {settings.timezone}")
