"""Marking essays: two people who know neither the candidate nor each other's marks, and a third where they differ."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.models import Role, User
from accounts.services import (
    Conflict,
    Forbidden,
    Invalid,
    Missing,
    bars_among,
    bars_to_examining,
    record_examining,
)
from quizzes import essaymarks, scoring
from quizzes.models import Attempt, EssayMark, Pool, Response
from quizzes.rulings import needs_a_marker
from quizzes.services.release import settle
from quizzes.services.results import counting_rows, result_of, rulings_on, write_result

COMMENT_MAX = 4000


@dataclass(frozen=True)
class Waiting:
    """An essay that waits for this marker, and which place they would take."""

    response: Response
    place: str

    @property
    def number(self) -> str:
        return number_of(self.response)


@dataclass(frozen=True)
class EssayDesk:
    """What waits for one marker, the longest first; how many wait for others only, since this person marked them or is barred."""

    waiting: list[Waiting]
    for_others: int


def number_of(response: Response) -> str:
    """What an essay is called by those who may not know whose it is."""
    return f"{response.pk:05d}"


def _unmarked() -> QuerySet[Response]:
    rows = Response.objects.filter(
        points__isnull=True,
        open=False,
        scored=True,
        attempt__submitted_at__isnull=False,
        attempt__quiz__pool=Pool.SECURE,
    ).exclude(attempt__incidents__decision__outcome="annulled")
    return rows.order_by("attempt__submitted_at", "pk")


def essay_desk(*, marker: User, at: datetime) -> EssayDesk:
    """The essays that wait, for this marker. Six queries, however many."""
    require_marker(marker)
    rows = list(
        _unmarked()
        .select_related("attempt__quiz__activity", "attempt__learner", "item_version__item")
        .prefetch_related("marks")
    )
    in_force = rulings_on(row.item_version_id for row in rows)
    rows = [row for row in rows if needs_a_marker(None, in_force.get(row.item_version_id))]
    candidates = list({row.attempt.learner_id: row.attempt.learner for row in rows}.values())
    barred = bars_among(examiners=[marker], candidates=candidates, on=at.date())
    waiting = []
    for row in rows:
        mine = any(mark.marker_id == marker.pk for mark in row.marks.all())
        if not mine and (marker.pk, row.attempt.learner_id) not in barred:
            waiting.append(Waiting(row, _verdict(row).waits_for))
    return EssayDesk(waiting, len(rows) - len(waiting))


def essay_for(*, number: int, marker: User, at: datetime) -> Waiting:
    """One essay, for this marker to mark. Raises Missing, Forbidden (with the rule, but without a name), Conflict when it is theirs no more."""
    require_marker(marker)
    rows = Response.objects.select_related("attempt__quiz", "item_version__item")
    row = (
        rows.filter(
            pk=number,
            open=False,
            scored=True,
            item_version__content__type="essay",
            attempt__submitted_at__isnull=False,
            attempt__quiz__pool=Pool.SECURE,
        )
        .prefetch_related("marks")
        .first()
    )
    if row is None or not scoring.is_answered(row.answer):
        raise Missing("no_essay", _("There is no such essay."))
    _require_unbarred(row, marker, at)
    if any(mark.marker_id == marker.pk for mark in row.marks.all()):
        raise Conflict("marked", _("You have marked this essay; your marks stand."))
    if row.points is not None:
        raise Conflict("decided", _("This essay has all the marks it needs."))
    return Waiting(row, _verdict(row).waits_for)


def require_marker(marker: User) -> None:
    if not marker.has_role(Role.ITEM_REVIEWER):
        raise Forbidden("wrong_role", _("Essays are marked by item reviewers."))


def _require_unbarred(response: Response, marker: User, at: datetime) -> None:
    """The refusal says which rule, and nothing by which the candidate could be known."""
    candidate = User.objects.get(pk=response.attempt.learner_id)
    for bar in bars_to_examining(examiner=marker, candidate=candidate, on=at.date()):
        raise Forbidden(
            bar.rule,
            _("Rule %(rule)s: you may not mark this essay. Another reviewer has to.")
            % {"rule": bar.rule},
        )


def _verdict(response: Response) -> essaymarks.Verdict:
    marks = {mark.place: mark.points for mark in response.marks.all()}
    tolerance = Decimal(str(response.item_version.content["scoring"]["tolerance"]))
    return essaymarks.decide(marks, tolerance)


@transaction.atomic
def mark_essay(
    *, response: Response, marker: User, lines: Mapping[str, Any], comment: str, at: datetime
) -> EssayMark:
    """Mark an essay, line by line of its rubric; the places A, B and, where those two differ, C are taken in turn.

    When the last essay of an attempt is decided, a new result follows, and is released if nothing else holds it. Raises Forbidden,
    Conflict, Invalid.
    """
    attempt = (
        Attempt.objects.select_for_update(of=("self",))
        .select_related("quiz__activity", "enrolment", "learner")
        .get(pk=response.attempt_id)
    )
    waiting = essay_for(number=response.pk, marker=marker, at=at)
    row = waiting.response
    rubric = {line["id"]: line["points"] for line in row.item_version.content["scoring"]["rubric"]}
    wrong = essaymarks.faults_of(lines, rubric)
    if wrong:
        raise Invalid("lines", " ".join(wrong), fields={"lines": wrong})
    if len(comment) > COMMENT_MAX or "\0" in comment:
        said = _("A comment has at most %(n)s characters.") % {"n": COMMENT_MAX}
        raise Invalid("comment", said, fields={"comment": [said]})
    mark = EssayMark.objects.append(
        chain=f"essay:{attempt.uuid}:{row.position}",
        at=at,
        response=row,
        place=waiting.place,
        marker=marker,
        lines=dict(lines),
        points=Decimal(sum(lines.values())),
        comment=comment.strip(),
    )
    record_examining(
        examiner=marker,
        candidate=attempt.learner,
        subject=str(attempt.quiz),
        examined_on=at.date(),
        source=mark.uuid,
        at=at,
    )
    marks = {earlier.place: earlier.points for earlier in row.marks.all()} | {
        mark.place: mark.points
    }
    tolerance = Decimal(str(row.item_version.content["scoring"]["tolerance"]))
    verdict = essaymarks.decide(marks, tolerance)
    if verdict.points is not None:
        Response.objects.filter(pk=row.pk).update(points=verdict.points)
        _write_if_last(attempt, at)
    return mark


def _write_if_last(attempt: Attempt, at: datetime) -> None:
    rows = counting_rows(attempt)
    in_force = rulings_on(row.item_version_id for row in rows)
    if any(
        row.scored and needs_a_marker(row.points, in_force.get(row.item_version_id)) for row in rows
    ):
        return
    result = write_result(
        attempt,
        rows,
        after=result_of(attempt),
        reason="essays marked",
        at=at,
        in_force=in_force,
    )
    settle(attempt, result, at=at)
