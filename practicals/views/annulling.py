"""A chief examiner annuls a station whose sheet never came, and takes that back when it has come after all."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.models import Role
from accounts.services import Invalid, Refusal
from accounts.web import refused, role_required
from practicals.models import Appointment, Station
from practicals.services import (
    annul_station,
    require_may_annul,
    require_may_take_back,
    take_back_annulment,
)
from practicals.sheet import MAX_NOTE
from practicals.signed_in import PersonRequest


class AnnulForm(forms.Form):
    reasons = forms.CharField(
        label=gettext_lazy("Reasons, as the candidate will read them"),
        help_text=gettext_lazy("What happened to the sheet, and what was tried. Name nobody."),
        max_length=MAX_NOTE,
        widget=forms.Textarea({"rows": 4}),
        error_messages={
            "required": gettext_lazy("Write the reasons, as the candidate will read them.")
        },
    )


class TakeBackForm(AnnulForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reasons"].help_text = _("Where the sheet was, and how it came. Name nobody.")


def _examined_at(request: PersonRequest, uuid: UUID, code: str) -> tuple[Appointment, Station]:
    row = (
        Appointment.objects.visible_to(request.user)
        .filter(uuid=uuid, exam_day__isnull=False)
        .select_related("plan__activity", "exam_day", "candidate", "resit_of")
        .first()
    )
    station = row and Station.objects.filter(plan=row.plan_id, checklist__code=code).first()
    if row is None or station is None:
        raise Http404
    return row, station


@require_http_methods(["GET", "POST"])
@never_cache
@role_required(Role.CHIEF_EXAMINER)
def annul(request: PersonRequest, uuid: UUID, code: str) -> HttpResponse:
    """What is missing, what follows, and the reasons. Of the sheets that are there, nothing is shown."""
    at = timezone.now()
    row, station = _examined_at(request, uuid, code)
    form = AnnulForm(request.POST or None)
    try:
        if request.method == "POST" and form.is_valid():
            annul_station(
                appointment=row, station=station, **form.cleaned_data, by=request.user, at=at
            )
            said = _(
                "Station %(code)s is annulled. The candidate is told once the rest is decided."
            )
            messages.success(request, said % {"code": code})
            return redirect("chief-desk")
        case = require_may_annul(appointment=row, station=station, by=request.user, at=at)
    except Invalid as refusal:
        form.add_error("reasons", refusal.sentence)
        case = require_may_annul(appointment=row, station=station, by=request.user, at=at)
    except Refusal as refusal:
        return refused(request, refusal)
    context = {
        "role_name": _("chief examiner"),
        "appointment": row,
        "case": case,
        "missing": [row for place, row in case.assignments.items() if place not in case.sheets],
        "form": form,
        "crumbs": [
            (_("Held results"), "/adjudicate/"),
            (f"{row.candidate_number}, {code}", ""),
        ],
    }
    status = 400 if form.errors else 200
    return render(request, "practicals/annul.html", context, status=status)


@require_http_methods(["GET", "POST"])
@never_cache
@role_required(Role.CHIEF_EXAMINER)
def take_back(request: PersonRequest, uuid: UUID, code: str) -> HttpResponse:
    """What has come, what follows, and the reasons. Of what the sheets say, nothing is shown."""
    at = timezone.now()
    row, station = _examined_at(request, uuid, code)
    asked: dict[str, Any] = {"appointment": row, "station": station, "by": request.user, "at": at}
    form = TakeBackForm(request.POST or None)
    try:
        if request.method == "POST" and form.is_valid():
            take_back_annulment(**asked, **form.cleaned_data)
            said = _("The annulment of station %(code)s is taken back. The candidate is told.")
            messages.success(request, said % {"code": code})
            return redirect("chief-desk")
        annulment, strays = require_may_take_back(**asked)
    except Invalid as refusal:
        if "reasons" not in (refusal.fields or {}):
            return refused(request, refusal)
        form.add_error("reasons", refusal.sentence)
        annulment, strays = require_may_take_back(**asked)
    except Refusal as refusal:
        return refused(request, refusal)
    context = {
        "role_name": _("chief examiner"),
        "appointment": row,
        "code": code,
        "annulment": annulment,
        "strays": strays,
        "form": form,
        "crumbs": [
            (_("Held results"), "/adjudicate/"),
            (row.candidate_number, f"/adjudicate/{row.uuid}/"),
            (code, ""),
        ],
    }
    status = 400 if form.errors else 200
    return render(request, "practicals/take_back.html", context, status=status)
