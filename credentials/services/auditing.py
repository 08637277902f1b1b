"""Whether the register is what was written: every chain of every app, and every row that may change against what was hashed of it.

A chain finds edits, insertions and rows taken out of its middle. A row taken off its end, and columns that may change, are found by what
else speaks of them: events by credentials, notices, approvals and the bits of published status lists, reviews by evidence, editions by
the record of their opening. Whoever rewrites all of that, hashes included, is found only by copies kept outside.
"""

import base64
import gzip
import hashlib
import itertools
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Exists, F, OuterRef, Prefetch, Q, Subquery

from accounts.models import Notice
from credentials import numbers
from credentials.models import (
    Application,
    Credential,
    CredentialType,
    Document,
    DocumentReview,
    EditionEvent,
    Evidence,
    Learning,
    Proposal,
    Requirement,
    SignedDocument,
    StatusEvent,
    StatusList,
)
from credentials.names import fold
from credentials.services.auditing_decisions import wrong_decisions
from credentials.services.auditing_renewals import wrong_renewals
from credentials.services.editions import content_of
from ledger.models import AppendOnly
from ledger.services import verify

CHUNK = 500


@dataclass(frozen=True)
class Finding:
    """A row that is not what was written: which, and what is wrong with it."""

    row: str
    what: str

    def __str__(self) -> str:
        return f"{self.row}: {self.what}"


def check_register(*, at: datetime, files: bool = False) -> Iterator[Finding]:
    """Everything that is not what was written. `files`: also read every stored document and compare it with its digest."""
    for model in AppendOnly.kinds():
        for broken in verify(model):
            yield Finding(
                f"{broken.model} {broken.pk}",
                f"chain {broken.chain}, row {broken.sequence}: {broken.what}",
            )
    for check in (
        _credentials,
        _applications,
        _notices,
        _revocations,
        _documents,
        _decisions,
        _renewals,
        _editions,
    ):
        yield from check()
    yield from _status_lists(at)
    if files:
        yield from _files()


# Credentials


def _credentials() -> Iterator[Finding]:
    rows = (
        Credential.objects.select_related("holder", "credential_type", "application__applicant")
        .prefetch_related(
            Prefetch("events", StatusEvent.objects.order_by("sequence")),
            Prefetch("signed_documents", SignedDocument.objects.order_by("version")),
        )
        .order_by("pk")
    )
    for row in rows.iterator(chunk_size=CHUNK):
        events, name = list(row.events.all()), f"Credential {row.pk} ({row.number})"
        if not events or events[0].kind != StatusEvent.Kind.ISSUED:
            yield Finding(name, "no event says that it was issued")
            continue
        for what in (*_against_events(row, events), *_against_documents(row)):
            yield Finding(name, what)


def _against_events(row: Credential, events: list[StatusEvent]) -> Iterator[str]:
    newest = events[-1]
    if newest.record and row.digest(newest.salt) != newest.record:
        yield (
            f"number, holder, name, statement or dates are not what event {newest.sequence} recorded"
        )
    ends = [event.valid_until for event in events if event.valid_until]
    if row.valid_until != ends[-1]:
        yield f"its last day is {row.valid_until}, and {ends[-1]} by its events"
    if numbers.normalise(row.number) != row.number:
        yield "its number is none of ours: the check symbol does not fit"
    if row.holder_id != row.application.applicant_id:
        yield f"its holder is {row.holder}, and its applicant was {row.application.applicant}"
    named = [event.name for event in events if event.name]
    if row.name != (named[-1] if named else row.application.name_on_id):
        yield f"its name is “{row.name}”, which neither application nor correction says"
    if row.name_key != fold(row.name):
        yield "it is searched by another name than it bears"
    for before, after in itertools.pairwise(events):
        if after.at < before.at:
            yield f"event {after.sequence} is dated before event {before.sequence}: was the clock set back?"


def _against_documents(row: Credential) -> Iterator[str]:
    documents = list(row.signed_documents.all())
    for document in documents:
        if hashlib.sha256(document.body.encode()).hexdigest() != document.sha256:
            yield f"signed document {document.version} is not the one that was signed"
    if documents:
        subject = json.loads(documents[-1].body)["credentialSubject"]
        said = (subject["licenseNumber"], subject["id"])
        if said != (row.number, f"urn:uuid:{row.subject_id}"):
            yield f"signed document {documents[-1].version} says another number or person"


def _applications() -> Iterator[Finding]:
    """What was awarded rested on evidence for every requirement, recorded by then."""
    fact = Evidence.objects.filter(
        learner=OuterRef("holder"), counts=True, at__lte=OuterRef("issued_at")
    )
    owed = Requirement.objects.filter(phase=Requirement.Phase.AWARD)
    for requirement in owed.select_related("credential_type"):
        missing = Credential.objects.filter(credential_type=requirement.credential_type).exclude(
            Exists(fact.filter(requirement=requirement.pk).order_by())
        )
        for row in missing.order_by("pk"):
            yield Finding(
                f"Credential {row.pk} ({row.number})",
                f"it was issued without evidence for “{requirement.title}”",
            )
    closed = Application.objects.filter(closed_at=None, credential__isnull=False)
    for application in closed:
        yield Finding(
            f"Application {application.pk} ({application.reference})",
            "it is open, and its credential was issued",
        )


