"""The HTTP interface of practicals, under /api/v1/."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.db.models import Prefetch, QuerySet
from django.urls import path
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.generics import GenericAPIView
from rest_framework.permissions import IsAuthenticated
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import Role, User
from accounts.services import Invalid, Missing
from accounts.web import Results, role_permission
from courses.models import Activity, Enrolment
from practicals import documents, services
from practicals.models import (
    Appointment,
    Assignment,
    ExamDay,
    PracticalAssessment,
    PracticalResult,
    Station,
)
from practicals.signed_in import ProgramRequest

MAX_BODY = 1024 * 1024  # bytes; a full sheet with long notes has about a tenth

Scorers = role_permission(Role.EXAMINER, Role.INSTRUCTOR)
Registrars = role_permission(Role.REGISTRAR)
Chiefs = role_permission(Role.CHIEF_EXAMINER)
Instructors = role_permission(Role.INSTRUCTOR)
Reissuers = role_permission(Role.REGISTRAR, Role.CHIEF_EXAMINER)
Planners = role_permission(Role.REGISTRAR, Role.CHIEF_EXAMINER)

THING = OpenApiTypes.OBJECT


# Reading what was sent


def body(request: ProgramRequest) -> dict[str, Any]:
    """The JSON object of a request. Raises Invalid for anything else, however deep or large."""
    if int(request.META.get("CONTENT_LENGTH") or 0) > MAX_BODY:
        raise Invalid("too_large", "This is more than a sheet can hold.")
    try:
        data = request.data
    except RecursionError:
        raise Invalid("invalid", "This is nested too deeply.")
    if not isinstance(data, dict):
        raise Invalid("invalid", "Send a JSON object.")
    return data


def uuid_of(data: dict[str, Any], name: str) -> UUID:
    try:
        return UUID(data[name])
    except (KeyError, ValueError, TypeError, AttributeError):
        raise Invalid(
            "invalid",
            "Some of what you sent is not right. See `errors`.",
            fields={name: ["Send a uuid."]},
        )


def text_of(data: dict[str, Any], name: str, limit: int) -> str:
    field = serializers.CharField(max_length=limit, allow_blank=True)
    return str(checked({name: field}, {name: data.get(name, "")})[name])


def checked(fields: dict[str, serializers.Field], data: dict[str, Any]) -> dict[str, Any]:
    """`data` through DRF fields (they refuse NUL bytes and wrong types); raises Invalid with the errors of each."""
    given, errors = {}, {}
    for name, field in fields.items():
        try:
            given[name] = field.run_validation(data.get(name, serializers.empty))
        except serializers.ValidationError as error:
            errors[name] = error.detail
    if errors:
        raise Invalid("invalid", "Some of what you sent is not right. See `errors`.", fields=errors)
    return given


def found(queryset: QuerySet, **lookup: Any) -> Any:
    """The one row, or Missing."""
    row = queryset.filter(**lookup).first()
    if row is None:
        raise Missing("not_found", "There is nothing here that you may see.")
    return row


class Page(Results):
    ordering = "pk"


class List(GenericAPIView):
    """A list in pages; subclasses give the rows, and `say`, which makes one of them plain."""

    request: ProgramRequest
    pagination_class = Page
    filter_backends: list[Any] = []
    serializer_class = serializers.Serializer
    say: Callable[[Any], dict[str, Any]]

    def get(self, request: ProgramRequest) -> Response:
        rows = self.paginate_queryset(self.get_queryset())
        return self.get_paginated_response([self.say(row) for row in rows or []])


# Examiners


def with_active_sheet(assignments: QuerySet[Assignment]) -> QuerySet[Assignment]:
    """Assignments with what their summary says, in two queries."""
    active = PracticalAssessment.objects.filter(active=True)
    return assignments.select_related(
        "appointment__plan", "station__checklist", "checklist_version"
    ).prefetch_related(Prefetch("assessments", active))


class SheetIn(serializers.Serializer):
    """A whole sheet. Drafts may leave anything out; a final one has every line rated and is signed."""

    class Mark(serializers.Serializer):
        criterion = serializers.CharField()
        rating = serializers.IntegerField(min_value=0, max_value=2, allow_null=True)
        note = serializers.CharField(required=False, allow_blank=True)
        at = serializers.DateTimeField(required=False, allow_null=True)

    class Seen(serializers.Serializer):
        code = serializers.CharField()
        note = serializers.CharField(required=False, allow_blank=True)
        at = serializers.DateTimeField(required=False, allow_null=True)

    assignment = serializers.UUIDField()
    rev = serializers.IntegerField(min_value=0)
    final = serializers.BooleanField(default=False)
    started_at = serializers.DateTimeField(required=False, allow_null=True)
    finished_at = serializers.DateTimeField(required=False, allow_null=True)
    observations = Mark(many=True)
    violations = Seen(many=True, required=False)
    global_rating = serializers.IntegerField(
        min_value=1, max_value=5, required=False, allow_null=True
    )
    signature = serializers.CharField(required=False, allow_blank=True)


class PlaceIn(serializers.Serializer):
    appointment = serializers.UUIDField()
    station = serializers.CharField(help_text="code of its checklist")
    place = serializers.ChoiceField(["A", "B"])
    examiner = serializers.UUIDField()


@extend_schema_view(
    get=extend_schema(responses=THING),
    post=extend_schema(request=PlaceIn, responses={201: THING}),
)
class Assignments(List):
    """GET: an examiner's own assignments. POST: a registrar puts an examiner at a place; refused by rule (R2, R3, R4)."""

    def get_permissions(self) -> list[Any]:
        return [IsAuthenticated(), Registrars() if self.request.method == "POST" else Scorers()]

    def get_queryset(self) -> QuerySet[Assignment]:
        return with_active_sheet(Assignment.objects.visible_to(self.request.user))

    def say(self, row: Assignment) -> dict[str, Any]:
        return documents.assignment_summary(row, documents.prefetched_sheet(row))

    def post(self, request: ProgramRequest) -> Response:
        data = body(request)
        appointment = found(
            Appointment.objects.visible_to(request.user), uuid=uuid_of(data, "appointment")
        )
        station = found(
            Station.objects.filter(plan=appointment.plan_id),
            checklist__code=text_of(data, "station", 20),
        )
        examiner = found(User.objects.filter(is_active=True), uuid=uuid_of(data, "examiner"))
        assignment = services.assign_examiner(
            appointment=appointment,
            station=station,
            place=text_of(data, "place", 1),
            examiner=examiner,
            by=request.user,
            at=timezone.now(),
        )
        said = {
            "uuid": str(assignment.uuid),
            "appointment": str(appointment.uuid),
            "station": data["station"],
            "place": assignment.place,
            "examiner": str(examiner.uuid),
        }
        return Response(said, status=201)


