"""Assignments and sheets: what an examiner's device talks to, and an instructor's practice stations."""

from typing import Any
from uuid import UUID

from django.db.models import Prefetch, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.permissions import IsAuthenticated
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import User
from accounts.services import Invalid, Missing, Refusal
from courses.models import Activity, Enrolment
from practicals import documents, services
from practicals.api.reading import (
    MISSHAPEN,
    THING,
    Examiners,
    Instructors,
    List,
    Planners,
    Registrars,
    Scorers,
    body,
    found,
    text_of,
    uuid_of,
)
from practicals.models import (
    Appointment,
    Assignment,
    ExamDay,
    PracticalAssessment,
    Station,
)
from practicals.sheet import Unreadable, read_device
from practicals.signed_in import ProgramRequest


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
    device = serializers.CharField(
        required=False, help_text="a name the device keeps: a sheet belongs to one device"
    )
    device_time = serializers.DateTimeField(required=False, help_text="its clock as it sends")
    version = serializers.IntegerField(
        required=False, help_text="of the checklist it was scored on"
    )
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
    get=extend_schema(operation_id="practicals_assignments_list", responses=THING),
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
            "appointment__plan",
            "appointment__exam_day",
            "station__checklist",
            "checklist_version__checklist",
        )
        assignment = found(rows, uuid=uuid)
        sheet = documents.active_sheet(assignment)
        return Response(documents.assignment_document(assignment, sheet, timezone.now()))


class DeviceIn(serializers.Serializer):
    device = serializers.CharField(required=False)
    device_time = serializers.DateTimeField(required=False)


@extend_schema_view(post=extend_schema(request=DeviceIn, responses=THING))
class Download(APIView):
    """An examiner's whole day for a device that may be without a network: every assignment, and each checklist once. The download is recorded."""

    permission_classes = [IsAuthenticated, Examiners]

    def post(self, request: ProgramRequest, uuid: UUID) -> Response:
        at = timezone.now()
        own = Assignment.objects.visible_to(request.user).values("appointment__exam_day")
        days = ExamDay.objects.filter(pk__in=own).select_related("plan")
        exam_day = found(days, uuid=uuid)
        try:
            device = read_device(body(request), at)
        except Unreadable as unreadable:
            raise Invalid(
                "invalid",
                _("Some of what you sent is not right. See `errors`."),
                fields=unreadable.errors,
            )
        rows = services.download_day(exam_day=exam_day, device=device, by=request.user, at=at)
        return Response(documents.day_document(exam_day, rows, request.user, at))


@extend_schema_view(post=extend_schema(request=None, responses={201: THING}))
class Reissue(APIView):
    """A device was lost: a new sheet starts from the last synced draft, the old one is kept."""

    permission_classes = [IsAuthenticated, Planners]

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
        try:
            data = body(request)
            named = uuid_of(data, "assignment")
        except MISSHAPEN:
            self._require_open(request.user, uuid)
            raise
        assignment = Assignment.objects.visible_to(request.user).filter(uuid=named).first()
        if assignment is None:
            raise self._not_theirs(request.user, uuid, named, data)
        sheet, new = services.sync_sheet(
            uuid=uuid, assignment=assignment, content=data, by=request.user, at=timezone.now()
        )
        return Response(documents.sheet_document(sheet), status=201 if new else 200)

    @staticmethod
    def _not_theirs(user: User, uuid: UUID, assignment: UUID, data: Any) -> Refusal:
        """Not there at all, unless it was theirs: then what a late device sends is kept beside."""
        kept = services.keep_unassigned(
            uuid=uuid, assignment=assignment, content=data, by=user, at=timezone.now()
        )
        return kept or Missing("not_found", _("There is nothing here that you may see."))

    @staticmethod
    def _require_open(user: User, uuid: UUID) -> None:
        """Whose a sheet is and whether it is closed is said before what is wrong with what was sent."""
        sheet = PracticalAssessment.objects.filter(uuid=uuid).select_related("assignment").first()
        if sheet and sheet.assignment.examiner_id != user.pk:
            raise Missing("not_found", _("There is nothing here that you may see."))
        if sheet:
            services.require_writable(sheet)


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
