"""At the door: who came, by which document, what they agreed to, and who did not come."""

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import Role
from accounts.services import Refusal
from accounts.web import role_required
from practicals import services
from practicals.forms import ReasonForm
from practicals.forms_day import CheckInForm
from practicals.models import Appointment
from practicals.signed_in import PersonRequest
from practicals.views.registrar import day_of, day_page


def found(request: PersonRequest, uuid: UUID) -> Appointment:
    rows = Appointment.objects.visible_to(request.user).select_related(
        "exam_day", "plan__activity", "candidate"
    )
    return get_object_or_404(rows, uuid=uuid, exam_day__isnull=False)


@require_http_methods(["GET", "POST"])
@never_cache
@role_required(Role.REGISTRAR)
def check_in(request: PersonRequest, uuid: UUID) -> HttpResponse:
    """One candidate at the door: the document seen, and the agreement, made on their own page or here before the registrar."""
    row = found(request, uuid)
    agreed = row.agreements_made.select_related("agreement").first()
    form = CheckInForm(request.POST or None, agreed=bool(agreed))
    refusal = None
    if request.method == "POST" and form.is_valid():
        try:
            services.check_in(appointment=row, **form.given(), by=request.user, at=timezone.now())
        except Refusal as refused:
            form.refuse(refused.fields)
            refusal = None if form.errors else refused
        else:
            words = _("Candidate %(number)s, %(name)s, is checked in.")
            given = {"number": row.candidate_number, "name": row.candidate}
            messages.success(request, words % given)
            return redirect("exam-day", uuid=row.day.uuid)
    context = {
        "role_name": _("registrar"),
        "row": row,
        "form": form,
        "agreed": agreed,
        "agreement": agreed.agreement
        if agreed
        else services.agreement_of(plan=row.plan, at=timezone.now()),
        "seen": row.check_ins.first(),
        "refusal": refusal,
        "crumbs": [
            (_("Exam days"), "/exam-days/"),
            (str(row.exam_day), f"/exam-days/{row.day.uuid}/"),
            (_("Check-in"), ""),
        ],
    }
    status = refusal.status if refusal else 400 if form.errors else 200
    return render(request, "practicals/check_in.html", context, status=status)


def on_appointment(act: Callable[..., str]) -> Callable[..., HttpResponse]:
    """A POST of the registrar on one appointment of a day; `act` does it and returns what to say."""

    @require_POST
    @role_required(Role.REGISTRAR)
    def view(request: PersonRequest, uuid: UUID) -> HttpResponse:
        row = found(request, uuid)
        try:
            messages.success(request, act(request, row))
        except Refusal as refusal:
            return day_page(request, day_of(request, row.day.uuid), refusal=refusal)
        return redirect("exam-day", uuid=row.day.uuid)

    return view


@on_appointment
def absent(request: PersonRequest, row: Appointment) -> str:
    services.record_absence(appointment=row, by=request.user, at=timezone.now())
    return _("Candidate %(number)s did not come. If they come after all, check them in.") % {
        "number": row.candidate_number
    }


@on_appointment
def cancel(request: PersonRequest, row: Appointment) -> str:
    form = ReasonForm(request.POST)
    reason = form.cleaned_data["reason"] if form.is_valid() else ""
    services.cancel_appointment(appointment=row, reason=reason, by=request.user, at=timezone.now())
    return _("The appointment of candidate %(number)s is cancelled, and they are told why.") % {
        "number": row.candidate_number
    }
