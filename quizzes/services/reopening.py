"""Giving an attempt back that the clock had closed while an outage kept the candidate from it.

Order of locks: the attempt, then the learner.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Role, User
from accounts.services import Conflict, Forbidden, Invalid
from courses.models import Progress
from quizzes.models import Attempt, EssayMark, IncidentDecision, Release, SittingEvent
from quizzes.services.devices import require_watching, write_event
from quizzes.services.late import take_late
from quizzes.services.marking import submit_attempt
from quizzes.services.release import locked_attempt, report_down
from quizzes.services.sittings import REOPEN_WITHIN, creditable, more_than_lost

REASON_MAX = 300


def minutes_to_give(attempt: Attempt, *, at: datetime) -> int:
    """How many minutes of a written-down outage a closed attempt could be given back with; 0 where it cannot be. At most five queries."""
    if not _is_closed_by_clock(attempt, at) or _bar(attempt, at):
        return 0
    return creditable(attempt, at=attempt.submitted_at or attempt.due_at or at)


@transaction.atomic
def reopen_attempt(
    *,
    attempt: Attempt,
    minutes: int,
    reason: str,
    by: User,
    at: datetime,
    late: Collection[UUID] = (),
) -> Attempt:
    """Give it back with so many minutes from now, its answers as they were saved: no more than the outage took, within a day, and before
    anybody was told a result. By an invigilator of its sitting or a registrar, with the reason; a registrar not their own. `late`: which of
    the answers that came after the close are put in (late.py); the others stay beside.

    Raises Forbidden, Missing, Invalid, Conflict.
    """
    if attempt.is_overdue(at):
        submit_attempt(uuid=attempt.uuid, by=None, at=at)
    locked = locked_attempt(attempt.pk)
    _require_may(locked, by)
    if not _is_closed_by_clock(locked, at):
        raise Conflict("not_closed", _("The clock has not closed this attempt."))
    if refusal := _bar(locked, at):
        raise refusal
    _require_sense(minutes, reason, most=creditable(locked, at=locked.submitted_at or at))
    locked.submitted_at, locked.closed_by_clock, locked.reopened_at = None, False, at
    locked.due_at, locked.seen_at = at + timedelta(minutes=minutes), at
    locked.save(
        update_fields=["submitted_at", "closed_by_clock", "reopened_at", "due_at", "seen_at"]
    )
    locked.responses.update(open=True, points=None)
    write_event(
        locked, SittingEvent.Kind.REOPENED, seconds=minutes * 60, reason=reason, by=by, at=at
    )
    take_late(locked, late, reason=reason, by=by, at=at)
    report_down(locked, Progress.State.STARTED, by, at)
    return locked


def _is_closed_by_clock(attempt: Attempt, at: datetime) -> bool:
    return attempt.closed_by_clock or attempt.is_overdue(at)


def _require_may(attempt: Attempt, by: User) -> None:
    if not by.has_role(Role.REGISTRAR):
        require_watching(attempt, by)
    elif attempt.learner_id == by.pk:
        raise Forbidden("R2", _("Rule R2: nobody gives themselves time."))


def _bar(attempt: Attempt, at: datetime) -> Conflict | None:
    """Why it cannot be given back any more."""
    closed_at = attempt.submitted_at or attempt.due_at or at
    if at > closed_at + REOPEN_WITHIN:
        return Conflict(
            "too_late",
            _("An attempt is given back within a day. After that, decide on an incident."),
        )
    if Release.objects.filter(result__attempt=attempt).exists():
        return Conflict("released", _("A result has been told already. Decide on an incident."))
    if EssayMark.objects.filter(response__attempt=attempt).exists():
        return Conflict("being_marked", _("Somebody has marked an essay of it already."))
    if IncidentDecision.objects.filter(
        incident__attempt=attempt, outcome=IncidentDecision.Outcome.ANNULLED
    ).exists():
        return Conflict("annulled", _("It has been decided that this attempt does not count."))
    others = Attempt.objects.open().filter(quiz=attempt.quiz_id, enrolment=attempt.enrolment_id)
    if others.exclude(pk=attempt.pk).exists():
        return Conflict("another_open", _("They have begun another attempt since."))
    return None


def _require_sense(minutes: int, reason: str, *, most: int) -> None:
    problems = {}
    if minutes < 1:
        problems["minutes"] = [_("Enter whole minutes, from 1.")]
    if not reason.strip() or len(reason) > REASON_MAX:
        problems["reason"] = [_("Say what happened, in at most 300 characters.")]
    if problems:
        raise Invalid("no_credit", _("This cannot be credited. See `errors`."), fields=problems)
    if minutes > most:
        raise more_than_lost(most)
