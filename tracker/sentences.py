"""
Sentences for people that can be said in another language where they are shown.

A rule that refuses something knows no language: it says its sentence as a template with values.
As a string that is English, for commands, logs and files. A page translates the template.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tracker.vocabulary import ScanTrackerError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Self


class Sentence(str):
    """
    English text that remembers its template and values: ``Sentence("no %(what)s", what=...)``.

    A value may be a sentence of its own. The template is written out where the sentence is made:
    there it is found for translation.
    """

    __slots__ = ("template", "values")

    template: str
    values: Mapping[str, object]

    def __new__(cls, template: str, /, **values: object) -> Self:
        """
        The sentence; without values a percent sign stands for itself.
        """
        made = super().__new__(cls, template % values if values else template)
        made.template = template
        made.values = values
        return made

    def said(self, translate: Callable[[str], str]) -> str:
        """
        The sentence in the language that ``translate`` gives templates in.
        """
        template = translate(self.template)
        told = {name: said(value, translate) for name, value in self.values.items()}
        return template % told if told else template

    def but(self, **values: object) -> Sentence:
        """
        The same sentence with other values, as far as it has such.
        """
        known = {name: value for name, value in values.items() if name in self.values}
        return Sentence(self.template, **{**self.values, **known})


def said(value: object, translate: Callable[[str], str]) -> object:
    """
    A sentence in another language, and anything else as it is.
    """
    return value.said(translate) if isinstance(value, Sentence) else value


def sentence_of(error: Exception) -> str:
    """
    What an error of ours says: its :class:`Sentence`, where it was raised with one.
    """
    first = error.args[0] if error.args else None
    return first if isinstance(first, Sentence) else str(error)


class SentenceError(ScanTrackerError):
    """
    An error whose text may be said in another language.
    """

    def __init__(self, sentence: Sentence) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class RefusedError(UsageError):
    """
    Wrong usage that a person on a page can meet as well as one at a command.
    """

    def __init__(self, sentence: Sentence) -> None:
        super().__init__(sentence)
        self.sentence = sentence
