"""
What an integrator's program is posted: a stable shape, which only ever gains keys (docs/alerts.md).

Its ``alerts`` have the names of ``tracker alerts list --json``, for the facts as this message tells
them. Times are ISO 8601 UTC with ``Z``; a missing fact is ``null``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tracker.shapes import instant

if TYPE_CHECKING:
    from alerts.messages.message import Line, Message

NOTICE = "alerts.notice"
TEST = "alerts.test"


def payload(message: Message) -> dict[str, Any]:
    """
    The message and its facts as JSON values; ``data.reference`` stays the same over every retry.
    """
    letter = message.letter
    return {
        "type": TEST if letter and letter.test else NOTICE,
        "timestamp": instant(letter.created_at) if letter else None,
        "data": {
            "reference": message.reference,
            "possible_repeat": message.possible_repeat,
            "shop": letter.shop if letter else None,
            "language": letter.language if letter else None,
            "subject": message.subject,
            "text": message.chat,
            "alerts": [alert(line) for line in letter.lines] if letter else [],
        },
    }


def alert(line: Line) -> dict[str, Any]:
    """
    One alert as the message tells it; ``notice`` says what is told: an opening, or its end.
    """
    return {
        "id": line.alert_id,
        "kind": line.kind,
        "notice": line.notice,
        "tracking_numbers": _numbers(line),
        "order_number": line.order_number,
        "shop": line.shop,
        "country": line.country,
        "service": line.service,
        "carrier": line.carrier,
        "centre": line.centre,
        "opened_at": instant(line.opened_at),
        "deadline": instant(line.deadline),
        "auto_cancel_at": instant(line.auto_cancel_at),
        "working_days_left": line.working_days_left,
        "state": line.alert_state,
        "reason": line.reason,
        "closed_because": line.closed_because,
        "proof": _proof(line),
        "case_id": line.case_id,
    }


def _numbers(line: Line) -> list[str]:
    if line.covered:
        return list(line.covered)
    return [line.tracking_number] if line.tracking_number else []


def _proof(line: Line) -> dict[str, Any] | None:
    if line.proof_at is None:
        return None
    return {"looked_at": instant(line.proof_at), "outcome": line.proof_outcome}
