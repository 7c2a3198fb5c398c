"""
A dashboard in this process, over real HTTP, and people who use it.
"""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import TYPE_CHECKING

import httpx

from tracker.store.people import Role
from tracker.web.house import House
from tracker.web.security.accounts import make_token
from tracker.web.security.passwords import hashed
from tracker.web.serving import WebServer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.world import World
    from tracker.settings.sections import Web

PASSWORD = "correct horse battery"  # of every user in the tests
_HASH = hashed(PASSWORD)


class Dashboard:
    """
    The dashboard of a world, served at ``url``.
    """

    def __init__(self, world: World, house: House, url: str) -> None:
        self.house = house
        self.world = world
        self.url = url.rstrip("/")

    def person(self, name: str, *shops: str, role: Role = Role.SELLER) -> None:
        """
        Somebody who may log in with :data:`PASSWORD`.
        """
        with self.world.store.begin() as tx:
            if tx.people.get(name) is None:
                tx.people.add(name, role, shops, _HASH, self.world.clock())

    def token(self, name: str) -> dict[str, str]:
        """
        The header by which a program reads as that person.
        """
        now = self.world.clock()
        with self.world.store.begin() as tx:
            user = tx.people.get(name)
            assert user is not None
            _, token = make_token(tx, user, "for a test", now, None)
        return {"Authorization": f"Bearer {token}"}

    @contextmanager
    def logged_in(self, name: str = "operator", *shops: str) -> Iterator[Browsing]:
        """
        Somebody with a browser's cookies but without its pictures; an operator if without shops.
        """
        self.person(name, *shops, role=Role.SELLER if shops else Role.OPERATOR)
        with httpx.Client(base_url=self.url, follow_redirects=True, timeout=30) as client:
            browsing = Browsing(client)
            browsing.log_in(name)
            yield browsing


class Browsing:
    """
    Loads pages and sends their forms, as a browser without JavaScript does.
    """

    def __init__(self, client: httpx.Client) -> None:
        self.client = client

    def log_in(self, name: str, password: str = PASSWORD) -> httpx.Response:
        """
        The login form was sent.
        """
        return self.client.post("/login", data={"name": name, "password": password})

    def get(self, path: str) -> httpx.Response:
        """
        The page at the path.
        """
        return self.client.get(path)

    def post(
        self, path: str, data: dict[str, object] | None = None, **more: object
    ) -> httpx.Response:
        """
        A form sent with the token that the pages of this login carry.
        """
        token = re.search(r'name="form_token" value="([^"]+)"', self.client.get("/").text)
        assert token, "no page carries a form token"
        return self.client.post(path, data={"form_token": token[1], **(data or {})}, **more)


@contextmanager
def served(world: World, web: Web | None = None) -> Iterator[Dashboard]:
    """
    The world's dashboard over real HTTP, until the end of the block; with settings of its own.
    """
    section = (web or world.settings.web).model_copy(update={"port": 0})
    settings = world.settings.model_copy(update={"web": section})
    house = House(
        settings=settings,
        store=world.store,
        deadlines=world.watcher.deadlines,
        clock=world.clock,
    )
    server = WebServer(house)
    server.start()
    try:
        yield Dashboard(world, house, server.url)
    finally:
        server.stop()
