"""Practice at the table, for programs: the same as its pages do. Everybody signed in, each with what is their own."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.permissions import IsAuthenticated
from rest_framework.response import Response
from rest_framework.views import APIView

from courses.models import Activity
from practicals import services
from practicals.api.examiners import SheetIn
from practicals.api.reading import THING, List, body, found, text_of, uuid_of
from practicals.models import PracticeRun, PracticeSheet
from practicals.practice_documents import practice_boot, practice_sheet_document, run_document
from practicals.signed_in import ProgramRequest


class BeginIn(serializers.Serializer):
    activity = serializers.UUIDField()


class CodeIn(serializers.Serializer):
    code = serializers.CharField()


class PeerIn(serializers.Serializer):
    peer = serializers.UUIDField()


@extend_schema_view(
    get=extend_schema(operation_id="practicals_practice_list", responses=THING),
    post=extend_schema(request=BeginIn, responses={201: THING}),
)
class PracticeRuns(List):
    """GET: one's own practice, without the reports. POST: begin at a practice station of a course one takes."""

    permission_classes = [IsAuthenticated]

    def get_queryset(self) -> QuerySet[PracticeRun]:
        return services.runs_of(self.request.user)

    def say(self, row: PracticeRun) -> dict[str, Any]:
        return run_document(row, None, timezone.now())

    def post(self, request: ProgramRequest) -> Response:
        activity = found(
            Activity.objects.select_related("module"), uuid=uuid_of(body(request), "activity")
        )
        at = timezone.now()
        run = services.begin_practice(activity=activity, by=request.user, at=at)
        return Response(run_document(run, None, at), status=201)


@extend_schema_view(
    get=extend_schema(responses=THING), delete=extend_schema(request=None, responses={204: None})
)
class OnePracticeRun(APIView):
    """GET: one's own practice with what its finished sheets say. DELETE: it is gone, with every sheet on it."""

    permission_classes = [IsAuthenticated]

    def get(self, request: ProgramRequest, uuid: UUID) -> Response:
        run = found(services.runs_of(request.user), uuid=uuid)
        return Response(run_document(run, services.report_of(run), timezone.now()))

    def delete(self, request: ProgramRequest, uuid: UUID) -> Response:
        run = found(services.runs_of(request.user), uuid=uuid)
        services.delete_practice(run=run, by=request.user, at=timezone.now())
        return Response(status=204)


@extend_schema_view(post=extend_schema(request=None, responses={201: THING}))
class ScoreMyself(APIView):
    """One's own sheet on one's own practice."""

    permission_classes = [IsAuthenticated]

    def post(self, request: ProgramRequest, uuid: UUID) -> Response:
        run = found(services.runs_of(request.user), uuid=uuid)
        at = timezone.now()
        sheet = services.score_myself(run=run, by=request.user, at=at)
        return Response(practice_sheet_document(sheet), status=201)


@extend_schema_view(post=extend_schema(request=None, responses={201: THING}))
class PracticeCode(APIView):
    """A code with which a fellow student scores this practice, for a day."""

    permission_classes = [IsAuthenticated]

    def post(self, request: ProgramRequest, uuid: UUID) -> Response:
        run = found(services.runs_of(request.user), uuid=uuid)
        run = services.open_code(run=run, by=request.user, at=timezone.now())
        return Response({"code": run.code, "code_until": run.code_until}, status=201)


@extend_schema_view(post=extend_schema(request=PeerIn, responses={201: THING}))
class AskClassmate(APIView):
    """Ask somebody of one's class, by name."""

    permission_classes = [IsAuthenticated]

    def post(self, request: ProgramRequest, uuid: UUID) -> Response:
        run = found(services.runs_of(request.user), uuid=uuid)
        wanted = uuid_of(body(request), "peer")
        people = {person.uuid: person for person in services.classmates(run=run)}
        if wanted not in people:
            return Response(status=404)
        services.ask_classmate(run=run, peer=people[wanted], by=request.user, at=timezone.now())
        return Response({"peer": str(wanted)}, status=201)


@extend_schema_view(post=extend_schema(request=CodeIn, responses={201: THING}))
class JoinByCode(APIView):
    """A fellow student opens their sheet by the code they were given."""

    permission_classes = [IsAuthenticated]

    def post(self, request: ProgramRequest) -> Response:
        at = timezone.now()
        code = text_of(body(request), "code", 40)
        sheet = services.join_by_code(code=code, by=request.user, at=at)
        return Response(practice_boot(whole(sheet), at), status=201)


def whole(sheet: PracticeSheet) -> PracticeSheet:
    """The sheet with all that its document says, in one query."""
    return PracticeSheet.objects.select_related(
        "run__performer", "run__version__checklist", "run__activity"
    ).get(pk=sheet.pk)


@extend_schema_view(
    get=extend_schema(responses=THING),
    put=extend_schema(request=SheetIn, responses={200: THING}),
    delete=extend_schema(request=None, responses={204: None}),
)
class OnePracticeSheet(APIView):
    """GET: a sheet one writes, with everything to score it. PUT: the whole sheet, by rising `rev`. DELETE: take it back."""

    permission_classes = [IsAuthenticated]

    def _sheet(self, request: ProgramRequest, uuid: UUID) -> PracticeSheet:
        return found(
            PracticeSheet.objects.visible_to(request.user).select_related(
                "run__performer", "run__version__checklist", "run__activity"
            ),
            uuid=uuid,
        )

    def get(self, request: ProgramRequest, uuid: UUID) -> Response:
        return Response(practice_boot(self._sheet(request, uuid), timezone.now()))

    def put(self, request: ProgramRequest, uuid: UUID) -> Response:
        sheet = self._sheet(request, uuid)
        sheet = services.sync_practice(
            sheet=sheet, content=body(request), by=request.user, at=timezone.now()
        )
        return Response(practice_sheet_document(sheet))

    def delete(self, request: ProgramRequest, uuid: UUID) -> Response:
        services.delete_practice_sheet(
            sheet=self._sheet(request, uuid), by=request.user, at=timezone.now()
        )
        return Response(status=204)
