"""A candidate asks for a date: among the days that are open to them, or in words. The registrar answers with an offer."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Count, F, Q
from django.utils.translation import gettext as _
from wagtail.log_actions import log

from accounts.models import Role, User
from accounts.services import Conflict, Invalid, Missing, lock_learner, notify
from credentials.models import Application
from practicals.models import Appointment, DateRequest, ExamDay, ExamPlan
from practicals.services.resits import Record, record_of
from practicals.services.visits import passed, undecided

WORDS_MAX = 500
NOTICE = timedelta(days=2)  # a day nearer than this is not offered to be chosen


@dataclass(frozen=True)
class Standing:
    """Whether a person may ask for a date of an examination now, and if not, why not in words."""

    plan: ExamPlan
    why_not: str
    record: Record | None = None
    request: DateRequest | None = None


def standings_of(*, candidate: User) -> list[Standing]:
    """Every practical examination this person has an open application for, by title. A few queries for each."""
    plans = (
        ExamPlan.objects.in_force()
        .filter(
            kind=ExamPlan.Kind.CERTIFYING,
            activity__is_live=True,
            activity__satisfies__credential_type__in=Application.objects.filter(
                applicant=candidate, closed_at=None
            ).values("credential_type"),
        )
        .select_related("activity")
        .distinct()
        .order_by("activity__title")
    )
    return [standing_in(plan=plan, candidate=candidate) for plan in plans]


def standing_in(*, plan: ExamPlan, candidate: User) -> Standing:
    """Whether this person may ask for a date of this examination."""
    applied = Application.objects.filter(
        applicant=candidate,
        closed_at=None,
        credential_type__requirements__activities=plan.activity_id,
    )
    if not applied.exists():
        return Standing(plan, _("Apply for the credential first; then you can ask for a date."))
    if passed(plan).filter(enrolment__learner=candidate).exists():
        return Standing(plan, _("You have passed this practical."))
    if undecided(plan).filter(candidate=candidate).exists():
        return Standing(plan, _("You have an appointment already."))
    record = record_of(candidate=candidate, plan=plan)
    if record.used_up:
        said = _(
            "Every attempt is used. The registrar agrees with you what you learn before the next."
        )
        return Standing(plan, said, record)
    asked = DateRequest.objects.open().filter(plan__activity=plan.activity_id, candidate=candidate)
    return Standing(plan, "", record, asked.prefetch_related("days").first())


def open_days(*, plan: ExamPlan, record: Record | None, at: datetime) -> list[ExamDay]:
    """The days a candidate can choose: to come, with a free place, after their wait. Nobody is told who else comes. One query."""
    active = Q(appointments__state__in=[Appointment.State.OFFERED, Appointment.State.ACCEPTED])
    days = (
        ExamDay.objects.filter(
            plan__activity=plan.activity_id, cancelled_at=None, date__gte=at.date()
        )
        .select_related("plan__activity")
        .annotate(taken=Count("appointments", filter=active, distinct=True))
        .filter(taken__lt=F("capacity"))
        .order_by("date", "begins_at", "pk")
    )
    again = record.again_on if record else None
    return [day for day in days if day.begins >= at + NOTICE and not (again and day.date < again)]


@transaction.atomic
def ask_for_date(
    *, plan: ExamPlan, days: Collection[ExamDay], words: str, by: User, at: datetime
) -> DateRequest:
    """Ask for one of `days`, or say in words when one can come. Asking again changes what was asked.

    Raises Conflict when the person may not sit now, Invalid by field when nothing is said or a day is not open any more.
    """
    # An offer at this moment answers it, or leaves nothing to ask for. It locks in this order too.
    list(ExamDay.objects.select_for_update().filter(pk__in=[day.pk for day in days]).order_by("pk"))
    lock_learner(by.pk)
    standing = standing_in(plan=plan, candidate=by)
    if standing.why_not:
        raise Conflict("may_not_ask", standing.why_not)
    words = words.strip()
    open_now = {day.pk for day in open_days(plan=plan, record=standing.record, at=at)}
    if not days and not words:
        said = _("Choose a day, or say when you can come.")
        raise Invalid("nothing_asked", said, fields={"days": [said]})
    if len(words) > WORDS_MAX or "\x00" in words:
        said = _("Say it in 500 characters at most.")
        raise Invalid("too_long", said, fields={"words": [said]})
    if {day.pk for day in days} - open_now:
        said = _("One of these days is not open any more. Choose again.")
        raise Invalid("day_closed", said, fields={"days": [said]})
    request = standing.request or DateRequest(plan=plan, candidate=by)
    request.words, request.asked_at = words, at
    request.save()
    request.days.set(days)
    log(request, "practicals.ask", user=by, timestamp=at)
    _tell_registrars(request, at)
    return request


def _tell_registrars(request: DateRequest, at: datetime) -> None:
    days = ", ".join(str(day) for day in request.days.order_by("date"))
    for registrar in User.objects.filter(groups__name=Role.REGISTRAR, is_active=True):
        notify(
            recipient=registrar,
            kind="practical_date_asked",
            reference=f"{request.uuid}:{at:%Y-%m-%d}",
            subject=_("%(candidate)s asks for a date") % {"candidate": request.candidate},
            template="practicals/mail/asked.txt",
            context={"request": request, "days": days},
            url="/exam-days/",
            at=at,
        )


@transaction.atomic
def withdraw_request(*, request: DateRequest, by: User, at: datetime) -> DateRequest:
    """The candidate asks no more. Safe to call twice; raises Missing for anybody else, Conflict when an offer has answered it."""
    request = DateRequest.objects.select_for_update().get(pk=request.pk)
    if request.candidate_id != by.pk:
        raise Missing("no_request", _("There is no such request."))
    if request.appointment_id:
        raise Conflict("request_answered", _("You have been offered a place; answer the offer."))
    if request.closed_at is None:
        request.closed_at = at
        request.save(update_fields=["closed_at"])
        log(request, "practicals.ask_no_more", user=by, timestamp=at)
    return request
