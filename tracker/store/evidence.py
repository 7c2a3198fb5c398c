"""
What portals answered, so that a look can be proved: each answer is kept once (promises.md R20).

Many looks rest on one answer (a batch's page, an unchanged "not found"), so an answer is known by
its content, and its age is that of the last look that saw it. How long it is kept stands in
:mod:`tracker.store.retention`.
"""

from __future__ import annotations

import hashlib
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import case, func, select
from sqlalchemy.dialects import postgresql, sqlite

from tracker.model import KeptAnswer
from tracker.store.tables import evidence

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from sqlalchemy import ColumnElement, Connection, RowMapping

    from tracker.model import Evidence


def digest_of(kept: Evidence) -> str:
    """
    What an answer is known by: its address, its status and its body.
    """
    return hashlib.sha256(_head(kept.url, kept.http_status) + _body(kept)).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class WholeAnswer:
    """
    A kept answer with its body (UTF-8) and picture (PNG).

    ``intact``: the body is the very one that the digest was made of.
    """

    body: bytes
    screenshot: bytes | None
    intact: bool


def whole_answer(connection: Connection, digest: str) -> WholeAnswer | None:
    """
    The answer with that digest; ``None`` if it is not kept any more.
    """
    row = connection.execute(select(evidence).where(evidence.c.sha256 == digest)).mappings().first()
    if row is None:
        return None
    try:
        body = zlib.decompress(row["body"])
    except zlib.error:
        return WholeAnswer(body=row["body"], screenshot=row["screenshot"], intact=False)
    again = hashlib.sha256(_head(row["url"], row["http_status"]) + body).hexdigest()
    return WholeAnswer(body=body, screenshot=row["screenshot"], intact=again == digest)


def kept_columns() -> tuple[ColumnElement[Any], ...]:
    """
    What :func:`kept_answer` needs of a row, under names that no look's column has.
    """
    return (
        evidence.c.sha256.label("kept_sha256"),
        evidence.c.url.label("kept_url"),
        evidence.c.http_status.label("kept_http_status"),
        evidence.c.content_type.label("kept_content_type"),
        evidence.c.screenshot.is_not(None).label("kept_screenshot"),
        evidence.c.last_seen_at.label("kept_last_seen_at"),
    )


def kept_answer(row: RowMapping) -> KeptAnswer | None:
    """
    What is kept of the answer that a look rests on, if anything is.
    """
    if row["kept_sha256"] is None:
        return None
    return KeptAnswer(
        sha256=row["kept_sha256"],
        url=row["kept_url"],
        http_status=row["kept_http_status"],
        content_type=row["kept_content_type"],
        has_screenshot=bool(row["kept_screenshot"]),
        last_seen_at=row["kept_last_seen_at"],
    )


def keep_answers(
    connection: Connection, answers: Iterable[tuple[Evidence, datetime]]
) -> dict[int, str]:
    """
    Each answer is on record as seen at its instant; the digests by the ``id()`` of the evidence.

    An answer that is on record keeps its first screenshot, and takes one if it has none.
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
                set_={
                    "last_seen_at": statement.excluded.last_seen_at,
                    "screenshot": func.coalesce(
                        evidence.c.screenshot, statement.excluded.screenshot
                    ),
                    "size": case(
                        (evidence.c.screenshot.is_(None), statement.excluded.size),
                        else_=evidence.c.size,
                    ),
                },
            ),
            [rows[digest] for digest in sorted(rows)],
        )
    return digests


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


def _head(url: str | None, http_status: int | None) -> bytes:
    return f"{url}\n{http_status}\n".encode("utf-8", "replace")
