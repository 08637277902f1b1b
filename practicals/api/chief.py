"""What a chief examiner does: held results, rulings, corrections."""

from collections.abc import Callable
from dataclasses import asdict
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.permissions import IsAuthenticated
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import User
from practicals import documents, services
from practicals.api.examiners import SheetIn
from practicals.api.reading import (
    MISSHAPEN,
    THING,
    Chiefs,
    List,
    body,
    checked,
    found,
    text_of,
)
from practicals.models import (
    Appointment,
    PracticalAssessment,
    PracticalResult,
    Station,
)
from practicals.services.watching import kept_beside
from practicals.signed_in import ProgramRequest


class CorrectionIn(serializers.Serializer):
    observations = SheetIn.Mark(many=True)
    violations = SheetIn.Seen(many=True, required=False)
    global_rating = serializers.IntegerField(min_value=1, max_value=5)
    reason = serializers.CharField()


@extend_schema_view(post=extend_schema(request=CorrectionIn, responses={201: THING}))
class Supersede(APIView):
    """Correct a signed sheet by one that supersedes it; the practical is decided again."""

    permission_classes = [IsAuthenticated, Chiefs]

    def post(self, request: ProgramRequest, uuid: UUID) -> Response:
        rows = PracticalAssessment.objects.visible_to(request.user).select_related(
            "assignment__appointment__plan"
        )
        old, at = found(rows, uuid=uuid), timezone.now()
        try:
            data = body(request)
            reason = text_of(data, "reason", 10_000)
        except MISSHAPEN:
            services.require_may_supersede(assessment=old, by=request.user, at=at)
            raise
        sheet = services.supersede_sheet(
            assessment=old, content=data, reason=reason, by=request.user, at=at
        )
        return Response(documents.sheet_document(sheet), status=201)


def held_results(user: User) -> QuerySet[PracticalResult]:
    return (
        PracticalResult.objects.visible_to(user)
        .newest()
        .filter(outcome=PracticalResult.Outcome.HELD)
        .select_related("appointment__exam_day", "appointment__plan", "appointment__resit_of")
        .prefetch_related("appointment__adjudications")
    )


@extend_schema_view(get=extend_schema(operation_id="practicals_held_list", responses=THING))
class Held(List):
    """Results that wait for a chief examiner."""

    permission_classes = [IsAuthenticated, Chiefs]

    def get_queryset(self) -> QuerySet[PracticalResult]:
        return held_results(self.request.user)

    def say(self, row: PracticalResult) -> dict[str, Any]:
        return {
            "appointment": str(row.appointment.uuid),
            "candidate_number": row.appointment.candidate_number,
            "exam_day": str(row.appointment.exam_day),
            "decide_by": row.decide_by,
            "reasons": row.staff_reasons,
            "stations": [station["code"] for station in row.stations if station["held"]],
        }


@extend_schema_view(get=extend_schema(responses=THING))
class OneHeld(APIView):
    """Both sheets of every held station of an appointment, side by side, and what is kept beside them without counting."""

    permission_classes = [IsAuthenticated, Chiefs]

    def get(self, request: ProgramRequest, uuid: UUID) -> Response:
        result = found(held_results(request.user), appointment__uuid=uuid)
        appointment = result.appointment
        cases = {
            case.rule.code: case for case in services.cases_of(appointment) if case.source is None
        }
        said = [
            {
                **station,
                "sheets": {
                    place: sheet.draft for place, sheet in cases[station["code"]].sheets.items()
                },
                "sheet_uuids": station["sheets"],
                "beside": [asdict(other) for other in kept_beside(cases[station["code"]])],
            }
            for station in result.staff_stations
            if station["held"] and station["code"] in cases
        ]
        return Response({"appointment": str(appointment.uuid), "stations": said})


