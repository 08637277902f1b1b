"""The door of the register. Layers above report facts with `record_evidence`; what a fact completes is decided here, in the same transaction.

Order of locks: the caller's own row, then the learner (`lock_learner`), no other.
"""

import hashlib
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import IntegrityError, transaction
from django.db.models import Prefetch, QuerySet

from accounts.models import Role, User
from accounts.services import Conflict, Forbidden, Invalid, lock_learner, notify
from credentials import numbers, requirements, validity
from credentials.models import (
    Application,
    Credential,
    CredentialType,
    Document,
    DocumentReview,
    Evidence,
    Reason,
    Renewal,
    Requirement,
    StatusEvent,
)


# Evidence and award


@transaction.atomic
def record_evidence(
    *,
    learner: User,
    requirement: Requirement,
    source: str,
    reference: UUID,
    label: str,
    by: User | None,
    at: datetime,
    counts: bool = True,
    valid_until: date | None = None,
) -> Credential | None:
    """Write that a fact counts (or no longer counts) to a requirement, and issue the credential if it was the last one missing.

    `reference` is the uuid of the row the fact comes from. The same fact twice is written once. Returns a credential issued by this call.
    """
    lock_learner(learner.pk)
    newest = (
        Evidence.objects.filter(learner=learner, requirement=requirement, reference=reference)
        .order_by("-sequence")
        .first()
    )
    unchanged = newest and newest.counts == counts and newest.valid_until == valid_until
    if not unchanged and (counts or newest):
        kind = requirement.credential_type
        Evidence.objects.append(
            chain=f"evidence:{learner.uuid}",
            at=at,
            learner=learner,
            requirement=requirement,
            requirement_code=f"{kind.code} {kind.edition} {requirement.code}",
            counts=counts,
            source=source,
            reference=reference,
            label=label[:250],
            valid_until=valid_until,
            by=by,
        )
    return award_if_due(learner=learner, credential_type=requirement.credential_type, at=at)


@dataclass(frozen=True)
class Standing:
    """One requirement of an application and how it stands."""

    requirement: Requirement
    finding: requirements.Finding
    document: Document | None


def today_in(credential_type: CredentialType, at: datetime) -> date:
    """The calendar day at `at` where the edition's days end."""
    return at.astimezone(ZoneInfo(credential_type.zone)).date()


def requirements_of(
    *, learner: User, credential_type: CredentialType, at: datetime, application: Application | None = None
) -> list[Standing]:
    """How a person stands with each award requirement, in order. Three or four queries, whatever their number."""
    on = today_in(credential_type, at)
    rows = list(credential_type.requirements.filter(phase=Requirement.Phase.AWARD))
    facts: dict[int, list[requirements.EvidenceFact]] = {}
    for row in Evidence.objects.filter(learner=learner, requirement__in=rows).order_by("sequence"):
        fact = requirements.EvidenceFact(row.reference, row.counts, row.label, row.valid_until)
        facts.setdefault(row.requirement_id, []).append(fact)
    newest: dict[int, Document] = {}
    if application:
        reviews = Prefetch("reviews", DocumentReview.objects.order_by("-sequence"))
        for document in application.documents.order_by("pk").prefetch_related(reviews):
            newest[document.requirement_id] = document
    return [
        Standing(row, requirements.judge(facts.get(row.pk, []), _document_fact(newest.get(row.pk)), on), newest.get(row.pk))
        for row in rows
    ]


def _document_fact(document: Document | None) -> requirements.DocumentFact | None:
    if document is None:
        return None
    review = next(iter(document.reviews.all()), None)
    if review and review.outcome == DocumentReview.Outcome.WITHDRAWN:
        return None
    return requirements.DocumentFact(
        document.uuid, review.outcome if review else None, review.reason_text if review else ""
    )


@transaction.atomic
def award_if_due(*, learner: User, credential_type: CredentialType, at: datetime) -> Credential | None:
    """Issue the credential when there is an open application, every requirement is met and the type awards by itself. Safe to call twice."""
    lock_learner(learner.pk)
    application = (
        Application.objects.filter(applicant=learner, credential_type=credential_type, closed_at=None)
        .order_by("pk")
        .first()
    )
    if application is None or credential_type.award != CredentialType.Award.AUTOMATIC:
        return None
    standings = requirements_of(learner=learner, credential_type=credential_type, at=at, application=application)
    if not all(standing.finding.met for standing in standings):
        return None
    return _issue(application=application, by=None, at=at)


