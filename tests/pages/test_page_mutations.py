"""
Damaged pages: whatever is broken, no look may turn into a wrong "no" or an invented scan.

The claim (promises.md, "Page mutation"): the same events, or fewer only where exactly whole event
rows were removed, or ``scanned`` null, or a failed outcome; never a new no_events / not_found,
never an invented scan. Damage that leaves valid text inside a date, a place or a sentence is
outside the claim and is counted.
"""

from __future__ import annotations

import json
import re
from copy import deepcopy
from typing import TYPE_CHECKING, Any

from parsel import Selector

from tracker.model import Outcome
from tracker.pages.events import identity

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pytest
    from conftest import Case

    from tracker.model import LookReport

_CLASS = re.compile(r'class="([^"]*)"')
_CUTS = range(5, 100, 5)
_HAS_DATE = re.compile(r"20\d\d|-\d\d \d\d:|\d\d:\d\d")


def _deletions(html: str) -> Iterator[tuple[str, str, str]]:
    """
    The page without each of its elements: what was deleted, the page, and the deleted text.
    """
    elements = _elements(html)
    root = elements[0]
    for index, element in enumerate(elements):
        copy = deepcopy(root)
        gone = [e for e in copy.iter() if isinstance(e.tag, str)][index]
        parent = gone.getparent()
        if parent is None:
            yield "html", "", "whole"
            continue
        _lift_tail(gone)
        parent.remove(gone)
        text = " ".join(element.xpath(".//text()"))
        yield f"delete {element.tag} #{index}", _source(copy), text


def _elements(html: str) -> list[Any]:
    root: Any = Selector(text=html, type="html").root
    return [e for e in root.iter() if isinstance(e.tag, str)]


def _lift_tail(gone: Any) -> None:
    before, parent = gone.getprevious(), gone.getparent()
    if not gone.tail:
        return
    if before is None:
        parent.text = (parent.text or "") + gone.tail
    else:
        before.tail = (before.tail or "") + gone.tail


def _source(root: Any) -> str:
    return str(Selector(root=root, type="html").get())


def _renamings(html: str) -> Iterator[tuple[str, str]]:
    names = {name for value in _CLASS.findall(html) for name in value.split()}
    for name in sorted(names):
        yield f"rename {name}", re.sub(rf'(class="[^"]*)\b{re.escape(name)}\b', r"\1zz9", html)
    for number, match in enumerate(_CLASS.finditer(html)):
        yield f"rename one #{number}", f'{html[: match.start()]}class="zz9"{html[match.end() :]}'


