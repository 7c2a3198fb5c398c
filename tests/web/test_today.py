"""
The page of the day: what stands on it, and that each deed is done for all that was chosen or none.
"""

from __future__ import annotations

import csv
import io
import re
from html import unescape
from typing import TYPE_CHECKING

import pytest

from alerts.lines import Liner
from tests.support.busyday import OTHER_SHOP, SEEN
from tests.support.plans import plans_of
from tests.support.world import (
    SHOP,
    at,
    ds_number,
    order,
    postal_number,
)
from tracker.model import Act, AlertKind, AlertState, ClaimAnswer, ClosedBecause
from tracker.planning.deadlines import Deadlines
from tracker.store.boards.today import View
from tracker.web.language import COOKIE as LANGUAGE

if TYPE_CHECKING:
    import httpx

    from alerts.messages.message import Line
    from tests.support.dashboard import Browsing, Dashboard
    from tests.support.world import World
    from tracker.model import Alert


def alert_of(world: World, number: str) -> Alert:
    """
    The newest alert on the parcel itself.
    """
    parcel = world.parcel(number)
    with world.store.read() as tx:
        return tx.alerts.on_parcel(parcel.id)[-1]


def ids(world: World, *numbers: str) -> list[str]:
    """
    The alerts' ids, as a form sends them.
    """
    return [str(alert_of(world, number).id) for number in numbers]


def acts(world: World, number: str) -> list[tuple[Act, str | None]]:
    """
    What people did about the parcel, and who.
    """
    with world.store.read() as tx:
        return [(one.act, one.author) for one in tx.acts.of(world.parcel(number).id)]


def shown(page: str) -> str:
    """
    The page's words.
    """
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).split())


def test_everything_stands_by_shop_and_cause(morning: Dashboard) -> None:
    """
    The operator sees all of it; a parcel's row leads to its page and says what is known.
    """
    with morning.logged_in() as operator:
        page = operator.get("/")
    words = shown(page.text)
    parcel = morning.world.parcel(postal_number(21))
    assert f'href="/parcels/{parcel.id}"' in page.text
    for heading in ("Urge the scan 1", "Raise a claim 3", "Confirm the hand-over 2"):
        assert heading in words
    assert "To be looked up by hand 4" in words
    assert "The watching itself 1 " in words
    assert "Not checked · Seko" in words
    assert "the portal does not know the number" in words
    assert "email seller@lagos-lights.example sent" in words
    assert "hand-over assumed" in words
    assert "2 days left 24 Nov 00:00" in words
    assert OTHER_SHOP not in page.text  # escaped


def test_a_seller_sees_their_own(morning: Dashboard) -> None:
    """
    Nothing of another shop, and nothing about the watching itself; of no number, no count.
    """
    with morning.logged_in("wang", OTHER_SHOP) as seller:
        page = seller.get("/")
        words = shown(page.text)
        assert ds_number(51) in words
        assert "2 parcels need you" in words
        assert "To be looked up by hand 1" in words
        assert ds_number(53) in words
        for number in (ds_number(1), ds_number(41), postal_number(21)):
            assert number not in page.text
        assert SHOP not in page.text
        assert "The watching itself" not in words
        for path in (
            f"/today/group/urge_scan?shop={SHOP}",
            "/today/group/urge_scan",
            f"/today/by-hand?shop={SHOP}",
            "/today/by-hand",
            f"/today/text/urge-text?id={ids(morning.world, ds_number(1))[0]}",
            "/today/group/carrier_blind",
            "/today/group/nonsense",
            "/today/text/urge-text?id=99999999999999999999",
            "/today/text/urge-text?id=x",
            "/today/text/urged?id=1",
        ):
            assert seller.get(path).status_code == 404, path


