"""
Tracking numbers, stations, and whose portal shows a parcel (domain.md 1.3 and 2, contract.md).
"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.model import CarrierName, Service
from tracker.numbers import (
    Shape,
    assign,
    normalise,
    parse_station,
    plausible,
    s10_check_digit_ok,
    shape,
)
from tracker.stations import country_code

DS_NUMBER = "JG-NJS-319365323-5711"
POSTAL_NUMBER = "UH473124829GE"
SEKO_STATION = "NG-JG-Seko-Shenzhen-Seko-Station"


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("  jg-njs-319365323-5711\n", DS_NUMBER),
        ("\ufeffJG-NJS-319365323-5711\u200b", DS_NUMBER),
        ("\xa0JG\u2011NJS\u2013319365323\u22125711", DS_NUMBER),
        ("ＪＧ－ＮＪＳ－３１９３６５３２３－５７１１", DS_NUMBER),
        ("JG-NJS-319365323 -5711", DS_NUMBER),
        ("uh 473 124 829 ge", POSTAL_NUMBER),
        ("no such\t number", "NO SUCH NUMBER"),
        ("A1\x00B2", "A1B2"),
        ("", ""),
    ],
)
def test_normalise(written: str, number: str) -> None:
    """
    What people and files write around a number falls away, and all dashes become hyphens.
    """
    assert normalise(written) == number


def test_two_numbers_in_one_cell_stay_apart() -> None:
    """
    A line break between two numbers does not glue them into one.
    """
    assert normalise(f"{DS_NUMBER}\n{POSTAL_NUMBER}") == f"{DS_NUMBER} {POSTAL_NUMBER}"


@given(st.text())
def test_normalising_twice_changes_nothing(text: str) -> None:
    """
    A normalised number is its own normal form, so it is a stable identity.
    """
    once = normalise(text)

    assert normalise(once) == once


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (DS_NUMBER, Shape.DS),
        ("JG-00D-393842527-9589", Shape.DS),
        ("MPDS-339416786-7389", Shape.DS),
        (POSTAL_NUMBER, Shape.S10),
        ("UH12345678KG", Shape.OTHER),
        ("JG-NJS-31936-5711", Shape.OTHER),
        (DS_NUMBER + "\n", Shape.OTHER),
        ("ABC123", Shape.OTHER),
        ("", Shape.OTHER),
    ],
)
def test_shape(number: str, expected: Shape) -> None:
    """
    The documented and seen numbers have their shape, and near misses have none.
    """
    assert shape(number) is expected


@pytest.mark.parametrize(
    ("number", "fits"),
    [
        ("UH473124829GE", True),  # the standard's own example, 47312482 -> 9
        ("UH473124828GE", False),
        ("UH000000005KG", True),  # sum 0: 11 becomes 5
        ("UH000040000KG", True),  # sum 12: 10 becomes 0
        ("UH000040001KG", False),
        ("UH000000011KG", False),
        ("UH000001009KG", False),
        ("UH100000054KG", False),
        (DS_NUMBER, None),
    ],
)
def test_s10_check_digit(number: str, *, fits: bool | None) -> None:
    """
    The check digit follows the weights 8 6 4 2 3 5 9 7; other numbers have none.
    """
    assert s10_check_digit_ok(number) is fits


def test_plausible_warns_and_never_refuses() -> None:
    """
    A wrong check digit, an unknown shape and an empty text give a warning; good numbers none.
    """
    assert plausible(DS_NUMBER) is None
    assert plausible(POSTAL_NUMBER) is None
    assert "check digit" in (plausible("UH473124828GE") or "")
    assert "ABC123" in (plausible("ABC123") or "")
    assert "empty" in (plausible("") or "")


@pytest.mark.parametrize(
    ("text", "country", "operator", "centre", "named"),
    [
        (SEKO_STATION, "NG", CarrierName.SEKO, "shenzhen", True),
        ("NG-JG-SEKO-Shenzhen-Seko Station", "NG", CarrierName.SEKO, "shenzhen", True),
        ("NG-JG-Seko-HongKong-Seko-Station", "NG", CarrierName.SEKO, "hongkong", True),
        ("IC-JG-Seko-Hong Kong-Seko-Station", "CI", CarrierName.SEKO, "hongkong", True),
        ("ke jg seko ningbo seko station", "KE", CarrierName.SEKO, "ningbo", True),
        ("KE-JG-Seko-Yiwu-Seko-Station", "KE", CarrierName.SEKO, "yiwu", True),
        ("SEKO", None, CarrierName.SEKO, None, True),
        ("Clevy Links", None, CarrierName.CLEVY, "clevy", True),
        ("KE-JG-Clevy-Shenzhen-Station", "KE", CarrierName.CLEVY, "clevy", True),
        ("EG-JG-EDFA3LY-China", "EG", None, None, True),
        ("KE-VDO-3PL-Lucytech BS-Station", "KE", None, None, True),
        ("KE-JG-Other-Shenzhen-Station", "KE", None, None, True),
        ("Jumia Dropshipping", None, None, None, False),
        ("Economy Shipping", None, None, None, False),
        ("Shenzhen", None, None, "shenzhen", False),
        ("NG", "NG", None, None, False),
        (" - ", None, None, None, False),
        ("", None, None, None, False),
    ],
)
def test_parse_station(
    text: str, country: str | None, operator: CarrierName | None, centre: str | None, *, named: bool
) -> None:
    """
    Country, operator and centre are read in every spelling; strangers are named, not guessed.
    """
    station = parse_station(text)

    assert (station.country, station.operator, station.centre) == (country, operator, centre)
    assert station.named is named


@pytest.mark.parametrize(
    ("number", "station", "service_text", "service", "doubtful"),
    [
        # 2: a named stranger beats every hint
        (DS_NUMBER, "EG-JG-EDFA3LY-China", "Dropshipping", None, False),
        (POSTAL_NUMBER, "KE-VDO-3PL-Lucytech BS-Station", "Economy Shipping", None, False),
        # 3: the service text
        ("ABC123", None, "Economy Shipping", Service.POSTAL, False),
        ("ABC123", None, "平邮", Service.POSTAL, False),
        (POSTAL_NUMBER, None, "postal", Service.POSTAL, False),
        (DS_NUMBER, None, "economy-shipping", Service.POSTAL, True),
        (DS_NUMBER, "Economy Shipping", None, Service.POSTAL, True),
        # 4: the postal shape
        (POSTAL_NUMBER, None, None, Service.POSTAL, False),
        (POSTAL_NUMBER, SEKO_STATION, None, Service.POSTAL, True),
        (POSTAL_NUMBER, None, "Dropshipping", Service.POSTAL, True),
        (POSTAL_NUMBER, "Clevy Links", None, Service.POSTAL, False),
        # 5: Jumia's shape, or a Seko station
        (DS_NUMBER, None, None, Service.DS, False),
        ("MPDS-339416786-7389", None, None, Service.DS, False),
        (DS_NUMBER, SEKO_STATION, "Dropshipping", Service.DS, False),
        (DS_NUMBER, "Clevy Links", None, Service.DS, True),
        ("ABC123", SEKO_STATION, None, Service.DS, False),
        ("ABC123", "Clevy Links", None, Service.POSTAL, False),
        (None, SEKO_STATION, None, Service.DS, False),
        # 6: the weakest word
        ("ABC123", None, "Dropshipping", Service.DS, False),
        ("ABC123", "Jumia Drop-Shipping", None, Service.DS, False),
        # nothing fits
        ("ABC123", None, None, None, False),
        ("ABC123", "Shenzhen", "Standard", None, False),
        (None, None, None, None, False),
    ],
)
def test_assign_follows_the_contracts_order(
    number: str | None,
    station: str | None,
    service_text: str | None,
    service: Service | None,
    *,
    doubtful: bool,
) -> None:
    """
    The first rule that fits chooses; a field against the number's shape makes it doubtful.
    """
    carriers = {Service.DS: CarrierName.SEKO, Service.POSTAL: CarrierName.CLEVY, None: None}

    chosen = assign(number, station=station, service_text=service_text)

    assert chosen.service is service
    assert chosen.carrier is carriers[service]
    assert chosen.doubtful is doubtful
    assert chosen.reason


def test_overrides_come_first() -> None:
    """
    A parcel's override beats the shop's, and both beat a stranger's station, without doubt.
    """
    stranger = "EG-JG-EDFA3LY-China"

    by_shop = assign(DS_NUMBER, station=stranger, shop_override=Service.POSTAL)
    by_parcel = assign(
        DS_NUMBER,
        station=stranger,
        parcel_override=Service.DS,
        shop_override=Service.POSTAL,
    )

    assert (by_shop.carrier, by_shop.doubtful) == (CarrierName.CLEVY, False)
    assert (by_parcel.carrier, by_parcel.doubtful) == (CarrierName.SEKO, False)


def test_a_number_as_written_is_normalised_first() -> None:
    """
    The choice does not depend on how the number was typed.
    """
    assert assign("uh 473 124 829 ge") == assign(POSTAL_NUMBER)


@given(st.text(), st.text(), st.text())
def test_hostile_text_is_never_an_error(number: str, station: str, service_text: str) -> None:
    """
    Whatever a file holds, there is an answer, and a carrier exactly when there is a service.
    """
    chosen = assign(number, station=station, service_text=service_text)

    assert (chosen.carrier is None) == (chosen.service is None)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Nigeria", "NG"),
        ("ng", "NG"),
        ("Côte d’Ivoire", "CI"),
        ("IC", "CI"),
        ("尼日利亚", "NG"),
        ("Atlantis", "Atlantis"),
    ],
)
def test_a_country_is_known_by_name_or_code(text: str, code: str) -> None:
    """
    Exports write countries in words or codes; one that we do not know is kept as written.
    """
    assert country_code(text) == code
