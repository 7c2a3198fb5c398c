"""
Accesses to a portal on loopback, with limits that suit tests.
"""

from __future__ import annotations

from typing import Any

from tracker.crawl import CarrierAccess
from tracker.model import CarrierName
from tracker.practice.scenarios import scenario_named
from tracker.practice.server import API_PATH, CLEVY_PATH, JTRACK_PATH, PASSWORD, USERNAME


def clevy_access(url: str, **changed: Any) -> CarrierAccess:
    """
    Clevy's API at a loopback portal.
    """
    known: dict[str, Any] = {
        "carrier": CarrierName.CLEVY,
        "url": url + CLEVY_PATH,
        "api_url": url + API_PATH,
        "username": USERNAME,
        "password": PASSWORD,
        "batch_size": 2,
        "requests_per_minute": 6000,
        "timeout_seconds": 15,  # a busy machine must not fail a good look
    }
    return CarrierAccess(**(known | changed))


def clevy_page_access(url: str, **changed: Any) -> CarrierAccess:
    """
    Clevy's public page at a loopback portal: no credentials.
    """
    return clevy_access(url, **({"username": None} | changed))


def seko_access(url: str, **changed: Any) -> CarrierAccess:
    """
    Seko's page at a loopback portal.
    """
    known: dict[str, Any] = {
        "carrier": CarrierName.SEKO,
        "url": url + JTRACK_PATH,
        "batch_size": 10,
        "requests_per_minute": 6000,
        "timeout_seconds": 25,
    }
    return CarrierAccess(**(known | changed))


def ds(name: str) -> str:
    """
    The dropshipping number of a practice scenario.
    """
    return scenario_named(name).ds_number


def postal(name: str) -> str:
    """
    The postal number of a practice scenario.
    """
    return scenario_named(name).postal_number
