"""
Personal data leave evidence; tracking numbers and dates stay.
"""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.pages import masking
from tracker.pages.masking import mask

NUMBERS = "JG-NJS-319365323-5711 UH473124829KG 2026-11-20T10:04:05+08:00 05/10/2026 1795054260000"


def test_numbers_and_dates_stay() -> None:
    """
    A text of numbers and dates comes out as it went in.
    """
    assert mask(NUMBERS) == NUMBERS


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("write to ada.obi@example.com now", "ada.obi"),
        ("call +234 803 123 4567", "803"),
        ("电话 13800138000", "13800138000"),
        ('{"consignee": "Ada Obi", "no": "x"}', "Ada"),
        ('{"receiver": {"name": "Ada", "city": "Lagos"}}', "Ada"),
        ('{"customerPhone": "080 3123"}', "3123"),
        ("<td>Consignee</td><td>Ada Obi</td>", "Ada"),
        ("<b>收件人：</b><span>李雷</span>", "李雷"),
        ("Receiver: Ada Obi", "Ada"),
        ("Delivered, signed by ADA OBI", "ADA"),
    ],
)
def test_persons_are_masked(text: str, secret: str) -> None:
    """
    Names, numbers and addresses of persons do not survive.
    """
    assert secret not in mask(text)


def test_number_beside_a_label_stays() -> None:
    """
    A tracking number or a date that stands behind a person's label is kept.
    """
    masked = mask("Consignee: Ada Obi JG-NJS-319365323-5711 2026-11-20 10:04")
    assert "Ada" not in masked
    assert masked.endswith("JG-NJS-319365323-5711 2026-11-20 10:04")


def test_masking_twice_changes_nothing() -> None:
    """
    A masked text is its own masked text.
    """
    once = mask('{"consignee": "Ada"} Receiver: Ada, a@b.co')
    assert mask(once) == once


_PIECES = st.sampled_from(
    [
        *("Consignee", "RECEİVER", "phone no", "\u0131d: addressee", "Signed by", "\u017fhip to"),
        *("收件人", "联系电话", ": ", "：", "Ada Obi", "</b>", "<td>", "\n", '"', "{", "}", ", "),
        *("ada@b.co", "+234 803 123 4567", "13800138000", "86-13800138000", "0755-1234567", "0"),
        *("UH473124829KG", "2026-11-20 10:04", "\u212a", "ß", "Ship To: ", "tel", "邮编"),
    ]
)


@given(pieces=st.lists(_PIECES, max_size=12))
def test_nothing_is_passed_over_for_the_sake_of_speed(pieces: list[str]) -> None:
    """
    The quick looks that come first find every text that the searches behind them would change.
    """
    text = "".join(pieces)
    every = re.compile(masking._LABEL.pattern, re.IGNORECASE)
    assert bool(masking._LABEL.search(masking._small(text))) >= bool(every.search(text))
    for needs, phone in masking._PHONES:
        assert bool(needs.search(text)) >= bool(phone.search(text))
