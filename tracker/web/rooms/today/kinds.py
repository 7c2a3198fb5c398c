"""
What each kind of alert is called, what it is about, and which deeds answer it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from tracker.model import AlertKind
from tracker.web.language import marked as _


class Deed(StrEnum):
    """
    What a person can do about chosen alerts; the first two only give texts and change nothing.
    """

    URGE_TEXT = "urge-text"
    CLAIM_TEXT = "claim-text"
    URGED = "urged"
    CLAIMED = "claimed"
    ANSWERED = "answered"
    HANDED_OVER = "handed-over"
    ACKNOWLEDGED = "acknowledged"
    SNOOZED = "snoozed"

    @property
    def is_text(self) -> bool:
        """
        True for what only gives a text to be copied.
        """
        return self in {Deed.URGE_TEXT, Deed.CLAIM_TEXT}


@dataclass(frozen=True, slots=True, kw_only=True)
class KindOnPage:
    """
    One kind as the page shows it: ``deeds`` are what it asks for, ``also`` what may be right too.

    ``claimed`` names the deed of that name: raised, or written again under the case.
    """

    title: str
    hint: str
    deeds: tuple[Deed, ...]
    also: tuple[Deed, ...] = ()
    claimed: str = _("Mark claimed")

    @property
    def all_deeds(self) -> frozenset[Deed]:
        """
        Everything that may be done about an alert of the kind.
        """
        return frozenset((*self.deeds, *self.also, Deed.ACKNOWLEDGED, Deed.SNOOZED))


_CLAIM = (Deed.CLAIM_TEXT, Deed.CLAIMED)

KINDS: dict[AlertKind, KindOnPage] = {
    AlertKind.URGE_SCAN: KindOnPage(
        title=_("Urge the scan"),
        hint=_("Send Seko's customer service the text, then mark it: a claim follows by itself."),
        deeds=(Deed.URGE_TEXT, Deed.URGED),
        also=_CLAIM,
    ),
    AlertKind.RAISE_CLAIM: KindOnPage(
        title=_("Raise a claim"),
        hint=_("Fill in Raise A Claim on the country's site with the text; once for each parcel."),
        deeds=_CLAIM,
        also=(Deed.ANSWERED,),
    ),
    AlertKind.FOLLOW_UP_CLAIM: KindOnPage(
        title=_("Follow up the claim"),
        hint=_(
            "Look for Jumia's answer. Without one, ask under the same Case ID; never claim again."
        ),
        deeds=(Deed.ANSWERED, Deed.CLAIMED),
        claimed=_("Asked again under its case"),
    ),
    AlertKind.ANSWER_CLAIM: KindOnPage(
        title=_("Answer Jumia"),
        hint=_("Jumia asked something: answer under the same Case ID within three working days."),
        deeds=(Deed.CLAIMED,),
        also=(Deed.ANSWERED,),
        claimed=_("Answered Jumia"),
    ),
    AlertKind.CONFIRM_HANDOVER: KindOnPage(
        title=_("Confirm the hand-over"),
        hint=_(
            "Nobody said when the sorting centre got these parcels. The courier's proof says it."
        ),
        deeds=(Deed.HANDED_OVER,),
    ),
    AlertKind.CANCEL_RISK: KindOnPage(
        title=_("Automatic cancellation is near"),
        hint=_("Hand the parcels over today, or say when you did."),
        deeds=(Deed.HANDED_OVER,),
    ),
    AlertKind.RETRIEVE_PARCEL: KindOnPage(
        title=_("Cancelled, but already sent"),
        hint=_("Ask Seko's customer service to hold the parcels and to send them back."),
        deeds=(Deed.ACKNOWLEDGED,),
    ),
    AlertKind.NOT_SYNCHRONISED: KindOnPage(
        title=_("Scanned, but not Shipped in Seller Center"),
        hint=_("Import fresh orders first. Still not Shipped? Claim with a picture of the scan."),
        deeds=(Deed.ACKNOWLEDGED,),
    ),
    AlertKind.CLAIM_WINDOW: KindOnPage(
        title=_("The time to claim ends soon"),
        hint=_("Claims are taken for three months after the order: claim now, or let it go."),
        deeds=_CLAIM,
    ),
    AlertKind.OVERDUE_DELIVERY: KindOnPage(
        title=_("Late in delivery"),
        hint=_("Ask Seko's customer service where the parcels are."),
        deeds=(Deed.ACKNOWLEDGED,),
    ),
    AlertKind.RETURN_CLAIM: KindOnPage(
        title=_("Check the returned goods"),
        hint=_("A wrong product can be claimed with photos within five working days."),
        deeds=(Deed.ACKNOWLEDGED,),
    ),
    AlertKind.PENDING_ORDER: KindOnPage(
        title=_("Still pending"),
        hint=_("Pack the orders and set them to Ready to Ship in Seller Center."),
        deeds=(Deed.ACKNOWLEDGED,),
    ),
    AlertKind.UNVERIFIED: KindOnPage(
        title=_("Not checked"),
        hint=_("Find out why the portal cannot be read: tracker carriers check"),
        deeds=(),
    ),
    AlertKind.CARRIER_BLIND: KindOnPage(
        title=_("A portal cannot be looked up"),
        hint=_("Find out which step fails: tracker carriers check"),
        deeds=(),
    ),
    AlertKind.UNKNOWN_WORDING: KindOnPage(
        title=_("Unknown wording on a portal"),
        hint=_("Decide what it means."),
        deeds=(),
    ),
    AlertKind.MESSAGE_FLOOD: KindOnPage(
        title=_("Too many messages at once"),
        hint=_("Find out why; acknowledging it lets them go at once."),
        deeds=(),
    ),
    AlertKind.STALE_ORDERS: KindOnPage(
        title=_("Import fresh orders"),
        hint=_("It ends by itself with the next import."),
        deeds=(),
    ),
}
