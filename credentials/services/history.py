"""A credential's whole story, gathered for people (the dossier page) and for auditors (the export)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Prefetch
from wagtail.log_actions import log

from accounts.models import User
from credentials import dossier
from credentials.models import (
    Application,
    Credential,
    Decision,
    Document,
    DocumentReview,
    Evidence,
    Exemption,
    Learning,
    LearningReview,
    RenewalRequest,
    RenewalStep,
    SignedDocument,
    StatusEvent,
)
from credentials.services.award import Standing, standings_of
from credentials.services.changing import require_registrar
from credentials.services.sources import Account, accounts_of
from credentials.services.standing import standing_of
from ledger.models import AppendOnly
from ledger.services import verify


@dataclass(frozen=True)
class Story:
    """Rows about one credential, oldest first, and the primary keys of those whose chain does not hold."""

    credential: Credential
    application: Application
    standings: Sequence[Standing]
    evidence: Sequence[Evidence]
    documents: Sequence[Document]
    events: Sequence[StatusEvent]
    signed: Sequence[SignedDocument]
    decision: Decision | None
    exemptions: Sequence[Exemption]
    renewals: Sequence[RenewalRequest]
    accounts: Mapping[UUID, Account]
    broken: dict[type[AppendOnly], frozenset[int]]

    @property
    def reviews(self) -> list[DocumentReview]:
        return [review for document in self.documents for review in document.reviews.all()]

    @property
    def steps(self) -> list[RenewalStep]:
        return [step for renewal in self.renewals for step in renewal.steps.all()]

    @property
    def learning(self) -> list[Learning]:
        return [row for renewal in self.renewals for row in renewal.learning.all()]

    @property
    def learning_reviews(self) -> list[LearningReview]:
        return [review for row in self.learning for review in row.reviews.all()]

    @property
    def links(self) -> int:
        """How many rows of the ledger the story rests on."""
        decided = len(self.exemptions) + bool(self.decision)
        renewed = len(self.steps) + len(self.learning) + len(self.learning_reviews)
        return (
            len(self.evidence)
            + len(self.reviews)
            + decided
            + renewed
            + len(self.events)
            + len(self.signed)
        )

    @property
    def breaks(self) -> int:
        return sum(len(rows) for rows in self.broken.values())


def story_of(*, credential: Credential, at: datetime) -> Story:
    """Gather the story and check its chains. The number of queries does not grow with it, but for one a document or activity reviewed."""
    application = Application.objects.select_related("credential_type", "applicant").get(
        pk=credential.application_id
    )
    reviews = Prefetch("reviews", DocumentReview.objects.select_related("by").order_by("sequence"))
    documents = list(
        application.documents.select_related("requirement", "application")
        .prefetch_related(reviews)
        .order_by("pk")
    )
    evidence = list(
        Evidence.objects.filter(
            learner=credential.holder_id,
            requirement__credential_type=credential.credential_type_id,
        )
        .select_related("requirement", "learner", "by")
        .order_by("sequence")
    )
    events = list(
        credential.events.select_related(
            "by", "proposed_by", "signed_document", "renewal"
        ).order_by("sequence")
    )
    signed = list(
        credential.signed_documents.select_related("event", "key", "status_list").order_by(
            "version"
        )
    )
    decision = Decision.objects.filter(application=application).select_related("by").first()
    exemptions = list(
        Exemption.objects.filter(application=application)
        .select_related("requirement", "asked_by", "approver", "by")
        .order_by("pk")
    )
    renewals = _renewals(credential)
    chains: dict[type[AppendOnly], set[str]] = {
        RenewalStep: {row.chain for row in renewals},
        Learning: {row.chain for row in renewals},
        LearningReview: {
            review.chain
            for renewal in renewals
            for row in renewal.learning.all()
            for review in row.reviews.all()
        },
        Decision: {decision.chain} if decision else set(),
        Exemption: {row.chain for row in exemptions},
        StatusEvent: {row.chain for row in events},
        Evidence: {row.chain for row in evidence},
        SignedDocument: {row.chain for row in signed},
        DocumentReview: {row.chain for document in documents for row in document.reviews.all()},
    }
    return Story(
        credential=credential,
        application=application,
        standings=standings_of([application], at=at)[application.pk],
        evidence=evidence,
        documents=documents,
        events=events,
        signed=signed,
        decision=decision,
        exemptions=exemptions,
        renewals=renewals,
        accounts=accounts_of((row.source, row.reference) for row in evidence),
        broken={model: _broken(model, names) for model, names in chains.items()},
    )


def _renewals(credential: Credential) -> list[RenewalRequest]:
    reviews = LearningReview.objects.select_related("by", "learning").order_by("sequence")
    learning = Learning.objects.select_related("request", "replaces").order_by("sequence")
    steps = RenewalStep.objects.select_related("by", "event", "request").order_by("sequence")
    return list(
        credential.renewal_requests.order_by("begun_at").prefetch_related(
            Prefetch("steps", steps),
            Prefetch("learning", learning.prefetch_related(Prefetch("reviews", reviews))),
        )
    )


def _broken(model: type[AppendOnly], chains: Iterable[str]) -> frozenset[int]:
    return frozenset(found.pk for chain in chains for found in verify(model, chain))


@transaction.atomic
def export_dossier(*, credential: Credential, by: User, at: datetime) -> dict[str, Any]:
    """The dossier as JSON values (see dossier.py). For registrars; each export is logged."""
    require_registrar(by)
    log(instance=credential, action="credentials.dossier_exported", user=by, timestamp=at)
    story = story_of(credential=credential, at=at)
    return dossier.build(
        exported_at=at.isoformat(),
        exported_by=str(by),
        credential=_credential(credential, at),
        application=_application(story.application),
        requirements=[_requirement(row) for row in story.standings],
        documents=[_document(row) for row in story.documents],
        evidence=_evidence(story),
        reviews=[_row(row) for row in story.reviews],
        decisions=[_row(row) for row in ([story.decision] if story.decision else [])],
        exceptions=[_row(row) for row in story.exemptions],
        sources=[
            {"reference": str(reference), **account.as_json()}
            for reference, account in story.accounts.items()
        ],
        events=[_row(row) for row in story.events],
        signed=[{**_row(row), "body": row.body} for row in story.signed],
        renewals={
            "renewal_steps": [_row(row) for row in story.steps],
            "continuing_education": [_row(row) for row in story.learning],
            "continuing_education_reviews": [_row(row) for row in story.learning_reviews],
        },
    )


def _credential(credential: Credential, at: datetime) -> dict[str, Any]:
    standing = standing_of(credential, at=at)
    return {
        "number": credential.number,
        "public_id": str(credential.public_id),
        "name": credential.name,
        "holder": str(credential.holder.uuid),
        "statement": credential.statement,
        "issued_at": credential.issued_at.isoformat(),
        "valid_from": credential.valid_from.isoformat(),
        "valid_until": credential.valid_until.isoformat(),
        "status": standing.status.value,
    }


def _application(application: Application) -> dict[str, Any]:
    # What adjustments were asked for is nobody's business in an audit of the decision.
    return {
        "reference": application.reference,
        "uuid": str(application.uuid),
        "name_on_id": application.name_on_id,
        "agreed_at": application.agreed_at.isoformat(),
        "submitted_at": application.submitted_at.isoformat(),
        "closed_at": application.closed_at.isoformat() if application.closed_at else None,
    }


def _requirement(standing: Standing) -> dict[str, Any]:
    finding = standing.finding
    return {
        "code": standing.requirement.code,
        "title": standing.requirement.title,
        "kind": standing.requirement.kind,
        "state": finding.state.value,
        "label": finding.label,
        "valid_until": finding.valid_until.isoformat() if finding.valid_until else None,
    }


def _document(document: Document) -> dict[str, Any]:
    return {
        "uuid": str(document.uuid),
        "requirement": document.requirement.code,
        "sha256": document.sha256,
        "content_type": document.content_type,
        "size": document.size,
        "number": document.number,
        "valid_until": document.valid_until.isoformat() if document.valid_until else None,
        "not_required": document.not_required,
        "statement": document.statement,
        "uploaded_at": document.uploaded_at.isoformat(),
        "parts": document.parts,
    }


def _evidence(story: Story) -> list[dict[str, Any]]:
    """The learner's chain: rows of this scheme in full, rows about anything else as links only."""
    mine = {row.pk: row for row in story.evidence}
    chain = Evidence.objects.filter(learner=story.credential.holder_id).order_by("sequence")
    entries = []
    for pk, name, sequence, previous, digest in chain.values_list(
        "pk", "chain", "sequence", "previous", "hash"
    ):
        if pk in mine:
            entries.append(_row(mine[pk]))
        else:
            entries.append(
                dossier.withheld(chain=name, sequence=sequence, previous=previous, digest=digest)
            )
    return entries


def _row(row: AppendOnly) -> dict[str, Any]:
    words = {"by": str(row.by)} if getattr(row, "by", None) else None  # type: ignore[attr-defined]
    return dossier.row(
        row.hashed_content(),
        digest=row.hash,
        salted={name: getattr(row, name) for name in row.SALTED if row.enters(name)},
        salt=row.salt,
        words=words,
    )
