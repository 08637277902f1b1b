"""Submitting and marking. Order of locks: the attempt, then the learner."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import structlog
from django.db import transaction
from django.db.models import Case, Exists, Value, When
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.services import Missing
from quizzes import scoring
from quizzes.models import Attempt, Incident, Pool, ResultVersion
from quizzes.rulings import needs_a_marker
from quizzes.services.release import Hold, settle
from quizzes.services.results import IN_FORCE, result_of, ruled, rulings_on, write_result
from quizzes.services.sittings import close_break


@transaction.atomic
def submit_attempt(*, uuid: UUID, by: User | None, at: datetime) -> ResultVersion:
    """Close an attempt and mark it; `by` is its learner, or None for the clock. A second call returns the same result. Raises Missing.

    Where nothing holds the result it is released, and what is passed reported to courses, in the same transaction. At most 25 statements,
    however many questions.
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
    if attempt.paused_at:
        close_break(attempt, by=by, at=at)
    attempt.submitted_at = attempt.due_at if late else at
    attempt.closed_by_clock = late
    attempt.save(update_fields=["submitted_at", "closed_by_clock"])
    reason = "closed by the clock" if late else "submitted"
    rows = _mark(attempt)
    # Read under the lock of the attempt, as the holds are: whoever rules or reports after it finds the attempt submitted.
    in_force = rulings_on(row.item_version_id for row in rows if row.ruled_on)
    before = result_of(attempt) if attempt.reopened_at else None
    result = write_result(attempt, rows, after=before, reason=reason, at=at, in_force=in_force)
    settle(attempt, result, at=at, holds=_holds(attempt, rows, in_force))
    return result


def _holds(attempt: Attempt, rows: list[Any], in_force: IN_FORCE) -> set[Hold]:
    if attempt.quiz.pool == Pool.PRACTICE:
        return set()
    holds = {Hold.INCIDENT} if rows and rows[0].open_incident else set()
    if any(
        row.scored and needs_a_marker(row.points, in_force.get(row.item_version_id)) for row in rows
    ):
        holds.add(Hold.ESSAY)
    return holds


def _mark(attempt: Attempt) -> list[Any]:
    """Close and score every response; each comes with `ruled_on` and `open_incident`.

    They are read under their locks: a save that was first is in, one that comes later finds it closed.
    """
    asked = attempt.responses.select_for_update(of=("self",)).select_related("item_version__domain")
    reported = Incident.objects.filter(attempt=attempt.pk, decision=None)
    rows = list(ruled(asked).annotate(open_incident=Exists(reported)).order_by("position"))
    worth: dict[Decimal | None, list[int]] = {}
    for response in rows:
        points = scoring.earned(response.item_version.content, response.answer)
        worth.setdefault(points, []).append(response.position)
        response.points = points
    unmarked = worth.pop(None, [])  # essays: their points stay empty
    earned = Case(*[When(position__in=places, then=Value(each)) for each, places in worth.items()])
    attempt.responses.exclude(position__in=unmarked).update(open=False, points=earned)
    if unmarked:
        attempt.responses.filter(position__in=unmarked).update(open=False)
    return rows


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
