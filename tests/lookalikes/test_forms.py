"""
Portals whose server draws the answer, met without a hint which one it is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.lookalikes.asking import questions
from tests.lookalikes.forms import FORMS

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.lookalikes.asking import Asked
    from tests.lookalikes.serving import Lookalike

CASES = questions(FORMS)


@pytest.mark.parametrize(("lookalike", "question"), CASES.values(), ids=CASES)
def test_forms_are_read(
    lookalike: Lookalike, question: str, answers: Callable[[Lookalike], Asked]
) -> None:
    """
    Each number comes to what the page says of it, scans to the minute.
    """
    wrong = answers(lookalike).wrong(question)
    assert not wrong, wrong


def test_consent_is_refused(answers: Callable[[Lookalike], Asked]) -> None:
    """
    A page that asks for consent gets none: what stands in the way is closed, never accepted.
    """
    (notice,) = (one for one in FORMS if one.name == "consent_notice")
    assert [one for one in answers(notice).requests if "choice=accept" in one] == []
