"""
The kept answers of portals as files that can be shown to a carrier (promises.md R20).

File names are made of our own numbers only. What the files hold is what the portal sent, masked of
personal data: it is never opened or run here.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tracker.model import UsageError
from tracker.shapes import instant, look_shape

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime, timedelta
    from pathlib import Path

    from tracker.model import KeptAnswer, Parcel, StoredLook
    from tracker.store import Transaction

INDEX = "index.json"
HASHED = (
    "sha256 is that of three parts one after the other: the address (url) and a line feed, the "
    "status (http_status) and a line feed, and the answer's file; null is written None. "
    "file_sha256 and picture_sha256 are those of the files alone."
)


@dataclass(slots=True)
class Exported:
    """
    What was written; ``broken`` are digests whose body is not the one they were made of.
    """

    answers: int = 0
    pictures: int = 0
    broken: list[str] = field(default_factory=list)


class EvidenceFolder:
    """
    One export into one folder; nothing that stands there is overwritten.
    """

    def __init__(self, tx: Transaction, folder: Path, keep: timedelta) -> None:
        self._tx = tx
        self._folder = folder
        self._keep = keep
        self._files: dict[str, dict[str, Any]] = {}
        self.exported = Exported()

    def write(self, parcels: Iterable[Parcel], now: datetime) -> Exported:
        """
        Answers, pictures and an index of all looks at the parcels stand in the folder.

        Raises :class:`UsageError` when the folder holds an index already or cannot be written.
        """
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            if (self._folder / INDEX).exists():
                raise UsageError(
                    f"{self._folder} holds an {INDEX} already: name a folder that is new."
                )
            index = {
                "exported_at": instant(now),
                "hashed": HASHED,
                "parcels": [self._parcel(one) for one in parcels],
            }
            told = json.dumps(index, ensure_ascii=False, indent=1)
            self._new_file(INDEX, told.encode("utf-8", "replace"))
        except OSError as error:
            raise UsageError(f"{self._folder} cannot be written: {error.strerror}.") from error
        return self.exported

    def _parcel(self, parcel: Parcel) -> dict[str, Any]:
        return {
            "tracking_number": parcel.tracking_number,
            "order_number": parcel.order_number,
            "scan_deadline": instant(parcel.scan_deadline),
            "looks": [self._look(one) for one in self._tx.looks.of(parcel.id)],
        }

    def _look(self, look: StoredLook) -> dict[str, Any]:
        shape = look_shape(look, self._keep)
        if look.evidence is not None:
            digest = look.evidence.sha256
            if digest not in self._files:
                self._files[digest] = self._answer(look, look.evidence)
            files = self._files[digest]
            shape["evidence"] = shape["evidence"] | files if files else None
        return shape

    def _answer(self, look: StoredLook, kept: KeptAnswer) -> dict[str, Any]:
        """
        The answer's files, written once however many looks rest on it.
        """
        whole = self._tx.evidence.whole(kept.sha256)
        if whole is None:
            return {}  # forgotten since the looks were listed
        stem = f"look-{look.id}-{kept.sha256[:12]}"
        told = {"file": stem + _ending(kept.content_type), "picture": None}
        self._new_file(str(told["file"]), whole.body)
        self.exported.answers += 1
        if whole.screenshot is not None:
            told["picture"] = f"{stem}.png"
            self._new_file(f"{stem}.png", whole.screenshot)
            self.exported.pictures += 1
        if not whole.intact:
            self.exported.broken.append(kept.sha256)
        return told | {
            "file_sha256": _sha256(whole.body),
            "picture_sha256": None if whole.screenshot is None else _sha256(whole.screenshot),
            "intact": whole.intact,
        }

    def _new_file(self, name: str, content: bytes) -> None:
        with (self._folder / name).open("xb") as stream:
            stream.write(content)


def _ending(content_type: str | None) -> str:
    """
    The file's ending by what the portal called its answer; plain text for anything strange.
    """
    kind = (content_type or "").partition(";")[0].strip().lower()
    if kind.endswith("json"):
        return ".json"
    return ".html" if kind in {"text/html", "application/xhtml+xml"} else ".txt"


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