@pytest.mark.parametrize(
    ("deed", "more"),
    [
        ("urged", {}),
        ("acknowledged", {}),
        ("snoozed", {"until": "2026-11-21T08:30"}),
        ("urge-text", {}),
    ],
)
def test_a_seller_does_nothing_to_others(
    morning: Dashboard, deed: str, more: dict[str, str]
) -> None:
    """
    Their own alert beside another shop's: neither is touched.
    """
    world = morning.world
    own, foreign = ids(world, ds_number(52), ds_number(6))
    with morning.logged_in("wang", OTHER_SHOP) as seller:
        answer = seller.post(f"/today/do/{deed}", {"id": [own, foreign], **more})
        assert answer.status_code == 404
        group = {"whole": "1", "shop": SHOP, "kind": "urge_scan", "count": "12", "newest": "99"}
        assert seller.post(f"/today/do/{deed}", group | more).status_code == 404
        with world.store.read() as tx:
            unverified = tx.today.operators()[0]
        assert seller.post(f"/today/do/{deed}", {"id": [unverified], **more}).status_code == 404
        seen = {"number": [ds_number(41)], "at": "2026-11-19T09:00", "source": "chat"}
        assert seller.post("/today/scanned", seen).status_code == 404
    for number in (ds_number(52), ds_number(6)):
        assert alert_of(world, number).state is AlertState.OPEN
        assert alert_of(world, number).snoozed_until is None
        assert acts(world, number) == []
    assert not world.parcel(ds_number(41)).scanned


def test_forms_want_their_token(morning: Dashboard) -> None:
    """
    Without it, or with a guessed one, nothing is done.
    """
    chosen = ids(morning.world, ds_number(6))
    with morning.logged_in() as operator:
        for data in ({"id": chosen}, {"id": chosen, "form_token": "guessed"}):
            assert operator.client.post("/today/do/urged", data=data).status_code == 403
        assert operator.client.post("/today/scanned", data={}).status_code == 403
    assert alert_of(morning.world, ds_number(6)).state is AlertState.OPEN


@pytest.mark.parametrize(
    ("deed", "number", "data", "said"),
    [
        ("claimed", postal_number(21), {"case_id": "1234567"}, "“1234567” is no case id"),
        ("claimed", postal_number(21), {"case_id": "１２３４５６７８"}, "is no case id"),
        ("answered", postal_number(21), {"outcome": "maybe"}, "Say what Jumia answered"),
        ("answered", postal_number(21), {"outcome": "accepted"}, "Not all of these were claimed"),
        ("handed-over", ds_number(31), {"handed_over_at": "soon"}, "“soon” is no time"),
        ("handed-over", ds_number(31), {"handed_over_at": "2026-12-01T10:00"}, "still to come"),
        ("snoozed", ds_number(31), {"until": "2026-11-01T10:00"}, "Choose a time to come"),
        ("snoozed", ds_number(31), {"until": ""}, "“” is no time"),
        ("urged", postal_number(21), {}, "That is no answer to what was chosen"),
    ],
)
def test_wrong_input_is_one_sentence(
    morning: Dashboard, deed: str, number: str, data: dict[str, str], said: str
) -> None:
    """
    The page comes again with it, what was chosen is still ticked, and nothing was done.
    """
    chosen = ids(morning.world, number)
    with morning.logged_in() as operator:
        answer = operator.post(f"/today/do/{deed}", {"id": chosen, **data})
    assert answer.status_code == 422
    assert said in shown(answer.text)
    assert re.search(rf'name="id" value="{chosen[0]}"[^>]* checked', answer.text)
    assert alert_of(morning.world, number).state is AlertState.OPEN
    assert acts(morning.world, number) == []


def test_nothing_chosen_is_said(morning: Dashboard) -> None:
    """
    A form without a tick does nothing, in the language of whoever sends it.
    """
    with morning.logged_in() as operator:
        assert "Nothing was chosen" in shown(operator.post("/today/do/urged").text)
        assert "Nothing was chosen" in shown(operator.post("/today/scanned").text)
        operator.get("/language/zh")
        assert "尚未选择" in shown(operator.post("/today/do/urged").text)
        assert operator.post("/today/do/nonsense", {"id": ["1"]}).status_code == 404
        assert operator.get("/today/do/urged").url.path == "/"


def test_the_lines_of_many_are_read_together(morning: Dashboard) -> None:
    """
    They say what each would say alone, in as many statements for two parcels as for all.
    """
    world = morning.world
    with world.store.read() as tx:
        alerts = [one for one in tx.alerts.matching() if not one.kind.is_operators]

        def lines(those: list[Alert]) -> tuple[list[Line], int]:
            with plans_of(tx._connection) as asked:
                found = Liner(tx, Deadlines(world.settings), world.clock()).first_lines(those)
            return found, len(asked)

        assert lines(alerts)[0] == [line for alert in alerts for line in lines([alert])[0]]
        of_scan = [one for one in alerts if one.kind is AlertKind.URGE_SCAN]
        assert len(of_scan) > 2
        assert lines(of_scan)[1] == lines(of_scan[:2])[1]


