"""What an answer must look like, what it is worth, and what a result says. Pure: values in, values out.

`content` is that of an item version (see README.md); an answer is one of

    choice {"choice": id} · multiple {"choices": [id, …]} · order {"order": [id, …]} · match {"pairs": {left id: right id}}
    true/false {"choice": "true" | "false"} · numeric {"value": 7.5} · text {"text": "…"} · None: not answered

Choices, numbers and words are worth everything or nothing. An order is worth the share of its neighbouring pairs that stand in the
right order, a matching the share of its pairs that are right: each counts what was known, and neither can be had by doing nothing.
"""

import math
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from itertools import pairwise
from typing import Any

TEXT_MAX = 500
VALUE_MAX = 10**15
NEAR = Decimal(10)  # percentage points below the pass mark that still count as near it
_THOUSANDTH = Decimal("0.001")

Content = Mapping[str, Any]
Answer = Mapping[str, Any]


# Shape


def check_answer(content: Content, answer: Any) -> list[str]:
    """What is wrong with the shape of `answer` to this item, as sentences; empty when it may be stored."""
    if answer is None:
        return []
    field, check = _SHAPES[content["type"]]
    if not isinstance(answer, dict):
        return [f"Send an object with “{field}”, or null to take the answer back."]
    if set(answer) != {field}:
        return [f"Send “{field}” and nothing else."]
    return check(content, answer[field])


def _ids(options: Iterable[Mapping[str, str]]) -> set[str]:
    return {option["id"] for option in options}


def _check_choice(content: Content, value: Any) -> list[str]:
    if not isinstance(value, str):
        return ["“choice” is the id of one option."]
    return [] if value in _ids(content["options"]) else ["There is no such option."]


def _check_ids(name: str, content: Content, value: Any) -> list[str]:
    """A list of different option ids."""
    if not isinstance(value, list) or not all(isinstance(entry, str) for entry in value):
        return [f"“{name}” is a list of option ids."]
    if len(set(value)) != len(value):
        return [f"“{name}” names an option twice."]
    return [] if _ids(content["options"]).issuperset(value) else ["There is no such option."]


def _check_choices(content: Content, value: Any) -> list[str]:
    return _check_ids("choices", content, value)


def _check_order(content: Content, value: Any) -> list[str]:
    problems = _check_ids("order", content, value)
    if not problems and len(value) != len(content["options"]):
        return ["“order” names every step once."]
    return problems


def _check_pairs(content: Content, value: Any) -> list[str]:
    if not isinstance(value, dict) or not all(isinstance(entry, str) for entry in value.values()):
        return ["“pairs” gives an option id its target's id."]
    if not _ids(content["options"]).issuperset(value):
        return ["There is no such option."]
    if len(set(value.values())) != len(value):
        return ["“pairs” uses a target twice."]
    return (
        [] if _ids(content["targets"]).issuperset(value.values()) else ["There is no such target."]
    )


def _check_value(content: Content, value: Any) -> list[str]:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return ["“value” is a number."]
    if isinstance(value, float) and not math.isfinite(value):
        return ["“value” is a finite number."]
    return [] if abs(value) <= VALUE_MAX else ["“value” is too large."]


def _check_text(content: Content, value: Any) -> list[str]:
    if not isinstance(value, str):
        return ["“text” is a text."]
    if len(value) > TEXT_MAX:
        return [f"“text” has at most {TEXT_MAX} characters."]
    # Neither a NUL nor half of a surrogate pair can be stored by PostgreSQL.
    if any(char == "\0" or "\ud800" <= char <= "\udfff" for char in value):
        return ["“text” contains a character that cannot be stored."]
    return []


_SHAPES: dict[str, tuple[str, Callable[[Content, Any], list[str]]]] = {
    "single": ("choice", _check_choice),
    "truefalse": ("choice", _check_choice),
    "multiple": ("choices", _check_choices),
    "order": ("order", _check_order),
    "match": ("pairs", _check_pairs),
    "numeric": ("value", _check_value),
    "text": ("text", _check_text),
}


