"""Whether somebody may start a quiz, and what came before."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from accounts.services import Conflict, Missing, Refusal
from courses.models import Activity, Enrolment
from courses.services import enrolment_of, require_open
from credentials.models import Application
from credentials.services import examinations_used_up
from quizzes.models import Attempt, Pool, Quiz


@dataclass(frozen=True)
class Entry:
    """Where a person stands before a quiz: earlier attempts (each with `passed`, None while open), the open one, and what keeps them from
    starting, if anything does; `again_on` is the day they may, where only time is in the way. Without an enrolment they are admitted first.

    Of an examination only the attempts since the last credential of its scheme are told; `before` says how many there were until then.
    """

    quiz: Quiz
    enrolment: Enrolment | None
    attempts: list[Attempt]
    refusal: Refusal | None
    again_on: date | None
    before: int = 0

    @property
    def open(self) -> Attempt | None:
        return next((attempt for attempt in self.attempts if attempt.submitted_at is None), None)

    @property
    def attempts_left(self) -> int | None:
        """None: as many as they like."""
        if self.quiz.attempts_allowed is None:
            return None
        return max(0, self.quiz.attempts_allowed - len(self.attempts))


def entry_to(*, activity: Activity, by: User, at: datetime) -> Entry:
    """Raises Missing when the activity is no quiz or not one this person may know of.

    An examination for a credential may be known to everybody: whoever has applied is admitted when they start it.
    """
    quiz = Quiz.objects.select_related("activity__module").filter(activity=activity).first()
    if quiz is None:
        raise Missing("no_quiz", _("There is no quiz here."))
    kinds = set(quiz.activity.satisfies.values_list("credential_type", flat=True))
    enrolment = _enrolment(quiz, by, examines=bool(kinds))
    every = _attempts(quiz, enrolment, by) if enrolment else []
    attempts = _since_the_last_credential(every, kinds, by)
    again_on = _again_on(quiz, attempts)
    refusal: Refusal | None = None
    try:
        if enrolment:
            require_open(enrolment=enrolment, activity=quiz.activity)
        _require_application(kinds, by)
        _require_attempt_left(quiz, attempts)
        _require_wait_over(again_on, at)
    except Refusal as reason:
        refusal = reason
    return Entry(quiz, enrolment, attempts, refusal, again_on, len(every) - len(attempts))


def _enrolment(quiz: Quiz, by: User, *, examines: bool) -> Enrolment | None:
    try:
        return enrolment_of(learner=by, activity=quiz.activity)
    except Missing:
        if examines:
            return None
        raise


def _attempts(quiz: Quiz, enrolment: Enrolment, by: User) -> list[Attempt]:
    rows = Attempt.objects.with_result().filter(quiz=quiz, enrolment=enrolment)
    attempts: list[Attempt] = list(rows.order_by("number"))
    for attempt in attempts:
        attempt.quiz, attempt.enrolment, attempt.learner = quiz, enrolment, by
    return attempts


def _since_the_last_credential(attempts: list[Attempt], kinds: set[int], by: User) -> list[Attempt]:
    """The attempts that count to what the person applies for now; what an earlier credential rested on is used up."""
    if not (kinds and attempts):
        return attempts
    used_up = examinations_used_up(learner=by, credential_types=kinds)
    return [
        attempt
        for attempt in attempts
        if used_up is None or attempt.submitted_at is None or attempt.submitted_at > used_up
    ]


def _require_application(kinds: set[int], by: User) -> None:
    """An examination for a credential is sat by those who have applied for it."""
    applied = Application.objects.filter(applicant=by, credential_type__in=kinds, closed_at=None)
    if kinds and not applied.exists():
        raise Conflict(
            "not_applied", _("Apply for the credential first; this examination is part of it.")
        )


def _require_attempt_left(quiz: Quiz, attempts: list[Attempt]) -> None:
    if quiz.pool == Pool.SECURE and any(attempt.passed for attempt in attempts):
        raise Conflict(
            "already_passed", _("You have passed this examination; there is nothing to repeat.")
        )
    if quiz.attempts_allowed is not None and len(attempts) >= quiz.attempts_allowed:
        raise Conflict(
            "no_attempts_left",
            ngettext(
                "You have used the one attempt there is. Before another one, agree a plan of further learning with the registrar.",
                "You have used all %(count)d attempts. Before another one, agree a plan of further learning with the registrar.",
                quiz.attempts_allowed,
            )
            % {"count": quiz.attempts_allowed},
        )


def _again_on(quiz: Quiz, attempts: list[Attempt]) -> date | None:
    """The first day of another attempt after a fail."""
    last = attempts[-1] if attempts else None
    if last is None or last.submitted_at is None or last.passed or not quiz.wait_days:
        return None
    return last.submitted_at.date() + timedelta(days=quiz.wait_days)


def _require_wait_over(again_on: date | None, at: datetime) -> None:
    if again_on and at.date() < again_on:
        raise Conflict(
            "wait", _("You can sit this again from %(day)s.") % {"day": f"{again_on:%-d %B %Y}"}
        )
