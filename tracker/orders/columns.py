"""
Which column of a file holds which of our fields, by heading aliases (domain.md 5.1).

Headings are compared folded: case, byte-order marks, quotes, blanks and ``_ - .`` do not count.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from tracker.sentences import RefusedError, Sentence, SentenceError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_LOOKS_LIKE_DATA: Final = re.compile(r"@|\d{4}")
_MAX_SHOWN: Final = 60  # characters of one quoted text
_MAX_HEADINGS_SHOWN: Final = 40

_FOLDED_AWAY: Final = re.compile(r"[\s_\-.\"'`‘’“”\u200b\ufeff]+")


class OrderFileError(SentenceError):
    """
    A file that cannot be read as a whole: nothing of it was taken.
    """


def fold(heading: str) -> str:
    """
    The heading as it is compared.
    """
    return _FOLDED_AWAY.sub("", unicodedata.normalize("NFKC", heading).casefold())


def quoted(text: str) -> str:
    """
    ``text`` in quotes, safe to print: control characters gone, at most 60 characters.
    """
    plain = "".join(
        " " if character.isspace() else character
        for character in text[: _MAX_SHOWN * 2]
        if character.isspace() or unicodedata.category(character)[0] != "C"
    ).strip()
    return f'"{plain[: _MAX_SHOWN - 1]}…"' if len(plain) > _MAX_SHOWN else f'"{plain}"'


def name(our_field: str) -> Sentence:
    """
    The field's name in a sentence: ``order_number`` is "order number".
    """
    return _NAMES[our_field]


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """
    Where each field stands in one file: the column indexes in the order they are tried.
    """

    indexes: Mapping[str, tuple[int, ...]]
    headings: Mapping[str, str]
    repeated: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Aliases:
    """
    The headings that each field may have, best first.

    ``per_row`` are the fields for which a row with an empty preferred column falls back to the
    next alias column; the others use the best column that the file has.
    """

    required: str
    headings: Mapping[str, tuple[str, ...]]
    per_row: frozenset[str] = frozenset()
    mapped: frozenset[str] = field(default=frozenset())

    def with_mapping(self, mapping: Mapping[str, str] | None) -> Aliases:
        """
        The aliases in which a shop's own heading replaces ours.

        Raises :class:`~tracker.model.UsageError` for a field that does not exist.
        """
        own = {} if mapping is None else dict(mapping)
        for our_field in own:
            self._check_field(our_field)
        return Aliases(
            required=self.required,
            headings={**self.headings, **{key: (heading,) for key, heading in own.items()}},
            per_row=self.per_row,
            mapped=frozenset(own),
        )

    def _check_field(self, our_field: str) -> None:
        if our_field in self.headings:
            return
        near = difflib.get_close_matches(our_field, self.headings, n=1)
        hint = (
            Sentence("did you mean %(near)s?", near=near[0])
            if near
            else Sentence("known are %(known)s", known=", ".join(self.headings))
        )
        raise RefusedError(
            Sentence(
                "The column map names no field of ours: %(field)s; %(hint)s",
                field=quoted(our_field),
                hint=hint,
            )
        )

    def rank(self, headings: Sequence[str]) -> int:
        """
        How much a row looks like the heading row: 1 a known field, 1,000 the required one.
        """
        folded = {fold(heading) for heading in headings}
        found = [
            our_field
            for our_field, names in self.headings.items()
            if any(fold(each) in folded for each in names)
        ]
        return len(found) + (1000 if self.required in found else 0)

    def has_required(self, headings: Sequence[str]) -> bool:
        """
        True when the required column is among the headings.
        """
        return self.rank(headings) >= 1000  # noqa: PLR2004 - the rank just above

    def locate(self, file: str, headings: Sequence[str]) -> Columns:
        """
        Where each field stands.

        Raises :class:`OrderFileError` naming the headings seen when the required column or a
        mapped one is absent.
        """
        places, repeated = _places(headings)
        indexes = {
            our_field: found
            for our_field, names in self.headings.items()
            if (found := tuple(places[fold(each)] for each in names if fold(each) in places))
        }
        self._check_present(file, headings, indexes)
        used = {
            our_field: found if our_field in self.per_row else found[:1]
            for our_field, found in indexes.items()
        }
        return Columns(
            indexes=used,
            headings={our_field: headings[found[0]].strip() for our_field, found in used.items()},
            repeated=tuple(
                headings[index].strip()
                for index in repeated
                if any(places[fold(headings[index])] in found for found in used.values())
            ),
        )

    def _check_present(
        self, file: str, headings: Sequence[str], indexes: Mapping[str, tuple[int, ...]]
    ) -> None:
        for our_field in self.headings:
            if our_field in indexes:
                continue
            if our_field in self.mapped:
                raise OrderFileError(
                    Sentence(
                        "%(file)s: the heading %(heading)s, mapped to the %(field)s, "
                        "is not in the file; %(seen)s",
                        file=file,
                        heading=quoted(self.headings[our_field][0]),
                        field=name(our_field),
                        seen=headings_seen(headings),
                    )
                )
            if our_field == self.required:
                raise OrderFileError(
                    Sentence(
                        "%(file)s: no column for the %(field)s (%(known)s); %(seen)s",
                        file=file,
                        field=name(our_field),
                        known=", ".join(self.headings[our_field]),
                        seen=headings_seen(headings),
                    )
                )


def _places(headings: Sequence[str]) -> tuple[dict[str, int], list[int]]:
    places: dict[str, int] = {}
    repeated = []
    for index, heading in enumerate(headings):
        folded = fold(heading)
        if folded and folded in places:
            repeated.append(index)
        elif folded:
            places[folded] = index
    return places, repeated


def headings_seen(headings: Sequence[str]) -> Sentence:
    """
    The headings of a file for a message; a row that holds values is described, never quoted.

    A file without a heading row would otherwise put a buyer's data into the message.
    """
    shown = [heading for heading in headings if heading.strip()]
    if any(_LOOKS_LIKE_DATA.search(heading) for heading in shown):
        return Sentence("its first row holds values, not headings")
    if len(shown) == 1:
        return Sentence(
            "its first row is a single cell, %(cell)s: "
            "cells must be separated by semicolon, comma or tab",
            cell=quoted(shown[0]),
        )
    more = len(shown) - _MAX_HEADINGS_SHOWN
    listed = ", ".join(quoted(heading) for heading in shown[:_MAX_HEADINGS_SHOWN])
    if more > 0:
        return Sentence(
            "the headings seen are %(listed)s and %(more)s more", listed=listed, more=more
        )
    return Sentence("the headings seen are %(listed)s", listed=listed)


#: What the fields of all our files are called within a sentence.
_NAMES: Final = {
    "order_number": Sentence("order number"),
    "order_item_id": Sentence("order item id"),
    "tracking_number": Sentence("tracking number"),
    "station": Sentence("station"),
    "service": Sentence("service"),
    "country": Sentence("country"),
    "shop": Sentence("shop"),
    "status": Sentence("status"),
    "created_at": Sentence("created at"),
    "updated_at": Sentence("updated at"),
    "ready_to_ship_at": Sentence("ready to ship at"),
    "handed_over_at": Sentence("handed over at"),
    "courier": Sentence("courier"),
    "waybill": Sentence("waybill"),
    "sku": Sentence("sku"),
    "at": Sentence("at"),
    "source": Sentence("source"),
}

#: The table of domain.md 5.1, with its field names.
ORDER_ALIASES: Final = Aliases(
    required="order_number",
    headings={
        "order_number": ("Order Number", "Order Nr", "Order No"),
        "order_item_id": ("Order Item Id", "Order Item No"),
        "tracking_number": (
            "Tracking Code",
            "Tracking Number",
            "Tracking No",
            "CD Tracking Code",
            "Tracking Code (first mile)",
        ),
        "station": (
            "Shipping Provider",
            "Shipment Provider",
            "Station",
            "CD Shipping Provider",
            "Shipping Provider (first mile)",
        ),
        "service": (
            "Service",
            "Shipment Type Name",
            "Shipment Type",
            "Shipping Type",
            "Shipment Method",
            "Shipping Method",
        ),
        "country": ("Country", "Country Code", "Shipping Country"),
        "shop": ("Shop", "Shop Name", "Shop ID"),
        "status": ("Status", "Order Item Status", "Order Status"),
        "created_at": ("Created at", "Order Date"),
        "updated_at": ("Updated at", "Updated Date"),
        "ready_to_ship_at": ("Ready to Ship at", "RTS at"),
        "handed_over_at": ("Handed over at", "Delivered to Warehouse at", "Hand-over Time"),
        "courier": ("Domestic Courier",),
        "waybill": ("Domestic Waybill", "Waybill"),
        "sku": ("Jumia SKU", "Seller SKU", "Lazada SKU"),
    },
    per_row=frozenset({"tracking_number", "station"}),
)
