"""
The sorting centres that a parcel can be handed to: names, clocks, operators (domain.md 1.3).

Parcels for Yiwu and Hangzhou travel under the Ningbo station code, so a centre named by a station
is not always the warehouse at which the parcel arrived.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import get_close_matches
from zoneinfo import ZoneInfo

from tracker.model import CarrierName
from tracker.sentences import RefusedError, Sentence

MAINLAND_ZONE = ZoneInfo("Asia/Shanghai")
HONG_KONG_ZONE = ZoneInfo("Asia/Hong_Kong")


@dataclass(frozen=True, slots=True, kw_only=True)
class Centre:
    """
    One sorting centre: its clock, whose house it is, and which country's holidays it keeps.
    """

    name: str
    zone: ZoneInfo
    operator: CarrierName
    mainland: bool


def _seko(name: str) -> Centre:
    return Centre(name=name, zone=MAINLAND_ZONE, operator=CarrierName.SEKO, mainland=True)


_ALL = (
    _seko("guangzhou"),
    _seko("shenzhen"),
    _seko("xiamen"),
    _seko("ningbo"),
    _seko("yiwu"),
    _seko("hangzhou"),
    Centre(name="hongkong", zone=HONG_KONG_ZONE, operator=CarrierName.SEKO, mainland=False),
    Centre(name="clevy", zone=MAINLAND_ZONE, operator=CarrierName.CLEVY, mainland=True),
)

#: Every known centre by its name.
CENTRES: dict[str, Centre] = {centre.name: centre for centre in _ALL}

DEFAULT_CENTRE = "shenzhen"

_SEPARATORS = re.compile(r"[-_\s]+")


def centre_name(text: str) -> str:
    """
    The centre's name as we write it; case, blanks and hyphens of ``text`` do not matter.

    Raises ``UsageError`` naming the known centres, and the nearest one if any is near.
    """
    folded = _SEPARATORS.sub("", text).casefold()
    if folded in CENTRES:
        return folded
    near = get_close_matches(folded, CENTRES, n=1)
    unknown = Sentence(
        "Unknown sorting centre %(centre)s; the known ones are %(known)s.",
        centre=repr(text),
        known=", ".join(CENTRES),
    )
    if near:
        unknown = Sentence("%(unknown)s Did you mean %(near)s?", unknown=unknown, near=near[0])
    raise RefusedError(unknown)
