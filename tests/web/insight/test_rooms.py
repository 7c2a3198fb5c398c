"""
Centres, trends, health and settings: what each person is shown, and what forms do.
"""

from __future__ import annotations

import csv
import io
import re
from contextlib import contextmanager
from typing import TYPE_CHECKING
from zipfile import ZipFile

import pytest

from tests.support.world import SHOP, at, ds_number, postal_number
from tests.web.insight.lived import DUE, LATE, OTHER, STRANGE
from tracker.model import AlertKind, CarrierName, Stage

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.dashboard import Browsing, Dashboard

PAGES = ("/centres", "/centres/shenzhen/extension", "/trends")
FOR_OPERATORS = (
    "/health",
    "/settings",
    "/settings/calendar",
    "/settings/calendar/enter?centre=shenzhen&first=2026-12-01",
)
CLOSURE = {"centre": "shenzhen", "first": "2026-11-18", "effect": "closed", "note": "=move"}


def figures(page: str, centre: str) -> list[str]:
    """
    The three large numbers of a centre's card.
    """
    card = page.partition(f'id="centre-{centre}"')[2].partition("</section>")[0]
    return re.findall(r'class="figure[^"]*">\s*([^<\s][^<]*)<', card)


def rows(browsing: Browsing, path: str) -> list[dict[str, str]]:
    """
    A CSV file as a spreadsheet reads it.
    """
    answer = browsing.get(path)
    assert answer.headers["content-type"].startswith("text/csv")
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))


# -- centres ---------------------------------------------------------------------------------------


def test_a_late_centre_says_so_once(lived: Dashboard) -> None:
    """
    An operator sees every shop's parcels counted, the late centre first.
    """
    with lived.logged_in() as operator:
        page = operator.get("/centres").text
    assert f"{LATE} of the {DUE} parcels due there last are unscanned" in page
    assert page.count("This centre seems late") == 1
    assert page.index('id="centre-shenzhen"') < page.index('id="centre-ningbo"')
    assert figures(page, "shenzhen")[:2] == [str(LATE), "1"]
    assert figures(page, "ningbo")[:2] == ["3", "0"]


def test_a_seller_sees_figures_of_own_parcels_only(lived: Dashboard) -> None:
    """
    Another shop's late parcels are neither counted nor told, whatever the centre does as a whole.
    """
    with lived.logged_in("chen", OTHER) as seller:
        page = seller.get("/centres").text
        assert "This centre seems late" not in page
        assert 'id="centre-shenzhen"' not in page or figures(page, "shenzhen")[0] == "0"
        assert figures(page, "ningbo")[0] == "3"
        assert "Nothing to claim here." in seller.get("/centres/shenzhen/extension").text
    with lived.logged_in("mei", SHOP) as seller:
        page = seller.get("/centres").text
        assert figures(page, "shenzhen")[0] == str(LATE)
        assert 'id="centre-ningbo"' not in page or figures(page, "ningbo")[0] == "0"


def test_the_draft_holds_the_parcels_that_the_centre_holds_up(lived: Dashboard) -> None:
    """
    In English and Chinese, to be copied; a centre that nobody knows is not found.
    """
    with lived.logged_in("mei", SHOP) as seller:
        page = seller.get("/centres/shenzhen/extension").text
        assert f"{LATE} of the {DUE} parcels" in page
        assert "申请延长发货时效" in page
        assert page.count("JG-NJS-") == 2 * LATE  # in the text and in the table
        assert seller.get("/centres/atlantis/extension").status_code == 404


def test_the_pack_is_that_of_the_persons_shops(lived: Dashboard) -> None:
    """
    Everything of other shops stays out, evidence included; without a case there is no archive.
    """
    packs = {}
    for name, shops in (("operator", ()), ("chen", (OTHER,))):
        with lived.logged_in(name, *shops) as person:
            answer = person.get("/claims/pack.zip")
        assert answer.headers["content-type"] == "application/zip"
        with ZipFile(io.BytesIO(answer.content)) as archive:
            packs[name] = {one: archive.read(one) for one in archive.namelist()}
    whole, own = (" ".join(pack) for pack in packs.values())
    assert postal_number(1) in whole
    assert postal_number(1) not in own
    assert postal_number(2) in own
    index = packs["chen"]["index.txt"].decode()
    assert OTHER in index
    assert SHOP not in index
    with lived.logged_in("nobody", "Unknown Shop") as stranger:
        answer = stranger.get("/claims/pack.zip")
        assert (answer.status_code, "nothing to claim" in answer.text) == (404, True)


@contextmanager
def failed_check(lived: Dashboard) -> Iterator[None]:
    """
    The daily check of Seko's portal has failed since the last good look.
    """
    now = lived.world.clock()
    with lived.world.store.begin() as tx:
        tx.health.checked(CarrierName.SEKO, now, "form: no field for numbers <b>.")
    yield
    with lived.world.store.begin() as tx:
        tx.health.checked(CarrierName.SEKO, now, None)


