"""A tablet whose passphrase was forgotten: its examiner asks, a registrar or a chief examiner allows."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.permissions import IsAuthenticated
from rest_framework.response import Response
from rest_framework.views import APIView

from practicals import services
from practicals.api.reading import (
    THING,
    Examiners,
    List,
    Planners,
    body,
    checked,
    found,
    text_of,
    uuid_of,
)
from practicals.models import ExamDay, Opening
from practicals.signed_in import ProgramRequest


class OpeningIn(serializers.Serializer):
    vault = serializers.UUIDField()
    device = serializers.CharField(max_length=64)
    wrapped = serializers.CharField(max_length=1000)


@extend_schema_view(post=extend_schema(request=OpeningIn, responses=THING))
class AskOpening(APIView):
    """Ask for one's own tablet to be opened, as often as one likes; `key` is null until somebody has allowed it, and then for an hour."""

    permission_classes = [IsAuthenticated, Examiners]

    def post(self, request: ProgramRequest, uuid: UUID) -> Response:
        days = ExamDay.objects.filter(downloads__examiner=request.user).distinct()
        exam_day, data = found(days, uuid=uuid), body(request)
        given = checked(
            {
                "device": serializers.CharField(max_length=64),
                "wrapped": serializers.CharField(max_length=1000),
            },
            data,
        )
        row, key = services.ask_opening(
            exam_day=exam_day,
            vault=uuid_of(data, "vault"),
            **given,
            by=request.user,
            at=timezone.now(),
        )
        return Response({"uuid": str(row.uuid), "code": row.code, "key": key})


@extend_schema_view(get=extend_schema(operation_id="practicals_openings_list", responses=THING))
class Openings(List):
    """Tablets that wait to be opened."""

    permission_classes = [IsAuthenticated, Planners]

    def get_queryset(self) -> QuerySet[Opening]:
        rows = Opening.objects.visible_to(self.request.user).waiting(timezone.now())
        return rows.select_related("exam_day", "examiner")

    def say(self, row: Opening) -> dict[str, Any]:
        return {
            "uuid": str(row.uuid),
            "code": row.code,
            "examiner": row.examiner.name,
            "exam_day": str(row.exam_day),
            "asked_at": row.asked_at,
        }


class AllowIn(serializers.Serializer):
    reason = serializers.CharField(max_length=500)


@extend_schema_view(post=extend_schema(request=AllowIn, responses=THING))
class AllowOpening(APIView):
    """Let a tablet be opened, with the reason; its examiner takes the key within an hour."""

    permission_classes = [IsAuthenticated, Planners]

    def post(self, request: ProgramRequest, uuid: UUID) -> Response:
        row = found(Opening.objects.visible_to(request.user), uuid=uuid)
        reason = text_of(body(request), "reason", 500)
        row = services.allow_opening(opening=row, reason=reason, by=request.user, at=timezone.now())
        return Response({"uuid": str(row.uuid), "code": row.code, "allowed_at": row.allowed_at})
