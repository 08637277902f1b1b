"""Examination results in numbers, where an app above reports them on a scale: given by name of the source, as accounts are.

`register_scores("quiz", scores)`: `scores` takes references and returns a `Score` for each that has one, in a fixed number of queries.
Nobody is told these but the holder, and whoever gets a document in which the holder asked for them (docs/decisions/0013).
"""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from credentials.models import Credential, Evidence, Requirement


@dataclass(frozen=True)
class Score:
    """A place on a scale from 0 to `top`, on which `cut` is the pass mark."""

    value: int
    cut: int
    top: int


Scores = Callable[[set[UUID]], dict[UUID, Score]]
_SOURCES: dict[str, Scores] = {}


def register_scores(name: str, scores: Scores) -> None:
    _SOURCES[name] = scores


def scores_of(credential: Credential) -> dict[int, Score]:
    """The score of each examination a credential rests on, by the requirement's primary key; none where there is no scale.

    Of several results that counted when it was issued the newest is taken. Two queries.
    """
    rows = Evidence.objects.filter(
        learner=credential.holder_id,
        requirement__credential_type=credential.credential_type_id,
        requirement__kind=Requirement.Kind.ACTIVITY,
        at__lte=credential.issued_at,
    ).order_by("sequence")
    newest = {(row.requirement_id, row.reference): row for row in rows}
    resting = {row.requirement_id: row for row in newest.values() if row.counts}
    asked: dict[str, set[UUID]] = {}
    for row in resting.values():
        if row.source in _SOURCES:
            asked.setdefault(row.source, set()).add(row.reference)
    found = {name: _SOURCES[name](references) for name, references in asked.items()}
    return {
        pk: found[row.source][row.reference]
        for pk, row in resting.items()
        if row.reference in found.get(row.source, {})
    }
