"""
Portals whose own script asks and draws, met without a hint which one it is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.lookalikes.asking import questions
from tests.lookalikes.scripts import SCRIPTS

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.lookalikes.asking import Asked
    from tests.lookalikes.serving import Lookalike

CASES = questions(SCRIPTS)


@pytest.mark.parametrize(("lookalike", "question"), CASES.values(), ids=CASES)
def test_scripts_are_read(
    lookalike: Lookalike, question: str, answers: Callable[[Lookalike], Asked]
) -> None:
    """
    Each number comes to what the page says of it, scans to the minute.
    """
    wrong = answers(lookalike).wrong(question)
    assert not wrong, wrong


def test_no_other_button_is_pressed(answers: Callable[[Lookalike], Asked]) -> None:
    """
    On the way to the details nothing is subscribed to, claimed, changed or removed.
    """
    (page,) = (one for one in SCRIPTS if one.name == "beside_buttons")
    assert [one for one in answers(page).requests if "/act?" in one] == []
