"""
The watch list: parcels and their order items, and the lease by which workers share them.

Its rooms: reading (:mod:`tracker.store.watchlist`), orders in (:mod:`tracker.store.intake`), whose
look is due (:mod:`tracker.store.turns`), deciding (:mod:`tracker.store.deciding`) and stepping
aside (:mod:`tracker.store.puttingoff`).
"""

from __future__ import annotations

from tracker.store.deciding import Deciding
from tracker.store.drafts import ParcelDraft
from tracker.store.intake import Intake, PlacedItem
from tracker.store.puttingoff import PUT_OFF
from tracker.store.records import WatchRecord
from tracker.store.turns import DueLook, Plan, Turns
from tracker.store.watchlist import WatchList

__all__ = ["PUT_OFF", "DueLook", "ParcelDraft", "Parcels", "PlacedItem", "Plan", "WatchRecord"]


class Parcels(WatchList, Intake, Turns, Deciding):
    """
    The watch list within one transaction.
    """
