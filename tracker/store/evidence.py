"""
What portals answered, so that a look can be proved: each answer is kept once (promises.md R20).

Many looks rest on one answer (a batch's page, an unchanged "not found"), so an answer is known by
its content, and its age is that of the last look that saw it.
"""

from __future__ import annotations

import hashlib
import zlib
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete
from sqlalchemy.dialects import postgresql, sqlite

from tracker.store.tables import evidence

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from sqlalchemy import Connection

    from tracker.model import Evidence


def digest_of(kept: Evidence) -> str:
    """
    What an answer is known by: its address, its status and its body.
    """
    head = f"{kept.url}\n{kept.http_status}\n".encode("utf-8", "replace")
    return hashlib.sha256(head + _body(kept)).hexdigest()


def keep_answers(
    connection: Connection, answers: Iterable[tuple[Evidence, datetime]]
) -> dict[int, str]:
    """
    Each answer is on record as seen at its instant; the digests by the ``id()`` of the evidence.

    An answer that is on record keeps its first screenshot.
    """
    digests: dict[int, str] = {}
    rows: dict[str, dict[str, Any]] = {}
    for kept, seen_at in answers:
        digest = digests.get(id(kept)) or digest_of(kept)
        digests[id(kept)] = digest
        if digest not in rows:
            rows[digest] = _values(kept, digest, seen_at)
        rows[digest]["last_seen_at"] = max(rows[digest]["last_seen_at"], seen_at)
    if rows:
        dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
        statement = dialect.insert(evidence)
        # In one order everywhere, so that two workers never wait for each other.
        connection.execute(
            statement.on_conflict_do_update(
                index_elements=["sha256"],
                set_={"last_seen_at": statement.excluded.last_seen_at},
            ),
            [rows[digest] for digest in sorted(rows)],
        )
    return digests


def forget_answers(connection: Connection, before: datetime) -> int:
    """
    Answers that no look saw since ``before`` are gone; the looks stay. Returns how many.
    """
    result = connection.execute(delete(evidence).where(evidence.c.last_seen_at < before))
    return result.rowcount


def _values(kept: Evidence, digest: str, seen_at: datetime) -> dict[str, Any]:
    body = zlib.compress(_body(kept))
    return {
        "sha256": digest,
        "url": kept.url,
        "http_status": kept.http_status,
        "content_type": kept.content_type,
        "reader": kept.reader,
        "body": body,
        "screenshot": kept.screenshot,
        "size": len(body) + len(kept.screenshot or b""),
        "last_seen_at": seen_at,
    }


def _body(kept: Evidence) -> bytes:
    return (kept.body or "").encode("utf-8", "replace")
