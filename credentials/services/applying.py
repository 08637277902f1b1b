"""What an applicant does: apply, and send documents."""

import hashlib
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.services import Conflict, Forbidden, Invalid, lock_learner, notify
from credentials import equivalence, validity
from credentials.models import Application, Credential, CredentialType, Document, Requirement
from credentials.services.award import award_if_due, record_evidence, today_in
from credentials.services.lasting import takes_current_documents
from credentials.services.standing import standing_of

# Files people send are looked at, not trusted: what the first bytes say must be one of these.
ACCEPTED_FILES = {
    "application/pdf": b"%PDF-",
    "image/png": b"\x89PNG\r\n\x1a\n",
    "image/jpeg": b"\xff\xd8\xff",
}


def require_may_apply(*, by: User, credential_type: CredentialType, at: datetime) -> None:
    """Raise Conflict when the type takes no applications, or the person holds this credential already."""
    if credential_type.state != CredentialType.State.OPEN:
        raise Conflict(
            "type_closed", _("%(type)s takes no applications.") % {"type": credential_type}
        )
    held = Credential.objects.filter(
        holder=by, credential_type__code=credential_type.code
    ).prefetch_related("events")
    over = (*validity.FINAL, validity.Status.EXPIRED)
    if any(standing_of(row, at=at).status not in over for row in held):
        raise Conflict(
            "already_held", _("You hold this credential. Renew it instead of applying again.")
        )


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
    require_may_apply(by=by, credential_type=credential_type, at=at)
    name_on_id = " ".join(printable(name_on_id).split())
    _require_complete(name_on_id, agreed)
    application = Application.objects.create(
        applicant=by,
        credential_type=credential_type,
        name_on_id=name_on_id,
        listed=listed,
        accommodations=printable(accommodations).strip(),
        agreed_at=at,
        submitted_at=at,
    )
    for requirement in credential_type.requirements.filter(kind=Requirement.Kind.AGREEMENT):
        record_evidence(
            learner=by,
            requirement=requirement,
            source="agreement",
            reference=application.uuid,
            label=_("Signed %(day)s") % {"day": date_format(at, "j F Y")},
            by=by,
            at=at,
        )
    notify(
        recipient=by,
        kind="applied",
        reference=str(application.uuid),
        subject=_("Your application %(reference)s") % {"reference": application.reference},
        template="credentials/mail/applied.txt",
        context={"application": application},
        url="/application/",
        at=at,
    )
    award_if_due(learner=by, credential_type=credential_type, at=at)
    application.refresh_from_db()
    return application


def _require_complete(name_on_id: str, agreed: bool) -> None:
    fields = {}
    if not name_on_id:
        fields["name_on_id"] = [_("Enter your name as it stands on your identity document.")]
    elif len(name_on_id) > 150:
        fields["name_on_id"] = [_("A name has at most 150 characters here.")]
    if not agreed:
        fields["agreed"] = [_("Sign the code of conduct to apply.")]
    if fields:
        raise Invalid("incomplete", _("Your application is not complete."), fields=fields)


# Documents


def kind_of_file(head: bytes) -> str | None:
    """The content type the first bytes of a file say, or None when it is not one we take."""
    return next((kind for kind, magic in ACCEPTED_FILES.items() if head.startswith(magic)), None)


def require_may_upload(
    *,
    application: Application,
    requirement: Requirement | None,
    by: User,
    at: datetime,
    renewing: bool = False,
) -> None:
    """Raise Forbidden when the application is somebody else's, Conflict when it is closed or the requirement takes no documents.

    `renewing`: a holder goes on sending documents that expire, as long as the credential is in force or may be again.
    """
    if by.pk != application.applicant_id:
        raise Forbidden("not_the_applicant", _("Only the applicant adds to an application."))
    lasts = renewing and requirement is not None and requirement.expires
    if application.closed_at and not (lasts and takes_current_documents(application, at=at)):
        raise Conflict(
            "application_closed", _("This application is closed; nothing can be added to it.")
        )
    if requirement and (
        requirement.credential_type_id != application.credential_type_id
        or not requirement.takes_documents
    ):
        raise Conflict(
            "takes_no_document", _("“%(what)s” is not met by a document.") % {"what": requirement}
        )


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
    parts: dict[str, Any] | None = None,
    renewing: bool = False,
) -> Document:
    """Send a document (PDF, PNG or JPEG, at most DOCUMENT_MAX_BYTES), or state that none is required where one practises.

    Earlier documents stay; the newest is the one decided on. Sending the same thing again before anybody has looked at it changes
    nothing. Raises Forbidden, Conflict as `require_may_upload` does, Invalid when the file is missing, too large or of another kind.
    """
    lock_learner(application.applicant_id)
    application.refresh_from_db()
    require_may_upload(
        application=application, requirement=requirement, by=by, at=at, renewing=renewing
    )
    if not_required:
        facts: dict[str, Any] = {
            "not_required": True,
            "statement": _statement(requirement, statement),
        }
    else:
        last_day = _last_day(requirement, valid_until, today_in(application.credential_type, at))
        seen = look_at(file)
        facts = {
            "original_name": seen.name,
            "content_type": seen.content_type,
            "size": file.size,
            "sha256": seen.sha256,
            "number": _number(number),
            "valid_until": last_day,
            "parts": _claimed(requirement, parts or {}),
        }
    newest = (
        Document.objects.filter(application=application, requirement=requirement)
        .order_by("-pk")
        .first()
    )
    if newest and _says(newest, facts) and not newest.reviews.exists():
        return newest
    return Document.objects.create(
        application=application,
        requirement=requirement,
        file="" if not_required else file,
        uploaded_at=at,
        **facts,
    )


