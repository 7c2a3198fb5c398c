"""
The wording tables: what is a scan, what is not, and what stays unknown.
"""

from __future__ import annotations

import tomllib
from importlib.resources import files
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.model import CarrierName, Outcome, Stage, UsageError
from tracker.stages import (
    Classified,
    classify,
    load_tables,
    no_record,
    normalise_text,
    phrases,
    without_place,
)

if TYPE_CHECKING:
    from pathlib import Path

SEKO, CLEVY = CarrierName.SEKO, CarrierName.CLEVY
LOST = '[[group]]\nstage = "lost"\n'
TABLES = ("common", "seko", "clevy")


def _data(name: str) -> dict:
    return tomllib.loads(files("tracker.stages").joinpath(f"{name}.toml").read_text("utf-8"))


@pytest.mark.parametrize(
    ("text", "stage"),
    [
        ("Parcel received and accepted", Stage.RECEIVED),
        ("PARCEL RECEIVED AND ACCEPTED. ", Stage.RECEIVED),
        ("Ｐａｒｃｅｌ received　and accepted！", Stage.RECEIVED),
        ("Depot Scan", Stage.RECEIVED),
        ("The parcel has arrived at the sorting centre", Stage.RECEIVED),
        ("[SHENZHEN] Parcel received", Stage.RECEIVED),
        ("包裹已到达仓库。", Stage.RECEIVED),
        ("包裹 已揽收", Stage.RECEIVED),
        ("运输商已接收包裹", Stage.RECEIVED),
        ("Processed through export hub", Stage.EXPORT),
        ("已交航", Stage.EXPORT),
        ("Flight departed", Stage.IN_TRANSIT),
        ("Customs cleared", Stage.CUSTOMS),
        ("Out for delivery", Stage.OUT_FOR_DELIVERY),
        ("Your parcel was delivered", Stage.DELIVERED),
        ("妥投", Stage.DELIVERED),
        ("Held at warehouse", Stage.HELD),
    ],
)
def test_physical_events_are_scans(text: str, stage: Stage) -> None:
    """
    A documented receipt or later physical event is a scan, however it is spelled.
    """
    assert classify(SEKO, text, None) == Classified(stage, is_scan=True)


@pytest.mark.parametrize(
    "text",
    [
        "Pre-advice received",
        "Electronic notification of shipment",
        "Parcel data received",
        "Shipping information received",
        "Item information created by the seller",
        "Item is announced",
        "Tracking number allocated",
        "Manifest received",
        "Not yet received by carrier",
        "Label created, not received yet",
        "Label created, not received",
        "Expected at the sorting centre",
        "Awaiting parcel",
        "Order received",
        "In transit to the sorting centre",
        "Collection requested",
        "Transferred to sorting facility",
        "包裹信息预上网",
        "装运电子通知",
        "尚未收到包裹",
        "等待揽收",
        "卖家已发货",
    ],
)
def test_pre_advice_is_known_and_no_scan(text: str) -> None:
    """
    Data without a parcel is announced: an event, known, and no scan.
    """
    assert classify(SEKO, text, None) == Classified(Stage.ANNOUNCED, is_scan=False)


@pytest.mark.parametrize(
    "text",
    [
        "Parcel not received",
        "The parcel has not been received yet",
        "Parcel will be received at warehouse",
        "Expected to be received by carrier",
        "Parcel received notification pending",
        "Received label data for parcel",
        "Parcel received? Contact us",
        "Your order was received",
        "Parcel received by sender",
        "尚未到达仓库",
        "包裹未到达仓库",
        "预计到达仓库",
        "即将到达分拣中心",
        "订单已接收",
        "",
        "-",
    ],
)
@pytest.mark.parametrize("carrier", [SEKO, CLEVY])
def test_doubtful_wording_is_no_scan(text: str, carrier: CarrierName) -> None:
    """
    A text that only resembles a receipt is never a scan, by either carrier's tables.
    """
    assert not classify(carrier, text, None).is_scan


@pytest.mark.parametrize(
    "text",
    [
        "Delivered to sender",
        "Delivered - returned to sender",
        "Handed back to the seller",
        "The parcel was delivered back to the shipper",
        "已退回寄件人",
        "退件已签收",
    ],
)
def test_hand_back_to_the_sender_is_never_delivered(text: str) -> None:
    """
    A parcel given back to its sender is returned, not delivered (domain.md 4).
    """
    assert classify(SEKO, text, None).stage is Stage.RETURNED


def test_unknown_wording_is_unclassified() -> None:
    """
    A text that fits nothing is unclassified and no scan.
    """
    assert classify(SEKO, "Quantum entangled", None) == Classified(
        Stage.UNCLASSIFIED, is_scan=False
    )


@pytest.mark.parametrize("code", ["OP-10", "op-10", " OP-10 ", "OP‑14", "OP-89"])
def test_code_names_an_unknown_text(code: str) -> None:
    """
    SEKO's documented receipt codes are scans where the text is not known.
    """
    assert classify(SEKO, "Scanned by robot 7", code) == Classified(Stage.RECEIVED, is_scan=True)


