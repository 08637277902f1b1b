"""The HTTP interface of quizzes, under /api/v1/."""

import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from allauth.headless.contrib.rest_framework.authentication import XSessionTokenAuthentication
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import exceptions, generics
from rest_framework.authentication import SessionAuthentication
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import Role, User
from accounts.services import Forbidden, Invalid, Missing
from accounts.web import problem_handler, role_permission
from courses.models import Activity
from quizzes import schema
from quizzes.device import device_of
from quizzes.frozen import read_back
from quizzes.models import Attempt, ItemVersion, Quiz, readable_pools
from quizzes.services import (
    attempt_of,
    check_response,
    end_break,
    explained,
    feedback_of,
    here,
    is_on_break,
    late_of,
    questions_of,
    read_items,
    require_may_save,
    responses_of,
    save_response,
    start_attempt,
    submit_attempt,
    take_break,
)

BODY_MAX = 64 * 1024


def me(request: Any) -> User:
    """Who asks. Permissions and decorators have seen to it that it is somebody."""
    return request.user


def stamp(moment: datetime | None) -> str | None:
    """A moment as all of the interface writes it."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z") if moment else None


def told(attempt: Attempt, at: datetime) -> dict[str, Any]:
    """What its learner gets of an attempt: the questions while it is open and they are not on a break, feedback as far as the quiz allows
    afterwards."""
    common: dict[str, Any] = {
        "uuid": str(attempt.uuid),
        "state": attempt.state,
        "started_at": stamp(attempt.started_at),
        "due_at": stamp(attempt.due_at),
        "server_time": stamp(at),
    }
    if attempt.submitted_at:
        closed: dict[str, Any] = {
            "submitted_at": stamp(attempt.submitted_at),
            "closed_by_clock": attempt.closed_by_clock,
        }
        if attempt.closed_by_clock:
            closed["late"] = [
                {"position": row.response.position, "came_at": stamp(row.at)}
                for row in late_of(attempt)
            ]
        return {**common, **closed, **feedback_of(attempt)}
    common |= {
        "passed": None,
        "paused_at": stamp(attempt.paused_at),
        "break_seconds_left": attempt.break_seconds_left,
    }
    if is_on_break(attempt, at):
        return common
    return {
        **common,
        "questions": questions_of(attempt),
        "responses": [
            {
                "position": row.position,
                "answer": row.answer,
                "flagged": row.flagged,
                "seq": row.seq,
                "saved_at": stamp(row.saved_at),
                "checked": not row.open,
            }
            for row in responses_of(attempt)
        ],
    }


class StartAttempt(APIView):
    @extend_schema(
        request=schema.Start,
        responses={201: schema.Attempt, 200: schema.Attempt},
        operation_id="attempts_start",
    )
    def post(self, request: Request, uuid: UUID) -> Response:
        """Start an attempt at a quiz (201), or go on with the open one (200). 409 `agreement`, with its lines, until it is agreed to."""
        at = timezone.now()
        sent = request.data if isinstance(request.data, dict) else {}
        activity = Activity.objects.filter(uuid=uuid).first()
        if activity is None:
            raise Missing("no_quiz", _("There is no quiz here."))
        attempt, new = start_attempt(
            activity=activity,
            by=me(request),
            at=at,
            agreed=sent.get("agreed") is True,
            device=device_of(request),
        )
        return Response(told(attempt, at), status=201 if new else 200)


class ReadAttempt(APIView):
    @extend_schema(responses=schema.Attempt, operation_id="attempts_read")
    def get(self, request: Request, uuid: UUID) -> Response:
        """One's own attempt, as far as it is released."""
        at = timezone.now()
        attempt = attempt_of(uuid=uuid, by=me(request), at=at, device=device_of(request))
        return Response(told(attempt, at))


