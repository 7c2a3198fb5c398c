"""
Portal profiles: what is shipped, what a user's file changes, and how a fault in it is told.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tracker.model import CarrierName, UsageError
from tracker.profiles import Submit, Tie, load_profile

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("carrier", list(CarrierName))
def test_what_is_shipped_is_marked_as_assumed(carrier: CarrierName) -> None:
    """
    Nobody has seen a portal, and each shipped profile says so.
    """
    assert load_profile(carrier).assumed


def test_a_users_file_changes_single_keys(tmp_path: Path) -> None:
    """
    What the user's file does not say stays as shipped, and the profile is assumed no longer.
    """
    file = tmp_path / "seko.toml"
    file.write_text(
        '[ask]\nfield = "#no"\nsubmit = "enter"\ndismiss = ["#ok"]\n[read]\ntie = "request"\n'
    )
    profile = load_profile(CarrierName.SEKO, file)
    assert profile.ask.field == "#no"
    assert profile.ask.submit is Submit.ENTER
    assert profile.ask.dismiss == ("#ok",)
    assert profile.read.tie is Tie.REQUEST
    assert profile.read.zone == "Asia/Shanghai"
    assert not profile.assumed


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[ask]\nbuton = '#x'\n", "'ask.buton' is no key of a profile; the nearest one is "),
        ("[ask]\nbatch_size = 'two'\n", "ask.batch_size: "),
        ("[read]\nzone = 'China'\n", "read.zone: 'China' is not an IANA time zone"),
        ("[read]\nevents = 'a['\n", "read.events: 'a[' is not a JMESPath expression"),
        ("[ask]\nsubmit = 'click'\n", "ask.submit: "),
        ("[ask\n", "cannot be read"),
    ],
)
def test_a_fault_is_told_in_one_sentence(tmp_path: Path, text: str, told: str) -> None:
    """
    Which file, which key, what is wrong with it.
    """
    file = tmp_path / "seko.toml"
    file.write_text(text)
    with pytest.raises(UsageError) as raised:
        load_profile(CarrierName.SEKO, file)
    assert str(file) in str(raised.value)
    assert told in str(raised.value)


def test_a_profile_that_is_not_there_is_told_in_one_sentence(tmp_path: Path) -> None:
    """
    The file is named once, with the reason in words.
    """
    missing = tmp_path / "seko.toml"
    with pytest.raises(UsageError) as raised:
        load_profile(CarrierName.SEKO, missing)
    told = f"The portal profile {missing} cannot be read: No such file or directory."
    assert str(raised.value) == told
