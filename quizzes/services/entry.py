"""Whether somebody may start a quiz, and what came before."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Count, Exists, OuterRef, Subquery
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Accommodation, User
from accounts.services import Conflict, Missing, Refusal
from courses.models import Activity, Enrolment
from courses.services import enrolment_of, require_open
from credentials.models import Application, Requirement
from credentials.services import examinations_used_up
from quizzes.models import Attempt, IncidentDecision, Pool, Quiz, Remediation, Seat, Sitting


@dataclass(frozen=True)
class Entry:
    """Where a person stands before a quiz: earlier attempts (each with `passed`, None while open, and `annulled`), the open one, and what
    keeps them from starting, if anything does; `again_on` is the day they may, where only time is in the way. Without an enrolment they
    are admitted first. `allowed`: how many attempts they have in all. `sitting`: the open one they have a seat in, else the next.
    `until`: the last day they may sit it. `accommodation`: the primary key of the one that holds.

    Of an examination only the attempts since the last credential of its scheme are told; `before` says how many there were until then.
    """

    quiz: Quiz
    enrolment: Enrolment | None
    attempts: list[Attempt]
    refusal: Refusal | None
    again_on: date | None
    allowed: int | None = None
    sitting: Sitting | None = None
    until: date | None = None
    accommodation: int | None = None
    before: int = 0

    @property
    def open(self) -> Attempt | None:
        return next((attempt for attempt in self.attempts if attempt.submitted_at is None), None)

    @property
    def attempts_left(self) -> int | None:
        """None: as many as they like."""
        if self.allowed is None:
            return None
        return max(0, self.allowed - len(counted(self.attempts)))

    @property
    def agreement(self) -> list[str]:
        """What is undertaken before the start, a line each."""
        return [line.strip() for line in self.quiz.agreement.splitlines() if line.strip()]


def counted(attempts: list[Attempt]) -> list[Attempt]:
    """Those that count against the attempts allowed: all but the annulled."""
    return [attempt for attempt in attempts if not attempt.annulled]  # type: ignore[attr-defined]


def entry_to(*, activity: Activity, by: User, at: datetime) -> Entry:
    """Raises Missing when the activity is no quiz or not one this person may know of.

    An examination for a credential may be known to everybody: whoever has applied is admitted when they start it. At most four
    statements, and one for those with a seat.
    """
    quiz = _quiz(activity, by)
    if quiz is None:
        raise Missing("no_quiz", _("There is no quiz here."))
    enrolment = _enrolment(quiz, by)
    every = _attempts(quiz, enrolment, by) if enrolment else []
    attempts = _since_the_last_credential(quiz, every, by)
    allowed = quiz.attempts_allowed and quiz.attempts_allowed + (quiz.plans or 0)  # type: ignore[attr-defined]
    again_on = _again_on(quiz, attempts)
    sitting = _sitting(quiz, by, at)
    until = _until(quiz)
    refusal: Refusal | None = None
    try:
        if enrolment:
            require_open(enrolment=enrolment, activity=quiz.activity)
        _require_application(quiz)
        _require_attempt_left(quiz, attempts, allowed)
        _require_wait_over(again_on, at)
        _require_window(quiz, until, at)
        _require_seat(quiz, sitting, at)
    except Refusal as reason:
        refusal = reason
    return Entry(
        quiz=quiz,
        enrolment=enrolment,
        attempts=attempts,
        refusal=refusal,
        again_on=again_on,
        allowed=allowed,
        sitting=sitting,
        until=until,
        accommodation=quiz.accommodation,  # type: ignore[attr-defined]
        before=len(every) - len(attempts),
    )


def _quiz(activity: Activity, by: User) -> Quiz | None:
    """The quiz, and in the same statement all that one row can say of this person before it."""
    kinds = Requirement.objects.filter(activities=OuterRef("activity"))
    applied = Application.objects.filter(
        applicant=by,
        closed_at=None,
        credential_type__requirements__activities=OuterRef("activity"),
    )
    plans = Remediation.objects.filter(quiz=OuterRef("pk"), learner=by).order_by()
    accommodation = Accommodation.objects.filter(person=by).order_by("-sequence")
    return (
        Quiz.objects.select_related("activity__module")
        .annotate(
            examines=Exists(kinds),
            applied_at=Subquery(applied.order_by("-submitted_at").values("submitted_at")[:1]),
            plans=Subquery(plans.values("quiz").annotate(n=Count("pk")).values("n")),
            seated=Exists(Seat.objects.filter(sitting__quiz=OuterRef("pk"), learner=by)),
            accommodation=Subquery(accommodation.values("pk")[:1]),
        )
        .filter(activity=activity)
        .first()
    )


def _enrolment(quiz: Quiz, by: User) -> Enrolment | None:
    try:
        return enrolment_of(learner=by, activity=quiz.activity)
    except Missing:
        if quiz.examines:  # type: ignore[attr-defined]
            return None
        raise


def _attempts(quiz: Quiz, enrolment: Enrolment, by: User) -> list[Attempt]:
    annulled = IncidentDecision.objects.filter(
        incident__attempt=OuterRef("pk"), outcome=IncidentDecision.Outcome.ANNULLED
    )
    rows = Attempt.objects.with_result().annotate(annulled=Exists(annulled))
    attempts: list[Attempt] = list(rows.filter(quiz=quiz, enrolment=enrolment).order_by("number"))
    for attempt in attempts:
        attempt.quiz, attempt.enrolment, attempt.learner = quiz, enrolment, by
    return attempts


def _since_the_last_credential(quiz: Quiz, attempts: list[Attempt], by: User) -> list[Attempt]:
    """The attempts that count to what the person applies for now; what an earlier credential rested on is used up."""
    if not (quiz.examines and attempts):  # type: ignore[attr-defined]
        return attempts
    kinds = set(quiz.activity.satisfies.values_list("credential_type", flat=True))
    used_up = examinations_used_up(learner=by, credential_types=kinds)
    return [
        attempt
        for attempt in attempts
        if used_up is None or attempt.submitted_at is None or attempt.submitted_at > used_up
    ]


def _sitting(quiz: Quiz, by: User, at: datetime) -> Sitting | None:
    """The open sitting this person has a seat in, else the next one, else the last."""
    if not quiz.seated:  # type: ignore[attr-defined]
        return None
    rows = list(Sitting.objects.filter(quiz=quiz, seats__learner=by).order_by("opens_at"))
    current = [row for row in rows if row.is_open(at)]
    coming = [row for row in rows if row.opens_at > at]
    return next(iter([*current, *coming]), rows[-1])


def _until(quiz: Quiz) -> date | None:
    """The last day of the authorisation: so many days from the application, that day included."""
    applied_at = quiz.applied_at  # type: ignore[attr-defined]
    if not quiz.window_days or applied_at is None:
        return None
    return applied_at.date() + timedelta(days=quiz.window_days)


def _require_application(quiz: Quiz) -> None:
    """An examination for a credential is sat by those who have applied for it."""
    if quiz.examines and quiz.applied_at is None:  # type: ignore[attr-defined]
        raise Conflict(
            "not_applied", _("Apply for the credential first; this examination is part of it.")
        )


def _require_attempt_left(quiz: Quiz, attempts: list[Attempt], allowed: int | None) -> None:
    those = counted(attempts)
    if quiz.pool == Pool.SECURE and any(attempt.passed for attempt in those):
        raise Conflict(
            "already_passed", _("You have passed this examination; there is nothing to repeat.")
        )
    if quiz.pool == Pool.SECURE and any(
        attempt.submitted_at and attempt.passed is None for attempt in those
    ):
        raise Conflict(
            "result_held",
            _("The result of your last attempt is held. We write to you when it is released."),
        )
    if allowed is not None and len(those) >= allowed:
        raise Conflict(
            "no_attempts_left",
            ngettext(
                "You have used the one attempt there is. Before another one, agree a plan of further learning with the registrar.",
                "You have used all %(count)d attempts. Before another one, agree a plan of further learning with the registrar.",
                allowed,
            )
            % {"count": allowed},
        )


def _again_on(quiz: Quiz, attempts: list[Attempt]) -> date | None:
    """The first day of another attempt after a fail. An annulled attempt asks for no waiting."""
    those = counted(attempts)
    last = those[-1] if those else None
    if last is None or last.submitted_at is None or last.passed or not quiz.wait_days:
        return None
    return last.submitted_at.date() + timedelta(days=quiz.wait_days)


def _require_wait_over(again_on: date | None, at: datetime) -> None:
    if again_on and at.date() < again_on:
        raise Conflict(
            "wait",
            _("You can sit this again from %(day)s.") % {"day": date_format(again_on, "j F Y")},
        )


def _require_window(quiz: Quiz, until: date | None, at: datetime) -> None:
    if until and at.date() > until:
        raise Conflict(
            "window_closed",
            _(
                "You could sit this from %(first)s to %(last)s, %(days)s days from your application. Ask the registrar."
            )
            % {
                "first": date_format(quiz.applied_at, "j F Y"),  # type: ignore[attr-defined]
                "last": date_format(until, "j F Y"),
                "days": quiz.window_days,
            },
        )


def _require_seat(quiz: Quiz, sitting: Sitting | None, at: datetime) -> None:
    """An invigilated examination is sat where one has a seat, while the doors are open."""
    if not quiz.invigilated or (sitting and sitting.is_open(at)):
        return
    if sitting is None:
        raise Conflict(
            "no_seat", _("This examination is sat at a sitting, and you have no seat in one yet.")
        )
    zone = ZoneInfo(sitting.zone)
    opens, closes = (moment.astimezone(zone) for moment in (sitting.opens_at, sitting.closes_at))
    words = (
        _("Your sitting, at %(place)s, opens on %(day)s at %(time)s.")
        if at < sitting.opens_at
        else _("Your sitting, at %(place)s, closed to new starts on %(day)s at %(time)s.")
    )
    moment = opens if at < sitting.opens_at else closes
    raise Conflict(
        "sitting_not_open",
        words
        % {"place": sitting.place, "day": date_format(moment, "j F Y"), "time": f"{moment:%H:%M}"},
    )
