"""
A page's own question for other numbers: recognised wholly, or not at all.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.spiders.endpoint import Question, question_for

if TYPE_CHECKING:
    from collections.abc import Callable

OLD = ("JG-NJS-900000001-5711", "JG-NJS-900000002-5711", "JG-NJS-900000003-5711")
NEW = ("UH900000028KE", "JG-00D-393842527-9589")
URL = "https://portal.example/api/track"
FORM = {"content-type": "application/x-www-form-urlencoded"}
JSON = {"content-type": "application/json"}


def form(pairs: list[tuple[str, str]]) -> Question:
    """
    A form post.
    """
    return Question("POST", URL, FORM, urlencode(pairs))


def posted(data: object) -> Question:
    """
    A JSON post.
    """
    return Question("POST", URL, JSON, json.dumps(data))


MANNERS: dict[str, Callable[[tuple[str, ...]], Question]] = {
    "list": lambda n: posted(list(n)),
    "list in an object": lambda n: posted({"lang": "en", "query": {"nos": list(n)}, "page": 1}),
    "objects": lambda n: posted({"items": [{"no": one, "type": "DS"} for one in n]}),
    "joined in JSON": lambda n: posted({"numbers": ",".join(n)}),
    "lines in JSON": lambda n: posted({"numbers": "\r\n".join(n)}),
    "JSON in a form": lambda n: form([("data", json.dumps({"nos": list(n)})), ("v", "2")]),
    "joined form": lambda n: form([("lang", "en"), ("nos", "\n".join(n))]),
    "trailing mark": lambda n: form([("nos", ";".join(n) + ";")]),
    "repeated": lambda n: form([("a", "1"), *[("no", one) for one in n], ("b", "2")]),
    "repeated brackets": lambda n: form([("no[]", one) for one in n]),
    "counted": lambda n: form(
        [("lang", "en"), *[(f"MailNos[{at}]", one) for at, one in enumerate(n)]]
    ),
    "counted from one": lambda n: form([(f"no{at}", one) for at, one in enumerate(n, 1)]),
    "query": lambda n: Question("GET", f"{URL}?lang=en&nos={quote(','.join(n))}"),
    "query repeated": lambda n: Question("GET", f"{URL}?" + "&".join(f"no={one}" for one in n)),
    "path": lambda n: Question("GET", f"{URL}/{quote(','.join(n))}/events?lang=en"),
    "text": lambda n: Question("POST", URL, {"content-type": "text/plain"}, "\n".join(n)),
    "twice": lambda n: Question("POST", f"{URL}?q={quote(' '.join(n))}", JSON, json.dumps(list(n))),
    "multipart": lambda n: Question(
        "POST",
        URL,
        {"content-type": "multipart/form-data; boundary=x"},
        f'--x\r\nContent-Disposition: form-data; name="nos"\r\n\r\n{",".join(n)}\r\n--x--\r\n',
    ),
}


def meant(question: Question | None) -> object:
    """
    What a server understands of a question, whatever its encoding.
    """
    assert question is not None
    parts = urlsplit(question.url)
    try:
        body: object = json.loads(question.body)
    except ValueError:
        body = [
            (name, json.loads(value) if value.startswith("{") else value)
            for name, value in parse_qsl(question.body, keep_blank_values=True)
        ] or question.body
    return question.method, parts.path, parse_qsl(parts.query), body


@pytest.mark.parametrize("manner", MANNERS.values(), ids=MANNERS)
def test_each_manner_of_asking_is_recognised(
    manner: Callable[[tuple[str, ...]], Question],
) -> None:
    """
    The question for fewer numbers, for as many and for one is the page's own for these.
    """
    for new in (NEW, NEW[:1], (*NEW, OLD[1]), OLD):
        assert meant(question_for(manner(OLD), OLD, new)) == meant(manner(new))


SINGLE: dict[str, Callable[[str], Question]] = {
    "path": lambda n: Question("GET", f"{URL}/{n}"),
    "query": lambda n: Question("GET", f"{URL}?no={n}"),
    "form": lambda n: form([("no", n), ("lang", "en")]),
    "JSON": lambda n: posted({"no": n}),
}


@pytest.mark.parametrize("manner", SINGLE.values(), ids=SINGLE)
def test_one_number_for_another(manner: Callable[[str], Question]) -> None:
    """
    A page that asks for one number is asked for another one.
    """
    assert meant(question_for(manner(OLD[0]), OLD[:1], NEW[:1])) == meant(manner(NEW[0]))


REFUSED = {
    "nowhere": posted({"ticket": 77}),
    "one is missing": posted(list(OLD[:2])),
    "another order": posted(list(reversed(OLD))),
    "two marks": posted({"nos": f"{OLD[0]},{OLD[1]};{OLD[2]}"}),
    "words between": posted({"nos": f"{OLD[0]} and {OLD[1]} and {OLD[2]}"}),
    "as names": posted(dict.fromkeys(OLD, 1)),
    "entries that differ": posted([{"no": number, "at": at} for at, number in enumerate(OLD)]),
    "one elsewhere too": posted({"nos": list(OLD), "first": OLD[0]}),
    "in other letters too": posted({"nos": list(OLD), "key": OLD[2].lower()}),
    "in a header": Question("POST", URL, JSON | {"x-for": OLD[1]}, json.dumps(list(OLD))),
    "names that do not count": form([("a", OLD[0]), ("b", OLD[1]), ("c", OLD[2])]),
    "count that leaps": form([("n1", OLD[0]), ("n3", OLD[1]), ("n4", OLD[2])]),
    "XML": Question("POST", URL, {}, "".join(f"<no>{number}</no>" for number in OLD)),
}


@pytest.mark.parametrize("question", REFUSED.values(), ids=REFUSED)
def test_what_is_not_wholly_understood_is_not_asked(question: Question) -> None:
    """
    A number in any other place, order or form makes the question the page's alone.
    """
    assert question_for(question, OLD, NEW) is None


def test_never_more_numbers_than_were_seen() -> None:
    """
    A page that was seen to ask for two numbers is not asked for three, and never for none.
    """
    question = posted(list(NEW))
    assert question_for(question, NEW, OLD) is None
    assert question_for(question, NEW, ()) is None


def test_the_browsers_own_headers_stay_with_it() -> None:
    """
    Cookies and what the sender writes anew are left out; the page's own headers are kept.
    """
    headers = {
        ":authority": "portal.example",
        "cookie": "session=1",
        "content-length": "99",
        "host": "portal.example",
        "referer": f"https://portal.example/?no={OLD[0]}",
        "x-csrf-token": "t0k",
        **JSON,
    }
    asked = question_for(Question("POST", URL, headers, json.dumps(list(OLD))), OLD, NEW)
    assert asked is not None
    assert dict(asked.headers) == {"x-csrf-token": "t0k", **JSON}


def test_a_number_within_a_number_is_told_apart() -> None:
    """
    A number that is the beginning of another one does not confuse the places.
    """
    old, new = ("UH12", "UH1"), ("XX1", "XX12")
    assert meant(question_for(posted({"n": "UH12,UH1"}), old, new)) == meant(
        posted({"n": "XX1,XX12"})
    )


NUMBERS = st.lists(
    st.from_regex(r"[A-Z]{2,4}(-[A-Z0-9]{2,4})?-[0-9]{6,9}-[0-9]{3,4}|[A-Z]{2}[0-9]{9}[A-Z]{2}",
                  fullmatch=True),
    min_size=1, max_size=6, unique=True,
)  # fmt: skip


@given(
    old=NUMBERS,
    new=NUMBERS,
    manner=st.sampled_from([*MANNERS.values()]),
    noise=st.text(max_size=20),
)
def test_no_old_number_is_ever_asked_again(
    old: list[str], new: list[str], manner: Callable[[tuple[str, ...]], Question], noise: str
) -> None:
    """
    Whatever the question, it is the page's own for exactly the new numbers, or none.
    """
    seen = manner(tuple(old))
    asked = question_for(seen, old, new)
    if len(new) > len(old):
        assert asked is None
    elif asked is not None:
        assert meant(asked) == meant(manner(tuple(new)))
    spoilt = Question(seen.method, seen.url, seen.headers, noise + seen.body + noise)
    other = question_for(spoilt, old, new)  # whatever it is, it never raises
    if other is not None and not set(old) & set(new):
        assert not any(number in other.body for number in old)
