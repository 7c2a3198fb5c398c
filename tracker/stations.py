"""
What a station's name tells: country, operator, sorting centre (domain.md 1.3).

Stations are written ``<CC>-JG-Seko-<City>-Seko-Station`` in many spellings. Parcels of Yiwu and
Hangzhou mostly travel under the Ningbo code: the centre given here is the one that the paper names,
not always the warehouse (a person can override it).
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from tracker.calendar.centres import CENTRES
from tracker.model import CarrierName


@dataclass(frozen=True, slots=True, kw_only=True)
class Station:
    """
    A station or shipping provider as an order names it.

    ``country`` is the ISO code of its prefix (the platform's IC is CI). ``named`` is true when the
    text names a provider at all; then ``operator`` is ``None`` for one whose portal we do not know.
    """

    text: str
    country: str | None
    operator: CarrierName | None
    centre: str | None
    named: bool


NO_STATION = Station(text="", country=None, operator=None, centre=None, named=False)

#: Station prefixes of the platform's markets, past and present; IC is Cote d'Ivoire.
_COUNTRY = re.compile(r"ci|cm|dz|eg|et|gh|ic|ke|ma|ng|rw|sn|tn|tz|ug|za|zz")

_CITIES = tuple(name for name, centre in CENTRES.items() if centre.operator is CarrierName.SEKO)
_OPERATORS = re.compile(r"(?<![a-z])(seko|clevy)")
_SEPARATORS = re.compile(r"[-_/,.()\s]+")

#: Words that name a service, a kind of place or nothing, and so no provider.
_GENERIC = re.compile(
    r"jg|jumia|global|hong|kong|china|cn|stations?|cent(re|er)|sorting|warehouse"
    r"|drop|shipping|dropship(ping)?|economy|postal|post|mail|平邮|standard|express"
    r"|delivery|services?|shipment|international|provider|n|a|na|none|null"
)


@lru_cache(maxsize=1024)  # a file names few stations, each of them many times
def parse_station(text: str) -> Station:
    """
    What a station text tells; case, blanks and hyphens do not matter.
    """
    clean = " ".join(unicodedata.normalize("NFKC", text).split())
    words = [word for word in _SEPARATORS.split(clean.casefold()) if word]
    country = _country(words)
    match = _OPERATORS.search(clean.casefold())
    operator = CarrierName(match[1]) if match else None
    rest = words[1:] if country else words
    named = operator is not None or any(not _is_generic(word) for word in rest)
    return Station(
        text=clean,
        country=country,
        operator=operator,
        centre=_centre(operator, "".join(rest), named=named),
        named=named,
    )


def _is_generic(word: str) -> bool:
    return word in _CITIES or _GENERIC.fullmatch(word) is not None


def _country(words: list[str]) -> str | None:
    if not words or not _COUNTRY.fullmatch(words[0]):
        return None
    return "CI" if words[0] == "ic" else words[0].upper()


def _centre(operator: CarrierName | None, joined: str, *, named: bool) -> str | None:
    """
    The centre: Clevy's own, or the city that is named, unless the house is a stranger's.
    """
    if operator is CarrierName.CLEVY:
        return CarrierName.CLEVY.value
    if named and operator is None:
        return None
    return next((city for city in _CITIES if city in joined), None)


#: The markets' names as exports write them, beside their codes (domain.md, "The mission").
_ALPHA2 = re.compile(r"[a-z]{2}")
_COUNTRY_NAMES = {
    "nigeria": "NG",
    "kenya": "KE",
    "ghana": "GH",
    "egypt": "EG",
    "morocco": "MA",
    "maroc": "MA",
    "cote d'ivoire": "CI",
    "ivory coast": "CI",
    "senegal": "SN",
    "uganda": "UG",
    "尼日利亚": "NG",
    "肯尼亚": "KE",
    "加纳": "GH",
    "埃及": "EG",
    "摩洛哥": "MA",
    "科特迪瓦": "CI",
    "塞内加尔": "SN",
    "乌干达": "UG",
}


def is_country_site(code: str) -> bool:
    """
    True for the ISO code of a country on whose site Jumia's sellers sell.
    """
    return code in _COUNTRY_NAMES.values()


def country_code(text: str) -> str:
    """
    The ISO code of a country as an export names it; a name that we do not know stays as it is.

    The platform's ``IC`` is ``CI``.
    """
    plain = " ".join(unicodedata.normalize("NFKD", text).casefold().replace("’", "'").split())
    plain = "".join(char for char in plain if not unicodedata.combining(char))
    if plain in _COUNTRY_NAMES:
        return _COUNTRY_NAMES[plain]
    if plain == "ic":
        return "CI"
    return plain.upper() if _ALPHA2.fullmatch(plain) else text.strip()
