"""
Portals that do not answer the question: a failed look, never a claim about the parcel.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.lookalikes.asking import claim, invention, lines, reports
from tests.lookalikes.forms import CAREFUL, FORMS
from tests.lookalikes.hostile import FIRST_ONLY, HOSTILE, LOST_PAGES
from tests.lookalikes.scripts import PLANS
from tests.lookalikes.serving import Portal
from tests.lookalikes.story import ALONE, TOGETHER, Story

if TYPE_CHECKING:
    from tests.lookalikes.serving import Lookalike
    from tracker.crawl import CrawlProcess

#: Not the number whose events the stale pages show; not scanned, so that a scan is an invention.
ASKED = (TOGETHER[1],)
ONE_NUMBER = [one for one in FORMS if one.name in {"one_number_get", "pre_block", "timeline_zh"}]


def named(lookalike: Lookalike) -> str:
    """
    The look-alike's name, for the test's.
    """
    return lookalike.name


@pytest.mark.parametrize("lookalike", HOSTILE, ids=named)
def test_no_claim_without_an_answer(lookalike: Lookalike, seko: CrawlProcess) -> None:
    """
    A page that tells nothing of the asked number yields a failed look without events.
    """
    with Portal(lookalike) as portal:
        told = reports(portal, seko, ASKED, batch_size=1, seconds=8)
    claims = lines({story.value: claim(report) for story, report in told.items()})
    assert not claims, claims


@pytest.mark.parametrize("lookalike", LOST_PAGES, ids=named)
def test_a_lost_page_is_no_proof_of_not_scanned(lookalike: Lookalike, seko: CrawlProcess) -> None:
    """
    When the part of the answer that holds the scan cannot be had, "not scanned" is not said.
    """
    with Portal(lookalike) as portal:
        told = reports(portal, seko, ALONE[:1], batch_size=1)[Story.SCANNED]
    proof = claim(told)
    assert told.scanned is not False, proof


@pytest.mark.parametrize("lookalike", [FIRST_ONLY, *CAREFUL, *PLANS, *ONE_NUMBER], ids=named)
def test_what_was_not_said_is_not_claimed(lookalike: Lookalike, seko: CrawlProcess) -> None:
    """
    A page that takes fewer numbers, or says things that could be misread, gives no false claim.
    """
    with Portal(lookalike) as portal:
        told = reports(portal, seko, TOGETHER)
    found = {one.story.value: invention(told[one.story], one) for one in TOGETHER}
    assert not lines(found), lines(found)