def test_code_does_not_overrule_a_doubtful_text() -> None:
    """
    A receipt code beside an unknown text that says "not yet" makes no scan.
    """
    assert classify(SEKO, "We have not seen it yet", "OP-10").stage is Stage.UNCLASSIFIED


@pytest.mark.parametrize(
    ("text", "code"),
    [("Parcel received and accepted", "OP-1"), ("Pre-advice received", "OP-14")],
)
def test_contradiction_of_text_and_code_is_unclassified(text: str, code: str) -> None:
    """
    Where text and code disagree about the scan, the line neither clears nor raises an alert.
    """
    assert classify(SEKO, text, code) == Classified(Stage.UNCLASSIFIED, is_scan=False)


@pytest.mark.parametrize(
    ("code", "stage"),
    [
        ("EMA", Stage.RECEIVED),
        ("EMB", Stage.EXPORT),
        ("EXA", Stage.EXPORT),
        ("EMC", Stage.EXPORT),
        ("EMD", Stage.IN_TRANSIT),
        ("EDB", Stage.CUSTOMS),
        ("EMF", Stage.IN_TRANSIT),
        ("EMH", Stage.ATTEMPT_FAILED),
        ("EMI", Stage.DELIVERED),
    ],
)
def test_upu_chain_is_known_for_clevy(code: str, stage: Stage) -> None:
    """
    The postal chain's codes are scans of their stages, as code, as text and in brackets.
    """
    expected = Classified(stage, is_scan=True)
    assert classify(CLEVY, "something", code) == expected
    assert classify(CLEVY, code.lower(), None) == expected


@pytest.mark.parametrize("carrier", [SEKO, CLEVY])
@pytest.mark.parametrize(
    "text", ["Packages lost", "Damaged", "Cancelled", "On hold", "Return requested"]
)
def test_ends_and_doubts_are_no_scans(text: str, carrier: CarrierName) -> None:
    """
    Lost, damaged, cancelled, a bare hold and a wished return do not prove an arrival scan.
    """
    found = classify(carrier, text, None)
    assert found.stage is not Stage.UNCLASSIFIED
    assert not found.is_scan


def test_every_shipped_group_names_its_origin() -> None:
    """
    Each group of lines says whether its wording is documented or inferred.
    """
    for name in TABLES:
        for group in _data(name)["group"]:
            assert group["origin"].startswith(("documented:", "inferred:"))


def test_every_shipped_text_means_its_own_group() -> None:
    """
    No text or pattern is overruled by another line: each is read as the group it stands in.
    """
    for name, carriers in (("common", (CLEVY,)), ("seko", (SEKO,)), ("clevy", (CLEVY,))):
        for group in _data(name)["group"]:
            for text in group.get("texts", []):
                for carrier in carriers:
                    assert classify(carrier, text, None).stage == group["stage"], text


@given(st.text(max_size=60))
def test_no_stray_text_becomes_a_scan(text: str) -> None:
    """
    Arbitrary text is unclassified or a known line, and never raises.
    """
    found = classify(SEKO, f"zz {text}", None)
    assert not found.is_scan


@given(st.text(max_size=60))
def test_normalising_twice_changes_nothing(text: str) -> None:
    """
    The normal form of a text is its own normal form: identities stay what they are.
    """
    once = normalise_text(text)
    assert normalise_text(once) == once


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("包裹已到达仓库 Parcel received", Classified(Stage.RECEIVED, is_scan=True)),
        ("Pre-advice received / 包裹信息预上网", Classified(Stage.ANNOUNCED, is_scan=False)),
        ("Parcel received / 等待揽收", Classified(Stage.UNCLASSIFIED, is_scan=False)),
        ("包裹已到达仓库 (not confirmed)", Classified(Stage.UNCLASSIFIED, is_scan=False)),
    ],
)
def test_two_languages_must_agree(text: str, told: Classified) -> None:
    """
    Chinese beside English means what both say; where they disagree or one is unknown, nothing.
    """
    assert classify(SEKO, text, None) == told


@pytest.mark.parametrize(
    ("text", "sentence", "place"),
    [
        ("SHENZHEN Parcel received", "Parcel received", "SHENZHEN"),
        ("Parcel received, Hong Kong", "Parcel received", "Hong Kong"),
        ("包裹已到达仓库 深圳", "包裹已到达仓库", "深圳"),
        ("Parcel received at Shenzhen, CN", "Parcel received", "Shenzhen, CN"),
    ],
)
def test_known_places_are_told_from_the_text(text: str, sentence: str, place: str) -> None:
    """
    A known place before or behind a sentence can be taken out of it.
    """
    assert without_place(text)[0] == (sentence, place)


