"""
Paths into a page's own answer, found by meaning and true for every row.
"""

from __future__ import annotations

from typing import Any

import jmespath
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.teaching.paths import AnswerPaths, find_paths

ONE, OTHER = "JG-NJS-319365323-5711", "JG-NJS-319365324-5712"


def event(text: str = "Parcel received and accepted", **more: Any) -> dict[str, Any]:
    """
    An event as portals tell it.
    """
    return {"time": "2026-11-19 10:11", "desc": text, **more}


@pytest.mark.parametrize(
    ("data", "paths"),
    [
        (
            {"d": {"x": [{"n": ONE, "h": [event(place="SZX", code="OP-14")]}]}},
            ("d.x", "n", "h", "time", "desc", "place", "code"),
        ),
        ([{"n": ONE, "h": [event()]}], ("@", "n", "h", "time", "desc", None, None)),
        ({"n": ONE, "h": [event()]}, ("@", "n", "h", "time", "desc", None, None)),
        (
            {"a": [{"b": [{"n": ONE, "h": [event()]}]}]},
            ("a[].b[]", "n", "h", "time", "desc", None, None),
        ),
        (
            {"data": {"head": {"no": ONE}, "legs": [{"ev": [event()]}, {"ev": [event()]}]}},
            ("data", "head.no", "legs[].ev", "time", "desc", None, None),
        ),
        (
            {"rows": [event(no=ONE), event(no=OTHER)]},
            ("rows", "no", "[@]", "time", "desc", None, None),
        ),
        (
            {"r": [{"tracking-no": ONE, "事件": [event(location={"city": "SZX"})]}]},
            ("r", '"tracking-no"', '"事件"', "time", "desc", "location.city", None),
        ),
        (
            {"ads": [event()], "r": [{"n": ONE, "h": [event()]}, {"n": OTHER, "h": [event()]}]},
            ("r", "n", "h", "time", "desc", None, None),
        ),
    ],
)
def test_paths_lead_to_the_events(data: Any, paths: tuple[str | None, ...]) -> None:
    """
    Lists, objects, legs, flat rows, odd names and places that are objects.
    """
    names = ("parcels", "number", "events", "date", "text", "place", "code")
    assert find_paths(data, [ONE, OTHER]) == AnswerPaths(**dict(zip(names, paths, strict=True)))  # type: ignore[arg-type]  # the first three are never None


@pytest.mark.parametrize(
    "data",
    [
        None,
        [],
        {"q": [1, 2, 3]},
        {"list": [{"n": ONE, "h": []}]},
        {"list": [{"n": "JG-NJS-999999999-9999", "h": [event()]}]},
        {"by": {ONE: {"h": [event()]}}},
    ],
)
def test_what_no_path_can_say_is_not_said(data: Any) -> None:
    """
    No events, nobody's events, numbers that are keys.
    """
    assert find_paths(data, [ONE]) is None


def test_a_field_that_changes_from_row_to_row_is_left_to_the_reader() -> None:
    """
    Only what is the same in every row is pinned.
    """
    rows = [{"time": "2026-11-19 10:11", "desc": "A"}, {"date": "2026-11-19 10:11", "desc": "B"}]
    found = find_paths([{"n": ONE, "h": rows}], [ONE])
    assert found is not None
    assert (found.date, found.text) == (None, "desc")


NAMES = st.text(min_size=1, max_size=6).filter(lambda name: not name.isspace())


@given(names=st.lists(NAMES, min_size=5, max_size=5, unique=True), deep=st.integers(0, 4))
def test_whatever_the_names_are_the_paths_lead_there(names: list[str], deep: int) -> None:
    """
    Followed by JMESPath, the paths give the number and each event's own date.
    """
    outer, number, events, date, text = names
    rows = [{date: f"2026-11-1{day} 10:11", text: f"said on day {day}"} for day in range(5)]
    data: Any = [{number: ONE, events: rows}]
    for _ in range(deep):
        data = {outer: data}
    found = find_paths(data, [ONE])
    if found is None:
        return  # a name such as "history" may say that the object is something else
    (parcel,) = jmespath.search(found.parcels, data)
    assert jmespath.search(found.number, parcel) == ONE
    assert jmespath.search(found.events, parcel) == rows
    if found.date is not None:
        assert [jmespath.search(found.date, row) for row in rows] == [row[date] for row in rows]


def test_endless_depth_ends() -> None:
    """
    A hostile answer a thousand levels deep gives nothing and breaks nothing.
    """
    data: Any = [event()]
    for _ in range(300):
        data = {"a": data}
    assert find_paths(data, [ONE]) is None
