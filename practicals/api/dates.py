"""What a candidate does about their date: asks for one, agrees, objects to an examiner, takes it into a calendar."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.permissions import IsAuthenticated
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import User
from practicals import services
from practicals.api.reading import THING, List, body, checked, found, text_of, uuid_of
from practicals.models import Appointment, DateRequest, ExamDay, ExamPlan
from practicals.services import Standing
from practicals.signed_in import ProgramRequest


class RequestIn(serializers.Serializer):
    plan = serializers.UUIDField(help_text="uuid of the examination's activity")
    days = serializers.ListField(child=serializers.UUIDField(), required=False)
    words = serializers.CharField(required=False, allow_blank=True, max_length=500)


class NameIn(serializers.Serializer):
    name = serializers.CharField(max_length=150)


class ObjectionIn(serializers.Serializer):
    examiner = serializers.UUIDField()
    note = serializers.CharField(required=False, allow_blank=True, max_length=500)


def say_day(day: ExamDay) -> dict[str, Any]:
    return {"uuid": str(day.uuid), "begins": day.begins, "zone": day.zone, "place": day.place}


def say_request(row: DateRequest) -> dict[str, Any]:
    return {
        "uuid": str(row.uuid),
        "plan": str(row.plan.activity.uuid),
        "title": row.plan.activity.title,
        "candidate": {"uuid": str(row.candidate.uuid), "name": row.candidate.name},
        "days": [say_day(day) for day in row.days.all()],
        "words": row.words,
        "asked_at": row.asked_at,
        "closed_at": row.closed_at,
        "appointment": str(row.appointment.uuid) if row.appointment else None,
    }


def with_days(rows: QuerySet[DateRequest]) -> QuerySet[DateRequest]:
    return rows.select_related("plan__activity", "candidate", "appointment").prefetch_related(
        "days"
    )


@extend_schema_view(
    get=extend_schema(operation_id="date_requests_list", responses=THING),
    post=extend_schema(request=RequestIn, responses={201: THING}),
)
class DateRequests(List):
    """GET: the dates one has asked for (all, for registrars). POST: a candidate asks for one, or changes what they asked."""

    permission_classes = [IsAuthenticated]

    def get_queryset(self) -> QuerySet[DateRequest]:
        return with_days(DateRequest.objects.visible_to(self.request.user))

    def say(self, row: DateRequest) -> dict[str, Any]:
        return say_request(row)

    def post(self, request: ProgramRequest) -> Response:
        data = body(request)
        plans = ExamPlan.objects.filter(kind=ExamPlan.Kind.CERTIFYING).select_related("activity")
        given = checked(
            {
                "days": serializers.ListField(
                    child=serializers.UUIDField(), default=list, max_length=100
                ),
                "words": serializers.CharField(default="", allow_blank=True, max_length=500),
            },
            data,
        )
        plan = found(plans, activity__uuid=uuid_of(data, "plan"))
        days = [found(plan.days.all(), uuid=uuid) for uuid in given["days"]]
        row = services.ask_for_date(
            plan=plan, days=days, words=given["words"], by=request.user, at=timezone.now()
        )
        return Response(say_request(found(self.get_queryset(), pk=row.pk)), status=201)


class WithdrawRequest(APIView):
    permission_classes = [IsAuthenticated]

    @extend_schema(request=None, responses=THING)
    def post(self, request: ProgramRequest, uuid: UUID) -> Response:
        rows = with_days(DateRequest.objects.filter(candidate=request.user))
        services.withdraw_request(
            request=found(rows, uuid=uuid), by=request.user, at=timezone.now()
        )
        return Response(say_request(found(rows, uuid=uuid)))


class OpenDays(APIView):
    """The examinations one may ask a date of, and the days with a free place."""

    permission_classes = [IsAuthenticated]

    @extend_schema(operation_id="open_days_list", responses=THING)
    def get(self, request: ProgramRequest) -> Response:
        standings = services.standings_of(candidate=request.user)
        return Response(
            {"next": None, "previous": None, "results": [self._say(row) for row in standings]}
        )

    @staticmethod
    def _say(row: Standing) -> dict[str, Any]:
        days = []
        if not row.why_not:
            days = services.open_days(plan=row.plan, record=row.record, at=timezone.now())
        return {
            "plan": str(row.plan.activity.uuid),
            "title": row.plan.activity.title,
            "why_not": row.why_not or None,
            "asked": str(row.request.uuid) if row.request else None,
            "days": [say_day(day) for day in days],
        }


def own(request: ProgramRequest) -> QuerySet[Appointment]:
    return Appointment.objects.filter(candidate=request.user).select_related(
        "plan__activity", "exam_day", "candidate", "resit_of"
    )


class Agree(APIView):
    """GET: what the candidate agrees to. POST: the candidate agrees under their name."""

    permission_classes = [IsAuthenticated]

    @extend_schema(responses=THING)
    def get(self, request: ProgramRequest, uuid: UUID) -> Response:
        return Response(self._say(found(own(request), uuid=uuid)))

    @extend_schema(request=NameIn, responses=THING)
    def post(self, request: ProgramRequest, uuid: UUID) -> Response:
        row = found(own(request), uuid=uuid)
        services.agree(
            appointment=row,
            name=text_of(body(request), "name", 150),
            by=request.user,
            at=timezone.now(),
        )
        return Response(self._say(row))

    @staticmethod
    def _say(row: Appointment) -> dict[str, Any]:
        made = row.agreements_made.select_related("agreement").first()
        agreement = (
            made.agreement if made else services.agreement_of(plan=row.plan, at=timezone.now())
        )
        return {
            "version": agreement.number,
            "hash": agreement.hash,
            "text": agreement.text,
            "agreed_as": made.name if made else None,
            "agreed_at": made.at if made else None,
        }


class Examiners(APIView):
    """GET: who examines on the candidate's day, not where. POST: the candidate objects to one of them."""

    permission_classes = [IsAuthenticated]

    @extend_schema(responses=THING)
    def get(self, request: ProgramRequest, uuid: UUID) -> Response:
        return Response(self._say(found(own(request), uuid=uuid)))

    @extend_schema(request=ObjectionIn, responses=THING)
    def post(self, request: ProgramRequest, uuid: UUID) -> Response:
        row, data = found(own(request), uuid=uuid), body(request)
        services.object_to_examiner(
            appointment=row,
            examiner=found(User.objects.all(), uuid=uuid_of(data, "examiner")),
            note=text_of(data, "note", 500),
            by=request.user,
            at=timezone.now(),
        )
        return Response(self._say(row))

    @staticmethod
    def _say(row: Appointment) -> dict[str, Any]:
        return {
            "until": services.objections_close(row),
            "examiners": [
                {
                    "uuid": str(known.examiner.uuid),
                    "name": known.examiner.name,
                    "objected": known.objected,
                }
                for known in services.examiners_to_know(appointment=row)
            ],
        }


class Calendar(APIView):
    """The date as an iCalendar object."""

    permission_classes = [IsAuthenticated]

    @extend_schema(responses={(200, "text/calendar"): OpenApiTypes.STR})
    def get(self, request: ProgramRequest, uuid: UUID) -> HttpResponse:
        row = found(own(request).filter(exam_day__isnull=False), uuid=uuid)
        entry = services.calendar_of(appointment=row, at=timezone.now())
        return HttpResponse(entry, content_type="text/calendar; charset=utf-8")
