"""What an answer must look like, what it is worth, and what a result says. Pure: values in, values out.

`content` is that of an item version (see README.md); an answer is one of

    choice {"choice": id} · multiple {"choices": [id, …]} · order {"order": [id, …]} · match {"pairs": {left id: right id}}
    true/false {"choice": "true" | "false"} · numeric {"value": 7.5} · text {"text": "…"} · hotspot {"x": 0.42, "y": 0.17}
    label {"pairs": {pin id: label id}} · extended {"pairs": {stem id: option id}} · case {"parts": {part id: option id}}
    essay {"text": "…"} · None: not answered

Choices, numbers, words and hotspots are worth everything or nothing. An order is worth the share of its neighbouring pairs that stand in
the right order; a matching, a diagram, an extended matching and a case set the share of their entries that are right: each counts what
was known, and none can be had by doing nothing. An essay is marked by people; of it nothing is known here.
"""

import math
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from itertools import pairwise
from typing import Any

from quizzes.geometry import contains, is_fraction

TEXT_MAX = 500
ESSAY_MAX = 20_000
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
    fields, check = _SHAPES[content["type"]]
    named = " and ".join(f"“{field}”" for field in fields)
    if not isinstance(answer, dict):
        return [f"Send an object with {named}, or null to take the answer back."]
    if set(answer) != set(fields):
        return [f"Send {named} and nothing else."]
    return check(content, *(answer[field] for field in fields))


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


def _check_map(name: str, value: Any, options: Iterable[Mapping[str, Any]]) -> list[str]:
    """A mapping of ids of `options` to ids."""
    if not isinstance(value, dict) or not all(isinstance(entry, str) for entry in value.values()):
        return [f"“{name}” gives an id the id that belongs to it."]
    return [] if _ids(options).issuperset(value) else ["There is no such option."]


def _check_targets(content: Content, value: Any) -> list[str]:
    """Pairs in which a target may stand more than once."""
    problems = _check_map("pairs", value, content["options"])
    if not problems and not _ids(content["targets"]).issuperset(value.values()):
        return ["There is no such target."]
    return problems


def _check_pairs(content: Content, value: Any) -> list[str]:
    problems = _check_targets(content, value)
    if not problems and len(set(value.values())) != len(value):
        return ["“pairs” uses a target twice."]
    return problems


def _check_parts(content: Content, value: Any) -> list[str]:
    problems = _check_map("parts", value, content["parts"])
    parts = {part["id"]: part for part in content["parts"]}
    if not problems and any(
        choice not in _ids(parts[part]["options"]) for part, choice in value.items()
    ):
        return ["There is no such option."]
    return problems


def _check_point(content: Content, x: Any, y: Any) -> list[str]:
    if is_fraction(x) and is_fraction(y):
        return []
    return ["“x” and “y” are numbers from 0 to 1: the shares of the picture's width and height."]


def _check_value(content: Content, value: Any) -> list[str]:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return ["“value” is a number."]
    if isinstance(value, float) and not math.isfinite(value):
        return ["“value” is a finite number."]
    return [] if abs(value) <= VALUE_MAX else ["“value” is too large."]


def _check_text(content: Content, value: Any) -> list[str]:
    longest = ESSAY_MAX if content["type"] == "essay" else TEXT_MAX
    if not isinstance(value, str):
        return ["“text” is a text."]
    if len(value) > longest:
        return [f"“text” has at most {longest} characters."]
    # Neither a NUL nor half of a surrogate pair can be stored by PostgreSQL.
    if any(char == "\0" or "\ud800" <= char <= "\udfff" for char in value):
        return ["“text” contains a character that cannot be stored."]
    return []


_SHAPES: dict[str, tuple[tuple[str, ...], Callable[..., list[str]]]] = {
    "single": (("choice",), _check_choice),
    "truefalse": (("choice",), _check_choice),
    "multiple": (("choices",), _check_choices),
    "order": (("order",), _check_order),
    "match": (("pairs",), _check_pairs),
    "numeric": (("value",), _check_value),
    "text": (("text",), _check_text),
    "hotspot": (("x", "y"), _check_point),
    "label": (("pairs",), _check_pairs),
    "extended": (("pairs",), _check_targets),
    "case": (("parts",), _check_parts),
    "essay": (("text",), _check_text),
}


def is_answered(answer: Answer | None) -> bool:
    """Whether an answer says anything: an empty choice, text or set of pairs does not."""
    return bool(answer) and any(map(_says, answer.values()))  # type: ignore[union-attr]


def _says(value: Any) -> bool:
    if isinstance(value, str):
        return bool(value.strip())
    return value is not None and value not in ([], {})


# Worth


def is_marked_by_hand(content: Content) -> bool:
    """Whether only people can say what an answer to this item is worth."""
    return content["type"] == "essay"


def worth(content: Content) -> int:
    """The points of an item; versions from before items had points are worth one."""
    return content.get("points", 1)


def score(content: Content, answer: Answer | None) -> Decimal | None:
    """How much of the item's worth an answer of the right shape earns: 0 to 1, to the thousandth; None while a person has to say so."""
    share = _share(content, answer)
    return share if share is None else _thousandths(share)


def earned(content: Content, answer: Answer | None) -> Decimal | None:
    """The points an answer earns: its share of what the item is worth. None while a person has to say so."""
    share = _share(content, answer)
    return share if share is None else _thousandths(share * worth(content))


def _share(content: Content, answer: Answer | None) -> Fraction | None:
    if answer is None or not is_answered(answer):
        return Fraction(0)
    if is_marked_by_hand(content):
        return None
    return Fraction(*_SCORES[content["type"]](content, answer))


def _thousandths(share: Fraction) -> Decimal:
    return (Decimal(share.numerator) / Decimal(share.denominator)).quantize(_THOUSANDTH)


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


def _score_parts(content: Content, answer: Answer) -> tuple[int, int]:
    key = content["key"]["parts"]
    return sum(answer["parts"].get(part) == right for part, right in key.items()), len(key)


def _score_point(content: Content, answer: Answer) -> tuple[int, int]:
    right = (region for region in content["scoring"]["regions"] if region["correct"])
    return int(any(contains(region["outline"], answer["x"], answer["y"]) for region in right)), 1


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
    "hotspot": _score_point,
    "label": _score_pairs,
    "extended": _score_pairs,
    "case": _score_parts,
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
