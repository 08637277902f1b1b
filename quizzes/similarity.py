"""How alike two questions read. Pure: words in, a number from 0 to 1 out.

Texts are compared by their shingles: single words and pairs of neighbours, without case, accents, punctuation and plural s. Likeness
is what they share of all they have (Jaccard), so it is the same both ways. It finds questions put in nearly the same words; it knows
nothing of what they mean.
"""

import itertools
import re
import unicodedata
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from typing import TypeVar

NEAR = 0.3  # from here on somebody should look
WORD = re.compile(r"\w+")

Name = TypeVar("Name", bound=Hashable)


def words(text: str) -> list[str]:
    """The words of a text as they are compared."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return [
        word[:-1] if len(word) > 3 and word.endswith("s") else word for word in WORD.findall(bare)
    ]


def shingles(text: str) -> frozenset[str]:
    found = words(text)
    return frozenset([*found, *map(" ".join, itertools.pairwise(found))])


def likeness(one: str, other: str) -> float:
    """From 0, no word in common, to 1, the same words in the same order. Two empty texts have nothing in common."""
    return _shared(shingles(one), shingles(other))


def _shared(one: frozenset[str], other: frozenset[str]) -> float:
    every = len(one | other)
    return len(one & other) / every if every else 0.0


@dataclass(frozen=True)
class Question:
    """What a question asks and, in one text, what it offers to answer with."""

    asks: str
    offers: str = ""


FEW = 6  # words offered, from which on they are compared: “yes” and “no” are offered by many


def nearest(
    question: Question,
    others: Iterable[tuple[Name, Question]],
    *,
    least: float = NEAR,
    limit: int = 5,
) -> list[tuple[Name, float]]:
    """The names of the questions most like this one, the nearest first: by what they ask, or by that and what they offer, in equal parts."""
    asks, offers = shingles(question.asks), _offered(question)
    found = []
    for name, other in others:
        share = _shared(asks, shingles(other.asks))
        if offers and (theirs := _offered(other)):
            share = max(share, (share + _shared(offers, theirs)) / 2)
        found.append((name, share))
    return sorted((row for row in found if row[1] >= least), key=lambda row: -row[1])[:limit]


def _offered(question: Question) -> frozenset[str]:
    enough = len(WORD.findall(question.offers)) >= FEW
    return shingles(question.offers) if enough else frozenset()