@pytest.mark.parametrize("text", ["In transit to Shenzhen", "Expected Shenzhen soon", "Sent to CN"])
def test_taking_a_place_out_leaves_no_receipt(text: str) -> None:
    """
    Without its place such a text is still no scan by the tables.
    """
    assert not any(classify(SEKO, sentence, None).is_scan for sentence, _ in without_place(text))


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        ("查无此单，请核对单号", Outcome.NOT_FOUND),
        ("No record found, please check your number", Outcome.NOT_FOUND),
        ("查无此单 No record found", Outcome.NOT_FOUND),
        ("暫無物流資訊", Outcome.NO_EVENTS),
        ("Aucune information de suivi disponible pour le moment", Outcome.NO_EVENTS),
        ("Numéro de suivi introuvable", Outcome.NOT_FOUND),
        ("No record found, parcel received", None),
        ("查无此单 No tracking information yet", None),
    ],
)
def test_sentences_with_tails_and_in_two_languages(text: str, outcome: Outcome | None) -> None:
    """
    A request behind a sentence and its translation beside it change nothing; other words do.
    """
    assert no_record(text) is outcome


def test_user_lines_come_first(tmp_path: Path) -> None:
    """
    A user's file adds wording without code, for one carrier or both.
    """
    extra = tmp_path / "wording.toml"
    extra.write_text(
        '[[group]]\ncarrier = "seko"\nstage = "received"\norigin = "seen"\n'
        'texts = ["已到深圳操作间"]\npatterns = ["seen at bay {place}"]\n',
        encoding="utf-8",
    )
    tables = load_tables(extra)
    assert tables.classify(SEKO, "已到深圳操作间", None) == Classified(Stage.RECEIVED, is_scan=True)
    assert tables.classify(SEKO, "Seen at bay 7", None).is_scan
    assert not tables.classify(SEKO, "Seen at bay 7 not received", None).is_scan
    assert tables.classify(CLEVY, "已到深圳操作间", None).stage is Stage.UNCLASSIFIED


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ('[[group]]\nstage = "recieved"\n', "recieved"),
        ('[[group]]\nstage = "received"\ntext = ["x"]\n', "text"),
        ('[[group]]\nstage = "received"\ncarrier = "dhl"\n', "dhl"),
        ('[[group]]\nstage = "received"\npatterns = ["{nowhere} x"]\n', "nowhere"),
        (f'{LOST}texts = ["x"]\n{LOST.replace("lost", "held")}texts = ["X"]\n', "x"),
        ("[[group]\n", "TOML"),
    ],
)
def test_faulty_user_file_is_named(tmp_path: Path, text: str, named: str) -> None:
    """
    A wrong user file is a usage error that names the file and the fault.
    """
    extra = tmp_path / "wording.toml"
    extra.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match=named) as raised:
        load_tables(extra)
    assert "wording.toml" in str(raised.value)


def test_missing_user_file_is_named(tmp_path: Path) -> None:
    """
    A user file that is not there is a usage error.
    """
    with pytest.raises(UsageError, match=r"absent\.toml"):
        load_tables(tmp_path / "absent.toml")


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        ("No record found.", Outcome.NOT_FOUND),
        ("Sorry, no record found!", Outcome.NOT_FOUND),
        ("No record found for JG-NJS-319365323-5711", Outcome.NOT_FOUND),
        ("查无此单号", Outcome.NOT_FOUND),
        ("单号 JG-NJS-319365323-5711 不存在", Outcome.NOT_FOUND),
        ("No tracking information yet", Outcome.NO_EVENTS),
        ("暂无物流信息", Outcome.NO_EVENTS),
        ("No data", None),
        ("Parcel received", None),
        ("", None),
    ],
)
def test_no_record_sentences(text: str, outcome: Outcome | None) -> None:
    """
    Known sentences say not_found or no_events; placeholders and events say nothing.
    """
    assert no_record(text) is outcome


def test_placeholders_are_weak() -> None:
    """
    "No data" is known as a placeholder that counts only beside the echoed number.
    """
    sentence = phrases().sentence("暂无数据")
    assert sentence is not None
    assert sentence.weak


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        ("No tracking event available at the moment.", Outcome.NO_EVENTS),
        ("Shipment information has not been updated yet.", Outcome.NO_EVENTS),
        ("We don't have any updates for this shipment yet.", Outcome.NO_EVENTS),
        ("该单号暂无物流进展，请稍后再试", Outcome.NO_EVENTS),
        ("暫無物流資料", Outcome.NO_EVENTS),
        ("This tracking ID does not exist in our system.", Outcome.NOT_FOUND),
        ("We could not find any shipment with this number", Outcome.NOT_FOUND),
        ("Sorry, no record found for this tracking number.", Outcome.NOT_FOUND),
        ("查無此追蹤號碼", Outcome.NOT_FOUND),
        ("未查询到该单号信息", Outcome.NOT_FOUND),
        ("Parcel not yet received", None),
        ("No tracking events were delayed", None),
        ("Shipment status could not be updated", None),
        ("Tracking number received", None),
        ("No tracking information could be loaded", None),
        ("No results yet", None),
        ("单号已签收", None),
    ],
)
def test_sentences_are_known_by_how_they_are_built(text: str, outcome: Outcome | None) -> None:
    """
    A sentence made of known pieces from end to end is understood, any other word undoes it.
    """
    assert no_record(text) is outcome
