"""
``tracker alerts ack``, ``urged``, ``claimed`` and ``answered``: what people did about alerts.

Each applies to many alerts at once: one chat urges twenty parcels, one case covers a table.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from tracker.acting.written import is_case_id
from tracker.cli.choosing import Ids, Kind, Shop, mark_chosen
from tracker.cli.output import JsonOption
from tracker.vocabulary import AlertKind, ClaimAnswer, UsageError

if TYPE_CHECKING:
    from tracker.acting.marking import Marker
    from tracker.model import Alert

Case = Annotated[str | None, typer.Option("--case-id", help="The 8 digits that came by e-mail.")]
Answer = Annotated[ClaimAnswer, typer.Option("--outcome", help="What Jumia answered.")]


def acknowledge(
    ids: Ids = None, shop: Shop = None, kind: Kind = None, as_json: JsonOption = False
) -> None:
    """
    Somebody saw the alerts and takes care: they are not repeated.
    """

    def mark(marker: Marker, alert: Alert) -> None:
        marker.acknowledge(alert)

    mark_chosen(ids, shop, kind, mark, "acknowledged", as_json=as_json)


def urged(
    ids: Ids = None, shop: Shop = None, kind: Kind = None, as_json: JsonOption = False
) -> None:
    """
    Seko's customer service was urged: a claim follows if the parcel stays unscanned.
    """

    def mark(marker: Marker, alert: Alert) -> None:
        marker.urge(alert)

    chosen = kind or (None if ids else AlertKind.URGE_SCAN)
    mark_chosen(ids, shop, chosen, mark, "urged", as_json=as_json)


def claimed(
    ids: Ids = None,
    case_id: Case = None,
    shop: Shop = None,
    kind: Kind = None,
    as_json: JsonOption = False,
) -> None:
    """
    The claim was raised, or written to again under its case; one case may cover many alerts.
    """
    case = case_id.strip() if case_id is not None else None
    if case is not None and not is_case_id(case):
        raise UsageError(f"--case-id {case_id!r} is not a case id: it has 8 digits.")

    def mark(marker: Marker, alert: Alert) -> None:
        marker.claim(alert, case)

    chosen = kind or (None if ids else AlertKind.RAISE_CLAIM)
    mark_chosen(ids, shop, chosen, mark, "claimed", as_json=as_json)


def answered(
    outcome: Answer,
    ids: Ids = None,
    shop: Shop = None,
    kind: Kind = None,
    as_json: JsonOption = False,
) -> None:
    """
    Jumia answered the claim: accepted and rejected end it, info_needed asks for your answer.
    """

    def mark(marker: Marker, alert: Alert) -> None:
        marker.answer(alert, outcome)

    chosen = kind or (None if ids else AlertKind.FOLLOW_UP_CLAIM)
    mark_chosen(ids, shop, chosen, mark, f"answered: {outcome}", as_json=as_json)
