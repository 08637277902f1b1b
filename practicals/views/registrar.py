"""Exam days as a registrar plans them: the circuit, who examines whom and who may not, appointments, and what is in order."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.db.models import Count, F, Q
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.models import Role, User
from accounts.services import Refusal
from accounts.web import refused, role_required
from practicals import services
from practicals.forms import OfferForm, PlaceForm, TieForm
from practicals.models import Assignment, DateRequest, ExamDay, ExamPlan, Opening
from practicals.signed_in import PersonRequest
from practicals.views.plan import DayPlan


@require_safe
@never_cache
@role_required(Role.REGISTRAR)
def exam_days(request: PersonRequest) -> HttpResponse:
    """The days to come, and those behind."""
    active = Q(appointments__state__in=["offered", "accepted"])
    rows = (
        ExamDay.objects.visible_to(request.user)
        .select_related("plan__activity")
        .annotate(
            taken=Count("appointments", filter=active, distinct=True),
            accepted=Count("appointments", filter=Q(appointments__state="accepted"), distinct=True),
            free=F("capacity") - Count("appointments", filter=active, distinct=True),
        )
        .order_by("date", "begins_at")
    )
    today = timezone.localdate()
    asked = (
        DateRequest.objects.visible_to(request.user)
        .open()
        .select_related("candidate", "plan__activity")
        .prefetch_related("days")
    )
    context = {
        "role_name": _("registrar"),
        "openings": Opening.objects.waiting(timezone.now()).count(),
        "asked": asked,
        "used_up": [
            (plan, row)
            for plan in ExamPlan.objects.in_force().filter(kind=ExamPlan.Kind.CERTIFYING)
            for row in services.out_of_attempts(plan=plan)
        ],
        "coming": [row for row in rows if row.date >= today],
        "behind": [row for row in reversed(rows) if row.date < today],
    }
    return render(request, "practicals/exam_days.html", context)


def day_of(request: PersonRequest, uuid: UUID) -> ExamDay:
    day = (
        ExamDay.objects.visible_to(request.user)
        .select_related("plan__activity")
        .filter(uuid=uuid)
        .first()
    )
    if day is None:
        raise Http404
    return day


@require_safe
@never_cache
@role_required(Role.REGISTRAR)
def exam_day(request: PersonRequest, uuid: UUID) -> HttpResponse:
    """The circuit of a day and everything to settle before it."""
    return day_page(request, day_of(request, uuid))


def day_page(
    request: PersonRequest,
    day: ExamDay,
    *,
    refusal: Refusal | None = None,
    offer: OfferForm | None = None,
    place: PlaceForm | None = None,
    tie: TieForm | None = None,
) -> HttpResponse:
    plan, now = DayPlan(day), timezone.now()
    eligible = services.eligible_candidates(exam_day=day)
    asked = (
        DateRequest.objects.open()
        .filter(plan=day.plan_id)
        .select_related("candidate")
        .prefetch_related("days")
    )
    context = {
        "role_name": _("registrar"),
        "day": day,
        "plan": plan,
        "eligible": eligible,
        "asked": asked_of(day, eligible, asked),
        "offer": offer or offer_form(eligible),
        "place": place or place_form(day),
        "tie": tie or tie_form(day, plan),
        "refusal": refusal,
        "over": day.begins < now,
        "today": now.astimezone(ZoneInfo(day.zone)).date() >= day.date,
        "now": now,
        "crumbs": [(_("Exam days"), "/exam-days/"), (str(day), "")],
    }
    invalid = any(form and form.errors for form in (offer, place, tie))
    status = refusal.status if refusal else 400 if invalid else 200
    return render(request, "practicals/exam_day.html", context, status=status)


def asked_of(
    day: ExamDay, eligible: list[Any], asked: Iterable[DateRequest]
) -> list[tuple[DateRequest, bool]]:
    """Who asks for a date and may be offered this one; the second value says that they asked for this day. Those come first."""
    people = {row.applicant_id for row in eligible}
    rows = [
        (row, day.pk in {one.pk for one in row.days.all()})
        for row in asked
        if row.candidate_id in people
    ]
    return sorted(rows, key=lambda pair: (not pair[1], pair[0].asked_at))


def offer_form(eligible: list[Any], data: Any = None) -> OfferForm:
    return OfferForm(data, candidates=[row.applicant for row in eligible], prefix="offer")


def place_form(day: ExamDay, data: Any = None) -> PlaceForm:
    return PlaceForm(
        data,
        stations=day.stations.select_related("checklist").order_by("position"),
        examiners=day.examiners.order_by("name"),
        appointments=day.appointments.active().order_by("place_in_circuit"),
        prefix="place",
    )


def tie_form(day: ExamDay, plan: DayPlan, data: Any = None) -> TieForm:
    """Between whoever examines on the day, or is assigned, and its candidates."""
    return TieForm(
        data,
        examiners=User.objects.filter(pk__in=plan.people),
        appointments=day.appointments.active()
        .select_related("candidate")
        .order_by("place_in_circuit"),
        prefix="tie",
    )


@require_POST
@role_required(Role.REGISTRAR)
def draw(request: PersonRequest, uuid: UUID) -> HttpResponse:
    day = day_of(request, uuid)
    try:
        drawn = services.draw_stations(exam_day=day, by=request.user, at=timezone.now())
    except Refusal as refusal:
        return day_page(request, day, refusal=refusal)
    codes = ", ".join(station.checklist.code for station in drawn)
    messages.success(request, _("Drawn for this day: %(codes)s.") % {"codes": codes})
    return redirect("exam-day", uuid=uuid)


@require_POST
@role_required(Role.REGISTRAR)
def offer(request: PersonRequest, uuid: UUID) -> HttpResponse:
    day = day_of(request, uuid)
    form = offer_form(services.eligible_candidates(exam_day=day), request.POST)
    if not form.is_valid():
        return day_page(request, day, offer=form)
    try:
        appointment = services.offer_appointment(
            exam_day=day,
            candidate=form.cleaned_data["candidate"],
            avoid=form.cleaned_data["avoid"],
            by=request.user,
            at=timezone.now(),
        )
    except Refusal as refusal:
        return day_page(request, day, refusal=refusal, offer=form)
    words = _("%(name)s is offered a place as candidate %(number)s, and told by e-mail.")
    messages.success(
        request, words % {"name": appointment.candidate, "number": appointment.candidate_number}
    )
    return redirect("exam-day", uuid=uuid)


@require_POST
@role_required(Role.REGISTRAR)
def assign(request: PersonRequest, uuid: UUID) -> HttpResponse:
    """Put an examiner at a place of one candidate, or of the whole day."""
    day = day_of(request, uuid)
    form = place_form(day, request.POST)
    if not form.is_valid():
        return day_page(request, day, place=form)
    given = {**form.cleaned_data, "by": request.user, "at": timezone.now()}
    appointment = given.pop("appointment")
    try:
        if appointment:
            services.assign_examiner(appointment=appointment, **given)
            made, left = 1, 0
        else:
            assigned, not_allowed = services.assign_station(exam_day=day, **given)
            made, left = len(assigned), len(not_allowed)
    except Refusal as refusal:
        return day_page(request, day, refusal=refusal, place=form)
    words = ngettext("%(n)s candidate assigned.", "%(n)s candidates assigned.", made) % {"n": made}
    if left:
        words += " " + ngettext(
            "One is refused by a rule; see below.", "%(n)s are refused by a rule; see below.", left
        ) % {"n": left}
    (messages.warning if left else messages.success)(request, words)
    return redirect("exam-day", uuid=uuid)


@require_POST
@role_required(Role.REGISTRAR)
def tie(request: PersonRequest, uuid: UUID) -> HttpResponse:
    """Write down a tie, or a candidate's objection; from then on rule R4 keeps the two apart."""
    day = day_of(request, uuid)
    form = tie_form(day, DayPlan(day), request.POST)
    if not form.is_valid():
        return day_page(request, day, tie=form)
    try:
        services.declare_tie(**form.cleaned_data, by=request.user, at=timezone.now())
    except Refusal as refusal:
        form.refuse(refusal.fields)
        return day_page(request, day, refusal=None if form.errors else refusal, tie=form)
    words = _("Recorded. %(examiner)s does not examine candidate %(number)s (rule R4).")
    given = form.cleaned_data
    messages.success(
        request,
        words % {"examiner": given["examiner"], "number": given["appointment"].candidate_number},
    )
    return redirect("exam-day", uuid=uuid)