def _cuts(text: str) -> Iterator[tuple[str, str]]:
    for percent in _CUTS:
        yield f"cut at {percent} %", text[: len(text) * percent // 100]


def _without_each(data: Any) -> Iterator[tuple[str, Any]]:
    """
    The data without each field and each entry.

    A list's last entry stays, for an emptied list says "nothing yet" by contract.md.
    """
    if isinstance(data, dict):
        for key, value in data.items():
            yield f"without {key}", {k: v for k, v in data.items() if k != key}
            for name, inner in _without_each(value):
                yield f"{key}: {name}", {**data, key: inner}
    if isinstance(data, list):
        for index, value in enumerate(data):
            if len(data) > 1:
                yield f"without entry {index}", [*data[:index], *data[index + 1 :]]
            for name, inner in _without_each(value):
                yield f"{index}: {name}", [*data[:index], inner, *data[index + 1 :]]


def _data_mutants(case: Case) -> Iterator[tuple[str, Case]]:
    bodies = (case.answer,) if case.answer else case.capture.answers if case.capture else ()
    for index, answer in enumerate(bodies):
        if answer.body.lstrip().startswith(("{", "[")):
            for name, data in _without_each(json.loads(answer.body)):
                yield name, case.with_body(json.dumps(data), index)


def _page_mutants(html: str) -> Iterator[tuple[str, str, str]]:
    for name, page in (*_renamings(html), *_cuts(html)):
        yield name, page, ""
    yield from _deletions(html)


def _mutants(case: Case) -> Iterator[tuple[str, Case, str]]:
    """
    Every damaged form of a case, with the text that was taken out.
    """
    bodies = (case.answer,) if case.answer else case.capture.answers if case.capture else ()
    for index, answer in enumerate(bodies):
        for name, body in _cuts(answer.body):
            if body.rstrip() != answer.body.rstrip():
                yield f"{name} of answer {index}", case.with_body(body, index), ""
    if case.capture is None:
        return
    for name, page, gone in _page_mutants(case.capture.html):
        yield name, case.with_html(page), gone
    for index, html in enumerate(case.capture.further):
        for name, page, gone in _page_mutants(html):
            yield f"{name} of further {index + 1}", case.with_further(page, index), gone


def _verdict(before: LookReport, after: LookReport, gone: str) -> str:
    """
    ``held``, ``outside`` (the damage left valid text), or what is wrong.
    """
    if not after.outcome.is_good:
        return "held"
    if after.outcome in {Outcome.NO_EVENTS, Outcome.NOT_FOUND}:
        return "held" if after.outcome is before.outcome else f"invented {after.outcome}"
    had = {identity(event) for event in before.events}
    has = {identity(event) for event in after.events}
    scans = {identity(event) for event in after.events if event.is_scan}
    true_scans = {identity(event) for event in before.events if event.is_scan}
    lost = had - has
    if has <= had and scans <= true_scans:
        whole = all(_row_is_in(event, gone) for event in before.events if identity(event) in lost)
        return "held" if whole or after.scanned is None else "lost events"
    if after.scanned is None:
        return "held"
    if _cut_inside_a_row(before, after):
        return "outside"
    return "invented scan" if scans - true_scans else "other events"


def _row_is_in(event: Any, gone: str) -> bool:
    return event.text in " ".join(gone.split()) and bool(_HAS_DATE.search(gone))


def _cut_inside_a_row(before: LookReport, after: LookReport) -> bool:
    """
    True when every event is one of before in part: its text, or its date on the day of before.
    """
    texts = {(event.text, event.occurred_at) for event in before.events}
    for event in after.events:
        same_text = any(event.text == text for text, _ in texts)
        same_time = any(event.occurred_at == at for _, at in texts)
        if not same_text and not same_time:
            return False
    return True


def test_damage_never_invents(good_case: Case, record_property: pytest.RecordProperty) -> None:
    """
    No deletion, renaming or cut makes a wrong "no", an invented scan or a silently shorter list.
    """
    whole = {report.tracking_number: report for report in good_case.read()}
    tried = outside = 0
    wrong = []
    for name, mutant, gone in _mutants(good_case):
        for report in mutant.read():
            tried += 1
            verdict = _verdict(whole[report.tracking_number], report, gone)
            outside += verdict == "outside"
            if verdict not in {"held", "outside"}:
                wrong.append((name, gone[:60], report.tracking_number, verdict))
    record_property("damaged_readings", tried)
    record_property("outside_the_claim", outside)
    assert tried > 0
    assert wrong == []


def test_lost_fields_never_invent(good_case: Case, record_property: pytest.RecordProperty) -> None:
    """
    Data without any one field or entry make no new "no", no invented scan, no other event.
    """
    whole = {report.tracking_number: report for report in good_case.read()}
    tried = 0
    wrong = []
    for name, mutant in _data_mutants(good_case):
        for report in mutant.read():
            tried += 1
            before = whole[report.tracking_number]
            texts = {(event.text, event.is_scan) for event in before.events}
            new = {(event.text, event.is_scan) for event in report.events if event.is_scan} - texts
            is_new_no = report.outcome in {Outcome.NO_EVENTS, Outcome.NOT_FOUND} and before.events
            if new or is_new_no:
                wrong.append((name, report.tracking_number, report.outcome, new))
    record_property("damaged_readings", tried)
    assert wrong == []


def test_there_are_more_than_ten_thousand_damaged_readings(good_cases: list[Case]) -> None:
    """
    The cases give more than 10,000 readings of damage; what came of them ends the run's report.
    """
    assert sum(map(_readings, good_cases)) > 10_000


def _readings(case: Case) -> int:
    """
    How many damaged readings a case gives: one for each damage and asked number.
    """
    answers = (case.answer,) if case.answer else case.capture.answers if case.capture else ()
    pages = (case.capture.html, *case.capture.further) if case.capture else ()
    damages = sum(len(_elements(html)) + len(list(_renamings(html))) for html in pages)
    damages += len(_CUTS) * (len(pages) + len(answers))
    return (damages + len(list(_data_mutants(case)))) * len(case.asked)
