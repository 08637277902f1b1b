"""Appeals and concerns for registrars' programs: written down, given to somebody who had no part in them, noted, closed."""

from typing import Any
from uuid import UUID

from django.db.models import Prefetch
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import path
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response

from accounts.models import Role, User
from accounts.web import role_permission
from credentials import services
from credentials.api_people import View, nothing
from credentials.files import signed_link
from credentials.models import Case, CaseStep
from credentials.signed_in import ProgramRequest


class PersonOut(serializers.Serializer):
    uuid = serializers.UUIDField()
    name = serializers.CharField()


class CaseIn(serializers.Serializer):
    kind = serializers.ChoiceField(choices=Case.Kind.choices)
    raised_by = serializers.CharField(max_length=150)
    reference = serializers.CharField(
        max_length=40,
        required=False,
        allow_blank=True,
        default="",
        help_text="number of the credential or application it is about",
    )
    about = serializers.CharField(max_length=200)
    said = serializers.CharField(max_length=services.MOST_LETTERS)
    received_on = serializers.DateField()


class GiveIn(serializers.Serializer):
    owner = serializers.UUIDField(help_text="one of `owners/`")
    note = serializers.CharField(max_length=4000, required=False, allow_blank=True, default="")


class NoteIn(serializers.Serializer):
    note = serializers.CharField(max_length=4000)


class CloseIn(NoteIn):
    """`note` is told to whoever raised it."""

    outcome = serializers.ChoiceField(choices=Case.Outcome.choices)
    actions = serializers.ListField(
        child=serializers.ChoiceField(choices=CaseStep.Action.choices),
        required=False,
        help_text="what follows from an appeal that is upheld, of `follows/`; left out: the usual",
    )


class LinkIn(NoteIn):
    reference = serializers.CharField(
        max_length=254, help_text="number of a credential or an application, or an e-mail address"
    )


class LinkedOut(serializers.Serializer):
    """Whom a concern is about, as was found out after it was raised."""

    name = serializers.CharField()
    credential = serializers.CharField(allow_null=True)


class FollowAnswerIn(NoteIn):
    """`note` is told to whoever appealed."""

    answer = serializers.ChoiceField(choices=[(kind, kind) for kind in CaseStep.ANSWERS])


class FollowOut(serializers.Serializer):
    """One thing that follows, or may follow while the appeal is open."""

    action = serializers.ChoiceField(choices=CaseStep.Action.choices)
    what = serializers.CharField()
    state = serializers.ChoiceField(choices=["possible", "open", "done", "waived"])
    note = serializers.CharField()
    at = serializers.DateTimeField(allow_null=True)


class CaseStepOut(serializers.Serializer):
    at = serializers.DateTimeField()
    kind = serializers.ChoiceField(choices=CaseStep.Kind.choices)
    by = PersonOut(allow_null=True, help_text="null: somebody without an account")
    owner = PersonOut(allow_null=True)
    outcome = serializers.CharField()
    action = serializers.CharField(help_text="what follows, is done or waived; or empty")
    note = serializers.CharField()


class CaseOut(serializers.Serializer):
    """An appeal is judged by number: `named` says whether the caller is shown whose it is. Until then names in the words are `[…]`."""

    uuid = serializers.UUIDField()
    reference = serializers.CharField()
    kind = serializers.ChoiceField(choices=Case.Kind.choices)
    named = serializers.BooleanField(help_text="whoever takes the outcome on is shown whose it is")
    raised_by = serializers.CharField(help_text="a name, or Appellant and a number")
    contact = serializers.CharField()
    about = serializers.CharField()
    subject = serializers.CharField(
        help_text="the decision an appeal is against, where known and shown"
    )
    ground = serializers.CharField()
    said = serializers.CharField()
    application = serializers.CharField(allow_null=True)
    credential = serializers.CharField(allow_null=True)
    linked = LinkedOut(allow_null=True)
    received_on = serializers.DateField()
    due_on = serializers.DateField()
    owner = PersonOut(allow_null=True)
    outcome = serializers.CharField()
    closed_at = serializers.DateTimeField(allow_null=True)
    steps = CaseStepOut(many=True)


class AppealedOut(serializers.Serializer):
    """The decision an appeal is against: facts as (name, value), and a table, its first row the head."""

    title = serializers.CharField()
    facts = serializers.ListField(child=serializers.ListField(child=serializers.CharField()))
    table = serializers.ListField(child=serializers.ListField(child=serializers.CharField()))
    note = serializers.CharField()
    file = serializers.CharField(
        help_text="address of what was handed in, for ten minutes; it may show a name; or empty"
    )