def test_many_are_urged_at_once_and_wait_for_the_scan(morning: Dashboard) -> None:
    """
    The text names each of them; the mark is theirs who made it, and the alerts are in hand.
    """
    world = morning.world
    numbers = (ds_number(1), ds_number(2))
    chosen = ids(world, *numbers)
    with morning.logged_in("li", SHOP) as seller:
        text = seller.post("/today/do/urge-text", {"id": chosen})
        assert text.url.path == "/today/text/urge-text"
        for words in (*numbers, "have no arrival scan yet", "没有入库扫描记录"):
            assert words in text.text
        answer = seller.post("/today/do/urged", {"id": chosen, "back": "/"})
        assert f"Marked as urged: {', '.join(numbers)}" in shown(answer.text)
        in_hand = shown(seller.get("/?view=in-hand").text)
        assert "urged, li, 19 Nov 12:30" in in_hand
        assert numbers[0] in in_hand
    for number in numbers:
        assert alert_of(world, number).state is AlertState.ACTED
        assert acts(world, number) == [(Act.URGED, "li")]


def test_a_closed_one_in_between_leaves_all_unmarked(morning: Dashboard) -> None:
    """
    It is named, and the other is not half-marked.
    """
    world = morning.world
    chosen = ids(world, ds_number(3), ds_number(4))
    with morning.logged_in() as operator:
        with world.store.begin() as tx:
            tx.alerts.close(int(chosen[1]), ClosedBecause.SCANNED, world.clock())
        answer = operator.post("/today/do/urged", {"id": chosen})
    assert answer.status_code == 409
    said = f"Closed in the meantime: {ds_number(4)}. Nothing was done; choose again."
    assert said in shown(answer.text)
    assert alert_of(world, ds_number(3)).state is AlertState.OPEN
    assert acts(world, ds_number(3)) == []


def test_a_whole_group_as_it_was_shown(morning: Dashboard) -> None:
    """
    All of it, shown or not; a group that has changed since is not touched.
    """
    world = morning.world
    with world.store.read() as tx:
        facts = next(
            one
            for one in tx.today.groups(world.clock(), None, View.TODO)
            if (one.shop, one.kind) == (SHOP, AlertKind.URGE_SCAN)
        )
    group = {
        "whole": "1",
        "shop": SHOP,
        "kind": "urge_scan",
        "newest": str(facts.newest),
        "count": str(facts.count),
        "until": "2026-11-20T08:30",
    }
    with morning.logged_in() as operator:
        changed = operator.post("/today/do/snoozed", group | {"count": str(facts.count + 1)})
        assert changed.status_code == 409
        assert "The group has changed" in shown(changed.text)
        assert alert_of(world, ds_number(5)).snoozed_until is None
        operator.post("/today/do/snoozed", group)
        page = shown(operator.get("/?view=snoozed").text)
        assert f"Put off {facts.count} " in page
        assert "put off until 20 Nov 08:30 , operator" in page
    for serial in range(5, 13):
        assert alert_of(world, ds_number(serial)).snoozed_by == "operator"


def test_a_claim_from_its_text_to_jumias_answer(morning: Dashboard) -> None:
    """
    One case for two parcels; the answer is marked in the view of what is in hand.
    """
    world = morning.world
    numbers = (postal_number(22), postal_number(23))
    chosen = ids(world, *numbers)
    with morning.logged_in() as operator:
        text = operator.post("/today/do/claim-text", {"id": chosen})
        assert "were not scanned within the time of the rules" in text.text
        operator.post("/today/do/claimed", {"id": chosen, "case_id": " 12345678 "})
        assert "Case ID 12345678" in shown(operator.get("/?view=in-hand").text)
        operator.post("/today/do/answered", {"id": chosen, "outcome": "rejected"})
    for number in numbers:
        alert = alert_of(world, number)
        assert (alert.case_id, alert.closed_because) == ("12345678", ClosedBecause.MANUAL)
        assert acts(world, number) == [(Act.CLAIMED, "operator"), (Act.ANSWERED, "operator")]
        with world.store.read() as tx:
            record = tx.parcels.get(world.parcel(number).id, world.clock())
        assert record is not None
        assert record.claim_answer is ClaimAnswer.REJECTED


