"""The registrar's decisions on an application beside its documents: refusals, exceptions, and the report of exceptions."""

from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import Role
from accounts.services import Refusal, csv_text
from accounts.web import refused, role_required
from credentials import services
from credentials.desk import desk_context
from credentials.forms import add_refusal, posted
from credentials.forms_desk import AnswerForm, ExemptionForm, PeriodForm, RefuseForm
from credentials.models import Application, Exemption
from credentials.signed_in import PersonRequest


def seen_application(request: PersonRequest, uuid: UUID) -> Application:
    rows = Application.objects.visible_to(request.user)
    return get_object_or_404(rows.select_related("credential_type", "applicant"), uuid=uuid)


@role_required(Role.REGISTRAR)
@never_cache
@require_http_methods(["GET", "POST"])
def refuse_application(request: PersonRequest, uuid: UUID) -> HttpResponse:
    """Refuse an application, with a reason the applicant reads."""
    application, at = seen_application(request, uuid), timezone.now()
    form = RefuseForm(*posted(request))
    try:
        if request.method == "POST" and form.is_valid():
            services.refuse_application(
                application=application, reason=form.cleaned_data["reason"], by=request.user, at=at
            )
            messages.success(
                request,
                _("%(reference)s is refused. The applicant is told why, and how to appeal.")
                % {"reference": application.reference},
            )
            return redirect("application-decision", uuid=uuid)
        services.require_may_decide(application=application, by=request.user, at=at)
    except Refusal as refusal:
        if not refusal.fields:
            return refused(request, refusal)
        add_refusal(form, refusal)
    return _page(request, "refuse", form, {"application": application})


@role_required(Role.REGISTRAR)
@never_cache
@require_http_methods(["GET", "POST"])
def ask_exemption(request: PersonRequest, uuid: UUID, code: str) -> HttpResponse:
    """Ask another registrar for an exception from one requirement."""
    application, at = seen_application(request, uuid), timezone.now()
    requirement = get_object_or_404(application.credential_type.requirements, code=code)
    form = ExemptionForm(
        *posted(request),
        requirement=requirement,
        approvers=services.possible_approvers(application=application, by=request.user),
    )
    try:
        services.require_may_ask_exemption(
            application=application, requirement=requirement, by=request.user
        )
        if request.method == "POST" and form.is_valid():
            asked = services.ask_exemption(
                application=application,
                requirement=requirement,
                by=request.user,
                at=at,
                **form.cleaned_data,
            )
            return redirect("exemption", uuid=asked.uuid)
    except Refusal as refusal:
        if not refusal.fields:
            return refused(request, refusal)
        add_refusal(form, refusal)
    context = {"application": application, "requirement": requirement}
    return _page(request, "exception_ask", form, context)


@role_required(Role.REGISTRAR)
@never_cache
@require_http_methods(["GET", "POST"])
def exemption(request: PersonRequest, uuid: UUID) -> HttpResponse:
    """One exception: what is asked and why, and the named approver's answer."""
    asked = get_object_or_404(
        Exemption.objects.select_related("application__applicant", "requirement"), uuid=uuid
    )
    steps = list(
        Exemption.objects.filter(chain=asked.chain)
        .select_related("by", "approver", "asked_by")
        .order_by("sequence")
    )
    newest = steps[-1]
    own = newest.asked_by_id == request.user.pk
    form = AnswerForm(*posted(request), own=own)
    waits = newest.step == Exemption.Step.ASKED and not asked.application.closed_at
    try:
        if request.method == "POST" and form.is_valid():
            services.answer_exemption(
                exemption=asked,
                approve=form.approves,
                note=form.cleaned_data["note"],
                by=request.user,
                at=timezone.now(),
            )
            messages.success(request, _("Your answer is on record."))
            return redirect("application-decision", uuid=asked.application.uuid)
    except Refusal as refusal:
        if not refusal.fields:
            return refused(request, refusal)
        add_refusal(form, refusal)
    mine = own or newest.approver_id == request.user.pk
    context = {
        "application": asked.application,
        "requirement": asked.requirement,
        "newest": newest,
        "steps": steps,
        "own": own,
        "answers": waits and mine,
    }
    return _page(request, "exception", form, context)


@role_required(Role.REGISTRAR)
@never_cache
@require_safe
def exceptions(request: PersonRequest) -> HttpResponse:
    """Every exception asked for between two days (without them, this quarter), as a page or, with `csv`, as a list."""
    first, last = PeriodForm(request.GET).between(quarter_of(timezone.now().date()))
    rows = _asked_between(first, last)
    if "csv" in request.GET:
        response = HttpResponse(csv_text(_lines(rows)), content_type="text/csv; charset=utf-8")
        name = f"exceptions-{first.isoformat()}-{last.isoformat()}.csv"
        response["Content-Disposition"] = f'attachment; filename="{name}"'
        return response
    context = {
        **desk_context(),
        "rows": rows,
        "first": first,
        "last": last,
        "approved": sum(row.step == Exemption.Step.APPROVED for row in rows),
        "waiting": sum(row.step == Exemption.Step.ASKED for row in rows),
    }
    return render(request, "credentials/registrar/exceptions.html", context)


def quarter_of(day: date) -> tuple[date, date]:
    """The first and the last day of the quarter a day lies in."""
    month = (day.month - 1) // 3 * 3 + 1
    first = date(day.year, month, 1)
    following = date(day.year + month // 10, (month + 2) % 12 + 1, 1)
    return first, following - timedelta(days=1)


def _asked_between(first: date, last: date) -> QuerySet[Exemption]:
    """The step that holds for each exception one of whose steps lies between two days."""
    begin = datetime.combine(first, time(), tzinfo=timezone.get_current_timezone())
    end = datetime.combine(last + timedelta(days=1), time(), tzinfo=begin.tzinfo)
    touched = Exemption.objects.between(begin, end).values("chain")
    rows = Exemption.objects.newest().filter(chain__in=touched)
    return rows.select_related("application", "requirement", "asked_by", "approver", "by").order_by(
        "-at"
    )


HEAD = ["application", "applicant", "requirement", "state", "ground", "reason", "asked_by", "approver", "answer", "day", "valid_until"]  # fmt: skip


def _lines(rows: QuerySet[Exemption]) -> list[list[Any]]:
    return [HEAD] + [
        [
            row.application.reference, row.application.name_on_id, row.requirement.code, row.step,
            row.get_ground_display(), row.reason, row.asked_by, row.approver, row.note,
            row.at.date().isoformat(), row.valid_until.isoformat() if row.valid_until else "",
        ]
        for row in rows
    ]  # fmt: skip


def _page(request: PersonRequest, name: str, form: Any, context: dict[str, Any]) -> HttpResponse:
    return render(
        request,
        f"credentials/registrar/{name}.html",
        {**desk_context(), "form": form, **context},
        status=400 if form.errors else 200,
    )
