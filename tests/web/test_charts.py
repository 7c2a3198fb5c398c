"""
Plots: where marks and labels stand, and that nothing of the data can become markup.
"""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

import pytest

from tracker.web.charts.pictures import WIDTH, Series, bar_chart, column_chart, line_chart
from tracker.web.charts.scale import Scale, decimal_steps, hour_steps, labelled, marks


@pytest.mark.parametrize(
    ("highest", "expected"),
    [
        (0, (0, 1)),
        (1, (0, 1)),
        (3, (0, 1, 2, 3)),
        (5, (0, 2, 4, 6)),
        (36, (0, 10, 20, 30, 40)),
        (101, (0, 50, 100, 150)),
    ],
)
def test_marks_are_round_numbers(highest: float, expected: tuple[float, ...]) -> None:
    """
    Few, evenly spaced, and the last one is not below the highest value.
    """
    assert marks(highest, decimal_steps()) == expected


@pytest.mark.parametrize(
    ("highest", "expected"),
    [(20, (0, 6, 12, 18, 24)), (26, (0, 12, 24, 36)), (100, (0, 48, 96, 144))],
)
def test_hours_are_marked_as_days_are_divided(highest: float, expected: tuple[float, ...]) -> None:
    """
    By 6, 12 or 24 hours and not by tens.
    """
    assert marks(highest, hour_steps()) == expected


def test_a_scale_puts_its_ends_at_the_ends() -> None:
    """
    Upwards too; a scale of one value does not divide by nothing.
    """
    upward = Scale(0, 40, 160, 20)
    assert [upward(0), upward(20), upward(40)] == [160, 90, 20]
    assert Scale(3, 3, 10, 90)(3) == 10


@pytest.mark.parametrize(
    ("how_many", "expected"), [(0, set()), (1, {0}), (4, {0, 1, 2, 3}), (12, {2, 5, 8, 11})]
)
def test_the_last_place_is_always_labelled(how_many: int, expected: set[int]) -> None:
    """
    The others as far as there is room.
    """
    assert labelled(how_many, 4) == expected


def test_a_line_is_broken_where_nothing_is_known() -> None:
    """
    No line is drawn through a week without parcels; a single week is a dot.
    """
    drawn = line_chart(
        ["1", "2", "3", "4"], [Series("median", (5.0, 6.0, None, 7.0))], "What is shown"
    )
    root = ET.fromstring(drawn)
    runs = [one.get("points", "").split() for one in root.iter("polyline")]
    assert [len(run) for run in runs] == [2, 1]
    assert len(list(root.iter("circle"))) == 3


def test_columns_end_at_their_values() -> None:
    """
    Twice the value is twice the height, and what is unknown has no column.
    """
    root = ET.fromstring(column_chart(["a", "b", "c"], [50, None, 100], "Shares"))
    heights = [float(one.get("height", "")) for one in root.iter("rect")]
    assert heights == [pytest.approx(heights[1] / 2), heights[1]]


def test_bars_tell_their_counts() -> None:
    """
    The longest fits, none is invisible, and the count stands behind each.
    """
    root = ET.fromstring(bar_chart([("Nothing", 0), ("Much", 12_345)], "Counts"))
    lengths = [float(one.get("width", "")) for one in root.iter("rect")]
    assert 0 < lengths[0] < lengths[1] < WIDTH
    assert [one.text for one in root.iter("text")] == ["Nothing", "0", "Much", "12,345"]


@pytest.mark.parametrize(
    "empty", [line_chart([], [], "-"), column_chart([], [], "-"), bar_chart([], "-")]
)
def test_nothing_to_show_is_a_picture_too(empty: str) -> None:
    """
    No division by nothing, and valid markup.
    """
    assert ET.fromstring(empty).tag == "svg"


def test_names_cannot_become_markup() -> None:
    """
    A shop or centre may be called anything.
    """
    evil = '"><script>alert(1)</script>'
    for drawn in (
        bar_chart([(evil, 1)], evil),
        line_chart([evil], [Series(evil, (1.0,))], evil),
        column_chart([evil], [1], evil),
    ):
        root = ET.fromstring(drawn)
        assert root.get("aria-label") == evil
        assert not list(root.iter("script"))
        assert not re.search(r"style=|onload", drawn)
