"""
The dashboard's server, in a thread of the daemon: it comes and goes with it.
"""

from __future__ import annotations

import logging
import socket
import threading
from typing import TYPE_CHECKING

import uvicorn

from tracker.model import UsageError
from tracker.web.app import make_app

if TYPE_CHECKING:
    from tracker.web.house import House

log = logging.getLogger(__name__)

#: How long open requests may last after a stop.
_GRACE_SECONDS = 3


class WebServer:
    """
    Listens from the moment it is made, serves from :meth:`start` to :meth:`stop`.

    Raises :class:`UsageError` when the address cannot be listened on.
    """

    def __init__(self, house: House) -> None:
        web = house.settings.web
        self._socket = _listening(web.host, web.port)
        app = make_app(house)
        self._server = uvicorn.Server(
            uvicorn.Config(
                app,
                log_config=None,
                access_log=False,  # addresses may carry numbers and names
                server_header=False,
                lifespan="off",
                timeout_graceful_shutdown=_GRACE_SECONDS,
                forwarded_allow_ips=list(web.trusted_proxies),
            )
        )
        self._uploads = app.state.uploads
        self._thread = threading.Thread(
            target=self._server.run, args=([self._socket],), name="web", daemon=True
        )

    @property
    def url(self) -> str:
        """
        Where a browser finds it.
        """
        host, port = self._socket.getsockname()[:2]
        return f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"

    def start(self) -> None:
        """
        Requests are answered.
        """
        self._thread.start()
        log.info("the dashboard is at %s", self.url)

    def stop(self) -> None:
        """
        No request is answered any more.
        """
        self._server.should_exit = True
        if self._thread.is_alive():
            self._thread.join(_GRACE_SECONDS + 2)
        self._uploads.close()
        self._socket.close()


def _listening(host: str, port: int) -> socket.socket:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listener = socket.socket(family, kind, protocol)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(128)
    except OSError as error:
        raise UsageError(
            f"The dashboard cannot listen on {host}:{port}: {error.strerror or error}. Set "
            "web.port to a free port, or web.enabled = false to watch without a dashboard."
        ) from error
    return listener