@extend_schema_view(get=extend_schema(responses=THING))
class OneAssignment(APIView):
    """One assignment with its full checklist version, for use without a network, and the sheet as last synced."""

    permission_classes = [IsAuthenticated, Scorers]

    def get(self, request: ProgramRequest, uuid: UUID) -> Response:
        rows = Assignment.objects.visible_to(request.user).select_related(
            "appointment__plan", "station__checklist", "checklist_version__checklist"
        )
        assignment = found(rows, uuid=uuid)
        sheet = documents.active_sheet(assignment)
        return Response(documents.assignment_document(assignment, sheet, timezone.now()))


@extend_schema_view(post=extend_schema(request=None, responses={201: THING}))
class Reissue(APIView):
    """A device was lost: a new sheet starts from the last synced draft, the old one is kept."""

    permission_classes = [IsAuthenticated, Reissuers]

    def post(self, request: ProgramRequest, uuid: UUID) -> Response:
        assignment = found(Assignment.objects.select_related("appointment"), uuid=uuid)
        sheet = services.reissue(assignment=assignment, by=request.user, at=timezone.now())
        said = {"uuid": str(sheet.uuid), "assignment": str(assignment.uuid), "rev": sheet.rev}
        return Response(said, status=201)


@extend_schema_view(put=extend_schema(request=SheetIn, responses={200: THING, 201: THING}))
class Sheet(APIView):
    """PUT the whole sheet from the one active device; 201 makes it, 200 is every later revision and every repeat."""

    permission_classes = [IsAuthenticated, Scorers]

    def put(self, request: ProgramRequest, uuid: UUID) -> Response:
        data = body(request)
        assignment = self._assignment(request.user, uuid, data)
        sheet, new = services.sync_sheet(
            uuid=uuid, assignment=assignment, content=data, by=request.user, at=timezone.now()
        )
        return Response(documents.sheet_document(sheet), status=201 if new else 200)

    @staticmethod
    def _assignment(user: User, uuid: UUID, data: dict[str, Any]) -> Assignment:
        """The assignment the sheet names, if it is this person's; a sheet of somebody else's is not there at all."""
        sheet = PracticalAssessment.objects.filter(uuid=uuid).select_related("assignment").first()
        if sheet and sheet.assignment.examiner_id != user.pk:
            raise Missing("not_found", "There is nothing here that you may see.")
        return found(Assignment.objects.visible_to(user), uuid=uuid_of(data, "assignment"))


# Chief examiners


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
        data = body(request)
        rows = PracticalAssessment.objects.visible_to(request.user).select_related(
            "assignment__appointment"
        )
        sheet = services.supersede_sheet(
            assessment=found(rows, uuid=uuid),
            content=data,
            reason=text_of(data, "reason", 10_000),
            by=request.user,
            at=timezone.now(),
        )
        return Response(documents.sheet_document(sheet), status=201)


