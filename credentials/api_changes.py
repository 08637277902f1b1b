"""The other changes of a credential for programs: revoking by four eyes, giving back, death, scope, name, and withdrawing what is still to come."""

from uuid import UUID

from django.shortcuts import get_object_or_404
from django.urls import path
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import IsAuthenticated
from rest_framework.response import Response

from credentials import services
from credentials.api_people import Change, View, nothing, seen_credentials
from credentials.api_shapes import (
    ChangeIn,
    CorrectIn,
    DeclineIn,
    EventOut,
    ProposalOut,
    RevokeIn,
    ScopeIn,
    SurrenderIn,
    WithdrawIn,
    event_out,
)
from credentials.models import Credential, Proposal, StatusEvent
from credentials.signed_in import ProgramRequest

Kind = StatusEvent.Kind


class Revoke(Change):
    kind, verb, shape = Kind.REVOKED, staticmethod(services.revoke), RevokeIn

    @extend_schema(request=RevokeIn, responses={200: EventOut, 202: ProposalOut})
    def post(self, request: ProgramRequest, public_id: UUID) -> Response:
        """Revoke for good, by four eyes: the first registrar's request proposes it (202), another's puts it in force (200)."""
        return self.change(request, public_id)

    def answer(self, made: StatusEvent | Proposal) -> Response:
        if isinstance(made, Proposal):
            return Response(ProposalOut(made).data, status=202)
        return super().answer(made)


class DeclineRevocation(Change):
    kind, verb, shape = Kind.REVOKED, staticmethod(services.decline_revocation), DeclineIn

    @extend_schema(request=DeclineIn, responses=ProposalOut)
    def post(self, request: ProgramRequest, public_id: UUID) -> Response:
        """Decline a proposal to revoke (with a note that says why), or take back one's own."""
        return self.change(request, public_id)

    def answer(self, made: StatusEvent | Proposal) -> Response:
        return Response(ProposalOut(made).data)


class RecordDeath(Change):
    kind, verb = Kind.DECEASED, staticmethod(services.record_death)

    @extend_schema(request=ChangeIn, responses=EventOut)
    def post(self, request: ProgramRequest, public_id: UUID) -> Response:
        """Write that the holder has died, on the day where it is known."""
        return self.change(request, public_id)


class ChangeScope(Change):
    kind, verb, shape = Kind.SCOPE_CHANGED, staticmethod(services.change_scope), ScopeIn

    @extend_schema(request=ScopeIn, responses=EventOut)
    def post(self, request: ProgramRequest, public_id: UUID) -> Response:
        """Change what the credential covers; a new document is signed and the older ones end."""
        return self.change(request, public_id)


class CorrectName(Change):
    kind, verb, shape = Kind.CORRECTED, staticmethod(services.correct_name), CorrectIn

    @extend_schema(request=CorrectIn, responses=EventOut)
    def post(self, request: ProgramRequest, public_id: UUID) -> Response:
        """Correct the holder's name; the number stays, and a new document is signed."""
        return self.change(request, public_id)


class Withdraw(View):
    queryset = Credential.objects.none()
    permission_classes = Change.permission_classes
    serializer_class = EventOut

    @extend_schema(request=WithdrawIn, responses=EventOut)
    def post(self, request: ProgramRequest, public_id: UUID) -> Response:
        """Withdraw a change that is written and still to take effect."""
        credential = get_object_or_404(seen_credentials(request), public_id=public_id)
        at = timezone.now()
        services.require_uninvolved(holder=credential.holder, by=request.user, at=at)
        data = self.shaped(WithdrawIn, nothing)
        event = get_object_or_404(credential.events, uuid=data.pop("event"))
        made = services.withdraw_change(
            credential=credential, event=event, by=request.user, at=at, **data
        )
        return Response(EventOut(event_out(made, at)).data)


class Surrender(View):
    queryset = Credential.objects.none()
    permission_classes = [IsAuthenticated]
    serializer_class = EventOut

    @extend_schema(request=SurrenderIn, responses=EventOut)
    def post(self, request: ProgramRequest, public_id: UUID) -> Response:
        """The holder gives the credential back, or a registrar writes down that they did. For good."""
        credential = get_object_or_404(seen_credentials(request), public_id=public_id)
        at = timezone.now()
        data = self.shaped(SurrenderIn, nothing)
        event = services.surrender(credential=credential, by=request.user, at=at, **data)
        return Response(EventOut(event_out(event, at)).data)


_ONE = "credentials/<uuid:public_id>/"
urlpatterns = [
    path(f"{_ONE}revoke/", Revoke.as_view(), name="api-revoke"),
    path(f"{_ONE}revoke/decline/", DeclineRevocation.as_view(), name="api-revoke-decline"),
    path(f"{_ONE}surrender/", Surrender.as_view(), name="api-surrender"),
    path(f"{_ONE}deceased/", RecordDeath.as_view(), name="api-deceased"),
    path(f"{_ONE}scope/", ChangeScope.as_view(), name="api-scope"),
    path(f"{_ONE}correct/", CorrectName.as_view(), name="api-correct"),
    path(f"{_ONE}withdraw/", Withdraw.as_view(), name="api-withdraw"),
]
