"""What people who are no registrars raise: their own appeals, and concerns by anybody, without an account."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.services import Invalid, Missing, Refusal
from accounts.web import refused, role_required
from credentials import limits, services
from credentials.forms import add_refusal, posted
from credentials.forms_raising import AppealForm, ConcernForm
from credentials.models import Case, CaseStep
from credentials.services.cases import GIVE_DAYS
from credentials.signed_in import PersonRequest
from credentials.views_public import too_many

# Appeals


@role_required()
@never_cache
@require_safe
def appeals(request: PersonRequest) -> HttpResponse:
    """One's own appeals and how far each is, and what one may still appeal against."""
    at = timezone.now()
    rows = Case.objects.appeals_of(request.user).order_by("-recorded_at")
    context = {
        "appeals": [{"case": row, "state": state_of(row)} for row in rows],
        "decisions": services.open_to_appeal(by=request.user, at=at),
    }
    return render(request, "credentials/applicant/appeals.html", context)


@role_required()
@never_cache
@require_http_methods(["GET", "POST"])
def new_appeal(request: PersonRequest, key: str) -> HttpResponse:
    """Appeal against one decision on oneself; one that was appealed against already leads to that appeal."""
    at = timezone.now()
    made = Case.objects.appeals_of(request.user).filter(subject=key).first()
    if made:
        return redirect("appeal", uuid=made.uuid)
    form = AppealForm(*posted(request))
    try:
        decided = services.require_may_appeal(key=key, by=request.user, at=at)
        if request.method == "POST" and form.is_valid():
            made = services.lodge_appeal(key=key, by=request.user, at=at, **form.cleaned_data)
            return redirect("appeal", uuid=made.uuid)
    except Missing:
        raise Http404 from None
    except Invalid as refusal:
        add_refusal(form, refusal)
    except Refusal as refusal:
        return refused(request, refusal)
    context = {"form": form, "decided": decided, "give_days": GIVE_DAYS}
    status = 400 if form.errors else 200
    return render(request, "credentials/applicant/appeal_new.html", context, status=status)


@role_required()
@never_cache
@require_http_methods(["GET", "POST"])
def appeal(request: PersonRequest, uuid: UUID) -> HttpResponse:
    """How far one's own appeal is, and how it ended. POST withdraws it."""
    case = get_object_or_404(Case.objects.appeals_of(request.user), uuid=uuid)
    if request.method == "POST":
        try:
            services.withdraw_case(case=case, by=request.user, at=timezone.now())
        except Refusal as refusal:
            return refused(request, refusal)
        messages.success(request, _("%(reference)s is withdrawn.") % {"reference": case.reference})
        return redirect("appeal", uuid=uuid)
    return render(request, "credentials/applicant/appeal.html", how_far(case))


def how_far(case: Case) -> dict[str, Any]:
    """What whoever raised a case is told of it. No name of a registrar, no note of theirs but the last word."""
    given = case.steps.filter(kind=CaseStep.Kind.GIVEN).order_by("sequence").first()
    return {
        "case": case,
        "state": state_of(case),
        "given_at": given and given.at,
        "give_by": services.after_working_days(case.received_on, GIVE_DAYS),
        "late": case.late_on(timezone.now().date()),
        "why": services.outcome_note(case),
        "follows": services.what_follows(case),
    }


def state_of(case: Case) -> tuple[str, str]:
    """The shape and the word of a case for whoever raised it."""
    if case.closed_at:
        shapes = {"upheld": "done", "partly": "done", "dismissed": "fail"}
        return shapes.get(case.outcome, "waiting"), case.get_outcome_display()
    if case.owner_id:
        return "held", _("Being looked at")
    return "waiting", _("Received")


# Concerns


@never_cache
@require_http_methods(["GET", "POST"])
def new_concern(request: HttpRequest) -> HttpResponse:
    """Anybody's concern about somebody's conduct or use of a title. It says the same whether the register knows the number or not."""
    typed = request.GET.get("number", "").replace("\0", "").strip()[:60]
    form = ConcernForm(*posted(request), initial={"about": typed})
    if request.method == "POST" and form.is_valid():
        try:
            limits.require_below(limits.Concerns, request)
            made = services.raise_concern(at=timezone.now(), **form.cleaned_data)
            return redirect("concern", uuid=made.uuid)
        except limits.TooMany as refusal:
            return too_many(request, refusal)
        except Invalid as refusal:
            add_refusal(form, refusal)
    context = {"form": form, "give_days": GIVE_DAYS}
    status = 400 if form.errors else 200
    return render(request, "credentials/public/concern_new.html", context, status=status)


@never_cache
@require_safe
def concern(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """How far a concern is, for whoever was given its address. It names nobody."""
    case = get_object_or_404(Case.objects.raised_outside(), uuid=uuid)
    response = render(request, "credentials/public/concern.html", how_far(case))
    response["X-Robots-Tag"] = "noindex"
    return response