def test_a_hand_over_is_confirmed_in_the_configured_zone(morning: Dashboard) -> None:
    """
    The time is the form's, read in the configured zone; the clock of the scan runs from it.
    """
    world = morning.world
    with morning.logged_in() as operator:
        assert f'value="{SEEN.replace(" ", "T")}"' in operator.get("/").text
        answer = operator.post(
            "/today/do/handed-over",
            {"id": ids(world, ds_number(32)), "handed_over_at": "2026-11-19T10:15"},
        )
    assert f"The hand-over is confirmed: {ds_number(32)}" in shown(answer.text)
    parcel = world.parcel(ds_number(32))
    assert (parcel.handed_over_at, parcel.handover_assumed) == (at("2026-11-19 10:15"), False)
    assert acts(world, ds_number(32)) == [(Act.HANDED_OVER, "operator")]
    assert alert_of(world, ds_number(32)).state is AlertState.ACTED


def test_looked_up_by_hand(morning: Dashboard) -> None:
    """
    What somebody saw counts as a scan; of several, one wrong one leaves all as they were.
    """
    world = morning.world
    seen = {"at": "2026-11-19T09:00", "source": "Seko's chat"}
    with morning.logged_in() as operator:
        wrong = operator.post("/today/scanned", {**seen, "number": [ds_number(42)], "source": " "})
        assert "Say where the scan was seen" in shown(wrong.text)
        early = {**seen, "number": [ds_number(42)], "at": "2026-10-01T09:00"}
        assert "more than 3 days before the order" in shown(
            operator.post("/today/scanned", early).text
        )
        unknown = {**seen, "number": [ds_number(42), "NOBODY-1"]}
        assert operator.post("/today/scanned", unknown).status_code == 404
        assert not world.parcel(ds_number(42)).scanned
        page = operator.post("/today/scanned", {**seen, "number": [ds_number(42)]})
        assert f"Scanned, as you saw it: {ds_number(42)}" in shown(page.text)
        again = operator.post("/today/scanned", {**seen, "number": [ds_number(42), ds_number(43)]})
        assert again.status_code == 409
    assert world.parcel(ds_number(42)).scanned
    assert not world.parcel(ds_number(43)).scanned
    assert acts(world, ds_number(42)) == [(Act.SAW_SCAN, "operator")]


def filled(listed: str, number: str, when: str, source: str = "") -> str:
    """
    The list with one number's row filled in.
    """
    rows = list(csv.reader(io.StringIO(listed.removeprefix("\ufeff"))))
    target = io.StringIO()
    csv.writer(target).writerows(
        [row[0], when, source, row[3]] if row[0] == number else row for row in rows
    )
    return target.getvalue()


def upload_in(page: str) -> str:
    """
    The key of the list that waits for a person's word.
    """
    found = re.search(r'name="upload" value="([^"]+)"', page)
    assert found, page
    return found[1]


def send_list(who: Browsing, content: str, name: str = "list.csv") -> httpx.Response:
    """
    The page after the filled list was sent.
    """
    return who.post("/today/by-hand/upload", files={"filled": (name, content.encode())})


