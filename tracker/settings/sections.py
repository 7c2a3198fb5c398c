"""
The tables of the configuration: each key, its default, what is accepted, and what it is for.
"""

from __future__ import annotations

import re
from base64 import b64decode
from datetime import date, time
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic_settings import NoDecode

from tracker.calendar import SendWindow, centre_name
from tracker.claimcolumns import ClaimColumn
from tracker.model import CalendarException, CarrierName, ScanTrackerError, Service
from tracker.numbers import normalise
from tracker.recipients import WebhookAddress


def _comma_list(value: object) -> object:
    """
    The environment gives a list as ``a@x, b@y``; a file gives a real list.
    """
    if isinstance(value, str):
        return [part.strip() for part in value.split(",") if part.strip()]
    return value


Addresses = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_comma_list)]


def _checked_address(address: str) -> str:
    if not re.fullmatch(r"[^@\s,;<>]+@[^@\s,;<>]+", address):
        raise ValueError(f"{address!r} is not an e-mail address")
    return address


_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class Section(BaseModel):
    """
    A table of settings: a key that is not known is an error.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    @field_validator("*", mode="before")
    @classmethod
    def _empty_is_not_set(cls, value: object, info: ValidationInfo) -> object:
        """
        ``TRACKER_SLACK__WEBHOOK=`` (empty) means "none" wherever "none" is the default.
        """
        field = cls.model_fields[str(info.field_name)]
        return None if value == "" and field.default is None else value


def _secret_web_address(value: SecretStr) -> SecretStr:
    _web_address(value.get_secret_value())
    return value


#: A web address that is a secret: who knows it can post to it.
SecretAddress = Annotated[SecretStr, AfterValidator(_secret_web_address)]


def _url_list(value: object) -> object:
    """
    A file of its own gives one URL a line, the environment a comma between two; ``#`` is a remark.

    A comma that no other URL follows belongs to the URL it stands in.
    """
    if not isinstance(value, str):
        return value
    lines = [line.strip() for line in value.splitlines()]
    urls = [re.split(r",\s*(?=[A-Za-z][\w+.-]*://)", line) for line in lines if line[:1] != "#"]
    return [url.strip() for line in urls for url in line if url.strip()]


def _secret_service_url(value: SecretStr) -> SecretStr:
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9+.-]*://\S+", value.get_secret_value()):
        raise ValueError("must be an Apprise URL such as tgram://TOKEN/CHAT, without blanks")
    return value


#: Apprise URLs, which hold passwords and tokens; the channel checks them further at its start.
ServiceUrls = Annotated[
    tuple[Annotated[SecretStr, AfterValidator(_secret_service_url)], ...],
    NoDecode,
    BeforeValidator(_url_list),
]


class Carrier(Section):
    """
    How one carrier's portal is reached and how gently.
    """

    url: str = Field(description="the portal's page")
    batch_size: int = Field(ge=1, le=100, description="numbers asked at once")
    requests_per_minute: float = Field(gt=0, le=600, description="the pace; be polite")
    concurrency: int = Field(default=1, ge=1, le=16, description="requests under way at once")
    timeout_seconds: float = Field(gt=0, le=600, description="time limit of one look")
    verify_tls: bool = Field(default=True, description="check the portal's certificate")
    profile: str | None = Field(
        default=None, description="a TOML file of what is known of the page: docs/portals.md"
    )
    canary_scanned: str | None = Field(
        default=None,
        description="a number that is scanned, asked along with late parcels to test the reading",
    )
    canary_unknown: str | None = Field(
        default=None,
        description="a number nobody knows, asked along with late parcels to test the reading",
    )

    @field_validator("url")
    @classmethod
    def _web_address(cls, value: str) -> str:
        return _web_address(value)

    @field_validator("canary_scanned", "canary_unknown")
    @classmethod
    def _one_form(cls, value: str | None) -> str | None:
        return None if value is None else normalise(value) or None

    @model_validator(mode="after")
    def _canaries_differ(self) -> Self:
        if self.canary_scanned is not None and self.canary_scanned == self.canary_unknown:
            raise ValueError("canary_scanned and canary_unknown must be two numbers")
        return self


def _web_address(value: str) -> str:
    if not re.match(r"https?://[^/\s]+", value):
        raise ValueError("must be an http:// or https:// address")
    return value


class Seko(Carrier):
    """
    Seko's jtrack portal, for DS orders; read in a real browser.
    """

    url: str = Field(
        default="https://portal.sekosynergy.com.hk:4434/mercuryhub/jtrack",
        description="Seko's jtrack page",
    )
    batch_size: int = Field(default=10, ge=1, le=100, description="numbers asked at once")
    requests_per_minute: float = Field(default=6, gt=0, le=600, description="page loads a minute")
    timeout_seconds: float = Field(default=60, gt=0, le=600, description="time limit of one look")


class Clevy(Carrier):
    """
    Clevy Links, for postal parcels; its API when there are credentials, else its page.
    """

    url: str = Field(
        default="https://clevylinks.com/en/search.html", description="Clevy's search page"
    )
    api_url: str = Field(
        default="http://api.clevylinks.com/api/v2/RouteTrack", description="Clevy's API"
    )
    username: str | None = Field(default=None, description="API user; empty: the page is used")
    password: SecretStr | None = Field(default=None, description="API password")
    allow_plain_http: bool = Field(
        default=False,
        description="send the credentials over plain http beyond this machine",
    )
    batch_size: int = Field(default=2, ge=1, le=100, description="numbers asked at once")
    requests_per_minute: float = Field(default=20, gt=0, le=600, description="requests a minute")
    timeout_seconds: float = Field(default=30, gt=0, le=600, description="time limit of one look")

    @field_validator("api_url")
    @classmethod
    def _api_address(cls, value: str) -> str:
        return _web_address(value)

    @model_validator(mode="after")
    def _credentials_come_in_pairs(self) -> Self:
        if (self.username is None) != (self.password is None):
            raise ValueError("username and password must be set together")
        return self


class Carriers(Section):
    """
    The portals that are watched.
    """

    seko: Seko = Seko()
    clevy: Clevy = Clevy()

    def of(self, name: CarrierName) -> Seko | Clevy:
        """
        The settings of one carrier.
        """
        return self.seko if name is CarrierName.SEKO else self.clevy


class LeadTime(Section):
    """
    Working days from the order until the platform cancels it (domain.md 1.2).
    """

    ds: int = Field(default=5, ge=1, le=60, description="lead-time days of DS orders")
    postal: int = Field(default=6, ge=1, le=60, description="lead-time days of postal orders")

    def of(self, service: Service | None) -> int:
        """
        The lead time of a service; an unknown service gets the shorter one.
        """
        return self.postal if service is Service.POSTAL else self.ds


class ClockSwitches(Section):
    """
    Which alerts beside the ladder are wanted; a shop's ``alerts`` say otherwise for itself.
    """

    cancel_risk: bool = Field(
        default=True, description="tell one lead-time day before automatic cancellation"
    )
    retrieve_parcel: bool = Field(
        default=True, description="tell when an order is cancelled whose parcel was sent"
    )
    not_synchronised: bool = Field(
        default=True, description="tell when a scan does not arrive in Seller Center"
    )
    claim_window: bool = Field(
        default=True, description="tell before the time to claim a late parcel ends"
    )
    overdue_delivery: bool = Field(default=True, description="tell when a delivery is overdue")
    return_claim: bool = Field(
        default=True, description="tell to check a returned parcel that was picked up"
    )
    pending_order: bool = Field(default=False, description="tell when an order stays pending")


class Clocks(Section):
    """
    The days of the clocks beside the ladder (domain.md 1.6, 1.7).
    """

    sync_working_days: int = Field(
        default=1, ge=0, le=30, description="working days from the scan to Shipped"
    )
    claim_window_months: int = Field(
        default=3, ge=1, le=12, description="months after the order in which claims are taken"
    )
    claim_window_warning_days: int = Field(
        default=14, ge=1, le=60, description="days before their end at which `claim_window` warns"
    )
    delivery_days: int = Field(
        default=20, ge=1, le=120, description="days from a DS parcel's scan to its delivery"
    )
    postal_delivery: bool = Field(
        default=False, description="`overdue_delivery` for postal parcels too, which say little"
    )
    postal_delivery_working_days: int = Field(
        default=30, ge=1, le=120, description="working days from a postal parcel's scan to delivery"
    )
    return_claim_working_days: int = Field(
        default=5, ge=1, le=30, description="working days to claim a wrong return after pick-up"
    )
    pending_working_days: int = Field(
        default=1, ge=0, le=30, description="working days after the order until `pending_order`"
    )


#: The clocks by their kinds, as a shop switches them.
ClockName = Literal[
    "cancel_risk",
    "retrieve_parcel",
    "not_synchronised",
    "claim_window",
    "overdue_delivery",
    "return_claim",
    "pending_order",
]


class Watch(Section):
    """
    The rule of watching: when a parcel is late and who may be accused of it.
    """

    scan_working_days: int = Field(
        default=1, ge=0, le=30, description="working days after the hand-over day to be scanned"
    )
    claim_wait_working_days: int = Field(
        default=1, ge=0, le=30, description="working days between urging and claiming"
    )
    claim_answer_working_days: int = Field(
        default=3,
        ge=1,
        le=30,
        description="working days for Jumia's answer to a claim, and for yours to Jumia's question",
    )
    verify_grace_minutes: float = Field(
        default=120,
        ge=0,
        description="minutes inside the send window before a parcel without proof is unverified",
    )
    send_window: str = Field(
        default="08:30-20:00",
        description="when messages go out, on the centre's open days and clock; or `always`",
    )
    flood_messages: int = Field(
        default=200,
        ge=1,
        description="messages in one delivery round; when more are due the operator is told, and "
        "they wait an hour",
    )
    assume_handover_working_days: int | Literal["never"] = Field(
        default=2, description="assumed hand-over, working days after ready-to-ship; or `never`"
    )
    trust_assumed_handover: bool = Field(
        default=False, description="let an assumed hand-over open urge_scan and raise_claim"
    )
    lead_time_working_days: LeadTime = LeadTime()
    alerts: ClockSwitches = ClockSwitches()
    clocks: Clocks = Clocks()
    retention_days: int = Field(
        default=180, ge=100, description="days for which the portals' answers are kept as evidence"
    )
    evidence_megabytes: int = Field(
        default=2000,
        ge=50,
        description="room for these answers; beyond it the oldest pictures go first, then the "
        "oldest answers, but nothing that an open alert rests on",
    )

    break_notice_days: int = Field(
        default=14,
        ge=0,
        le=60,
        description="days before a break of three days or more at which the operator is asked to "
        "enter the centres' closures; 0 turns it off",
    )

    @field_validator("send_window")
    @classmethod
    def _known_window(cls, value: str) -> str:
        try:
            SendWindow.parse(value)
        except ScanTrackerError as error:
            raise ValueError(str(error)) from error
        return value

    @field_validator("assume_handover_working_days", mode="before")
    @classmethod
    def _days_or_never(cls, value: object) -> object:
        days = str(value).strip()
        if days == "never":
            return days
        if not re.fullmatch(r"[12]?[0-9]|30", days):
            raise ValueError("must be a number of days from 0 to 30, or never")
        return int(days)


class ExceptionEntry(Section):
    """
    One ``[[calendar.exceptions]]`` table: what no public calendar knows about a centre.
    """

    from_: str = Field(alias="from", description="first day, 2026-11-11")
    to: str | None = Field(default=None, description="last day, included; empty: the first day")
    centre: str | None = None
    carrier: CarrierName | None = None
    closed: bool = False
    open: bool = False
    cutoff: str | None = None
    extra_working_days: int = Field(default=0, ge=0, le=30)
    note: str | None = None

    @field_validator("from_", "to", mode="before")
    @classmethod
    def _day_text(cls, value: object) -> object:
        return value.isoformat() if hasattr(value, "isoformat") else value

    @field_validator("centre")
    @classmethod
    def _known_centre(cls, value: str | None) -> str | None:
        try:
            return None if value is None else centre_name(value)
        except ScanTrackerError as error:
            raise ValueError(str(error)) from error

    @model_validator(mode="after")
    def _one_effect(self) -> Self:
        effects = (self.closed, self.open, self.cutoff is not None, self.extra_working_days > 0)
        if sum(effects) != 1:
            raise ValueError("set exactly one of closed, open, cutoff, extra_working_days")
        self.value()
        return self

    def value(self) -> CalendarException:
        """
        The entry as the calendar takes it; raises ``ValueError`` for an unreadable day or hour.
        """
        first = date.fromisoformat(self.from_)
        last = date.fromisoformat(self.to) if self.to else first
        if last < first:
            raise ValueError(f"to ({last}) lies before from ({first})")
        if self.cutoff is not None:
            time.fromisoformat(self.cutoff)
        return CalendarException(
            first=first,
            last=last,
            centre=self.centre,
            carrier=self.carrier,
            closed=self.closed,
            open=self.open,
            cutoff=self.cutoff,
            extra_working_days=self.extra_working_days,
            note=self.note,
        )


class CalendarSection(Section):
    """
    Closures, extra open days, other cut-offs and extra working days.
    """

    exceptions: tuple[ExceptionEntry, ...] = Field(
        default=(),
        description="what no public calendar knows: closures, extra open days, cut-offs, peaks",
    )


class Email(Section):
    """
    The mail server that alerts leave by.
    """

    smtp_url: SecretStr | None = Field(
        default=None,
        description="`smtp://user:pass@host:587` or `smtps://...`; empty: no e-mail",
    )
    from_: str | None = Field(
        default=None,
        alias="from",
        description="the sender's address",
    )

    @model_validator(mode="after")
    def _sender_known(self) -> Self:
        if self.smtp_url is not None and self.from_ is None:
            raise ValueError("from must be set when smtp_url is set")
        return self


class Slack(Section):
    """
    The Slack channel of shops that have none of their own.
    """

    webhook: SecretAddress | None = Field(
        default=None, description="incoming webhook for shops without one of their own"
    )


class Webhook(Section):
    """
    An integrator's own program: where it listens, and the secret that signs what it is sent.
    """

    url: SecretAddress | None = Field(
        default=None, description="where signed JSON is posted, `https://...`"
    )
    secret: SecretStr | None = Field(
        default=None, description="what signs it: `whsec_` and 24 bytes or more in base64"
    )

    @field_validator("url")
    @classmethod
    def _no_user_in_it(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and "@" in value.get_secret_value().split("/")[2]:
            raise ValueError("must not hold a user name: the signature says who posts")
        return value

    @field_validator("secret")
    @classmethod
    def _strong_secret(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and _key_length(value.get_secret_value()) < _SHORTEST_KEY:
            raise ValueError(
                "must be 24 bytes or more in base64: make one with `openssl rand -base64 32`"
            )
        return value

    @model_validator(mode="after")
    def _both_or_none(self) -> Self:
        if (self.url is None) != (self.secret is None):
            raise ValueError("url and secret must be set together")
        return self

    @property
    def address(self) -> WebhookAddress | None:
        """
        URL and secret in the clear, or ``None`` when no webhook is set.
        """
        if self.url is None or self.secret is None:
            return None
        return WebhookAddress(
            url=self.url.get_secret_value(), secret=self.secret.get_secret_value()
        )


_SHORTEST_KEY = 24


def _key_length(secret: str) -> int:
    """
    How many bytes a signing secret holds (Standard Webhooks); 0 for what is no base64.
    """
    text = secret.removeprefix("whsec_").rstrip("=")
    try:
        return len(b64decode(text + "=" * (-len(text) % 4), validate=True))
    except ValueError:
        return 0


class VendorCenter(Section):
    """
    Read access to a shop's orders on the Vendor Center API.

    Shops of one seller share a client id and its token; ``shop_id`` tells them apart.
    """

    client_id: str = Field(min_length=1)
    refresh_token: SecretStr
    shop_id: str | None = None


class VendorCenterApi(Section):
    """
    Where the Vendor Center API is and how gently it is asked (domain.md 5.2).
    """

    api_url: str = Field(
        default="https://vendor-api.jumia.com", description="the Vendor Center API"
    )
    token_url: str | None = Field(
        default=None, description="where its tokens are renewed; empty: `/token` under `api_url`"
    )
    every_minutes: float = Field(
        default=15, ge=1, le=1440, description="minutes between two syncs of `tracker run`"
    )
    requests_per_minute: float = Field(
        default=180, gt=0, le=600, description="the pace; the API allows 200 a minute, 4 a second"
    )
    timeout_seconds: float = Field(
        default=30, gt=0, le=300, description="time limit of one request"
    )

    @field_validator("api_url", "token_url")
    @classmethod
    def _private(cls, value: str | None) -> str | None:
        return None if value is None else _private_address(value).rstrip("/")


def _private_address(value: str) -> str:
    """
    A token must not travel in the clear: plain http is for this machine only.
    """
    if not re.match(r"https://[^/\s]+|http://(127\.0\.0\.1|localhost|\[::1\])(:\d+)?(/|$)", value):
        raise ValueError("must be an https:// address (http:// only on this machine)")
    return value


class Shop(Section):
    """
    One ``[[shops]]`` table: a seller's shop, its language and who hears about its parcels.
    """

    name: str = Field(min_length=1)
    country: str | None = None
    language: Literal["en", "zh"] = "en"
    email: Addresses = ()
    slack_webhook: SecretAddress | None = None
    apprise: ServiceUrls = ()
    webhook: Webhook = Webhook()
    columns: dict[str, str] = Field(default_factory=dict)
    service: Service | None = None
    registered_email: str | None = None
    quiet_days: tuple[str | date, ...] = ()
    digest: bool = False
    alerts: dict[ClockName, bool] = Field(default_factory=dict)
    vendor_center: VendorCenter | None = None

    @field_validator("email")
    @classmethod
    def _real_addresses(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(_checked_address(address) for address in value)

    @field_validator("registered_email")
    @classmethod
    def _real_address(cls, value: str | None) -> str | None:
        return None if value is None else _checked_address(value.strip())

    @field_validator("quiet_days")
    @classmethod
    def _known_days(cls, value: tuple[str | date, ...]) -> tuple[str | date, ...]:
        return tuple(_checked_quiet_day(day) for day in value)

    @model_validator(mode="after")
    def _not_always_quiet(self) -> Self:
        if set(_WEEKDAYS) <= set(self.quiet_days):
            raise ValueError("quiet_days leaves no day of the week for messages")
        return self

    def is_quiet(self, day: date) -> bool:
        """
        True on a day on which the shop wants no message; ``day`` is the sorting centre's.
        """
        return day in self.quiet_days or _WEEKDAYS[day.weekday()] in self.quiet_days


def _checked_quiet_day(day: str | date) -> str | date:
    """
    A weekday by its first three letters, or a date.
    """
    if isinstance(day, date):
        return day
    weekday = day.strip().lower()[:3]
    if weekday in _WEEKDAYS:
        return weekday
    try:
        return date.fromisoformat(day)
    except ValueError as error:
        raise ValueError(f"{day!r} is neither a weekday such as sunday nor a date") from error


class Operator(Section):
    """
    Whoever runs the tracker: hears about blind carriers and unreadable pages.
    """

    language: Literal["en", "zh"] = Field(
        default="en", description="language of the operator's messages, `en` or `zh`"
    )
    email: Addresses = Field(default=(), description="the operator's addresses")
    slack_webhook: SecretAddress | None = Field(default=None, description="the operator's webhook")
    apprise: ServiceUrls = Field(default=(), description="the operator's Apprise URLs")
    webhook: Webhook = Webhook()

    @field_validator("email")
    @classmethod
    def _real_addresses(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(_checked_address(address) for address in value)


class SekoService(Section):
    """
    Seko's customer service, whose contact is published nowhere (domain.md 1.6).
    """

    contact: str | None = Field(
        default=None, description="who to urge; empty: the text says where to find it"
    )
    email: str | None = Field(
        default=None, description="the address to which `mail_urges` mails the urge"
    )
    mail_urges: bool = Field(
        default=False,
        description=(
            "mail the urge to Seko by itself, once a day for each shop; "
            "off: `alerts list` says what would be mailed"
        ),
    )

    @field_validator("email")
    @classmethod
    def _real_address(cls, value: str | None) -> str | None:
        return _checked_address(value.strip()) if value else None

    @model_validator(mode="after")
    def _address_known(self) -> Self:
        if self.mail_urges and self.email is None:
            raise ValueError("email must be set when mail_urges is on")
        return self


def _claim_column(name: str) -> str:
    """
    The column as it is named; raises ``ValueError`` with the nearest or all known names.
    """
    known = [column.value for column in ClaimColumn]
    folded = name.strip().lower().replace("-", "_").replace(" ", "_")
    if folded in known:
        return folded
    near = get_close_matches(folded, known, n=1)
    hint = f"did you mean {near[0]}?" if near else f"known are {', '.join(known)}"
    raise ValueError(f"{name!r} is no column of the claim table; {hint}")


class Claims(Section):
    """
    The claim pack: which columns its tables have and how large a file may be (domain.md 1.6).
    """

    columns: Annotated[tuple[str, ...], NoDecode, BeforeValidator(_comma_list)] = Field(
        default=tuple(column.value for column in ClaimColumn),
        description="the columns of the claim tables, in their order: docs/claims.md",
    )
    max_megabytes: float = Field(
        default=3, ge=1, le=100, description="no file of the claim pack is larger"
    )

    @field_validator("columns")
    @classmethod
    def _known_columns(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        columns = tuple(dict.fromkeys(_claim_column(name) for name in value))
        if not columns:
            raise ValueError("name at least one column")
        return columns


class Wordings(Section):
    """
    Lines of the user's own for the stage tables.
    """

    file: Path | None = Field(
        default=None, description="a TOML file with further lines for the stage tables"
    )


class Inbox(Section):
    """
    A folder whose files are imported.
    """

    folder: Path | None = Field(
        default=None, description="a folder whose export files are imported; see orders.md"
    )


class Deadman(Section):
    """
    An outside watchdog (later).
    """

    url: SecretAddress | None = Field(default=None, description="an outside watchdog's URL (later)")


class Browser(Section):
    """
    The browser that reads Seko's page.
    """

    executable: str | None = Field(default=None, description="the browser; empty: it is found")


class Web(Section):
    """
    The dashboard (later).
    """

    host: str = Field(default="127.0.0.1", description="the dashboard's address (later)")
    port: int = Field(default=8420, ge=0, le=65535, description="the dashboard's port (later)")
    password: SecretStr | None = Field(default=None, description="the operator's password (later)")
