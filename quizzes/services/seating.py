"""Sittings as registrars set them up: place and time, who watches, who has a seat."""

from collections.abc import Iterable
from datetime import datetime
from zoneinfo import available_timezones

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _
from wagtail.log_actions import log

from accounts.models import Role, User
from accounts.services import Conflict, Forbidden, Invalid, lock_learner
from credentials.models import Application
from quizzes.models import Attempt, Quiz, Seat, Sitting


def _require_registrar(by: User) -> None:
    if not by.has_role(Role.REGISTRAR):
        raise Forbidden("wrong_role", _("Registrars set up sittings."))


@transaction.atomic
def set_sitting(
    *,
    sitting: Sitting | None,
    quiz: Quiz,
    place: str,
    zone: str,
    opens_at: datetime,
    closes_at: datetime,
    invigilators: Iterable[User],
    by: User,
    at: datetime,
) -> Sitting:
    """Set up a sitting, or change one. Raises Forbidden, Invalid, Conflict for another quiz once somebody has a seat."""
    _require_registrar(by)
    watching = list(invigilators)
    problems = {}
    if not place.strip():
        problems["place"] = [_("Enter a place.")]
    if zone not in available_timezones():
        problems["zone"] = [_("This is no time zone; write Europe/London, for example.")]
    if closes_at <= opens_at:
        problems["closes_at"] = [_("Enter a time after it opens.")]
    if any(not person.has_role(Role.INVIGILATOR) for person in watching):
        problems["invigilators"] = [_("Choose people who hold the role of invigilator.")]
    if problems:
        raise Invalid("no_sitting", _("This is no sitting. See `errors`."), fields=problems)
    if sitting and sitting.quiz_id != quiz.pk and sitting.seats.exists():
        raise Conflict("seated", _("People have seats in it; its examination stays."))
    new = sitting is None
    sitting = sitting or Sitting()
    sitting.quiz, sitting.place, sitting.zone = quiz, place.strip(), zone
    sitting.opens_at, sitting.closes_at = opens_at, closes_at
    sitting.save()
    sitting.invigilators.set(watching)
    log(sitting, "wagtail.create" if new else "wagtail.edit", user=by, timestamp=at)
    return sitting


def may_be_seated(sitting: Sitting) -> list[Application]:
    """Open applications of people this examination counts for who have no seat in this sitting, by name. One query."""
    rows = Application.objects.filter(
        closed_at=None, credential_type__requirements__activities=sitting.quiz.activity_id
    )
    rows = rows.exclude(applicant__seats__sitting=sitting).select_related("applicant")
    return list(rows.order_by("name_on_id", "pk").distinct())


@transaction.atomic
def seat(
    *, sitting: Sitting, person: User, by: User, at: datetime, number: int | None = None
) -> Seat:
    """Give somebody a seat, by default the next number. Safe to call twice. Raises Forbidden, Conflict."""
    _require_registrar(by)
    Sitting.objects.select_for_update().get(pk=sitting.pk)
    lock_learner(person.pk)
    theirs = Seat.objects.filter(sitting=sitting, learner=person).first()
    if theirs:
        return theirs
    if sitting.invigilators.filter(pk=person.pk).exists():
        raise Forbidden("R2", _("Rule R2: nobody watches over their own examination."))
    if person.pk not in {row.applicant_id for row in may_be_seated(sitting)}:
        raise Conflict("not_applied", _("They have no open application for this credential."))
    taken = sitting.seats.aggregate(last=Max("number"))["last"] or 0
    number = number or taken + 1
    if sitting.seats.filter(number=number).exists():
        raise Conflict("seat_taken", _("Seat %(n)d is taken.") % {"n": number})
    made = Seat.objects.create(sitting=sitting, learner=person, number=number)
    log(sitting, "quizzes.seat", user=by, data={"seat": made.number}, timestamp=at)
    return made


@transaction.atomic
def unseat(*, seat: Seat, by: User, at: datetime) -> None:
    """Take a seat away from somebody who has not started in it."""
    _require_registrar(by)
    lock_learner(seat.learner_id)
    if Attempt.objects.filter(sitting=seat.sitting_id, learner=seat.learner_id).exists():
        raise Conflict("started", _("They have started; the seat stays theirs."))
    log(seat.sitting, "quizzes.unseat", user=by, data={"seat": seat.number}, timestamp=at)
    seat.delete()
