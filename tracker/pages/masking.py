"""
Personal data taken out of what is kept as evidence (promises.md R20).
"""

from __future__ import annotations

import re
from functools import lru_cache

MASK = "***"
_WHO = (
    r"consignee|receiver|recipient|addressee|deliver(?:ed)?\s?to\s?name|ship\s?to|customer\s?name|buyer(?:\s?name)?|signed\s?(?:for\s)?by|signatory|"
    r"收件人|收货人|收件方|签收人|买家|客户姓名|联系人"
)
_REACH = (
    r"phone(?:\s?(?:no|number))?|mobile(?:\s?(?:no|number))?|tel(?:ephone)?|"
    r"contact(?:\s?(?:no|number))?|address|street|zip\s?code|postcode|"
    r"电话|手机(?:号)?|联系方式|联系电话|地址|邮编"
)
_OURS = re.compile(  # tracking numbers and dates, which stay
    r"\b(?:[A-Z][A-Z0-9]{1,5}-[A-Z0-9-]{6,}|[A-Z]{2}\d{9}[A-Z]{2}|20\d\d[-/年.]\d|\d{1,2}[-/]\d{1,2}[-/]20\d\d)",
    re.IGNORECASE,
)
# Every run is bounded: a long one without an end must not be searched from each of its places.
_EMAIL = re.compile(r"[\w.+%-]{1,100}@[\w-]{1,100}(?:\.[\w-]{1,100})+")
#: Phone numbers, each behind what it cannot do without and what is found much faster.
_PHONES = tuple(
    (re.compile(needs), re.compile(whole))
    for needs, whole in (
        (r"\+\d", r"(?<![\w:+.-])\+\d[\d ().-]{6,17}\d(?![\w:])"),
        (r"1[3-9]\d{9}", r"(?<![\w-])(?:86[- ]?)?1[3-9]\d{9}(?![\w-])"),
        (
            r"0[1-9]\d{1,3}[- ]?\d{3}",
            r"(?<![\w-])0[1-9]\d{1,3}[- ]?\d{3,4}[- ]?\d{3,4}(?![\w:-])",
        ),
    )
)
_JSON_OBJECT = re.compile(
    rf'("(?:[\w ]{{0,40}}(?:{_WHO})[\w ]{{0,40}})"\s*:\s*)\{{[^{{}}]*\}}', re.IGNORECASE
)
_JSON_VALUE = re.compile(
    rf'("(?:[\w ]{{0,40}}(?:{_WHO}|{_REACH})[\w ]{{0,40}})"\s*:\s*)"(?:[^"\\]|\\.)*"', re.IGNORECASE
)
_BESIDE = re.compile(
    rf"((?:{_WHO}|{_REACH})(?:\s*name|姓名)?\s*(?:</[^>]{{1,40}}>\s*)*[:：]\s*(?:</?[^>]{{1,200}}>\s*)*)([^<>\n\r{{}}\"]{{1,200}})",
    re.IGNORECASE,
)
_CELL = re.compile(
    rf"(>\s*(?:{_WHO}|{_REACH})(?:\s*name|姓名)?\s*(?:</?[^>]{{1,200}}>\s*)+)([^<>\n\r]{{1,200}})",
    re.IGNORECASE,
)
_BY = re.compile(
    r"(\bsigned (?:for )?by\s+)(?!the\b|" + _WHO + r")([^<>\n\r\",;]{1,80})", re.IGNORECASE
)

#: Without any of these, in the text's small letters, the longer searches below find nothing.
_LABEL = re.compile(rf"{_WHO}|{_REACH}|signed")
_SHORT = 1000  # characters of a text that is worth remembering


def _masked(match: re.Match[str]) -> str:
    """
    The label kept, the person masked, and a tracking number or date behind it left standing.
    """
    label, beside = match.groups()
    ours = _OURS.search(beside)
    kept = beside[ours.start() :] if ours else ""
    hidden = beside[: ours.start()] if ours else beside
    return (
        f"{label}{MASK if hidden.strip() else hidden}{' ' if kept and hidden.strip() else ''}{kept}"
    )


def mask(text: str) -> str:
    """
    The text without e-mail addresses, phone numbers and what stands beside a person's label.

    Works on JSON, HTML and plain text, and leaves tracking numbers, dates and offsets alone.
    """
    return _mask_short(text) if len(text) <= _SHORT else _mask(text)


@lru_cache(maxsize=4096)
def _mask_short(text: str) -> str:
    """
    A portal says the same few sentences about every parcel.
    """
    return _mask(text)


def _mask(text: str) -> str:
    if _LABEL.search(_small(text)):
        text = _JSON_OBJECT.sub(rf'\1"{MASK}"', text)
        text = _JSON_VALUE.sub(rf'\1"{MASK}"', text)
        for beside in (_BESIDE, _CELL, _BY):
            text = beside.sub(_masked, text)
    if "@" in text:
        text = _EMAIL.sub(MASK, text)
    for needs, phone in _PHONES:
        if needs.search(text):
            text = phone.sub(MASK, text)
    return text


def _small(text: str) -> str:
    """
    The text in small letters: whatever a search finds that ignores case, a plain one finds here.

    Plain searches are ten times as fast. The Turkish letters count as an ``i``, as they do there.
    """
    return text.casefold().replace("\u0131", "i").replace("\u0307", "")
