"""What a registrar does with documents."""

from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.services import Conflict, Invalid, lock_learner, notify
from credentials import equivalence
from credentials.models import Application, Document, DocumentReview, Reason, Requirement
from credentials.services.award import record_evidence, today_in
from credentials.services.changing import require_other_person, require_registrar
from credentials.services.lasting import takes_current_documents
from ledger.models import new_salt

# A registrar's outcomes; a document is withdrawn by what supersedes it, never by a registrar.
OUTCOMES = (
    DocumentReview.Outcome.MET,
    DocumentReview.Outcome.MORE_INFORMATION,
    DocumentReview.Outcome.NOT_MET,
)


def reasons_for(requirement: Requirement) -> QuerySet[Reason]:
    """The reasons a decision on a document for this requirement may name."""
    return Reason.objects.filter(requirement=requirement, purpose__in=OUTCOMES).order_by("pk")


def require_may_review(*, document: Document, by: User, at: datetime) -> None:
    """Raise what keeps `by` from deciding on this document now: Forbidden for role or separation, Conflict when it is decided or closed."""
    require_registrar(by)
    application = document.application
    require_other_person(application.applicant, by)
    newest = document.reviews.order_by("-sequence").first()
    if newest:
        raise Conflict(
            "already_decided",
            _("%(who)s decided on this document on %(day)s: %(outcome)s.")
            % {
                "who": newest.by,
                "day": date_format(newest.at, "j F Y"),
                "outcome": newest.get_outcome_display().lower(),
            },
        )
    lasts = document.requirement.expires
    if application.closed_at and not (lasts and takes_current_documents(application, at=at)):
        raise Conflict(
            "application_closed", _("This application is closed; its documents are decided.")
        )
    if newer_than(document):
        raise Conflict(
            "superseded", _("The applicant has sent a newer document. Decide on that one.")
        )


def newer_than(document: Document) -> Document | None:
    """The document that was sent for the same requirement after this one, or None."""
    return (
        Document.objects.filter(
            application=document.application_id,
            requirement=document.requirement_id,
            pk__gt=document.pk,
        )
        .order_by("-pk")
        .first()
    )


@transaction.atomic
def review_document(
    *,
    document: Document,
    outcome: str,
    reason_code: str,
    by: User,
    at: datetime,
    note: str = "",
    valid_until: date | None = None,
    parts: dict[str, Any] | None = None,
) -> DocumentReview:
    """A registrar decides on a document. Met: it counts from now (until `valid_until`); otherwise the applicant is told what is missing.

    The same decision by the same person twice is made once. Raises Conflict when it is decided otherwise, superseded, or the application
    is closed, Forbidden (R2) on one's own document, Invalid for a reason of another outcome or a missing last day.
    """
    require_registrar(by)
    lock_learner(document.application.applicant_id)
    document = Document.objects.select_related(
        "requirement", "application__credential_type", "application__applicant"
    ).get(pk=document.pk)
    application = document.application
    require_other_person(application.applicant, by)
    newest = document.reviews.order_by("-sequence").first()
    if newest and (newest.outcome, newest.reason_code, newest.by_id) == (
        outcome,
        reason_code,
        by.pk,
    ):
        return newest
    require_may_review(document=document, by=by, at=at)
    reason = reasons_for(document.requirement).filter(purpose=outcome, code=reason_code).first()
    if reason is None:
        raise Invalid(
            "no_such_reason",
            _("Choose a reason for this decision."),
            fields={"reason_code": [_("Choose one of the reasons of this decision.")]},
        )
    counted = _counted(document, outcome, parts)
    met = outcome == DocumentReview.Outcome.MET
    last_day = _last_day(document, valid_until, at) if met else None
    salt = new_salt()
    review = DocumentReview.objects.append(
        chain=f"document:{document.uuid}",
        at=at,
        salt=salt,
        seen=document.digest(salt),
        document=document,
        outcome=outcome,
        reason_code=reason.code,
        reason_text=reason.text,
        note=note,
        valid_until=last_day,
        parts=counted,
        by=by,
    )
    if met:
        record_evidence(
            learner=application.applicant,
            requirement=document.requirement,
            source="document",
            reference=document.uuid,
            label=f"{document.requirement.title}: {reason.text}",
            valid_until=last_day,
            by=by,
            at=at,
        )
    else:
        _tell_applicant(application, document, review, at)
    return review


def _counted(document: Document, outcome: str, parts: dict[str, Any] | None) -> dict[str, Any]:
    """What was decided on each part of equivalent education. Raises Invalid while the whole does not follow from its parts.

    Where no hours are claimed, a program may decide on the whole alone; the page of the desk always asks for each part.
    """
    asked = document.requirement.parts
    if not asked or document.not_required or (parts is None and not document.parts):
        return {}
    parts = parts or {}
    counted = {part["code"]: parts[part["code"]] for part in asked if part["code"] in parts}
    words = {
        "undecided": _("Decide on this part."),
        "too_few": _("Fewer hours are counted than the scheme asks; this part is not met."),
        "not_met": _("The whole is met when every part is. Or ask for an exception."),
    }
    found = equivalence.problems(asked, counted, outcome)
    if found:
        fields = {f"part_{code}": [words[problem]] for code, problem in found.items()}
        raise Invalid("parts", _("The parts and the decision do not agree."), fields=fields)
    return counted


def _last_day(document: Document, valid_until: date | None, at: datetime) -> date | None:
    """Until when an accepted document counts. Raises Invalid where one is needed and is missing or past."""
    last_day = valid_until or document.valid_until
    if not document.requirement.expires or (document.not_required and last_day is None):
        return last_day
    if last_day is None:
        sentence = _("Enter the document's last valid day.")
        raise Invalid("last_day", sentence, fields={"valid_until": [sentence]})
    if last_day < today_in(document.application.credential_type, at):
        sentence = _("This day is past: the document has run out.")
        raise Invalid("out_of_date", sentence, fields={"valid_until": [sentence]})
    return last_day


def _tell_applicant(
    application: Application, document: Document, review: DocumentReview, at: datetime
) -> None:
    notify(
        recipient=application.applicant,
        kind="document_returned",
        reference=str(review.uuid),
        subject=f"{document.requirement.title}: {review.get_outcome_display().lower()}",
        template="credentials/mail/document_returned.txt",
        context={"document": document, "review": review, "application": application},
        url=f"/application/{document.requirement.code}/",
        at=at,
    )


def waiting_documents() -> QuerySet[Document]:
    """The registrar's documents to decide, the oldest first."""
    return (
        Document.objects.waiting()
        .filter(
            Q(application__closed_at=None)
            | Q(requirement__expires=True, application__credential__isnull=False)
        )
        .select_related("application", "application__applicant", "requirement")
        .order_by("uploaded_at", "pk")
    )
