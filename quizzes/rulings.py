"""What a question counts after a ruling on it. Pure: values in, values out.

void      it counts for nobody: neither its points nor what they are out of
credit    everybody who met it has all its points
rescore   other answers count as well: each attempt has what the key that suits it best gives it, so nobody loses by it; the questions
          of a case and the stems of an extended matching stand each for itself, and so have a best key each
stands    as it was marked
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from quizzes import scoring
from quizzes.geometry import contains


@dataclass(frozen=True)
class Ruling:
    """The ruling in force on a version of a question; `also` are answers that count as right."""

    kind: str
    also: tuple[Mapping[str, Any], ...] = ()


def counted(
    content: scoring.Content,
    answer: scoring.Answer | None,
    points: Decimal | None,
    ruling: Ruling | None,
) -> tuple[Decimal, Decimal] | None:
    """Points earned and possible of one answer that was marked with `points` (None: nobody has marked it yet); None where it does not count."""
    possible = Decimal(scoring.worth(content))
    earned = points or Decimal(0)
    kind = ruling.kind if ruling else "stands"
    if kind == "void":
        return None
    if kind == "credit":
        return possible, possible
    if kind == "rescore" and ruling:
        keys = (with_key(content, right) for right in _keys_for(content, answer, ruling.also))
        earned = max([earned, *(scoring.earned(key, answer) or Decimal(0) for key in keys)])
    return earned, possible


# What is asked entry by entry, none touching another: the field of their answers.
EACH_FOR_ITSELF = {"case": "parts", "extended": "pairs"}
ENTRIES = {**EACH_FOR_ITSELF, "match": "pairs", "label": "pairs"}


def _keys_for(
    content: scoring.Content, answer: scoring.Answer | None, also: Sequence[scoring.Answer]
) -> Sequence[scoring.Answer]:
    """The other keys as this answer meets them: as they are, or made of what is right for each entry on its own."""
    field = EACH_FOR_ITSELF.get(content["type"])
    if field is None or not answer:
        return also
    given, key = answer[field], content["key"][field]
    best = {
        entry: given[entry]
        if entry in given and any(other[field].get(entry) == given[entry] for other in also)
        else right
        for entry, right in key.items()
    }
    return [{field: best}]


def needs_a_marker(points: Decimal | None, ruling: Ruling | None) -> bool:
    """Whether an answer without points still waits for somebody to mark it: not where a ruling has decided what it counts."""
    return points is None and (ruling is None or ruling.kind not in ("void", "credit"))


def with_key(content: scoring.Content, right: scoring.Answer) -> dict[str, Any]:
    """The question as if `right` were its key."""
    scoring_rules = dict(content["scoring"])
    if content["type"] == "text":
        scoring_rules["accept"] = [right["text"]]
    if content["type"] == "hotspot":
        scoring_rules["regions"] = [
            {**region, "correct": contains(region["outline"], right["x"], right["y"])}
            for region in scoring_rules["regions"]
        ]
    return {**content, "key": dict(right), "scoring": scoring_rules}


def faults_of(content: scoring.Content, kind: str, also: Iterable[Any]) -> list[str]:
    """What is wrong with a ruling on this question, as sentences."""
    answers = list(also)
    if kind != "rescore":
        return ["Only with “these answers count as well” are answers named."] if answers else []
    if scoring.is_marked_by_hand(content):
        return ["An essay has no key: mark it, or let it count for nobody or for everybody."]
    if not answers:
        return ["Name the answers that count as well."]
    for answer in answers:
        problems = scoring.check_answer(content, answer)
        if problems or not scoring.is_answered(answer):
            return problems or ["An empty answer cannot be right."]
        if not _is_whole(content, answer):
            return ["Say for every entry what is right; those that stay as they are included."]
        if scoring.earned(content, answer) == scoring.worth(content):
            return ["One of these answers counts already."]
        if scoring.earned(with_key(content, answer), answer) != scoring.worth(content):
            return ["One of these answers lies on no region of the figure."]
    return []


def _is_whole(content: scoring.Content, answer: scoring.Answer) -> bool:
    """Whether an answer says of every entry what is right: a key that is silent on one would give its points to all."""
    field = ENTRIES.get(content["type"])
    return field is None or set(answer[field]) == set(content["key"][field])
