"""
A letter's parts as Slack blocks, within Slack's limits.

Facts stand in ``plain_text`` or preformatted elements, where Slack reads neither mentions nor
links nor mark-up. Only headings and our own checked links are ``mrkdwn``, escaped and ``verbatim``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from alerts.messages.as_text import said
from alerts.messages.parts import Copy, Heading, Link, Part

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MOST_BLOCKS = 50
MOST_IN_A_TEXT = 3000
MOST_IN_A_HEADER = 150
#: Slack refuses a message whose blocks are too long together and does not publish the figure.
MOST_IN_ALL = 12_000

Block = dict[str, Any]


def as_slack(parts: Iterable[Part], *, subject: str, cut: str) -> tuple[Block, ...]:
    """
    The blocks, the subject as header; ``cut`` ends them when not everything found room.
    """
    header = {"type": "header", "text": _plain(subject[:MOST_IN_A_HEADER])}
    blocks: list[Block] = [header]
    room = MOST_IN_ALL - len(subject)
    for size, block in _blocks(parts):
        room -= size
        if room < 0 or len(blocks) >= MOST_BLOCKS - 1:
            return (*blocks, _section(_plain(cut)))
        blocks.append(block)
    return tuple(blocks)


def _blocks(parts: Iterable[Part]) -> Iterator[tuple[int, Block]]:
    waiting: list[str] = []
    for part in parts:
        own = _own_block(part)
        if own is None:
            waiting.append(said(part))
            continue
        yield from _flush(waiting)
        waiting = []
        yield from own
    yield from _flush(waiting)


def _own_block(part: Part) -> list[tuple[int, Block]] | None:
    """
    The blocks of a part that cannot share one with its neighbours.
    """
    match part:
        case Heading(text):
            return [(len(text), _section(_mrkdwn(f"*{escaped(text)}*")))]
        case Link(words, url, _):
            link = f"<{escaped(url)}|{escaped(words).replace('|', '/')}>"
            return [(len(link), _section(_mrkdwn(link)))]
        case Copy(lead, lines):
            shown = [(len(lead), _section(_plain(lead)))]
            pieces = chunks(lines)
            return shown + [(len(piece), _preformatted(piece)) for piece in pieces]
        case _:
            return None


def _flush(waiting: list[str]) -> Iterator[tuple[int, Block]]:
    for piece in chunks("\n\n".join(waiting).split("\n")):
        if piece.strip():
            yield len(piece), _section(_plain(piece))


def chunks(lines: Iterable[str], most: int = MOST_IN_A_TEXT) -> list[str]:
    """
    The lines joined into as few texts of at most ``most`` characters as their order allows.
    """
    texts: list[str] = []
    for line in lines:
        for piece in _pieces(line, most):
            if texts and len(texts[-1]) + 1 + len(piece) <= most:
                texts[-1] += f"\n{piece}"
            else:
                texts.append(piece)
    return texts


def _pieces(line: str, most: int) -> list[str]:
    return [line[start : start + most] for start in range(0, len(line), most)] or [""]


def escaped(text: str) -> str:
    """
    The text as Slack's mrkdwn wants it: no mention, link or entity is left in it.
    """
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _plain(text: str) -> Block:
    return {"type": "plain_text", "text": text, "emoji": False}


def _mrkdwn(text: str) -> Block:
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def _section(text: Block) -> Block:
    return {"type": "section", "text": text}


def _preformatted(text: str) -> Block:
    element = {"type": "rich_text_preformatted", "elements": [{"type": "text", "text": text}]}
    return {"type": "rich_text", "elements": [element]}
