"""
An XML answer as objects and lists, so that it is read like any other data.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from tracker.pages import keys

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_DEPTH = 40
_EVENTS = frozenset({"event", "track", "trace", "route", "scan", "checkpoint", "milestone"})


def from_xml(text: str) -> Any:
    """
    The document as data; ``None`` when it is not whole, or holds what no data needs (entities).
    """
    try:
        root = fromstring(text.encode("utf-8") if "encoding=" not in text[:100] else _bare(text))
    except (DefusedXmlException, SyntaxError, ValueError):
        return None
    return {_name(root): _value(root, 0)}


def _bare(text: str) -> str:
    """
    The text without its declaration: it is decoded already, whatever that says.
    """
    return text.partition("?>")[2].lstrip() if text.startswith("<?xml") else text


def _value(element: Element, depth: int) -> Any:
    children = list(element)
    if depth > _DEPTH:
        return None
    if not children and not element.attrib:
        text = (element.text or "").strip()
        return [] if not text and keys.is_history(_name(element)) else text
    if children and not element.attrib and _is_list(children):
        return [_value(child, depth + 1) for child in children]
    own = {key.rpartition("}")[2]: value for key, value in element.attrib.items()}
    text = (element.text or "").strip()
    return own | ({"text": text} if text else {}) | _fields(children, depth)


def _fields(children: list[Element], depth: int) -> dict[str, Any]:
    """
    The children by name; those of one name together are a list.
    """
    fields: dict[str, Any] = {}
    for child in children:
        name, value = _name(child), _value(child, depth + 1)
        if name not in fields:
            fields[name] = [value] if _is_event(child) else value
        elif (isinstance(fields[name], list) and _is_event(child)) or isinstance(
            fields[name], _Several
        ):
            fields[name].append(value)
        else:
            fields[name] = _Several([fields[name], value])
    return {k: list(v) if isinstance(v, _Several) else v for k, v in fields.items()}


class _Several(list[Any]):
    """
    The values of several children of one name, apart from a value that is a list itself.
    """


def _is_event(element: Element) -> bool:
    """
    True for an object of a name that repeats: one of several, even where it is the only one.
    """
    return keys.folded(_name(element)) in _EVENTS and bool(len(element) or element.attrib)


def _is_list(children: list[Element]) -> bool:
    """
    True where all children are objects of one name: rows, even if there is only one.
    """
    names = {_name(child) for child in children}
    return len(names) == 1 and all(len(child) or child.attrib for child in children)


def _name(element: Element) -> str:
    return str(element.tag).rpartition("}")[2]
