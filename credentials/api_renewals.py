"""Renewals for programs, under /api/v1/: a holder prepares and sends one, a registrar decides on each activity, returns it or renews."""

from typing import Any
from uuid import UUID

from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import path
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.generics import GenericAPIView
from rest_framework.parsers import FormParser, MultiPartParser
from rest_framework.permissions import IsAuthenticated
from rest_framework.response import Response

from credentials import services
from credentials.api_people import Registrar, View, nothing, seen_credentials
from credentials.api_renewal_shapes import (
    ActivityIn,
    ActivityOut,
    ActivityReviewIn,
    ActivityReviewOut,
    RenewalBeginIn,
    RenewalBriefOut,
    RenewalOut,
    ReturnIn,
    SendIn,
    activity_out,
    brief_out,
    renewal_out,
)
from credentials.api_shapes import EventOut, WithReason, event_out
from credentials.files import send_file
from credentials.models import Learning, RenewalRequest
from credentials.signed_in import ProgramRequest


def seen_renewals(request: Any) -> Any:
    return services.complete_rows(RenewalRequest.objects.visible_to(request.user))


class OfOne(View):
    """Base of what is done to one renewal or one of its activities; both only as the person may see them."""

    queryset = RenewalRequest.objects.none()
    permission_classes = [IsAuthenticated]
    serializer_class: type[serializers.Serializer] = RenewalOut

    def renewal(self, uuid: UUID) -> RenewalRequest:
        found: RenewalRequest = get_object_or_404(seen_renewals(self.request), uuid=uuid)
        return found

    def learning(self, uuid: UUID, activity: UUID) -> Learning:
        reader: Any = self.request.user
        rows = Learning.objects.visible_to(reader).select_related("request__credential__holder")
        found: Learning = get_object_or_404(rows, uuid=activity, request__uuid=uuid)
        return found

    def progress(self, uuid: UUID) -> services.Progress:
        return services.progress_of(self.renewal(uuid), at=timezone.now())

    def answer(self, uuid: UUID, status: int = 200) -> Response:
        return Response(RenewalOut(renewal_out(self.progress(uuid))).data, status=status)


class Renewals(View):
    queryset = RenewalRequest.objects.none()
    serializer_class = RenewalBriefOut

    @extend_schema(
        operation_id="renewals_list",
        responses=RenewalBriefOut(many=True),
        parameters=[
            OpenApiParameter("waiting", bool, description="Only those that are with the register.")
        ],
    )
    def get(self, request: ProgramRequest) -> Response:
        """One's own renewals (registrars: all), the newest first, each with whose turn it is."""
        rows = RenewalRequest.objects.visible_to(request.user)
        if request.query_params.get("waiting", "").lower() in ("1", "true"):
            rows = rows.waiting()
        at = timezone.now()
        return self.page(
            services.complete_rows(rows),
            RenewalBriefOut,
            lambda found: [brief_out(row, at) for row in found],
        )

    @extend_schema(request=RenewalBeginIn, responses={201: RenewalOut, 200: RenewalOut})
    def post(self, request: ProgramRequest) -> Response:
        """Begin to prepare the renewal of one's credential. 201, or 200 with the one that is open."""
        public_id = self.shaped(RenewalBeginIn, nothing)["credential"]
        credential = get_object_or_404(seen_credentials(request), public_id=public_id)
        at = timezone.now()
        row = services.begin_renewal(credential=credential, by=request.user, at=at)
        out = renewal_out(services.progress_of(row, at=at))
        return Response(RenewalOut(out).data, status=201 if row.begun_at == at else 200)


class OneRenewal(OfOne):
    def get(self, request: ProgramRequest, uuid: UUID) -> Response:
        """One renewal: the rules, the cycle, what counts, what is missing, activities and documents."""
        return self.answer(uuid)


class Activities(OfOne):
    parser_classes = [MultiPartParser, FormParser, *GenericAPIView.parser_classes]
    serializer_class = ActivityOut

    @extend_schema(
        request={"multipart/form-data": ActivityIn}, responses={201: ActivityOut, 200: ActivityOut}
    )
    def post(self, request: ProgramRequest, uuid: UUID) -> Response:
        """Add an activity with its certificate; the answer says what the rules make of it. The same again before it is decided is 200."""
        progress = self.progress(uuid)
        services.require_may_prepare(progress, request.user)
        data = self.shaped(ActivityIn, nothing)
        at = timezone.now()
        replaces = data.pop("replaces", None)
        added = services.add_learning(
            request=progress.request,
            by=request.user,
            at=at,
            replaces=self.learning(uuid, replaces) if replaces else None,
            **data,
        )
        status = 201 if added.at == at else 200
        out = activity_out(self.progress(uuid), added)
        return Response(ActivityOut(out).data, status=status)


