"""Shapes of what goes in and out of the HTTP interface for people."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from rest_framework import serializers

from credentials import services
from credentials.links import public_links
from credentials.models import (
    Application,
    Credential,
    Decision,
    Document,
    DocumentReview,
    Proposal,
    Reason,
    StatusEvent,
)
from credentials.requirements import State
from credentials.validity import Status

SHARED = ["nothing", "passed", "scores"]

# In


class WithReason(serializers.Serializer):
    """A decision names a reason code of the scheme; `reason` is understood as well."""

    reason_code = serializers.CharField(max_length=10)
    note = serializers.CharField(max_length=4000, required=False, allow_blank=True, default="")

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, Mapping) and "reason" in data and "reason_code" not in data:
            data = {**data, "reason_code": data["reason"]}
        return super().to_internal_value(data)


class ApplicationIn(serializers.Serializer):
    class Type(serializers.Serializer):
        credential_type = serializers.CharField(max_length=20)

    credential_type = serializers.CharField(max_length=20, help_text="code, for example SMT")
    name_on_id = serializers.CharField(max_length=150)
    agreed = serializers.BooleanField(help_text="the code of conduct is signed")
    listed = serializers.BooleanField(default=False, help_text="consent to the public register")
    accommodations = serializers.CharField(
        max_length=2000,
        allow_blank=True,
        default="",
        help_text="adjustments asked for; empty for none",
    )


class ApplicationRef(serializers.Serializer):
    application = serializers.UUIDField()


class ClaimIn(serializers.Serializer):
    hours = serializers.IntegerField(min_value=0, max_value=9999, required=False, allow_null=True)
    where = serializers.CharField(
        max_length=200, required=False, allow_blank=True, default="", help_text="in the document"
    )


class ClaimsField(serializers.DictField):
    """An object; beside a file, in a form, the same object as JSON text."""

    child = ClaimIn()

    def get_value(self, dictionary: Mapping[str, Any]) -> Any:
        return dictionary.get(str(self.field_name), serializers.empty)

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, str):
            try:
                data = json.loads(data)
            except (ValueError, RecursionError):
                self.fail("not_a_dict", input_type="text")
        return super().to_internal_value(data)


class DocumentIn(ApplicationRef):
    requirement = serializers.CharField(max_length=40, help_text="code, for example insurance")
    file = serializers.FileField(required=False, max_length=500, help_text="PDF, PNG or JPEG")
    number = serializers.CharField(max_length=80, allow_blank=True, default="")
    valid_until = serializers.DateField(required=False, allow_null=True)
    not_required = serializers.BooleanField(default=False)
    statement = serializers.CharField(max_length=4000, allow_blank=True, default="")
    parts = ClaimsField(
        required=False,
        help_text="equivalent education: the hours claimed and where they stand, by code of a part",
    )


class PartIn(serializers.Serializer):
    hours = serializers.IntegerField(min_value=0, max_value=9999)
    outcome = serializers.ChoiceField(choices=["met", "not_met", "more_information"])


class ReviewIn(WithReason):
    outcome = serializers.ChoiceField(
        choices=["met", "not_met", "more_information"],
        # Without the words that were sent: an answer that quotes half a letter cannot be encoded.
        error_messages={"invalid_choice": "Choose met, not_met or more_information."},
    )
    valid_until = serializers.DateField(required=False, allow_null=True)
    parts = serializers.DictField(
        child=PartIn(),
        required=False,
        help_text="equivalent education: a decision by code of a part",
    )


class ChangeIn(WithReason):
    effective_on = serializers.DateField(
        required=False,
        allow_null=True,
        default=None,
        help_text="the day it takes effect, past or to come; without it, now",
    )


class RevokeIn(ChangeIn):
    reason_code = serializers.CharField(
        max_length=10, required=False, default="", help_text="an approval may leave it out"
    )


class SurrenderIn(ChangeIn):
    reason_code = serializers.CharField(max_length=10, required=False, default="U1")


class ScopeIn(ChangeIn):
    scope = serializers.CharField(max_length=4000)
    limits = serializers.CharField(max_length=4000, allow_blank=True, default="")


class CorrectIn(WithReason):
    name = serializers.CharField(max_length=150)


class WithdrawIn(WithReason):
    event = serializers.UUIDField(help_text="the change that is still to take effect")


class DeclineIn(serializers.Serializer):
    note = serializers.CharField(max_length=4000, allow_blank=True, default="")


class RenewIn(WithReason):
    hours = serializers.DecimalField(max_digits=5, decimal_places=1, min_value=0, required=False)
    ethics_hours = serializers.DecimalField(
        max_digits=5, decimal_places=1, min_value=0, required=False
    )

    def validate(self, data: dict[str, Any]) -> dict[str, Any]:
        if data.get("ethics_hours", 0) > data.get("hours", 0):
            raise serializers.ValidationError({"ethics_hours": ["They are part of the hours."]})
        return data


class ConsentIn(serializers.Serializer):
    """What the holder agrees to; what is left out stays as it is."""

    listed = serializers.BooleanField(required=False, help_text="by name in the public register")
    results = serializers.ChoiceField(
        choices=SHARED, required=False, help_text="what the signed document says of examinations"
    )

    def validate(self, data: dict[str, Any]) -> dict[str, Any]:
        if not data:
            raise serializers.ValidationError({"listed": ["Say what is to change."]})
        return data


# Out


class ReviewOut(serializers.ModelSerializer):
    class Meta:
        model = DocumentReview
        fields = ["uuid", "at", "outcome", "reason_code", "reason_text", "valid_until", "parts"]


class ReasonOut(serializers.ModelSerializer):
    outcome = serializers.CharField(source="purpose")

    class Meta:
        model = Reason
        fields = ["code", "outcome", "text"]


class DocumentOut(serializers.Serializer):
    uuid = serializers.UUIDField()
    application = serializers.UUIDField()
    requirement = serializers.CharField()
    state = serializers.ChoiceField(
        choices=["waiting", *DocumentReview.Outcome.values],
        help_text="waiting, or what was decided",
    )
    file = serializers.CharField(
        allow_null=True, help_text="where the file is, or null for a statement"
    )
    original_name = serializers.CharField()
    content_type = serializers.CharField()
    size = serializers.IntegerField()
    sha256 = serializers.CharField()
    number = serializers.CharField()
    valid_until = serializers.DateField(allow_null=True)
    not_required = serializers.BooleanField()
    statement = serializers.CharField()
    parts = serializers.DictField(help_text="what is claimed, by code of a part")
    uploaded_at = serializers.DateTimeField()
    review = ReviewOut(allow_null=True)


class PartOut(serializers.Serializer):
    code = serializers.CharField()
    title = serializers.CharField()
    hours = serializers.IntegerField()


class RequirementOut(serializers.Serializer):
    code = serializers.CharField()
    title = serializers.CharField()
    kind = serializers.CharField()
    help = serializers.CharField()
    state = serializers.ChoiceField(choices=[state.value for state in State])
    label = serializers.CharField(  # type: ignore[assignment]
        help_text="what says so, or why not"
    )
    valid_until = serializers.DateField(allow_null=True)
    takes_documents = serializers.BooleanField()
    allows_not_required = serializers.BooleanField()
    expires = serializers.BooleanField()
    parts = PartOut(many=True, help_text="what education elsewhere is compared with")
    document = serializers.UUIDField(allow_null=True, help_text="the newest one sent")


class DecisionOut(serializers.ModelSerializer):
    """The certification decision on an application. `reason` is that of a refusal."""

    class Meta:
        model = Decision
        fields = ["uuid", "at", "outcome", "reason"]


class HeldOut(serializers.Serializer):
    number = serializers.CharField()
    public_id = serializers.UUIDField()


class ApplicationOut(serializers.Serializer):
    uuid = serializers.UUIDField()
    reference = serializers.CharField()
    credential_type = serializers.CharField()
    edition = serializers.CharField()
    title = serializers.CharField()
    name_on_id = serializers.CharField()
    listed = serializers.BooleanField()
    accommodations = serializers.CharField()
    submitted_at = serializers.DateTimeField()
    closed_at = serializers.DateTimeField(allow_null=True)
    state = serializers.ChoiceField(choices=["open", "awarded", "closed"])
    requirements = RequirementOut(many=True)
    credential = HeldOut(allow_null=True)
    decision = DecisionOut(allow_null=True)


class CredentialOut(serializers.Serializer):
    number = serializers.CharField()
    public_id = serializers.UUIDField()
    name = serializers.CharField()
    credential_type = serializers.CharField()
    edition = serializers.CharField()
    title = serializers.CharField()
    status = serializers.ChoiceField(choices=[status.value for status in Status])
    valid = serializers.BooleanField()
    since = serializers.DateTimeField(allow_null=True)
    issued_at = serializers.DateTimeField()
    valid_from = serializers.DateField()
    valid_until = serializers.DateField()
    listed = serializers.BooleanField()
    results = serializers.ChoiceField(
        choices=SHARED, help_text="what the signed document says of examinations"
    )
    page = serializers.CharField()
    verify = serializers.CharField()


class EventOut(serializers.Serializer):
    uuid = serializers.UUIDField()
    kind = serializers.ChoiceField(choices=StatusEvent.Kind.choices)
    at = serializers.DateTimeField()
    effective_at = serializers.DateTimeField()
    reason_code = serializers.CharField()
    reason_text = serializers.CharField()
    sequence = serializers.IntegerField()
    hash = serializers.CharField()
    number = serializers.CharField()
    public_id = serializers.UUIDField()
    status = serializers.ChoiceField(choices=[status.value for status in Status])
    valid_until = serializers.DateField()


class ProposalOut(serializers.Serializer):
    """A revocation waits for a second registrar, was declined, or was taken back."""

    uuid = serializers.UUIDField()
    step = serializers.ChoiceField(choices=Proposal.Step.choices)
    at = serializers.DateTimeField()
    effective_on = serializers.DateField(allow_null=True)
    reason_code = serializers.CharField()
    reason_text = serializers.CharField()
    number = serializers.CharField(source="credential.number")
    public_id = serializers.UUIDField(source="credential.public_id")
    next = serializers.SerializerMethodField()

    def get_next(self, row: Proposal) -> str:
        """What has to happen for it to take effect."""
        if row.step != Proposal.Step.PROPOSED:
            return ""
        return _("Another registrar approves it by the same request, or declines it.")


def application_out(row: Application, standings: list[services.Standing]) -> dict[str, Any]:
    credential = getattr(row, "credential", None)
    state = "awarded" if credential else "closed" if row.closed_at else "open"
    return {
        "uuid": row.uuid,
        "reference": row.reference,
        "credential_type": row.credential_type.code,
        "edition": row.credential_type.edition,
        "title": row.credential_type.title,
        "name_on_id": row.name_on_id,
        "listed": row.listed,
        "accommodations": row.accommodations,
        "submitted_at": row.submitted_at,
        "closed_at": row.closed_at,
        "state": state,
        "requirements": [_requirement(standing) for standing in standings],
        "credential": credential,
        "decision": getattr(row, "decision", None),
    }


def _requirement(standing: services.Standing) -> dict[str, Any]:
    requirement, finding = standing.requirement, standing.finding
    return {
        "code": requirement.code,
        "title": requirement.title,
        "kind": requirement.kind,
        "help": requirement.help,
        "state": finding.state.value,
        "label": finding.label,
        "valid_until": finding.valid_until,
        "takes_documents": requirement.takes_documents,
        "allows_not_required": requirement.allows_not_required,
        "expires": requirement.expires,
        "parts": requirement.parts,
        "document": standing.document.uuid if standing.document else None,
    }


def document_out(row: Document) -> dict[str, Any]:
    review = max(row.reviews.all(), key=lambda review: review.sequence, default=None)
    return {
        "uuid": row.uuid,
        "application": row.application.uuid,
        "requirement": row.requirement.code,
        "state": review.outcome if review else "waiting",
        "file": reverse("api-document-file", args=[row.uuid]) if row.file else None,
        "original_name": row.original_name,
        "content_type": row.content_type,
        "size": row.size,
        "sha256": row.sha256,
        "number": row.number,
        "valid_until": row.valid_until,
        "not_required": row.not_required,
        "statement": row.statement,
        "parts": row.parts,
        "uploaded_at": row.uploaded_at,
        "review": review,
    }


def credential_out(row: Credential, at: datetime) -> dict[str, Any]:
    standing = services.standing_of(row, at=at)
    links = public_links(row)
    return {
        "number": row.number,
        "public_id": row.public_id,
        "name": row.name,
        "credential_type": row.statement["code"],
        "edition": row.statement["edition"],
        "title": row.statement["title"],
        "status": standing.status.value,
        "valid": standing.valid,
        "since": standing.since,
        "issued_at": row.issued_at,
        "valid_from": row.valid_from,
        "valid_until": standing.valid_until or row.valid_until,
        "listed": row.listed,
        "results": SHARED[row.share_results + row.share_scores],
        "page": links.page,
        "verify": links.verify,
    }


def event_out(event: StatusEvent, at: datetime) -> dict[str, Any]:
    credential = Credential.objects.prefetch_related("events").get(pk=event.credential_id)
    standing = services.standing_of(credential, at=at)
    return {
        "uuid": event.uuid,
        "kind": event.kind,
        "at": event.at,
        "effective_at": event.effective_at,
        "reason_code": event.reason_code,
        "reason_text": event.reason_text,
        "sequence": event.sequence,
        "hash": event.hash,
        "number": credential.number,
        "public_id": credential.public_id,
        "status": standing.status.value,
        "valid_until": standing.valid_until,
    }
