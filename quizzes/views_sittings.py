"""Sittings as a registrar plans them, incidents as one decides on them, and plans after the last attempt."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.db.models import Count
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import Role, User
from accounts.services import Refusal
from accounts.web import PersonRequest, refused, role_required
from quizzes.models import Attempt, Incident, Quiz, Seat, Sitting
from quizzes.services import (
    credentials_on,
    decide_incident,
    hold_told_result,
    late_of,
    may_be_seated,
    minutes_to_give,
    out_of_attempts,
    record_remediation,
    released_of,
    reopen_attempt,
    seat,
    set_sitting,
    told_and_counting,
    unseat,
)
from quizzes.sitting_forms import OutcomeForm, PlanForm, ReopenForm, SeatForm, SittingForm


def shared() -> dict[str, Any]:
    return {"role_name": _("registrar"), "nav_label": _("Desk")}


@require_safe
@never_cache
@role_required(Role.REGISTRAR)
def sittings(request: PersonRequest) -> HttpResponse:
    """The sittings to come, and those behind."""
    at = timezone.now()
    rows = list(
        Sitting.objects.visible_to(request.user)
        .select_related("quiz__activity")
        .annotate(taken=Count("seats"))
        .order_by("opens_at")
    )
    context = {
        **shared(),
        "coming": [row for row in rows if row.closes_at > at],
        "behind": [row for row in reversed(rows) if row.closes_at <= at],
        "used_up": out_of_attempts(at=at),
    }
    return render(request, "quizzes/sittings/list.html", context)


@never_cache
@require_http_methods(["GET", "POST"])
@role_required(Role.REGISTRAR)
def set_up(request: PersonRequest, uuid: UUID | None = None) -> HttpResponse:
    """Place, time, examination and invigilators of a sitting, new or not."""
    row = get_object_or_404(Sitting, uuid=uuid) if uuid else None
    form, refusal = SittingForm(request.POST or None, sitting=row), None
    if request.method == "POST" and form.is_valid():
        try:
            made = set_sitting(sitting=row, **form.cleaned_data, by=request.user, at=timezone.now())
            return redirect("sitting", made.uuid)
        except Refusal as reason:
            refusal = reason
            for name, errors in reason.fields.items():
                form.add_error(name, errors)
    context = {
        **shared(),
        "form": form,
        "sitting": row,
        "refusal": refusal,
        "crumbs": [(_("Sittings"), "/sittings/"), (row.place if row else _("New"), "")],
    }
    status = refusal.status if refusal else 400 if form.errors else 200
    return render(request, "quizzes/sittings/set_up.html", context, status=status)


@require_safe
@never_cache
@role_required(Role.REGISTRAR)
def sitting(request: PersonRequest, uuid: UUID) -> HttpResponse:
    """Who has a seat in it."""
    return sitting_page(request, sitting_of(uuid))


def sitting_of(uuid: UUID) -> Sitting:
    return get_object_or_404(Sitting.objects.select_related("quiz__activity"), uuid=uuid)


def sitting_page(
    request: PersonRequest,
    row: Sitting,
    *,
    form: SeatForm | None = None,
    refusal: Refusal | None = None,
) -> HttpResponse:
    submitted = dict(
        Attempt.objects.filter(sitting=row)
        .values_list("learner", "submitted_at")
        .order_by("number")
    )
    seats = list(row.seats.select_related("learner").order_by("number"))
    context = {
        **shared(),
        "sitting": row,
        "seats": [
            (each, each.learner_id in submitted, submitted.get(each.learner_id)) for each in seats
        ],
        "form": form or SeatForm(applications=may_be_seated(row)),
        "refusal": refusal,
        "crumbs": [(_("Sittings"), "/sittings/"), (row.place, "")],
    }
    status = refusal.status if refusal else 400 if form and form.errors else 200
    return render(request, "quizzes/sittings/sitting.html", context, status=status)


@require_POST
@role_required(Role.REGISTRAR)
def give_seat(request: PersonRequest, uuid: UUID) -> HttpResponse:
    row = sitting_of(uuid)
    form = SeatForm(request.POST, applications=may_be_seated(row))
    if not form.is_valid():
        return sitting_page(request, row, form=form)
    try:
        made = seat(
            sitting=row,
            person=form.cleaned_data["application"].applicant,
            number=form.cleaned_data["number"],
            by=request.user,
            at=timezone.now(),
        )
    except Refusal as refusal:
        return sitting_page(request, row, form=form, refusal=refusal)
    messages.success(request, _("Seat %(n)d is theirs.") % {"n": made.number})
    return redirect("sitting", uuid)


@require_POST
@role_required(Role.REGISTRAR)
def take_seat(request: PersonRequest, uuid: UUID, number: int) -> HttpResponse:
    row = sitting_of(uuid)
    theirs = get_object_or_404(Seat.objects.select_related("sitting"), sitting=row, number=number)
    try:
        unseat(seat=theirs, by=request.user, at=timezone.now())
    except Refusal as refusal:
        return sitting_page(request, row, refusal=refusal)
    messages.success(request, _("Seat %(n)d is free again.") % {"n": number})
    return redirect("sitting", uuid)


# Incidents


@never_cache
@require_http_methods(["GET", "POST"])
@role_required(Role.REGISTRAR)
def incident(request: PersonRequest, uuid: UUID) -> HttpResponse:
    """What was reported, what else is written down of the attempt, and the decision."""
    rows = Incident.objects.visible_to(request.user).select_related(
        "attempt__quiz__activity",
        "attempt__learner",
        "attempt__sitting",
        "reporter",
        "decision__by",
    )
    row = get_object_or_404(rows, uuid=uuid)
    attempt, at = row.attempt, timezone.now()
    told = released_of(attempt)
    data = request.POST if request.method == "POST" else None
    reopens = "reopen" in request.POST
    form = OutcomeForm(None if reopens else data, told=told)
    reopenable = minutes_to_give(attempt, at=at)
    late = late_of(attempt)
    reopen = (
        ReopenForm(data if reopens else None, attempt=attempt, rows=late) if reopenable else None
    )
    refusal = None
    given = reopen if reopens else form
    if data and given and given.is_valid():
        try:
            messages.success(request, _act_on(row, given, request.user, at))
            return redirect("incident", uuid)
        except Refusal as reason:
            refusal = reason
    context = {
        **shared(),
        "incident": row,
        "decision": getattr(row, "decision", None),
        "zone": attempt.sitting.zone if attempt.sitting else timezone.get_current_timezone_name(),
        "seat": attempt.sitting
        and attempt.sitting.seats.filter(learner=attempt.learner_id).first(),
        "events": attempt.events.select_related("by").order_by("sequence"),
        "told": told,
        "said": told and told_and_counting(attempt),
        "affected": credentials_on([attempt])[attempt.pk] if told else [],
        "form": form,
        "reopen": reopen,
        "reopenable": reopenable,
        "late": late,
        "refusal": refusal,
        "crumbs": [(_("Queue"), "/registrar/"), (_("Incident"), "")],
    }
    status = refusal.status if refusal else 400 if given and given.errors else 200
    return render(request, "quizzes/sittings/incident.html", context, status=status)


def _act_on(incident: Incident, form: forms.Form, by: User, at: datetime) -> str:
    """Decide, hold, or give the attempt back; returns what to say."""
    given = form.cleaned_data
    if isinstance(form, ReopenForm):
        reopen_attempt(attempt=incident.attempt, **given, by=by, at=at)
        return _("The attempt is open again, with its answers. Tell the candidate.")
    if given["outcome"] == OutcomeForm.HOLD:
        hold_told_result(incident=incident, reasons=given["reasons"], by=by, at=at)
        return _("Held. The candidate is told, with your reasons; the incident stays open.")
    decide_incident(incident=incident, **given, by=by, at=at)
    return _("Decided. The result follows by itself.")


# After the last attempt


@never_cache
@require_http_methods(["GET", "POST"])
@role_required(Role.REGISTRAR)
def remediation(request: PersonRequest, quiz: int, learner: UUID) -> HttpResponse:
    """A plan of further learning, agreed and done: one attempt more."""
    at = timezone.now()
    exam = get_object_or_404(Quiz.objects.select_related("activity"), pk=quiz, pool="secure")
    who = next(
        (row for row in out_of_attempts(at=at) if row.quiz == exam and row.learner.uuid == learner),
        None,
    )
    if who is None:
        raise Http404
    form = PlanForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            record_remediation(
                quiz=exam, learner=who.learner, **form.cleaned_data, by=request.user, at=at
            )
        except Refusal as refusal:
            return refused(request, refusal)
        messages.success(request, _("Kept. They have one attempt more."))
        return redirect("sittings")
    context = {
        **shared(),
        "who": who,
        "form": form,
        "crumbs": [(_("Sittings"), "/sittings/"), (_("A plan of further learning"), "")],
    }
    status = 400 if form.errors else 200
    return render(request, "quizzes/sittings/remediation.html", context, status=status)
