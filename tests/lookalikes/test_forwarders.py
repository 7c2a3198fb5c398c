"""
Portals in the manners of forwarders' own developers, met without a hint which one it is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.lookalikes.asking import questions
from tests.lookalikes.forwarders import FORWARDERS

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.lookalikes.asking import Asked
    from tests.lookalikes.serving import Lookalike

CASES = questions(FORWARDERS)


@pytest.mark.parametrize(("lookalike", "question"), CASES.values(), ids=CASES)
def test_forwarders_are_read(
    lookalike: Lookalike, question: str, answers: Callable[[Lookalike], Asked]
) -> None:
    """
    Each number comes to what the page says of it, scans to the minute.
    """
    wrong = answers(lookalike).wrong(question)
    assert not wrong, wrong
