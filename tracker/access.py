"""
From settings to what a crawl needs to know of a carrier.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tracker.crawl import CarrierAccess
from tracker.model import CarrierName
from tracker.profiles import load_profile
from tracker.stages import load_tables

if TYPE_CHECKING:
    from tracker.settings import Clevy, Settings


def accesses_of(settings: Settings) -> dict[CarrierName, CarrierAccess]:
    """
    How each carrier is reached under these settings.

    Raises :class:`UsageError` when the wording file or a portal profile cannot be used.
    """
    clevy = _api_of(settings.carriers.clevy)
    return {
        CarrierName.SEKO: _access(settings, CarrierName.SEKO),
        CarrierName.CLEVY: _access(settings, CarrierName.CLEVY, **clevy),
    }


def _access(settings: Settings, name: CarrierName, **api: Any) -> CarrierAccess:
    carrier = settings.carriers.of(name)
    access = CarrierAccess(
        carrier=name,
        url=carrier.url,
        batch_size=carrier.batch_size,
        requests_per_minute=carrier.requests_per_minute,
        concurrency=carrier.concurrency,
        timeout_seconds=carrier.timeout_seconds,
        verify_tls=carrier.verify_tls,
        browser_executable=settings.browser.executable,
        profile=_checked_profile(name, carrier.profile),
        wordings=_checked_wordings(settings.wordings.file),
        **api,
    )
    return access if access.uses_api else _capped(access)


def _capped(access: CarrierAccess) -> CarrierAccess:
    """
    The access with batches that its portal's page takes at once.
    """
    most = load_profile(access.carrier, access.profile).ask.batch_size
    return access if most is None else replace(access, batch_size=min(most, access.batch_size))


def _checked_profile(name: CarrierName, file: str | None) -> str | None:
    """
    The user's portal profile, once it is known to be usable: a fault in it is a start-up error.
    """
    if file is None:
        return None
    load_profile(name, file)
    return str(Path(file).resolve())


def _checked_wordings(file: Path | None) -> str | None:
    """
    The user's wording file, once it is known to be readable: a fault in it is a start-up error.
    """
    if file is None:
        return None
    load_tables(file)
    return str(file.resolve())


def _api_of(clevy: Clevy) -> dict[str, Any]:
    """
    Only Clevy has an API.
    """
    return {
        "api_url": clevy.api_url,
        "username": clevy.username,
        "password": clevy.password.get_secret_value() if clevy.password else None,
        "allow_plain_http": clevy.allow_plain_http,
    }
