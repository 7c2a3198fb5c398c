"""
Which alerts a mark applies to: by ids, or all of a shop or a kind.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from tracker.cli.opening import opened
from tracker.cli.output import emit, local, notice, say
from tracker.vocabulary import AlertKind, ScanTrackerError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from tracker.acting.marking import Marker
    from tracker.model import Alert
    from tracker.settings import Settings
    from tracker.store import Transaction

    Mark = Callable[[Marker, Alert], None]

Shop = Annotated[str | None, typer.Option("--shop", help="Only this shop's.")]
Kind = Annotated[AlertKind | None, typer.Option("--kind", help="Only this kind.")]
Ids = Annotated[list[int] | None, typer.Argument(help="Alert ids.")]


def mark_chosen(
    ids: list[int] | None,
    shop: str | None,
    kind: AlertKind | None,
    mark: Mark,
    word: str,
    *,
    as_json: bool,
) -> None:
    """
    What a person did is stored for each chosen alert, all or none; unknown ids are named.
    """
    from tracker.acting.marking import Marker
    from tracker.clock import utc_now
    from tracker.planning.deadlines import Deadlines
    from tracker.shapes import alert_shape

    if not ids and shop is None and kind is None:
        raise UsageError("Give alert ids, or --shop or --kind to choose many.")
    with opened() as (settings, store):
        now = utc_now()
        with store.begin() as tx:
            chosen, unknown = _chosen(tx, ids or [], shop, kind)
            marker = Marker(tx, Deadlines(settings), now)
            for alert in chosen:
                mark(marker, alert)
            marked = [changed for one in chosen if (changed := tx.alerts.get(one.id)) is not None]
    for alert in marked:
        if as_json:
            emit(alert_shape(alert, now))
        else:
            say(f"{alert.id} {alert.kind} {numbers_of(alert)}: {word}")
    if unknown:
        raise ScanTrackerError("; ".join(unknown))


def unknown_shop(settings: Settings, tx: Transaction, shop: str | None) -> str | None:
    """
    A sentence about a shop that nothing names: probably a slip of the pen; else ``None``.
    """
    if shop is None or settings.shop(shop) is not None or shop in tx.parcels.shops():
        return None
    return f"--shop {shop!r} is not known: no parcel and no setting names it."


def warn_of_shop(settings: Settings, tx: Transaction, shop: str | None) -> None:
    """
    Whoever lists an unknown shop reads on stderr why the list is empty.
    """
    if unknown := unknown_shop(settings, tx, shop):
        notice(unknown)


def numbers_of(alert: Alert) -> str:
    """
    The alert's numbers for people: two of them, and how many more.
    """
    shown = ", ".join(alert.tracking_numbers[:2])
    more = len(alert.tracking_numbers) - 2
    return f"{shown} and {more} more" if more > 0 else shown


def state_of(alert: Alert, now: datetime, zone: ZoneInfo) -> str:
    """
    ``open``, or ``open, snoozed until 2026-11-20 08:30 by Li``.
    """
    if alert.closed_at is not None or alert.snoozed_until is None or alert.snoozed_until <= now:
        return alert.state
    author = f" by {alert.snoozed_by}" if alert.snoozed_by else ""
    return f"{alert.state}, snoozed until {local(alert.snoozed_until, zone)}{author}"


def _chosen(
    tx: Transaction, ids: list[int], shop: str | None, kind: AlertKind | None
) -> tuple[list[Alert], list[str]]:
    from tracker.acting.choosing import choose

    if not ids:
        return list(tx.alerts.matching(shop=shop, kind=kind)), []
    choice = choose(tx, ids)
    unknown = {one: f"alert {one} is not known" for one in choice.unknown}
    unknown |= {
        alert.id: f"alert {alert.id} is closed already ({alert.closed_because})"
        for alert in choice.closed
    }
    return list(choice.alerts), [unknown[one] for one in dict.fromkeys(ids) if one in unknown]
