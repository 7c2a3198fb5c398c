"""
Messages by any of the services that the Apprise library knows: WeCom, DingTalk, Feishu, Telegram...

The recipient stands for an Apprise URL that only the settings hold. Apprise writes tokens to its
log, at WARNING too, so its logger lets nothing through here; what happened is told by the result.
"""

from __future__ import annotations

import logging
from threading import Thread
from typing import TYPE_CHECKING, Any

import apprise

from alerts.channels.apprise_answers import judged
from alerts.channels.apprise_http import observed
from alerts.channels.base import Refused, Result, Retry
from alerts.channels.chat_text import Limits, fitted
from tracker.clock import utc_now
from tracker.model import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from alerts.messages.message import Message
    from tracker.recipients import AppriseAddress

logging.getLogger("apprise").setLevel(logging.CRITICAL + 1)
for _leaky in ("requests", "urllib3"):
    logging.getLogger(_leaky).setLevel(logging.WARNING)

#: Services whose limit counts bytes: a Chinese text of as many characters would be refused.
_COUNT_BYTES = frozenset({"wecombot", "dingtalk", "feishu", "lark"})


class AppriseChannel:
    """
    One attempt by one service per message.

    ``timeout`` is in seconds and holds for each step, ``total`` for all of them. ``now`` is read
    for a Retry-After that names a date. Raises :class:`UsageError` for a URL that no service takes,
    naming whose it is and its scheme.
    """

    name = "apprise"

    def __init__(
        self,
        addresses: Iterable[AppriseAddress],
        timeout: float = 10,
        *,
        total: float = 60,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._addresses = {one.id: one for one in addresses}
        self._timeout = timeout
        self._total = total
        self._now = now
        # No redirect takes a token elsewhere, nothing is kept on the disk, no fixed end by Apprise.
        self._asset = apprise.AppriseAsset(
            language="en",
            storage_mode="memory",
            service_timeout=0,
            http_redirects=False,
            interpret_emojis=False,
            pgp_autogen=False,
            pem_autogen=False,
        )
        for address in self._addresses.values():
            self._service(address)

    def send(self, message: Message, recipient: str) -> Result:
        """
        One attempt to hand the message over to the service that ``recipient`` stands for.
        """
        address = self._addresses.get(recipient)
        if address is None:
            return Refused("this Apprise URL is not in the settings any more")
        service = self._service(address)
        answers: list[Result] = []
        # A thread that the process need not wait for: a service may answer a byte now and then.
        work = Thread(target=lambda: answers.append(self._attempt(service, message)), daemon=True)
        work.start()
        work.join(self._total)
        if answers:
            return answers[0]
        how = "did not answer in time" if work.is_alive() else "could not be asked"
        return Retry(None, f"{service.service_name} {how}")

    def _attempt(self, service: apprise.NotifyBase, message: Message) -> Result:
        title, body = fitted(message, _limits(service))
        sender = apprise.Apprise(asset=self._asset)
        sender.add(service)
        with observed() as notes:
            result = sender.notify(
                body=body,
                title=title,
                body_format=apprise.NotifyFormat.TEXT,
                interpret_escapes=False,
            )
        return judged(
            taken=bool(result),
            notes=notes,
            service=_scheme(service),
            name=str(service.service_name),
            now=self._now(),
        )

    def _service(self, address: AppriseAddress) -> apprise.NotifyBase:
        """
        The service of the URL, new each time: one that was used before waits between two messages.
        """
        service = apprise.Apprise.instantiate(address.url, asset=self._asset)
        if service is None:
            raise UsageError(
                f"The {address.scheme}:// address in apprise of {address.owner} cannot be used: "
                "correct it (https://appriseit.com shows each service's form), "
                "or install the package that this service needs."
            )
        # One attempt, whose failure counts, within our time: the outbox does the rest.
        service.retry = 0
        service.optional = False
        service.socket_connect_timeout = self._timeout / 2
        service.socket_read_timeout = self._timeout
        return service


def _scheme(service: Any) -> str:
    """
    What the service's own URLs begin with, also for one that was given as its web address.
    """
    named = service.secure_protocol or service.protocol or ""
    return named if isinstance(named, str) else str(named[0])


def _limits(service: apprise.NotifyBase) -> Limits:
    return Limits(
        title=service.title_maxlen,
        body=service.body_maxlen,
        shared=bool(service.overflow_amalgamate_title),
        in_bytes=_scheme(service) in _COUNT_BYTES,
    )
