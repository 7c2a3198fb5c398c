"""
What a tracking number and a station look like, and whose portal shows the parcel.

A shape is a hint and never a reason to refuse (domain.md section 2); the order of the rules that
choose a carrier stands in contract.md, "Service and carrier of a parcel".
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace
from enum import Enum

from tracker.model import CarrierName, Service
from tracker.stations import NO_STATION, Station, parse_station

__all__ = [
    "Assignment",
    "Shape",
    "Station",
    "assign",
    "normalise",
    "other_carrier",
    "parse_station",
    "plausible",
    "s10_check_digit_ok",
    "shape",
]


class Shape(Enum):
    """
    What a normalised number looks like.
    """

    DS = "ds"  # JG-NJS-319365323-5711: leading groups, order number, package suffix
    S10 = "s10"  # UH123456785KG: the Universal Postal Union's thirteen characters
    OTHER = "other"


_DS = re.compile(r"[A-Z0-9]{2,6}(-[A-Z0-9]{2,6})?-[0-9]{6,12}-[0-9]{3,6}")
_S10 = re.compile(r"[A-Z]{2}([0-9]{8})([0-9])[A-Z]{2}")
_S10_WEIGHTS = (8, 6, 4, 2, 3, 5, 9, 7)
_JUMIA_PREFIXES = ("JG-", "MPDS-")  # issued by Jumia for parcels that Seko carries

#: Not in Unicode's class of dashes (Pd), but pasted as one.
_MINUS = "\N{MINUS SIGN}"

_POSTAL_TEXT = re.compile(r"economy[-_\s]*shipping|平邮|(?<![a-z])postal(?![a-z])")
_DROPSHIPPING_TEXT = re.compile(r"drop[-_\s]*shipping")

_CARRIER_OF = {Service.DS: CarrierName.SEKO, Service.POSTAL: CarrierName.CLEVY}


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """
    A parcel's service and carrier, both ``None`` when none is known, and the rule that chose them.

    ``doubtful`` is true when a field and the number's shape disagree: then both portals are asked
    and an alert needs proof from both (contract.md). ``overridden``: a person set it.
    """

    service: Service | None
    carrier: CarrierName | None
    doubtful: bool
    reason: str
    overridden: bool = False


def normalise(text: str) -> str:
    """
    The number as we store and compare it: upper case, plain hyphens, no invisible characters.

    Full-width forms are folded (NFKC). Blanks inside are dropped when that gives a known shape
    (postal numbers are often printed in groups) and are single spaces otherwise.
    """
    if shape(text) is not Shape.OTHER:
        return text  # nothing is left to be done, as with most numbers
    folded = unicodedata.normalize("NFKC", text)
    spaced = " ".join("".join(_fold(char) for char in folded).split()).upper()
    joined = spaced.replace(" ", "")
    return spaced if shape(joined) is Shape.OTHER else joined


def _fold(char: str) -> str:
    category = unicodedata.category(char)
    if category == "Pd" or char == _MINUS:
        return "-"
    if char.isspace():
        return " "
    return "" if category in {"Cf", "Cc"} else char


def shape(number: str) -> Shape:
    """
    The shape of a normalised number.
    """
    if _DS.fullmatch(number):
        return Shape.DS
    return Shape.S10 if _S10.fullmatch(number) else Shape.OTHER


def s10_check_digit_ok(number: str) -> bool | None:
    """
    Whether the check digit of a normalised S10 number fits; ``None`` for any other number.
    """
    match = _S10.fullmatch(number)
    if match is None:
        return None
    total = sum(int(digit) * weight for digit, weight in zip(match[1], _S10_WEIGHTS, strict=True))
    return {10: 0, 11: 5}.get(check := 11 - total % 11, check) == int(match[2])


def plausible(number: str) -> str | None:
    """
    A warning about a normalised number in one sentence, or ``None``; never a reason to refuse it.
    """
    if s10_check_digit_ok(number) is False:
        return f"The check digit of {number} does not fit: compare it with the label."
    if shape(number) is Shape.OTHER:
        return f"{number or 'An empty number'} looks like no tracking number that we know."
    return None


def assign(
    number: str | None,
    *,
    station: str | None = None,
    service_text: str | None = None,
    parcel_override: Service | None = None,
    shop_override: Service | None = None,
) -> Assignment:
    """
    Whose portal shows the parcel, by the first rule of contract.md that fits.

    ``number`` may be as written. An override is a person's word and is never doubtful.
    """
    if parcel_override:
        return replace(_chosen(parcel_override, "set for this parcel"), overridden=True)
    if shop_override:
        return replace(_chosen(shop_override, "set for this shop"), overridden=True)
    place = parse_station(station) if station else NO_STATION
    if place.named and place.operator is None:
        return Assignment(
            service=None,
            carrier=None,
            doubtful=False,
            reason=f"no carrier is known for the station {place.text}",
        )
    # A provider column often holds the service's name ("Jumia Dropshipping") and no station.
    fields = " ".join(filter(None, (service_text, None if place.named else station)))
    return _by_fields(normalise(number or ""), place, fields)


def other_carrier(carrier: CarrierName) -> CarrierName:
    """
    The second portal of a parcel that may be either's.
    """
    return CarrierName.CLEVY if carrier is CarrierName.SEKO else CarrierName.SEKO


def _by_fields(number: str, place: Station, fields: str) -> Assignment:
    by_text = _service_of_text(fields)
    by_station = Service.DS if place.operator is CarrierName.SEKO else None
    if place.operator is CarrierName.CLEVY:
        by_station = Service.POSTAL
    by_shape = _service_of_shape(number)
    doubtful = by_shape is not None and any(
        by_field not in {None, by_shape} for by_field in (by_text, by_station)
    )
    if by_text is Service.POSTAL:
        return _chosen(Service.POSTAL, "the service text says postal", doubtful=doubtful)
    if by_shape is Service.POSTAL:
        return _chosen(Service.POSTAL, "the number is a postal one", doubtful=doubtful)
    if by_shape is Service.DS:
        return _chosen(Service.DS, "the number is a dropshipping one", doubtful=doubtful)
    if by_station is not None:
        return _chosen(by_station, f"the station {place.text}")
    if by_text is Service.DS:
        return _chosen(Service.DS, "the service text says dropshipping")
    reason = f"nothing tells the carrier of {number or 'a parcel without a number'}"
    return Assignment(service=None, carrier=None, doubtful=False, reason=reason)


def _service_of_text(text: str) -> Service | None:
    folded = unicodedata.normalize("NFKC", text).casefold()
    if _POSTAL_TEXT.search(folded):
        return Service.POSTAL
    return Service.DS if _DROPSHIPPING_TEXT.search(folded) else None


def _service_of_shape(number: str) -> Service | None:
    if shape(number) is Shape.S10:
        return Service.POSTAL
    # The prefix is enough: a suffix of an unforeseen length must not leave a parcel unwatched.
    return Service.DS if number.startswith(_JUMIA_PREFIXES) else None


def _chosen(service: Service, reason: str, *, doubtful: bool = False) -> Assignment:
    return Assignment(
        service=service, carrier=_CARRIER_OF[service], doubtful=doubtful, reason=reason
    )
