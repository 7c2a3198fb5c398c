"""
The evidence page of one case: why the parcel is late and how that was seen, as one HTML file.

It holds no script and loads nothing; pictures stand in it as long as it keeps within its size, the
largest ones are files beside it otherwise.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from alerts.claims.comments import comment
from alerts.claims.fitting import in_files
from alerts.claims.names import harmless, part_name
from alerts.claims.pictures import NotSplitError, strips
from alerts.messages.clean import TEXT, URL, one_line
from alerts.messages.words import local, stamp
from tracker.proofs.exporting import HASHED

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from alerts.claims.cases import Case
    from tracker.model import StoredLook

#: Rows of one page: with texts of full length they keep well within the smallest limit.
MOST_LOOKS = 400
MOST_EVENTS = 20
_TEMPLATES = Path(__file__).parent / "templates"
#: Bytes of a page that a picture costs besides itself, and what each look's link to it costs.
_AROUND_A_PICTURE = 1500
_LINK = 150


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """
    What a browser showed: the digest of the answer it belongs to, and the PNG.
    """

    answer: str
    png: bytes

    @property
    def sha256(self) -> str:
        """
        That of the picture alone.
        """
        return hashlib.sha256(self.png).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class PackedFile:
    """
    One file of the pack: its name within the pack's folder, and what it holds.
    """

    name: str
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """
    The pages and the pictures beside them; ``left_out`` says which pictures could not be written.
    """

    pages: tuple[PackedFile, ...]
    pictures: tuple[PackedFile, ...]
    left_out: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """
    What a page tells besides the case: when it was written, and which answers have changed.
    """

    now: datetime
    broken: frozenset[str] = frozenset()


def evidence(case: Case, pictures: Iterable[Picture], facts: Facts, limit: int) -> Evidence:
    """
    The case's evidence in files of at most ``limit`` bytes each.
    """
    stem = f"evidence-{harmless(case.parcel.tracking_number)}-{case.parcel.id}"
    bare = in_files(
        case.looks or (None,),
        lambda looks: _page(case, looks, facts, {}),
        limit=limit,
        most=MOST_LOOKS,
    )
    shown = _sharing(list(pictures), [looks for looks, _ in bare])
    told = [
        _Shown.of(mine, limit - len(content) - _LINK * len(looks), f"{stem}-picture", limit)
        for mine, (looks, content) in zip(shown, bare, strict=True)
    ]
    pages = tuple(
        PackedFile(
            name=part_name(stem, ".html", part, len(bare)),
            content=_page(case, looks, facts, picture.sources),
        )
        for part, ((looks, _), picture) in enumerate(zip(bare, told, strict=True), start=1)
    )
    return Evidence(
        pages=pages,
        pictures=tuple(file for one in told for file in one.files),
        left_out=tuple(why for one in told for why in one.left_out),
    )


def _sharing(
    pictures: Sequence[Picture], parts: Sequence[Sequence[StoredLook | None]]
) -> list[list[Picture]]:
    """
    Each picture goes to the first page with a look that rests on its answer.
    """
    left = {picture.answer: picture for picture in pictures}
    found: list[list[Picture]] = []
    for looks in parts:
        answers = dict.fromkeys(look.evidence.sha256 for look in looks if look and look.evidence)
        found.append([left.pop(answer) for answer in answers if answer in left])
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """
    Where a page finds a picture: in itself (``data``), or in files beside it, or nowhere.
    """

    sha256: str
    data: str | None = None
    files: tuple[str, ...] = ()
    why_not: str | None = None


@dataclass(frozen=True, slots=True)
class _Shown:
    """
    How one page's pictures are shown.
    """

    sources: Mapping[str, Source]
    files: tuple[PackedFile, ...]
    left_out: tuple[str, ...]

    @classmethod
    def of(cls, pictures: Sequence[Picture], room: int, stem: str, limit: int) -> _Shown:
        """
        The small ones first into the page's room, the others into files beside it.
        """
        sources: dict[str, Source] = {}
        files: list[PackedFile] = []
        room -= _AROUND_A_PICTURE * (len(pictures) + 1)
        for picture in sorted(pictures, key=lambda one: len(one.png)):
            room -= (len(picture.png) + 2) // 3 * 4
            if room >= 0:
                data = base64.b64encode(picture.png).decode("ascii")
                sources[picture.answer] = Source(sha256=picture.sha256, data=data)
                continue
            sources[picture.answer], beside = _beside(picture, stem, limit)
            files += beside
        left_out = tuple(one.why_not for one in sources.values() if one.why_not)
        return cls(sources, tuple(files), left_out)


def _beside(picture: Picture, stem: str, limit: int) -> tuple[Source, tuple[PackedFile, ...]]:
    try:
        cut = strips(picture.png, limit)
    except NotSplitError as error:
        why = f"the picture of the answer {picture.answer[:12]} is left out: {error}"
        return Source(sha256=picture.sha256, why_not=why), ()
    name = f"{stem}-{picture.answer[:12]}"
    files = tuple(
        PackedFile(name=part_name(name, ".png", part, len(cut)), content=strip)
        for part, strip in enumerate(cut, start=1)
    )
    return Source(sha256=picture.sha256, files=tuple(file.name for file in files)), files


def _page(
    case: Case,
    looks: Sequence[StoredLook | None],
    facts: Facts,
    pictures: Mapping[str, Source],
) -> bytes:
    template = _environment().get_template("evidence.html.j2")
    page = template.render(
        case=case,
        line=case.line,
        parcel=case.parcel,
        looks=[look for look in looks if look is not None],
        events=case.events[-MOST_EVENTS:],
        older_events=max(0, len(case.events) - MOST_EVENTS),
        comments={language: comment(case, language) for language in ("en", "zh")},
        facts=facts,
        pictures=pictures,
        hashed=HASHED,
    )
    return page.encode("utf-8", "replace")


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.globals.update(stamp=stamp, local=local)
    environment.filters["line"] = lambda text: one_line(str(text), TEXT)
    environment.filters["url"] = lambda text: one_line(str(text), URL)
    return environment
