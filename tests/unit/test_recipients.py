"""
What logs and lists may show of a recipient.
"""

from __future__ import annotations

import pytest

from tracker.recipients import mask_recipient


@pytest.mark.parametrize(
    ("recipient", "shown"),
    [
        ("seller@shop.example", "seller@shop.example"),
        ("https://hooks.slack.com/services/T00/B00/abcdefghijkl9876", "slack:…9876"),
        ("https://hooks.slack.com/services/T00/B00/abcdefghijkl9876/", "slack:…9876"),
        ("http://127.0.0.1:8000/services/T00/B00/abcdefghijkl9876", "slack:…9876"),
        ("https://hooks.slack.com/services/T00/B00/short", "slack:…"),
        ("https://chat.example/hook/abcdefghijkl9876", "webhook:…9876"),
        ("https://[broken/abcdefghijkl9876", "webhook:…9876"),
    ],
)
def test_only_the_end_of_a_secret_is_shown(recipient: str, shown: str) -> None:
    """
    An address is shown whole; a webhook as its last four characters, if that leaves it a secret.
    """
    assert mask_recipient(recipient) == shown
