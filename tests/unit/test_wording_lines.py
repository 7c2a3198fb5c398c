"""
Lines for the wording file: TOML that gives the very text back, whatever a portal wrote.
"""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING

from hypothesis import example, given
from hypothesis import strategies as st

from tracker.model import CarrierName, Stage
from tracker.stages import load_tables, normalise_text, wording_group

if TYPE_CHECKING:
    from pathlib import Path

HOSTILE = (
    'He said "no\\n"]\n[[group]]\r\nstage = "received" # '
    "\x00\x07\x1b\u202e\u2028\ue000 包裹 \U0001f4e6"
)


@given(text=st.text(max_size=60))
@example(text=HOSTILE)
@example(text="\ud800 half a character")
@example(text='"""')
def test_the_lines_give_the_text_back(text: str) -> None:
    """
    One group and nothing else, in lines of visible characters, with the same normalised text.
    """
    lines = wording_group(CarrierName.SEKO, text)
    assert all(line.isprintable() for line in lines)
    read = tomllib.loads("\n".join(lines))
    assert list(read) == ["group"]
    (group,) = read["group"]
    assert (group["carrier"], group["stage"]) == ("seko", "STAGE")
    whole = text.encode("utf-8", "replace").decode()
    assert normalise_text(group["texts"][0]) == normalise_text(whole)


def test_a_pasted_group_is_read_as_the_stage_a_person_gave(tmp_path: Path) -> None:
    """
    In the wording file the hostile text is classified, once its stage was put in.
    """
    file = tmp_path / "wordings.toml"
    pasted = "\n".join(wording_group(CarrierName.SEKO, HOSTILE)).replace("STAGE", "held")
    file.write_text(pasted, encoding="utf-8")
    assert load_tables(file).classify(CarrierName.SEKO, HOSTILE, None).stage is Stage.HELD
    assert load_tables().classify(CarrierName.SEKO, HOSTILE, None).stage is Stage.UNCLASSIFIED
