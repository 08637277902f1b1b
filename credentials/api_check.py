"""Checking documents and lists for programs: the same register, the same words as the pages, and their limits."""

from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.urls import path
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import BaseThrottle
from rest_framework.views import APIView

from accounts.services import Invalid
from credentials import batches, checked_words, comparing, limits, presented, verification
from credentials.api_public import AnswerSerializer
from credentials.comparing import Proof, Verdict
from credentials.presented import Form


class DifferenceSerializer(serializers.Serializer):
    """A value that is not as issued. Members beyond those printed on a certificate are named, and their issued value kept back."""

    path = serializers.CharField()
    issued = serializers.CharField(allow_blank=True)
    presented = serializers.CharField(allow_blank=True)
    look_alike = serializers.CharField(
        allow_blank=True, help_text="The letter that only looks like the one issued."
    )


class ComparisonSerializer(serializers.Serializer):
    """What a document is. `genuine` answers whether it was issued; `answer` whether the credential holds now: one without the other proves nothing."""

    verdict = serializers.ChoiceField([each.value for each in Verdict])
    genuine = serializers.BooleanField()
    form = serializers.ChoiceField([each.value for each in Form])
    sha256 = serializers.CharField()
    proof = serializers.ChoiceField([each.value for each in Proof])
    whole = serializers.BooleanField(help_text="Also the picture around it is as issued.")
    version = serializers.IntegerField(allow_null=True)
    newest_version = serializers.IntegerField(allow_null=True)
    differences = DifferenceSerializer(many=True)
    answer = AnswerSerializer(allow_null=True)


class GivenSerializer(serializers.Serializer):
    document = serializers.CharField(
        required=False, help_text="The signed credential as text, exactly as it was received."
    )
    file = serializers.FileField(required=False, help_text="JSON, PNG or PDF, up to 4 MB.")


class _Open(APIView):
    """For anybody, from anywhere; limited by address."""

    authentication_classes: list[Any] = []
    permission_classes = [AllowAny]

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        response = super().finalize_response(request, response, *args, **kwargs)
        response["Access-Control-Allow-Origin"] = "*"
        response["Cache-Control"] = "no-store"
        return response


class CheckDocumentView(_Open):
    parser_classes = [*APIView.parser_classes, MultiPartParser]
    throttle_classes: list[type[BaseThrottle]] = [limits.Checks]

    @extend_schema(
        summary="Compare a document with what was issued",
        request={"application/json": GivenSerializer, "multipart/form-data": GivenSerializer},
        responses=ComparisonSerializer,
    )
    def post(self, request: Request) -> Response:
        """400 for what is no document: nothing is kept of it."""
        try:
            given = presented.read(_content(request))
        except presented.Unreadable as problem:
            said = str(checked_words.UNREADABLE[problem.code])
            raise Invalid(problem.code, said, fields={"document": [said]}) from None
        found = comparing.compare(given)
        answer = (
            verification.answer_about(found.credential, at=timezone.now())
            if found.credential
            else None
        )
        return Response(checked_words.as_json(found, answer))


def _content(request: Request) -> bytes:
    if int(request.headers.get("Content-Length") or 0) > presented.LARGEST_FILE * 2:
        raise presented.Unreadable("too_large")
    data = request.data if isinstance(request.data, dict) else {}
    file, document = data.get("file"), data.get("document")
    if isinstance(file, UploadedFile):
        return bytes(file.read(presented.LARGEST_FILE + 1))
    if not isinstance(document, str):
        raise presented.Unreadable("empty")
    return document.encode(errors="surrogatepass")


class ListSerializer(serializers.Serializer):
    numbers = serializers.ListField(
        child=serializers.CharField(max_length=120), min_length=1, max_length=batches.MOST
    )
    on = serializers.DateField(required=False, allow_null=True)


class ListedSerializer(serializers.Serializer):
    """The answer to one number, in the order they were given; `answer` is null where the register has no such number, and `remark` says why."""

    given = serializers.CharField()
    found = serializers.BooleanField()
    remark = serializers.CharField(allow_blank=True)
    answer = AnswerSerializer(allow_null=True)


class BatchSerializer(serializers.Serializer):
    checked_at = serializers.DateTimeField()
    results = ListedSerializer(many=True)


class CheckListView(_Open):
    throttle_classes: list[type[BaseThrottle]] = [limits.Batches]

    @extend_schema(
        summary="Check many numbers at once", request=ListSerializer, responses=BatchSerializer
    )
    def post(self, request: Request) -> Response:
        """Up to 500 numbers. 400 for a longer list, or a day that is still to come."""
        asked = ListSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        rows = [
            batches.Row(line, given)
            for line, given in enumerate(asked.validated_data["numbers"], start=1)
        ]
        answered = batches.answer(rows, at=timezone.now(), on=asked.validated_data.get("on"))
        return Response(
            {
                "checked_at": answered.at.isoformat(timespec="seconds"),
                "results": [
                    {
                        "given": each.row.given,
                        "found": each.answer is not None,
                        "remark": each.said,
                        "answer": each.answer.as_json() if each.answer else None,
                    }
                    for each in answered.rows
                ],
            }
        )


urlpatterns = [
    path("verify/", CheckListView.as_view(), name="api-verify-many"),
    path("verify/document/", CheckDocumentView.as_view(), name="api-verify-document"),
]
