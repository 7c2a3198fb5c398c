"""
How a message is fitted into a chat service.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.channels.chat_text import Limits, defused, fitted
from alerts.messages import Message

if TYPE_CHECKING:
    from collections.abc import Callable

CUT = "The rest: tracker alerts list"


def _message(subject: str, chat: str) -> Message:
    return Message(
        reference="<a@b>", subject=subject, text="mail", html="", blocks=(), chat=chat, cut=CUT
    )


def _counted(text: str, limits: Limits) -> int:
    sent = text.replace("\r\n", "\n").replace("\n", "\r\n")
    return len(sent.encode()) if limits.in_bytes else len(sent.encode("utf-16-le")) // 2


@given(
    subject=st.text(st.characters(exclude_categories=["Cs"]), max_size=60),
    chat=st.text(st.characters(exclude_categories=["Cs"]), max_size=400),
    title=st.integers(0, 80),
    body=st.integers(100, 500),
    shared=st.booleans(),
    in_bytes=st.booleans(),
)
def test_nothing_is_longer_than_allowed(
    subject: str, chat: str, title: int, body: int, *, shared: bool, in_bytes: bool
) -> None:
    """
    Title and body keep within the limits, whatever the text and however the service counts.
    """
    limits = Limits(title=title, body=body, shared=shared, in_bytes=in_bytes)
    head, text = fitted(_message(subject, chat), limits)
    size: Callable[[str], int] = lambda value: _counted(value, limits)  # noqa: E731
    assert not title or size(head) <= title
    beside = size(head) + 2 if shared or not title else 0
    assert size(text) <= max(body - beside, 0)


def test_what_fits_is_whole() -> None:
    """
    A text of exactly the limit is not cut.
    """
    limits = Limits(title=10, body=20)
    assert fitted(_message("title", "x" * 20), limits) == ("title", "x" * 20)


def test_lines_stay_whole() -> None:
    """
    A text that is too long ends after a whole line, with the sentence about the rest.
    """
    chat = "first line\nsecond line\n" + "x" * 99
    _, text = fitted(_message("t", chat), Limits(title=9, body=60))
    assert text == f"first line\nsecond line\n{CUT}"


@pytest.mark.parametrize(
    "call", ["@everyone", "@here", "@channel", "@all", "@所有人", "<!channel>", "<@U123>"]
)
def test_calls_to_everybody_are_dead(call: str) -> None:
    """
    What a portal wrote cannot ring a whole group's phones.
    """
    assert call not in defused(f"parcel held, {call} look")
    assert defused(f"{call}").replace("\u200b", "") == call


def test_addresses_stay_as_they_are() -> None:
    """
    An e-mail address can be copied out of the message.
    """
    assert defused("write to all@seko.example") == "write to all@seko.example"
