"""
The user ``operator``: the configured password, or one that is made once and never logged.
"""

from __future__ import annotations

import io
import logging
import stat
from typing import TYPE_CHECKING

import pytest

from tracker.model import UsageError
from tracker.settings import load_settings
from tracker.store.people import Role
from tracker.web.house import House
from tracker.web.security.operator import FILE, let_operator_in
from tracker.web.security.passwords import hashed, is_right

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.world import World


class Terminal(io.StringIO):
    """
    Somewhere that a person reads.
    """

    def isatty(self) -> bool:
        """
        It is one.
        """
        return True


def start(world: World, folder: Path, terminal: io.StringIO | None = None) -> str:
    """
    The dashboard's start as far as the operator is concerned; what it wrote.
    """
    house = House(
        settings=load_settings(),
        store=world.store,
        deadlines=world.watcher.deadlines,
        clock=world.clock,
    )
    shown = terminal or io.StringIO()
    let_operator_in(house, shown, folder)
    return shown.getvalue()


def opens(world: World, password: str) -> bool:
    """
    True if the password lets the operator in.
    """
    with world.store.read() as tx:
        return is_right(password, tx.people.password_hash("operator"))


def test_a_password_is_made_once_for_a_file(
    world: World, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """
    Without a terminal it stands in a file that only this user reads; a restart makes no other.
    """
    caplog.set_level(logging.DEBUG)
    said = start(world, tmp_path)
    file = tmp_path / FILE
    password = file.read_text().strip()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert password not in said
    assert str(file) in said
    assert password not in caplog.text
    assert opens(world, password)
    file.unlink()
    assert start(world, tmp_path) == ""
    assert not file.exists()
    assert opens(world, password)


def test_a_password_is_made_once_for_the_terminal(world: World, tmp_path: Path) -> None:
    """
    On a terminal it is shown and stands in no file.
    """
    said = start(world, tmp_path, Terminal())
    password = said.splitlines()[0].rpartition(" ")[2]
    assert opens(world, password)
    assert not (tmp_path / FILE).exists()
    assert start(world, tmp_path, Terminal()) == ""


def test_a_file_that_cannot_be_written_sets_no_password(world: World, tmp_path: Path) -> None:
    """
    Nobody would know it: the start fails with one sentence.
    """
    with pytest.raises(UsageError, match=r"cannot be written to .*Set web\.password"):
        start(world, tmp_path / "missing")
    with world.store.read() as tx:
        assert tx.people.all() == ()


def test_a_file_that_lay_there_is_not_written_through(world: World, tmp_path: Path) -> None:
    """
    A planted link leads the password nowhere.
    """
    elsewhere = tmp_path / "elsewhere"
    (tmp_path / FILE).symlink_to(elsewhere)
    start(world, tmp_path)
    assert not elsewhere.exists()
    assert opens(world, (tmp_path / FILE).read_text().strip())


def test_the_configured_password_holds_from_the_next_start(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    From a file as well; a changed one takes effect and ends the logins, an equal one does not.
    """
    secret = tmp_path / "secret"
    secret.write_text("first of the file\n")
    world.reconfigure(f'\n[web]\npassword_file = "{secret}"\n')
    assert start(world, tmp_path) == ""
    assert opens(world, "first of the file")
    now = world.clock()
    with world.store.begin() as tx:
        user = tx.people.get("operator")
        assert user is not None
        assert user.role is Role.OPERATOR
        tx.people.log_in(user, "hash", "form", now, now.replace(year=now.year + 1))
    start(world, tmp_path)
    with world.store.read() as tx:
        assert tx.people.login("hash", now) is not None
    monkeypatch.setenv("TRACKER_WEB__PASSWORD", "second by the environment")
    start(world, tmp_path)
    assert opens(world, "second by the environment")
    assert not opens(world, "first of the file")
    with world.store.read() as tx:
        assert tx.people.login("hash", now) is None
    assert not (tmp_path / FILE).exists()


def test_another_operator_will_do(world: World, tmp_path: Path) -> None:
    """
    Whoever renamed the operator does not find the old name again.
    """
    with world.store.begin() as tx:
        tx.people.add("li", Role.OPERATOR, (), hashed("whatever it is"), world.clock())
    assert start(world, tmp_path) == ""
    with world.store.read() as tx:
        assert tx.people.get("operator") is None


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.4", "tracker.example"])
def test_beyond_this_machine_a_password_must_be_set(
    world: World, monkeypatch: pytest.MonkeyPatch, host: str
) -> None:
    """
    One sentence names the setting and the safer way; with the password the address is taken.
    """
    monkeypatch.setenv("TRACKER_WEB__HOST", host)
    with pytest.raises(UsageError, match=r"web\.password.*TLS"):
        load_settings()
    monkeypatch.setenv("TRACKER_WEB__PASSWORD", "short")
    with pytest.raises(UsageError, match="10 characters"):
        load_settings()
    monkeypatch.setenv("TRACKER_WEB__PASSWORD", "long enough to be one")
    assert load_settings().web.host == host