class WithdrawActivity(OfOne):
    @extend_schema(request=None, responses=RenewalOut)
    def post(self, request: ProgramRequest, uuid: UUID, activity: UUID) -> Response:
        """Take an activity out of a renewal that is not sent. It stays on file and counts no more."""
        row = self.learning(uuid, activity)
        services.withdraw_learning(learning=row, by=request.user, at=timezone.now())
        return self.answer(uuid)


class ActivityFile(OfOne):
    @extend_schema(responses={(200, "application/octet-stream"): OpenApiTypes.BINARY})
    def get(self, request: ProgramRequest, uuid: UUID, activity: UUID) -> HttpResponseBase:
        """The certificate itself."""
        return send_file(self.learning(uuid, activity), reader=request.user, download=True)


class SendRenewal(OfOne):
    @extend_schema(request=SendIn, responses=RenewalOut)
    def post(self, request: ProgramRequest, uuid: UUID) -> Response:
        """Sign and send a renewal that is complete."""
        progress = self.progress(uuid)
        services.require_holder_of(progress.request.credential, request.user)
        data = self.shaped(SendIn, lambda: services.require_may_send(progress, request.user))
        services.send_renewal(request=progress.request, by=request.user, at=timezone.now(), **data)
        return self.answer(uuid)


class ReviewActivity(OfOne):
    permission_classes = [Registrar]
    serializer_class = ActivityReviewOut

    @extend_schema(request=ActivityReviewIn, responses=ActivityReviewOut)
    def post(self, request: ProgramRequest, uuid: UUID, activity: UUID) -> Response:
        """A registrar's decision on one activity. The same decision again returns the first."""
        row, progress = self.learning(uuid, activity), self.progress(uuid)
        at = timezone.now()
        services.require_uninvolved(
            holder=progress.request.credential.holder, by=request.user, at=at
        )
        data = self.shaped(
            ActivityReviewIn,
            lambda: services.require_may_judge(progress=progress, by=request.user, at=at),
        )
        made = services.review_learning(learning=row, by=request.user, at=at, **data)
        return Response(ActivityReviewOut(made).data)


class ReturnRenewal(OfOne):
    permission_classes = [Registrar]

    @extend_schema(request=ReturnIn, responses=RenewalOut)
    def post(self, request: ProgramRequest, uuid: UUID) -> Response:
        """Give it back to its holder with what is missing, once every activity is decided. The note goes to the holder."""
        progress, at = self.progress(uuid), timezone.now()
        services.require_uninvolved(
            holder=progress.request.credential.holder, by=request.user, at=at
        )
        data = self.shaped(
            ReturnIn,
            lambda: services.require_may_judge(progress=progress, by=request.user, at=at),
        )
        services.return_renewal(request=progress.request, by=request.user, at=at, **data)
        return self.answer(uuid)


class RenewAsRequested(OfOne):
    permission_classes = [Registrar]
    serializer_class = EventOut

    @extend_schema(request=WithReason, responses=EventOut)
    def post(self, request: ProgramRequest, uuid: UUID) -> Response:
        """Renew the credential on what was sent and accepted: number and history stay, a new document is signed."""
        progress, at = self.progress(uuid), timezone.now()
        services.require_uninvolved(
            holder=progress.request.credential.holder, by=request.user, at=at
        )
        data = self.shaped(
            WithReason,
            lambda: services.require_may_judge(progress=progress, by=request.user, at=at),
        )
        event = services.renew_as_requested(
            request=progress.request, by=request.user, at=at, **data
        )
        return Response(EventOut(event_out(event, at)).data)


_ONE = "renewals/<uuid:uuid>/"
_ACTIVITY = f"{_ONE}activities/<uuid:activity>/"
urlpatterns = [
    path("renewals/", Renewals.as_view(), name="api-renewals"),
    path(_ONE, OneRenewal.as_view(), name="api-renewal"),
    path(f"{_ONE}activities/", Activities.as_view(), name="api-renewal-activities"),
    path(f"{_ACTIVITY}withdraw/", WithdrawActivity.as_view(), name="api-renewal-withdraw"),
    path(f"{_ACTIVITY}file/", ActivityFile.as_view(), name="api-renewal-file"),
    path(f"{_ACTIVITY}review/", ReviewActivity.as_view(), name="api-renewal-review"),
    path(f"{_ONE}send/", SendRenewal.as_view(), name="api-renewal-send"),
    path(f"{_ONE}return/", ReturnRenewal.as_view(), name="api-renewal-return"),
    path(f"{_ONE}renew/", RenewAsRequested.as_view(), name="api-renewal-renew"),
]
