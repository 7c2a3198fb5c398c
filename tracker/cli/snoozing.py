"""
``tracker alerts snooze``: quiet about a parcel, or about a shop, for a while.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from tracker.cli.choosing import Ids, Kind, Shop, mark_chosen, unknown_shop
from tracker.cli.opening import instant_of, opened
from tracker.cli.output import JsonOption, emit, local, say
from tracker.vocabulary import UsageError

if TYPE_CHECKING:
    from datetime import datetime

    from tracker.acting.marking import Marker
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
    from tracker.acting.marking import Marker
    from tracker.clock import utc_now
    from tracker.planning.deadlines import Deadlines
    from tracker.shapes import instant

    with opened() as (settings, store), store.begin() as tx:
        if unknown := unknown_shop(settings, tx, shop):
            raise UsageError(unknown)
        now = utc_now()
        Marker(tx, Deadlines(settings), now).snooze_shop(shop, end, author)
    over = end <= now
    if as_json:
        until, by = (None, None) if over else (instant(end), author)
        emit({"shop": shop, "snoozed_until": until, "snoozed_by": by})
    elif over:
        say(f"{shop}: not snoozed any more")
    else:
        say(f"{shop}: nothing before {local(end, settings.zone)} {settings.timezone}")
