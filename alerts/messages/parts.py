"""
A letter as a sequence of parts: language is settled, the form (text, HTML, Slack) is not.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Heading:
    """
    The title of a section.
    """

    text: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    """
    Running text, one line.
    """

    text: str


@dataclass(frozen=True, slots=True)
class Bullets:
    """
    A list under an optional lead sentence.
    """

    lead: str
    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ParcelPart:
    """
    One parcel: what it is, and what is known of it.
    """

    title: str
    facts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Copy:
    """
    Text that is ready to be copied as it stands, line by line.
    """

    lead: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Link:
    """
    A checked http(s) address with the words for it, and the sign that stands between them.
    """

    words: str
    url: str
    colon: str = ": "


Part = Heading | Paragraph | Bullets | ParcelPart | Copy | Link
