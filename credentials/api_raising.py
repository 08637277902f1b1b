"""Appeals of one's own, and concerns of anybody, for programs: the same services, words and limits as the pages."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.shortcuts import get_object_or_404
from django.urls import path
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import BaseThrottle
from rest_framework.views import APIView

from credentials import limits, services
from credentials.api_people import View, nothing
from credentials.models import Case, CaseStep
from credentials.signed_in import ProgramRequest


class AppealIn(serializers.Serializer):
    class Against(serializers.Serializer):
        against = serializers.CharField(max_length=80)

    against = serializers.CharField(max_length=80, help_text="key of a decision: decision:<uuid>")
    ground = serializers.ChoiceField(choices=Case.Ground.choices)
    said = serializers.CharField(max_length=services.MOST_LETTERS)


class ConcernIn(serializers.Serializer):
    about = serializers.CharField(max_length=150, help_text="a number, or a name and place")
    said = serializers.CharField(max_length=services.MOST_LETTERS)
    raised_by = serializers.CharField(max_length=150)
    contact = serializers.EmailField(
        required=False, allow_blank=True, default="", help_text="to be told how it ends"
    )


class DecidedOut(serializers.Serializer):
    """A decision on oneself, and the last day of an appeal against it."""

    key = serializers.CharField()
    what = serializers.CharField()
    decided_on = serializers.DateField()
    until = serializers.DateField()


class FollowsOut(serializers.Serializer):
    """One thing that follows from an appeal, and how far it is."""

    what = serializers.CharField()
    state = serializers.ChoiceField(choices=["open", "done", "waived"])
    note = serializers.CharField()
    at = serializers.DateTimeField(allow_null=True)


class FarOut(serializers.Serializer):
    """How far it is. `why` is what the register says to the outcome."""

    uuid = serializers.UUIDField()
    reference = serializers.CharField()
    received_on = serializers.DateField()
    due_on = serializers.DateField(help_text="to be decided by")
    given = serializers.BooleanField(help_text="to a registrar who had no part in it")
    outcome = serializers.ChoiceField(
        choices=Case.Outcome.choices, allow_null=True, help_text="null while it is open"
    )
    closed_at = serializers.DateTimeField(allow_null=True)
    why = serializers.CharField()


class AppealOut(FarOut):
    against = serializers.CharField(help_text="empty where a registrar wrote the appeal down")
    about = serializers.CharField()
    ground = serializers.CharField()
    said = serializers.CharField()
    follows = FollowsOut(many=True)


def far_out(rows: Sequence[Case]) -> list[dict[str, Any]]:
    """Each case as whoever raised it may know it. One query."""
    steps: dict[int, list[CaseStep]] = {row.pk: [] for row in rows}
    for step in CaseStep.objects.filter(case__in=list(steps)).order_by("sequence"):
        steps[step.case_id].append(step)
    why = {
        step.case_id: step.note
        for told in steps.values()
        for step in told
        if step.kind == CaseStep.Kind.CLOSED
    }
    return [
        {
            "uuid": row.uuid,
            "reference": row.reference,
            "received_on": row.received_on,
            "due_on": row.due_on,
            "given": row.owner_id is not None,
            "outcome": row.outcome or None,
            "closed_at": row.closed_at,
            "why": why.get(row.pk, ""),
            "against": row.subject,
            "about": row.about,
            "ground": row.ground,
            "said": row.said,
            "follows": [
                {"what": one.label, "state": one.state, "note": one.note, "at": one.at}
                for one in services.follow_ups(steps[row.pk])
            ],
        }
        for row in rows
    ]


class Appeals(View):
    queryset = Case.objects.none()
    serializer_class = AppealOut

    @extend_schema(operation_id="appeals_list", responses=AppealOut(many=True))
    def get(self, request: ProgramRequest) -> Response:
        """One's own appeals, the newest first, and how far each is."""
        return self.page(Case.objects.appeals_of(request.user), AppealOut, far_out)

    @extend_schema(request=AppealIn, responses={201: AppealOut, 200: AppealOut})
    def post(self, request: ProgramRequest) -> Response:
        """Appeal against a decision on oneself. 201, or 200 with the appeal there is: a decision is appealed against once."""
        at, by = timezone.now(), request.user
        key = self.shaped(AppealIn.Against, nothing)["against"]
        made = Case.objects.appeals_of(by).filter(subject=key).first()
        if made is None:
            services.require_may_appeal(key=key, by=by, at=at)
        data = self.shaped(AppealIn, nothing)
        case = services.lodge_appeal(
            key=key, ground=data["ground"], said=data["said"], by=by, at=at
        )
        (out,) = far_out([case])
        return Response(AppealOut(out).data, status=200 if made else 201)


