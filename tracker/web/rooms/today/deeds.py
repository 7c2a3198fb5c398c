"""
What a form of the page says, and what is then done: all of it, or nothing and one sentence why.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from fastapi import HTTPException
from starlette.status import HTTP_404_NOT_FOUND, HTTP_409_CONFLICT, HTTP_422_UNPROCESSABLE_CONTENT

from tracker.acting.choosing import choose
from tracker.acting.marking import Marker
from tracker.acting.written import instant_of, is_case_id, not_ahead
from tracker.model import AlertKind, AlertState, ClaimAnswer, UsageError
from tracker.orders.handovers import Handover, hand_over
from tracker.orders.sightings import NotTakenError, Teller, Telling
from tracker.store.boards.today import View
from tracker.web.language import marked as _
from tracker.web.rooms.today.kinds import KINDS, Deed
from tracker.web.security.viewers import may_see

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from zoneinfo import ZoneInfo

    from tracker.model import Alert
    from tracker.planning.deadlines import Deadlines
    from tracker.store import Transaction
    from tracker.web.security.viewers import Viewing

    Say = Callable[[str], str]

#: So many numbers are named; of the others only how many.
_NAMED = 3
_LONGEST_ID = 9  # digits; what the database's keys can hold
#: A whole group is marked in one transaction, during which nobody else can write.
MOST_AT_ONCE = 5_000
#: Claims and answers are weighed one by one.
MOST_CLAIMS_AT_ONCE = 500


DONE: dict[Deed, str] = {
    Deed.URGED: _("Marked as urged: %(numbers)s"),
    Deed.CLAIMED: _("Marked as claimed: %(numbers)s"),
    Deed.ANSWERED: _("Jumia's answer is on record: %(numbers)s"),
    Deed.HANDED_OVER: _("The hand-over is confirmed: %(numbers)s"),
    Deed.ACKNOWLEDGED: _("Taken care of, and not repeated: %(numbers)s"),
    Deed.SNOOZED: _("Put off: %(numbers)s"),
}


_ONE_BY_ONE = frozenset({Deed.CLAIMED, Deed.ANSWERED})


class ProblemError(Exception):
    """
    Why nothing was done, in the person's language; the page is shown again with it.
    """

    def __init__(self, said: str, status: int = HTTP_422_UNPROCESSABLE_CONTENT) -> None:
        super().__init__(said)
        self.said = said
        self.status = status


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """
    What a form says besides the deed: empty where nothing was filled in.
    """

    ids: tuple[int, ...] = ()
    whole: bool = False
    view: View = View.TODO
    shop: str | None = None
    kind: AlertKind | None = None
    newest: int = 0
    count: int = 0
    case_id: str = ""
    outcome: str = ""
    handed_over_at: str = ""
    until: str = ""


def ids_of(written: Iterable[str]) -> tuple[int, ...]:
    """
    The ids as numbers; what is none leads nowhere.
    """
    written = tuple(written)
    if not all(one.isascii() and one.isdigit() and len(one) <= _LONGEST_ID for one in written):
        raise HTTPException(HTTP_404_NOT_FOUND)
    return tuple(int(one) for one in written)


@dataclass(frozen=True, slots=True, kw_only=True)
class Doer:
    """
    Does what a person asks for, in one transaction at one instant and under their name.
    """

    tx: Transaction
    deadlines: Deadlines
    now: datetime
    viewer: Viewing
    say: Say

    def do(self, deed: Deed, filled: Filled) -> str:
        """
        Done for every chosen alert; the sentence that says so.

        Raises :class:`ProblemError` where nothing was done.
        """
        alerts = self.chosen(filled)
        if any(deed not in KINDS[alert.kind].all_deeds for alert in alerts):
            raise ProblemError(
                self.say(_("That is no answer to what was chosen: nothing was done."))
            )
        most = MOST_CLAIMS_AT_ONCE if deed in _ONE_BY_ONE else MOST_AT_ONCE
        if len(alerts) > most:
            said = self.say(_("More than %(most)s at once: choose fewer, nothing was done."))
            raise ProblemError(said % {"most": most})
        self._act(deed, alerts, filled)
        return self.say(DONE[deed]) % {"numbers": named(alerts)}

    def chosen(self, filled: Filled, *, hold: bool = True) -> tuple[Alert, ...]:
        """
        The chosen alerts, all of them open; a thing out of scope is not found.

        With ``hold`` they stay so until the transaction ends.
        """
        ids = (self._whole_group(filled) if filled.whole else filled.ids)[: MOST_AT_ONCE + 1]
        if not ids:
            raise ProblemError(self.say(_("Nothing was chosen: tick what you mean first.")))
        choice = choose(self.tx, ids, hold=hold)
        scope = self.viewer.scope
        seen = (*choice.alerts, *choice.closed)
        if choice.unknown or not all(_within(scope, alert) for alert in seen):
            raise HTTPException(HTTP_404_NOT_FOUND)
        if choice.closed:
            said = self.say(
                _("Closed in the meantime: %(numbers)s. Nothing was done; choose again.")
            )
            raise ProblemError(said % {"numbers": named(choice.closed)}, HTTP_409_CONFLICT)
        return choice.alerts

    def saw(self, numbers: Iterable[str], at: str, source: str) -> str:
        """
        Somebody saw these parcels' scans by hand; the sentence that says that they are believed.
        """
        numbers = tuple(dict.fromkeys(numbers))
        if not numbers:
            raise ProblemError(self.say(_("Nothing was chosen: tick what you mean first.")))
        if not source.strip():
            raise ProblemError(self.say(_("Say where the scan was seen: nothing was done.")))
        when = self._past(at)
        for number in numbers:
            self._tell(Telling(tracking_number=number, at=when, source=source))
        said = self.say(_("Scanned, as you saw it: %(numbers)s"))
        return said % {"numbers": _listed(numbers)}

    def _tell(self, telling: Telling) -> None:
        record = self.tx.parcels.live(telling.tracking_number, self.now)
        if record is None or not may_see(self.viewer.scope, record.parcel.shop):
            raise HTTPException(HTTP_404_NOT_FOUND)
        if record.parcel.scanned:
            said = self.say(
                _("Scanned in the meantime: %(numbers)s. Nothing was done; choose again.")
            )
            raise ProblemError(said % {"numbers": telling.tracking_number}, HTTP_409_CONFLICT)
        teller = Teller(
            tx=self.tx, deadlines=self.deadlines, now=self.now, author=self.viewer.user.name
        )
        try:
            teller.tell(telling)
        except NotTakenError as refused:
            raise ProblemError(refused.sentence.said(self.say)) from refused

    def _whole_group(self, filled: Filled) -> tuple[int, ...]:
        """
        The ids that stood in the group when the page was shown; it must not have changed since.
        """
        if filled.kind is None or not may_see(self.viewer.scope, filled.shop):
            raise HTTPException(HTTP_404_NOT_FOUND)
        ids = self.tx.today.of_group(
            self.now,
            filled.view,
            filled.shop,
            filled.kind,
            newest=filled.newest,
            limit=MOST_AT_ONCE + 1,
        )
        if len(ids) != filled.count:
            said = _(
                "The group has changed since you opened the page: nothing was done; look again."
            )
            raise ProblemError(self.say(said), HTTP_409_CONFLICT)
        return ids

    def _act(self, deed: Deed, alerts: tuple[Alert, ...], filled: Filled) -> None:
        marker = Marker(self.tx, self.deadlines, self.now, author=self.viewer.user.name)
        acts: Mapping[Deed, Callable[[], None]] = {
            Deed.URGED: lambda: marker.urge(*alerts),
            Deed.CLAIMED: lambda: self._claim(marker, alerts, filled),
            Deed.ANSWERED: lambda: self._answer(marker, alerts, filled),
            Deed.HANDED_OVER: lambda: self._hand_over(alerts, filled),
            Deed.ACKNOWLEDGED: lambda: marker.acknowledge(*alerts),
            Deed.SNOOZED: lambda: self._snooze(marker, alerts, filled),
        }
        acts[deed]()

    def _claim(self, marker: Marker, alerts: tuple[Alert, ...], filled: Filled) -> None:
        case = filled.case_id.strip() or None
        if case is not None and not is_case_id(case):
            said = self.say(_("“%(case)s” is no case id: it has 8 digits. Nothing was done."))
            raise ProblemError(said % {"case": case[:40]})
        for alert in alerts:
            marker.claim(alert, case)

    def _answer(self, marker: Marker, alerts: tuple[Alert, ...], filled: Filled) -> None:
        if filled.outcome not in set(ClaimAnswer):
            raise ProblemError(self.say(_("Say what Jumia answered: nothing was done.")))
        records = self.tx.parcels.records(
            {one: self.now for alert in alerts for one in alert.parcel_ids}
        )
        if any(record.claimed_at is None for record in records):
            raise ProblemError(
                self.say(
                    _("Not all of these were claimed: mark them claimed first. Nothing was done.")
                )
            )
        for alert in alerts:
            marker.answer(alert, ClaimAnswer(filled.outcome))

    def _hand_over(self, alerts: tuple[Alert, ...], filled: Filled) -> None:
        said = Handover(at=self._past(filled.handed_over_at))
        parcel_ids = [one for alert in alerts for one in alert.parcel_ids]
        hand_over(
            self.tx,
            self.deadlines,
            dict.fromkeys(parcel_ids, said),
            self.now,
            author=self.viewer.user.name,
        )
        # The next decision ends them, or they wait for the scan: nothing is left to be done here.
        self.tx.alerts.set_states((one.id for one in alerts), AlertState.ACTED, self.now)

    def _snooze(self, marker: Marker, alerts: tuple[Alert, ...], filled: Filled) -> None:
        until = self._instant(filled.until)
        if until < self.now:
            raise ProblemError(self.say(_("Choose a time to come: nothing was done.")))
        marker.snooze_all(alerts, until, self.viewer.user.name)

    def _past(self, written: str) -> datetime:
        """
        An instant that is not to come; within this minute counts as now.
        """
        at = not_ahead(self._instant(written), self.now, self._zone)
        if at > self.now:
            raise ProblemError(self.say(_("That time is still to come: nothing was done.")))
        return at

    def _instant(self, written: str) -> datetime:
        try:
            return instant_of(written, self._zone, "")
        except UsageError as error:
            said = self.say(
                _("“%(written)s” is no time: write 2026-11-20T17:05. Nothing was done.")
            )
            raise ProblemError(said % {"written": written[:40]}) from error

    @property
    def _zone(self) -> ZoneInfo:
        return self.deadlines.settings.zone


def named(alerts: tuple[Alert, ...]) -> str:
    """
    The alerts by their parcels' numbers: the first ones, and how many there are.
    """
    return _listed(
        tuple(
            (alert.tracking_numbers or (alert.order_number or str(alert.id),))[0]
            for alert in alerts
        )
    )


def _listed(names: tuple[str, ...]) -> str:
    shown = ", ".join(names[:_NAMED])
    return shown if len(names) <= _NAMED else f"{shown} … ({len(names)})"


def _within(scope: frozenset[str] | None, alert: Alert) -> bool:
    return may_see(scope, alert.shop) and (scope is None or not alert.kind.is_operators)
