"""
Every setting, validated once: ``tracker.toml`` or ``TRACKER_CONFIG``, then the environment.

The only module that reads the environment. Names and defaults are those of the interface
contract; each field's description is the text of the settings table in the documentation.
"""

from __future__ import annotations

import difflib
import os
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict
from pydantic_settings.sources import InitSettingsSource

from tracker.calendar import SendWindow, centre_name
from tracker.model import CalendarException, CarrierName, ScanTrackerError, Service, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pydantic_settings import PydanticBaseSettingsSource

PREFIX = "TRACKER_"
DEFAULT_FILE = Path("tracker.toml")
#: Environment names that are no settings themselves.
NOT_SETTINGS = frozenset({"TRACKER_CONFIG"})
_FILE_SUFFIX = "_FILE"


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
    profile: str | None = Field(default=None, description="a portal profile (later)")
    canary_scanned: str | None = Field(
        default=None, description="a number that is scanned, to test the reading (later)"
    )
    canary_unknown: str | None = Field(
        default=None, description="a number nobody knows, to test the reading (later)"
    )

    @field_validator("url")
    @classmethod
    def _web_address(cls, value: str) -> str:
        return _web_address(value)


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
    verify_grace_minutes: float = Field(
        default=120,
        ge=0,
        description="minutes inside the send window before a parcel without proof is unverified",
    )
    send_window: str = Field(
        default="08:30-20:00",
        description="when messages go out, on the centre's open days and clock; or `always`",
    )
    assume_handover_working_days: int | Literal["never"] = Field(
        default=2, description="assumed hand-over, working days after ready-to-ship; or `never`"
    )
    trust_assumed_handover: bool = Field(
        default=False, description="let an assumed hand-over open urge_scan and raise_claim"
    )
    lead_time_working_days: LeadTime = LeadTime()
    retention_days: int = Field(
        default=180, ge=100, description="how long evidence is kept (later)"
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
        from datetime import date, time  # noqa: PLC0415 - the module's names are pydantic fields

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
    A shop's own signed webhook.
    """

    url: str
    secret: SecretStr


class VendorCenter(Section):
    """
    Read access to a shop's orders on the Vendor Center API.
    """

    client_id: str
    refresh_token: SecretStr


class Shop(Section):
    """
    One ``[[shops]]`` table: a seller's shop, its language and who hears about its parcels.
    """

    name: str = Field(min_length=1)
    country: str | None = None
    language: Literal["en", "zh"] = "en"
    email: Addresses = ()
    slack_webhook: SecretAddress | None = None
    apprise: tuple[SecretStr, ...] = ()
    webhook: Webhook | None = None
    columns: dict[str, str] = Field(default_factory=dict)
    service: Service | None = None
    quiet_days: tuple[str, ...] = ()
    digest: bool = False
    vendor_center: VendorCenter | None = None

    @field_validator("email")
    @classmethod
    def _real_addresses(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(_checked_address(address) for address in value)


class Operator(Section):
    """
    Whoever runs the tracker: hears about blind carriers and unreadable pages.
    """

    email: Addresses = Field(default=(), description="the operator's addresses")
    slack_webhook: SecretAddress | None = Field(default=None, description="the operator's webhook")

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


class Wordings(Section):
    """
    Lines of the user's own for the stage tables.
    """

    file: Path | None = Field(
        default=None, description="a TOML file with further lines for the stage tables"
    )


class Inbox(Section):
    """
    A folder whose files are imported (later).
    """

    folder: Path | None = Field(default=None, description="a folder whose files go in (later)")


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


class _EnvironmentSource(InitSettingsSource):
    """
    ``TRACKER_A__B`` as nested values; ``TRACKER_A__B_FILE`` is read from the file it names.

    Own code instead of the library's source because an unknown name must be an error, and a
    secret must be readable from a file, for every key alike.
    """

    def __init__(self, settings_cls: type[BaseSettings], environ: Mapping[str, str]) -> None:
        super().__init__(settings_cls, init_kwargs=_environment_values(environ))


class _TomlSource(InitSettingsSource):
    """
    The configuration file's values, ``..._file`` keys replaced by the named file's content.
    """

    def __init__(self, settings_cls: type[BaseSettings], path: Path | None) -> None:
        super().__init__(settings_cls, init_kwargs={} if path is None else _read_toml(path))


class Settings(BaseSettings):
    """
    The whole configuration, checked; build it with :func:`load_settings`.
    """

    model_config = SettingsConfigDict(extra="forbid", frozen=True)

    database_url: str = Field(
        default="sqlite:///tracker.db",
        repr=False,  # it may hold a password
        description="the order store; PostgreSQL: `postgresql+psycopg://...`",
    )
    timezone: str = Field(
        default="Asia/Shanghai", description="zone of naive times given by a person or a file"
    )
    carriers: Carriers = Carriers()
    watch: Watch = Watch()
    calendar: CalendarSection = CalendarSection()
    email: Email = Email()
    slack: Slack = Slack()
    shops: tuple[Shop, ...] = Field(default=(), description="the sellers' shops")
    operator: Operator = Operator()
    seko_service: SekoService = SekoService()
    wordings: Wordings = Wordings()
    inbox: Inbox = Inbox()
    deadman: Deadman = Deadman()
    browser: Browser = Browser()
    web: Web = Web()

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError(f"{value!r} is not an IANA time zone such as Asia/Shanghai") from error
        return value

    @field_validator("shops")
    @classmethod
    def _distinct_shops(cls, value: tuple[Shop, ...]) -> tuple[Shop, ...]:
        names = [shop.name for shop in value]
        doubled = sorted({name for name in names if names.count(name) > 1})
        if doubled:
            raise ValueError(f"shop {doubled[0]!r} stands twice")
        return value

    @classmethod
    def settings_customise_sources(  # noqa: D102 - the library's hook
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        del env_settings, dotenv_settings, file_secret_settings
        environ = os.environ
        return (
            init_settings,
            _EnvironmentSource(settings_cls, environ),
            _TomlSource(settings_cls, _config_path(environ)),
        )

    @property
    def zone(self) -> ZoneInfo:
        """
        The zone of naive times.
        """
        return ZoneInfo(self.timezone)

    @property
    def window(self) -> SendWindow:
        """
        When messages may go out.
        """
        return SendWindow.parse(self.watch.send_window)

    @property
    def calendar_exceptions(self) -> tuple[CalendarException, ...]:
        """
        Every entered closure, opening, cut-off and peak.
        """
        return tuple(entry.value() for entry in self.calendar.exceptions)

    @property
    def smtp_url(self) -> str | None:
        """
        The mail server's URL in the clear: it may hold a password, so it is never logged.
        """
        url = self.email.smtp_url
        return url.get_secret_value() if url else None

    def shop(self, name: str | None) -> Shop | None:
        """
        The shop of that name, or ``None`` when it is not configured.
        """
        return next((shop for shop in self.shops if shop.name == name), None)

    def language_of(self, name: str | None) -> str:
        """
        The language of a shop's messages; English for a shop that is not configured.
        """
        shop = self.shop(name)
        return shop.language if shop else "en"

    def recipients_of(self, name: str | None) -> tuple[Recipient, ...]:
        """
        Who hears about a shop's parcels: its own recipients, else the operator (contract.md).
        """
        shop = self.shop(name)
        own: list[Recipient] = []
        if shop is not None:
            own += self._mail(shop.email)
            own += _slack(shop.slack_webhook)
        if not any(recipient.channel == "slack" for recipient in own):
            own += _slack(self.slack.webhook)
        return tuple(own) or self.operator_recipients

    @property
    def operator_recipients(self) -> tuple[Recipient, ...]:
        """
        Who hears about the watcher itself.
        """
        found = self._mail(self.operator.email) + _slack(self.operator.slack_webhook)
        return tuple(found or _slack(self.slack.webhook))

    def _mail(self, addresses: tuple[str, ...]) -> list[Recipient]:
        """
        Nobody can be reached by e-mail without a mail server.
        """
        if self.email.smtp_url is None:
            return []
        return [Recipient(channel="email", address=address) for address in addresses]


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Recipient:
    """
    One address on one channel; a Slack address is a webhook URL and thus a secret.
    """

    channel: str
    address: str


def _slack(webhook: SecretStr | None) -> list[Recipient]:
    if webhook is None:
        return []
    return [Recipient(channel="slack", address=webhook.get_secret_value())]


def load_settings(**overrides: Any) -> Settings:
    """
    The settings of this process.

    Raises :class:`UsageError` naming the file or variable, the key, and what to do.
    """
    try:
        return Settings(**overrides)
    except ValidationError as error:
        raise UsageError(_explain(error)) from None


def _config_path(environ: Mapping[str, str]) -> Path | None:
    named = environ.get("TRACKER_CONFIG")
    if named:
        path = Path(named)
        if not path.is_file():
            raise UsageError(
                f"TRACKER_CONFIG names {named}, which is not a file: correct or unset it."
            )
        return path
    return DEFAULT_FILE if DEFAULT_FILE.is_file() else None


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} cannot be read: {error}.") from error
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{path} is not valid TOML: {error}.") from error
    filled = _fill_from_files(values, path)
    assert isinstance(filled, dict)  # noqa: S101 - a table in is a table out; tells mypy so
    return filled


def _fill_from_files(value: Any, origin: Path) -> Any:
    """
    ``password_file = "x"`` becomes ``password`` with the content of ``x``, at any depth.

    A relative ``x`` lies beside the configuration file.
    """
    if isinstance(value, list):
        return [_fill_from_files(item, origin) for item in value]
    if not isinstance(value, dict):
        return value
    filled: dict[str, Any] = {}
    for key, item in value.items():
        if key.endswith("_file") and key[:-5] in SECRET_KEYS and isinstance(item, str):
            if key[:-5] in value:
                raise UsageError(f"{origin} sets both {key[:-5]} and {key}: keep one of them.")
            filled[key[:-5]] = _secret_in(origin.parent / item, f"{key} in {origin}")
        else:
            filled[key] = _fill_from_files(item, origin)
    return filled


def _secret_in(path: Path, named_by: str) -> str:
    try:
        secret = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not text"
        raise UsageError(f"{named_by} names {path}, which cannot be read: {reason}.") from error
    if not secret:
        raise UsageError(f"{named_by} names {path}, which is empty: write the secret into it.")
    return secret


def _environment_values(environ: Mapping[str, str]) -> dict[str, Any]:
    known = dict(known_keys())
    values: dict[str, Any] = {}
    for name, text in environ.items():
        if not name.startswith(PREFIX) or name in NOT_SETTINGS:
            continue
        base = name.removesuffix(_FILE_SUFFIX)
        if name in known:
            _set(values, known[name], text)
        elif base in known and base in environ:
            raise UsageError(f"{base} and {name} are both set: unset one of them.")
        elif base in known:
            _set(values, known[base], _secret_in(Path(text), name))
        else:
            raise UsageError(_unknown(name, sorted(known), "environment variable"))
    return values


def _set(values: dict[str, Any], path: tuple[str, ...], text: str) -> None:
    for part in path[:-1]:
        values = values.setdefault(part, {})
    values[path[-1]] = text


def known_keys() -> Iterator[tuple[str, tuple[str, ...]]]:
    """
    Each environment name with the path of its key, ``("TRACKER_WATCH__SEND_WINDOW", (...))``.
    """
    for path, _ in settings_fields():
        yield PREFIX + "__".join(part.upper() for part in path), path


def settings_fields() -> Iterator[tuple[tuple[str, ...], Any]]:
    """
    Each single setting's path and pydantic field, in the order of declaration.

    Lists of tables (``[[shops]]``, ``[[calendar.exceptions]]``) are not among them: they can be
    given in the file only.
    """
    yield from _fields_of(Settings, ())


def _fields_of(model: type[BaseModel], path: tuple[str, ...]) -> Iterator[tuple[Any, Any]]:
    for name, field in model.model_fields.items():
        here = (*path, name.rstrip("_"))
        if isinstance(field.annotation, type) and issubclass(field.annotation, Section):
            yield from _fields_of(field.annotation, here)
        elif name not in {"shops", "exceptions"}:
            yield here, field


#: Keys that may be given as ``<key>_file`` in the configuration file.
SECRET_KEYS = frozenset(
    {
        "password",
        "smtp_url",
        "webhook",
        "slack_webhook",
        "secret",
        "refresh_token",
        "url",
        "database_url",
    }
)


def _explain(error: ValidationError) -> str:
    return " ".join(_explain_one(item) for item in error.errors(include_url=False))


def _explain_one(item: Any) -> str:
    path = ".".join(str(part) for part in item["loc"]) or "the configuration"
    if item["type"] == "extra_forbidden":
        return _unknown(path, _siblings(item["loc"]), "key")
    message = str(item["msg"]).removeprefix("Value error, ").rstrip(".")
    return f"Setting {path}{_given_by(item['loc'])}: {message}."


def _given_by(loc: tuple[Any, ...]) -> str:
    """
    The environment variable that set a key, if one did: the file is then not where to look.
    """
    name = PREFIX + "__".join(str(part).upper() for part in loc)
    found = [one for one in (name, name + _FILE_SUFFIX) if one in os.environ]
    return f" (from {found[0]})" if found else ""


def _siblings(loc: tuple[Any, ...]) -> list[str]:
    """
    The dotted keys that may stand where an unknown one was found.
    """
    model: Any = Settings
    for part in loc[:-1]:
        if isinstance(part, int):
            continue
        model = _table_model(model, str(part))
    prefix = ".".join(str(part) for part in loc[:-1])
    names = [name.rstrip("_") for name in getattr(model, "model_fields", {})]
    return [f"{prefix}.{name}" if prefix else name for name in names]


def _table_model(model: Any, key: str) -> Any:
    field = getattr(model, "model_fields", {}).get(key)
    if field is None:
        return None
    candidates = [field.annotation, *getattr(field.annotation, "__args__", ())]
    return next(
        (one for one in candidates if isinstance(one, type) and issubclass(one, BaseModel)), None
    )


def _unknown(name: str, known: list[str], what: str) -> str:
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    hint = f"did you mean {near[0]}?" if near else f"known here: {', '.join(known)}."
    return f"Unknown {what} {name}: {hint}"