def case_out(row: Case, reader: User) -> dict[str, Any]:
    """A case as `reader` may see it."""
    case = services.see_case(row, reader)
    shown = row if case.named else None
    return {
        "uuid": row.uuid,
        "reference": row.reference,
        "kind": row.kind,
        "named": case.named,
        "raised_by": case.who,
        "contact": row.contact if shown else "",
        "about": case.about,
        "subject": row.subject if shown else "",
        "ground": row.ground,
        "said": case.said,
        "application": shown and shown.application and shown.application.reference,
        "credential": shown and shown.credential and shown.credential.number,
        "linked": _linked(row),
        "received_on": row.received_on,
        "due_on": row.due_on,
        "owner": row.owner,
        "outcome": row.outcome,
        "closed_at": row.closed_at,
        "steps": case.steps(row.told),  # type: ignore[attr-defined]
    }


def _linked(row: Case) -> dict[str, Any] | None:
    if row.linked_person is None:
        return None
    credential = row.linked_credential
    return {"name": row.linked_person.name, "credential": credential and credential.number}


def seen(request: ProgramRequest) -> Any:
    steps = CaseStep.objects.select_related("by", "owner").order_by("sequence")
    rows = Case.objects.visible_to(request.user).prefetch_related(
        Prefetch("steps", steps, to_attr="told")
    )
    return rows.for_reading()


class _Desk(View):
    queryset = Case.objects.none()
    permission_classes = [role_permission(Role.REGISTRAR)]
    serializer_class: type[serializers.Serializer] = CaseOut

    def case(self, request: ProgramRequest, uuid: UUID) -> Case:
        found: Case = get_object_or_404(seen(request), uuid=uuid)
        return found

    def told(self, request: ProgramRequest, case: Case) -> dict[str, Any]:
        return self.out(seen(request).get(pk=case.pk), request)

    def out(self, case: Case, request: ProgramRequest) -> dict[str, Any]:
        return CaseOut(case_out(case, request.user)).data


class Cases(_Desk):
    @extend_schema(
        operation_id="cases_list",
        responses=CaseOut(many=True),
        parameters=[OpenApiParameter("open", bool, description="Only those not closed yet.")],
    )
    def get(self, request: ProgramRequest) -> Response:
        """Appeals and concerns, the newest first, but for those about oneself."""
        rows = seen(request)
        if request.query_params.get("open", "").lower() in ("1", "true"):
            rows = rows.open()
        return self.page(
            rows, CaseOut, lambda found: [case_out(row, request.user) for row in found]
        )

    @extend_schema(request=CaseIn, responses={201: CaseOut})
    def post(self, request: ProgramRequest) -> Response:
        """Write down an appeal or a concern as it was received. About oneself it is written down, and 404 from then on."""
        data = self.shaped(CaseIn, nothing)
        about = services.case_about(data.pop("reference"))
        case = services.record_case(by=request.user, at=timezone.now(), **about, **data)
        row = seen(request).filter(pk=case.pk).first()
        return Response(self.out(row, request) if row else None, status=201)


class OneCase(_Desk):
    def get(self, request: ProgramRequest, uuid: UUID) -> Response:
        """One case and all that happened to it."""
        return Response(self.out(self.case(request, uuid), request))


class Against(_Desk):
    serializer_class = AppealedOut

    def get(self, request: ProgramRequest, uuid: UUID) -> Response:
        """The decision an appeal is against, by number like the appeal; 404 where no decision is on record with it."""
        case = self.case(request, uuid)
        found = services.appealed(case)
        if found is None:
            raise Http404
        shown = services.see_case(case, request.user)
        called = "" if shown.named else services.known_as(case)
        link = found.file and signed_link(found.file, reader=request.user, called=called)
        account = shown.account(found.account).as_json()
        return Response(AppealedOut({**account, "file": link or ""}).data)


class Owners(_Desk):
    serializer_class = PersonOut
    pagination_class = None  # type: ignore[assignment]

    @extend_schema(operation_id="cases_owners", responses=PersonOut(many=True))
    def get(self, request: ProgramRequest, uuid: UUID) -> Response:
        """The registrars who had no part in it, and may be given it."""
        case = self.case(request, uuid)
        people = services.possible_owners(case=case, at=timezone.now())
        return Response(
            {"next": None, "previous": None, "results": PersonOut(people, many=True).data}
        )


class Give(_Desk):
    @extend_schema(request=GiveIn, responses=CaseOut)
    def post(self, request: ProgramRequest, uuid: UUID) -> Response:
        """Give it to an uninvolved registrar. 403 by rule (R2, R4) for anybody else, 409 when it is closed."""
        case = self.case(request, uuid)
        data = self.shaped(GiveIn, lambda: services.require_open(case))
        owner = User.objects.filter(uuid=data["owner"], is_active=True).first()
        if owner is None:
            services.require_open(case)
            raise ValidationError({"owner": ["There is no such person."]})
        services.give_case(
            case=case, owner=owner, note=data["note"], by=request.user, at=timezone.now()
        )
        return Response(self.told(request, case))


class Follows(_Desk):
    serializer_class = FollowOut
    pagination_class = None  # type: ignore[assignment]

    @extend_schema(operation_id="cases_follows", responses=FollowOut(many=True))
    def get(self, request: ProgramRequest, uuid: UUID) -> Response:
        """What follows from it and how far each is; while an appeal is open, what may follow."""
        case = self.case(request, uuid)
        rows = [
            _follow_out(row, services.see_case(case, request.user))
            for row in services.what_follows(case)
        ]
        if not case.closed_at:
            rows = [_may_follow(row) for row in services.possible_follows(case)]
        return Response(
            {"next": None, "previous": None, "results": FollowOut(rows, many=True).data}
        )


