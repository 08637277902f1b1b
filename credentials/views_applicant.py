"""Pages of an applicant: apply, see how each requirement stands, send documents."""

from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.services import Conflict, Refusal
from accounts.web import refused, role_required
from credentials import equivalence, services
from credentials.files import file_behind, signed_link
from credentials.forms import ApplicationForm, DocumentForm, add_refusal, posted
from credentials.forms_parts import rows_of
from credentials.models import (
    Application,
    Credential,
    CredentialType,
    Decision,
    Document,
    DocumentReview,
    Requirement,
)
from credentials.signed_in import PersonRequest


@role_required()
@never_cache
@require_http_methods(["GET", "POST"])
def apply(request: PersonRequest, code: str) -> HttpResponse:
    """One page: name, adjustments, listing, code of conduct. Who has applied already is shown how it stands."""
    editions = CredentialType.objects.filter(code=code).exclude(state=CredentialType.State.DRAFT)
    open_edition = editions.filter(state=CredentialType.State.OPEN).first()
    credential_type = open_edition or editions.order_by("-pk").first()
    if credential_type is None:
        raise Http404
    if Application.objects.filter(
        applicant=request.user, credential_type__code=code, closed_at=None
    ).exists():
        return redirect("application")
    at = timezone.now()
    try:
        services.require_may_apply(by=request.user, credential_type=credential_type, at=at)
    except Conflict as refusal:
        return refused(request, refusal)
    form = ApplicationForm(*posted(request), initial={"name_on_id": request.user.name})
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            services.apply(
                by=request.user,
                credential_type=credential_type,
                name_on_id=data["name_on_id"],
                agreed=data["agreed"],
                listed=data["listed"],
                accommodations=data["accommodations"],
                at=at,
            )
            return redirect("application")
        except Refusal as refusal:
            add_refusal(form, refusal)
    context = {
        "form": form,
        "type": credential_type,
        "requirements": credential_type.requirements.filter(phase=Requirement.Phase.AWARD),
    }
    return render(
        request, "credentials/applicant/apply.html", context, status=400 if form.errors else 200
    )


@role_required()
@never_cache
@require_safe
def application(request: PersonRequest) -> HttpResponse:
    """The newest application (open ones first): the road with what is done, missing, waiting and sent back."""
    mine = _applications_of(request)
    chosen = _chosen(request, mine)
    if chosen is None:
        return render(
            request,
            "credentials/applicant/none.html",
            {"types": services.open_types(), "holds": _holds(request)},
        )
    at = timezone.now()
    credential = Credential.objects.filter(application=chosen).first()
    if credential:
        return redirect("credential-record", public_id=credential.public_id)
    standings = services.standings_of([chosen], at=at)[chosen.pk]
    milestones = services.road(standings, on=services.today_in(chosen.credential_type, at))
    context = {
        "application": chosen,
        "others": [row for row in mine if row != chosen and row.closed_at is None],
        "milestones": milestones,
        "next": services.next_milestone(milestones),
        "met": sum(row.finding.met for row in standings),
        "total": len(standings),
        "waiting": sum(milestone.shape == "held" for milestone in milestones),
        "decision": Decision.objects.filter(application=chosen).first(),
        "decision_by": _decision_by(chosen, standings),
    }
    return render(request, "credentials/applicant/application.html", context)


@role_required()
@never_cache
@require_http_methods(["GET", "POST"])
def application_document(request: PersonRequest, code: str) -> HttpResponse:
    """One requirement: send a document for it (or say that none is required), and see everything sent before."""
    chosen = _chosen(request, _applications_of(request))
    if chosen is None:
        raise Http404
    requirement = get_object_or_404(
        chosen.credential_type.requirements, code=code, phase=Requirement.Phase.AWARD
    )
    at = timezone.now()
    try:
        services.require_may_upload(
            application=chosen, requirement=requirement, by=request.user, at=at, renewing=True
        )
    except Conflict as refusal:
        return refused(request, refusal)
    form = DocumentForm(*posted(request), requirement=requirement)
    if request.method == "POST" and form.is_valid():
        try:
            services.upload_document(
                application=chosen,
                requirement=requirement,
                by=request.user,
                at=at,
                renewing=True,
                **form.given(),
            )
            messages.success(
                request, _("“%(what)s” is sent. You hear from us.") % {"what": requirement}
            )
            return _back_from(chosen)
        except Refusal as refusal:
            add_refusal(form, refusal)
    claimed = newest.parts if (newest := _newest_of(chosen, requirement)) else {}
    context = {
        "form": form,
        "application": chosen,
        "requirement": requirement,
        "parts": list(
            rows_of(form, equivalence.compare(requirement.parts, claimed, _counted(newest)))
        ),
        "needed": sum(part["hours"] for part in requirement.parts),
        "milestone": _milestone(chosen, requirement),
        "documents": _sent_for(chosen, requirement),
    }
    return render(
        request, "credentials/applicant/document.html", context, status=400 if form.errors else 200
    )


