"""What a candidate sees: appointments to accept or decline, and results in words."""

from uuid import UUID

from django.contrib import messages
from django.db.models import Prefetch, QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.services import Refusal
from accounts.web import refused, role_required
from practicals.forms_day import AgreeForm
from practicals.models import Appointment, ExamPlan, PracticalResult
from practicals.services import (
    agreement_of,
    answer_appointment,
    examiners_to_know,
    objections_close,
    standings_of,
)
from practicals.signed_in import PersonRequest


def own(request: PersonRequest) -> QuerySet[Appointment]:
    """The person's own appointments with their results, the newest version first."""
    newest = PracticalResult.objects.order_by("-version")
    return (
        Appointment.objects.filter(candidate=request.user)
        .select_related("plan__activity__module__course", "exam_day", "resit_of")
        .prefetch_related(Prefetch("results", newest))
        .order_by("-starts_at", "-pk")
    )


def found(request: PersonRequest, uuid: UUID) -> Appointment:
    row = own(request).filter(uuid=uuid).first()
    if row is None:
        raise Http404
    return row


@require_safe
@never_cache
@role_required()
def appointments(request: PersonRequest) -> HttpResponse:
    """What is offered, what is agreed, what was decided."""
    rows = list(own(request))
    context = {
        "waiting": [row for row in rows if row.is_active and not row.results.all()],
        "decided": [row for row in rows if row.results.all()],
        "closed": [row for row in rows if not row.is_active],
        "standings": [row for row in standings_of(candidate=request.user) if not row.why_not],
        "now": timezone.now(),
    }
    return render(request, "practicals/appointments.html", context)


@require_safe
@never_cache
@role_required()
def appointment(request: PersonRequest, uuid: UUID) -> HttpResponse:
    row = found(request, uuid)
    if row.results.all():
        return redirect("practical-result", uuid=uuid)
    return appointment_page(request, row)


def appointment_page(
    request: PersonRequest, row: Appointment, *, agree: AgreeForm | None = None
) -> HttpResponse:
    """One appointment with all that can be done about it: once it has begun, nothing but read."""
    now, day = timezone.now(), row.exam_day
    agreed = row.agreements_made.select_related("agreement").first()
    ahead = bool(day) and row.is_active and row.starts_at > now
    accepted = ahead and row.state == Appointment.State.ACCEPTED
    context = {
        "row": row,
        "stations": stations_of(row.plan) if day else [],
        "examiners": examiners_to_know(appointment=row) if ahead else [],
        "objections_close": objections_close(row),
        "may_object": objections_close(row) >= now,
        "agreed": agreed,
        "agreement": agreement_of(plan=row.plan, at=now) if accepted and not agreed else None,
        "agree": agree or AgreeForm(prefix="agree"),
        "form": agree,
        "now": now,
        "crumbs": [(_("Your appointments"), "/appointments/"), (row.plan.activity.title, "")],
    }
    status = 400 if agree and agree.errors else 200
    return render(request, "practicals/appointment.html", context, status=status)


def stations_of(plan: ExamPlan) -> list[str]:
    """The stations as a candidate may know them before the day: the fixed ones, and of which pairs one is drawn. One query."""
    titles: dict[str, list[str]] = {}
    for station in plan.stations.select_related("checklist").order_by("position"):
        titles.setdefault(station.drawn_from or f"fixed {station.position}", []).append(
            station.checklist.title
        )
    return [
        _("One of: %(titles)s") % {"titles": _(" or ").join(group)} if len(group) > 1 else group[0]
        for group in titles.values()
    ]


@require_POST
@role_required()
def answer(request: PersonRequest, uuid: UUID) -> HttpResponse:
    """Accept or decline; `answer` says which."""
    row = found(request, uuid)
    accept = request.POST.get("answer") == "accept"
    if not accept and request.POST.get("answer") != "decline":
        return redirect("appointments")
    try:
        answer_appointment(appointment=row, accept=accept, by=request.user, at=timezone.now())
    except Refusal as refusal:
        return refused(request, refusal)
    messages.success(
        request,
        _("You have accepted. We expect you; what to bring stands below.")
        if accept
        else _("You have declined. You can ask for another date."),
    )
    return redirect("appointments")