def test_a_mistrusted_portal_accuses_no_centre(lived: Dashboard) -> None:
    """
    Then the reading may be the trouble: the page says so, and health says why.
    """
    with failed_check(lived), lived.logged_in() as operator:
        centres, health = operator.get("/centres").text, operator.get("/health").text
    assert "This centre seems late" not in centres
    assert "Looks at seko prove nothing at present" in centres
    assert "1 problem" in health
    assert "no field for numbers &lt;b&gt;." in health


def test_a_coming_break_is_known_ahead(lived: Dashboard) -> None:
    """
    Before National Day its days stand with each centre, and the next working day lies behind it.
    """
    clock = lived.world.clock
    now, clock.now = clock.now, at("2026-09-30 10:00")
    try:
        with lived.logged_in() as operator:
            page = operator.get("/centres").text
    finally:
        clock.now = now
    assert "2026-10-01 to 2026-10-07" in page
    assert "2026-10-08" in page


# -- trends ----------------------------------------------------------------------------------------


def test_the_numbers_behind_the_pictures(lived: Dashboard) -> None:
    """
    Each table comes as CSV, filtered as the page is.
    """
    with lived.logged_in() as operator:
        weeks = rows(operator, "/trends/weeks.csv?weeks=4&centre=shenzhen")
        alerts = rows(operator, "/trends/alerts.csv")
        claims = operator.get("/trends/claims.csv").text
    assert {row["centre"] for row in weeks} == {"shenzhen"}
    last = weeks[-1]
    assert last["week_from"] == "2026-11-16"
    assert (last["scanned"], last["median_hours"]) == ("2", "4")
    assert (last["due"], last["in_time"], last["unscanned"]) == (str(DUE), "2", str(LATE))
    counted = {row["kind"]: row["alerts"] for row in alerts}
    assert counted["urge_scan"] == str(LATE + 3)
    assert {row["younger_than_days"] for row in alerts} == {"1"}
    assert claims.lstrip("\ufeff").split() == ["week_from,answer,claims"]


def test_trends_of_a_seller_hold_nothing_of_others(lived: Dashboard) -> None:
    """
    Neither in the page nor in a file, and another shop's name is not found.
    """
    with lived.logged_in("chen", OTHER) as seller:
        page = seller.get("/trends").text
        assert SHOP not in page
        counted = {row["kind"]: row["alerts"] for row in rows(seller, "/trends/alerts.csv")}
        assert counted == {"urge_scan": "3", "raise_claim": "1"}
        for path in ("/trends", "/trends/weeks.csv", "/trends/alerts.csv", "/trends/claims.csv"):
            assert seller.get(f"{path}?shop={SHOP}").status_code == 404
            assert seller.get(f"{path}?centre=atlantis").status_code == 404


@pytest.mark.parametrize("weeks", ["0", "-3", "9999999", "x", "１２"])
def test_a_strange_number_of_weeks_is_refused(lived: Dashboard, weeks: str) -> None:
    """
    Nobody can ask for a century; without a number it is the usual one.
    """
    with lived.logged_in() as operator:
        refused = operator.get(f"/trends?weeks={weeks}")
        usual = operator.get("/trends?weeks=")
    assert refused.status_code == 400
    assert "choose one of 4, 8, 12, 26" in refused.text
    assert (usual.status_code, '<option value="12" selected>' in usual.text) == (200, True)


# -- health ----------------------------------------------------------------------------------------


def test_health_is_what_status_says(lived: Dashboard) -> None:
    """
    Steps, carriers and an unknown text, as it is written and not as markup.
    """
    with lived.logged_in() as operator:
        page = operator.get("/health").text
    assert "poll:seko" in page
    assert ds_number(STRANGE) in page
    assert "strangely &lt;b&gt;moved&lt;/b&gt; about" in page
    assert "<b>moved" not in page
    assert "counts as a scan" in page


def test_a_text_is_explained_and_taken_back(lived: Dashboard) -> None:
    """
    The alert about it ends, who said it stands there, and taken back it is unknown again.
    """
    with lived.logged_in() as operator:
        wrong = operator.post("/health/wordings/1", {"stage": "unclassified"})
        assert (wrong.status_code, "Choose what the text means." in wrong.text) == (400, True)
        assert operator.post("/health/wordings/99", {"stage": "held"}).status_code == 400
        said = operator.post("/health/wordings/1", {"stage": "held"})
        assert "Noted." in said.text
        with lived.world.store.read() as tx:
            [one] = tx.wordings.all()
            assert (one.wording.stage, one.wording.classified_by) == (Stage.HELD, "operator")
            assert tx.alerts.matching(kind=AlertKind.UNKNOWN_WORDING) == ()
        assert "Explained by people" in said.text
        assert "Taken back." in operator.post("/health/wordings/1/withdraw").text


# -- settings --------------------------------------------------------------------------------------