class RulingIn(serializers.Serializer):
    lines = serializers.DictField(child=serializers.IntegerField(min_value=0, max_value=2))
    violations = serializers.DictField(child=serializers.BooleanField(), required=False)
    remarks = serializers.DictField(child=serializers.CharField(), required=False)
    reasons = serializers.CharField()
    sheets = serializers.ListField(child=serializers.UUIDField(), required=False)


@extend_schema_view(post=extend_schema(request=RulingIn, responses=THING))
class Adjudicate(APIView):
    """A chief examiner who neither taught nor examined the candidate settles a held station."""

    permission_classes = [IsAuthenticated, Chiefs]

    def post(self, request: ProgramRequest, uuid: UUID, code: str) -> Response:
        rows = Appointment.objects.visible_to(request.user).filter(results__isnull=False).distinct()
        appointment = found(rows.select_related("plan", "candidate"), uuid=uuid)
        station = found(Station.objects.filter(plan=appointment.plan_id), checklist__code=code)
        who: dict[str, Any] = {"by": request.user, "at": timezone.now()}
        try:
            given = self._given(body(request))
        except MISSHAPEN:
            services.require_may_adjudicate(appointment=appointment, station=station, **who)
            raise
        result = services.adjudicate(appointment=appointment, station=station, **who, **given)
        return Response(documents.result_document(result))

    @staticmethod
    def _given(data: dict[str, Any]) -> dict[str, Any]:
        return checked(
            {
                "lines": serializers.DictField(child=serializers.JSONField()),
                "violations": serializers.DictField(child=serializers.JSONField(), default=dict),
                "remarks": serializers.DictField(child=serializers.JSONField(), default=dict),
                "reasons": serializers.CharField(max_length=10_000, allow_blank=True),
                "sheets": serializers.ListField(child=serializers.UUIDField(), default=None),
            },
            data,
        )


class AnnulmentIn(serializers.Serializer):
    reasons = serializers.CharField()


def _with_reasons(
    request: ProgramRequest,
    uuid: UUID,
    code: str,
    require: Callable[..., Any],
    act: Callable[..., Any],
) -> Any:
    """Do something to a station of an appointment, for reasons; who may not is refused before what is wrong with the reasons."""
    rows = Appointment.objects.visible_to(request.user).filter(exam_day__isnull=False)
    appointment = found(rows.select_related("plan", "candidate", "resit_of"), uuid=uuid)
    station = found(Station.objects.filter(plan=appointment.plan_id), checklist__code=code)
    what: dict[str, Any] = {
        "appointment": appointment, "station": station, "by": request.user, "at": timezone.now()
    }  # fmt: skip
    try:
        reasons = text_of(body(request), "reasons", 10_000)
    except MISSHAPEN:
        require(**what)
        raise
    return act(reasons=reasons, **what)


@extend_schema_view(post=extend_schema(request=AnnulmentIn, responses={201: THING}))
class Annul(APIView):
    """A chief examiner who neither taught nor examined the candidate annuls a station whose sheet is lost; it is sat again at no charge."""

    permission_classes = [IsAuthenticated, Chiefs]

    def post(self, request: ProgramRequest, uuid: UUID, code: str) -> Response:
        row = _with_reasons(request, uuid, code, services.require_may_annul, services.annul_station)
        said = {"station": code, "missing": row.missing, "at": row.at}
        return Response({"annulment": str(row.uuid), **said}, status=201)


@extend_schema_view(post=extend_schema(request=AnnulmentIn, responses={201: THING}))
class TakeBack(APIView):
    """A chief examiner takes an annulment back: its sheets have come, were kept beside and count from then on."""

    permission_classes = [IsAuthenticated, Chiefs]

    def post(self, request: ProgramRequest, uuid: UUID, code: str) -> Response:
        row = _with_reasons(
            request, uuid, code, services.require_may_take_back, services.take_back_annulment
        )
        said = {"annulment": str(row.annulment.uuid), "station": code, "at": row.at}
        return Response({"taken_back": str(row.uuid), **said}, status=201)
