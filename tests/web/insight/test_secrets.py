"""
No secret of the settings is ever shown, whichever of them are set.
"""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

import pytest
from pydantic import SecretStr

from tracker.settings import Settings, load_settings
from tracker.settings.showing import MASK, Origin, masked

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pydantic import BaseModel

    from tests.support.dashboard import Dashboard

KEY = "whsec_" + "c2VjcmV0" * 8
SECRETS = f"""
database_url = "postgresql+psycopg://me:secret01@db.example/x?password=secret02"
[carriers.seko]
url = "https://me:secret03@seko.example/jtrack?token=secret04"
[carriers.clevy]
username = "me"
password = "secret05"
[email]
smtp_url = "smtp://me:secret06@mail.example:587"
from = "watch@mail.example"
[slack]
webhook = "https://hooks.slack.com/services/T0/B0/secret07"
[operator]
slack_webhook = "https://hooks.slack.com/services/T0/B0/secret08"
apprise = ["tgram://secret09/chat"]
[operator.webhook]
url = "https://hook.example/secret10"
secret = "{KEY}"
[deadman]
url = "https://dead.example/secret11"
[web]
password = "secret12-long"
[[shops]]
name = "Lagos Lights"
slack_webhook = "https://hooks.slack.com/services/T0/B0/secret13"
apprise = ["dingtalk://secret14/"]
[shops.webhook]
url = "https://hook.example/secret15"
secret = "{KEY}"
[shops.vendor_center]
client_id = "client"
refresh_token = "secret16"
"""


def secrets_in(model: BaseModel) -> Iterator[str]:
    """
    Every secret that the settings hold, at any depth.
    """
    for name in type(model).model_fields:
        yield from _secrets(getattr(model, name))


def _secrets(value: object) -> Iterator[str]:
    if isinstance(value, SecretStr):
        yield value.get_secret_value()
    elif isinstance(value, tuple | list):
        for one in value:
            yield from _secrets(one)
    elif hasattr(type(value), "model_fields"):
        yield from secrets_in(value)  # type: ignore[arg-type]


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """
    Settings in which every secret is set.
    """
    (tmp_path / "tracker.toml").write_text(SECRETS)
    monkeypatch.setenv("TRACKER_CONFIG", str(tmp_path / "tracker.toml"))
    monkeypatch.setenv("TRACKER_WATCH__RETENTION_DAYS", "200")
    return load_settings()


def test_every_kind_of_secret_is_set_here(settings: Settings) -> None:
    """
    A setting that becomes a secret later must be among those that are looked for.
    """
    unset = {
        field
        for table in (settings, *settings.shops)
        for field in empty_secrets(type(table), table)
    }
    assert unset == set()
    assert len(set(secrets_in(settings))) == 13


def empty_secrets(model: type[BaseModel], values: BaseModel) -> Iterator[str]:
    """
    The secrets of the model that are not set.
    """
    for name, field in model.model_fields.items():
        value = getattr(values, name)
        if hasattr(type(value), "model_fields"):
            yield from empty_secrets(type(value), value)
        elif "SecretStr" in repr(field.annotation) and not value:
            yield f"{model.__name__}.{name}"


def test_no_secret_stands_in_the_page(dashboard: Dashboard, settings: Settings) -> None:
    """
    Not even those of addresses that are no secrets themselves.
    """
    object.__setattr__(dashboard.house, "settings", settings)
    with dashboard.logged_in() as operator:
        page = html.unescape(operator.get("/settings").text)
    assert page.count(MASK) >= 16
    found = {secret for secret in secrets_in(settings) if secret in page}
    assert found == set()
    assert [n for n in range(1, 17) if f"secret{n:02}" in page] == []
    assert "seko.example/jtrack" in page  # an address is shown without what is secret about it


def test_where_a_value_comes_from(settings: Settings) -> None:
    """
    The environment goes before the file, and what nobody set is the default.
    """
    origins = settings.origins
    assert origins["watch", "retention_days"] is Origin.ENVIRONMENT
    assert origins["email", "from"] is Origin.FILE
    assert origins["watch", "scan_working_days"] is Origin.DEFAULT


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, None),
        ((), None),
        (True, "true"),
        (("a", "b"), "a, b"),
        ({"Shop": "x"}, "Shop: x"),
        (SecretStr("x"), MASK),
        ("https://user@host.example:8443/a?b=c", f"https://{MASK}@host.example:8443/a?{MASK}"),
        ("http://[broken", MASK),
        ("sqlite:///tracker.db", "sqlite:///tracker.db"),
    ],
)
def test_masking(value: object, shown: str | None) -> None:
    """
    A secret is not shown in part, and what is not set is not shown as set.
    """
    assert masked(value) == shown
