"""
The whole pack: which files there are for which cases, and what the index says of them.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from alerts.claims.cases import Gatherer, Step, of_step
from alerts.claims.evidence import Facts, PackedFile, Picture, evidence
from alerts.claims.extension import ExtensionFinder, drafts, registered_emails
from alerts.claims.fitting import in_files
from alerts.claims.index import index_text
from alerts.claims.listing import FileKind, Listed
from alerts.claims.names import harmless, part_name
from alerts.claims.workbook import MOST_ROWS, workbook
from tracker.shapes import instant

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from alerts.claims.cases import Case
    from alerts.claims.extension import Extension
    from alerts.claims.folder import Shelf
    from tracker.planning.deadlines import Deadlines
    from tracker.settings import Settings
    from tracker.store import Transaction

_MEGABYTE = 1_000_000
_STEMS = {Step.CLAIM: "claims", Step.FOLLOW_UP: "follow-up", Step.TOO_OLD: "too-old"}


_KINDS = {
    Step.CLAIM: FileKind.CLAIMS,
    Step.FOLLOW_UP: FileKind.FOLLOW_UP,
    Step.TOO_OLD: FileKind.TOO_OLD,
}


@dataclass(slots=True)
class Packed:
    """
    What the pack came to; ``problems`` are sentences about what it lacks.
    """

    files: list[Listed] = field(default_factory=list)
    cases: tuple[Case, ...] = ()
    problems: list[str] = field(default_factory=list)

    @property
    def empty(self) -> bool:
        """
        True when there is nothing to put into a folder.
        """
        return not self.files

    def count(self, step: Step) -> int:
        """
        How many parcels ask for this step.
        """
        return len(of_step(self.cases, step))


class Packer:
    """
    Packs within one transaction onto a shelf; within a ``scope`` nothing of other shops.
    """

    def __init__(
        self,
        tx: Transaction,
        deadlines: Deadlines,
        now: datetime,
        shelf: Shelf,
        scope: frozenset[str] | None = None,
    ) -> None:
        self._tx = tx
        self._deadlines = deadlines.follow(tx)
        self._settings: Settings = deadlines.settings
        self._now = now
        self._shelf = shelf
        self._scope = scope
        self._limit = int(self._settings.claims.max_megabytes * _MEGABYTE)
        self.packed = Packed()

    def pack(self, *, shop: str | None = None, country: str | None = None) -> Packed:
        """
        Every file of the pack is on the shelf, the index last; nothing if there is nothing.
        """
        gatherer = Gatherer(self._tx, self._deadlines, self._now, self._scope)
        self.packed.cases = gatherer.cases(shop=shop, country=country)
        for step in _STEMS:
            for site, cases in _by_country(of_step(self.packed.cases, step)).items():
                self._tables(step, site, cases)
        finder = ExtensionFinder(self._tx, self._deadlines, self._now, self._scope)
        for extension in finder.find(shop=shop, country=country):
            self._drafts(extension)
        for case in self.packed.cases:
            if case.step is not Step.CLAIMED:
                self._evidence(case)
        if not self.packed.empty:
            self._index()
        return self.packed

    def _tables(self, step: Step, site: str | None, cases: Sequence[Case]) -> None:
        columns = self._settings.claims.columns

        def build(part: Sequence[Case]) -> bytes:
            return workbook(part, columns)

        parts = in_files(cases, build, limit=self._limit, most=MOST_ROWS)
        for number, (rows, content) in enumerate(parts, start=1):
            name = part_name(f"{_STEMS[step]}-{harmless(site)}", ".xlsx", number, len(parts))
            self._put(PackedFile(name=name, content=content), _KINDS[step], rows)

    def _drafts(self, extension: Extension) -> None:
        parts = drafts(extension, self._emails(), self._limit)
        for number, (parcels, content) in enumerate(parts, start=1):
            stem = f"lead-time-extension-{harmless(extension.country)}"
            name = part_name(stem, ".txt", number, len(parts))
            self._list(
                PackedFile(name=name, content=content),
                FileKind.EXTENSION,
                extension.country,
                [(one.shop, one.tracking_number) for one in parcels],
            )

    def _evidence(self, case: Case) -> None:
        pictures, broken = self._kept(case)
        facts = Facts(now=self._now, broken=broken)
        made = evidence(case, pictures, facts, self._limit)
        for page in made.pages:
            self._put(page, FileKind.EVIDENCE, (case,))
        for picture in made.pictures:
            self._put(picture, FileKind.PICTURE, (case,))
        self.packed.problems += [f"{case.name}: {why}" for why in made.left_out]
        self.packed.problems += [
            f"{case.name}: the answer {digest} has changed since it was stored: it proves nothing"
            for digest in sorted(broken)
        ]

    def _kept(self, case: Case) -> tuple[list[Picture], frozenset[str]]:
        """
        The pictures of the looks' answers, and the answers that are not what was stored once.
        """
        pictures: list[Picture] = []
        broken: set[str] = set()
        answers = dict.fromkeys(one.evidence.sha256 for one in case.looks if one.evidence)
        for digest in answers:
            whole = self._tx.evidence.whole(digest)
            if whole is None:
                continue  # forgotten since the looks were listed
            if not whole.intact:
                broken.add(digest)
            if whole.screenshot is not None:
                pictures.append(Picture(answer=digest, png=whole.screenshot))
        return pictures, frozenset(broken)

    def _index(self) -> None:
        cases = self.packed.cases
        told = {
            "exported_at": instant(self._now),
            "files": [one.shape() for one in self.packed.files],
            "parcels": [_parcel_shape(case) for case in cases],
            "problems": self.packed.problems,
        }
        content = json.dumps(told, ensure_ascii=False, indent=1).encode("utf-8", "replace")
        text = index_text(self.packed.files, cases, self.packed.problems, self._emails())
        self._list(PackedFile(name="index.json", content=content), FileKind.INDEX, None, [])
        self._list(
            PackedFile(name="index.txt", content=text.encode("utf-8", "replace")),
            FileKind.INDEX,
            None,
            [],
        )

    def _emails(self) -> Mapping[str | None, str | None]:
        return registered_emails(self._settings)

    def _put(self, file: PackedFile, kind: FileKind, cases: Iterable[Case]) -> None:
        told = list(cases)
        about = [(one.parcel.shop, one.parcel.tracking_number) for one in told]
        self._list(file, kind, told[0].country, about)

    def _list(
        self,
        file: PackedFile,
        kind: FileKind,
        country: str | None,
        about: Sequence[tuple[str | None, str | None]],
    ) -> None:
        """
        The file is on the shelf and on the list; ``about`` are shops and numbers.
        """
        self._shelf.put(file.name, file.content)
        self.packed.files.append(
            Listed(
                name=file.name,
                kind=kind,
                country=country,
                shops=tuple(dict.fromkeys(shop for shop, _ in about)),
                tracking_numbers=tuple(number for _, number in about if number),
                size=len(file.content),
            )
        )
        if len(file.content) > self._limit and kind is not FileKind.INDEX:
            self.packed.problems.append(
                f"{file.name} is {len(file.content)} bytes, more than claims.max_megabytes: "
                "one row alone takes so much"
            )


def _by_country(cases: Iterable[Case]) -> dict[str | None, list[Case]]:
    found: dict[str | None, list[Case]] = {}
    for case in cases:
        found.setdefault(case.country, []).append(case)
    return found


def _parcel_shape(case: Case) -> dict[str, Any]:
    return {
        "step": case.step.value,
        "alert_id": case.alert.id,
        "tracking_number": case.parcel.tracking_number,
        "order_number": case.parcel.order_number,
        "shop": case.parcel.shop,
        "country": case.country,
        "created_at": instant(case.parcel.created_at),
        "case_id": case.case_id,
        "looks_since_deadline": len(case.looks),
    }


def summary_shape(packed: Packed, folder: str | None) -> dict[str, Any]:
    """
    The last line of ``claims export --json``; ``folder`` is null when nothing was written.
    """
    return {
        "folder": folder,
        "claims": packed.count(Step.CLAIM),
        "follow_ups": packed.count(Step.FOLLOW_UP),
        "too_old": packed.count(Step.TOO_OLD),
        "claimed": packed.count(Step.CLAIMED),
        "files": len(packed.files),
        "problems": list(packed.problems),
    }
