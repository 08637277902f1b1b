"""Starting a quiz. Order of locks: the attempt, then the learner."""

import secrets
from datetime import datetime, timedelta

from django.db import transaction

from accounts.models import User
from accounts.services import lock_learner
from courses.models import Activity, Progress
from courses.services import admit, record_result
from quizzes.models import Attempt, Quiz
from quizzes.services.entry import entry_to
from quizzes.services.layout import lay_out
from quizzes.services.marking import submit_attempt


def start_attempt(*, activity: Activity, by: User, at: datetime) -> tuple[Attempt, bool]:
    """The person's open attempt at a quiz, or a new one; the second value says whether this call started it.

    Its questions are drawn and frozen here: the same number of statements, however many there are. An open attempt whose time is up is
    closed first. Raises Missing when there is no such quiz for this person, Conflict with the reason when it cannot be started now.
    """
    overdue = Attempt.objects.overdue(at).filter(learner=by, quiz__activity=activity).first()
    if overdue:
        submit_attempt(uuid=overdue.uuid, by=None, at=at)
    with transaction.atomic():
        lock_learner(by.pk)
        entry = entry_to(activity=activity, by=by, at=at)
        if entry.open:
            return entry.open, False
        if entry.refusal:
            raise entry.refusal
        enrolment = entry.enrolment or admit(learner=by, activity=activity, at=at)
        attempt = Attempt.objects.create(
            quiz=entry.quiz,
            enrolment=enrolment,
            learner=by,
            number=len(entry.attempts) + 1,
            seed=secrets.randbits(63),
            started_at=at,
            due_at=_due_at(entry.quiz, at),
            pass_percent=entry.quiz.pass_percent,
        )
        lay_out(attempt)
        record_result(
            enrolment=enrolment,
            activity=activity,
            state=Progress.State.STARTED,
            reference=None,
            label=activity.title,
            by=by,
            at=at,
        )
        return attempt, True


def _due_at(quiz: Quiz, at: datetime) -> datetime | None:
    return at + timedelta(minutes=quiz.time_limit_minutes) if quiz.time_limit_minutes else None
