"""
A letter's parts as HTML, for mail: one page without anything fetched from elsewhere.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from alerts.messages.words import TEMPLATES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from alerts.messages.parts import Part


def as_html(parts: Sequence[Part], *, subject: str, language: str) -> str:
    """
    The page; whatever stands in the parts is text in it, never markup.
    """
    named = [{"form": type(part).__name__, "part": part} for part in parts]
    return _page().render(parts=named, subject=subject, language=language)


@cache
def _page() -> Template:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES / "layout"),
        undefined=StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    return environment.get_template("mail.html.j2")
