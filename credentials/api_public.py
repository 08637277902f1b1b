"""The register's answer for programs. Nobody has to sign in; scripts of every origin may ask."""

from typing import Any

from django.urls import path
from django.utils import timezone
from django.utils.cache import patch_cache_control
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import ScopedRateThrottle
from rest_framework.views import APIView

from credentials import verification
from credentials.validity import Status
from credentials.views_public import MAX_AGE_SECONDS, asked_day

STATUSES = [status.value for status in Status]


class SpanSerializer(serializers.Serializer):
    """A stretch of one status; `to` is null while it lasts."""

    status = serializers.ChoiceField(STATUSES)
    to = serializers.DateTimeField(allow_null=True)

    def get_fields(self) -> dict[str, serializers.Field]:
        return super().get_fields() | {"from": serializers.DateTimeField()}


class AnswerSerializer(serializers.Serializer):
    """What the register says. `valid` answers the question; `status` says why; `since` says since when."""

    number = serializers.CharField()
    public_id = serializers.UUIDField()
    name = serializers.CharField()
    credential = serializers.CharField()
    code = serializers.CharField()
    edition = serializers.CharField()
    issuer = serializers.CharField()
    scope = serializers.CharField()
    limits = serializers.CharField()
    zone = serializers.CharField(help_text="The time zone the days below end in.")
    status = serializers.ChoiceField(STATUSES)
    valid = serializers.BooleanField()
    since = serializers.DateTimeField(allow_null=True)
    granted_on = serializers.DateField()
    valid_until = serializers.DateField(allow_null=True)
    on = serializers.DateField(allow_null=True, help_text="The day asked about; null: today.")
    checked_at = serializers.DateTimeField()
    history = SpanSerializer(many=True)
    document = serializers.URLField(help_text="Id of the signed Open Badges 3.0 document.")


class VerifyView(APIView):
    authentication_classes: list[Any] = []
    permission_classes = [AllowAny]
    throttle_classes = [ScopedRateThrottle]
    throttle_scope = "verify"

    @extend_schema(
        operation_id="verify",
        summary="Whether a credential is valid today, or was on a day",
        parameters=[
            OpenApiParameter(
                "on",
                str,
                description="A day, YYYY-MM-DD; its end, in the edition's time zone, is meant.",
            )
        ],
        responses=AnswerSerializer,
    )
    def get(self, request: Request, identifier: str) -> Response:
        """`identifier` is a number, however typed, or a public id. 404 for any other, 400 for a day that is none or still to come."""
        credential = verification.find(identifier)
        given = verification.answer_about(
            credential, at=timezone.now(), on=asked_day(request.query_params)
        )
        response = Response(given.as_json())
        patch_cache_control(response, public=True, max_age=MAX_AGE_SECONDS)
        return response

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        response = super().finalize_response(request, response, *args, **kwargs)
        response["Access-Control-Allow-Origin"] = "*"
        return response


urlpatterns = [path("verify/<str:identifier>/", VerifyView.as_view(), name="api-verify")]
