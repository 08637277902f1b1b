"""The registrar's document reviews and decisions. The queue that leads to them is in lms: it holds the matters of several apps."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.models import Role
from accounts.services import Refusal
from accounts.web import refused, role_required
from credentials import equivalence, services
from credentials.desk import desk_context
from credentials.files import signed_link
from credentials.forms import ReviewForm, add_refusal, posted
from credentials.forms_parts import rows_of
from credentials.models import Application, Decision, Document, DocumentReview, Exemption
from credentials.signed_in import PersonRequest


@role_required(Role.REGISTRAR)
@never_cache
@require_http_methods(["GET", "POST"])
def document_review(request: PersonRequest, uuid: UUID) -> HttpResponse:
    """The document on the left, the decision on the right, everything that happened below."""
    document = get_object_or_404(
        Document.objects.visible_to(request.user).select_related(
            "requirement", "application__applicant", "application__credential_type"
        ),
        uuid=uuid,
    )
    at = timezone.now()
    around = _around(document)
    form = _review_form(request, document)
    if request.method == "POST":
        try:
            if not form.is_valid():
                services.require_may_review(document=document, by=request.user, at=at)
            else:
                review = services.review_document(
                    document=document, by=request.user, at=at, **form.given()
                )
                messages.success(
                    request,
                    _("“%(what)s” of %(who)s: %(outcome)s. Recorded.")
                    % {
                        "what": document.requirement,
                        "who": document.application.name_on_id,
                        "outcome": review.get_outcome_display().lower(),
                    },
                )
                following = around["later"] or around["earlier"]
                return (
                    redirect("document-review", following)
                    if following and "next" in request.POST
                    else redirect("registrar-queue")
                )
        except Refusal as refusal:
            if not refusal.fields:
                return refused(request, refusal)
            add_refusal(form, refusal)
    closed_by = _refusal(document, request, at)
    context = {
        **desk_context(),
        **around,
        "form": None if closed_by else form,
        "closed_by": closed_by,
        "newer": services.newer_than(document),
        "document": document,
        "application": document.application,
        "requirement": document.requirement,
        "left": _days_left(document, at),
        "history": _history(document),
        "parts": _parts(document, None if closed_by else form),
        "needed": sum(part["hours"] for part in document.requirement.parts),
        "file": _link(document, request),
    }
    return render(
        request, "credentials/registrar/review.html", context, status=400 if form.errors else 200
    )


def _review_form(request: PersonRequest, document: Document) -> ReviewForm:
    return ReviewForm(
        *posted(request),
        reasons=list(services.reasons_for(document.requirement)),
        document=document,
    )


def _refusal(document: Document, request: PersonRequest, at: datetime) -> Refusal | None:
    try:
        services.require_may_review(document=document, by=request.user, at=at)
    except Refusal as refusal:
        return refusal
    return None


def _parts(document: Document, form: ReviewForm | None) -> list[dict[str, Any]]:
    """Equivalent education, part by part: what is asked, claimed and counted."""
    if document.not_required or not document.requirement.parts:
        return []
    reviews = document.reviews.all()
    newest = max(reviews, key=lambda review: review.sequence, default=None)
    counted = newest.parts if newest else {}
    compared = equivalence.compare(document.requirement.parts, document.parts, counted)
    return list(rows_of(form, compared))


def _link(document: Document, request: PersonRequest) -> str:
    """Where this page shows the file from; empty where none was sent or it is gone."""
    try:
        return signed_link(document, reader=request.user)
    except Http404:
        return ""


def _around(document: Document) -> dict[str, Any]:
    """The document's place among those that wait, and its neighbours."""
    waiting = list(services.waiting_documents().values_list("uuid", flat=True))
    if document.uuid not in waiting:
        return {
            "place": None,
            "of": len(waiting),
            "earlier": None,
            "later": next(iter(waiting), None),
        }
    index = waiting.index(document.uuid)
    return {
        "place": index + 1,
        "of": len(waiting),
        "earlier": waiting[index - 1] if index else None,
        "later": waiting[index + 1] if index + 1 < len(waiting) else None,
    }


def _days_left(document: Document, at: Any) -> int:
    today = at.date()
    due = services.after_working_days(document.uploaded_at.date(), services.DOCUMENT_DAYS)
    return services.working_days(today, due)


def _history(document: Document) -> list[dict[str, Any]]:
    """What happened to this requirement of this application, the newest first."""
    application, requirement = document.application, document.requirement
    entries: list[dict[str, Any]] = [
        {
            "at": application.submitted_at,
            "what": _("Application sent, code of conduct signed"),
            "who": _("Applicant"),
            "text": _("Edition %(edition)s") % {"edition": application.credential_type.edition},
        }
    ]
    rows = application.documents.filter(requirement=requirement).order_by("pk")
    reviews = DocumentReview.objects.filter(document__in=rows).select_related("by")
    for number, row in enumerate(rows):
        entries.append(
            {
                "at": row.uploaded_at,
                "what": _("Document sent again") if number else _("Document sent"),
                "who": _("Applicant"),
                "text": row.original_name or _("Not required where they practise"),
                "document": row,
            }
        )
    entries += [
        {
            "at": review.at,
            "what": review.get_outcome_display(),
            "who": review.by,
            "code": review.reason_code,
            "text": review.reason_text,
            "note": review.note,
        }
        for review in reviews
    ]
    return sorted(entries, key=lambda entry: entry["at"], reverse=True)


@role_required(Role.REGISTRAR)
@never_cache
@require_http_methods(["GET", "POST"])
def application_decision(request: PersonRequest, uuid: UUID) -> HttpResponse:
    """One application: how each requirement stands; and the award, where a registrar decides."""
    application = get_object_or_404(
        Application.objects.visible_to(request.user).select_related("credential_type", "applicant"),
        uuid=uuid,
    )
    at = timezone.now()
    if request.method == "POST":
        try:
            credential = services.decide(application=application, by=request.user, at=at)
            return redirect("credential-dossier", public_id=credential.public_id)
        except Refusal as refusal:
            return refused(request, refusal)
    standings = services.standings_of([application], at=at)[application.pk]
    milestones = services.road(standings, on=services.today_in(application.credential_type, at))
    exemptions = list(services.exemptions_of(application))
    asked = {row.requirement_id for row in exemptions if row.step == Exemption.Step.ASKED}
    context = {
        **desk_context(),
        "application": application,
        "rows": [
            {
                "standing": standing,
                "milestone": milestone,
                "exemptible": not standing.finding.met
                and standing.requirement.pk not in asked
                and standing.requirement.kind not in services.NEVER_EXEMPT,
            }
            for standing, milestone in zip(standings, milestones, strict=True)
        ],
        "complete": all(row.finding.met for row in standings),
        "needs_decision": bool(services.needs_decision([application])),
        "exemptions": exemptions,
        "decision": Decision.objects.filter(application=application).select_related("by").first(),
        "barred": _barred(application, request, at),
        "credential": getattr(application, "credential", None),
    }
    return render(request, "credentials/registrar/application.html", context)


def _barred(application: Application, request: PersonRequest, at: datetime) -> str:
    """Why this registrar may not take the decision, by the rule's name; empty when they may."""
    try:
        services.require_may_decide(application=application, by=request.user, at=at)
    except Refusal as refusal:
        return refusal.sentence
    return ""
