"""Where a registrar looks at a renewal: hours against the rules, each activity with its certificate, documents, and the decision."""

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
from credentials import services
from credentials.desk import desk_context
from credentials.files import signed_link
from credentials.forms import add_refusal, posted
from credentials.forms_renewal import LearningReviewForm, RenewalForm
from credentials.models import Learning, RenewalRequest, StatusEvent
from credentials.renewal_words import DESK_WORDS, TURN_WORDS, bar_of_all, bars, shown
from credentials.services import Turn
from credentials.signed_in import PersonRequest


@role_required(Role.REGISTRAR)
@never_cache
@require_http_methods(["GET", "POST"])
def renewal_review(request: PersonRequest, uuid: UUID) -> HttpResponse:
    """One renewal: everything that was sent, and its end. POST renews, or returns it to the holder: `act`."""
    found, at = _seen(request, uuid), timezone.now()
    progress = services.progress_of(found, at=at)
    kept = services.what_keeps_from_renewing(progress)
    returning = bool(kept)
    form = RenewalForm(
        *posted(request),
        reasons=services.reasons_for_return(found)
        if returning
        else services.reasons_of(found.credential, StatusEvent.Kind.RENEWED),
        told=returning,
    )
    if request.method == "POST":
        try:
            if form.is_valid():
                return _settle(request, found, form, at)
            services.require_may_judge(progress=progress, by=request.user, at=at)
        except Refusal as refusal:
            if not refusal.fields:
                return refused(request, refusal)
            add_refusal(form, refusal)
    barred = _barred(request, progress, at)
    context = {
        **desk_context(),
        **_shown(progress),
        "form": form if not barred and not progress.undecided else None,
        "returning": returning,
        "kept": kept,
        "barred": barred,
        "steps": list(reversed(found.steps.all())),
        "new_last_day": found.event.valid_until
        if found.event
        else services.renewed_until(found.credential),
    }
    return render(
        request, "credentials/registrar/renewal.html", context, status=400 if form.errors else 200
    )


def _settle(
    request: PersonRequest, found: RenewalRequest, form: RenewalForm, at: datetime
) -> HttpResponse:
    number, given = found.credential.number, form.cleaned_data
    if request.POST.get("act") == "return":
        services.return_renewal(request=found, by=request.user, at=at, **given)
        said = _("The renewal of %(number)s is back with its holder, who is told by e-mail.")
    else:
        services.renew_as_requested(request=found, by=request.user, at=at, **given)
        said = _("%(number)s is renewed. The holder is told by e-mail.")
    messages.success(request, said % {"number": number})
    return redirect("registrar-queue")


def _shown(progress: services.Progress) -> dict[str, Any]:
    found = progress.request
    shape, word = DESK_WORDS.get(progress.turn, TURN_WORDS[progress.turn])
    return {
        "renewal": found,
        "credential": found.credential,
        "progress": progress,
        "shape": shape,
        "word": word,
        "all_hours": bar_of_all(progress.rules, progress.tally),
        "bars": bars(progress),
        "activities": shown(progress, progress.current),
        "gone": shown(progress, [row for row in progress.entries if row.withdrawn]),
        "papers": progress.papers,
        "next": next((row.learning for row in progress.undecided), None),
        "left": services.working_days(progress.today, services.answer_by(found))
        if progress.turn is Turn.WITH_REGISTER
        else None,
    }


def _barred(request: PersonRequest, progress: services.Progress, at: datetime) -> str:
    """Why this registrar may not decide, by the rule's name; empty when they may."""
    try:
        services.require_may_judge(progress=progress, by=request.user, at=at)
    except Refusal as refusal:
        return refusal.sentence
    return ""


@role_required(Role.REGISTRAR)
@never_cache
@require_http_methods(["GET", "POST"])
def learning_review(request: PersonRequest, uuid: UUID, learning: UUID) -> HttpResponse:
    """One activity: its certificate on the left, the decision on the right."""
    found, at = _seen(request, uuid), timezone.now()
    progress = services.progress_of(found, at=at)
    entry = next((row for row in progress.entries if row.learning.uuid == learning), None)
    if entry is None:
        raise Http404
    form = LearningReviewForm(*posted(request), reasons=services.reasons_for_learning(found))
    if request.method == "POST":
        try:
            if form.is_valid():
                services.review_learning(
                    learning=entry.learning, by=request.user, at=at, **form.cleaned_data
                )
                return _after(request, found, entry.learning)
            services.require_may_judge(progress=progress, by=request.user, at=at)
            services.require_undecided(entry)
        except Refusal as refusal:
            if not refusal.fields:
                return refused(request, refusal)
            add_refusal(form, refusal)
    closed = _closed(request, progress, entry, at)
    (row,) = shown(progress, [entry])
    context = {
        **desk_context(),
        "renewal": found,
        "credential": found.credential,
        "progress": progress,
        "row": row,
        "learning": entry.learning,
        "form": None if closed else form,
        "closed": closed,
        "place": _place(progress, entry),
        "file": _link(entry.learning, request),
        "ends": progress.cycle.ends(progress.today),
    }
    return render(
        request,
        "credentials/registrar/renewal_activity.html",
        context,
        status=400 if form.errors else 200,
    )


def _after(request: PersonRequest, found: RenewalRequest, done: Learning) -> HttpResponse:
    """On to the next activity nobody has decided on, else back to the whole."""
    messages.success(request, _("“%(title)s”: recorded.") % {"title": done.title})
    following = found.learning.filter(reviews=None).exclude(pk=done.pk).order_by("sequence").first()
    if following and "next" in request.POST:
        return redirect("renewal-activity-review", found.uuid, following.uuid)
    return redirect("renewal-review", found.uuid)


def _closed(
    request: PersonRequest, progress: services.Progress, entry: services.Entry, at: datetime
) -> str:
    try:
        services.require_may_judge(progress=progress, by=request.user, at=at)
        services.require_undecided(entry)
    except Refusal as refusal:
        return refusal.sentence
    return ""


def _place(progress: services.Progress, entry: services.Entry) -> dict[str, Any]:
    """Its place among the activities of the renewal, and its neighbours."""
    rows = [row.learning for row in progress.current]
    if entry.learning not in rows:
        return {"number": None, "of": len(rows), "earlier": None, "later": None}
    index = rows.index(entry.learning)
    return {
        "number": index + 1,
        "of": len(rows),
        "earlier": rows[index - 1] if index else None,
        "later": rows[index + 1] if index + 1 < len(rows) else None,
    }


def _link(row: Learning, request: PersonRequest) -> str:
    """Where this page shows the certificate from; empty where the file is gone."""
    try:
        return signed_link(row, reader=request.user)
    except Http404:
        return ""


def _seen(request: PersonRequest, uuid: UUID) -> RenewalRequest:
    rows = RenewalRequest.objects.visible_to(request.user)
    return get_object_or_404(services.complete_rows(rows), uuid=uuid)