class SubmitAttempt(APIView):
    @extend_schema(request=None, responses=schema.Attempt, operation_id="attempts_submit")
    def post(self, request: Request, uuid: UUID) -> Response:
        """Submit and mark. A second submission answers the same."""
        at = timezone.now()
        attempt_of(uuid=uuid, by=me(request), at=at, device=device_of(request))
        submit_attempt(uuid=uuid, by=me(request), at=at)
        return Response(told(attempt_of(uuid=uuid, by=me(request), at=at), at))


class TakeBreak(APIView):
    verb = staticmethod(take_break)

    @extend_schema(request=None, responses=schema.Clock, operation_id="attempts_break")
    def post(self, request: Request, uuid: UUID) -> Response:
        """Take a break, as long as there is any left: the clock stands still, and nothing is saved. 409 `no_break_left`."""
        return self.moved(request, uuid)

    def moved(self, request: Request, uuid: UUID) -> Response:
        at = timezone.now()
        attempt = self.verb(uuid=uuid, by=me(request), at=at, device=device_of(request))
        return Response(clock_of(attempt, at))


class EndBreak(TakeBreak):
    verb = staticmethod(end_break)

    @extend_schema(request=None, responses=schema.Clock, operation_id="attempts_end_break")
    def post(self, request: Request, uuid: UUID) -> Response:
        """Go on; the end of the time has moved on by the seconds taken."""
        return self.moved(request, uuid)


def clock_of(attempt: Attempt, at: datetime) -> dict[str, Any]:
    return {
        "state": attempt.state,
        "due_at": stamp(attempt.due_at),
        "server_time": stamp(at),
        "paused_at": stamp(attempt.paused_at),
        "break_seconds_left": attempt.break_seconds_left,
    }


class CheckResponse(APIView):
    @extend_schema(request=None, responses=schema.Explained, operation_id="attempts_check")
    def post(self, request: Request, uuid: UUID, position: int) -> Response:
        """Practice only: mark one answer at once, with the reason for each option. It stands from then on."""
        response = check_response(uuid=uuid, position=position, by=me(request), at=timezone.now())
        content = response.item_version.content
        return Response(explained(response.attempt, response, content))


class HotPath(APIView):
    """What an examination sends all the time: none of DRF's negotiation, parsers, throttles and serializers.

    Who may come in and how a refusal is said are the same as everywhere.
    """

    hot: str

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.method != self.hot:
            return super().dispatch(request, *args, **kwargs)
        try:
            return getattr(self, self.hot.lower())(request, **kwargs)
        except Exception as error:
            response = problem_handler(error, {})
            if response is None:
                raise
            return rendered(response)


class SaveResponse(HotPath):
    """Three statements, with session and user."""

    hot = "PUT"

    @extend_schema(request=schema.Save, responses=schema.Saved, operation_id="attempts_save")
    def put(self, request: HttpRequest, uuid: UUID, position: int) -> HttpResponse:
        """Save an answer. An equal or lower `seq` changes nothing; the answer is always what is stored. 409 when closed; an examination
        that the clock has closed keeps what comes late beside (`errors.late`), for a person to put in."""
        user, at = person_of(request), timezone.now()
        try:
            sent = body_of(request)
        except Invalid:
            require_may_save(uuid=uuid, position=position, by=user, at=at)
            raise
        saved = save_response(
            uuid=uuid,
            position=position,
            answer=sent.get("answer", ...),
            flagged=sent.get("flagged"),
            seq=sent.get("seq"),
            by=user,
            at=at,
            device=device_of(request),
        )
        stored = {"seq": saved.seq, "saved_at": stamp(saved.saved_at), "answer": saved.answer}
        if saved.flagged is not None:
            stored["flagged"] = saved.flagged
        return HttpResponse(json.dumps(stored), content_type="application/json")


class Here(HotPath):
    """Four statements, with session and user."""

    hot = "POST"

    @extend_schema(request=schema.Here, responses=schema.Clock, operation_id="attempts_here")
    def post(self, request: HttpRequest, uuid: UUID) -> HttpResponse:
        """A sign of life, every twenty seconds, with how many answers wait on the device. Answers with the clock as it stands."""
        user = person_of(request)
        at = timezone.now()
        unsent = body_of(request).get("unsent")
        attempt = here(uuid=uuid, unsent=unsent, by=user, at=at, device=device_of(request))
        return HttpResponse(json.dumps(clock_of(attempt, at)), content_type="application/json")


