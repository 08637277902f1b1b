"""Appointments and exam days: candidates and registrars."""

from typing import Any
from uuid import UUID

from django.db.models import Prefetch, QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.permissions import IsAuthenticated
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import User
from practicals import documents, services
from practicals.api.reading import (
    THING,
    List,
    Planners,
    Registrars,
    body,
    found,
    text_of,
    uuid_of,
)
from practicals.models import (
    Appointment,
    ExamDay,
    PracticalResult,
)
from practicals.signed_in import ProgramRequest


class OfferIn(serializers.Serializer):
    exam_day = serializers.UUIDField()
    candidate = serializers.UUIDField()
    avoid = serializers.CharField(required=False, allow_blank=True, max_length=250)


def with_day_and_result(appointments: QuerySet[Appointment]) -> QuerySet[Appointment]:
    newest = PracticalResult.objects.order_by("-version")
    return appointments.select_related("plan__activity", "exam_day").prefetch_related(
        Prefetch("results", newest), "adjudications"
    )


def say_appointment(row: Appointment) -> dict[str, Any]:
    return documents.appointment_document(row, next(iter(row.results.all()), None))


@extend_schema_view(
    get=extend_schema(operation_id="appointments_list", responses=THING),
    post=extend_schema(request=OfferIn, responses={201: THING}),
)
class Appointments(List):
    """GET: a candidate's own appointments (all, for registrars). POST: a registrar offers one."""

    def get_permissions(self) -> list[Any]:
        return [IsAuthenticated()] + ([Registrars()] if self.request.method == "POST" else [])

    def get_queryset(self) -> QuerySet[Appointment]:
        return with_day_and_result(Appointment.objects.visible_to(self.request.user))

    def say(self, row: Appointment) -> dict[str, Any]:
        return say_appointment(row)

    def post(self, request: ProgramRequest) -> Response:
        data = body(request)
        exam_day = found(ExamDay.objects.visible_to(request.user), uuid=uuid_of(data, "exam_day"))
        candidate = found(User.objects.filter(is_active=True), uuid=uuid_of(data, "candidate"))
        appointment = services.offer_appointment(
            exam_day=exam_day,
            candidate=candidate,
            avoid=text_of(data, "avoid", 250),
            by=request.user,
            at=timezone.now(),
        )
        return Response(say_appointment(found(self.get_queryset(), pk=appointment.pk)), status=201)


@extend_schema_view(get=extend_schema(responses=THING))
class OneAppointment(APIView):
    permission_classes = [IsAuthenticated]

    def get(self, request: ProgramRequest, uuid: UUID) -> Response:
        rows = with_day_and_result(Appointment.objects.visible_to(request.user))
        return Response(say_appointment(found(rows, uuid=uuid)))


class Answer(APIView):
    """The candidate, and nobody else, accepts or declines."""

    permission_classes = [IsAuthenticated]
    accept = True

    @extend_schema(request=None, responses=THING)
    def post(self, request: ProgramRequest, uuid: UUID) -> Response:
        rows = with_day_and_result(Appointment.objects.filter(candidate=request.user))
        appointment = found(rows, uuid=uuid)
        services.answer_appointment(
            appointment=appointment, accept=self.accept, by=request.user, at=timezone.now()
        )
        return Response(say_appointment(found(rows, uuid=uuid)))


@extend_schema_view(get=extend_schema(operation_id="exam_days_list", responses=THING))
class ExamDays(List):
    """The exam days a registrar plans."""

    permission_classes = [IsAuthenticated, Planners]

    def get_queryset(self) -> QuerySet[ExamDay]:
        rows = ExamDay.objects.visible_to(self.request.user)
        return rows.select_related("plan__activity").prefetch_related("stations__checklist")

    def say(self, row: ExamDay) -> dict[str, Any]:
        return {
            "uuid": str(row.uuid),
            "plan": row.plan.activity.title,
            "begins": row.begins,
            "zone": row.zone,
            "place": row.place,
            "capacity": row.capacity,
            "cancelled_at": row.cancelled_at,
            "stations": [station.checklist.code for station in row.stations.all()],
        }
