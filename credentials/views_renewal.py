"""Pages of a holder who renews: what the rules ask, what counts already, activities with their certificates, documents, and sending it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.services import Conflict, Invalid, Refusal
from accounts.web import refused, role_required
from credentials import services
from credentials.files import signed_link
from credentials.forms import add_refusal, posted
from credentials.forms_renewal import LearningForm
from credentials.models import Credential, Learning, RenewalRequest
from credentials.renewal_words import TURN_WORDS, bar_of_all, bars, shown, verdict_words
from credentials.services import Turn
from credentials.signed_in import PersonRequest


@role_required()
@never_cache
@require_http_methods(["GET", "POST"])
def renewal(request: PersonRequest, public_id: UUID) -> HttpResponse:
    """The renewal of one's own credential as it stands. POST begins it, or signs and sends it: `send`."""
    credential, at = _own(request, public_id), timezone.now()
    found = _request_of(credential)
    said: list[str] = []
    if request.method == "POST":
        try:
            if "send" in request.POST and found:
                services.send_renewal(
                    request=found,
                    agreed=request.POST.get("agreed") == "yes",
                    by=request.user,
                    at=at,
                )
                messages.success(request, _("Your renewal is sent. You hear from us."))
            else:
                services.begin_renewal(credential=credential, by=request.user, at=at)
            return redirect("renewal", public_id=public_id)
        except Invalid as refusal:
            said = [refusal.sentence]
        except Refusal as refusal:
            return refused(request, refusal)
    if found is None or (found.closed_at and _may_begin(credential, request, at) is None):
        return _before(request, credential, found, at)
    return _page(request, found, at, said)


def _before(
    request: PersonRequest, credential: Credential, last: RenewalRequest | None, at: datetime
) -> HttpResponse:
    """What a renewal asks, before one is begun."""
    rules, cycle = services.rules_of(credential), services.cycle_of(credential)
    codes = credential.credential_type.requirements.filter(code__in=rules.documents)
    context = {
        "credential": credential,
        "rules": rules,
        "cycle": cycle,
        "documents": codes.order_by("position"),
        "barred": _may_begin(credential, request, at),
        "last": last,
        "new_last_day": services.renewed_until(credential),
    }
    return render(request, "credentials/holder/renewal_begin.html", context)


def _may_begin(credential: Credential, request: PersonRequest, at: datetime) -> Refusal | None:
    try:
        services.require_may_begin(credential=credential, by=request.user, at=at)
    except Refusal as refusal:
        return refusal
    return None


def _page(
    request: PersonRequest, found: RenewalRequest, at: datetime, said: list[str]
) -> HttpResponse:
    progress = services.progress_of(found, at=at)
    mine = progress.turn in services.WITH_HOLDER or progress.turn is Turn.SUSPENDED
    shape, word = TURN_WORDS[progress.turn]
    standing = {row.requirement.pk: row for row in progress.papers}
    context = {
        "credential": found.credential,
        "renewal": found,
        "progress": progress,
        "mine": mine,
        "shape": shape,
        "word": word,
        "all_hours": bar_of_all(progress.rules, progress.tally),
        "bars": bars(progress),
        "activities": shown(progress, progress.current),
        "gone": shown(progress, [row for row in progress.entries if row.withdrawn]),
        "papers": [
            {"milestone": milestone, "standing": standing[milestone.requirement.pk]}
            for milestone in services.road(progress.papers, on=progress.today)
        ],
        "missing": services.what_is_missing(progress) if mine else [],
        "errors": said,
        "returned": _returned(found) if progress.turn is Turn.RETURNED else None,
        "answer_by": services.answer_by(found) if progress.turn is Turn.WITH_REGISTER else None,
        "late": progress.cycle.late_on(progress.today),
        "articles": found.credential.credential_type.code_of_conduct,
        "new_last_day": found.event.valid_until
        if found.event
        else services.renewed_until(found.credential),
    }
    return render(request, "credentials/holder/renewal.html", context, status=400 if said else 200)


def _returned(found: RenewalRequest) -> Any:
    return list(found.steps.all())[-1]