def award_due(*, at: datetime) -> int:
    """Issue whatever is due and was missed. Called by the sweep; returns how many were issued."""
    waiting = Application.objects.filter(
        closed_at=None, credential_type__award=CredentialType.Award.AUTOMATIC
    ).select_related("applicant", "credential_type")
    return sum(
        award_if_due(learner=row.applicant, credential_type=row.credential_type, at=at) is not None for row in waiting
    )


@transaction.atomic
def decide(*, application: Application, by: User, at: datetime) -> Credential:
    """Award a credential whose type awards by decision. Refuses the applicant's own case, and any requirement not met."""
    _registrar(by)
    lock_learner(application.applicant_id)
    application.refresh_from_db()
    _not_own(application.applicant, by)
    if application.closed_at:
        raise Conflict("application_closed", "This application has been decided.")
    standings = requirements_of(
        learner=application.applicant, credential_type=application.credential_type, at=at, application=application
    )
    missing = [standing.requirement.title for standing in standings if not standing.finding.met]
    if missing:
        raise Conflict("requirements_missing", f"Not every requirement is met: {', '.join(missing)}.")
    return _issue(application=application, by=by, at=at)


def _issue(*, application: Application, by: User | None, at: datetime) -> Credential:
    """Number, statement and ISSUED event in one go; signing, PDF and mail follow as tasks. The learner is locked."""
    kind = application.credential_type
    first = today_in(kind, at)
    last = validity.last_valid_day(first, kind.validity_years)
    credential = _numbered(
        holder=application.applicant,
        credential_type=kind,
        application=application,
        name=application.name_on_id,
        name_key=fold(application.name_on_id),
        statement=statement_of(kind),
        issued_at=at,
        valid_from=first,
        valid_until=last,
        listed=application.listed,
    )
    _append_event(
        credential=credential, kind=StatusEvent.Kind.ISSUED, effective_at=at, valid_until=last, by=by, at=at
    )
    application.closed_at = at
    application.save(update_fields=["closed_at"])
    return credential


def _numbered(**fields: Any) -> Credential:
    for _attempt in range(5):
        try:
            with transaction.atomic():
                number = numbers.new_number(fields["credential_type"].number_prefix)
                return Credential.objects.create(number=number, **fields)
        except IntegrityError:
            if Credential.objects.filter(application=fields["application"]).exists():
                raise
    raise RuntimeError("Five random credential numbers in a row were taken.")


def statement_of(kind: CredentialType) -> dict[str, Any]:
    """What a credential of this edition says, as it is issued."""
    return {
        "code": kind.code,
        "edition": kind.edition,
        "title": kind.title,
        "issuer": kind.issuer_name,
        "description": kind.description,
        "criteria": kind.criteria,
        "scope": kind.scope,
        "limits": kind.limits,
        "zone": kind.zone,
    }


def fold(name: str) -> str:
    """A name for searching: lower case, no accents, single blanks."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return " ".join(plain.lower().split())


# Status


def events_of(credential: Credential) -> list[validity.Event]:
    """The credential's events as validity.py reads them. Uses prefetched rows where there are some."""
    return [
        validity.Event(row.sequence, row.kind, row.effective_at, row.valid_until) for row in credential.events.all()
    ]


def standing_of(credential: Credential, *, at: datetime, on: date | None = None) -> validity.Standing:
    """The status now, or as of the end of day `on` (today means now). Raises Invalid for a day to come."""
    zone = credential.statement["zone"]
    today = at.astimezone(ZoneInfo(zone)).date()
    if on and on > today:
        raise Invalid("day_to_come", "Choose today or a day in the past.", fields={"on": ["This day is still to come."]})
    when = at if on is None or on == today else validity.end_of_day(on, zone)
    return validity.standing(events_of(credential), when, zone)


