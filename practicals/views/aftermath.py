"""A registrar after the results: plans of further learning, and passes that an amendment took back."""

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
from accounts.services import Refusal
from accounts.web import refused, role_required
from practicals.models import ExamPlan, PracticalResult
from practicals.services import out_of_attempts, record_further_learning
from practicals.services.resits import TEXT_MAX
from practicals.services.watching import falls, review_fall
from practicals.signed_in import PersonRequest


class PlanForm(forms.Form):
    """A plan of further learning, agreed and done."""

    plan = forms.CharField(
        label=gettext_lazy("What was agreed and done"),
        max_length=TEXT_MAX,
        widget=forms.Textarea({"rows": 6}),
        error_messages={"required": gettext_lazy("Say what was agreed and done.")},
    )


class FallForm(forms.Form):
    """Why a credential stays although the pass it rests on was taken back."""

    reasons = forms.CharField(
        label=gettext_lazy("Why the credential stays as it is"),
        max_length=TEXT_MAX,
        widget=forms.Textarea({"rows": 6}),
        error_messages={"required": gettext_lazy("Give your reasons.")},
    )


@require_http_methods(["GET", "POST"])
@never_cache
@role_required(Role.REGISTRAR)
def further_learning(request: PersonRequest, plan: int, candidate: UUID) -> HttpResponse:
    """A plan of further learning, agreed and done: one attempt more."""
    exam_plan = ExamPlan.objects.filter(pk=plan).select_related("activity").first()
    used_up = out_of_attempts(plan=exam_plan) if exam_plan else []
    who = next((row for row in used_up if row.candidate.uuid == candidate), None)
    if exam_plan is None or who is None:
        raise Http404
    form = PlanForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            record_further_learning(
                exam_plan=exam_plan,
                candidate=who.candidate,
                **form.cleaned_data,
                by=request.user,
                at=timezone.now(),
            )
        except Refusal as refusal:
            return refused(request, refusal)
        messages.success(request, _("Kept. They have one attempt more."))
        return redirect("exam-days")
    context: dict[str, Any] = {
        "role_name": _("registrar"),
        "who": who,
        "plan": exam_plan,
        "form": form,
        "crumbs": [(_("Exam days"), "/exam-days/"), (_("A plan of further learning"), "")],
    }
    status = 400 if form.errors else 200
    return render(request, "practicals/further_learning.html", context, status=status)


@require_http_methods(["GET", "POST"])
@never_cache
@role_required(Role.REGISTRAR)
def fall(request: PersonRequest, uuid: UUID) -> HttpResponse:
    """A pass that was taken back, and what rests on it."""
    result, at = PracticalResult.objects.filter(uuid=uuid).first(), timezone.now()
    found = falls(at=at, results=[result]) if result else []
    if not found:
        raise Http404
    form = FallForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            review_fall(result=found[0].result, **form.cleaned_data, by=request.user, at=at)
        except Refusal as refusal:
            return refused(request, refusal)
        messages.success(request, _("Kept. The credential stays as it is."))
        return redirect("registrar-queue")
    context = {
        "role_name": _("registrar"),
        "fall": found[0],
        "form": form,
        "crumbs": [(_("Queue"), "/registrar/"), (_("A pass taken back"), "")],
    }
    status = 400 if form.errors else 200
    return render(request, "practicals/fall.html", context, status=status)