@role_required()  # type: ignore[arg-type]
@require_safe
def document_file(request: PersonRequest, uuid: UUID) -> HttpResponseBase:
    """Leads the applicant and registrars to the file, by an address that ends in minutes; for anybody else there is none."""
    document = get_object_or_404(Document.objects.visible_to(request.user), uuid=uuid)
    download = "download" in request.GET
    return redirect(signed_link(document, reader=request.user, download=download))


@never_cache
@require_safe
def signed_file(request: HttpRequest, token: str) -> HttpResponseBase:
    """The file a signed address leads to, for the minutes it lasts. It says who asked, so it needs no session; a sandbox has none."""
    return file_behind(token)


@role_required()
@never_cache
@require_http_methods(["GET", "POST"])
def application_withdraw(request: PersonRequest) -> HttpResponse:
    """Withdraw one's open application, after a look at what that means."""
    chosen = _chosen(request, _applications_of(request))
    if chosen is None or chosen.closed_at:
        raise Http404
    if request.method == "POST":
        try:
            services.withdraw_application(application=chosen, by=request.user, at=timezone.now())
        except Refusal as refusal:
            return refused(request, refusal)
        messages.success(
            request,
            _("%(reference)s is withdrawn. What you sent stays on file.")
            % {"reference": chosen.reference},
        )
        return redirect("application")
    return render(request, "credentials/applicant/withdraw.html", {"application": chosen})


def _applications_of(request: PersonRequest) -> list[Application]:
    """One's own applications, open ones first, the newest first. A registrar's own too: this page is never about others."""
    rows = Application.objects.filter(applicant=request.user).select_related("credential_type")
    return sorted(rows, key=lambda row: (row.closed_at is None, row.submitted_at), reverse=True)


def _chosen(request: PersonRequest, mine: list[Application]) -> Application | None:
    asked = request.GET.get("application")
    if asked:
        return next((row for row in mine if str(row.uuid) == asked), None)
    return next(iter(mine), None)


def _holds(request: PersonRequest) -> bool:
    return Credential.objects.filter(holder=request.user).exists()


def _decision_by(application: Application, standings: list[services.Standing]) -> date | None:
    """The day by which a registrar decides, once everything is met and it is a registrar's to decide; else None."""
    if not all(row.finding.met for row in standings) or not services.needs_decision([application]):
        return None
    since = services.complete_since([application])[application.pk].date()
    return services.after_working_days(since, services.DECISION_DAYS)


def _back_from(application: Application) -> HttpResponse:
    """Where somebody goes after sending: to the application, or to the credential it became."""
    credential = Credential.objects.filter(application=application).first()
    if credential:
        return redirect("credential-record", public_id=credential.public_id)
    return redirect("application")


def _newest_of(application: Application, requirement: Requirement) -> Document | None:
    rows = application.documents.filter(requirement=requirement).order_by("-pk")
    return rows.prefetch_related("reviews").first()


def _counted(document: Document | None) -> dict[str, Any]:
    """What the newest review counted of each part."""
    reviews = document.reviews.all() if document else []
    newest = max(reviews, key=lambda review: review.sequence, default=None)
    return newest.parts if newest else {}


def _milestone(application: Application, requirement: Requirement) -> Any:
    at = timezone.now()
    on = services.today_in(application.credential_type, at)
    standings = services.standings_of([application], at=at)[application.pk]
    mine = [row for row in standings if row.requirement.pk == requirement.pk]
    return services.road(mine, on=on)[0]


def _sent_for(application: Application, requirement: Requirement) -> list[dict[str, Any]]:
    """Everything sent for a requirement, the newest first, with what was decided about it."""
    rows = (
        application.documents.filter(requirement=requirement)
        .order_by("-pk")
        .prefetch_related("reviews")
    )
    return [
        {
            "document": row,
            "review": (
                review := max(row.reviews.all(), key=lambda review: review.sequence, default=None)
            ),
            "state": _state(review, position == 0),
        }
        for position, row in enumerate(rows)
    ]


def _state(review: DocumentReview | None, is_newest: bool) -> tuple[str, str]:
    """The shape and the word of a document in the list."""
    if review is None:
        return (
            ("held", _("With the register"))
            if is_newest
            else ("waiting", _("Replaced by a newer one"))
        )
    shapes = {"met": "done", "more_information": "due", "not_met": "fail"}
    return shapes.get(review.outcome, "waiting"), review.get_outcome_display()
