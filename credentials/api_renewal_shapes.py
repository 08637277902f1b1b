"""Shapes of renewals as they go in and out of the HTTP interface."""

from datetime import datetime
from typing import Any

from django.urls import reverse
from rest_framework import serializers

from credentials import services
from credentials.api_shapes import WithReason
from credentials.models import Learning, LearningReview, RenewalRequest, RenewalStep
from credentials.renewal_words import verdict_words
from credentials.renewing import Share, Verdict
from credentials.requirements import State
from credentials.services import Entry, Progress, Turn, standing_of

HOURS: dict[str, Any] = {"max_digits": 6, "decimal_places": 1}

# In


class RenewalBeginIn(serializers.Serializer):
    credential = serializers.UUIDField(help_text="its public_id")


class ActivityIn(serializers.Serializer):
    title = serializers.CharField(max_length=150)
    provider = serializers.CharField(max_length=150)
    first_day = serializers.DateField()
    last_day = serializers.DateField(required=False, allow_null=True, default=None)
    hours = serializers.DecimalField(max_digits=5, decimal_places=1)
    category = serializers.CharField(max_length=40, help_text="a code of the rules")
    file = serializers.FileField(max_length=500, help_text="the certificate: PDF, PNG or JPEG")
    statement = serializers.CharField(max_length=4000, allow_blank=True, default="")
    replaces = serializers.UUIDField(
        required=False, help_text="an activity that is taken out with it"
    )


class SendIn(serializers.Serializer):
    agreed = serializers.BooleanField(help_text="the signature under what is sent")


class ActivityReviewIn(WithReason):
    outcome = serializers.ChoiceField(
        choices=["accepted", "more_information", "not_accepted"],
        error_messages={"invalid_choice": "Choose accepted, more_information or not_accepted."},
    )


class ReturnIn(WithReason):
    note = serializers.CharField(
        max_length=4000, required=False, allow_blank=True, default="", help_text="to the holder"
    )


# Out


class ActivityReviewOut(serializers.ModelSerializer):
    class Meta:
        model = LearningReview
        fields = ["uuid", "at", "outcome", "reason_code", "reason_text"]


class ActivityOut(serializers.Serializer):
    uuid = serializers.UUIDField()
    title = serializers.CharField()
    provider = serializers.CharField()
    first_day = serializers.DateField()
    last_day = serializers.DateField()
    hours = serializers.DecimalField(**HOURS)
    category = serializers.CharField()
    statement = serializers.CharField()
    file = serializers.CharField(help_text="where the certificate is")
    sha256 = serializers.CharField()
    verdict = serializers.ChoiceField(
        choices=[verdict.value for verdict in Verdict],
        allow_null=True,
        help_text="what the rules say of it; null once it is taken out",
    )
    counted = serializers.DecimalField(**HOURS, help_text="hours that count")
    sentence = serializers.CharField(help_text="the verdict in words; empty where it counts whole")
    review = ActivityReviewOut(allow_null=True)


class ShareOut(serializers.Serializer):
    code = serializers.CharField()
    title = serializers.CharField()
    minimum = serializers.DecimalField(**HOURS)
    maximum = serializers.DecimalField(**HOURS, allow_null=True)
    counted = serializers.DecimalField(**HOURS)
    missing = serializers.DecimalField(**HOURS)


class PaperOut(serializers.Serializer):
    requirement = serializers.CharField()
    title = serializers.CharField()
    state = serializers.ChoiceField(choices=[state.value for state in State])
    valid_until = serializers.DateField(allow_null=True)


class RenewalStepOut(serializers.ModelSerializer):
    class Meta:
        model = RenewalStep
        fields = ["uuid", "at", "kind", "reason_code", "reason_text"]


class RenewalBriefOut(serializers.Serializer):
    uuid = serializers.UUIDField()
    number = serializers.CharField()
    public_id = serializers.UUIDField()
    name = serializers.CharField()
    state = serializers.ChoiceField(choices=[turn.value for turn in Turn])
    first_day = serializers.DateField()
    last_day = serializers.DateField()
    begun_at = serializers.DateTimeField()
    sent_at = serializers.DateTimeField(allow_null=True)
    closed_at = serializers.DateTimeField(allow_null=True)
    audited = serializers.BooleanField(help_text="drawn by lot when it was sent")


class RenewalOut(RenewalBriefOut):
    closes = serializers.DateField(help_text="the last day a late renewal is taken")
    hours = serializers.DecimalField(**HOURS, help_text="asked in all")
    counted = serializers.DecimalField(**HOURS)
    accepted = serializers.DecimalField(**HOURS, help_text="of the activities accepted so far")
    missing = serializers.ListField(
        child=serializers.CharField(), help_text="what keeps it from being sent, or renewed"
    )
    agreement = serializers.BooleanField()
    categories = ShareOut(many=True)
    activities = ActivityOut(many=True)
    documents = PaperOut(many=True)
    steps = RenewalStepOut(many=True)


def brief_out(row: RenewalRequest, at: datetime) -> dict[str, Any]:
    return _brief(row, services.turn_of(row, standing_of(row.credential, at=at)))


def _brief(row: RenewalRequest, turn: Turn) -> dict[str, Any]:
    return {
        "uuid": row.uuid,
        "number": row.credential.number,
        "public_id": row.credential.public_id,
        "name": row.credential.name,
        "state": turn.value,
        "first_day": row.first_day,
        "last_day": row.last_day,
        "begun_at": row.begun_at,
        "sent_at": row.sent_at,
        "closed_at": row.closed_at,
        "audited": services.is_audited(row),
    }


def renewal_out(progress: Progress) -> dict[str, Any]:
    missing = []
    if progress.turn is Turn.WITH_REGISTER:
        missing = services.what_keeps_from_renewing(progress)
    elif progress.turn in services.WITH_HOLDER:
        missing = services.what_is_missing(progress)
    return {
        **_brief(progress.request, progress.turn),
        "closes": progress.cycle.closes,
        "hours": progress.rules.hours,
        "counted": progress.tally.total,
        "accepted": progress.accepted.total,
        "missing": missing,
        "agreement": progress.rules.agreement,
        "categories": [_share(row) for row in progress.tally.shares],
        "activities": [_activity(progress, row) for row in progress.entries],
        "documents": [
            {
                "requirement": row.requirement.code,
                "title": row.requirement.title,
                "state": row.finding.state.value,
                "valid_until": row.finding.valid_until,
            }
            for row in progress.papers
        ],
        "steps": list(progress.request.steps.all()),
    }


def _share(row: Share) -> dict[str, Any]:
    return {
        "code": row.category.code,
        "title": row.category.title,
        "minimum": row.category.minimum,
        "maximum": row.category.maximum,
        "counted": row.counted,
        "missing": row.missing,
    }


def activity_out(progress: Progress, learning: Learning) -> dict[str, Any]:
    entry = next(row for row in progress.entries if row.learning.pk == learning.pk)
    return _activity(progress, entry)


def _activity(progress: Progress, entry: Entry) -> dict[str, Any]:
    row, assessed = entry.learning, entry.assessed
    return {
        "uuid": row.uuid,
        "title": row.title,
        "provider": row.provider,
        "first_day": row.first_day,
        "last_day": row.last_day,
        "hours": row.hours,
        "category": row.category,
        "statement": row.statement,
        "file": reverse("api-renewal-file", args=[progress.request.uuid, row.uuid]),
        "sha256": row.sha256,
        "verdict": assessed.verdict.value if assessed else None,
        "counted": assessed.counted if assessed else 0,
        "sentence": verdict_words(assessed, progress) if assessed else "",
        "review": entry.review,
    }
