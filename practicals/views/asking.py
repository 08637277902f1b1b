"""What a candidate does about their date besides answering: asks for one, agrees to the rules, objects to an examiner, takes it into a calendar."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import User
from accounts.services import Refusal
from accounts.web import refused, role_required
from practicals import services
from practicals.forms_day import AgreeForm, AskForm, ObjectionForm
from practicals.models import DateRequest
from practicals.signed_in import PersonRequest
from practicals.views.candidate import appointment_page, found


@require_http_methods(["GET", "POST"])
@never_cache
@role_required()
def ask(request: PersonRequest, activity: UUID) -> HttpResponse:
    """Choose among the days with a free place, or say when one can come."""
    now = timezone.now()
    standings = services.standings_of(candidate=request.user)
    standing = next((row for row in standings if row.plan.activity.uuid == activity), None)
    if standing is None:
        raise Http404
    days = services.open_days(plan=standing.plan, record=standing.record, at=now)
    asked = standing.request
    initial = {"words": asked.words, "days": list(asked.days.all())} if asked else {}
    form = AskForm(request.POST or None, days=days, initial=initial)
    refusal = None
    if request.method == "POST" and form.is_valid():
        try:
            services.ask_for_date(
                plan=standing.plan,
                days=list(form.cleaned_data.get("days", [])),
                words=form.cleaned_data["words"],
                by=request.user,
                at=now,
            )
        except Refusal as refused_:
            form.refuse(refused_.fields)
            refusal = None if form.errors else refused_
        else:
            messages.success(
                request,
                _("You have asked for a date. The registrar offers you one; you hear by e-mail."),
            )
            return redirect("appointments")
    context = {
        "standing": standing,
        "days": days,
        "form": form,
        "refusal": refusal,
        "crumbs": [(_("Your appointments"), "/appointments/"), (_("Ask for a date"), "")],
    }
    status = refusal.status if refusal else 400 if form.errors else 200
    return render(request, "practicals/ask.html", context, status=status)


@require_POST
@role_required()
def withdraw(request: PersonRequest, uuid: UUID) -> HttpResponse:
    row = get_object_or_404(DateRequest.objects.filter(candidate=request.user), uuid=uuid)
    try:
        services.withdraw_request(request=row, by=request.user, at=timezone.now())
    except Refusal as refusal:
        return refused(request, refusal)
    messages.success(request, _("You do not ask for a date any more."))
    return redirect("appointments")


@require_POST
@role_required()
def agree(request: PersonRequest, uuid: UUID) -> HttpResponse:
    """The candidate agrees to the rules of the day, signed in, under their name."""
    row = found(request, uuid)
    form = AgreeForm(request.POST, prefix="agree")
    if not form.is_valid():
        return appointment_page(request, row, agree=form)
    try:
        services.agree(
            appointment=row, name=form.cleaned_data["name"], by=request.user, at=timezone.now()
        )
    except Refusal as refusal:
        return refused(request, refusal)
    messages.success(request, _("You have agreed to the rules of the day."))
    return redirect("appointment", uuid=uuid)


@require_POST
@role_required()
def objection(request: PersonRequest, uuid: UUID) -> HttpResponse:
    """The candidate does not want to be examined by somebody of their day."""
    row = found(request, uuid)
    form = ObjectionForm(request.POST)
    if not form.is_valid():
        raise Http404
    examiner = get_object_or_404(User, uuid=form.cleaned_data["examiner"])
    try:
        services.object_to_examiner(
            appointment=row,
            examiner=examiner,
            note=form.cleaned_data["note"],
            by=request.user,
            at=timezone.now(),
        )
    except Refusal as refusal:
        return refused(request, refusal)
    words = _("%(name)s does not examine you. Nobody asks you why, and they are not told.")
    messages.success(request, words % {"name": examiner})
    return redirect("appointment", uuid=uuid)


@require_safe
@never_cache
@role_required()
def calendar(request: PersonRequest, uuid: UUID) -> HttpResponse:
    """The date as a file for a calendar."""
    row = found(request, uuid)
    if row.exam_day is None:
        raise Http404
    entry = services.calendar_of(appointment=row, at=timezone.now())
    answer = HttpResponse(entry, content_type="text/calendar; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="appointment.ics"'
    return answer
