"""Documents for programs: sent by applicants and holders, read, and decided on by registrars."""

from uuid import UUID

from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.generics import GenericAPIView
from rest_framework.parsers import FormParser, MultiPartParser
from rest_framework.response import Response

from credentials import services
from credentials.api_people import Registrar, View, nothing
from credentials.api_shapes import (
    ApplicationRef,
    DocumentIn,
    DocumentOut,
    ReasonOut,
    ReviewIn,
    ReviewOut,
    document_out,
)
from credentials.files import send_file
from credentials.models import Application, Document
from credentials.signed_in import ProgramRequest


class Documents(View):
    queryset = Document.objects.none()
    serializer_class = DocumentOut
    parser_classes = [MultiPartParser, FormParser, *GenericAPIView.parser_classes]

    @extend_schema(
        operation_id="documents_list",
        responses=DocumentOut(many=True),
        parameters=[
            OpenApiParameter("waiting", bool, description="Only those nobody has decided on yet.")
        ],
    )
    def get(self, request: ProgramRequest) -> Response:
        """One's own documents (registrars: all), the newest first."""
        rows = Document.objects.visible_to(request.user)
        if request.query_params.get("waiting", "").lower() in ("1", "true"):
            rows = rows.waiting().filter(application__closed_at=None)
        rows = rows.select_related("application", "requirement").prefetch_related("reviews")
        return self.page(rows, DocumentOut, lambda found: [document_out(row) for row in found])

    @extend_schema(
        request={"multipart/form-data": DocumentIn, "application/json": DocumentIn},
        responses={201: DocumentOut, 200: DocumentOut},
    )
    def post(self, request: ProgramRequest) -> Response:
        """Send a document, or say that none is required where one practises; a holder goes on sending those that run out.

        The same again before anybody looked is 200.
        """
        uuid = self.shaped(ApplicationRef, nothing)["application"]
        application = get_object_or_404(
            Application.objects.visible_to(request.user).select_related("credential_type"),
            uuid=uuid,
        )
        rows = {row.code: row for row in application.credential_type.requirements.all()}
        requirement = rows.get(str(request.data.get("requirement")))  # type: ignore[union-attr]
        services.require_may_upload(
            application=application,
            requirement=requirement,
            by=request.user,
            at=timezone.now(),
            renewing=True,
        )
        data = self.shaped(DocumentIn, nothing)
        if requirement is None:
            raise ValidationError({"requirement": [_("This credential has no such requirement.")]})
        at = timezone.now()
        document = services.upload_document(
            application=application,
            requirement=requirement,
            by=request.user,
            at=at,
            file=data.get("file"),
            not_required=data["not_required"],
            statement=data["statement"],
            number=data["number"],
            valid_until=data.get("valid_until"),
            parts=data.get("parts"),
            renewing=True,
        )
        status = 201 if document.uploaded_at == at else 200
        return Response(DocumentOut(document_out(document)).data, status=status)


def seen_document(request: ProgramRequest, uuid: UUID) -> Document:
    rows = Document.objects.visible_to(request.user)
    return get_object_or_404(
        rows.select_related(
            "application__applicant", "application__credential_type", "requirement"
        ),
        uuid=uuid,
    )


class OneDocument(View):
    queryset = Document.objects.none()
    serializer_class = DocumentOut

    def get(self, request: ProgramRequest, uuid: UUID) -> Response:
        """One document and what was decided about it."""
        return Response(DocumentOut(document_out(seen_document(request, uuid))).data)


class DocumentFile(View):
    queryset = Document.objects.none()

    @extend_schema(responses={(200, "application/octet-stream"): OpenApiTypes.BINARY})
    def get(self, request: ProgramRequest, uuid: UUID) -> HttpResponseBase:
        """The file itself."""
        return send_file(seen_document(request, uuid), reader=request.user, download=True)


class DocumentReasons(View):
    queryset = Document.objects.none()
    permission_classes = [Registrar]
    serializer_class = ReasonOut
    pagination_class = None  # type: ignore[assignment]

    @extend_schema(responses=ReasonOut(many=True))
    def get(self, request: ProgramRequest, uuid: UUID) -> Response:
        """The reason codes a decision on this document may name, by outcome."""
        reasons = services.reasons_for(seen_document(request, uuid).requirement)
        return Response(
            {"next": None, "previous": None, "results": ReasonOut(reasons, many=True).data}
        )


class Review(View):
    queryset = Document.objects.none()
    permission_classes = [Registrar]
    serializer_class = ReviewOut

    @extend_schema(request=ReviewIn, responses={200: ReviewOut})
    def post(self, request: ProgramRequest, uuid: UUID) -> Response:
        """A registrar's decision with a reason code. The same decision again returns the first."""
        document = seen_document(request, uuid)
        services.require_other_person(document.application.applicant, request.user)
        data = self.shaped(
            ReviewIn,
            lambda: services.require_may_review(
                document=document, by=request.user, at=timezone.now()
            ),
        )
        review = services.review_document(
            document=document, by=request.user, at=timezone.now(), **data
        )
        return Response(ReviewOut(review).data)


urlpatterns = [
    path("documents/", Documents.as_view(), name="api-documents"),
    path("documents/<uuid:uuid>/", OneDocument.as_view(), name="api-document"),
    path("documents/<uuid:uuid>/file/", DocumentFile.as_view(), name="api-document-file"),
    path("documents/<uuid:uuid>/reasons/", DocumentReasons.as_view(), name="api-document-reasons"),
    path("documents/<uuid:uuid>/review/", Review.as_view(), name="api-document-review"),
]
