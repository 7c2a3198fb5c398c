"""
Secrets and personal data taken out of what one look saw, before anything touches the disk.

What stands under a name that says token, session, key and the like is masked where it stands; a
value that looks like a secret is then masked wherever else it stands too (a session in a link, a
token in a script). Personal data is ``tracker.pages.masking``'s. Nothing is executed.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from html import escape
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, quote_plus

from tracker.pages.bodies import data_in
from tracker.pages.masking import MASK, mask
from tracker.pages.numbers import canonical
from tracker.teaching.secretwords import is_ours, looks_secret, names_secret

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from tracker.pages.capture import Answer, PageCapture
    from tracker.teaching.case import SavedCase

#: The only header lines that a reader needs; every other one is left out.
_KEPT_HEADERS = frozenset({"retry-after", "location"})
_DEPTH = 40

_QUOTE = r"(?:\\{0,8}[\"']|&quot;|&\#3[49];)"
_INSIDE = r"(?:(?!&quot;|&\#3[49];)[^\"'<>\n\\]|\\{1,8}(?:/|u[0-9a-fA-F]{4}))"
_NAME = r"(?<![\w$.-])(?P<name>[\w$.-]{1,80})"
#: ``"name": "value"``, ``name = 'value'``, ``data-name="value"``, escaped and entity quotes too.
_QUOTED = re.compile(
    rf"{_NAME}(?P<between>{_QUOTE}?\]?\s{{0,8}}[:=]\s{{0,8}}{_QUOTE})(?P<value>{_INSIDE}{{1,20000}})"
)
#: ``"name": 123`` and, for values that look secret, ``name=value`` without quotes.
_BARE = re.compile(
    rf"{_NAME}(?P<between>{_QUOTE}?\s{{0,8}}[:=]\s{{0,8}})(?P<value>[\w.+/~%-]{{1,8000}}={{0,2}})"
)
#: ``{"name": "sid", "value": "..."}``, as headers and cookies stand in logs.
_PAIR = re.compile(
    rf"(?P<before>\bname{_QUOTE}?\s{{0,8}}[:=]\s{{0,8}}{_QUOTE})(?P<name>[\w$.-]{{1,80}})"
    rf"(?P<between>{_QUOTE}\s{{0,8}},\s{{0,8}}{_QUOTE}?value{_QUOTE}?\s{{0,8}}[:=]\s{{0,8}}{_QUOTE})"
    rf"(?P<value>{_INSIDE}{{1,20000}})"
)
_QUERY = re.compile(
    r"(?P<lead>[?&;#]|&amp;)(?P<name>[\w.$\[\]-]{1,80})(?P<between>=)"
    r"(?P<value>[^\s\"'<>\\#&]{1,8000})"
)
#: The same in an address that stands encoded inside of another.
_ENCODED = re.compile(
    r"(?P<lead>%3[fF]|%26)(?P<name>[\w.$\[\]-]{1,80})(?P<between>%3[dD])"
    r"(?P<value>(?:(?!%26)[^\s\"'<>\\#&]){1,8000})"
)
_BEARER = re.compile(r"\b(?P<name>Bearer|Basic)(?P<between>\s+)(?P<value>[\w.~+/-]{8,8000}={0,2})")
_JWT = re.compile(r"\beyJ[\w-]{5,8000}\.[\w-]{5,8000}(?:\.[\w-]{0,8000})?")
_USERINFO = re.compile(r"(?P<lead>\w://)[^/\s\"'<>@]{1,200}@")
_TAG = re.compile(r"<(?:input|meta|button|param)\b[^<>]{0,50000}>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"([\w:.-]{1,80})\s{0,8}=\s{0,8}(\"[^\"]*\"|'[^']*'|[^\s\"'>]+)")
_HOLDERS = frozenset({"value", "content"})


@dataclass(frozen=True, slots=True)
class Scrub:
    """
    A scrub of texts: ``known`` are secrets to be masked wherever they stand.
    """

    known: tuple[str, ...] = ()

    def text(self, text: str) -> str:
        """
        The text without secrets and personal data.
        """
        text = self.named(text)
        for secret in self.known:
            # The longest first: one spelling may be a part of another.
            for spelt in sorted(_spellings(secret), key=len, reverse=True):
                text = text.replace(spelt, MASK)
        return mask(text)

    def named(self, text: str) -> str:
        """
        The text without what stands under a name that says it is secret.
        """
        text = _TAG.sub(_masked_tag, text)
        for pattern in (_PAIR, _QUOTED, _ENCODED, _QUERY):
            text = pattern.sub(_masked_value, text)
        text = _BARE.sub(_masked_bare, text)
        text = _BEARER.sub(_masked_bearer, text)
        return _USERINFO.sub(rf"\g<lead>{MASK}@", _JWT.sub(MASK, text))


def scrubbed(case: SavedCase, known: Iterable[str] = ()) -> SavedCase:
    """
    The case without secrets and personal data; ``known`` are secrets that the caller knows of.

    Tracking numbers and dates stay, so that it reads the same; whether it does is the caller's to
    check. The picture was blacked out when it was taken (promises.md R20).
    """
    asked = {canonical(number) for number in case.asked}
    secrets = {one for one in known if one}
    secrets |= {one for one in _found(case) if canonical(one) not in asked}
    # The longest first: one secret may be the beginning of another.
    scrub = Scrub(tuple(sorted(secrets, key=lambda one: (-len(one), one))))
    return replace(
        case,
        capture=None if case.capture is None else _page(case.capture, scrub),
        answer=None if case.answer is None else _answer(case.answer, scrub),
    )


def _page(capture: PageCapture, scrub: Scrub) -> PageCapture:
    before = capture.html_before
    return replace(
        capture,
        url=scrub.text(capture.url),
        html_before=None if before is None else scrub.text(before),
        html=scrub.text(capture.html),
        answers=tuple(_answer(one, scrub) for one in capture.answers),
        further=tuple(scrub.text(page) for page in capture.further),
    )


def _answer(answer: Answer, scrub: Scrub) -> Answer:
    kept = {name: scrub.text(v) for name, v in answer.headers.items() if name in _KEPT_HEADERS}
    return replace(answer, url=scrub.text(answer.url), body=scrub.text(answer.body), headers=kept)


def _found(case: SavedCase) -> Iterator[str]:
    """
    Every value of the case that stands under a secret's name and looks like a secret.
    """
    answers = [case.answer] if case.answer is not None else []
    texts: list[str] = []
    if case.capture is not None:
        answers += case.capture.answers
        texts += [case.capture.html_before or "", case.capture.html, *case.capture.further]
        texts.append(case.capture.url)
    for answer in answers:
        texts += [answer.url, answer.body]
        yield from secrets_of_headers(answer.headers)
        yield from _in_json(data_in(answer.body), "", 0)
    for text in texts:
        yield from _in_text(text)


def secrets_of_headers(headers: Mapping[str, str]) -> Iterator[str]:
    """
    The values of cookies and of headers whose names say that they are secret.
    """
    for name, value in headers.items():
        if "cookie" in name.lower():
            pairs = re.findall(r"([\w.$-]+)=\"?([^;,\s\"]+)", value)
            yield from (one for key, one in pairs if _is_spread(one) and key.lower() != "expires")
        elif names_secret(name, value):
            yield from (one for one in value.split() if _is_spread(one))


def _in_text(text: str) -> Iterator[str]:
    for tag in _TAG.finditer(text):
        yield from (one for one in _held(tag.group(0)) if _is_spread(one))
    for pattern in (_PAIR, _QUOTED, _ENCODED, _QUERY, _BARE):
        for match in pattern.finditer(text):
            value = match.group("value")
            if _is_spread(value) and names_secret(match.group("name"), value):
                yield value


def _in_json(value: Any, name: str, depth: int) -> Iterator[str]:
    """
    The texts under secret names, however deep below them.
    """
    if depth > _DEPTH:
        return
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _in_json(inner, name if names_secret(name, "") else str(key), depth + 1)
    elif isinstance(value, list):
        for inner in value:
            yield from _in_json(inner, name, depth + 1)
    elif isinstance(value, str) and names_secret(name, value) and _is_spread(value):
        yield value


def _is_spread(value: str) -> bool:
    """
    True when a secret is so much of its own that it may be masked wherever it stands.

    A number alone is not: it may stand for something else there, and JSON must stay JSON.
    """
    return looks_secret(value) and not value.isdigit()


def _spellings(secret: str) -> set[str]:
    """
    A secret as it stands in a text, in JSON, in an address and in HTML.
    """
    in_json = (json.dumps(secret, ensure_ascii=flag)[1:-1] for flag in (True, False))
    in_address = (quote(secret, safe=""), quote(secret), quote_plus(secret))
    return {secret, *in_json, *in_address, escape(secret), escape(secret, quote=False)}


def _masked_value(match: re.Match[str]) -> str:
    value = match.group("value")
    if not names_secret(match.group("name"), value):
        return match.group(0)
    return match.group(0)[: match.start("value") - match.start()] + MASK


def _masked_bare(match: re.Match[str]) -> str:
    """
    A value without quotes: a number under a secret's name, or what looks like a secret.
    """
    value = match.group("value")
    number = re.fullmatch(r"[\d.]+", value) is not None
    if not (number or looks_secret(value)) or not names_secret(match.group("name"), value):
        return match.group(0)
    quoted = f'"{MASK}"' if number and '"' in match.group("between") else MASK
    return match.group(0)[: match.start("value") - match.start()] + quoted


def _masked_bearer(match: re.Match[str]) -> str:
    value = match.group("value")
    return f"{match.group('name')}{match.group('between')}{MASK if looks_secret(value) else value}"


def _held(tag: str) -> list[str]:
    """
    What a tag holds that must not be kept: a hidden or named secret, a password.
    """
    told = [(name.lower(), raw.strip("\"'")) for name, raw in _ATTRIBUTE.findall(tag)]
    names = [value for name, value in told if name in {"name", "id", "property", "itemprop"}]
    kind = next((value.lower() for name, value in told if name == "type"), "")
    values = [value for name, value in told if name in _HOLDERS and value]
    return [
        value
        for value in values
        if (kind == "password" and not is_ours(value))
        or (kind == "hidden" and looks_secret(value))
        or any(names_secret(name, value) for name in names)
    ]


def _masked_tag(match: re.Match[str]) -> str:
    tag = match.group(0)
    held = set(_held(tag))

    def masked(attribute: re.Match[str]) -> str:
        name, raw = attribute.groups()
        if name.lower() not in _HOLDERS or raw.strip("\"'") not in held:
            return attribute.group(0)
        return f'{name}="{MASK}"'

    return _ATTRIBUTE.sub(masked, tag) if held else tag
