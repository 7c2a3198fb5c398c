"""
What a read page teaches, as text to paste: profile lines that were tried, and wording lines.
"""

from __future__ import annotations

import re
from dataclasses import asdict
from itertools import takewhile
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from tracker.model import Outcome, Stage
from tracker.pages.bodies import data_in
from tracker.pages.numbers import echoed
from tracker.pages.route_track import is_route_track
from tracker.stages import normalise_text
from tracker.teaching.case import reading
from tracker.teaching.controls import find_controls
from tracker.teaching.learning import with_lines
from tracker.teaching.paths import find_paths
from tracker.teaching.tomltext import toml_lines

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from tracker.pages.capture import Answer
    from tracker.stages import Tables
    from tracker.teaching.learning import Learned

    Lines = dict[str, Any]

_STAGES = (
    "announced, received, held, export, in_transit, customs, out_for_delivery, "
    "available_for_pickup, attempt_failed, delivered, returning, returned, lost, damaged, cancelled"
)
_PLACE = ("parcels", "number", "events")
_FIELDS = ("date", "text", "place", "code")


def profile_text(learned: Learned, file: str, *, now: datetime, tables: Tables) -> str | None:
    """
    A portal profile that pins what was found; ``None`` when nothing certain was.

    Each line was tried: with all of them the file reads as it did without, and each selector hits
    one element of the page. ``file`` is the file's name, for the reader of the profile.
    """
    ask, read = ask_lines(learned), read_lines(learned, now=now, tables=tables)
    if not (ask or read):
        return None
    carrier = learned.case.carrier
    head = (
        f"# Found in {_plain(file)} by `tracker carriers learn`. With these lines the file reads "
        "as it did\n# without them. Name this file in carriers."
        f"{carrier}.profile once the reading was right."
    )
    if read and all(report.outcome is Outcome.EVENTS for report in learned.reports):
        head += (
            "\n# [read] was seen on answers with events only: ask for a number that nobody knows "
            "too, and if\n# it becomes unreadable leave those lines out."
        )
    note = f"learned on {now:%Y-%m-%d} from a page saved in a browser"
    parts = [head, *toml_lines({"note": note})]
    for table, lines in (("ask", ask), ("read", read)):
        if lines:
            parts += [f"\n[{table}]", *toml_lines(lines)]
    return "\n".join(parts) + "\n"


def ask_lines(learned: Learned) -> Lines:
    """
    The field and the button as selectors, where the form stands in the file.
    """
    capture = learned.case.capture
    pages = (capture.html_before, capture.html) if capture is not None else ()
    found = next((one for one in map(find_controls, filter(None, pages)) if one), None)
    if found is None:
        return {}
    return {"field": found.field} | ({"button": found.button} if found.button else {})


def read_lines(learned: Learned, *, now: datetime, tables: Tables) -> Lines:
    """
    Address and paths of the page's own answer, as many as leave the reading as it is.
    """
    if not any(report.outcome is Outcome.EVENTS for report in learned.reports):
        return {}
    as_it_is = reading(learned.reports)
    for lines in _candidates(learned):
        tried = with_lines(learned.case, "read", lines)
        if lines and reading(tried.read(now, tables)) == as_it_is:
            return lines
    return {}


def wording_text(learned: Learned, file: str) -> str | None:
    """
    Wording lines for each text that no table knows, with STAGE for a person to fill in.
    """
    texts: dict[str, str] = {}
    for report in learned.reports:
        for event in report.events:
            if event.stage is Stage.UNCLASSIFIED:
                texts.setdefault(normalise_text(event.text), event.text)
    if not texts:
        return None
    head = (
        f"# Write one of these in place of each STAGE: {_STAGES}.\n"
        '# "received" only if the sorting centre has the parcel in hand. Leave out what is unclear.'
    )
    carrier = learned.case.carrier.value
    groups = (
        "\n".join(
            (
                "\n[[group]]",
                *toml_lines({"carrier": carrier, "stage": "STAGE"}),
                *toml_lines({"origin": f"seen on the portal ({file})", "texts": [text]}),
            )
        )
        for text in texts.values()
    )
    return "\n".join((head, *groups)) + "\n"


def _candidates(learned: Learned) -> Iterator[Lines]:
    """
    What may be pinned, the most first.
    """
    capture = learned.case.capture
    for answer in reversed(capture.answers if capture is not None else ()):
        data = data_in(answer.body)
        found = find_paths(data, learned.case.asked) if data is not None else None
        if found is None:
            continue
        address = _address(answer, learned)
        if is_route_track(data):  # a known form: the reader knows more of it than paths say
            yield address
            continue
        paths = {name: path for name, path in asdict(found).items() if path is not None}
        place = {name: path for name, path in paths.items() if name in _PLACE}
        fields = {name: path for name, path in paths.items() if name in _FIELDS}
        yield from (address | paths, address | place, address | fields, address, paths, place)


def _address(answer: Answer, learned: Learned) -> Lines:
    """
    The part of the answer's address that is the same for every question.
    """
    path = urlsplit(answer.url).path
    steps = path.split("/")
    lasting = list(takewhile(lambda step: not _of_one_question(step, learned), steps))
    part = path if lasting == steps else "/".join([*lasting, ""])
    return {"answer": part} if re.search(r"\w", part) else {}


def _of_one_question(step: str, learned: Learned) -> bool:
    """
    True for a part of an address that is another one the next time: a number, a job's name.
    """
    if echoed(unquote(step), learned.case.asked):
        return True
    return any(map(str.isdigit, step)) and not re.fullmatch(r"v\d+", step, re.IGNORECASE)


def _plain(file: str) -> str:
    return "".join(char for char in file if char.isprintable())
