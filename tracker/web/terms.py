"""
The field's terms for people: the same short words on the pages as in the messages.
"""

from __future__ import annotations

from functools import cache

from alerts.messages.words import Words


class Terms:
    """
    What codes are called in one language; a code without a word of its own is told as it is.
    """

    def __init__(self, language: str) -> None:
        self._words = Words(language)
        self._english = self._words.language == "en"

    def short(self, code: str) -> str:
        """
        A kind of alert, an outcome or a notice in a word or two.
        """
        return self._of("CELLS", code)

    def outcome(self, code: str) -> str:
        """
        What a look came to, as a clause.
        """
        return self._of("OUTCOMES", code)

    def stage(self, code: str) -> str:
        """
        A parcel's stage.
        """
        return self._of("STAGES", code)

    def status(self, code: str) -> str:
        """
        An order's status on the seller's platform.
        """
        return self._of("STATUSES", code)

    def centre(self, name: str) -> str:
        """
        A sorting centre.
        """
        return name.capitalize() if self._english else self._of("CENTRES", name)

    def closed_because(self, code: str) -> str:
        """
        Why an alert ended.
        """
        return self._of("CLOSED", code)

    def day(self, why: str) -> str:
        """
        Why a day is open or closed.
        """
        return why if self._english else self._words.one("words", "day_why", why)

    def _of(self, table: str, code: str) -> str:
        return self._words.table("words", table).get(code) or code.replace("_", " ").lower()


@cache
def terms_of(language: str) -> Terms:
    """
    The terms of a language.
    """
    return Terms(language)
