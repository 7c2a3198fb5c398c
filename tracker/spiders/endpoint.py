"""
A page's own question for numbers, as a pattern: the same question for other numbers.

Pure. The numbers are recognised where they stand (a JSON list, a list of objects, a joined text,
repeated or counted fields, a part of the address), and everything else stays as it was. What is
not wholly understood gives ``None``: then the page is asked as a person asks it.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote, unquote_plus, urlsplit, urlunsplit

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

#: Written anew by whoever sends the question; the cookies come from the browser's own jar.
_NOT_OURS = frozenset(
    {"cookie", "content-length", "host", "connection", "accept-encoding", "referer"}
)
_MARK = r"[^A-Za-z0-9]"  # what stands between numbers; numbers themselves may hold dashes
_COUNTED = re.compile(r"(.*?)(\d+)(\D*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Question:
    """
    One HTTP request as a page sent it: header names in lower case, the body as text.
    """

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str = ""


def question_for(seen: Question, old: Sequence[str], new: Sequence[str]) -> Question | None:
    """
    What the page would send for the new numbers; ``None`` when that cannot be told for sure.

    Never for more numbers than the page was seen to ask for.
    """
    if not new or not old or len(new) > len(old):
        return None
    numbers = _Numbers(tuple(old), tuple(new))
    asked = replace(
        seen,
        url=_in_url(seen.url, numbers),
        body=_in_body(seen.body, seen.headers.get("content-type", ""), numbers),
        headers={n: v for n, v in seen.headers.items() if n not in _NOT_OURS and n[:1] != ":"},
    )
    return asked if _is_whole(asked, numbers) else None


@dataclass(frozen=True, slots=True)
class _Numbers:
    old: tuple[str, ...]
    new: tuple[str, ...]

    def in_text(self, text: str) -> str:
        """
        The text with the new numbers, when it is made of the old ones, joined in one way.
        """
        joint = f"(?P<joint>{_MARK}+)"
        first, *rest = (re.escape(number) for number in self.old)
        others = "".join(f"{joint if at == 0 else '(?P=joint)'}{n}" for at, n in enumerate(rest))
        found = re.fullmatch(
            f"(?P<head>{_MARK}*){first}{others}(?P<tail>{_MARK}*)", text, re.DOTALL
        )
        if found is None:
            return text
        between = found["joint"] if rest else ""
        return found["head"] + between.join(self.new) + found["tail"]


def _is_whole(asked: Question, numbers: _Numbers) -> bool:
    """
    True when each new number stands in the question and no other old one does, headers included.
    """
    told = unquote_plus(asked.url) + unquote_plus(asked.body)
    gone = [number for number in numbers.old if number not in numbers.new]
    rest = told
    for number in sorted(numbers.new, key=len, reverse=True):
        if number not in told:
            return False
        rest = rest.replace(number, " ")
    everything = "\n".join([rest, *asked.headers.values()]).upper()
    return not any(number.upper() in everything for number in gone)


def _in_url(url: str, numbers: _Numbers) -> str:
    parts = urlsplit(url)
    steps = [_in_quoted(step, unquote, numbers) for step in parts.path.split("/")]
    return urlunsplit(parts._replace(path="/".join(steps), query=_in_pairs(parts.query, numbers)))


def _in_quoted(raw: str, decode: Callable[[str], str], numbers: _Numbers) -> str:
    """
    A percent-encoded text with the new numbers; as it was when there is nothing to change.
    """
    text = decode(raw)
    changed = _in_value(text, numbers)
    return raw if changed == text else quote(changed, safe="")


def _in_value(text: str, numbers: _Numbers) -> str:
    """
    A field's value: JSON in a text, or numbers joined.
    """
    data = _json_of(text)
    if data is None:
        return numbers.in_text(text)
    changed = _in_json(data, numbers)
    return text if changed == data else _dumped(changed, like=text)


def _in_body(body: str, content_type: str, numbers: _Numbers) -> str:
    if _json_of(body) is not None:
        return _in_value(body, numbers)
    if "multipart/" in content_type:
        return "\r\n".join(numbers.in_text(line) for line in body.split("\r\n"))
    if "=" in body:
        return _in_pairs(body, numbers)
    return numbers.in_text(body)


def _json_of(text: str) -> Any:
    """
    The list or object that a text is; ``None`` for any other text.
    """
    if not text.lstrip().startswith(("{", "[")):
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _dumped(data: Any, *, like: str) -> str:
    """
    JSON in the manner of another JSON text: with blanks after its marks or without.
    """
    spaced = bool(re.search(r'[,:] ["\[{\d]', like))
    marks = (", ", ": ") if spaced else (",", ":")
    return json.dumps(data, ensure_ascii=False, separators=marks)


def _in_json(data: Any, numbers: _Numbers) -> Any:
    if isinstance(data, dict):
        return {key: _in_json(value, numbers) for key, value in data.items()}
    if isinstance(data, str):
        return _in_value(data, numbers)
    if isinstance(data, list):
        return _in_list(data, numbers)
    return data


def _in_list(data: list[Any], numbers: _Numbers) -> list[Any]:
    if data == list(numbers.old):
        return list(numbers.new)
    one_each = len(data) == len(numbers.old) and all(isinstance(entry, dict) for entry in data)
    if one_each:
        # Each entry must be the first one but for its number: else there is more to know.
        made = [_entry(data[0], numbers.old[0], number) for number in numbers.old]
        if made == data and made[0] is not None:
            return [_entry(data[0], numbers.old[0], number) for number in numbers.new]
    return [_in_json(entry, numbers) for entry in data]


def _entry(seen: dict[str, Any], old: str, new: str) -> dict[str, Any]:
    """
    An object that carries one number, with another number.
    """
    return {key: new if value == old else value for key, value in seen.items()}


def _in_pairs(raw: str, numbers: _Numbers) -> str:
    """
    ``name=value&...`` with the new numbers: a joined value, a repeated or a counted name.
    """
    pairs = [piece.partition("=") for piece in raw.split("&")]
    values = [unquote_plus(value) for _, _, value in pairs]
    count = len(numbers.old)
    for at in range(len(pairs) - count + 1):
        if count > 1 and tuple(values[at : at + count]) == numbers.old:
            names = _names([name for name, _, _ in pairs[at : at + count]], len(numbers.new))
            if names is None:
                return raw
            made = [f"{n}={quote(v, safe='')}" for n, v in zip(names, numbers.new, strict=True)]
            before, after = raw.split("&")[:at], raw.split("&")[at + count :]
            return "&".join([*before, *made, *after])
    return "&".join(
        f"{name}{mark}{_in_quoted(value, unquote_plus, numbers)}" for name, mark, value in pairs
    )


def _names(seen: Sequence[str], count: int) -> list[str] | None:
    """
    The first ``count`` field names of a run: one name repeated, or one that counts.
    """
    if len(set(seen)) == 1:
        return [seen[0]] * count
    decoded = [unquote(name) for name in seen]
    first = _COUNTED.fullmatch(decoded[0])
    if first is None:
        return None
    start = int(first[2])
    expected = [f"{first[1]}{start + at}{first[3]}" for at in range(len(seen))]
    return list(seen[:count]) if expected == decoded else None
