"""
The comment of one claim, in English and in Chinese, as Raise A Claim asks for (domain.md 1.6).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from alerts.claims.cases import Step
from alerts.messages.sections import is_lost
from alerts.messages.words import Words

if TYPE_CHECKING:
    from alerts.claims.cases import Case

# The texts to be copied stand in every language's templates alike.
_WORDS = Words("en")


def comment(case: Case, language: str) -> str:
    """
    The comment in ``en`` or ``zh``, one sentence or row a line; for one parcel alone.
    """
    if case.step is Step.FOLLOW_UP:
        said = _WORDS.lines("claim_pack", f"follow_up_{language}", case.line, case.case_id)
    else:
        issue = "lost" if is_lost(case.line) else "claim"
        said = _WORDS.lines("copy", f"{issue}_{language}", (case.line,), 0)
    return "\n".join(said)