def suspend(**given: Any) -> StatusEvent:
    """Suspend an active credential. Takes credential, reason_code, note, by, at."""
    return _change(kind=StatusEvent.Kind.SUSPENDED, purpose=Reason.Purpose.SUSPEND, **given)


def reinstate(**given: Any) -> StatusEvent:
    """End a suspension; a new document is signed. Takes credential, reason_code, note, by, at."""
    return _change(kind=StatusEvent.Kind.REINSTATED, purpose=Reason.Purpose.REINSTATE, **given)


def revoke(**given: Any) -> StatusEvent:
    """Revoke a credential for good. Takes credential, reason_code, note, by, at."""
    return _change(kind=StatusEvent.Kind.REVOKED, purpose=Reason.Purpose.REVOKE, **given)


@transaction.atomic
def renew(
    *, credential: Credential, hours: Any, ethics_hours: Any, reason_code: str, note: str = "", by: User, at: datetime
) -> StatusEvent:
    """Renew from the day after the last valid day: same number, same history, a new document."""
    last = validity.last_valid_day(
        date.fromordinal(credential.valid_until.toordinal() + 1), credential.credential_type.validity_years
    )
    event = _change(
        kind=StatusEvent.Kind.RENEWED,
        purpose=Reason.Purpose.RENEW,
        credential=credential,
        reason_code=reason_code,
        note=note,
        by=by,
        at=at,
        valid_until=last,
    )
    if not Renewal.objects.filter(event=event).exists():
        Renewal.objects.create(event=event, hours=hours, ethics_hours=ethics_hours)
        credential.valid_until = last
        credential.save(update_fields=["valid_until"])
    return event


@transaction.atomic
def _change(
    *,
    credential: Credential,
    kind: str,
    purpose: str,
    reason_code: str,
    by: User,
    at: datetime,
    note: str = "",
    valid_until: date | None = None,
) -> StatusEvent:
    """One status change by a registrar with a reason. The same change asked for twice in a row is made once."""
    _registrar(by)
    lock_learner(credential.holder_id)
    _not_own(credential.holder, by)
    reason = Reason.objects.filter(
        credential_type=credential.credential_type_id, purpose=purpose, code=reason_code
    ).first()
    newest = credential.events.order_by("-sequence").first()
    if newest and newest.kind == kind and newest.by_id == by.pk and newest.reason_code == reason_code:
        return newest
    now = validity.standing(
        [validity.Event(row.sequence, row.kind, row.effective_at, row.valid_until) for row in credential.events.order_by("sequence")],
        at,
        credential.statement["zone"],
    )
    if kind not in validity.MAY_FOLLOW.get(now.status, frozenset()):
        raise Conflict("not_from_this_status", f"A credential that is {now.status} cannot be {StatusEvent.Kind(kind).label.lower()}.")
    if reason is None:
        raise Invalid("no_such_reason", "Choose a reason.", fields={"reason": ["Choose one of the reasons of this scheme."]})
    return _append_event(
        credential=credential,
        kind=kind,
        effective_at=at,
        reason_code=reason.code,
        reason_text=reason.text,
        note=note,
        valid_until=valid_until,
        by=by,
        at=at,
    )


def _append_event(*, credential: Credential, kind: str, at: datetime, **fields: Any) -> StatusEvent:
    """Append to the credential's chain and enqueue what follows from it: signing, the status list, a message to the holder."""
    from credentials.tasks import publish_status_lists, sign_document

    event = StatusEvent.objects.append(chain=credential.chain, at=at, credential=credential, kind=kind, **fields)
    if kind in StatusEvent.MAKES_DOCUMENT:
        sign_document.enqueue(event.pk)
    if kind in StatusEvent.ENDS_DOCUMENTS:
        publish_status_lists.enqueue()
    notify(
        recipient=credential.holder,
        kind=f"credential_{kind}",
        reference=str(event.uuid),
        subject=f"Your credential {credential.number}: {event.get_kind_display().lower()}",
        template="credentials/mail/status.txt",
        context={"credential": credential, "event": event},
        url=f"/record/{credential.public_id}/",
        at=at,
    )
    return event


def _registrar(by: User) -> None:
    if not by.has_role(Role.REGISTRAR):
        raise Forbidden("wrong_role", "Only a registrar does this.")


