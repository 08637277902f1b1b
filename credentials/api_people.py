"""The HTTP interface of applicants, holders and registrars, under /api/v1/."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.core.exceptions import SuspiciousOperation
from django.db import transaction
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import APIException
from rest_framework.generics import GenericAPIView
from rest_framework.permissions import IsAuthenticated
from rest_framework.response import Response

from accounts.models import Role
from accounts.services import Missing
from accounts.web import Results, role_permission
from credentials import services
from credentials.api_shapes import (
    ApplicationIn,
    ApplicationOut,
    ChangeIn,
    ConsentIn,
    CredentialOut,
    EventOut,
    RenewIn,
    application_out,
    credential_out,
    event_out,
)
from credentials.models import Application, Credential, CredentialType, StatusEvent
from credentials.signed_in import ProgramRequest

Registrar = role_permission(Role.REGISTRAR)


class View(GenericAPIView):
    """What all of these share: rows only as the person may see them, the shape of input checked last."""

    permission_classes = [IsAuthenticated]
    pagination_class = Results
    filter_backends: list[Any] = []

    def shaped(
        self, shape: type[serializers.Serializer], otherwise: Callable[[], None]
    ) -> dict[str, Any]:
        """The validated body. When its shape is wrong, `otherwise` may first say that the matter is closed."""
        try:
            serializer = shape(data=self.request.data)
            serializer.is_valid(raise_exception=True)
        except (APIException, SuspiciousOperation):
            otherwise()
            raise
        return serializer.validated_data

    def page(self, rows: QuerySet[Any], shape: type[serializers.Serializer], make: Any) -> Response:
        """One cursor page; `make` turns its rows into the values of `shape`, all at once."""
        found = self.paginate_queryset(rows) or []
        return self.get_paginated_response(shape(make(found), many=True).data)


def nothing() -> None:
    """Nothing else keeps a person from this."""


# Applications


class Applications(View):
    queryset = Application.objects.none()
    serializer_class = ApplicationOut

    @extend_schema(operation_id="applications_list", responses=ApplicationOut(many=True))
    def get(self, request: ProgramRequest) -> Response:
        """One's own applications (registrars: all), each requirement with its state and what is missing."""
        rows = Application.objects.visible_to(request.user)
        rows = rows.select_related("credential_type", "applicant", "credential", "decision")
        return self.page(rows, ApplicationOut, applications_out)

    @extend_schema(request=ApplicationIn, responses={201: ApplicationOut, 200: ApplicationOut})
    def post(self, request: ProgramRequest) -> Response:
        """Apply. 201, or 200 with the open application when there is one."""
        at = timezone.now()
        code = self.shaped(ApplicationIn.Type, nothing)["credential_type"]
        credential_type = open_type(code)
        data = self.shaped(
            ApplicationIn,
            lambda: services.require_may_apply(
                by=request.user, credential_type=credential_type, at=at
            ),
        )
        application = services.apply(
            by=request.user,
            credential_type=credential_type,
            name_on_id=data["name_on_id"],
            agreed=data["agreed"],
            listed=data["listed"],
            accommodations=data["accommodations"],
            at=at,
        )
        made = application.submitted_at == at
        (out,) = applications_out([application])
        return Response(ApplicationOut(out).data, status=201 if made else 200)


class OneApplication(View):
    queryset = Application.objects.none()
    serializer_class = ApplicationOut

    def get(self, request: ProgramRequest, uuid: UUID) -> Response:
        """One application with its requirements."""
        rows = Application.objects.visible_to(request.user)
        row = get_object_or_404(
            rows.select_related("credential_type", "applicant", "credential", "decision"), uuid=uuid
        )
        (out,) = applications_out([row])
        return Response(ApplicationOut(out).data)


class Decision(View):
    queryset = Application.objects.none()
    permission_classes = [Registrar]
    serializer_class = CredentialOut

    @extend_schema(request=None, responses={201: CredentialOut})
    def post(self, request: ProgramRequest, uuid: UUID) -> Response:
        """Award by decision, where the type or the person's history asks for one."""
        application = get_object_or_404(
            Application.objects.visible_to(request.user).select_related(
                "credential_type", "applicant"
            ),
            uuid=uuid,
        )
        at = timezone.now()
        credential = services.decide(application=application, by=request.user, at=at)
        return Response(CredentialOut(credential_out(credential, at)).data, status=201)


def open_type(code: str) -> CredentialType:
    """The edition in force; else the newest that was, which takes no applications any more. Raises Missing."""
    editions = CredentialType.objects.filter(code=code).exclude(state=CredentialType.State.DRAFT)
    found = (
        editions.filter(state=CredentialType.State.OPEN).first() or editions.order_by("-pk").first()
    )
    if found is None:
        raise Missing("no_such_type", _("There is no credential with this code."))
    return found


def applications_out(rows: list[Application]) -> list[dict[str, Any]]:
    standings = services.standings_of(rows, at=timezone.now())
    return [application_out(row, standings[row.pk]) for row in rows]


# Credentials