# What speaks of events


def _notices() -> Iterator[Finding]:
    """Each message about a credential names its event: one that names none tells of an event that was taken out."""
    kinds = [f"credential_{kind}" for kind in StatusEvent.Kind.values]
    known = {str(uuid) for uuid in StatusEvent.objects.values_list("uuid", flat=True)}
    for notice in Notice.objects.filter(kind__in=kinds).order_by("pk").iterator(CHUNK):
        if notice.reference not in known:
            yield Finding(
                f"StatusEvent {notice.reference}",
                f"it was taken out: on {notice.created_at:%Y-%m-%d} the holder was told “{notice.subject}”",
            )


def _revocations() -> Iterator[Finding]:
    approved = Proposal.objects.filter(step=Proposal.Step.APPROVED)
    odd = StatusEvent.objects.filter(kind=StatusEvent.Kind.REVOKED).filter(
        Q(proposed_by__isnull=False) & ~Exists(approved.filter(event=OuterRef("pk")))
        | Q(proposed_by=F("by"))
    )
    for event in odd:
        yield Finding(f"StatusEvent {event.pk}", "a revocation without two registrars")


def _status_lists(at: datetime) -> Iterator[Finding]:
    """A published bit is set for ever: one that no event explains tells of an event that was taken out, or of a list that was edited."""
    from credentials.issuing import ended

    for row in StatusList.objects.exclude(signed_at=None).order_by("number"):
        subject = json.loads(row.body)["credentialSubject"]
        encoded = subject["encodedList"][1:]
        bits = gzip.decompress(base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)))
        if hashlib.sha256(bits).hexdigest() != row.digest:
            yield Finding(f"StatusList {row.number}", "its bits are not those that were published")
        places = {
            byte * 8 + bit
            for byte, value in enumerate(bits)
            if value
            for bit in range(8)
            if value & 0x80 >> bit
        }
        derived = set(
            ended(row.signed_at or at)
            .filter(status_list=row)
            .values_list("status_index", flat=True)
        )
        for place in sorted(places - derived):
            document = SignedDocument.objects.filter(status_list=row, status_index=place).first()
            about = f"Credential {document.credential_id}" if document else "no document"
            yield Finding(
                f"StatusList {row.number}, place {place} ({about})",
                "its bit is set, and no event says that the document ended",
            )


# Documents and evidence


def _documents() -> Iterator[Finding]:
    reviews = DocumentReview.objects.select_related(
        "document__application", "document__requirement"
    )
    for review in reviews.order_by("pk").iterator(CHUNK):
        if review.seen and review.document.digest(review.salt) != review.seen:
            yield Finding(
                f"Document {review.document_id}",
                f"it is not the one that was decided on on {review.at:%Y-%m-%d}",
            )
    fact = Evidence.objects.filter(reference=OuterRef("document__uuid"), source="document")
    for review in reviews.filter(~Exists(fact), outcome=DocumentReview.Outcome.MET):
        yield Finding(
            f"DocumentReview {review.pk}", "it was accepted, and the evidence of it was taken out"
        )
    accepted = DocumentReview.objects.filter(
        document__uuid=OuterRef("reference"), outcome=DocumentReview.Outcome.MET
    )
    known = Document.objects.filter(uuid=OuterRef("reference"))
    for row in Evidence.objects.filter(Exists(known), ~Exists(accepted), source="document"):
        yield Finding(f"Evidence {row.pk}", "no registrar accepted the document it names")


def _decisions() -> Iterator[Finding]:
    return (Finding(row, what) for row, what in wrong_decisions())


def _renewals() -> Iterator[Finding]:
    return (Finding(row, what) for row, what in wrong_renewals())


def _files() -> Iterator[Finding]:
    for rows in (Document.objects.exclude(file=""), Learning.objects.all()):
        for row in rows.order_by("pk").iterator(CHUNK):
            name, digest = f"{row._meta.object_name} {row.pk}", hashlib.sha256()
            try:
                with row.file.open("rb") as content:
                    for chunk in content.chunks():
                        digest.update(chunk)
            except OSError:
                yield Finding(name, "its file is not in the store")
                continue
            if digest.hexdigest() != row.sha256:
                yield Finding(name, "its file is not the one that was sent")


# Editions


def _editions() -> Iterator[Finding]:
    opened = EditionEvent.objects.filter(
        credential_type=OuterRef("pk"), kind=EditionEvent.Kind.OPENED
    ).order_by("-sequence")
    rows = CredentialType.objects.exclude(state=CredentialType.State.DRAFT).annotate(
        opened=Subquery(opened.values("pk")[:1])
    )
    records: dict[int, Any] = EditionEvent.objects.in_bulk([row.opened for row in rows])
    for row in rows:
        name = f"CredentialType {row.pk} ({row.code} {row.edition})"
        record = records.get(row.opened)
        if record is None:
            yield Finding(name, "it is in force, and nothing records what it said when it opened")
            continue
        now = content_of(row)
        for part in sorted({*now, *record.content}):
            if now.get(part) != record.content.get(part):
                yield Finding(name, f"its {part} was changed while it was in force")
