"""Refusals, and exceptions from a requirement with their report, for registrars' programs."""

from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response

from accounts.models import Role, User
from accounts.web import role_permission
from credentials import services
from credentials.api_cases import PersonOut
from credentials.api_people import View, nothing
from credentials.api_shapes import ApplicationRef, DecisionOut
from credentials.models import Application, Exemption
from credentials.signed_in import ProgramRequest


class RefuseIn(serializers.Serializer):
    reason = serializers.CharField(max_length=4000, help_text="the applicant reads it")


class ExceptionRef(ApplicationRef):
    requirement = serializers.CharField(max_length=40, help_text="code, for example insurance")


class ExceptionIn(ExceptionRef):
    ground = serializers.ChoiceField(choices=Exemption.Ground.choices)
    reason = serializers.CharField(max_length=4000)
    approver = serializers.UUIDField(help_text="one of `approvers/` of the application")
    valid_until = serializers.DateField(required=False, allow_null=True, default=None)


class AnswerIn(serializers.Serializer):
    approve = serializers.BooleanField(help_text="whoever asked says false to take it back")
    note = serializers.CharField(
        max_length=4000, required=False, allow_blank=True, default="", help_text="needed to decline"
    )


class PeriodIn(serializers.Serializer):
    first = serializers.DateField(required=False)
    last = serializers.DateField(required=False)


class ExceptionOut(serializers.Serializer):
    """The step that holds for an exception. Its `uuid` is that of the step; that of an earlier one leads to it too."""

    uuid = serializers.UUIDField()
    application = serializers.UUIDField(source="application.uuid")
    reference = serializers.CharField(source="application.reference")
    applicant = serializers.CharField(source="application.name_on_id")
    requirement = serializers.CharField(source="requirement.code")
    step = serializers.ChoiceField(choices=Exemption.Step.choices)
    ground = serializers.ChoiceField(choices=Exemption.Ground.choices)
    reason = serializers.CharField()
    note = serializers.CharField()
    valid_until = serializers.DateField(allow_null=True)
    asked_by = PersonOut()
    approver = PersonOut()
    by = PersonOut()
    at = serializers.DateTimeField()


class _Desk(View):
    permission_classes = [role_permission(Role.REGISTRAR)]

    def application(self, request: ProgramRequest, uuid: UUID) -> Application:
        rows = Application.objects.visible_to(request.user)
        return get_object_or_404(rows.select_related("credential_type", "applicant"), uuid=uuid)


class Refuse(_Desk):
    queryset = Application.objects.none()
    serializer_class = DecisionOut

    @extend_schema(request=RefuseIn, responses={201: DecisionOut})
    def post(self, request: ProgramRequest, uuid: UUID) -> Response:
        """Refuse the credential: the application is closed, and the applicant told why and how to appeal."""
        application, at = self.application(request, uuid), timezone.now()
        services.require_uninvolved(holder=application.applicant, by=request.user, at=at)
        data = self.shaped(
            RefuseIn,
            lambda: services.require_may_decide(application=application, by=request.user, at=at),
        )
        decision = services.refuse_application(
            application=application, by=request.user, at=at, **data
        )
        return Response(DecisionOut(decision).data, status=201)


class Approvers(_Desk):
    queryset = Application.objects.none()
    serializer_class = PersonOut
    pagination_class = None  # type: ignore[assignment]

    @extend_schema(operation_id="applications_approvers", responses=PersonOut(many=True))
    def get(self, request: ProgramRequest, uuid: UUID) -> Response:
        """The registrars one may name to approve an exception for this applicant."""
        application = self.application(request, uuid)
        people = services.possible_approvers(application=application, by=request.user)
        return Response(
            {"next": None, "previous": None, "results": PersonOut(people, many=True).data}
        )


def seen(request: ProgramRequest) -> QuerySet[Exemption]:
    rows = Exemption.objects.visible_to(request.user).newest()
    return rows.select_related("application", "requirement", "asked_by", "approver", "by")


