"""
Every setting: where it comes from, what is refused, and that secrets stay secret.
"""

from __future__ import annotations

import os
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from tracker.model import CarrierName, Service, UsageError
from tracker.settings import Recipient, Settings, known_keys, load_settings, settings_fields

if TYPE_CHECKING:
    from pathlib import Path

#: The interface contract's table of settings that a single value can be given for.
CONTRACT = {
    "database_url": "sqlite:///tracker.db",
    "timezone": "Asia/Shanghai",
    "carriers.seko.url": "https://portal.sekosynergy.com.hk:4434/mercuryhub/jtrack",
    "carriers.seko.batch_size": 10,
    "carriers.seko.requests_per_minute": 6,
    "carriers.seko.concurrency": 1,
    "carriers.seko.timeout_seconds": 60,
    "carriers.seko.verify_tls": True,
    "carriers.seko.profile": None,
    "carriers.seko.canary_scanned": None,
    "carriers.seko.canary_unknown": None,
    "carriers.clevy.url": "https://clevylinks.com/en/search.html",
    "carriers.clevy.api_url": "http://api.clevylinks.com/api/v2/RouteTrack",
    "carriers.clevy.username": None,
    "carriers.clevy.password": None,
    "carriers.clevy.allow_plain_http": False,
    "carriers.clevy.batch_size": 2,
    "carriers.clevy.requests_per_minute": 20,
    "carriers.clevy.concurrency": 1,
    "carriers.clevy.timeout_seconds": 30,
    "carriers.clevy.verify_tls": True,
    "carriers.clevy.profile": None,
    "carriers.clevy.canary_scanned": None,
    "carriers.clevy.canary_unknown": None,
    "watch.scan_working_days": 1,
    "watch.claim_wait_working_days": 1,
    "watch.verify_grace_minutes": 120,
    "watch.send_window": "08:30-20:00",
    "watch.assume_handover_working_days": 2,
    "watch.trust_assumed_handover": False,
    "watch.lead_time_working_days.ds": 5,
    "watch.lead_time_working_days.postal": 6,
    "watch.retention_days": 180,
    "watch.break_notice_days": 14,
    "email.smtp_url": None,
    "email.from": None,
    "slack.webhook": None,
    "operator.language": "en",
    "operator.email": (),
    "operator.slack_webhook": None,
    "seko_service.contact": None,
    "claims.max_megabytes": 3,
    "inbox.folder": None,
    "vendor_center.api_url": "https://vendor-api.jumia.com",
    "vendor_center.token_url": None,
    "vendor_center.every_minutes": 15,
    "vendor_center.requests_per_minute": 180,
    "vendor_center.timeout_seconds": 30,
    "deadman.url": None,
    "browser.executable": None,
    "web.host": "127.0.0.1",
    "web.port": 8420,
    "web.password": None,
    "web.enabled": True,
    "web.trusted_proxies": ("127.0.0.1", "::1"),
}


@pytest.fixture(autouse=True)
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """
    An empty working directory and none of our variables.
    """
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("TRACKER_")]:
        monkeypatch.delenv(name)


def write(folder: Path, text: str) -> None:
    """
    A configuration file in ``folder``.
    """
    (folder / "tracker.toml").write_text(text, encoding="utf-8")


def value_of(settings: Settings, key: str) -> Any:
    """
    The value of a dotted key.
    """
    found: Any = settings
    for part in key.split("."):
        found = getattr(found, "from_" if part == "from" else part)
    return found


@pytest.mark.parametrize("key", CONTRACT)
def test_default_is_the_contracts(key: str) -> None:
    """
    A setting that nobody gave has the value the interface contract names.
    """
    assert value_of(load_settings(), key) == CONTRACT[key]