def _not_own(person: User, by: User) -> None:
    if person.pk == by.pk:
        raise Forbidden("R2", "Rule R2: nobody decides on their own case. Another registrar has to.")


# Applying


@transaction.atomic
def apply(
    *,
    by: User,
    credential_type: CredentialType,
    name_on_id: str,
    agreed: bool,
    listed: bool,
    accommodations: str,
    at: datetime,
) -> Application:
    """Apply for a credential. Signing the code of conduct is the agreement requirement. An open application is returned as it is.

    Raises Conflict when the type takes no applications or the person already holds it, Invalid when name or signature are missing.
    """
    lock_learner(by.pk)
    existing = Application.objects.filter(
        applicant=by, credential_type__code=credential_type.code, closed_at=None
    ).first()
    if existing:
        return existing
    if credential_type.state != CredentialType.State.OPEN:
        raise Conflict("type_closed", f"{credential_type} takes no applications.")
    held = Credential.objects.filter(holder=by, credential_type__code=credential_type.code).prefetch_related("events")
    if any(standing_of(row, at=at).status not in (*validity.FINAL, validity.Status.EXPIRED) for row in held):
        raise Conflict("already_held", "You hold this credential. Renew it instead of applying again.")
    fields = {}
    if not name_on_id.strip():
        fields["name_on_id"] = ["Enter your name as it stands on your identity document."]
    if not agreed:
        fields["agreed"] = ["Sign the code of conduct to apply."]
    if fields:
        raise Invalid("incomplete", "Your application is not complete.", fields=fields)
    application = Application.objects.create(
        applicant=by,
        credential_type=credential_type,
        name_on_id=" ".join(name_on_id.split())[:150],
        listed=listed,
        accommodations=accommodations.strip(),
        agreed_at=at,
        submitted_at=at,
    )
    for requirement in credential_type.requirements.filter(kind=Requirement.Kind.AGREEMENT):
        record_evidence(
            learner=by,
            requirement=requirement,
            source="agreement",
            reference=application.uuid,
            label=f"Signed {at:%-d %B %Y}",
            by=by,
            at=at,
        )
    award_if_due(learner=by, credential_type=credential_type, at=at)
    application.refresh_from_db()
    return application


# Files people send are looked at, not trusted: what the first bytes say must be one of these.
ACCEPTED_FILES = {"application/pdf": b"%PDF-", "image/png": b"\x89PNG\r\n\x1a\n", "image/jpeg": b"\xff\xd8\xff"}


def kind_of_file(head: bytes) -> str | None:
    """The content type the first bytes of a file say, or None when it is not one we take."""
    return next((kind for kind, magic in ACCEPTED_FILES.items() if head.startswith(magic)), None)