class OpenToAppeal(View):
    queryset = Case.objects.none()
    serializer_class = DecidedOut
    pagination_class = None  # type: ignore[assignment]

    @extend_schema(operation_id="appeals_possible", responses=DecidedOut(many=True))
    def get(self, request: ProgramRequest) -> Response:
        """What one may still appeal against, the newest first."""
        rows = services.open_to_appeal(by=request.user, at=timezone.now())
        return Response(
            {"next": None, "previous": None, "results": DecidedOut(rows, many=True).data}
        )


class OneAppeal(View):
    queryset = Case.objects.none()
    serializer_class = AppealOut

    def get(self, request: ProgramRequest, uuid: UUID) -> Response:
        """One's own appeal, and how far it is."""
        case = get_object_or_404(Case.objects.appeals_of(request.user), uuid=uuid)
        (out,) = far_out([case])
        return Response(AppealOut(out).data)


class WithdrawAppeal(View):
    queryset = Case.objects.none()
    serializer_class = AppealOut

    @extend_schema(request=None, responses=AppealOut)
    def post(self, request: ProgramRequest, uuid: UUID) -> Response:
        """Take one's own appeal back, for good. 409 when it is decided."""
        case = get_object_or_404(Case.objects.appeals_of(request.user), uuid=uuid)
        case = services.withdraw_case(case=case, by=request.user, at=timezone.now())
        (out,) = far_out([case])
        return Response(AppealOut(out).data)


class ConcernView(APIView):
    authentication_classes: list[Any] = []
    permission_classes = [AllowAny]
    throttle_classes: list[type[BaseThrottle]] = [limits.Concerns]

    @extend_schema(summary="Raise a concern", request=ConcernIn, responses={201: FarOut})
    def post(self, request: Request) -> Response:
        """About how somebody treated a person, or uses a title. The answer is the same whether the register knows the number or not."""
        asked = ConcernIn(data=request.data)
        asked.is_valid(raise_exception=True)
        case = services.raise_concern(at=timezone.now(), **asked.validated_data)
        (out,) = far_out([case])
        return Response(FarOut(out).data, status=201)


class OneConcern(APIView):
    authentication_classes: list[Any] = []
    permission_classes = [AllowAny]

    @extend_schema(summary="How far a concern is", responses=FarOut)
    def get(self, request: Request, uuid: UUID) -> Response:
        """For whoever was given its address. It names nobody."""
        (out,) = far_out([get_object_or_404(Case.objects.raised_outside(), uuid=uuid)])
        return Response(FarOut(out).data)


urlpatterns = [
    path("appeals/", Appeals.as_view(), name="api-appeals"),
    path("appeals/possible/", OpenToAppeal.as_view(), name="api-appeals-possible"),
    path("appeals/<uuid:uuid>/", OneAppeal.as_view(), name="api-appeal"),
    path("appeals/<uuid:uuid>/withdraw/", WithdrawAppeal.as_view(), name="api-appeal-withdraw"),
    path("concerns/", ConcernView.as_view(), name="api-concerns"),
    path("concerns/<uuid:uuid>/", OneConcern.as_view(), name="api-concern"),
]
