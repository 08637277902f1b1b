"""Submitting, marking and reporting. Order of locks: the attempt, then the learner."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from uuid import UUID

import structlog
from django.db import transaction
from django.db.models import Case, Value, When
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.services import Missing, notify
from courses.models import Progress
from courses.services import record_result
from quizzes import scoring
from quizzes.models import Attempt, Pool, Response, ResultVersion


@transaction.atomic
def submit_attempt(*, uuid: UUID, by: User | None, at: datetime) -> ResultVersion:
    """Close an attempt and mark it; `by` is its learner, or None for the clock. A second call returns the same result. Raises Missing.

    What is passed is reported to courses, in the same transaction. At most 25 statements, however many questions.
    """
    attempts = Attempt.objects.select_for_update(of=("self",)).filter(uuid=uuid)
    if by:
        attempts = attempts.filter(learner=by)
    attempt = attempts.select_related("quiz__activity", "enrolment", "learner").first()
    if attempt is None:
        raise Missing("no_attempt", _("There is no such attempt."))
    if attempt.submitted_at:
        return result_of(attempt)
    late = attempt.is_overdue(at)
    attempt.submitted_at = attempt.due_at if late else at
    attempt.closed_by_clock = late
    attempt.save(update_fields=["submitted_at", "closed_by_clock"])
    result = _write_result(attempt, _mark(attempt), at)
    _report(attempt, result, by, at)
    return result


def result_of(attempt: Attempt) -> ResultVersion:
    """The result that holds: the newest version."""
    return attempt.results.order_by("-version")[0]


def _mark(attempt: Attempt) -> list[Response]:
    """Close and score every response. They are read under their locks: a save that was first is in, one that comes later finds it closed."""
    asked = attempt.responses.select_for_update(of=("self",)).select_related("item_version__domain")
    rows = list(asked.order_by("position"))
    worth: dict[Decimal | None, list[int]] = {}
    for response in rows:
        points = scoring.earned(response.item_version.content, response.answer)
        worth.setdefault(points, []).append(response.position)
        response.points = points
    earned = Case(*[When(position__in=places, then=Value(each)) for each, places in worth.items()])
    attempt.responses.update(open=False, points=earned)
    return rows


def _write_result(attempt: Attempt, rows: Sequence[Response], at: datetime) -> ResultVersion:
    marks = [
        scoring.Mark(
            row.item_version.domain_code,
            row.points or Decimal(0),
            Decimal(scoring.worth(row.item_version.content)),
        )
        for row in rows
        if not scoring.is_marked_by_hand(row.item_version.content)
    ]
    titles = {row.item_version.domain_code: row.item_version.domain.title for row in rows}
    points = sum((mark.points for mark in marks), Decimal(0))
    out_of = sum((mark.out_of for mark in marks), Decimal(0))
    found = scoring.bands(marks, attempt.pass_percent)
    return ResultVersion.objects.append(
        chain=f"attempt:{attempt.uuid}",
        at=at,
        attempt=attempt,
        version=1,
        points=points,
        out_of=out_of,
        passed=scoring.passes(points, out_of, attempt.pass_percent),
        bands=[
            {
                "domain": row.domain,
                "title": titles[row.domain],
                "items": row.items,
                "band": str(row.band),
            }
            for row in found
        ],
        reason="closed by the clock" if attempt.closed_by_clock else "submitted",
    )


def _report(attempt: Attempt, result: ResultVersion, by: User | None, at: datetime) -> None:
    activity = attempt.quiz.activity
    record_result(
        enrolment=attempt.enrolment,
        activity=activity,
        state=Progress.State.COMPLETE if result.passed else Progress.State.FAILED,
        reference=attempt.uuid,
        label=f"{activity.title}, passed {attempt.submitted_at:%-d %B %Y}",
        by=by,
        at=at,
    )
    if attempt.quiz.pool == Pool.SECURE:
        notify(
            recipient=attempt.learner,
            kind="quiz_result",
            reference=str(result.uuid),
            subject=_("Your result: %(title)s") % {"title": activity.title},
            template="quizzes/mail/result.txt",
            context={"attempt": attempt, "activity": activity, "result": result},
            url=f"/attempts/{attempt.uuid}/result/",
            at=at,
        )


def close_overdue(*, at: datetime) -> int:
    """Submit every attempt whose time is up, each on its own, so that one that fails holds up no other. Returns how many were closed."""
    closed = 0
    for uuid in list(Attempt.objects.overdue(at).values_list("uuid", flat=True)):
        try:
            submit_attempt(uuid=uuid, by=None, at=at)
            closed += 1
        except Exception:
            structlog.get_logger(__name__).exception("attempt_not_closed", attempt=str(uuid))
    return closed