@require_POST
@role_required(Role.REGISTRAR)
def auto(request: PersonRequest, uuid: UUID) -> HttpResponse:
    """Fill the open places without conflict."""
    day = day_of(request, uuid)
    try:
        made, still_open = services.auto_assign(exam_day=day, by=request.user, at=timezone.now())
    except Refusal as refusal:
        return day_page(request, day, refusal=refusal)
    words = ngettext("%(n)s place filled.", "%(n)s places filled.", len(made)) % {"n": len(made)}
    if still_open:
        words += " " + ngettext(
            "One stays open: no examiner of the day may fill it.",
            "%(n)s stay open: no examiner of the day may fill them.",
            still_open,
        ) % {"n": still_open}
    (messages.warning if still_open else messages.success)(request, words)
    return redirect("exam-day", uuid=uuid)


@require_POST
@role_required(Role.REGISTRAR)
def reissue(request: PersonRequest, uuid: UUID) -> HttpResponse:
    """Start a new sheet from the last synced draft: the device is lost."""
    row = get_object_or_404(Assignment.objects.select_related("appointment"), uuid=uuid)
    day = get_object_or_404(ExamDay.objects.visible_to(request.user), appointments=row.appointment)
    try:
        services.reissue(assignment=row, by=request.user, at=timezone.now())
    except Refusal as refusal:
        return refused(request, refusal)
    messages.success(
        request, _("The sheet is issued anew, from what was sent last. The old one is kept.")
    )
    return redirect("exam-day", uuid=day.uuid)
