"""Where a registrar changes a credential: one page a change, with what the public will see; revoking by four eyes; withdrawing what is to come."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.models import Role
from accounts.services import Refusal
from accounts.web import refused, role_required
from credentials import services, validity
from credentials.change_pages import PAGES, ChangePage
from credentials.desk import desk_context
from credentials.forms import ChangeForm, ProposalForm, WithdrawForm, add_refusal, posted
from credentials.models import Credential, Proposal, StatusEvent
from credentials.signed_in import PersonRequest
from credentials.words import STATUS_WORDS


def seen_credential(request: PersonRequest, public_id: UUID) -> Credential:
    return get_object_or_404(
        Credential.objects.visible_to(request.user)
        .select_related("credential_type", "holder", "application")
        .prefetch_related("events"),
        public_id=public_id,
    )


@role_required(Role.REGISTRAR)
@never_cache
@require_http_methods(["GET", "POST"])
def credential_change(request: PersonRequest, public_id: UUID, change: str) -> HttpResponse:
    """One change: a reason, a private note, what the public will see, and a confirmation."""
    page = PAGES.get(change)
    if page is None:
        raise Http404
    credential, at = seen_credential(request, public_id), timezone.now()
    proposal = services.open_proposal(credential) if page.kind == StatusEvent.Kind.REVOKED else None
    overtaken = ("proposal" in request.POST) != bool(proposal)
    if request.method == "POST" and page.kind == StatusEvent.Kind.REVOKED and overtaken:
        return _overtaken(request, credential, proposal, page)
    if proposal:
        return _proposed(request, credential, proposal, page, at)
    form = ChangeForm(
        *posted(request),
        reasons=services.reasons_of(credential, page.kind),
        asks=page.asks,
        credential=credential,
        covered=services.coverage_of(credential, at=at),
    )
    try:
        if request.method == "POST" and form.is_valid():
            page.verb(credential=credential, by=request.user, at=at, **form.given())
            messages.success(request, page.done % {"number": credential.number})
            return redirect("credential-dossier", public_id=public_id)
        services.require_change_allowed(
            credential=credential, kind=page.kind, by=request.user, at=at
        )
    except Refusal as refusal:
        if not refusal.fields:
            return refused(request, refusal)
        add_refusal(form, refusal)
    context = {"form": form, "page": page, **_answers(credential, page.kind, at)}
    return _page(request, "change", credential, context, form)


def _proposed(
    request: PersonRequest,
    credential: Credential,
    proposal: Proposal,
    page: ChangePage,
    at: datetime,
) -> HttpResponse:
    """What is proposed: its proposer may take it back, another registrar approves or declines."""
    own = proposal.by_id == request.user.pk
    form = ProposalForm(*posted(request), proposal=proposal, own=own)
    try:
        if request.method == "POST" and form.is_valid():
            _settle(request, credential, form, at)
            return redirect("credential-dossier", public_id=credential.public_id)
        services.require_uninvolved(holder=credential.holder, by=request.user, at=at)
    except Refusal as refusal:
        if not refusal.fields:
            return refused(request, refusal)
        add_refusal(form, refusal)
    context = {
        "form": form,
        "page": page,
        "proposal": proposal,
        "own": own,
        **_answers(credential, page.kind, at),
    }
    return _page(request, "proposal", credential, context, form)


def _overtaken(
    request: PersonRequest, credential: Credential, proposal: Proposal | None, page: ChangePage
) -> HttpResponse:
    """What was sent belongs to how it stood before: a button pressed twice, or somebody who was quicker. Nothing is done; it is said how it stands."""
    reason = request.POST.get("reason_code")
    if proposal and (proposal.by_id, proposal.reason_code) == (request.user.pk, reason):
        messages.success(request, page.done % {"number": credential.number})
    elif proposal:
        said = _("%(who)s has proposed meanwhile to revoke it. Nothing of what you sent is on record.")  # fmt: skip
        messages.warning(request, said % {"who": proposal.by})
    else:
        _say_how_it_ended(request, credential)
    return redirect("credential-dossier", public_id=credential.public_id)


def _say_how_it_ended(request: PersonRequest, credential: Credential) -> None:
    """To whoever answers a proposal that is answered: by themselves, in the same words as the first time; else by whom, and how."""
    last = services.last_step(credential)
    if last and last.by_id == request.user.pk:
        messages.success(request, _said_of(last.step) % {"number": credential.number})
    elif last:
        said = _("%(who)s was quicker, and the proposal is closed: %(what)s. Nothing of what you sent is on record.")  # fmt: skip
        messages.warning(request, said % {"who": last.by, "what": last.get_step_display().lower()})
    else:
        messages.warning(request, _("No revocation of this credential is proposed."))


def _said_of(step: str) -> str:
    if step == Proposal.Step.APPROVED:
        return _("%(number)s is revoked. The holder is told by e-mail.")
    return _("%(number)s is not revoked. The proposal and its end are on record.")


def _settle(
    request: PersonRequest, credential: Credential, form: ProposalForm, at: datetime
) -> None:
    note = form.cleaned_data["note"]
    if form.cleaned_data["decision"] == "approve":
        services.revoke(credential=credential, by=request.user, at=at, note=note)
        step = Proposal.Step.APPROVED
    else:
        services.decline_revocation(credential=credential, by=request.user, at=at, note=note)
        step = Proposal.Step.DECLINED
    messages.success(request, _said_of(step) % {"number": credential.number})


@role_required(Role.REGISTRAR)
@never_cache
@require_http_methods(["GET", "POST"])
def withdraw_change(request: PersonRequest, public_id: UUID, event: UUID) -> HttpResponse:
    """Withdraw a change that is written and still to take effect."""
    credential, at = seen_credential(request, public_id), timezone.now()
    coming = get_object_or_404(credential.events.select_related("by"), uuid=event)
    reasons = services.reasons_of(credential, StatusEvent.Kind.WITHDRAWN)
    form = WithdrawForm(*posted(request), reasons=reasons)
    try:
        services.require_uninvolved(holder=credential.holder, by=request.user, at=at)
        if request.method == "POST" and form.is_valid():
            services.withdraw_change(
                credential=credential, event=coming, by=request.user, at=at, **form.cleaned_data
            )
            messages.success(request, _("The change is withdrawn; it never takes effect."))
            return redirect("credential-dossier", public_id=public_id)
    except Refusal as refusal:
        return refused(request, refusal)
    standing = services.standing_of(credential, at=at)
    context = {
        "form": form,
        "coming": coming,
        "standing": standing,
        "word": STATUS_WORDS[standing.status],
    }
    return _page(request, "withdraw", credential, context, form)


def _answers(credential: Credential, kind: StatusEvent.Kind, at: datetime) -> dict[str, Any]:
    """What anybody who checks the credential is told now, and from the moment of the change."""
    events, zone = services.events_of(credential), credential.statement["zone"]
    last = services.renewed_until(credential) if kind == StatusEvent.Kind.RENEWED else None
    coming = validity.Event(len(events) + 1, kind.value, at, last)
    standing = services.standing_of(credential, at=at)
    after = validity.standing([*events, coming], at, zone)
    return {
        "standing": standing,
        "word": STATUS_WORDS[standing.status],
        "after": after,
        "after_word": STATUS_WORDS[after.status],
        "ends": after.status in validity.FINAL,
    }


def _page(
    request: PersonRequest, name: str, credential: Credential, context: dict[str, Any], form: Any
) -> HttpResponse:
    whole = {**desk_context(), "credential": credential, **context}
    return render(
        request,
        f"credentials/registrar/{name}.html",
        whole,
        status=400 if form.errors else 200,
    )
