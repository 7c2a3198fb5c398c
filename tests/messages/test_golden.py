"""
Whole messages, English and Chinese, against files that a person has read.

``REGENERATE_GOLDEN=1 pytest tests/messages`` writes the files anew; read the difference.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from alerts.messages import Letter, Line, Message, compose
from alerts.messages.to_seko import compose_to_seko
from alerts.messages.words import Words
from tracker.model import (
    AlertKind,
    CalendarDay,
    CarrierName,
    ClosedBecause,
    Outcome,
    SellerStatus,
    Service,
)

MakeLine = Callable[..., Line]
MakeLetter = Callable[..., Letter]

GOLDEN = Path(__file__).parent / "golden"
FOLDERS = {"en": GOLDEN, "zh": GOLDEN / "zh"}


def _one_ds_parcel(line: MakeLine, letter: MakeLetter) -> Letter:
    return letter(line())


def _one_postal_parcel_not_found(line: MakeLine, letter: MakeLetter) -> Letter:
    return letter(_postal(line()))


def _postal(line: Line) -> Line:
    return replace(
        line,
        kind=AlertKind.RAISE_CLAIM,
        tracking_number="UH473124829KG",
        service=Service.POSTAL,
        carrier=CarrierName.CLEVY,
        station="Economy Shipping",
        centre="clevy",
        courier="SF Express",
        waybill="SF1020304050607",
        last_outcome=Outcome.NOT_FOUND,
        last_text=None,
        proof_outcome=Outcome.NOT_FOUND,
        portal_url="https://clevy.example/en/search.html",
        portal_confirmed=False,
    )


def _mixed(line: MakeLine, letter: MakeLetter) -> Letter:
    return letter(
        line(delivery_id=1, alert_id=1, notice="resolved", closed_because=ClosedBecause.SCANNED),
        line(delivery_id=2, alert_id=2, tracking_number="JG-NJS-319365324-5712"),
        line(
            delivery_id=3,
            alert_id=3,
            tracking_number="JG-NJS-319365325-5713",
            notice="reminder-2026-10-15",
            working_days_left=1,
        ),
        replace(_postal(line(delivery_id=4, alert_id=4)), country="KE"),
        replace(_postal(line(delivery_id=5, alert_id=5)), reason="cancelled_unscanned"),
        line(
            delivery_id=6,
            alert_id=6,
            kind=AlertKind.RAISE_CLAIM,
            reason="lost",
            deadline=None,
            days=(),
            last_text="Packages lost",
        ),
        line(
            delivery_id=7,
            alert_id=7,
            notice="withdrawn",
            closed_because=ClosedBecause.DEADLINE_MOVED,
            deadline=datetime(2026, 10, 15, 16, tzinfo=UTC),
        ),
        possible_repeat=True,
        centre_notes=("Shenzhen seems late: 31 of 36 overdue parcels are unscanned.",),
        import_fresh_orders=True,
        dashboard_url="https://watch.example/alerts",
    )


def _over_the_holiday(line: MakeLine, letter: MakeLetter) -> Letter:
    whys = [
        "working day, cut-off 16:00: 节前",
        *(["National Day"] * 3),
        *(["day off, made up on 2026-10-10"] * 2),
        "closure: 盘点",
        "National Day (observed)",
        "working day, 2 extra working days",
        "extra open day (Saturday): backlog",
        "make-up working day",
    ]
    first = date(2026, 9, 30)
    closed = range(1, 8)
    days = tuple(
        CalendarDay(date=first + timedelta(days=n), open=n not in closed, why=why)
        for n, why in enumerate(whys)
    )
    return letter(line(days=days, urged_at=datetime(2026, 10, 12, 1, tzinfo=UTC)))


def _assumed_handover(line: MakeLine, letter: MakeLetter) -> Letter:
    return letter(
        line(kind=AlertKind.CONFIRM_HANDOVER, handover_assumed=True, calendar_estimated=True)
    )


def _not_checked(line: MakeLine, letter: MakeLetter) -> Letter:
    return letter(replace(_unverified(line), shop="Lagos Lights"))


def _not_checked_two_portals(line: MakeLine, letter: MakeLetter) -> Letter:
    first = replace(
        _unverified(line),
        shop="Lagos Lights",
        portal_confirmed=False,
        second_carrier=CarrierName.CLEVY,
        second_portal_url="https://clevy.example/en/search.html",
        covered_at_both=("JG-NJS-319365324-5712",),
    )
    second = replace(
        first,
        delivery_id=2,
        alert_id=13,
        notice="reminder-2026-10-14",
        second_carrier=None,
        covered=tuple(f"JG-NJS-31936{n}-5712" for n in range(5400, 5425)),
        covered_at_both=(),
    )
    return letter(first, second)


def _after_the_cancellation(line: MakeLine, letter: MakeLetter) -> Letter:
    past = {
        "auto_cancel_at": datetime(2026, 10, 13, 16, tzinfo=UTC),
        "working_days_left": 0,
        "cancel_is_past": True,
    }
    confirm = {"kind": AlertKind.CONFIRM_HANDOVER, "handover_assumed": True}
    return letter(
        line(**past),
        line(
            delivery_id=2, alert_id=13, tracking_number="JG-NJS-319365324-5712", **past, **confirm
        ),
        line(delivery_id=3, alert_id=14, tracking_number="JG-NJS-319365325-5713", **confirm),
        line(
            delivery_id=4,
            alert_id=15,
            tracking_number="JG-NJS-319365326-5714",
            kind=AlertKind.RAISE_CLAIM,
            reason="cancelled_unscanned",
            seller_status=SellerStatus.CANCELED,
            seller_status_text="Canceled",
            **past,
        ),
    )


def _one_after_the_cancellation(line: MakeLine, letter: MakeLetter) -> Letter:
    return letter(
        line(
            kind=AlertKind.CONFIRM_HANDOVER,
            handover_assumed=True,
            auto_cancel_at=datetime(2026, 10, 13, 16, tzinfo=UTC),
            working_days_left=0,
            cancel_is_past=True,
        )
    )


def _seko_was_mailed(line: MakeLine, letter: MakeLetter) -> Letter:
    mailed = datetime(2026, 10, 14, 0, 30, tzinfo=UTC)
    return letter(line(urge_mail_to="cs@seko.example", urge_mailed_at=mailed, urged_at=mailed))


def _seko_is_mailed_of_some(line: MakeLine, letter: MakeLetter) -> Letter:
    mailed = datetime(2026, 10, 14, 0, 30, tzinfo=UTC)
    to = {"urge_mail_to": "cs@seko.example"}
    return letter(
        line(**to, urge_mailed_at=mailed, urged_at=mailed, both_steps=True),
        line(delivery_id=2, alert_id=13, tracking_number="JG-NJS-319365324-5712", **to),
        line(delivery_id=3, alert_id=14, tracking_number="JG-NJS-319365325-5713"),
    )


def _told_by_a_person(line: MakeLine, letter: MakeLetter) -> Letter:
    over = line(notice="resolved", closed_because=ClosedBecause.SCANNED, portal_confirmed=False)
    return letter(over, replace(over, delivery_id=2, alert_id=13, told_by="Seko's chat <3"))


def _not_checked_operator(line: MakeLine, letter: MakeLetter) -> Letter:
    return letter(_unverified(line), shop=None)


def _unverified(line: MakeLine) -> Line:
    return _operators(
        line(kind=AlertKind.UNVERIFIED, last_outcome=Outcome.UNREACHABLE, last_text=None),
        covered=("JG-NJS-319365323-5711", "JG-NJS-319365324-5712"),
    )


def _operators(line: Line, covered: tuple[str, ...] = ()) -> Line:
    return replace(
        line,
        shop=None,
        tracking_number=None,
        order_number=None,
        country=None,
        station=None,
        handed_over_at=None,
        deadline=None,
        days=(),
        auto_cancel_at=None,
        proof_at=None,
        proof_outcome=None,
        seller_status=None,
        seller_status_text=None,
        seller_status_at=None,
        covered=covered,
    )


def _blind(line: MakeLine, letter: MakeLetter) -> Letter:
    blind = line(
        kind=AlertKind.CARRIER_BLIND,
        last_outcome=Outcome.BLOCKED,
        last_text=None,
        reason="9 of the last 10 looks were blocked (HTTP 403)",
    )
    return letter(_operators(blind), shop=None)


def _sees_again(line: MakeLine, letter: MakeLetter) -> Letter:
    over = line(
        kind=AlertKind.CARRIER_BLIND,
        notice="resolved",
        closed_because=ClosedBecause.RECOVERED,
        last_text=None,
    )
    return letter(_operators(over), shop=None)


def _unknown_wording(line: MakeLine, letter: MakeLetter) -> Letter:
    unknown = line(
        kind=AlertKind.UNKNOWN_WORDING,
        last_look_at=None,
        last_outcome=None,
        last_text=None,
        reason='Induct "A7" at depot',
    )
    return letter(_operators(unknown, ("JG-NJS-319365323-5711",)), shop=None)


def _thirty_parcels(line: MakeLine, letter: MakeLetter) -> Letter:
    first = datetime(2026, 10, 13, 16, tzinfo=UTC)
    lines = (
        line(
            delivery_id=n,
            alert_id=100 + n,
            tracking_number=f"JG-NJS-3193653{n:02d}-5711",
            order_number=f"3193653{n:02d}",
            working_days_left=n % 4,
            deadline=first - timedelta(days=n),
        )
        for n in range(30)
    )
    return letter(*lines)


def _test_message(line: MakeLine, letter: MakeLetter) -> Letter:
    return letter(test=True)


def _changed_status(line: MakeLine, letter: MakeLetter) -> Letter:
    return letter(
        line(
            notice="resolved",
            closed_because=ClosedBecause.SELLER_STATUS,
            seller_status=SellerStatus.SHIPPED,
            seller_status_text="Shipped",
        )
    )


CASES = {
    case.__name__.strip("_"): case
    for case in (
        _one_ds_parcel,
        _one_postal_parcel_not_found,
        _mixed,
        _over_the_holiday,
        _assumed_handover,
        _not_checked,
        _not_checked_two_portals,
        _not_checked_operator,
        _after_the_cancellation,
        _one_after_the_cancellation,
        _seko_was_mailed,
        _seko_is_mailed_of_some,
        _told_by_a_person,
        _blind,
        _sees_again,
        _unknown_wording,
        _thirty_parcels,
        _test_message,
        _changed_status,
    )
}


def in_language(letter: Letter, language: str) -> Letter:
    """
    The letter as the store would freeze it for a shop of that language.
    """
    words = Words(language)
    plain = tuple(
        CalendarDay(date=date(2026, 10, day), open=True, why="working day") for day in (12, 13)
    )
    if language == "en":
        return letter
    return replace(
        letter,
        language=language,
        lines=tuple(
            replace(one, days=plain) if len(one.days) == 2 else one for one in letter.lines
        ),
        centre_notes=tuple(
            words.one("letter", "centre_late", "shenzhen", 31, 36) for _ in letter.centre_notes
        ),
    )


def _forms(message: Message) -> dict[str, str]:
    forms = {
        "txt": f"Subject: {message.subject}\n\n{message.text}",
        "html": message.html,
        "json": json.dumps(message.blocks, ensure_ascii=False, indent=1) + "\n",
    }
    tables = {"csv": message.csv, "by_hand": message.by_hand}
    given = {end: text.replace("\r\n", "\n") for end, text in tables.items() if text is not None}
    return forms | given


def test_mail_to_seko_is_the_one_that_was_read(
    make_line: MakeLine, make_letter: MakeLetter
) -> None:
    """
    Two parcels, a possible repeat: text, HTML and table; no blocks, for it is a mail.
    """
    letter = make_letter(
        make_line(courier="SF Express", waybill="SF1020304050607"),
        make_line(delivery_id=2, alert_id=13, tracking_number="JG-NJS-319365324-5712"),
        reply_to=("seller@lagos-lights.example",),
        possible_repeat=True,
    )
    forms = _forms(compose_to_seko(letter))
    assert forms.pop("json") == "[]\n"
    if os.environ.get("REGENERATE_GOLDEN"):
        for ending, text in forms.items():
            (GOLDEN / f"to_seko.{ending}").write_text(text, encoding="utf-8")
    kept = {file.suffix[1:]: file.read_text(encoding="utf-8") for file in GOLDEN.glob("to_seko.*")}
    assert forms == kept


@pytest.mark.parametrize("language", FOLDERS)
@pytest.mark.parametrize("name", CASES)
def test_message_is_the_one_that_was_read(
    name: str, language: str, make_line: MakeLine, make_letter: MakeLetter
) -> None:
    """
    Fixed facts give the same subject, text, HTML, blocks and table as the golden files.
    """
    folder = FOLDERS[language]
    forms = _forms(compose(in_language(CASES[name](make_line, make_letter), language)))
    if os.environ.get("REGENERATE_GOLDEN"):
        for ending, text in forms.items():
            (folder / f"{name}.{ending}").write_text(text, encoding="utf-8")
    kept = {file.suffix[1:]: file.read_text(encoding="utf-8") for file in folder.glob(f"{name}.*")}
    assert forms == kept
