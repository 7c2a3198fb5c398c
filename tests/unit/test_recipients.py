"""
What logs and lists may show of a recipient.
"""

from __future__ import annotations

import pytest

from tracker.recipients import AppriseAddress, WebhookAddress, mask_recipient


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
        ("tgram:0123456789ab", "tgram:0123456789ab"),
    ],
)
def test_only_the_end_of_a_secret_is_shown(recipient: str, shown: str) -> None:
    """
    An address is shown whole; a webhook as its last four characters, if that leaves it a secret.
    """
    assert mask_recipient(recipient) == shown


def test_an_apprise_url_is_known_by_a_fingerprint() -> None:
    """
    What stands for the URL names its service, tells URLs apart, and holds nothing of them.
    """
    first = AppriseAddress(owner="operator", url="TGRAM://123456789:SeCrEt/1")
    second = AppriseAddress(owner="operator", url="TGRAM://123456789:SeCrEt/2")
    again = AppriseAddress(owner="shop 'One'", url=first.url)
    assert first.id.startswith("tgram:")
    assert first.id == again.id != second.id
    assert "SeCrEt" not in f"{first.id} {first!r}"
    assert "123456789" not in first.id


def test_a_webhooks_secrets_are_not_shown() -> None:
    """
    Neither URL nor signing secret stand in what a log would write.
    """
    assert repr(WebhookAddress(url="https://x.example/HUSH", secret="HUSH")) == "WebhookAddress()"