def test_environment_names_follow_from_the_keys() -> None:
    """
    A key's variable is its path in capitals, joined by two underscores.
    """
    names = dict(known_keys())
    assert names["TRACKER_DATABASE_URL"] == ("database_url",)
    assert names["TRACKER_WATCH__LEAD_TIME_WORKING_DAYS__DS"][-1] == "ds"
    assert names["TRACKER_EMAIL__FROM"] == ("email", "from")
    assert set(CONTRACT) <= {".".join(path) for path, _ in settings_fields()}


def test_every_setting_says_what_it_means() -> None:
    """
    No setting is without the text that stands in the documentation.
    """
    assert [path for path, field in settings_fields() if not field.description] == []


def test_file_is_read_from_the_working_directory(tmp_path: Path) -> None:
    """
    ``tracker.toml`` beside the caller is read, nested tables and a byte order mark included.
    """
    write(tmp_path, "\ufefftimezone = 'Europe/Paris'\n[watch.lead_time_working_days]\nds = 7\n")
    settings = load_settings()
    assert settings.zone.key == "Europe/Paris"
    assert settings.watch.lead_time_working_days.of(Service.DS) == 7
    assert settings.watch.lead_time_working_days.of(Service.POSTAL) == 6


def test_named_file_wins_over_the_working_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    ``TRACKER_CONFIG`` names the file that is read instead.
    """
    write(tmp_path, "timezone = 'Europe/Paris'")
    (tmp_path / "other.toml").write_text("[web]\nport = 9000\n", encoding="utf-8")
    monkeypatch.setenv("TRACKER_CONFIG", "other.toml")
    settings = load_settings()
    assert (settings.timezone, settings.web.port) == ("Asia/Shanghai", 9000)


def test_environment_wins_key_by_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """
    A variable overrides its own key of the file and leaves that key's neighbours alone.
    """
    write(tmp_path, "[carriers.seko]\nbatch_size = 4\nconcurrency = 3\n")
    monkeypatch.setenv("TRACKER_CARRIERS__SEKO__BATCH_SIZE", "7")
    seko = load_settings().carriers.of(CarrierName.SEKO)
    assert (seko.batch_size, seko.concurrency, seko.timeout_seconds) == (7, 3, 60)


def test_addresses_come_as_a_comma_list(monkeypatch: pytest.MonkeyPatch) -> None:
    """
    The environment gives several addresses separated by commas.
    """
    monkeypatch.setenv("TRACKER_OPERATOR__EMAIL", "a@example.org, b@example.org,")
    assert load_settings().operator.email == ("a@example.org", "b@example.org")


@pytest.mark.parametrize(
    "name",
    ["SLACK__WEBHOOK", "INBOX__FOLDER", "CARRIERS__CLEVY__PASSWORD", "CARRIERS__SEKO__PROFILE"],
)
def test_empty_variable_is_none(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """
    An empty variable means "not set" wherever nothing is the default.
    """
    monkeypatch.setenv(f"TRACKER_{name}", "")
    assert value_of(load_settings(), name.lower().replace("__", ".")) is None


def test_secret_is_read_from_the_file_a_variable_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    ``..._FILE`` gives the named file's content, without the newline editors add.
    """
    (tmp_path / "secret").write_text("smtp://u:p@mail.example\n", encoding="utf-8")
    monkeypatch.setenv("TRACKER_EMAIL__SMTP_URL_FILE", str(tmp_path / "secret"))
    monkeypatch.setenv("TRACKER_EMAIL__FROM", "me@example.org")
    assert load_settings().smtp_url == "smtp://u:p@mail.example"


