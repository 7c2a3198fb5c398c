"""
Recipients beyond an e-mail address: what is a secret about them, and what may be shown.

The outbox keeps a webhook's URL, but neither its signing secret nor an Apprise URL, which holds
passwords: the channels are given those from the settings.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import sha256
from urllib.parse import urlsplit

_SLACK_PATHS = ("/services/", "/workflows/", "/triggers/")
_SHOWN = 4
_LONG_ENOUGH_TO_SHOW = 12
_FINGERPRINT = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class AppriseAddress:
    """
    One Apprise URL and whose it is; ``id`` stands for it in the outbox, in logs and in lists.
    """

    owner: str
    url: str = field(repr=False)

    @property
    def scheme(self) -> str:
        """
        The service by the URL's first word, ``tgram``: no secret.
        """
        return self.url.partition("://")[0].lower()

    @property
    def id(self) -> str:
        """
        The scheme and a fingerprint of the whole URL, ``tgram:3f9a0c1b2d4e``.
        """
        return f"{self.scheme}:{sha256(self.url.encode()).hexdigest()[:_FINGERPRINT]}"


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookAddress:
    """
    Where an integrator's program listens, and the secret that signs what it is sent.
    """

    url: str = field(repr=False)
    secret: str = field(repr=False)


def mask_recipient(recipient: str) -> str:
    """
    The recipient as logs and lists may show it: a webhook URL is a secret, an address is not.

    A Slack webhook becomes ``slack:…`` and its last four characters, any other URL ``webhook:…``.
    """
    if "://" not in recipient:
        return recipient
    kind = "slack" if _is_slack(recipient) else "webhook"
    secret = recipient.rstrip("/").rpartition("/")[2]
    shown = secret[-_SHOWN:] if len(secret) >= _LONG_ENOUGH_TO_SHOW else ""
    return f"{kind}:…{shown}"


def _is_slack(recipient: str) -> bool:
    try:
        parts = urlsplit(recipient)
        host = parts.hostname or ""
    except ValueError:  # a broken address is masked all the same
        return False
    return host.endswith("slack.com") or parts.path.startswith(_SLACK_PATHS)