def is_answered(answer: Answer | None) -> bool:
    """Whether an answer says anything: an empty choice, text or set of pairs does not."""
    if not answer:
        return False
    (value,) = answer.values()
    return (
        bool(value.strip())
        if isinstance(value, str)
        else value is not None and value not in ([], {})
    )


# Worth


def score(content: Content, answer: Answer | None) -> Decimal:
    """How much of the item's one point an answer of the right shape is worth: 0 to 1, to the thousandth."""
    if answer is None or not is_answered(answer):
        return Decimal(0)
    right, of = _SCORES[content["type"]](content, answer)
    return (Decimal(right) / Decimal(of)).quantize(_THOUSANDTH)


def _score_choice(content: Content, answer: Answer) -> tuple[int, int]:
    return int(answer["choice"] == content["key"]["choice"]), 1


def _score_choices(content: Content, answer: Answer) -> tuple[int, int]:
    return int(set(answer["choices"]) == set(content["key"]["choices"])), 1


def _score_order(content: Content, answer: Answer) -> tuple[int, int]:
    key, given = content["key"]["order"], answer["order"]
    neighbours = set(pairwise(key))
    right = sum(pair in neighbours for pair in pairwise(given))
    return right, len(key) - 1


def _score_pairs(content: Content, answer: Answer) -> tuple[int, int]:
    key = content["key"]["pairs"]
    return sum(answer["pairs"].get(left) == right for left, right in key.items()), len(key)


def _score_value(content: Content, answer: Answer) -> tuple[int, int]:
    # By way of str: 0.1 + 0.2 as people write it, not as the machine stores it.
    given, key = Decimal(str(answer["value"])), Decimal(str(content["key"]["value"]))
    return int(abs(given - key) <= Decimal(str(content["scoring"]["tolerance"]))), 1


def _score_text(content: Content, answer: Answer) -> tuple[int, int]:
    return int(fold(answer["text"]) in {fold(text) for text in content["scoring"]["accept"]}), 1


_SCORES: dict[str, Callable[[Content, Answer], tuple[int, int]]] = {
    "single": _score_choice,
    "truefalse": _score_choice,
    "multiple": _score_choices,
    "order": _score_order,
    "match": _score_pairs,
    "numeric": _score_value,
    "text": _score_text,
}


def fold(text: str) -> str:
    """A text as it is compared: no case, no accents, single blanks."""
    letters = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    return " ".join("".join(char for char in letters if not unicodedata.combining(char)).split())


# Result


class Band(StrEnum):
    """A domain against the pass mark, the weakest first."""

    BELOW = "below"
    NEAR = "near"
    GOOD = "good"


@dataclass(frozen=True)
class Mark:
    """What one question gave: its domain, the points earned, the points there were."""

    domain: str
    points: Decimal
    out_of: Decimal = Decimal(1)


@dataclass(frozen=True)
class DomainBand:
    """A domain, how many questions it had, and where they stand."""

    domain: str
    items: int
    band: Band


def passes(points: Decimal, out_of: Decimal, pass_percent: Decimal) -> bool:
    """Whether the points reach the pass mark, exactly; a mark of 68 % of 100 is passed with 68."""
    return points * 100 >= pass_percent * out_of


def bands(marks: Iterable[Mark], pass_percent: Decimal) -> list[DomainBand]:
    """Each domain against the pass mark, the weakest first: at or above it, within ten percentage points below it, or further below."""
    by_domain: dict[str, list[Mark]] = {}
    for mark in marks:
        by_domain.setdefault(mark.domain, []).append(mark)
    shares = {
        domain: sum((mark.points for mark in rows), Decimal(0))
        * 100
        / sum(mark.out_of for mark in rows)
        for domain, rows in by_domain.items()
    }
    weakest_first = sorted(shares, key=lambda domain: (shares[domain], domain))
    return [
        DomainBand(domain, len(by_domain[domain]), _band(shares[domain], pass_percent))
        for domain in weakest_first
    ]


def _band(share: Decimal, pass_percent: Decimal) -> Band:
    if share >= pass_percent:
        return Band.GOOD
    return Band.NEAR if share >= pass_percent - NEAR else Band.BELOW
