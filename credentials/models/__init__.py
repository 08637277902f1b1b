"""The record of truth: what a credential requires, what somebody has shown, and what was issued."""

from credentials.models.applications import (
    Application,
    Document,
    DocumentReview,
    Evidence,
    document_path,
    private_storage,
)
from credentials.models.bulk import BulkRun, BulkStep
from credentials.models.cases import Case, CaseStep
from credentials.models.deciding import Decision, Exemption
from credentials.models.register import (
    Credential,
    NameWord,
    Proposal,
    Receipt,
    Renewal,
    StatusEvent,
)
from credentials.models.renewals import (
    Learning,
    LearningReview,
    RenewalRequest,
    RenewalStep,
)
from credentials.models.schemes import CredentialType, EditionEvent, Reason, Requirement
from credentials.models.signing import (
    IssuedFile,
    Rendering,
    SignedDocument,
    SigningKey,
    StatusList,
)

__all__ = [
    "Application",
    "BulkRun",
    "BulkStep",
    "Case",
    "CaseStep",
    "Credential",
    "CredentialType",
    "Decision",
    "Document",
    "DocumentReview",
    "EditionEvent",
    "Evidence",
    "Exemption",
    "IssuedFile",
    "Learning",
    "LearningReview",
    "NameWord",
    "Proposal",
    "Reason",
    "Receipt",
    "Rendering",
    "Renewal",
    "RenewalRequest",
    "RenewalStep",
    "Requirement",
    "SignedDocument",
    "SigningKey",
    "StatusEvent",
    "StatusList",
    "document_path",
    "private_storage",
]