def _says(document: Document, facts: dict[str, Any]) -> bool:
    """Whether the document says just this; the name of a file says nothing."""
    told = {name: value for name, value in facts.items() if name != "original_name"}
    return all(getattr(document, name) == value for name, value in told.items())


@dataclass(frozen=True)
class Seen:
    """What a file turned out to be."""

    name: str
    content_type: str
    sha256: str


def look_at(file: Any) -> Seen:
    """Look at an uploaded file: its kind by its first bytes, its size, its digest. Raises Invalid; leaves the file at its start."""
    if file is None:
        raise _invalid("no_file", "file", _("Choose a file: PDF, PNG or JPEG."))
    if file.size > settings.DOCUMENT_MAX_BYTES:
        limit = settings.DOCUMENT_MAX_BYTES // 1024 // 1024
        raise _invalid(
            "too_large",
            "file",
            _("The file is larger than %(limit)s MB. Send a smaller one.") % {"limit": limit},
        )
    file.seek(0)
    content_type = kind_of_file(file.read(16))
    if content_type is None:
        raise _invalid(
            "wrong_kind", "file", _("This is not a PDF, PNG or JPEG. Send one of these.")
        )
    digest = hashlib.sha256()
    file.seek(0)
    for chunk in file.chunks():
        digest.update(chunk)
    file.seek(0)
    return Seen(printable(str(file.name))[-200:], content_type, digest.hexdigest())


def _statement(requirement: Requirement, statement: str) -> str:
    if not requirement.allows_not_required:
        raise _invalid("needed", "not_required", _("This document is always required. Send it."))
    words = printable(statement).strip()
    if not words:
        raise _invalid(
            "say_why", "statement", _("Say where you practise and why none is required there.")
        )
    return words[:4000]


def _last_day(requirement: Requirement, valid_until: date | None, today: date) -> date | None:
    if requirement.expires and valid_until and valid_until < today:
        raise _invalid(
            "out_of_date", "valid_until", _("This day is past. Send a document that is valid now.")
        )
    return valid_until


def _claimed(requirement: Requirement, parts: dict[str, Any]) -> dict[str, Any]:
    """What is claimed for each part the requirement names: whole hours, and where the document shows them."""
    claimed: dict[str, Any] = {}
    for part in requirement.parts:
        said = parts.get(part["code"]) or {}
        hours, where = said.get("hours"), printable(str(said.get("where") or "")).strip()[:200]
        if hours is None and not where:
            continue
        if not isinstance(hours, int) or not 0 <= hours <= equivalence.MOST_HOURS:
            sentence = _("Give whole hours from 0 to %(most)s.") % {"most": equivalence.MOST_HOURS}
            raise _invalid("hours", f"part_{part['code']}_hours", sentence)
        claimed[part["code"]] = {"hours": hours, "where": where}
    return claimed


def _number(number: str) -> str:
    number = printable(number).strip()
    if len(number) > 80:
        raise _invalid("too_long", "number", _("A number has at most 80 characters."))
    return number


def printable(text: str) -> str:
    """The text without control characters and broken halves of letters: no database or page can do anything with them."""
    return "".join(
        letter
        for letter in text
        if letter in "\n\t" or unicodedata.category(letter) not in ("Cc", "Cs")
    )


def _invalid(code: str, field: str, sentence: str) -> Invalid:
    return Invalid(code, sentence, fields={field: [sentence]})
