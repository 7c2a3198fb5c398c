"""
A message as a chat service takes it: within its limit, and calling nobody.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from alerts.messages.message import Message

#: What would ring a whole group's phones if a portal or a file wrote it.
_CALLS = re.compile(
    r"@(?=(?:everyone|here|channel|all|room|team|所有人)\b)|<(?=[!@#])", re.IGNORECASE
)
_ZERO_WIDTH = "\u200b"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """
    What a service takes: the longest title (0: it has none) and body, 0 for no limit of the body.

    ``shared``: a title takes its room from the body. ``in_bytes``: it counts bytes of UTF-8 and not
    characters.
    """

    title: int
    body: int
    shared: bool = False
    in_bytes: bool = False


def fitted(message: Message, limits: Limits) -> tuple[str, str]:
    """
    Title and body within the limits; what had to be cut ends with the sentence that says so.
    """
    title = defused(message.subject)
    if limits.title > 0:
        title = _beginning(title, limits.title, limits)
    taken = _size(title, limits) + 2 if limits.shared or limits.title <= 0 else 0
    body = defused(message.chat or message.text).rstrip()
    return title, _cut(body, message.cut, limits.body - taken, limits) if limits.body else body


def defused(text: str) -> str:
    """
    The text without a working call to everybody: a zero-width space stands after the sign.
    """
    return _CALLS.sub(lambda found: found[0] + _ZERO_WIDTH, text)


def _cut(text: str, ending: str, room: int, limits: Limits) -> str:
    if _size(text, limits) <= room:
        return text
    room_for_lines = room - _size(f"\n{ending}", limits)
    if room_for_lines <= 0:
        return _beginning(text, room, limits)
    kept = _beginning(text, room_for_lines, limits)
    whole_lines = kept.rpartition("\n")[0] if len(kept) < len(text) else kept
    return f"{(whole_lines or kept).rstrip()}\n{ending}"


def _beginning(text: str, room: int, limits: Limits) -> str:
    """
    As much of the text's beginning as the room holds, no character halved.
    """
    codec = _codec(limits)
    raw = _on_the_way(text).encode(codec)[: max(room, 0) * _width(limits)]
    return raw.decode(codec, "ignore").replace("\r\n", "\n").rstrip("\r")


def _size(text: str, limits: Limits) -> int:
    return len(_on_the_way(text).encode(_codec(limits))) // _width(limits)


def _on_the_way(text: str) -> str:
    # Some services' line ends are two characters, and their limit counts both.
    return text.replace("\r\n", "\n").replace("\n", "\r\n")


def _codec(limits: Limits) -> str:
    # Services that count characters mostly count UTF-16 units: an emoji is two.
    return "utf-8" if limits.in_bytes else "utf-16-le"


def _width(limits: Limits) -> int:
    return 1 if limits.in_bytes else 2
