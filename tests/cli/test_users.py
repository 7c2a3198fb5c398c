"""
``tracker users``: accounts and API tokens as scripts and people handle them.
"""

from __future__ import annotations

import io
import sys
from typing import TYPE_CHECKING

import pytest

from tracker.clock import utc_now
from tracker.settings import load_settings
from tracker.store import open_store
from tracker.web.security.passwords import fingerprint, is_right

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.support.cli import Ended
    from tracker.store import Store

    Tracker = Callable[..., Ended]

PASSWORD = "lantern on the stairs"
SHOP = "Lagos Lights"


@pytest.fixture
def store(workplace: Path) -> Store:
    """
    The workplace's store.
    """
    return open_store(load_settings().database_url)


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """
    What standard input holds.
    """
    return lambda text: monkeypatch.setattr(sys, "stdin", io.StringIO(text))


def opens(store: Store, name: str, password: str) -> bool:
    """
    True if the password lets the user in.
    """
    with store.read() as tx:
        return is_right(password, tx.people.password_hash(name))


def test_a_user_comes_changes_and_goes(
    tracker: Tracker, store: Store, typed: Callable[[str], None]
) -> None:
    """
    Added from standard input, listed, moved to other shops, given a new password, removed.
    """
    typed(PASSWORD + "\r\n")
    added = tracker("users", "add", "li", "--shop", SHOP, "--shop", SHOP, "--json")
    assert (added.code, added.err) == (0, "")
    assert list(added.one) == [
        "name", "role", "shops", "language", "created_at", "password_at"
    ]  # fmt: skip
    assert (added.one["role"], added.one["shops"]) == ("seller", [SHOP])
    assert opens(store, "li", PASSWORD)

    moved = tracker("users", "shops", "li", "--shop", "Nairobi Home", "--json")
    assert (moved.code, moved.one["shops"]) == (0, ["Nairobi Home"])
    assert "warning: no shop 'Nairobi Home' is configured" in moved.err
    everything = tracker("users", "shops", "li", "--operator")
    assert everything.out == "li sees every shop.\n"
    assert tracker("users", "list", "--json").one["shops"] is None

    typed("another lantern\n")
    changed = tracker("users", "password", "li")
    assert changed.out == "li has a new password and is logged out everywhere.\n"
    assert opens(store, "li", "another lantern")
    assert not opens(store, "li", PASSWORD)

    made = tracker("users", "add", "wang", "--operator", "--generate-password", "--json")
    assert opens(store, "wang", made.one["password"])
    assert tracker("users", "remove", "li").code == 0
    listed = tracker("users", "list")
    assert "wang" in listed.out
    assert "every shop" in listed.out
    assert "li " not in listed.out


def test_the_password_file_is_read(tracker: Tracker, store: Store, workplace: Path) -> None:
    """
    Its first line is the password, and none of it is shown.
    """
    (workplace / "secret").write_text(f"{PASSWORD}\nnotes\n", encoding="utf-8")
    ended = tracker("users", "add", "li", "--operator", "--password-file", "secret")
    assert ended.code == 0
    assert PASSWORD not in ended.out + ended.err
    assert opens(store, "li", PASSWORD)


