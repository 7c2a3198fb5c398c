"""
Recipients as logs and lists may show them: a webhook's address is a secret.
"""

from __future__ import annotations

from urllib.parse import urlsplit

_SLACK_PATHS = ("/services/", "/workflows/", "/triggers/")
_SHOWN = 4
_LONG_ENOUGH_TO_SHOW = 12


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
