"""Appeals and concerns as registrars see them."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.forms import Form
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import Role
from accounts.services import Forbidden, Refusal
from accounts.web import refused, role_required
from credentials import services
from credentials.desk import desk_context
from credentials.files import signed_link
from credentials.forms import add_refusal, posted
from credentials.forms_desk import (
    CaseForm,
    CloseForm,
    FollowUpForm,
    GiveForm,
    LinkForm,
    NoteForm,
    UnlinkForm,
)
from credentials.models import Case, CaseStep
from credentials.signed_in import PersonRequest

CLOSED_SHOWN = 50


@role_required(Role.REGISTRAR)
@never_cache
@require_safe
def cases(request: PersonRequest) -> HttpResponse:
    """What is open, the next due first, and what was closed last."""
    rows = Case.objects.visible_to(request.user).for_reading()
    today = timezone.now().date()
    to_do = rows.to_carry_out()
    closed = rows.exclude(closed_at=None).exclude(pk__in=to_do.values("pk"))
    context = {
        **desk_context(),
        "open": [{**_listed(row, request), "late": row.late_on(today)} for row in rows.open()],
        "to_do": [_listed(row, request) for row in to_do.order_by("closed_at")],
        "closed": [_listed(row, request) for row in closed.order_by("-closed_at")[:CLOSED_SHOWN]],
    }
    return render(request, "credentials/registrar/cases.html", context)


def _listed(row: Case, request: PersonRequest) -> dict[str, Any]:
    return {"case": row, "seen": services.see_case(row, request.user)}


@role_required(Role.REGISTRAR)
@never_cache
@require_http_methods(["GET", "POST"])
def new_case(request: PersonRequest) -> HttpResponse:
    """Write down an appeal or a concern as it was received."""
    asked = request.GET.get("about", "").replace("\0", "")[:40]
    form = CaseForm(*posted(request), initial={"reference": asked})
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            about = services.case_about(data.pop("reference"))
            case = services.record_case(by=request.user, at=timezone.now(), **about, **data)
            messages.success(
                request, _("%(reference)s is on record.") % {"reference": case.reference}
            )
            if case.about_person_id == request.user.pk:  # from now on it is not theirs to see
                return redirect("registrar-queue")
            return redirect("case", uuid=case.uuid)
        except Refusal as refusal:
            add_refusal(form, refusal)
    return _page(request, "case_new", form, {})


@role_required(Role.REGISTRAR)
@never_cache
@require_http_methods(["GET", "POST"])
def case(request: PersonRequest, uuid: UUID) -> HttpResponse:
    """One case: what is said, whose it is, what happened; POST `do` gives it, notes something, closes it or takes it on."""
    row = get_object_or_404(Case.objects.visible_to(request.user).for_reading(), uuid=uuid)
    at = timezone.now()
    people = [] if row.closed_at else services.possible_owners(case=row, at=at)
    answered = FollowUpForm(*_bound(request, "answer"))
    forms: dict[str, Form] = {
        "give": GiveForm(*_bound(request, "give"), people=people),
        "note": NoteForm(*_bound(request, "note")),
        "close": CloseForm(*_bound(request, "close"), follows=services.possible_follows(row)),
        "take": Form(*_bound(request, "take")),
        "answer": answered,
        "link": LinkForm(*_bound(request, "link"), auto_id="id_link_%s"),
        "unlink": UnlinkForm(*_bound(request, "unlink"), auto_id="id_unlink_%s"),
    }
    form = forms.get(request.POST.get("do", ""))
    if form is not None and form.is_valid():
        try:
            _do(request.POST["do"], row, form.cleaned_data, request, at)
            if not Case.objects.visible_to(request.user).filter(pk=row.pk).exists():
                return redirect("cases")  # it was linked to themselves: not theirs to see
            return redirect("case", uuid=uuid)
        except Refusal as refusal:
            if not refusal.fields:
                return refused(request, refusal)
            add_refusal(form, refusal)
    seen = services.see_case(row, request.user)
    context = {
        "case": row,
        "seen": seen,
        "late": row.late_on(at.date()),
        "left": (row.due_on - at.date()).days,
        "steps": seen.steps(row.steps.select_related("by", "owner").order_by("sequence")),
        "forms": forms,
        "against": _against(row, seen, request),
        **_following(row, seen, answered),
        "lodged": row.steps.filter(kind=CaseStep.Kind.LODGED).exists(),
        "owns": row.owner_id == request.user.pk and not row.closed_at,
        "may_be_linked": services.may_be_linked(row) and not row.closed_at,
        "barred": _barred(row, request, at),
    }
    return _page(request, "case", form, context)


def _against(row: Case, seen: services.Seen, request: PersonRequest) -> dict[str, Any] | None:
    """The decision an appeal is against, and the file it was about, which a reader by number gets under that number."""
    found = services.appealed(row)
    if found is None:
        return None
    called = "" if seen.named else services.known_as(row)
    try:
        file = found.file and signed_link(found.file, reader=request.user, called=called)
    except Http404:  # the file is gone from the store
        file = ""
    return {"account": seen.account(found.account), "file": file}


def _following(row: Case, seen: services.Seen, form: FollowUpForm) -> dict[str, Any]:
    """What follows, each with the page where it is done, and with its form, for whoever took it on."""
    found = services.what_follows(row)
    left = [follow for follow in found if follow.answer is None]
    carrying = bool(row.closed_at) and row.kind == Case.Kind.APPEAL and seen.named
    urls = {one.action: one.url for one in services.possible_follows(row)} if carrying else {}
    return {
        "follows": [
            {
                "row": follow,
                "note": seen.words(follow.note),
                "url": urls.get(CaseStep.Action(follow.action), ""),
                "form": _form_of(follow, form) if carrying and follow.answer is None else None,
            }
            for follow in found
        ],
        "left_to_do": len(left),
        "may_take_on": bool(left) and not carrying,
    }


def _form_of(follow: services.FollowUp, form: FollowUpForm) -> FollowUpForm:
    """The form of one thing that follows: what was sent of it, or an empty one."""
    if form.is_bound and form.data.get("action") == follow.action:
        return form
    return FollowUpForm(initial={"action": follow.action}, auto_id=f"id_{follow.action}_%s")


def _bound(request: PersonRequest, name: str) -> tuple[Any, Any]:
    return posted(request) if request.POST.get("do") == name else (None, None)


def _do(name: str, row: Case, data: dict[str, Any], request: PersonRequest, at: Any) -> None:
    verbs: dict[str, Any] = {
        "give": services.give_case,
        "note": services.note_case,
        "close": services.close_case,
        "take": services.take_on,
        "answer": services.answer_follow_up,
        "link": services.link_case,
        "unlink": services.unlink_case,
    }
    verbs[name](case=row, by=request.user, at=at, **data)


def _barred(row: Case, request: PersonRequest, at: Any) -> str:
    """Why this registrar may not decide this case; empty when they may."""
    try:
        services.require_may_own(case=row, owner=request.user, at=at)
    except Forbidden as refusal:
        return refusal.sentence
    return ""


def _page(request: PersonRequest, name: str, form: Any, context: dict[str, Any]) -> HttpResponse:
    return render(
        request,
        f"credentials/registrar/{name}.html",
        {**desk_context(), "form": form, **context},
        status=400 if form is not None and form.errors else 200,
    )