def rendered(response: Any) -> HttpResponseBase:
    """A DRF response outside of DRF's negotiation."""
    response.accepted_renderer = JSONRenderer()
    response.accepted_media_type, response.renderer_context = "application/json", {}
    return response


def person_of(request: Any) -> User:
    """Who sends this: by session token, else by cookie with its CSRF token."""
    if "HTTP_X_SESSION_TOKEN" in request.META:
        by_token = XSessionTokenAuthentication().authenticate(request)
        if by_token:
            return by_token[0]
    if not request.user.is_authenticated or not request.user.is_active:
        raise exceptions.NotAuthenticated
    SessionAuthentication().enforce_csrf(request)
    return request.user


def body_of(request: HttpRequest) -> dict[str, Any]:
    """The JSON object sent; an empty one for anything else, which then lacks what is needed. Raises Invalid for a huge one."""
    if int(request.META.get("CONTENT_LENGTH") or 0) > BODY_MAX:
        raise Invalid("too_large", _("This is too large for an answer."))
    try:
        sent = json.loads(request.body)
    except (ValueError, RecursionError):
        return {}
    return sent if isinstance(sent, dict) else {}


class ItemList(generics.GenericAPIView):
    """The items a quiz draws from, with their keys; each reading of a secure one is written down."""

    permission_classes = [role_permission(Role.ITEM_AUTHOR, Role.ITEM_REVIEWER, Role.INSTRUCTOR)]
    queryset = ItemVersion.objects.none()
    filter_backends: list[Any] = []

    @extend_schema(
        parameters=[
            OpenApiParameter("quiz", UUID, required=True, description="the activity's uuid")
        ],
        responses=schema.Item(many=True),
        operation_id="items_list",
    )
    def get(self, request: Request) -> Response:
        quiz = self._quiz(request)
        rows = quiz.askable().select_related("item")
        page = self.paginate_queryset(rows) or []
        read_items(items=[row.item for row in page], by=me(request), where="api", at=timezone.now())
        return self.get_paginated_response([self._keyed(row) for row in page])

    def _quiz(self, request: Request) -> Quiz:
        try:
            uuid = UUID(request.query_params.get("quiz", ""))
        except ValueError:
            raise Invalid(
                "no_quiz_named",
                _("Say whose items: ?quiz= and the uuid of its activity."),
                fields={"quiz": [_("Send the uuid of a quiz activity.")]},
            ) from None
        quiz = Quiz.objects.select_related("activity").filter(activity__uuid=uuid).first()
        if quiz is None:
            raise Missing("no_quiz", _("There is no such quiz."))
        if quiz.pool not in readable_pools(me(request)):
            raise Forbidden(
                "pool_closed", _("Items of this pool are read by item authors and reviewers only.")
            )
        return quiz

    def _keyed(self, version: ItemVersion) -> dict[str, Any]:
        return {
            "code": version.item.code,
            "version": version.number,
            "pool": version.pool,
            "domain": version.domain_code,
            "level": version.level,
            "reference": version.item.reference,
            **read_back(version.content),
        }


urlpatterns = [
    path("activities/<uuid:uuid>/attempts/", StartAttempt.as_view()),
    path("attempts/<uuid:uuid>/", ReadAttempt.as_view()),
    path("attempts/<uuid:uuid>/submit/", SubmitAttempt.as_view()),
    path("attempts/<uuid:uuid>/here/", Here.as_view()),
    path("attempts/<uuid:uuid>/break/", TakeBreak.as_view()),
    path("attempts/<uuid:uuid>/break/end/", EndBreak.as_view()),
    path("attempts/<uuid:uuid>/responses/<int:position>/", SaveResponse.as_view()),
    path("attempts/<uuid:uuid>/responses/<int:position>/check/", CheckResponse.as_view()),
    path("items/", ItemList.as_view()),
]