class Credentials(View):
    queryset = Credential.objects.none()
    serializer_class = CredentialOut

    @extend_schema(
        operation_id="credentials_list",
        responses=CredentialOut(many=True),
        parameters=[OpenApiParameter("number", str, description="Exactly this number.")],
    )
    def get(self, request: ProgramRequest) -> Response:
        """What one holds; for registrars the whole register."""
        rows = seen_credentials(request)
        number = request.query_params.get("number", "").replace("\0", "")
        if number:
            rows = rows.filter(number=number)
        at = timezone.now()
        return self.page(
            rows, CredentialOut, lambda found: [credential_out(row, at) for row in found]
        )


def seen_credentials(request: ProgramRequest) -> QuerySet[Credential]:
    rows = Credential.objects.visible_to(request.user)
    return rows.select_related("credential_type", "holder").prefetch_related("events")


class OneCredential(View):
    queryset = Credential.objects.none()
    serializer_class = CredentialOut

    def get(self, request: ProgramRequest, public_id: UUID) -> Response:
        """One credential with its status now."""
        row = get_object_or_404(seen_credentials(request), public_id=public_id)
        return Response(CredentialOut(credential_out(row, timezone.now())).data)

    @extend_schema(request=ConsentIn, responses=CredentialOut)
    def patch(self, request: ProgramRequest, public_id: UUID) -> Response:
        """The holder consents to being listed by name, or to what their document says of examinations, or no longer does."""
        row, at = get_object_or_404(seen_credentials(request), public_id=public_id), timezone.now()
        services.require_holder(credential=row, by=request.user)
        data = self.shaped(ConsentIn, nothing)
        with transaction.atomic():
            if "results" in data:
                services.share_results(
                    credential=row,
                    shared=data["results"] != "nothing",
                    scores=data["results"] == "scores",
                    by=request.user,
                    at=at,
                )
            if "listed" in data:
                services.list_publicly(
                    credential=row, listed=data["listed"], by=request.user, at=at
                )
        row = seen_credentials(request).get(pk=row.pk)
        return Response(CredentialOut(credential_out(row, at)).data)


class Dossier(View):
    queryset = Credential.objects.none()
    permission_classes = [Registrar]

    @extend_schema(responses=OpenApiTypes.OBJECT)
    def get(self, request: ProgramRequest, public_id: UUID) -> Response:
        """The whole story of a credential, hash-linked, in one document."""
        row = get_object_or_404(seen_credentials(request), public_id=public_id)
        return Response(services.export_dossier(credential=row, by=request.user, at=timezone.now()))


class Change(View):
    """Base of the changes registrars make; each names its event, verb and shape."""

    queryset = Credential.objects.none()
    permission_classes = [Registrar]
    serializer_class = EventOut
    kind: StatusEvent.Kind
    verb: Callable[..., Any]
    shape: type[serializers.Serializer] = ChangeIn

    def change(self, request: ProgramRequest, public_id: UUID) -> Response:
        credential = get_object_or_404(seen_credentials(request), public_id=public_id)
        at = timezone.now()
        services.require_uninvolved(holder=credential.holder, by=request.user, at=at)
        data = self.shaped(
            self.shape,
            lambda: services.require_change_allowed(
                credential=credential, kind=self.kind, by=request.user, at=at
            ),
        )
        return self.answer(type(self).verb(credential=credential, by=request.user, at=at, **data))

    def answer(self, made: Any) -> Response:
        return Response(EventOut(event_out(made, timezone.now())).data)


class Suspend(Change):
    kind, verb = StatusEvent.Kind.SUSPENDED, staticmethod(services.suspend)

    @extend_schema(request=ChangeIn, responses=EventOut)
    def post(self, request: ProgramRequest, public_id: UUID) -> Response:
        """Suspend an active credential."""
        return self.change(request, public_id)


class Reinstate(Change):
    kind, verb = StatusEvent.Kind.REINSTATED, staticmethod(services.reinstate)

    @extend_schema(request=ChangeIn, responses=EventOut)
    def post(self, request: ProgramRequest, public_id: UUID) -> Response:
        """End a suspension; a new document is signed."""
        return self.change(request, public_id)


class Renew(Change):
    kind, verb, shape = StatusEvent.Kind.RENEWED, staticmethod(services.renew), RenewIn

    @extend_schema(request=RenewIn, responses=EventOut)
    def post(self, request: ProgramRequest, public_id: UUID) -> Response:
        """Renew from the day after the last valid day; the number stays."""
        return self.change(request, public_id)


urlpatterns = [
    path("applications/", Applications.as_view(), name="api-applications"),
    path("applications/<uuid:uuid>/", OneApplication.as_view(), name="api-application"),
    path("applications/<uuid:uuid>/decide/", Decision.as_view(), name="api-application-decide"),
    path("credentials/", Credentials.as_view(), name="api-credentials"),
    path("credentials/<uuid:public_id>/", OneCredential.as_view(), name="api-credential"),
    path("credentials/<uuid:public_id>/dossier/", Dossier.as_view(), name="api-dossier"),
    path("credentials/<uuid:public_id>/suspend/", Suspend.as_view(), name="api-suspend"),
    path("credentials/<uuid:public_id>/reinstate/", Reinstate.as_view(), name="api-reinstate"),
    path("credentials/<uuid:public_id>/renew/", Renew.as_view(), name="api-renew"),
]
