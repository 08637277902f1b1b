"""What a registrar does with an exam day: the door, its examiners, its client models, its end."""

from collections.abc import Callable
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
from practicals import services
from practicals.api.appointments import say_appointment, with_day_and_result
from practicals.api.reading import THING, List, Registrars, body, checked, found, text_of, uuid_of
from practicals.models import Appointment, Assignment, CheckIn, ClientModel, ExamDay, Station
from practicals.signed_in import ProgramRequest


class CheckInIn(serializers.Serializer):
    identity = serializers.ChoiceField(CheckIn.Identity.choices)
    words = serializers.CharField(required=False, allow_blank=True, max_length=100)
    name = serializers.CharField(required=False, allow_blank=True, max_length=150)


class ReasonIn(serializers.Serializer):
    reason = serializers.CharField(max_length=500)


class TakeOffIn(serializers.Serializer):
    examiner = serializers.UUIDField()
    instead = serializers.UUIDField(required=False)


class HandOverIn(serializers.Serializer):
    examiner = serializers.UUIDField()
    reason = serializers.CharField(max_length=300)


class ClientIn(serializers.Serializer):
    code = serializers.CharField(max_length=6)
    name = serializers.CharField(max_length=150)
    is_adult = serializers.BooleanField(default=False)
    screened_on = serializers.DateField(allow_null=True, default=None)
    told_right_to_stop = serializers.BooleanField(default=False)
    chaperone = serializers.BooleanField(default=False)
    allergies = serializers.CharField(allow_blank=True, default="", max_length=200)
    avoid = serializers.CharField(allow_blank=True, default="", max_length=250)
    notes = serializers.CharField(allow_blank=True, default="", max_length=250)
    consents = serializers.BooleanField(default=False)
    cleared_for = serializers.ListField(
        child=serializers.CharField(max_length=20), default=list, max_length=100
    )


class ClientPlaceIn(serializers.Serializer):
    station = serializers.CharField(max_length=20)
    appointment = serializers.UUIDField(required=False)


class OfRegistrar(APIView):
    permission_classes = [IsAuthenticated, Registrars]


def appointment_of(request: ProgramRequest, uuid: UUID) -> Appointment:
    rows = with_day_and_result(Appointment.objects.visible_to(request.user))
    return found(rows.filter(exam_day__isnull=False), uuid=uuid)


class CheckInAtDoor(OfRegistrar):
    """The registrar saw who came, and which document; its number is not taken."""

    @extend_schema(request=CheckInIn, responses=THING)
    def post(self, request: ProgramRequest, uuid: UUID) -> Response:
        row, data = appointment_of(request, uuid), body(request)
        services.check_in(
            appointment=row,
            identity=text_of(data, "identity", 20),
            words=text_of(data, "words", 100),
            name=text_of(data, "name", 150),
            by=request.user,
            at=timezone.now(),
        )
        return Response(say_appointment(appointment_of(request, uuid)))


class Absent(OfRegistrar):
    """The candidate did not come."""

    @extend_schema(request=None, responses=THING)
    def post(self, request: ProgramRequest, uuid: UUID) -> Response:
        row = appointment_of(request, uuid)
        services.record_absence(appointment=row, by=request.user, at=timezone.now())
        return Response(say_appointment(appointment_of(request, uuid)))


class CancelAppointment(OfRegistrar):
    """An appointment is taken back; the candidate reads why."""

    @extend_schema(request=ReasonIn, responses=THING)
    def post(self, request: ProgramRequest, uuid: UUID) -> Response:
        services.cancel_appointment(
            appointment=appointment_of(request, uuid),
            reason=text_of(body(request), "reason", 500),
            by=request.user,
            at=timezone.now(),
        )
        return Response(say_appointment(appointment_of(request, uuid)))


class HandOver(OfRegistrar):
    """A begun sheet is kept, and somebody else goes on with one of their own."""

    @extend_schema(request=HandOverIn, responses=THING)
    def post(self, request: ProgramRequest, uuid: UUID) -> Response:
        data = body(request)
        rows = Assignment.objects.filter(appointment__exam_day__isnull=False)
        row = services.hand_over(
            assignment=found(rows.select_related("appointment"), uuid=uuid),
            examiner=found(User.objects.all(), uuid=uuid_of(data, "examiner")),
            reason=text_of(data, "reason", 300),
            by=request.user,
            at=timezone.now(),
        )
        return Response({"uuid": str(row.uuid), "examiner": str(row.examiner.uuid)})


def day_of(request: ProgramRequest, uuid: UUID) -> ExamDay:
    rows = ExamDay.objects.visible_to(request.user).select_related("plan__activity")
    return found(rows, uuid=uuid)


class OfDay(OfRegistrar):
    """A POST about one exam day; subclasses do it and say what became of it."""

    act: Callable[[ExamDay, ProgramRequest], dict[str, Any]]

    @extend_schema(request=None, responses=THING)
    def post(self, request: ProgramRequest, uuid: UUID) -> Response:
        return Response(self.act(day_of(request, uuid), request))


class Draw(OfDay):
    """Draw the stations, once for everybody."""

    def act(self, day: ExamDay, request: ProgramRequest) -> dict[str, Any]:
        drawn = services.draw_stations(exam_day=day, by=request.user, at=timezone.now())
        return {"stations": [station.checklist.code for station in drawn]}


class AutoAssign(OfDay):
    """Fill the open places without conflict."""

    def act(self, day: ExamDay, request: ProgramRequest) -> dict[str, Any]:
        made, still_open = services.auto_assign(exam_day=day, by=request.user, at=timezone.now())
        return {"filled": len(made), "open": still_open}