@role_required()
@never_cache
@require_http_methods(["GET", "POST"])
def activity(request: PersonRequest, public_id: UUID) -> HttpResponse:
    """Add one activity, or put one in the place of another: `?replaces=`."""
    credential, at = _own(request, public_id), timezone.now()
    found = _open(credential)
    progress = services.progress_of(found, at=at)
    replaces = _replaced(request, progress)
    form = LearningForm(*posted(request), rules=progress.rules, initial=_as_it_was(replaces))
    try:
        services.require_may_prepare(progress, request.user)
        if request.method == "POST" and form.is_valid():
            added = services.add_learning(
                request=found, by=request.user, at=at, replaces=replaces, **form.given()
            )
            _say_verdict(request, found, added, at)
            return redirect("renewal", public_id=public_id)
    except Invalid as refusal:
        add_refusal(form, refusal)
    except Refusal as refusal:
        return refused(request, refusal)
    context = {
        "form": form,
        "credential": credential,
        "progress": progress,
        "replaces": replaces,
        "ends": progress.cycle.ends(progress.today),
    }
    return render(
        request, "credentials/holder/activity.html", context, status=400 if form.errors else 200
    )


def _say_verdict(
    request: PersonRequest, found: RenewalRequest, added: Learning, at: datetime
) -> None:
    progress = services.progress_of(found, at=at)
    key = str(added.uuid)
    row = next(row for row in progress.tally.rows if row.activity.key == key)
    verdict = verdict_words(row, progress)
    say = messages.success if row.counted else messages.warning
    say(request, _("“%(title)s” is noted.") % {"title": added.title} + f" {verdict}".rstrip())


def _replaced(request: PersonRequest, progress: services.Progress) -> Learning | None:
    asked = request.GET.get("replaces", "")
    if not asked:
        return None
    for row in progress.current:
        if str(row.learning.uuid) == asked and row.may_go:
            return row.learning
    raise Http404


def _as_it_was(row: Learning | None) -> dict[str, Any]:
    if row is None:
        return {}
    return {
        "title": row.title,
        "provider": row.provider,
        "first_day": row.first_day,
        "last_day": row.last_day if row.last_day != row.first_day else None,
        "hours": row.hours.normalize(),
        "category": row.category,
        "statement": row.statement,
    }


@role_required()
@never_cache
@require_POST
def remove_activity(request: PersonRequest, public_id: UUID, uuid: UUID) -> HttpResponse:
    """Take one activity out. It stays on file and counts no more."""
    credential = _own(request, public_id)
    row = get_object_or_404(
        Learning.objects.visible_to(request.user).select_related("request__credential"),
        uuid=uuid,
        request__credential=credential,
    )
    try:
        services.withdraw_learning(learning=row, by=request.user, at=timezone.now())
    except Conflict as refusal:
        return refused(request, refusal)
    messages.success(
        request, _("“%(title)s” is taken out. It stays on file.") % {"title": row.title}
    )
    return redirect("renewal", public_id=public_id)


@role_required()  # type: ignore[arg-type]
@require_safe
def learning_file(request: PersonRequest, uuid: UUID) -> HttpResponseBase:
    """Leads the holder and registrars to a certificate, by an address that ends in minutes; for anybody else there is none."""
    row = get_object_or_404(
        Learning.objects.visible_to(request.user).select_related("request__credential"), uuid=uuid
    )
    return redirect(signed_link(row, reader=request.user, download="download" in request.GET))


def _own(request: PersonRequest, public_id: UUID) -> Credential:
    """One's own credential. A registrar's too: these pages are never about others."""
    rows = Credential.objects.filter(holder=request.user)
    return get_object_or_404(
        rows.select_related("credential_type", "holder").prefetch_related("events"),
        public_id=public_id,
    )


def _request_of(credential: Credential) -> RenewalRequest | None:
    """The open renewal, else the newest one."""
    rows = services.complete_rows(credential.renewal_requests.all())
    return services.open_request(credential) or rows.first()


def _open(credential: Credential) -> RenewalRequest:
    found = services.open_request(credential)
    if found is None:
        raise Http404
    return found
