"""The record of truth: what a credential requires, what somebody has shown, and what was issued."""

from credentials.models.applications import (
    Application,
    Document,
    DocumentReview,
    Evidence,
    document_path,
    private_storage,
)
from credentials.models.register import Credential, Receipt, Renewal, StatusEvent
from credentials.models.schemes import CredentialType, Reason, Requirement
from credentials.models.signing import Rendering, SignedDocument, SigningKey, StatusList

__all__ = [
    "Application",
    "Credential",
    "CredentialType",
    "Document",
    "DocumentReview",
    "Evidence",
    "Reason",
    "Receipt",
    "Rendering",
    "Renewal",
    "Requirement",
    "SignedDocument",
    "SigningKey",
    "StatusEvent",
    "StatusList",
    "document_path",
    "private_storage",
]