def held_results(user: User) -> QuerySet[PracticalResult]:
    return (
        PracticalResult.objects.visible_to(user)
        .newest()
        .filter(outcome=PracticalResult.Outcome.HELD)
        .select_related("appointment__exam_day")
    )


@extend_schema_view(get=extend_schema(responses=THING))
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
            "reasons": row.reasons,
            "stations": [station["code"] for station in row.stations if station["held"]],
        }


@extend_schema_view(get=extend_schema(responses=THING))
class OneHeld(APIView):
    """Both sheets of every held station of an appointment, side by side."""

    permission_classes = [IsAuthenticated, Chiefs]

    def get(self, request: ProgramRequest, uuid: UUID) -> Response:
        result = found(held_results(request.user), appointment__uuid=uuid)
        appointment = result.appointment
        cases = {case.station.checklist.code: case for case in services.cases_of(appointment)}
        said = [
            {
                **station,
                "sheets": {
                    place: sheet.draft for place, sheet in cases[station["code"]].sheets.items()
                },
                "sheet_uuids": station["sheets"],
            }
            for station in result.stations
            if station["held"]
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
        data = body(request)
        rows = Appointment.objects.visible_to(request.user).filter(results__isnull=False).distinct()
        appointment = found(rows, uuid=uuid)
        station = found(Station.objects.filter(plan=appointment.plan_id), checklist__code=code)
        given = checked(
            {
                "lines": serializers.DictField(child=serializers.JSONField()),
                "violations": serializers.DictField(child=serializers.JSONField(), default=dict),
                "remarks": serializers.DictField(child=serializers.JSONField(), default=dict),
                "reasons": serializers.CharField(max_length=10_000, allow_blank=True),
                "sheets": serializers.ListField(child=serializers.UUIDField(), default=None),
            },
            data,
        )
        result = services.adjudicate(
            appointment=appointment, station=station, by=request.user, at=timezone.now(), **given
        )
        return Response(documents.result_document(result))


# Candidates and registrars


class OfferIn(serializers.Serializer):
    exam_day = serializers.UUIDField()
    candidate = serializers.UUIDField()
    avoid = serializers.CharField(required=False, allow_blank=True, max_length=250)


def with_day_and_result(appointments: QuerySet[Appointment]) -> QuerySet[Appointment]:
    newest = PracticalResult.objects.order_by("-version")
    return appointments.select_related("plan__activity", "exam_day").prefetch_related(
        Prefetch("results", newest)
    )


def say_appointment(row: Appointment) -> dict[str, Any]:
    return documents.appointment_document(row, next(iter(row.results.all()), None))


@extend_schema_view(
    get=extend_schema(responses=THING),
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


@extend_schema_view(get=extend_schema(responses=THING))
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
            "stations": [station.checklist.code for station in row.stations.all()],
        }


# Instructors


class FormativeIn(serializers.Serializer):
    enrolment = serializers.UUIDField()
    activity = serializers.UUIDField()


@extend_schema_view(post=extend_schema(request=FormativeIn, responses={201: THING}))
class Formative(APIView):
    """An instructor begins to score a learner of their class at a practice station."""

    permission_classes = [IsAuthenticated, Instructors]

    def post(self, request: ProgramRequest) -> Response:
        data = body(request)
        enrolment = found(
            Enrolment.objects.visible_to(request.user).exclude(learner=request.user),
            uuid=uuid_of(data, "enrolment"),
        )
        activity = found(Activity.objects.select_related("module"), uuid=uuid_of(data, "activity"))
        assignment = services.start_formative(
            instructor=request.user, enrolment=enrolment, activity=activity, at=timezone.now()
        )
        return Response({"uuid": str(assignment.uuid)}, status=201)


urlpatterns = [
    path("practicals/assignments/", Assignments.as_view()),
    path("practicals/assignments/<uuid:uuid>/", OneAssignment.as_view()),
    path("practicals/assignments/<uuid:uuid>/reissue/", Reissue.as_view()),
    path("practicals/assessments/<uuid:uuid>/", Sheet.as_view()),
    path("practicals/assessments/<uuid:uuid>/supersede/", Supersede.as_view()),
    path("practicals/held/", Held.as_view()),
    path("practicals/held/<uuid:uuid>/", OneHeld.as_view()),
    path("practicals/held/<uuid:uuid>/stations/<slug:code>/adjudicate/", Adjudicate.as_view()),
    path("practicals/formative/", Formative.as_view()),
    path("appointments/", Appointments.as_view()),
    path("appointments/<uuid:uuid>/", OneAppointment.as_view()),
    path("appointments/<uuid:uuid>/accept/", Answer.as_view(accept=True)),
    path("appointments/<uuid:uuid>/decline/", Answer.as_view(accept=False)),
    path("exam-days/", ExamDays.as_view()),
]
