"""
The field for tracking numbers and the button beside it, in a saved page, as CSS selectors.

The live page is searched by ``spiders/scripts/find.js`` with what the browser has drawn; a saved
page has no drawing, so that words and the form around them have to do.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from parsel import Selector

from tracker.pages.capture import HIDDEN_ATTRIBUTE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    Element = Any  # lxml ships no types

_WANTED = re.compile(
    r"track|consign|parcel|shipment|waybill|\bawb\b|mail ?nos?\b|barcode|order|reference"
    r"|单号|運單|运单|跟踪|追踪|追蹤|查询|查詢|快递|邮件|包裹|物流|條碼|条码",
    re.IGNORECASE,
)
_STRANGE = re.compile(
    r"e-?mail address|your e-?mail|email|password|passwd|captcha|验证码|phone|mobile|user ?name"
    r"|login|coupon|newsletter|subscri|密码|手机|用户名|邮箱",
    re.IGNORECASE,
)
_GO = re.compile(
    r"^(go|ok)$|track|search|query|submit|find|look ?up|trace|check"
    r"|查询|查詢|搜索|搜尋|追踪|追蹤|跟踪|提交|查找|查 ?件",
    re.IGNORECASE,
)
_NOT_GO = re.compile(
    r"clear|reset|cancel|log ?in|sign ?in|sign ?up|register|subscri|export|print|download"
    r"|language|menu|close|back|scan|清空|清除|重置|取消|登录|登錄|注册|导出|打印|下载|关闭|返回|扫",
    re.IGNORECASE,
)
_HIDING = re.compile(r"display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)", re.IGNORECASE)
_TYPED = frozenset({"", "text", "search", "tel", "number"})
_CLICKED = frozenset({"submit", "button", "image"})
_NAME = re.compile(r"[A-Za-z][\w-]{0,60}")
_MADE_UP = re.compile(r"\d{4,}|[0-9a-f]{8,}", re.IGNORECASE)  # by a script, anew at each load
_NEAR = 200  # characters of a box that still says what the field in it is for


@dataclass(frozen=True, slots=True)
class Controls:
    """
    CSS selectors that hit one element of the page each; ``button`` may be unknown.
    """

    field: str
    button: str | None


def find_controls(html: str) -> Controls | None:
    """
    The most likely field and button of a page; ``None`` where no field can be named.
    """
    page = Selector(text=html or "<html></html>", type="html")
    elements = [one for one in page.root.iter() if isinstance(one.tag, str) and _is_usable(one)]
    rated = [(_rate_field(one, page.root), one) for one in elements if _is_field(one)]
    points, field = max(rated, key=lambda pair: pair[0], default=(-1, None))
    if field is None or points < 1:
        return None
    name = _selector(page, field)
    if name is None:
        return None
    button = _button(elements, field)
    return Controls(name, None if button is None else _selector(page, button))


def _is_usable(element: Element) -> bool:
    if element.get("disabled") is not None or element.get("readonly") is not None:
        return False
    return not any(_is_hidden(one) for one in (element, *element.iterancestors()))


def _is_hidden(element: Element) -> bool:
    return (
        element.get(HIDDEN_ATTRIBUTE) is not None
        or element.get("hidden") is not None
        or bool(_HIDING.search(element.get("style") or ""))
    )


def _is_field(element: Element) -> bool:
    if element.tag == "input":
        return (element.get("type") or "").lower() in _TYPED
    editable = element.get("contenteditable") in {"", "true"}
    return element.tag == "textarea" or editable or element.get("role") in {"textbox", "searchbox"}


def _rate_field(element: Element, root: Element) -> int:
    words = " ".join(_describing(element, root))
    spaced = re.sub(r"([a-z])([A-Z])", r"\1 \2", words)
    points = 10 * bool(_WANTED.search(spaced)) - 20 * bool(_STRANGE.search(spaced))
    points += 3 * bool(_WANTED.search(_near(element)))
    return points + 4 * bool(element.tag == "textarea") + bool(element.get("type") == "search")


def _describing(element: Element, root: Element) -> Iterator[str]:
    for name in ("aria-label", "placeholder", "title", "name", "id"):
        yield element.get(name) or ""
    named = element.get("id")
    if named:
        yield from (_said(one) for one in root.iter("label") if one.get("for") == named)
    yield from (_said(one) for one in element.iterancestors("label"))


def _near(element: Element) -> str:
    boxes = element.iterancestors("label", "fieldset", "form", "td", "p", "div")
    text = _said(next(boxes, element))
    return text if len(text) < _NEAR else ""


def _said(element: Element) -> str:
    return " ".join("".join(element.itertext()).split())


def _button(elements: Iterable[Element], field: Element) -> Element | None:
    form = next(field.iterancestors("form"), None)
    rated = [(_rate_button(one, form), one) for one in elements if _is_button(one)]
    points, button = max(rated, key=lambda pair: pair[0], default=(0, None))
    return button if points > 4 else None  # noqa: PLR2004 - the same bar as find.js


def _is_button(element: Element) -> bool:
    if element.tag == "input":
        return (element.get("type") or "").lower() in _CLICKED
    return element.tag in {"button", "a"} or element.get("role") == "button"


def _rate_button(element: Element, form: Element | None) -> int:
    told = (element.get(name) for name in ("value", "aria-label", "title", "alt", "name", "id"))
    words = [word.strip() for word in (_said(element)[:120], *told) if word]
    points = 10 * any(map(_GO.search, words)) - 15 * any(map(_NOT_GO.search, words))
    if form is not None and form in element.iterancestors():
        kind = element.get("type") or ("submit" if element.tag == "button" else "")
        points += 6 + 5 * (kind in {"submit", "image"})
    if element.tag == "a":
        points -= 12 if re.match(r"https?:|/", element.get("href") or "") else 3
    return points


def _selector(page: Selector, element: Element) -> str | None:
    """
    A selector that hits this element and no other.
    """
    return next((one for one in _candidates(element) if _hits_one(page, one, element)), None)


def _candidates(element: Element) -> Iterator[str]:
    tag = element.tag
    own = [f"#{name}" for name in _names(element.get("id"))]
    yield from own
    for name in ("name", "placeholder", "aria-label", "title", "value", "type"):
        value = element.get(name)
        if value and not re.search(r"[\"\\\n\r]", value):
            yield f'{tag}[{name}="{value}"]'
    yield from (f"{tag}.{name}" for name in _names(*(element.get("class") or "").split()))
    for around in element.iterancestors():
        for name in _names(around.get("id")):
            yield f"#{name} {tag}"
        for name in _names(*(around.get("class") or "").split()):
            yield f"{around.tag}.{name} {tag}"
    yield f"form {tag}"
    yield tag


def _names(*names: str | None) -> Iterator[str]:
    """
    Those that a person gave: a name that a script makes up is another one tomorrow.
    """
    yield from (one for one in names if one and _NAME.fullmatch(one) and not _MADE_UP.search(one))


def _hits_one(page: Selector, selector: str, element: Element) -> bool:
    if not re.fullmatch(r"[A-Za-z][\w-]*", element.tag):
        return False
    found = page.css(selector)
    return len(found) == 1 and found[0].root is element
