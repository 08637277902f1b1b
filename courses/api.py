"""The HTTP interface of courses, under /api/v1/."""

from typing import Any
from uuid import UUID

from django.http import Http404
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import generics, serializers, status
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.services import Invalid
from accounts.web import ProgramRequest
from courses.models import Activity, Course, Enrolment
from courses.services import complete_lesson, enrol, next_step, outline
from courses.services.standing import Part, Step


class CourseSerializer(serializers.ModelSerializer):
    class Meta:
        model = Course
        fields = ["code", "edition", "title", "lede", "hours", "access", "path"]


class StepSerializer(serializers.Serializer):
    """An activity and the learner's state in it: open, closed, started, held, failed or complete."""

    uuid = serializers.UUIDField(source="activity.uuid")
    kind = serializers.ChoiceField(Activity.Kind.choices, source="activity.kind")
    code = serializers.CharField(source="activity.code")
    title = serializers.CharField(source="activity.title")
    minutes = serializers.IntegerField(source="activity.minutes")
    required = serializers.BooleanField(source="activity.required")  # type: ignore[assignment]
    path = serializers.CharField(source="activity.path")
    state = serializers.SerializerMethodField()

    def get_state(self, step: Step) -> str:
        return step.state or "open"


class PartSerializer(serializers.Serializer):
    uuid = serializers.UUIDField(source="module.uuid")
    code = serializers.CharField(source="module.code")
    title = serializers.CharField(source="module.title")
    hours = serializers.IntegerField(source="module.hours")
    done = serializers.IntegerField()
    owed = serializers.IntegerField()
    closed_by = serializers.SerializerMethodField()
    activities = StepSerializer(source="steps", many=True)

    def get_closed_by(self, part: Part) -> list[str]:
        return [module.title for module in part.closed_by]


class EnrolmentSerializer(serializers.Serializer):
    uuid = serializers.UUIDField()
    course = CourseSerializer()
    enrolled_at = serializers.DateTimeField()
    completed_at = serializers.DateTimeField(allow_null=True)


class StandingSerializer(EnrolmentSerializer):
    """An enrolment with the outline as its learner sees it; `next` is the activity to go on with, or null."""

    next = StepSerializer(allow_null=True)
    modules = PartSerializer(many=True)


class CompletionSerializer(serializers.Serializer):
    activity = serializers.UUIDField()
    state = serializers.CharField()
    next = StepSerializer(allow_null=True)


class CourseCodeSerializer(serializers.Serializer):
    course = serializers.CharField(max_length=40)


def upcoming(parts: list[Part]) -> Step | None:
    """The next step of an outline, with its state."""
    activity = next_step(parts)
    steps = [step for part in parts for step in part.steps if step.activity is activity]
    return steps[0] if activity else None


def standing(enrolment: Enrolment) -> dict[str, Any]:
    """What GET enrolments/{uuid}/ answers."""
    parts = outline(enrolment=enrolment)
    return StandingSerializer(
        {
            "uuid": enrolment.uuid,
            "course": enrolment.course,
            "enrolled_at": enrolment.enrolled_at,
            "completed_at": enrolment.completed_at,
            "next": upcoming(parts),
            "modules": parts,
        }
    ).data


class CourseList(generics.ListAPIView):
    """Courses that take learners."""

    serializer_class = CourseSerializer
    queryset = Course.objects.filter(is_open=True)


class EnrolmentList(generics.ListAPIView):
    """The caller's own enrolments; with POST, enrol."""

    serializer_class = EnrolmentSerializer

    def get_queryset(self) -> Any:
        if not self.request.user.is_authenticated:  # the schema is drawn without anybody
            return Enrolment.objects.none()
        return Enrolment.objects.filter(learner=self.request.user).select_related("course")

    @extend_schema(
        request=CourseCodeSerializer, responses={201: StandingSerializer, 200: StandingSerializer}
    )
    def post(self, request: ProgramRequest) -> Response:
        given = CourseCodeSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        code = given.validated_data["course"]
        course = Course.objects.filter(code=code).order_by("-is_open", "-pk").first()
        if course is None:
            raise Invalid(
                "no_course",
                _("There is no such course."),
                fields={"course": [_("There is no course of this code.")]},
            )
        enrolment, new = enrol(learner=request.user, course=course, at=timezone.now())
        return Response(standing(enrolment), status.HTTP_201_CREATED if new else status.HTTP_200_OK)


class EnrolmentDetail(APIView):
    """An enrolment of one's own, or of somebody in a class one teaches."""

    @extend_schema(responses=StandingSerializer)
    def get(self, request: ProgramRequest, uuid: UUID) -> Response:
        enrolment = (
            Enrolment.objects.visible_to(request.user)
            .select_related("course")
            .filter(uuid=uuid)
            .first()
        )
        if enrolment is None:
            raise Http404
        return Response(standing(enrolment))


class CompleteActivity(APIView):
    """A learner has read a lesson. Safe to call twice."""

    @extend_schema(request=None, responses=CompletionSerializer)
    def post(self, request: ProgramRequest, uuid: UUID) -> Response:
        activity = Activity.objects.select_related("module").filter(uuid=uuid).first()
        if activity is None:
            raise Http404
        progress = complete_lesson(learner=request.user, activity=activity, at=timezone.now())
        step = upcoming(outline(enrolment=progress.enrolment))
        body = {"activity": activity.uuid, "state": progress.state, "next": step}
        return Response(CompletionSerializer(body).data)


urlpatterns = [
    path("courses/", CourseList.as_view(), name="api-courses"),
    path("enrolments/", EnrolmentList.as_view(), name="api-enrolments"),
    path("enrolments/<uuid:uuid>/", EnrolmentDetail.as_view(), name="api-enrolment"),
    path("activities/<uuid:uuid>/complete/", CompleteActivity.as_view(), name="api-complete"),
]
