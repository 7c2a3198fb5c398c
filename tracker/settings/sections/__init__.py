"""
The tables of the configuration: each key, its default, what is accepted, and what it is for.
"""

from __future__ import annotations

from tracker.settings.sections.base import Section
from tracker.settings.sections.carriers import Carriers, Clevy, Seko
from tracker.settings.sections.centres import CalendarSection, ExceptionEntry
from tracker.settings.sections.claims import Claims
from tracker.settings.sections.machine import Browser, Deadman, Inbox, Log, Web, Wordings
from tracker.settings.sections.shops import Shop
from tracker.settings.sections.telling import Email, Operator, SekoService, Slack, Webhook
from tracker.settings.sections.vendor import VendorCenterApi
from tracker.settings.sections.watch import Watch

__all__ = [
    "Browser",
    "CalendarSection",
    "Carriers",
    "Claims",
    "Clevy",
    "Deadman",
    "Email",
    "ExceptionEntry",
    "Inbox",
    "Log",
    "Operator",
    "Section",
    "Seko",
    "SekoService",
    "Shop",
    "Slack",
    "VendorCenterApi",
    "Watch",
    "Web",
    "Webhook",
    "Wordings",
]
