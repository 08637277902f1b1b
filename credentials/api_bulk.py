"""What waits for a registrar, and the same for many of it, for programs: looked at first, then begun, then followed while the worker does it."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import Count, Q
from django.shortcuts import get_object_or_404
from django.urls import path
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from accounts.models import Role
from accounts.web import role_permission
from credentials import services
from credentials.api_people import View, nothing
from credentials.models import BulkRun, BulkStep
from credentials.signed_in import ProgramRequest

State = BulkStep.State


class MatterOut(serializers.Serializer):
    """`acts`: what can be done to many of these at once."""

    key = serializers.CharField()
    kind = serializers.CharField()
    who = serializers.CharField()
    reference = serializers.CharField()
    what = serializers.CharField()
    why = serializers.CharField()
    since = serializers.DateTimeField()
    due = serializers.DateField()
    page = serializers.CharField(source="url")
    acts = serializers.ListField(child=serializers.CharField())


class BulkPlanIn(serializers.Serializer):
    action = serializers.ChoiceField(choices=BulkRun.Action.choices)
    keys = serializers.ListField(
        child=serializers.CharField(max_length=80),
        allow_empty=False,
        max_length=services.MOST_AT_ONCE,
    )


class BulkIn(BulkPlanIn):
    reason_code = serializers.CharField(
        max_length=10, required=False, allow_blank=True, default="", help_text="of a renewal"
    )
    note = serializers.CharField(max_length=4000, required=False, allow_blank=True, default="")


class PlannedOut(serializers.Serializer):
    """What would happen to one matter; `refusal` says why nothing would."""

    key = serializers.CharField()
    who = serializers.CharField()
    what = serializers.CharField()
    refusal = serializers.CharField()


class CodeOut(serializers.Serializer):
    code = serializers.CharField()
    text = serializers.CharField()


class BulkPlanOut(serializers.Serializer):
    possible = serializers.IntegerField()
    reasons = CodeOut(many=True, help_text="those a renewal of all of these may name")
    matters = PlannedOut(many=True)


class RunOut(serializers.Serializer):
    uuid = serializers.UUIDField()
    action = serializers.ChoiceField(choices=BulkRun.Action.choices)
    by = serializers.CharField()
    reason_code = serializers.CharField()
    note = serializers.CharField()
    asked_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)
    total = serializers.IntegerField()
    waiting = serializers.IntegerField()
    done = serializers.IntegerField()
    refused = serializers.IntegerField()


class RunStepOut(serializers.ModelSerializer):
    class Meta:
        model = BulkStep
        fields = ["key", "who", "what", "state", "said", "done_at"]


class WholeRunOut(RunOut):
    steps = RunStepOut(many=True)


def runs(request: ProgramRequest) -> Any:
    """Runs with how far they are, counted by the database."""
    rows = BulkRun.objects.visible_to(request.user).select_related("by")
    return rows.annotate(
        total=Count("steps"),
        waiting=Count("steps", filter=Q(steps__state=State.WAITING)),
        done=Count("steps", filter=Q(steps__state=State.DONE)),
        refused=Count("steps", filter=Q(steps__state=State.REFUSED)),
    )


MATTERS = 200  # a page of a long list


class _Desk(View):
    queryset = BulkRun.objects.none()
    permission_classes = [role_permission(Role.REGISTRAR)]


class Matters(_Desk):
    serializer_class = MatterOut
    pagination_class = None  # type: ignore[assignment]

    @extend_schema(
        operation_id="matters_list",
        responses=MatterOut(many=True),
        parameters=[
            OpenApiParameter("kind", str, description="Only those of this kind."),
            OpenApiParameter("after", str, description="A place in a long list: see `next`."),
        ],
    )
    def get(self, request: ProgramRequest) -> Response:
        """What of the register waits for a registrar, the oldest first. Of `expiring`, `ending` and `unsigned` there may be thousands: the
        first hundred of each are among the others, and asked for by their kind they come whole, page by page.
        """
        at, kind = timezone.now(), request.query_params.get("kind", "")
        lists = services.watched(at=at)
        following = None
        if kind in lists:
            after = request.query_params.get("after", "")[:60]
            page = lists[kind].page(after=after, size=MATTERS)
            found = page.matters
            if page.next:
                query = urlencode({"kind": kind, "after": page.next})
                following = request.build_absolute_uri(f"{request.path}?{query}")
        else:
            rows = services.matters(at=at, by=request.user, lists=lists)
            found = [row for row in rows if kind in ("", row.kind)]
        out = MatterOut(found, many=True).data
        return Response({"next": following, "previous": None, "results": out})


class Plan(_Desk):
    serializer_class = BulkPlanOut

    @extend_schema(operation_id="bulk_plan", request=BulkPlanIn, responses=BulkPlanOut)
    def post(self, request: ProgramRequest) -> Response:
        """What would happen to each matter, without doing it."""
        data = self.shaped(BulkPlanIn, nothing)
        planned = services.plan_bulk(by=request.user, at=timezone.now(), **data)
        renews = data["action"] == BulkRun.Action.RENEW
        reasons = services.possible_reasons(keys=data["keys"]) if renews else []
        out = {
            "possible": sum(not row.refusal for row in planned),
            "reasons": [{"code": code, "text": text} for code, text in reasons],
            "matters": planned,
        }
        return Response(BulkPlanOut(out).data)


class Bulk(_Desk):
    serializer_class = RunOut

    @extend_schema(operation_id="bulk_list", responses=RunOut(many=True))
    def get(self, request: ProgramRequest) -> Response:
        """Who asked for what, and how far it is, the newest first."""
        return self.page(runs(request), RunOut, list)

    @extend_schema(operation_id="bulk_start", request=BulkIn, responses={201: WholeRunOut})
    def post(self, request: ProgramRequest) -> Response:
        """Begin a run; the worker does one matter after another, and each that a rule refuses is refused alone."""
        data = self.shaped(BulkIn, nothing)
        run = services.start_bulk(by=request.user, at=timezone.now(), **data)
        row = runs(request).prefetch_related("steps").get(pk=run.pk)
        return Response(WholeRunOut(row).data, status=201)


class OneRun(_Desk):
    serializer_class = WholeRunOut

    @extend_schema(operation_id="bulk_retrieve", responses=WholeRunOut)
    def get(self, request: ProgramRequest, uuid: UUID) -> Response:
        """How far a run is, matter by matter."""
        row = get_object_or_404(runs(request).prefetch_related("steps"), uuid=uuid)
        return Response(WholeRunOut(row).data)


urlpatterns = [
    path("matters/", Matters.as_view(), name="api-matters"),
    path("bulk/", Bulk.as_view(), name="api-bulk"),
    path("bulk/plan/", Plan.as_view(), name="api-bulk-plan"),
    path("bulk/<uuid:uuid>/", OneRun.as_view(), name="api-bulk-run"),
]
