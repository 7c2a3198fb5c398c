"""
The practice numbers: which number makes the practice portals answer how.

The two digits before the package suffix (DS) or before the check digit (S10) name the scenario,
so that one table serves both carriers; any other number is one that the portal does not know.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from tracker.model import CarrierName

_DS = re.compile(r"^JG-NJS-9000000(\d\d)-5711$")
_POSTAL = re.compile(r"^UH900000(\d\d)\dKE$")
_S10_WEIGHTS = (8, 6, 4, 2, 3, 5, 9, 7)  # UPU S10, domain.md 2


class Manner(StrEnum):
    """
    How the portal behaves when a scenario's number is among those asked.
    """

    TELL = "tell"  # answer with the number's events
    NOTHING_YET = "nothing_yet"
    NOT_FOUND = "not_found"
    UNREADABLE = "unreadable"
    FORBIDDEN = "forbidden"
    TOO_MANY = "too_many"
    BROKEN = "broken"
    SLOW = "slow"
    CHALLENGE = "challenge"
    MAINTENANCE = "maintenance"
    LOGIN = "login"
    EMPTY = "empty"
    TRUNCATED = "truncated"
    SWAPPED = "swapped"
    SKIPPED_IN_BATCH = "skipped_in_batch"
    SKIPPED = "skipped"
    BUSY_ONCE = "busy_once"

    @property
    def spoils_the_answer(self) -> bool:
        """
        True when one such number changes the answer to all numbers asked with it.
        """
        return self not in _PER_NUMBER


_PER_NUMBER = frozenset(
    {
        Manner.TELL,
        Manner.NOTHING_YET,
        Manner.NOT_FOUND,
        Manner.SWAPPED,
        Manner.SKIPPED_IN_BATCH,
        Manner.SKIPPED,
    }
)


@dataclass(frozen=True, slots=True)
class Step:
    """
    One event of a scenario: how many hours before the server's start, what, where.
    """

    hours_ago: float
    text: str
    place: str
    code: str | None = None


@dataclass(frozen=True, slots=True)
class Scenario:
    """
    One lesson: its two digits, its name, what happens, and the events told.
    """

    digits: str
    name: str
    summary: str
    manner: Manner = Manner.TELL
    steps: tuple[Step, ...] = ()

    @property
    def ds_number(self) -> str:
        """
        The dropshipping number that plays this scenario at Seko's practice portal.
        """
        return f"JG-NJS-9000000{self.digits}-5711"

    @property
    def postal_number(self) -> str:
        """
        The postal number, with its right check digit, that plays it at Clevy's practice portal.
        """
        serial = f"900000{self.digits}"
        return f"UH{serial}{check_digit(serial)}KE"

    def number(self, carrier: CarrierName) -> str:
        """
        The number that plays this scenario at the carrier's practice portal.
        """
        return self.ds_number if carrier is CarrierName.SEKO else self.postal_number


def check_digit(serial: str) -> int:
    """
    The UPU S10 check digit of eight digits (domain.md 2).
    """
    total = sum(int(digit) * weight for digit, weight in zip(serial, _S10_WEIGHTS, strict=True))
    return {10: 0, 11: 5}.get(11 - total % 11, 11 - total % 11)


_ANNOUNCED = Step(74, "Shipping information received", "", "OP-1")
_RECEIVED = Step(50, "Parcel received and accepted", "SHENZHEN", "OP-14")
_EXPORT = Step(40, "Processed through export hub", "SHENZHEN", "OP-3")
_FLIGHT = Step(30, "Flight departed", "HONG KONG", "OP-81")

SCENARIOS: tuple[Scenario, ...] = (
    Scenario(
        "01",
        "scanned-today",
        "the arrival scan was two hours ago",
        steps=(_ANNOUNCED, Step(2, "Parcel received and accepted", "SHENZHEN", "OP-14")),
    ),
    Scenario(
        "02",
        "scanned-earlier",
        "scanned two days ago and on its way since",
        steps=(_ANNOUNCED, _RECEIVED, _EXPORT, _FLIGHT),
    ),
    Scenario(
        "03",
        "pre-advice",
        "announced only: nobody has scanned the parcel",
        steps=(_ANNOUNCED,),
    ),
    Scenario("04", "nothing-yet", "the number is known and has no events", Manner.NOTHING_YET),
    Scenario("05", "not-found", "the portal does not know the number", Manner.NOT_FOUND),
    Scenario(
        "06",
        "held",
        "received, then held by the quality check",
        steps=(_ANNOUNCED, _RECEIVED, Step(44, "Parcel on hold", "SHENZHEN", "OP-2")),
    ),
    Scenario(
        "07",
        "unknown-wording",
        "an event text that no table knows",
        steps=(_ANNOUNCED, Step(20, "Parcel regraded at bay seven", "SHENZHEN")),
    ),
    Scenario(
        "08",
        "lost",
        "received, then reported lost",
        steps=(_ANNOUNCED, _RECEIVED, Step(5, "Parcel lost", "SHENZHEN", "OP-15")),
    ),
    Scenario(
        "09",
        "delivered",
        "the whole journey to the buyer",
        steps=(
            Step(500, "Shipping information received", "", "OP-1"),
            Step(480, "Parcel received and accepted", "SHENZHEN", "OP-14"),
            Step(430, "Flight departed", "HONG KONG", "OP-81"),
            Step(400, "Customs cleared", "LAGOS", "OP-5"),
            Step(60, "Out for delivery", "LAGOS", "OP-21"),
            Step(52, "Delivered", "LAGOS", "OP-71"),
        ),
    ),
    Scenario(
        "10",
        "chinese",
        "a scan told in Chinese",
        steps=(Step(70, "收到信息", ""), Step(3, "包裹已到达仓库", "深圳")),
    ),
    Scenario("20", "unreadable", "an answer whose meaning cannot be read", Manner.UNREADABLE),
    Scenario("21", "forbidden", "403 Forbidden", Manner.FORBIDDEN),
    Scenario("22", "too-many", "429 Too Many Requests, Retry-After 60", Manner.TOO_MANY),
    Scenario("23", "broken", "500 Internal Server Error", Manner.BROKEN),
    Scenario("24", "slow", "no answer until the caller gives up", Manner.SLOW),
    Scenario("25", "challenge", "a page that checks for robots", Manner.CHALLENGE),
    Scenario("26", "maintenance", "a maintenance page", Manner.MAINTENANCE),
    Scenario("27", "login", "sent to a login page", Manner.LOGIN),
    Scenario("28", "empty", "200 with an empty body", Manner.EMPTY),
    Scenario("29", "truncated", "an answer cut in the middle", Manner.TRUNCATED),
    Scenario(
        "30",
        "another-parcel",
        "the answer speaks of another parcel",
        Manner.SWAPPED,
        steps=(_ANNOUNCED, _RECEIVED),
    ),
    Scenario(
        "31",
        "skipped-in-batch",
        "left out of a batch, answered when asked alone",
        Manner.SKIPPED_IN_BATCH,
        steps=(_ANNOUNCED, _RECEIVED),
    ),
    Scenario("32", "skipped", "left out of every answer", Manner.SKIPPED),
    Scenario(
        "33",
        "busy-once",
        "502 to the first question, then a good answer",
        Manner.BUSY_ONCE,
        steps=(_ANNOUNCED, _RECEIVED),
    ),
)

_BY_DIGITS = {scenario.digits: scenario for scenario in SCENARIOS}
_BY_NAME = {scenario.name: scenario for scenario in SCENARIOS}
NOT_FOUND = _BY_NAME["not-found"]


def scenario_of(number: str) -> Scenario:
    """
    The scenario that a number plays; "not found" for every number that is not in the table.
    """
    match = _DS.match(number) or _POSTAL.match(number)
    return _BY_DIGITS.get(match.group(1), NOT_FOUND) if match else NOT_FOUND


def scenario_named(name: str) -> Scenario:
    """
    The scenario with this name.

    Raises ``KeyError`` when there is none.
    """
    return _BY_NAME[name]


def scenario_lines() -> tuple[str, ...]:
    """
    The table as lines for people: Seko's number, Clevy's number, what happens.
    """
    return tuple(
        f"{item.ds_number}  {item.postal_number}  {item.name}: {item.summary}" for item in SCENARIOS
    )