def _follow_out(row: services.FollowUp, case: services.Seen) -> dict[str, Any]:
    return {
        "action": row.action,
        "what": row.label,
        "state": row.state,
        "note": case.words(row.note),
        "at": row.at,
    }


def _may_follow(row: services.Follow) -> dict[str, Any]:
    return {
        "action": row.action,
        "what": row.action.label,
        "state": "possible",
        "note": "",
        "at": None,
    }


class AnswerFollow(_Desk):
    serializer_class = FollowOut

    @extend_schema(request=FollowAnswerIn, responses=FollowOut)
    def post(self, request: ProgramRequest, uuid: UUID, action: str) -> Response:
        """Whoever took it on writes down that one thing was done, or is waived, and how or why. 409 where it is answered otherwise."""
        case = self.case(request, uuid)
        services.require_carries_out(case=case, by=request.user)
        data = self.shaped(FollowAnswerIn, nothing)
        services.answer_follow_up(
            case=case, action=action, by=request.user, at=timezone.now(), **data
        )
        row = next(row for row in services.what_follows(case) if row.action == action)
        seen_by = services.see_case(case, request.user)
        return Response(FollowOut(_follow_out(row, seen_by)).data)


class Note(_Desk):
    @extend_schema(request=NoteIn, responses=CaseOut)
    def post(self, request: ProgramRequest, uuid: UUID) -> Response:
        """Write down what happened. Only registrars read it."""
        case = self.case(request, uuid)
        data = self.shaped(NoteIn, lambda: services.require_open(case))
        services.note_case(case=case, by=request.user, at=timezone.now(), **data)
        return Response(self.told(request, case))


class Link(_Desk):
    @extend_schema(request=LinkIn, responses=CaseOut)
    def post(self, request: ProgramRequest, uuid: UUID) -> Response:
        """Link a concern that named nobody we knew to whom it is about. 409 for any other case; linked to oneself it is 404 from then on."""
        return self.linking(request, uuid, LinkIn, services.link_case)

    def linking(self, request: ProgramRequest, uuid: UUID, shape: Any, verb: Any) -> Response:
        case = self.case(request, uuid)
        data = self.shaped(shape, lambda: services.require_open(case))
        verb(case=case, by=request.user, at=timezone.now(), **data)
        row = seen(request).filter(pk=case.pk).first()
        return Response(self.out(row, request) if row else None)


class Unlink(Link):
    @extend_schema(request=NoteIn, responses=CaseOut)
    def post(self, request: ProgramRequest, uuid: UUID) -> Response:
        """Take a wrong link off, with a reason. Both stay on record."""
        return self.linking(request, uuid, NoteIn, services.unlink_case)


class Close(_Desk):
    @extend_schema(request=CloseIn, responses=CaseOut)
    def post(self, request: ProgramRequest, uuid: UUID) -> Response:
        """Its owner closes it, with an outcome and the reason, which is told."""
        case = self.case(request, uuid)
        services.require_may_close(case=case, by=request.user, at=timezone.now())
        data = self.shaped(CloseIn, lambda: services.require_open(case))
        services.close_case(case=case, by=request.user, at=timezone.now(), **data)
        return Response(self.told(request, case))


class TakeOn(_Desk):
    @extend_schema(request=None, responses=CaseOut)
    def post(self, request: ProgramRequest, uuid: UUID) -> Response:
        """Take on what was decided: from then on one is shown whose appeal it is. 409 where nothing has to be carried out."""
        case = self.case(request, uuid)
        services.take_on(case=case, by=request.user, at=timezone.now())
        return Response(self.told(request, case))


_ONE = "cases/<uuid:uuid>/"
urlpatterns = [
    path("cases/", Cases.as_view(), name="api-cases"),
    path(_ONE, OneCase.as_view(), name="api-case"),
    path(f"{_ONE}against/", Against.as_view(), name="api-case-against"),
    path(f"{_ONE}link/", Link.as_view(), name="api-case-link"),
    path(f"{_ONE}unlink/", Unlink.as_view(), name="api-case-unlink"),
    path(f"{_ONE}follows/", Follows.as_view(), name="api-case-follows"),
    path(f"{_ONE}follows/<slug:action>/", AnswerFollow.as_view(), name="api-case-follow"),
    path(f"{_ONE}take/", TakeOn.as_view(), name="api-case-take"),
    path(f"{_ONE}owners/", Owners.as_view(), name="api-case-owners"),
    path(f"{_ONE}give/", Give.as_view(), name="api-case-give"),
    path(f"{_ONE}note/", Note.as_view(), name="api-case-note"),
    path(f"{_ONE}close/", Close.as_view(), name="api-case-close"),
]