def test_what_is_refused_changes_nothing(
    tracker: Tracker, store: Store, typed: Callable[[str], None]
) -> None:
    """
    One sentence and exit code 2 each.
    """
    typed(PASSWORD)
    assert tracker("users", "add", "li", "--operator").code == 0
    refusals = {
        ("users", "add", "wang"): "Give either --shop",
        ("users", "add", "wang", "--operator", "--shop", SHOP): "Give either --shop",
        ("users", "add", "wang", "--shop", " "): "Give either --shop",
        ("users", "add", "li", "--operator"): "There is a user 'li' already",
        ("users", "add", "a\tb", "--operator"): "must be one line",
        ("users", "add", " ", "--operator"): "must be one line",
        ("users", "remove", "wang"): "There is no user 'wang'",
        ("users", "password", "wang"): "There is no user 'wang'",
        ("users", "shops", "wang", "--operator"): "There is no user 'wang'",
        ("users", "token", "wang", "--name", "x"): "There is no user 'wang'",
        ("users", "token", "li", "--name", ""): "A token's name must be one line",
        ("users", "remove", "li"): "'li' is the last operator",
        ("users", "shops", "li", "--shop", SHOP): "'li' is the last operator",
        ("users", "add", "wang", "--operator", "--password-file", "none"): "cannot be read",
    }
    for words, sentence in refusals.items():
        typed(PASSWORD)
        ended = tracker(*words)
        assert (ended.code, ended.out) == (2, ""), words
        assert sentence in ended.err, words
        assert ended.err.count("\n") == 1, words
    for text in ("too short", "", "\n"):
        typed(text)
        ended = tracker("users", "add", "wang", "--operator")
        assert (ended.code, ended.out) == (2, "")
        assert "must have 10 characters" in ended.err
    with store.read() as tx:
        (user,) = tx.people.all()
    assert (user.name, user.scope) == ("li", None)
    assert opens(store, "li", PASSWORD)


def test_the_configured_password_is_changed_in_the_settings(
    tracker: Tracker, workplace: Path, store: Store, typed: Callable[[str], None]
) -> None:
    """
    The next start would set it back: the command says where it stands instead.
    """
    typed(PASSWORD)
    tracker("users", "add", "operator", "--operator")
    path = workplace / "tracker.toml"
    path.write_text(path.read_text() + '\n[web]\npassword = "from the settings"\n')
    typed("another lantern")
    ended = tracker("users", "password", "operator")
    assert ended.code == 2
    assert "web.password" in ended.err
    assert opens(store, "operator", PASSWORD)


def test_tokens_are_shown_once_and_end(
    tracker: Tracker, store: Store, typed: Callable[[str], None]
) -> None:
    """
    Made, listed without the token itself, revoked; an unknown one makes the exit code 1.
    """
    typed(PASSWORD)
    tracker("users", "add", "li", "--shop", SHOP)
    made = tracker("users", "token", "li", "--name", "warehouse", "--days", "30", "--json").one
    assert list(made) == ["id", "user", "name", "created_at", "used_at", "expires_at", "token"]
    with store.read() as tx:
        reader = tx.people.reader(fingerprint(made["token"]), utc_now())
    assert reader is not None
    assert reader[0].scope == {SHOP}
    listed = tracker("users", "tokens", "--json")
    assert listed.one == {key: value for key, value in made.items() if key != "token"}
    plain = tracker("users", "token", "li", "--name", "second")
    assert len(plain.out.strip()) > 40
    assert "it ends: never" in plain.err
    assert "warehouse" in tracker("users", "tokens").out

    ended = tracker("users", "revoke", "1", "9")
    assert (ended.code, ended.out) == (1, "Token 1 opens nothing any more.\n")
    assert "token 9 is not known" in ended.err
    with store.read() as tx:
        assert tx.people.reader(fingerprint(made["token"]), utc_now()) is None
        assert tx.people.reader(fingerprint(plain.out.strip()), utc_now()) is not None


def test_removing_a_user_ends_logins_and_tokens(
    tracker: Tracker, store: Store, typed: Callable[[str], None]
) -> None:
    """
    Nothing that the user had opens anything afterwards.
    """
    typed(PASSWORD)
    tracker("users", "add", "li", "--shop", SHOP)
    token = tracker("users", "token", "li", "--name", "warehouse").out.strip()
    now = utc_now()
    with store.begin() as tx:
        user = tx.people.get("li")
        assert user is not None
        tx.people.log_in(user, "hash", "form", now, now.replace(year=now.year + 1))
    assert tracker("users", "remove", "li").code == 0
    with store.read() as tx:
        assert tx.people.login("hash", now) is None
        assert tx.people.reader(fingerprint(token), now) is None