@extend_schema_view(post=extend_schema(request=TakeOffIn, responses=THING))
class TakeOff(OfDay):
    """An examiner cannot come: their places go to others, their sheets are kept."""

    def act(self, day: ExamDay, request: ProgramRequest) -> dict[str, Any]:
        data = body(request)
        instead = None
        if data.get("instead") is not None:
            instead = found(User.objects.all(), uuid=uuid_of(data, "instead"))
        left = services.take_off(
            exam_day=day,
            examiner=found(User.objects.all(), uuid=uuid_of(data, "examiner")),
            instead=instead,
            by=request.user,
            at=timezone.now(),
        )
        return {
            "filled": left.filled,
            "open": left.open,
            "signed": [str(row.uuid) for row in left.signed],
            "begun": [str(row.uuid) for row in left.begun],
        }


@extend_schema_view(post=extend_schema(request=ReasonIn, responses=THING))
class CancelDay(OfDay):
    """The whole day does not take place; everybody reads why."""

    def act(self, day: ExamDay, request: ProgramRequest) -> dict[str, Any]:
        reason = text_of(body(request), "reason", 500)
        gone = services.cancel_day(exam_day=day, reason=reason, by=request.user, at=timezone.now())
        return {"uuid": str(gone.uuid), "cancelled_at": gone.cancelled_at}


def say_client(row: ClientModel) -> dict[str, Any]:
    return {
        "uuid": str(row.uuid),
        "code": row.code,
        "name": row.name,
        "is_adult": row.is_adult,
        "screened_on": row.screened_on,
        "consent_at": row.consent_at,
        "told_right_to_stop": row.told_right_to_stop,
        "chaperone": row.chaperone,
        "allergies": row.allergies,
        "avoid": row.avoid,
        "notes": row.notes,
        "cleared_for": [station.checklist.code for station in row.cleared_for.all()],
        "places": [
            {
                "station": place.station.checklist.code,
                "appointment": str(place.appointment.uuid) if place.appointment else None,
            }
            for place in row.places.all()
        ],
        "stopped_at": row.withdrew_at,
    }


def clients_of_day(request: ProgramRequest, uuid: UUID) -> QuerySet[ClientModel]:
    rows = ClientModel.objects.visible_to(request.user).filter(exam_day__uuid=uuid)
    return rows.prefetch_related(
        "cleared_for__checklist", "places__station__checklist", "places__appointment"
    )


def stations_named(day: ExamDay, codes: list[str]) -> list[Station]:
    return [found(day.stations.all(), checklist__code=code) for code in codes]


@extend_schema_view(
    get=extend_schema(operation_id="clients_list", responses=THING),
    post=extend_schema(request=ClientIn, responses={201: THING}),
)
class Clients(List):
    """GET: the client models of a day. POST: one more."""

    permission_classes = [IsAuthenticated, Registrars]

    def get_queryset(self) -> QuerySet[ClientModel]:
        return clients_of_day(self.request, self.kwargs["uuid"])

    def say(self, row: ClientModel) -> dict[str, Any]:
        return say_client(row)

    def get(self, request: ProgramRequest, **named: Any) -> Response:
        day_of(request, self.kwargs["uuid"])
        return super().get(request)

    def post(self, request: ProgramRequest, uuid: UUID) -> Response:
        row = keep(request, day_of(request, uuid), None)
        return Response(say_client(found(self.get_queryset(), pk=row.pk)), status=201)


def keep(request: ProgramRequest, day: ExamDay, client: ClientModel | None) -> ClientModel:
    given = checked(dict(ClientIn().fields), body(request))
    return services.keep_client(
        exam_day=day,
        client=client,
        cleared_for=stations_named(day, given.pop("cleared_for")),
        consents=given.pop("consents"),
        record=given,
        by=request.user,
        at=timezone.now(),
    )


class OneClient(OfRegistrar):
    """PUT: the whole record of a client model, as it is now."""

    @extend_schema(request=ClientIn, responses=THING)
    def put(self, request: ProgramRequest, uuid: UUID, client: UUID) -> Response:
        rows = clients_of_day(request, uuid)
        row = keep(request, day_of(request, uuid), found(rows, uuid=client))
        return Response(say_client(found(rows, pk=row.pk)))


class PlaceClient(OfRegistrar):
    """A client model is at a station, for everybody or for one candidate."""

    @extend_schema(request=ClientPlaceIn, responses=THING)
    def post(self, request: ProgramRequest, uuid: UUID, client: UUID) -> Response:
        rows, day, data = clients_of_day(request, uuid), day_of(request, uuid), body(request)
        appointment = None
        if data.get("appointment") is not None:
            appointment = found(day.appointments.all(), uuid=uuid_of(data, "appointment"))
        services.place_client(
            client=found(rows, uuid=client),
            station=found(day.stations.all(), checklist__code=text_of(data, "station", 20)),
            appointment=appointment,
            by=request.user,
            at=timezone.now(),
        )
        return Response(say_client(found(rows, uuid=client)))


class ClientStops(OfRegistrar):
    """A client model stops, without a reason."""

    @extend_schema(request=None, responses=THING)
    def post(self, request: ProgramRequest, uuid: UUID, client: UUID) -> Response:
        rows = clients_of_day(request, uuid)
        services.client_stops(client=found(rows, uuid=client), by=request.user, at=timezone.now())
        return Response(say_client(found(rows, uuid=client)))
