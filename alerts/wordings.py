"""
Alerts about texts of a portal that no stage table knows: told once each, ended when one does.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from tracker.model import AlertKind, CarrierName, Stage, UsageError
from tracker.stages import load_tables
from tracker.store.alerts import NewAlert

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from alerts.notices import Notices
    from alerts.tally import Tally
    from tracker.model import Alert
    from tracker.stages import Tables
    from tracker.store import Store, Transaction
    from tracker.store.wordings import Wording

log = logging.getLogger(__name__)

#: A text is kept whole, so that the lines to paste give it back; a page in one text is cut.
LONGEST_WORDING = 2_000


class WordingAlerts:
    """
    Opens and closes ``unknown_wording``; ``file`` are the user's own lines for the stage tables.
    """

    def __init__(self, store: Store, notices: Notices, tally: Tally, file: Path | None) -> None:
        self._store = store
        self._notices = notices
        self._tally = tally
        self._file = file

    def tell(self, now: datetime) -> None:
        """
        Each text that no stage table knows is told to the operator once (domain.md 4).
        """
        with self._store.read() as tx:
            new = tx.wordings.new()
        for wording in new:
            with self._store.begin() as tx:
                if tx.wordings.alerted(wording.id, now):
                    self._open(tx, wording, now)

    def settle(self, now: datetime) -> None:
        """
        The alerts about texts that the tables know by now are over.
        """
        with self._store.read() as tx:
            told = tx.alerts.matching(kind=AlertKind.UNKNOWN_WORDING)
        tables = self._tables() if told else None
        for alert in told:
            if tables is not None and _is_known(alert, tables):
                with self._store.begin() as tx:
                    self._tally.closed += self._notices.end(tx, alert.id, alert.carrier, now)

    def _open(self, tx: Transaction, wording: Wording, now: datetime) -> None:
        alert_id = tx.alerts.open(
            NewAlert(
                kind=AlertKind.UNKNOWN_WORDING,
                subject=wording.subject,
                occasion=now.isoformat(),
                reason=wording.text[:LONGEST_WORDING],
                carrier=wording.carrier,
            ),
            now,
        )
        if alert_id is None:
            return
        self._tally.opened += 1
        if wording.parcel_id is not None:
            tx.alerts.cover(alert_id, [wording.parcel_id], now)
        self._notices.tell_operator(tx, alert_id, wording.carrier, now)

    def _tables(self) -> Tables | None:
        """
        The tables as they are now; ``None`` for a file that cannot be read, which others report.
        """
        try:
            return load_tables(self._file)
        except UsageError as error:
            log.warning("%s", error)
            return None


def _is_known(alert: Alert, tables: Tables) -> bool:
    """
    True if the tables understand the whole text; of a cut one nobody can tell.
    """
    if len(alert.reason) >= LONGEST_WORDING:
        return False
    carriers = [alert.carrier] if alert.carrier else list(CarrierName)
    return all(
        tables.classify(carrier, alert.reason, None).stage is not Stage.UNCLASSIFIED
        for carrier in carriers
    )
