"""Appeals and concerns for registrars' programs: written down, given to somebody who had no part in them, noted, closed."""

from typing import Any
from uuid import UUID

from django.db.models import Prefetch
from django.shortcuts import get_object_or_404
from django.urls import path
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response

from accounts.models import Role, User
from accounts.web import role_permission
from credentials import services
from credentials.api_people import View, nothing
from credentials.models import Case, CaseStep
from credentials.signed_in import ProgramRequest


class PersonOut(serializers.Serializer):
    uuid = serializers.UUIDField()
    name = serializers.CharField()


class CaseIn(serializers.Serializer):
    kind = serializers.ChoiceField(choices=Case.Kind.choices)
    raised_by = serializers.CharField(max_length=150)
    reference = serializers.CharField(
        max_length=40,
        required=False,
        allow_blank=True,
        default="",
        help_text="number of the credential or application it is about",
    )
    about = serializers.CharField(max_length=200)
    said = serializers.CharField(max_length=services.MOST_LETTERS)
    received_on = serializers.DateField()


class GiveIn(serializers.Serializer):
    owner = serializers.UUIDField(help_text="one of `owners/`")
    note = serializers.CharField(max_length=4000, required=False, allow_blank=True, default="")


class NoteIn(serializers.Serializer):
    note = serializers.CharField(max_length=4000)


class CloseIn(NoteIn):
    """`note` is told to whoever raised it."""

    outcome = serializers.ChoiceField(choices=Case.Outcome.choices)


class CaseStepOut(serializers.Serializer):
    at = serializers.DateTimeField()
    kind = serializers.ChoiceField(choices=CaseStep.Kind.choices)
    by = PersonOut(allow_null=True, help_text="null: somebody without an account")
    owner = PersonOut(allow_null=True)
    outcome = serializers.CharField()
    note = serializers.CharField()


class CaseOut(serializers.Serializer):
    uuid = serializers.UUIDField()
    reference = serializers.CharField()
    kind = serializers.ChoiceField(choices=Case.Kind.choices)
    raised_by = serializers.CharField()
    contact = serializers.CharField()
    about = serializers.CharField()
    subject = serializers.CharField(help_text="the decision an appeal is against, where known")
    ground = serializers.CharField()
    said = serializers.CharField()
    application = serializers.CharField(source="application.reference", default=None)
    credential = serializers.CharField(source="credential.number", default=None)
    received_on = serializers.DateField()
    due_on = serializers.DateField()
    owner = PersonOut(allow_null=True)
    outcome = serializers.CharField()
    closed_at = serializers.DateTimeField(allow_null=True)
    steps = CaseStepOut(many=True, source="told")


def seen(request: ProgramRequest) -> Any:
    steps = CaseStep.objects.select_related("by", "owner").order_by("sequence")
    rows = Case.objects.visible_to(request.user).prefetch_related(
        Prefetch("steps", steps, to_attr="told")
    )
    return rows.select_related("owner", "about_person", "application", "credential")


class _Desk(View):
    queryset = Case.objects.none()
    permission_classes = [role_permission(Role.REGISTRAR)]
    serializer_class: type[serializers.Serializer] = CaseOut

    def case(self, request: ProgramRequest, uuid: UUID) -> Case:
        found: Case = get_object_or_404(seen(request), uuid=uuid)
        return found

    def told(self, request: ProgramRequest, case: Case) -> dict[str, Any]:
        return CaseOut(seen(request).get(pk=case.pk)).data


class Cases(_Desk):
    @extend_schema(
        operation_id="cases_list",
        responses=CaseOut(many=True),
        parameters=[OpenApiParameter("open", bool, description="Only those not closed yet.")],
    )
    def get(self, request: ProgramRequest) -> Response:
        """Appeals and concerns, the newest first, but for those about oneself."""
        rows = seen(request)
        if request.query_params.get("open", "").lower() in ("1", "true"):
            rows = rows.open()
        return self.page(rows, CaseOut, list)

    @extend_schema(request=CaseIn, responses={201: CaseOut})
    def post(self, request: ProgramRequest) -> Response:
        """Write down an appeal or a concern as it was received. About oneself it is written down, and 404 from then on."""
        data = self.shaped(CaseIn, nothing)
        about = services.case_about(data.pop("reference"))
        case = services.record_case(by=request.user, at=timezone.now(), **about, **data)
        row = seen(request).filter(pk=case.pk).first()
        return Response(CaseOut(row).data if row else None, status=201)


class OneCase(_Desk):
    def get(self, request: ProgramRequest, uuid: UUID) -> Response:
        """One case and all that happened to it."""
        return Response(CaseOut(self.case(request, uuid)).data)


class Owners(_Desk):
    serializer_class = PersonOut
    pagination_class = None  # type: ignore[assignment]

    @extend_schema(operation_id="cases_owners", responses=PersonOut(many=True))
    def get(self, request: ProgramRequest, uuid: UUID) -> Response:
        """The registrars who had no part in it, and may be given it."""
        case = self.case(request, uuid)
        people = services.possible_owners(case=case, at=timezone.now())
        return Response(
            {"next": None, "previous": None, "results": PersonOut(people, many=True).data}
        )


class Give(_Desk):
    @extend_schema(request=GiveIn, responses=CaseOut)
    def post(self, request: ProgramRequest, uuid: UUID) -> Response:
        """Give it to an uninvolved registrar. 403 by rule (R2, R4) for anybody else, 409 when it is closed."""
        case = self.case(request, uuid)
        data = self.shaped(GiveIn, lambda: services.require_open(case))
        owner = User.objects.filter(uuid=data["owner"], is_active=True).first()
        if owner is None:
            services.require_open(case)
            raise ValidationError({"owner": ["There is no such person."]})
        services.give_case(
            case=case, owner=owner, note=data["note"], by=request.user, at=timezone.now()
        )
        return Response(self.told(request, case))


class Note(_Desk):
    @extend_schema(request=NoteIn, responses=CaseOut)
    def post(self, request: ProgramRequest, uuid: UUID) -> Response:
        """Write down what happened. Only registrars read it."""
        case = self.case(request, uuid)
        data = self.shaped(NoteIn, lambda: services.require_open(case))
        services.note_case(case=case, by=request.user, at=timezone.now(), **data)
        return Response(self.told(request, case))


class Close(_Desk):
    @extend_schema(request=CloseIn, responses=CaseOut)
    def post(self, request: ProgramRequest, uuid: UUID) -> Response:
        """Its owner closes it, with an outcome and the reason, which is told."""
        case = self.case(request, uuid)
        services.require_may_close(case=case, by=request.user, at=timezone.now())
        data = self.shaped(CloseIn, lambda: services.require_open(case))
        services.close_case(case=case, by=request.user, at=timezone.now(), **data)
        return Response(self.told(request, case))


_ONE = "cases/<uuid:uuid>/"
urlpatterns = [
    path("cases/", Cases.as_view(), name="api-cases"),
    path(_ONE, OneCase.as_view(), name="api-case"),
    path(f"{_ONE}owners/", Owners.as_view(), name="api-case-owners"),
    path(f"{_ONE}give/", Give.as_view(), name="api-case-give"),
    path(f"{_ONE}note/", Note.as_view(), name="api-case-note"),
    path(f"{_ONE}close/", Close.as_view(), name="api-case-close"),
]