@transaction.atomic
def upload_document(
    *,
    application: Application,
    requirement: Requirement,
    by: User,
    at: datetime,
    file: Any = None,
    not_required: bool = False,
    statement: str = "",
    number: str = "",
    valid_until: date | None = None,
) -> Document:
    """Send a document (PDF, PNG or JPEG, at most DOCUMENT_MAX_BYTES), or state that none is required where one practises.

    The same file for the same requirement twice is one document. Raises Conflict when the application is closed or the
    requirement takes no documents, Invalid when the file is missing, too large or of another kind.
    """
    from django.conf import settings

    lock_learner(application.applicant_id)
    application.refresh_from_db()
    if application.closed_at:
        raise Conflict("application_closed", "This application is closed; nothing can be added to it.")
    if requirement.credential_type_id != application.credential_type_id or not requirement.takes_documents:
        raise Conflict("takes_no_document", f"“{requirement}” is not met by a document.")
    if not_required:
        if not requirement.allows_not_required:
            raise Invalid("needed", "This document is always required.", fields={"not_required": ["Send the document."]})
        if not statement.strip():
            raise Invalid(
                "say_why",
                "Say where you practise and why no licence is required there.",
                fields={"statement": ["Say where you practise and why no licence is required there."]},
            )
        return Document.objects.create(
            application=application, requirement=requirement, not_required=True, statement=statement.strip(), uploaded_at=at
        )
    if file is None:
        raise Invalid("no_file", "Choose a file.", fields={"file": ["Choose a file: PDF, PNG or JPEG."]})
    if file.size > settings.DOCUMENT_MAX_BYTES:
        limit = settings.DOCUMENT_MAX_BYTES // 1024 // 1024
        raise Invalid("too_large", f"The file is larger than {limit} MB.", fields={"file": [f"Send a file of at most {limit} MB."]})
    head = file.read(16)
    file.seek(0)
    content_type = kind_of_file(head)
    if content_type is None:
        raise Invalid("wrong_kind", "The file is not a PDF, PNG or JPEG.", fields={"file": ["Send a PDF, PNG or JPEG."]})
    digest = hashlib.sha256()
    for chunk in file.chunks():
        digest.update(chunk)
    file.seek(0)
    same = Document.objects.filter(application=application, requirement=requirement, sha256=digest.hexdigest()).first()
    if same:
        return same
    return Document.objects.create(
        application=application,
        requirement=requirement,
        file=file,
        original_name=str(file.name)[:200],
        content_type=content_type,
        size=file.size,
        sha256=digest.hexdigest(),
        number=number.strip(),
        valid_until=valid_until,
        uploaded_at=at,
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
) -> DocumentReview:
    """A registrar decides on a document. Met: it counts from now (until `valid_until`); otherwise the applicant is told what is missing.

    The same decision by the same person twice is made once. Raises Conflict when somebody has decided otherwise or the application is
    closed, Forbidden (R2) on one's own document, Invalid for a reason of another outcome or a missing last day.
    """
    _registrar(by)
    lock_learner(document.application.applicant_id)
    application = Application.objects.select_related("credential_type", "applicant").get(pk=document.application_id)
    _not_own(application.applicant, by)
    newest = document.reviews.order_by("-sequence").first()
    if newest and (newest.outcome, newest.reason_code, newest.by_id) == (outcome, reason_code, by.pk):
        return newest
    if application.closed_at:
        raise Conflict("application_closed", "This application is closed; its documents are decided.")
    if newest:
        raise Conflict("already_decided", f"{newest.by} has decided on this document: {newest.get_outcome_display().lower()}.")
    requirement = document.requirement
    reason = Reason.objects.filter(requirement=requirement, purpose=outcome, code=reason_code).first()
    if reason is None:
        raise Invalid("no_such_reason", "Choose a reason for this decision.", fields={"reason": ["Choose a reason."]})
    met = outcome == DocumentReview.Outcome.MET
    valid_until = valid_until or document.valid_until
    if met and requirement.expires and not document.not_required:
        today = today_in(application.credential_type, at)
        if valid_until is None:
            raise Invalid("last_day", "Enter the document's last valid day.", fields={"valid_until": ["Enter a date."]})
        if valid_until < today:
            raise Invalid("out_of_date", "The document has run out.", fields={"valid_until": ["This day is past."]})
    review = DocumentReview.objects.append(
        chain=f"document:{document.uuid}",
        at=at,
        document=document,
        outcome=outcome,
        reason_code=reason.code,
        reason_text=reason.text,
        note=note,
        valid_until=valid_until if met else None,
        by=by,
    )
    if met:
        record_evidence(
            learner=application.applicant,
            requirement=requirement,
            source="document",
            reference=document.uuid,
            label=f"{requirement.title}: {reason.text}",
            valid_until=valid_until,
            by=by,
            at=at,
        )
    else:
        notify(
            recipient=application.applicant,
            kind="document_returned",
            reference=str(review.uuid),
            subject=f"{requirement.title}: {review.get_outcome_display().lower()}",
            template="credentials/mail/document_returned.txt",
            context={"document": document, "review": review, "application": application},
            url="/application/",
            at=at,
        )
    return review


def waiting_documents() -> QuerySet[Document]:
    """The registrar's documents to decide, the oldest first."""
    return (
        Document.objects.waiting()
        .filter(application__closed_at=None)
        .select_related("application", "application__applicant", "requirement")
        .order_by("uploaded_at")
    )


def open_types() -> Sequence[CredentialType]:
    return list(CredentialType.objects.filter(state=CredentialType.State.OPEN))
