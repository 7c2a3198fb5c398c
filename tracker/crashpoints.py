"""
Named instants at which a crash must lose nothing: the crash matrix stops the process at each.

In a running product :func:`reached` does nothing. A test arms one point in a process of its own,
which then dies there as if the power had gone (promises.md P2).
"""

from __future__ import annotations

import os
from enum import StrEnum


class CrashPoint(StrEnum):
    """
    The instants between which a commit lies, in the order in which a look becomes a message.
    """

    CLAIMED_LOOKS = "claimed_looks"  # parcels are leased, nothing was asked
    ASKED_CARRIER = "asked_carrier"  # the answers are in memory only
    JUDGED_ROUND = "judged_round"  # what the round is worth is stored, none of its looks is
    RECORDING_LOOK = "recording_look"  # inside the transaction that records a look
    RECORDED_LOOKS = "recorded_looks"  # the looks are stored, nothing was decided
    OPENING_ALERT = "opening_alert"  # inside the transaction that opens an alert
    OPENED_ALERT = "opened_alert"  # alert and deliveries are committed, nothing was claimed
    CLAIMING_DELIVERY = "claiming_delivery"  # inside the transaction that claims a message
    CLAIMED_DELIVERY = "claimed_delivery"  # the lease is committed, nothing was sent
    SENT_MESSAGE = "sent_message"  # sent, and not marked as sent
    MARKING_SENT = "marking_sent"  # inside the transaction that marks it
    MARKED_SENT = "marked_sent"  # all done


_armed: CrashPoint | None = None
#: What a process ends with that was killed by signal 9, as a shell reports it.
EXIT_CODE = 137


def arm(point: CrashPoint) -> None:
    """
    This process dies when it next reaches ``point``; for tests only.
    """
    global _armed  # noqa: PLW0603 - one process, one armed point
    _armed = point


def reached(point: CrashPoint) -> None:
    """
    Nothing happens, unless a test armed this point: then the process is gone without clean-up.
    """
    if _armed is point:
        os._exit(EXIT_CODE)
