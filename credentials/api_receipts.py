"""Receipts of a check for programs: kept, and looked up to compare a copy with. They know nothing about who asked."""

from typing import Any
from uuid import UUID

from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import BaseThrottle
from rest_framework.views import APIView

from accounts.services import Missing
from credentials import limits, receipts, verification
from credentials.api_public import AnswerSerializer
from credentials.models import Receipt


class ReceiptIn(serializers.Serializer):
    on = serializers.DateField(required=False, help_text="the day asked about; without it, today")
    document = serializers.RegexField(
        r"^[0-9a-f]{64}$",
        required=False,
        help_text="SHA-256 of the document that was compared, to be named in the receipt",
    )


class PresentedOut(serializers.Serializer):
    form = serializers.CharField(help_text="json, png or pdf")
    version = serializers.IntegerField()
    sha256 = serializers.CharField()


class ReceiptOut(serializers.Serializer):
    """`sha256` is over the RFC 8785 form of receipt, checked_at, asked_on, answer and presented (where there is one)."""

    reference = serializers.CharField(help_text="what people quote: VR-7K3Q-90TX")
    receipt = serializers.UUIDField()
    checked_at = serializers.DateTimeField()
    asked_on = serializers.DateField(allow_null=True)
    answer = AnswerSerializer()
    presented = PresentedOut(required=False)
    sha256 = serializers.CharField()
    page = serializers.CharField()


def receipt_out(kept: Receipt) -> dict[str, Any]:
    """As it was written down, not as a serializer would write it: its digest is over just this."""
    return receipts.content(kept) | {
        "reference": kept.reference,
        "sha256": receipts.digest(kept),
        "page": reverse("receipt", args=[kept.uuid]),
    }


class _Open(APIView):
    authentication_classes: list[Any] = []
    permission_classes = [AllowAny]

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        response = super().finalize_response(request, response, *args, **kwargs)
        response["Access-Control-Allow-Origin"] = "*"
        response["Cache-Control"] = "no-store"
        return response


class KeepReceipt(_Open):
    throttle_classes: list[type[BaseThrottle]] = [limits.Receipts]

    @extend_schema(
        summary="Keep a receipt of a check", request=ReceiptIn, responses={201: ReceiptOut}
    )
    def post(self, request: Request, identifier: str) -> Response:
        """Write down the register's answer of this moment. 404 for an unknown number, 400 for a day to come."""
        credential = verification.find(identifier)
        asked = ReceiptIn(data=request.data)
        asked.is_valid(raise_exception=True)
        at = timezone.now()
        answer = verification.answer_about(credential, at=at, on=asked.validated_data.get("on"))
        presented = receipts.compared(answer, asked.validated_data.get("document", ""))
        kept = receipts.keep(answer, at=at, presented=presented)
        return Response(receipt_out(kept), status=201)


class OneReceipt(_Open):
    throttle_classes: list[type[BaseThrottle]] = [limits.Lookups]

    @extend_schema(summary="A receipt as it was given", responses=ReceiptOut)
    def get(self, request: Request, name: str) -> Response:
        """By its number, however typed, or its uuid."""
        kept = _kept(name)
        if kept is None:
            raise Missing("no_receipt", _("This register gave no receipt with this number."))
        return Response(receipt_out(kept))


def _kept(name: str) -> Receipt | None:
    if len(name) != 36:
        return receipts.find(name)
    try:
        return Receipt.objects.filter(uuid=UUID(name)).first()
    except ValueError:
        return None


urlpatterns = [
    path("verify/<str:identifier>/receipt/", KeepReceipt.as_view(), name="api-receipt-keep"),
    path("receipts/<str:name>/", OneReceipt.as_view(), name="api-receipt"),
]