def test_a_closure_is_foreseen_entered_and_withdrawn(lived: Dashboard) -> None:
    """
    A look at what it would change changes nothing; the month shows it with its reason.
    """
    with lived.logged_in() as operator:
        query = "&".join(f"{key}={value}" for key, value in CLOSURE.items())
        foreseen = operator.get(f"/settings/calendar/enter?{query}").text
        # 26 handed over on Tuesday and one on Wednesday, less the two scanned ones.
        assert re.findall(r'class="figure">(\d+)<', foreseen) == [str(LATE + 1), str(LATE)]
        with lived.world.store.read() as tx:
            assert tx.closures.all() == ()
        month = operator.post("/settings/calendar/enter", dict(CLOSURE)).text
        assert "Entered." in month
        assert "closure: =move" in month
        again = operator.post("/settings/calendar/enter", dict(CLOSURE))
        assert (again.status_code, "entered already" in again.text) == (400, True)
        [entered] = lived_entries(lived)
        withdrawing = operator.get(f"/settings/calendar/entries/{entered}").text
        assert "open alerts end" in withdrawing
        gone = operator.post(f"/settings/calendar/entries/{entered}/withdraw").text
        assert "Withdrawn." in gone
        assert "=move" not in gone
        assert operator.get(f"/settings/calendar/entries/{entered}").status_code == 400
        for unknown in (f"entries/{entered + 1}", "entries/999999"):
            page = operator.get(f"/settings/calendar/{unknown}")
            assert (page.status_code, "No calendar entry has the id" in page.text) == (404, True)
            sent = operator.post(f"/settings/calendar/{unknown}/withdraw")
            assert sent.status_code == 404
        without = {key: value for key, value in CLOSURE.items() if key != "effect"}
        assert operator.post("/settings/calendar/enter", without).status_code == 400


def lived_entries(lived: Dashboard) -> list[int]:
    """
    The ids of the entries that hold.
    """
    with lived.world.store.read() as tx:
        return [one.id for one in tx.closures.all() if one.withdrawn_at is None]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"first": "soon"}, "is not a day"),
        ({"last": "2026-11-01"}, "lies before"),
        ({"centre": "atlantis"}, "Unknown sorting centre"),
        ({"effect": "cutoff", "value": "late"}, "is not an hour"),
        ({"effect": "extra_working_days", "value": "many"}, "is not a number"),
        ({"effect": "explode"}, "was not filled in"),
        ({"carrier": "pigeon"}, "was not filled in"),
        ({"first": "2026-01-01", "last": "2026-12-31"}, "no open day"),
    ],
)
def test_a_wrong_entry_is_one_sentence(lived: Dashboard, wrong: dict[str, str], said: str) -> None:
    """
    Told beside the form, and refused if it is sent all the same.
    """
    form = CLOSURE | wrong
    with lived.logged_in() as operator:
        query = "&".join(f"{key}={value}" for key, value in form.items())
        shown = operator.get(f"/settings/calendar/enter?{query}")
        assert shown.status_code == 200
        assert said in shown.text
        assert "Enter it" not in shown.text
        assert operator.post("/settings/calendar/enter", dict(form)).status_code == 400
        assert lived_entries(lived) == []


@pytest.mark.parametrize("month", ["", "soon", "2026-13", "0000-00", "99999-01"])
def test_a_strange_month_is_the_present_one(lived: Dashboard, month: str) -> None:
    """
    Monday stands first, and the make-up Saturdays and holidays with their names.
    """
    with lived.logged_in() as operator:
        page = operator.get(f"/settings/calendar?month={month}").text
        assert "Shenzhen, November 2026" in page
        assert page.index(">Mon<") < page.index(">Sun<")
        october = operator.get("/settings/calendar?month=2026-10").text
        assert "National Day" in october
        assert "make-up working day" in october
        future = operator.get("/settings/calendar?month=2031-10").text
        assert "the calendar is estimated" in future


@pytest.mark.parametrize("path", FOR_OPERATORS)
def test_operators_pages_are_for_operators(lived: Dashboard, path: str) -> None:
    """
    A seller is refused and does not see them in the navigation.
    """
    with lived.logged_in("mei", SHOP) as seller:
        assert seller.get(path).status_code == 403
        assert '"/health"' not in seller.get("/centres").text


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("/settings/calendar/enter", CLOSURE),
        ("/settings/calendar/entries/1/withdraw", {}),
        ("/health/wordings/1", {"stage": "held"}),
        ("/health/wordings/1/withdraw", {}),
    ],
)
def test_nothing_changes_without_right_and_token(
    lived: Dashboard, path: str, form: dict[str, object]
) -> None:
    """
    Neither for a seller nor for an operator whose form carries no token of ours.
    """
    with lived.logged_in("mei", SHOP) as seller:
        assert seller.post(path, dict(form)).status_code == 403
    with lived.logged_in() as operator:
        assert operator.client.post(path, data=form).status_code == 403
    assert lived_entries(lived) == []