def test_secret_file_of_a_shop_lies_beside_the_configuration(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    A relative ``slack_webhook_file`` is looked for where the configuration file is.
    """
    folder = tmp_path / "etc"
    folder.mkdir()
    (folder / "hook").write_text("https://hooks.example/x", encoding="utf-8")
    write(folder, "[[shops]]\nname = 'One'\nslack_webhook_file = 'hook'\n")
    monkeypatch.setenv("TRACKER_CONFIG", str(folder / "tracker.toml"))
    assert load_settings().recipients_of("One") == (
        Recipient(channel="slack", address="https://hooks.example/x"),
    )


SECRETS = """
database_url = "postgresql+psycopg://me:HUSH1@db/x"
[carriers.clevy]
username = "u"
password = "HUSH2"
[email]
smtp_url = "smtp://u:HUSH3@mail.example"
from = "me@example.org"
[slack]
webhook = "https://hooks.example/HUSH4"
[operator]
slack_webhook = "https://hooks.example/HUSH5"
apprise = ["dingtalk://HUSH12", "feishu://HUSH13"]
[deadman]
url = "https://watch.example/HUSH6"
[web]
password = "HUSH7-and-some-more"
[[shops]]
name = "One"
slack_webhook = "https://hooks.example/HUSH8"
apprise = ["tgram://HUSH9"]
webhook = { url = "https://own.example/HUSH10", secret = "whsec_HUSH10AAAAAAAAAAAAAAAAAAAAAAAAAA" }
vendor_center = { client_id = "c", refresh_token = "HUSH11" }
"""


def test_secrets_are_never_shown(tmp_path: Path) -> None:
    """
    Neither ``repr`` nor ``str`` of the settings holds a password, a token or a webhook (R23).
    """
    write(tmp_path, SECRETS)
    settings = load_settings()
    assert settings.slack.webhook is not None
    assert "HUSH4" in settings.slack.webhook.get_secret_value()
    assert "HUSH" not in repr(settings) + str(settings)


def test_refused_secret_is_not_repeated(tmp_path: Path) -> None:
    """
    The sentence about an unusable webhook does not hold the webhook (R23).
    """
    write(tmp_path, "[slack]\nwebhook = 'hooks.example/HUSH'\n")
    with pytest.raises(UsageError, match=r"^Setting slack\.webhook: must be an http") as caught:
        load_settings()
    assert "HUSH" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("databse_url = 'x'", "Unknown key databse_url: did you mean database_url?"),
        (
            "[watch]\nsend_windo = 'always'",
            "Unknown key watch.send_windo: did you mean watch.send_window?",
        ),
        ("[carrier.seko]\nurl = 'x'", "Unknown key carrier: did you mean carriers?"),
        (
            "[carriers.sekko]\nurl = 'x'",
            "Unknown key carriers.sekko: did you mean carriers.seko?",
        ),
        (
            "[[shops]]\nname = 'a'\n[[shops]]\nname = 'b'\nemial = ['b@x']",
            "Unknown key shops.1.emial: did you mean shops.1.email?",
        ),
        (
            "[[calendar.exceptions]]\nfrom = 2026-11-11\nclosd = true",
            "Unknown key calendar.exceptions.0.closd: did you mean calendar.exceptions.0.closed?",
        ),
    ],
)
def test_unknown_key_names_the_nearest(text: str, sentence: str, tmp_path: Path) -> None:
    """
    A misspelt key at any depth is an error that names the key that was probably meant.
    """
    write(tmp_path, text)
    with pytest.raises(UsageError) as caught:
        load_settings()
    assert sentence in str(caught.value)


def test_unknown_variable_names_the_nearest(monkeypatch: pytest.MonkeyPatch) -> None:
    """
    A misspelt variable with our prefix is an error that names the one probably meant.
    """
    monkeypatch.setenv("TRACKER_WATCH__SEND_WINDW", "always")
    with pytest.raises(UsageError, match="did you mean TRACKER_WATCH__SEND_WINDOW") as caught:
        load_settings()
    assert "TRACKER_WATCH__SEND_WINDW" in str(caught.value)


TWO_SECRETS = f"""
[operator.webhook]
url = "https://x.example"
secret = "{"A" * 32}"
[[shops]]
name = "a"
webhook = {{ url = "https://x.example", secret = "{"B" * 32}" }}
"""

#: Two shops with one access to the Vendor Center API.
ACCESS = """
[[shops]]
name = 'a'
vendor_center = {{ client_id = 'c', refresh_token = '{a}' }}
[[shops]]
name = 'b'
vendor_center = {{ client_id = 'c', refresh_token = '{b}' }}
"""


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("timezone = 'Mars/One'", "Setting timezone: 'Mars/One' is not an IANA time zone"),
        ("[web]\nport = 70000", "Setting web.port: "),
        ("[web]\ntrusted_proxies = ['proxy']", "'proxy' is neither an address nor a network"),
        ("[web]\ntrusted_proxies = ['10.0.0.1/8']", "'10.0.0.1/8' is neither an address nor"),
        ("[web]\ntrusted_proxies = ['0.0.0.0/0']", "'0.0.0.0/0' is everybody"),
        ("[web]\nhost = '0.0.0.0'", "can be reached from other machines: set web.password"),
        ("[web]\nhost = 'watch.example'", "can be reached from other machines"),
        ("[web]\npassword = 'short'", "Setting web.password: too short"),
        ("[watch]\nsend_window = '20:00-08:30'", "Setting watch.send_window: "),
        (
            "[watch]\nassume_handover_working_days = 'later'",
            "Setting watch.assume_handover_working_days: must be a number of days from 0 to 30",
        ),
        ("[carriers.seko]\nurl = 'jtrack'", "Setting carriers.seko.url: must be an http://"),
        ("[carriers.clevy]\nusername = 'u'", "username and password must be set together"),
        ("[email]\nsmtp_url = 'smtp://x'", "Setting email: from must be set"),
        ("[[shops]]\nname = 'a'\nemail = ['nobody']", "'nobody' is not an e-mail address"),
        ("[[shops]]\nname = 'a'\n[[shops]]\nname = 'a'", "shop 'a' stands twice"),
        (
            ACCESS.format(a="t", b="u"),
            "shops 'a' and 'b' have the same vendor_center.client_id: give them the same refresh",
        ),
        (
            ACCESS.format(a="t", b="t"),
            "give each its own vendor_center.shop_id or country",
        ),
        ("[[calendar.exceptions]]\nfrom = 2026-11-11", "set exactly one of closed, open, cutoff"),
        (
            "[[calendar.exceptions]]\nfrom = 2026-11-11\nto = 2026-11-01\nclosed = true",
            "to (2026-11-01) lies before from (2026-11-11)",
        ),
        (
            "[[calendar.exceptions]]\nfrom = 2026-11-11\ncentre = 'Shenzen'\nclosed = true",
            "Did you mean shenzhen?",
        ),
        ("timezone = ", "tracker.toml is not valid TOML: "),
        ("[web]\npassword = 'a'\npassword_file = 'b'", "sets both password and password_file"),
        ("[web]\npassword_file = 'gone'", "names gone, which cannot be read"),
        ("[operator]\napprise = ['tgram:x']", "Setting operator.apprise.0: must be an Apprise URL"),
        (
            "[operator.webhook]\nurl = 'https://x.example'",
            "Setting operator.webhook: url and secret must be set together",
        ),
        (
            "[operator.webhook]\nurl = 'https://x.example'\nsecret = 'c2hvcnQ='",
            "Setting operator.webhook.secret: must be 24 bytes or more in base64",
        ),
        (
            "[operator.webhook]\nurl = 'https://x.example'\nsecret = 'not base64, but long enough'",
            "Setting operator.webhook.secret: must be 24 bytes or more in base64",
        ),
        (
            f"[operator.webhook]\nurl = 'https://u:p@x.example/y'\nsecret = '{'A' * 32}'",
            "Setting operator.webhook.url: must not hold a user name",
        ),
        ("[seko_service]\nmail_urges = true", "email must be set when mail_urges is on"),
        (
            "[seko_service]\nmail_urges = true\nemail = 'cs@seko.example'",
            "seko_service.mail_urges needs email.smtp_url",
        ),
        ("[seko_service]\nemail = 'nobody'", "Setting seko_service.email: "),
        (
            TWO_SECRETS,
            "the same webhook url stands twice, with different secrets",
        ),
    ],
)
def test_bad_value_is_one_sentence(text: str, sentence: str, tmp_path: Path) -> None:
    """
    A value that cannot be used is refused in one sentence that names the key and the reason.
    """
    write(tmp_path, text)
    with pytest.raises(UsageError) as caught:
        load_settings()
    assert sentence in str(caught.value)
    assert "\n" not in str(caught.value)


def test_bad_variable_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """
    When the environment gave the bad value, the sentence names the variable.
    """
    monkeypatch.setenv("TRACKER_WEB__PORT", "high")
    with pytest.raises(UsageError, match=r"^Setting web\.port \(from TRACKER_WEB__PORT\): "):
        load_settings()


def test_missing_configuration_file_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """
    ``TRACKER_CONFIG`` must name a file.
    """
    monkeypatch.setenv("TRACKER_CONFIG", "nowhere.toml")
    with pytest.raises(
        UsageError, match=r"TRACKER_CONFIG names nowhere\.toml, which is not a file"
    ):
        load_settings()


@pytest.mark.parametrize("content", [None, b"", b"\n", b"\xff\xfe\x00"])
def test_secret_file_without_a_secret_is_named(
    content: bytes | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    A secret's file that is missing, empty or no text is an error that names variable and file.
    """
    file = tmp_path / "secret"
    if content is not None:
        file.write_bytes(content)
    monkeypatch.setenv("TRACKER_SLACK__WEBHOOK_FILE", str(file))
    with pytest.raises(UsageError, match=r"TRACKER_SLACK__WEBHOOK_FILE names .*secret, which"):
        load_settings()


def test_value_and_file_together_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    A secret given twice in the environment is ambiguous, hence an error.
    """
    monkeypatch.setenv("TRACKER_WEB__PASSWORD", "a")
    monkeypatch.setenv("TRACKER_WEB__PASSWORD_FILE", str(tmp_path / "b"))
    with pytest.raises(UsageError, match="are both set: unset one"):
        load_settings()


def test_shop_without_recipients_uses_the_operators(tmp_path: Path) -> None:
    """
    Own recipients come first, then the common Slack channel, then the operator's.
    """
    write(
        tmp_path,
        "[email]\nsmtp_url = 'smtp://mail.example'\nfrom = 'me@example.org'\n"
        "[operator]\nemail = ['op@example.org']\n"
        "[[shops]]\nname = 'Own'\nemail = ['own@example.org']\n[[shops]]\nname = 'Bare'\n",
    )
    settings = load_settings()
    operator = (Recipient(channel="email", address="op@example.org"),)
    assert settings.recipients_of("Own") == (Recipient(channel="email", address="own@example.org"),)
    assert settings.recipients_of("Bare") == operator
    assert settings.recipients_of("not configured") == operator


def test_apprise_and_webhook_are_recipients(tmp_path: Path) -> None:
    """
    Both stand beside mail and Slack, for a shop and for the operator, and each knows its secret.
    """
    (tmp_path / "one.apprise").write_text("# the group\ntgram://T/1\n\ndingtalk://D/, json://h\n")
    (tmp_path / "secret").write_text("A" * 32 + "\n")
    write(
        tmp_path,
        "[operator]\napprise = ['wecombot://W']\n"
        "[[shops]]\nname = 'One'\napprise_file = 'one.apprise'\n"
        "webhook = { url = 'https://x.example/y', secret_file = 'secret' }\n",
    )
    settings = load_settings()
    urls = [(one.owner, one.url) for one in settings.apprise_addresses]
    assert urls == [
        ("operator", "wecombot://W"),
        ("shop 'One'", "tgram://T/1"),
        ("shop 'One'", "dingtalk://D/"),
        ("shop 'One'", "json://h"),
    ]
    assert settings.recipients_of("One") == (
        *(
            Recipient(channel="apprise", address=one.id)
            for one in settings.apprise_addresses
            if one.url != "wecombot://W"
        ),
        Recipient(channel="webhook", address="https://x.example/y"),
    )
    (operator,) = settings.operator_recipients
    assert operator.address.startswith("wecombot:")
    (webhook,) = settings.webhook_addresses
    assert (webhook.url, webhook.secret) == ("https://x.example/y", "A" * 32)


def test_the_operators_channels_come_from_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """
    A comma divides two Apprise URLs only where another URL begins, and a webhook has two variables.
    """
    monkeypatch.setenv("TRACKER_OPERATOR__APPRISE", "json://h/?to=a,b, tgram://T/1")
    monkeypatch.setenv("TRACKER_OPERATOR__WEBHOOK__URL", "https://x.example")
    monkeypatch.setenv("TRACKER_OPERATOR__WEBHOOK__SECRET", "whsec_" + "A" * 43)
    settings = load_settings()
    assert [one.url for one in settings.apprise_addresses] == ["json://h/?to=a,b", "tgram://T/1"]
    assert [one.channel for one in settings.operator_recipients] == [
        "apprise",
        "apprise",
        "webhook",
    ]


def test_a_refused_apprise_url_is_not_repeated(tmp_path: Path) -> None:
    """
    The sentence about an unusable URL or secret holds neither (R23).
    """
    for text in (
        "apprise = ['HUSH']",
        "webhook = { url = 'HUSH', secret = 'HUSH' }",
        "apprise_file = 'urls'",
    ):
        (tmp_path / "urls").write_text("HUSH HUSH")
        write(tmp_path, f"[[shops]]\nname = 'One'\n{text}\n")
        with pytest.raises(UsageError) as caught:
            load_settings()
        assert "HUSH" not in str(caught.value)


def test_calendar_exceptions_become_values(tmp_path: Path) -> None:
    """
    A ``[[calendar.exceptions]]`` table becomes what the working calendar takes.
    """
    write(
        tmp_path,
        "[[calendar.exceptions]]\ncentre = 'Hong Kong'\nfrom = 2026-11-11\nto = '2026-11-13'\n"
        "extra_working_days = 2\nnote = '11.11'\n",
    )
    [entry] = load_settings().calendar_exceptions
    assert (entry.centre, entry.extra_working_days, entry.note) == ("hongkong", 2, "11.11")
    assert (entry.first.isoformat(), entry.last.isoformat()) == ("2026-11-11", "2026-11-13")


def test_quiet_days_are_weekdays_and_dates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """
    A shop's quiet days may be named by weekday or date; anything else is refused by name.
    """
    path = tmp_path / "quiet.toml"
    monkeypatch.setenv("TRACKER_CONFIG", str(path))
    path.write_text('[[shops]]\nname = "A"\nquiet_days = ["Sunday", "2026-12-25"]\n')
    settings = load_settings()
    assert settings.is_quiet("A", date(2026, 11, 22))
    assert settings.is_quiet("A", date(2026, 12, 25))
    assert not settings.is_quiet("A", date(2026, 11, 23))
    assert not settings.is_quiet("B", date(2026, 11, 22))
    path.write_text('[[shops]]\nname = "A"\nquiet_days = ["someday"]\n')
    with pytest.raises(UsageError, match="someday"):
        load_settings()


def test_each_shop_has_its_language_and_the_operator_another(tmp_path: Path) -> None:
    """
    A configured shop reads its own language; whoever is not configured reads the operator's.
    """
    write(
        tmp_path,
        """
        [operator]
        language = "zh"
        [[shops]]
        name = "Own"
        language = "zh"
        [[shops]]
        name = "Bare"
        """,
    )
    settings = load_settings()
    told = [settings.language_of(name) for name in ("Own", "Bare", "not configured", None)]
    assert told == ["zh", "en", "zh", "zh"]


def test_a_language_that_nobody_speaks_is_refused(tmp_path: Path) -> None:
    """
    A language without templates is a mistake in the configuration, named at the start.
    """
    write(tmp_path, '[operator]\nlanguage = "fr"')
    with pytest.raises(UsageError, match=r"operator\.language"):
        load_settings()