def test_a_list_is_fetched_filled_in_and_taken(morning: Dashboard) -> None:
    """
    In either language; nothing is written before it is confirmed, and nobody else can do that.
    """
    world, number = morning.world, ds_number(41)
    with morning.logged_in("li", SHOP) as seller, morning.logged_in() as operator:
        english = seller.get("/today/by-hand.csv").text
        assert english.startswith("\ufeffTracking Number,Time,Source,")
        assert "scans 1 refused 0" in shown(
            send_list(seller, filled(english, number, "2026-11-19 09:00")).text
        )
        seller.client.cookies.set(LANGUAGE, "zh")
        listed = seller.get("/today/by-hand.csv")
        assert listed.text.startswith("\ufeff运单号,扫描时间,来源,")
        assert "by-hand.csv" in listed.headers["content-disposition"]
        assert number in listed.text
        preview = send_list(seller, filled(listed.text, number, "2026-11-19 09:00"))
        assert not world.parcel(number).scanned
        key = upload_in(preview.text)
        assert operator.post("/today/by-hand/confirm", {"upload": key}).status_code == 400
        assert number in seller.post("/today/by-hand/confirm", {"upload": key}).text
        assert seller.post("/today/by-hand/confirm", {"upload": key}).status_code == 400
    assert world.parcel(number).scanned
    assert not world.parcel(ds_number(43)).scanned
    with world.store.read() as tx:
        [told] = tx.sightings.of(world.parcel(number).id)
    assert (told.source, told.scanned_at) == ("li", at("2026-11-19 09:00"))
    assert acts(world, number) == [(Act.SAW_SCAN, "li")]


def test_refused_rows_of_a_list_are_told_first(morning: Dashboard) -> None:
    """
    A parcel of another shop is one that nobody watches; what is no list is one sentence.
    """
    world, theirs = morning.world, ds_number(51)
    assert world.parcel(theirs).shop == OTHER_SHOP
    listed = "\r\n".join(
        (
            "运单号,扫描时间,来源",
            f"{theirs},2026-11-19 09:00,chat",
            f"{ds_number(42)},2027-01-01 09:00,chat",
            f"{ds_number(43)},someday,chat",
            f"{ds_number(44)},,<b>chat</b>",
            f"{ds_number(45)},,",
        )
    )
    with morning.logged_in("li", SHOP) as seller:
        words = shown(send_list(seller, listed, "<i>.csv").text)
        assert f"2 {theirs} is not on the watch list: import its order first." in words
        assert f"3 {ds_number(42)}: the scan 2027-01-01" in words
        assert "it is no date in any known form" in words
        assert f"5 {ds_number(44)} has a source and no time." in words
        assert "scans 0 refused 4 still not scanned 1" in words
        assert "nothing is written" in words
        assert theirs not in seller.get("/today/by-hand.csv").text
        assert seller.get(f"/today/by-hand.csv?shop={OTHER_SHOP}").status_code == 404
        seller.client.cookies.set(LANGUAGE, "zh")
        assert f"{theirs} 不在跟踪清单中" in send_list(seller, listed).text
        page = send_list(seller, "<!doctype html>", "x.csv")
        assert (page.status_code, "x.csv：这是网页" in page.text) == (400, True)
        assert seller.post("/today/by-hand/upload").status_code == 400
    assert not world.parcel(theirs).scanned


def test_the_operator_takes_care_of_the_watching(morning: Dashboard) -> None:
    """
    An alert about the watching is acknowledged by name.
    """
    world = morning.world
    with world.store.read() as tx:
        (unverified,) = tx.today.operators()
    with morning.logged_in() as operator:
        page = operator.post("/today/do/acknowledged", {"id": [str(unverified)]})
        assert "taken care of, operator" in shown(page.text)
    with world.store.read() as tx:
        assert tx.alerts.several([unverified])[unverified].state is AlertState.ACKNOWLEDGED


def test_a_quiet_day_says_what_comes_next(dashboard: Dashboard) -> None:
    """
    Nothing to do: the next deadline stands there, or that no parcel waits for its scan.
    """
    world = dashboard.world
    with dashboard.logged_in("li", SHOP) as seller:
        words = shown(seller.get("/").text)
        assert "Nothing needs you now." in words
        assert "No parcel is waiting for its scan." in words
        world.take(order(ds_number(1), handed_over_at=at("2026-11-19 08:00")))
        words = shown(seller.get("/").text)
        assert "The next parcel is due to be scanned before 21 Nov 00:00 (in 2 days)." in words
    with dashboard.logged_in("wang", OTHER_SHOP) as seller:
        assert "No parcel is waiting for its scan." in shown(seller.get("/").text)
    with dashboard.logged_in("zhao", SHOP) as seller:
        assert seller.get(f"/today/group/urge_scan?shop={SHOP}").url.path == "/"
        assert seller.get(f"/today/by-hand?shop={SHOP}").url.path == "/"
