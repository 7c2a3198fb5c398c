"""
Every kind of alert has its words, in every tone, and the words say what promises.md asks for.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from alerts.messages import Letter, Line, compose
from alerts.messages.words import Words, stamp
from tracker.model import AlertKind, ClosedBecause, Outcome

MakeLine = Callable[..., Line]
MakeLetter = Callable[..., Letter]


@pytest.mark.parametrize("kind", AlertKind)
@pytest.mark.parametrize("notice", ["first", "reminder-2026-10-15", "resolved", "withdrawn"])
@pytest.mark.parametrize("count", [1, 2, 25])
def test_every_kind_can_be_told(
    make_line: MakeLine, make_letter: MakeLetter, kind: AlertKind, notice: str, count: int
) -> None:
    """
    Every kind, notice and number of parcels says what to do, or that it has ended.
    """
    lines = [make_line(delivery_id=n, kind=kind, notice=notice) for n in range(count)]
    message = compose(make_letter(*lines))
    assert message.subject.startswith("Lagos Lights: ")
    assert ("What to do now:" in message.text) == (notice[0] == "f" or notice[0:3] == "rem")
    assert ("Reminder: " in message.text) == notice.startswith("reminder")
    assert ("Settled: " in message.text) == (notice == "resolved")
    assert ("please disregard" in message.text) == (notice == "withdrawn")


@pytest.mark.parametrize("kind", AlertKind)
def test_the_barest_line_can_be_told(
    make_line: MakeLine, make_letter: MakeLetter, kind: AlertKind
) -> None:
    """
    A line that knows nothing but its alert is told without inventing anything.
    """
    full = make_line()
    bare = Line(
        delivery_id=1,
        alert_id=2,
        kind=kind,
        notice="first",
        zone="Asia/Shanghai",
        opened_at=full.opened_at,
        alert_state=full.alert_state,
        reason="",
    )
    text = compose(make_letter(bare, bare, seko_contact=None)).text
    assert "None" not in text


@pytest.mark.parametrize("because", ClosedBecause)
def test_every_closing_has_its_words(
    make_line: MakeLine, make_letter: MakeLetter, because: ClosedBecause
) -> None:
    """
    A settled alert says why it ended.
    """
    text = compose(make_letter(make_line(notice="resolved", closed_because=because))).text
    assert "No more to do: " in text


@pytest.mark.parametrize("outcome", Outcome)
def test_every_outcome_has_its_words(
    make_line: MakeLine, make_letter: MakeLetter, outcome: Outcome
) -> None:
    """
    Whatever the last look came to is said in words and not as a code.
    """
    line = make_line(last_outcome=outcome, last_text=None)
    assert (
        "Last looked at Wed 2026-10-14 00:04 (Asia/Shanghai): the portal"
        in (compose(make_letter(line)).text)
        or outcome is Outcome.NO_CARRIER
    )


@pytest.mark.parametrize("kind", [AlertKind.URGE_SCAN, AlertKind.RAISE_CLAIM])
def test_an_unknown_number_comes_first(
    make_line: MakeLine, make_letter: MakeLetter, kind: AlertKind
) -> None:
    """
    With a ``not_found`` proof the message begins with the number, label and service to check (R3).
    """
    line = make_line(kind=kind, last_outcome=Outcome.NOT_FOUND, proof_outcome=Outcome.NOT_FOUND)
    text = compose(make_letter(line)).text
    assert text.startswith("The portal does not know this number: check label, number and service")


def test_a_guessed_hand_over_is_told_to_nobody_else(
    make_line: MakeLine, make_letter: MakeLetter
) -> None:
    """
    The text for Seko names no hand-over time that is only our assumption.
    """
    text = compose(make_letter(make_line(handover_assumed=True))).text
    assert "handed over 2026-10-12" not in text
    assert "(our assumption) at Mon 2026-10-12 15:00" in text


def test_times_are_the_centres(make_line: MakeLine, make_letter: MakeLetter) -> None:
    """
    The same instant is told on the clocks of the centre, with the zone's name.
    """
    text = compose(make_letter(make_line(zone="Africa/Lagos"))).text
    assert "Mon 2026-10-12 08:00 (Africa/Lagos)" in text
    assert "Scan due by Tue 2026-10-13 17:00 (Africa/Lagos)" in text


def test_a_strange_zone_costs_no_alert() -> None:
    """
    A zone that this machine does not know is told in UTC, and called so.
    """
    instant = datetime(2026, 10, 13, 16, tzinfo=UTC)
    assert stamp(instant, "Mars/Olympus") == "2026-10-13 16:00 (UTC)"
    assert stamp(instant, "../../etc/passwd") == "2026-10-13 16:00 (UTC)"


@pytest.mark.parametrize("language", ["xx", "", "../en", "EN", "zh-CN"])
def test_a_language_without_words_speaks_english(
    make_line: MakeLine, make_letter: MakeLetter, language: str
) -> None:
    """
    A language that nobody has written yet gives the English message, not an error.
    """
    assert Words(language).language == "en"
    letter = make_letter(make_line(), language=language)
    assert compose(letter) == compose(make_letter(make_line()))


def test_a_possible_repeat_says_so(make_line: MakeLine, make_letter: MakeLetter) -> None:
    """
    The subject and the first sentence say that this may have come before; the reference stays.
    """
    message = compose(make_letter(make_line(), possible_repeat=True))
    assert message.subject.endswith("(possible repeat)")
    assert message.text.startswith("Possible repeat: ")
    assert message.reference == compose(make_letter(make_line())).reference


def test_a_shop_name_is_quoted_for_the_shell(make_line: MakeLine, make_letter: MakeLetter) -> None:
    """
    A command that is meant to be pasted cannot run what a shop's name holds.
    """
    lines = [make_line(delivery_id=n, shop="A'; rm -rf ~ #") for n in range(21)]
    text = compose(make_letter(*lines)).text
    assert """--shop 'A'"'"'; rm -rf ~ #' --kind urge_scan""" in text
