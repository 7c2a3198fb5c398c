"""
Field and button in a saved page, as selectors that hit one element.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from parsel import Selector

from tracker.pages.capture import HIDDEN_ATTRIBUTE
from tracker.teaching.controls import Controls, find_controls

CASES = Path(__file__).parents[1] / "pages" / "cases"


@pytest.mark.parametrize(
    ("html", "field", "button"),
    [
        (
            "<label for=a>Tracking no</label><textarea id=a></textarea><button id=go>Go</button>",
            "#a",
            "#go",
        ),
        (
            '<form><input name=q><input name=waybill><input type=submit value="Search"></form>',
            'input[name="waybill"]',
            'input[value="Search"]',
        ),
        (
            '<form><input placeholder="请输入运单号"><button>查询</button><button>重置</button>',
            'input[placeholder="请输入运单号"]',
            None,
        ),
        (
            '<input name=email placeholder="Your e-mail"><p class=box><textarea></textarea></p>',
            "p.box textarea",
            None,
        ),
        (
            """<form id=f><textarea id=x8f3e2d1c9 aria-label="Parcels"></textarea>
            <a href="/login">Sign in</a><button class="btn go">Track</button></form>""",
            'textarea[aria-label="Parcels"]',
            "button.btn",
        ),
        (
            """<form id=f><input type=search><button>Go</button></form>
            <form id=g><button>Ok</button><input type=search name=site></form>""",
            "#f input",
            "#f button",
        ),
    ],
)
def test_the_field_and_its_button(html: str, field: str, button: str | None) -> None:
    """
    By name, label, placeholder and the form around them; a script's names are passed by.
    """
    page = f"<html><body>{html}</body></html>"
    found = find_controls(page)
    assert found == Controls(field, button)
    for selector in filter(None, (field, button)):
        assert len(Selector(text=page).css(selector)) == 1


@pytest.mark.parametrize(
    "html",
    [
        "",
        "<html><body><p>Track your parcel</p></body></html>",
        '<input type=password name="track"><input name=email>',
        f"<div {HIDDEN_ATTRIBUTE}><textarea name=track></textarea></div>",
        '<div style="display:none"><textarea name=track></textarea></div>',
        "<textarea name=track disabled></textarea>",
        "<textarea name=track readonly></textarea>",
    ],
)
def test_no_field_is_made_up(html: str) -> None:
    """
    What is hidden, locked or for something else is no field for tracking numbers.
    """
    assert find_controls(html) is None


def test_the_saved_pages_have_their_controls() -> None:
    """
    Wherever a page of tests/pages/cases has a form, both are found, each hit once.
    """
    pages = [path.read_text("utf-8") for path in sorted(CASES.glob("*/before.html"))]
    found = [(page, find_controls(page)) for page in pages]
    named = [(page, one) for page, one in found if one is not None and one.button is not None]
    assert len(named) >= 60
    for page, controls in named:
        assert len(Selector(text=page).css(controls.field)) == 1
        assert len(Selector(text=page).css(controls.button or "")) == 1
