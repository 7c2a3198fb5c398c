"""
``slack_sdk``'s webhook client without its habits that do harm here.

The webhook's URL is a secret, which ``slack_sdk`` writes to its log at DEBUG: the client gets a
logger of its own that lets nothing through, and its library's loggers are capped at WARNING.
"""

from __future__ import annotations

import logging
from http import HTTPStatus
from http.client import IncompleteRead
from typing import TYPE_CHECKING

from slack_sdk.webhook import WebhookClient, WebhookResponse

from alerts.channels.http_attempt import one_attempt

if TYPE_CHECKING:
    import ssl
    from urllib.request import Request

    from alerts.channels.http_attempt import HttpAnswer

for _leaky in ("slack_sdk", "urllib3"):
    logging.getLogger(_leaky).setLevel(logging.WARNING)

_SILENT = logging.getLogger(f"{__name__}.silent")
_SILENT.setLevel(logging.CRITICAL + 1)


class OneAttempt(WebhookClient):
    """
    One POST to a webhook by way of :func:`one_attempt`: no redirect, no retry, bounded.
    """

    def __init__(self, url: str, *, timeout: int, total: float, tls: ssl.SSLContext) -> None:
        super().__init__(url, timeout=timeout, ssl=tls, logger=_SILENT, retry_handlers=[])
        self._total = total
        self._tls = tls

    def _perform_http_request_internal(self, url: str, req: Request) -> WebhookResponse:
        answer = one_attempt(req, timeout=self.timeout, total=self._total, tls=self._tls)
        _check_whole(answer)
        return WebhookResponse(
            url=url,
            status_code=answer.status,
            body=answer.body,
            headers=dict(answer.headers),
        )


def _check_whole(answer: HttpAnswer) -> None:
    """
    ``IncompleteRead`` when an answer whose end nothing tells is not the ``ok`` that Slack says.
    """
    if answer.status == HTTPStatus.OK and answer.open_ended and answer.body.strip() != "ok":
        raise IncompleteRead(answer.body.encode())
