"""Does the key hold? The questions of an examination over its attempts, and the results that wait for a registrar (domain.md R27)."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from accounts.models import User
from quizzes import scoring
from quizzes.keyvalidation import Met, QuestionStatistics, question_statistics
from quizzes.models import Attempt, ItemRuling, ItemVersion, Quiz, Response, ResultVersion
from quizzes.services.administrations import Administration
from quizzes.services.release import Hold, holds_on, is_fall

NEWEST = 5000  # attempts that are looked at; of more the newest, and the screen says so


@dataclass(frozen=True)
class Queue:
    """The results of one examination that wait: which may be released now, what holds the others, since when the first waits.

    `rises` of those ready turn a fail that was told into a pass.
    """

    quiz: Quiz
    ready: list[Attempt]
    held: dict[Hold, int]
    since: datetime
    passes: int
    rises: int
    falls: list[Attempt]

    @property
    def waiting(self) -> int:
        return len(self.ready) + sum(self.held.values())

    @property
    def upto(self) -> int:
        """The newest result among those that may be released."""
        return max((attempt.newest_result for attempt in self.ready), default=0)


def queue_of(quiz: Quiz, attempts: Sequence[Attempt], *, by: User) -> Queue | None:
    """How the waiting attempts of a quiz (see `waiting_by_quiz`) stand, for this registrar; None where none waits. Four queries at most."""
    if not attempts:
        return None
    holds = holds_on(attempts)
    newest = ResultVersion.objects.in_bulk([row.newest_result for row in attempts])
    told: dict[int, ResultVersion] = {}
    for row in ResultVersion.objects.filter(
        attempt__in=[row.pk for row in attempts], release__isnull=False
    ).order_by("version"):
        told[row.attempt_id] = row
    ready, falls = [], []
    held: Counter[Hold] = Counter()
    for attempt in attempts:
        if is_fall(told.get(attempt.pk), newest[attempt.newest_result]):
            held[Hold.FALL] += 1
            falls.append(attempt)
        elif holds[attempt.pk]:
            held[min(holds[attempt.pk], key=list(Hold).index)] += 1
        elif attempt.learner_id == by.pk:
            held[Hold.PERSON] += 1
        else:
            ready.append(attempt)
    passed = [row for row in ready if newest[row.newest_result].passed]
    rises = [row for row in passed if row.pk in told and not told[row.pk].passed]
    return Queue(
        quiz,
        ready,
        dict(held),
        min(_since(row, row.pk in told, newest[row.newest_result]) for row in attempts),
        len(passed),
        len(rises),
        falls,
    )


def _since(attempt: Attempt, was_told: bool, result: ResultVersion) -> datetime:
    return attempt.submitted_at if attempt.submitted_at and not was_told else result.at


@dataclass(frozen=True)
class Question:
    """A version of a question, how it was answered, and the ruling in force on it."""

    version: ItemVersion
    pilot: bool
    statistics: QuestionStatistics
    ruling: ItemRuling | None


@dataclass(frozen=True)
class Validation:
    """The questions of an administration; `attempts` is over how many of the `of` it has."""

    administration: Administration
    attempts: int
    of: int
    questions: list[Question]

    @property
    def flagged(self) -> list[Question]:
        return [row for row in self.questions if row.statistics.flags]

    @property
    def unruled(self) -> list[Question]:
        """Flagged, and not ruled on."""
        return [row for row in self.flagged if not row.ruling]

    @property
    def ruled(self) -> list[Question]:
        return [row for row in self.questions if row.ruling]


def validation_of(administration: Administration) -> Validation:
    """Statistics of every question met in the attempts of an administration, in order of code. Four queries."""
    every = list(
        administration.attempts.order_by("-submitted_at", "-pk").values_list("pk", flat=True)
    )
    attempts = every[:NEWEST]
    rows = list(
        Response.objects.filter(attempt__in=attempts, points__isnull=False).values_list(
            "attempt", "item_version", "points", "answer", "scored"
        )
    )
    versions = {
        row.pk: row
        for row in ItemVersion.objects.filter(pk__in={row[1] for row in rows}).select_related(
            "item"
        )
    }
    rulings = {
        row.version_id: row
        for row in ItemRuling.objects.filter(version__in=versions).order_by("sequence")
    }
    options = {pk: right_of(row.content) for pk, row in versions.items()}
    met = [
        (
            scored,
            Met(
                attempt,
                version,
                int((points or 0) * 1000),
                scoring.worth(versions[version].content) * 1000,
                _chosen(answer),
            ),
        )
        for attempt, version, points, answer, scored in rows
    ]
    asked = {row.question for scored, row in met if scored}
    found = question_statistics((row for scored, row in met if scored), options)
    # Pilot questions enter nobody's rest but are held against it themselves.
    found += [
        row
        for row in question_statistics((row for _scored, row in met), options)
        if row.question not in asked
    ]
    questions = [
        Question(versions[row.question], row.question not in asked, row, rulings.get(row.question))
        for row in found
    ]
    return Validation(
        administration,
        len(attempts),
        len(every),
        sorted(questions, key=lambda row: (row.version.item.code, row.version.number)),
    )


def right_of(content: dict[str, Any]) -> dict[str, bool]:
    """Each option of a choice and whether it is right; empty for other types."""
    key = content["key"]
    right = key.get("choices") or [key.get("choice")]
    if content["type"] not in ("single", "multiple", "truefalse"):
        return {}
    return {option["id"]: option["id"] in right for option in content["options"]}


def _chosen(answer: dict[str, Any] | None) -> tuple[str, ...]:
    if not answer:
        return ()
    if "choice" in answer:
        return (answer["choice"],)
    return tuple(answer.get("choices", ()))
