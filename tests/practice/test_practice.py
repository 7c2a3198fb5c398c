"""
The practice portals over real HTTP.
"""

from __future__ import annotations

from datetime import UTC, datetime

import httpx
import pytest

from tracker.practice.answers import PracticeEvent
from tracker.practice.scenarios import SCENARIOS, check_digit, scenario_lines, scenario_of
from tracker.practice.server import API_PATH, CLEVY_PATH, JTRACK_PATH, start_practice

NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)


def ask(url: str, *numbers: str, password: str = "practice") -> httpx.Response:
    """
    The API's answer to the numbers.
    """
    form = {f"MailNos[{at}]": number for at, number in enumerate(numbers)}
    return httpx.post(url + API_PATH, data=form, auth=("practice", password))


def test_check_digit_of_the_documented_number() -> None:
    """
    47312482 has check digit 9 (domain.md 2).
    """
    assert check_digit("47312482") == 9


def test_every_scenario_is_found_by_both_its_numbers() -> None:
    """
    Each number plays its own scenario, and no two scenarios share one.
    """
    for scenario in SCENARIOS:
        assert scenario_of(scenario.ds_number) is scenario
        assert scenario_of(scenario.postal_number) is scenario
    assert len({scenario.digits for scenario in SCENARIOS}) == len(SCENARIOS)


def test_the_printed_table_names_every_number() -> None:
    """
    The lines for ``--help`` hold both numbers of each scenario.
    """
    table = "\n".join(scenario_lines())
    for scenario in SCENARIOS:
        assert scenario.ds_number in table
        assert scenario.postal_number in table


@pytest.mark.parametrize("path", ["/", JTRACK_PATH, CLEVY_PATH, "/login"])
def test_every_page_says_what_it_is(path: str) -> None:
    """
    Each page says visibly that it is a practice portal.
    """
    with start_practice(now=NOW) as portal:
        page = httpx.get(portal.url + path).text
    assert "practice portal" in page.partition("<body>")[2]


def test_a_tracking_page_holds_no_answer_before_its_script_ran() -> None:
    """
    The jtrack page needs a browser: its HTML has neither form nor results.
    """
    with start_practice(now=NOW) as portal:
        page = httpx.get(portal.url + JTRACK_PATH).text
    assert "<textarea" not in page
    assert "<table" not in page


def test_the_api_wants_its_credentials() -> None:
    """
    Another password is answered 401 and tells nothing.
    """
    with start_practice(now=NOW) as portal:
        answer = ask(portal.url, SCENARIOS[0].postal_number, password="guess")
    assert answer.status_code == 401
    assert "MailNo" not in answer.text


def test_events_count_back_from_the_start() -> None:
    """
    "Scanned today" is two hours before the start, told in Shanghai time without a zone.
    """
    with start_practice(now=NOW) as portal:
        told = ask(portal.url, SCENARIOS[0].postal_number).json()
    assert told["ResponseMessage"][0]["Routes"][-1]["EventDate"] == "2026-11-20 09:00:00"


def test_a_scan_can_appear_later() -> None:
    """
    ``set_events`` and ``set_scenario`` change what the next question is told.
    """
    number = SCENARIOS[2].postal_number
    with start_practice(now=NOW) as portal:
        portal.set_events(number, [PracticeEvent(NOW, "Parcel received and accepted", "XIAMEN")])
        routes = ask(portal.url, number).json()["ResponseMessage"][0]["Routes"]
        portal.set_scenario(number, "forbidden")
        refused = ask(portal.url, number)
    assert [route["EventSite"] for route in routes] == ["XIAMEN"]
    assert refused.status_code == 403


def test_the_environment_points_both_carriers_here() -> None:
    """
    The variables name both pages and the API, with the published credentials.
    """
    with start_practice(now=NOW) as portal:
        environment = portal.environment()
        url = portal.url
    assert environment["TRACKER_CARRIERS__SEKO__URL"] == url + JTRACK_PATH
    assert environment["TRACKER_CARRIERS__CLEVY__URL"] == url + CLEVY_PATH
    assert environment["TRACKER_CARRIERS__CLEVY__API_URL"] == url + API_PATH
    assert environment["TRACKER_CARRIERS__CLEVY__USERNAME"] == "practice"
    assert environment["TRACKER_CARRIERS__CLEVY__PASSWORD"] == "practice"


def test_the_log_tells_who_was_asked() -> None:
    """
    Each question stands in the log with its numbers.
    """
    number = SCENARIOS[1].postal_number
    with start_practice(now=NOW) as portal:
        ask(portal.url, number)
        assert [request.numbers for request in portal.requests] == [(number,)]
