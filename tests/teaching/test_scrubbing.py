"""
Scrubbing: whatever the data look like, secrets go and the form stays.
"""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.teaching.scrubbing import Scrub, secrets_of_headers
from tracker.teaching.secretwords import names_secret

NUMBER = "JG-NJS-319365323-5711"
SECRET = "zQ9-k3yV7xW2mN8p"
SECRET_NAMES = [
    "token", "accessToken", "refresh_token", "X-CSRF-TOKEN", "_csrf", "XSRF", "sessionId",
    "JSESSIONID",
    "PHPSESSID", "ASP.NET_SessionId", "auth", "Authorization", "apiKey", "api_key", "secretKey",
    "signature", "__VIEWSTATE", "__EVENTVALIDATION", "password", "passwd", "clientSecret", "sign",
    "authenticity_token", "__RequestVerificationToken", "nonce", "jwt", "sid", "key", "cookie",
]  # fmt: skip
PLAIN_NAMES = [
    "number",
    "events",
    "description",
    "status",
    "location",
    "when",
    "assigned",
    "monkey",
]

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(0, 10**6) | st.text(max_size=12) | st.just(NUMBER),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(PLAIN_NAMES), inner, max_size=4)
    ),
    max_leaves=12,
)


def shape(value: Any) -> Any:
    """
    The form of data: names and nesting without the values.
    """
    if isinstance(value, dict):
        return {name: shape(inner) for name, inner in value.items()}
    return [shape(inner) for inner in value] if isinstance(value, list) else None


@pytest.mark.parametrize("name", SECRET_NAMES)
@pytest.mark.parametrize(
    "form",
    [
        '{{"{name}": "{secret}"}}',
        "{{'{name}':'{secret}'}}",
        'var {name} = "{secret}";',
        'window["{name}"]="{secret}"',
        "https://portal.example/a?no=1&{name}={secret}&b=2",
        "https://portal.example/a?to=%3F{name}%3D{secret}%26b%3D1",
        '<input type="hidden" name="{name}" value="{secret}">',
        "<input value={secret} name={name}>",
        '<meta name="{name}" content="{secret}">',
        '<div data-{name}="{secret}"></div>',
        "<div data-x='{{&quot;{name}&quot;:&quot;{secret}&quot;}}'></div>",
        '{{"a": "{{\\"{name}\\": \\"{secret}\\"}}"}}',
        '{{"name": "{name}", "value": "{secret}"}}',
        "{name}={secret}; path=/",
        "{name}: {secret}\n",
    ],
)
def test_a_secret_goes_wherever_its_name_stands(name: str, form: str) -> None:
    """
    Every name that keeps secrets, in every manner in which pages and data write it.
    """
    text = form.format(name=name, secret=SECRET)
    clean = Scrub().text(text)
    assert SECRET not in clean
    assert name in clean


@given(value=VALUES, name=st.sampled_from(SECRET_NAMES), secret=st.text(min_size=1, max_size=40))
def test_data_stay_data(value: Any, name: str, secret: str) -> None:
    """
    JSON is JSON afterwards, of the same form, and its tracking numbers are where they were.
    """
    told = {"a": value, name: secret, "b": [{name: 12345, "number": NUMBER}]}
    for text in (json.dumps(told), json.dumps(told, ensure_ascii=False, indent=1)):
        clean = json.loads(Scrub().text(text))
        assert shape(clean) == shape(told)
        assert clean["b"][0]["number"] == NUMBER
        short = {"key", "sign"}  # so short a value is no secret under these names
        assert clean["b"][0][name] == (12345 if name in short else "***")


@given(secret=st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=30))
def test_a_known_secret_goes_in_every_spelling(secret: str) -> None:
    """
    As text, in JSON, in an address and in HTML.
    """
    padded = f"<{secret}>9x"
    for spelt in (padded, json.dumps(padded)[1:-1], quote(padded, safe="")):
        assert spelt not in Scrub((padded,)).text(f"a {spelt} b")


@pytest.mark.parametrize(
    ("name", "value", "secret"),
    [
        ("token", "x", True),
        ("token", NUMBER, False),
        ("key", "description", False),
        ("key", "4f2a9c0d7b6e1835", True),
        ("monkey", "4f2a9c0d7b6e1835", False),
        ("keyword", "4f2a9c0d7b6e1835", False),
        ("design", "4f2a9c0d7b6e1835", False),
        ("author", "4f2a9c0d7b6e1835", False),
        ("sessionDate", "2026-11-19 10:11", False),
        ("trackingNumber", "UH473124829KG", False),
    ],
)
def test_which_names_keep_secrets(name: str, value: str, secret: bool) -> None:  # noqa: FBT001 - the expectation
    """
    Words count as words; what a case is about is never a secret.
    """
    assert names_secret(name, value) is secret


def test_headers_tell_their_secrets() -> None:
    """
    The values of cookies and of headers named so; attributes of cookies are none.
    """
    headers = {
        "set-cookie": "sid=abcdef123456; Path=/; Expires=Wed, 21 Oct 2026 07:28:00 GMT; HttpOnly",
        "authorization": "Basic dXNlcjpwYXNzd29yZA==",
        "content-type": "application/json",
        "date": "Wed, 21 Oct 2026 07:28:00 GMT",
    }
    assert set(secrets_of_headers(headers)) == {"abcdef123456", "dXNlcjpwYXNzd29yZA=="}