class Exceptions(_Desk):
    queryset = Exemption.objects.none()
    serializer_class = ExceptionOut

    @extend_schema(
        operation_id="exceptions_list",
        responses=ExceptionOut(many=True),
        parameters=[
            OpenApiParameter("first", str, description="YYYY-MM-DD: a step on or after this day."),
            OpenApiParameter("last", str, description="YYYY-MM-DD: a step on or before this day."),
            OpenApiParameter("waiting", bool, description="Only those not answered yet."),
        ],
    )
    def get(self, request: ProgramRequest) -> Response:
        """The report of exceptions: every one that was asked for, by the step that holds, the newest first."""
        asked = PeriodIn(data=request.query_params)
        asked.is_valid(raise_exception=True)
        rows = seen(request)
        touched = Exemption.objects.all()
        first, last = asked.validated_data.get("first"), asked.validated_data.get("last")
        if first:
            touched = touched.filter(at__gte=_begin(first))
        if last:
            touched = touched.filter(at__lt=_begin(last) + timedelta(days=1))
        if first or last:
            rows = rows.filter(chain__in=touched.values("chain"))
        if request.query_params.get("waiting", "").lower() in ("1", "true"):
            rows = rows.filter(pk__in=Exemption.objects.waiting().values("pk"))
        return self.page(rows, ExceptionOut, list)

    @extend_schema(request=ExceptionIn, responses={201: ExceptionOut, 200: ExceptionOut})
    def post(self, request: ProgramRequest) -> Response:
        """Ask another registrar, whom one names, for an exception. 200 with the one that waits already."""
        at, by = timezone.now(), request.user
        about = self.shaped(ExceptionRef, nothing)
        application = self.application(request, about["application"])
        services.require_other_person(application.applicant, by)
        rows = application.credential_type.requirements.all()
        requirement = next((row for row in rows if row.code == about["requirement"]), None)
        if requirement is None:
            raise ValidationError({"requirement": [_("This credential has no such requirement.")]})
        services.require_may_ask_exemption(application=application, requirement=requirement, by=by)
        data = self.shaped(ExceptionIn, nothing)
        approver = User.objects.filter(uuid=data["approver"], is_active=True).first()
        if approver is None:
            raise ValidationError({"approver": [_("There is no such person.")]})
        asked = services.ask_exemption(
            application=application,
            requirement=requirement,
            ground=data["ground"],
            reason=data["reason"],
            approver=approver,
            valid_until=data["valid_until"],
            by=by,
            at=at,
        )
        status = 201 if asked.at == at else 200
        return Response(ExceptionOut(seen(request).get(pk=asked.pk)).data, status=status)


def _begin(day: Any) -> datetime:
    return datetime.combine(day, time(), tzinfo=timezone.get_current_timezone())


class OneException(_Desk):
    queryset = Exemption.objects.none()
    serializer_class = ExceptionOut

    def get(self, request: ProgramRequest, uuid: UUID) -> Response:
        """One exception: the step that holds."""
        return Response(ExceptionOut(_holding(request, uuid)).data)


class AnswerException(_Desk):
    queryset = Exemption.objects.none()
    serializer_class = ExceptionOut

    @extend_schema(request=AnswerIn, responses=ExceptionOut)
    def post(self, request: ProgramRequest, uuid: UUID) -> Response:
        """The named approver approves or declines; whoever asked takes it back. 403 by rule or for anybody else, 409 when it is answered."""
        row, at = _holding(request, uuid), timezone.now()
        services.require_may_answer(exemption=row, by=request.user, at=at)
        data = self.shaped(AnswerIn, lambda: services.require_waiting(exemption=row))
        step = services.answer_exemption(exemption=row, by=request.user, at=at, **data)
        return Response(ExceptionOut(seen(request).get(pk=step.pk)).data)


def _holding(request: ProgramRequest, uuid: UUID) -> Exemption:
    """The step that holds for the exception one of whose steps has this uuid."""
    any_step = get_object_or_404(Exemption.objects.visible_to(request.user), uuid=uuid)
    return seen(request).get(chain=any_step.chain)


_APPLICATION = "applications/<uuid:uuid>/"
urlpatterns = [
    path(f"{_APPLICATION}refuse/", Refuse.as_view(), name="api-application-refuse"),
    path(f"{_APPLICATION}approvers/", Approvers.as_view(), name="api-application-approvers"),
    path("exceptions/", Exceptions.as_view(), name="api-exceptions"),
    path("exceptions/<uuid:uuid>/", OneException.as_view(), name="api-exception"),
    path("exceptions/<uuid:uuid>/answer/", AnswerException.as_view(), name="api-exception-answer"),
]
