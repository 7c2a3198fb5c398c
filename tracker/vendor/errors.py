"""
What can go wrong with the Vendor Center API, each with one sentence for people.

- :class:`VendorCenterError`
    - :class:`Unreachable`: no whole answer, or a broken one: asked again
    - :class:`Busy`: too many requests: asked again when its time is over
    - :class:`RenewalFailed`: the access could not be renewed this time
    - :class:`TokenRefused`: the access is dead: a person must generate a token
- :class:`Stopped`: we are being stopped; nothing is wrong
"""

from __future__ import annotations

from tracker.model import ScanTrackerError


class VendorCenterError(ScanTrackerError):
    """
    The API did not give what was asked; what had come before is kept.
    """


class Unreachable(VendorCenterError):  # noqa: N818 - says what it is
    """
    No whole answer came; ``sent`` is false when the request certainly never arrived.
    """

    def __init__(self, sentence: str, *, sent: bool) -> None:
        super().__init__(sentence)
        self.sent = sent


class Busy(VendorCenterError):  # noqa: N818 - says what it is
    """
    The API asks to be left alone (HTTP 429), for ``seconds`` if it said how long.
    """

    def __init__(self, sentence: str, *, seconds: float | None) -> None:
        super().__init__(sentence)
        self.seconds = seconds


class RenewalFailed(VendorCenterError):  # noqa: N818 - says what it is
    """
    No access token could be had this time; the next sync tries again.
    """


class TokenRefused(VendorCenterError):  # noqa: N818 - says what it is
    """
    The refresh token is dead: nothing helps but a new one from Vendor Center.
    """


class Stopped(ScanTrackerError):  # noqa: N818 - says what it is
    """
    The daemon is being stopped in the middle of a sync; the next one goes on.
    """
