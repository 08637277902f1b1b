"""The register as registrars see it: search, a credential's whole story, and the changes of its status."""

import json
from collections.abc import Callable
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from accounts.models import Role
from accounts.services import Invalid, Refusal
from accounts.web import refused, role_required
from credentials import numbers, services, timeline, validity
from credentials.desk import desk_context
from credentials.forms import ChangeForm, add_refusal, posted
from credentials.links import public_links
from credentials.models import Credential, Reason, StatusEvent
from credentials.signed_in import PersonRequest
from credentials.words import STATUS_WORDS

PAGE = 50
LOOKED_AT = 500  # rows a status filter looks through for one page

CHANGES: dict[str, StatusEvent.Kind] = {
    "suspend": StatusEvent.Kind.SUSPENDED,
    "reinstate": StatusEvent.Kind.REINSTATED,
    "revoke": StatusEvent.Kind.REVOKED,
    "renew": StatusEvent.Kind.RENEWED,
}
VERBS: dict[str, Callable[..., StatusEvent]] = {
    "suspend": services.suspend,
    "reinstate": services.reinstate,
    "revoke": services.revoke,
    "renew": services.renew,
}
DONE = {
    "suspend": gettext_lazy("%(number)s is suspended from now on. The holder is told by e-mail."),
    "reinstate": gettext_lazy("%(number)s is active again. The holder is told by e-mail."),
    "revoke": gettext_lazy("%(number)s is revoked from now on. The holder is told by e-mail."),
    "renew": gettext_lazy("%(number)s is renewed. The holder is told by e-mail."),
}


# The list


@role_required(Role.REGISTRAR)
@never_cache
@require_GET
def register(request: PersonRequest) -> HttpResponse:
    """Every credential by name, found by a part of the name or by number, of one status or of all."""
    words = request.GET.get("q", "").replace("\0", "").strip()[:100]
    status = request.GET.get("status", "")
    status = status if status in set(validity.Status) else ""
    at = timezone.now()
    rows, last = _page(_found(request, words), request.GET.get("after", "")[:40], status, at)
    asked = {name: value for name, value in (("q", words), ("status", status)) if value}
    context = {
        **desk_context(),
        "rows": rows,
        "q": words,
        "status": status,
        "statuses": [(value.value, word) for value, word in STATUS_WORDS.items()],
        "next": "?" + urlencode({**asked, "after": last}) if last else None,
        "first": "?" + urlencode(asked) if request.GET.get("after") else None,
    }
    return render(request, "credentials/registrar/register.html", context)


def _found(request: PersonRequest, words: str) -> Any:
    rows = Credential.objects.visible_to(request.user).order_by("name_key", "number")
    if not words:
        return rows
    number = numbers.normalise(words)
    if number:
        return rows.filter(number=number)
    by_name = Q(name_key__contains=services.fold(words))
    return rows.filter(by_name | Q(number__icontains=words))


def _page(
    found: Any, after: str, status: str, at: datetime
) -> tuple[list[dict[str, Any]], str | None]:
    """One page, and the number to go on after. A status follows from events, so it is worked out for the rows looked at, no others."""
    before = Credential.objects.filter(number=after).values_list("name_key", "number").first()
    if before:
        name_key, number = before
        found = found.filter(Q(name_key__gt=name_key) | Q(name_key=name_key, number__gt=number))
    limit = LOOKED_AT if status else PAGE
    looked_at = list(
        found.select_related("credential_type").prefetch_related("events")[: limit + 1]
    )
    rows: list[dict[str, Any]] = []
    for row in looked_at[:limit]:
        if len(rows) == PAGE:
            return rows, rows[-1]["credential"].number
        standing = services.standing_of(row, at=at)
        if not status or standing.status == status:
            rows.append(
                {"credential": row, "standing": standing, "word": STATUS_WORDS[standing.status]}
            )
    return rows, looked_at[limit - 1].number if len(looked_at) > limit else None


# One credential


def _credential(request: PersonRequest, public_id: UUID) -> Credential:
    return get_object_or_404(
        Credential.objects.visible_to(request.user)
        .select_related("credential_type", "holder", "application")
        .prefetch_related("events"),
        public_id=public_id,
    )


@role_required(Role.REGISTRAR)
@never_cache
@require_GET
def credential_dossier(request: PersonRequest, public_id: UUID) -> HttpResponse:
    """A credential's whole story on one page; `?on=` asks for its status on a day."""
    credential = _credential(request, public_id)
    at = timezone.now()
    standing = services.standing_of(credential, at=at)
    story = services.story_of(credential=credential, at=at)
    context = {
        **desk_context(),
        "credential": credential,
        "standing": standing,
        "word": STATUS_WORDS[standing.status],
        "story": story,
        "asked": _asked(request, credential, at),
        "drawing": _drawing(story, standing, at),
        "requirements": _requirements(story),
        "results": [
            {"row": row, "url": _source_url(row)}
            for row in story.evidence
            if row.source in ("quiz", "practical", "course")
        ],
        "events": [_event(story, row) for row in reversed(story.events)],
        "document": story.signed[-1] if story.signed else None,
        "links": public_links(credential),
        "renewal": next(
            (row.renewal for row in reversed(story.events) if hasattr(row, "renewal")), None
        ),
        "changes": _changes(credential, request, at),
    }
    return render(request, "credentials/registrar/dossier.html", context)


def _asked(request: PersonRequest, credential: Credential, at: datetime) -> dict[str, Any]:
    """The answer to "what was it on that day"; an unreadable or coming day is said, not refused."""
    text = request.GET.get("on", "").strip()[:20]
    if not text:
        return {}
    try:
        on = date.fromisoformat(text)
        standing = services.standing_of(credential, at=at, on=on)
    except Invalid as refusal:
        return {"text": text, "error": refusal.sentence}
    except ValueError:
        return {"text": text, "error": _("Enter a day as year-month-day, for example 2026-02-20.")}
    return {"text": text, "on": on, "standing": standing, "word": STATUS_WORDS[standing.status]}


def _drawing(story: services.Story, standing: validity.Standing, at: datetime) -> timeline.Drawing:
    zone = ZoneInfo(story.credential.statement["zone"])

    def day(moment: datetime) -> date:
        return moment.astimezone(zone).date()

    stretches = [
        timeline.Stretch(
            span.status.value,
            str(STATUS_WORDS[span.status]),
            day(span.since),
            day(span.until) if span.until else None,
        )
        for span in services.history_of(story.credential, at=at)
    ]
    held = []
    for row in story.standings:
        spans = [
            (day(fact.at), fact.valid_until)
            for fact in story.evidence
            if fact.requirement_id == row.requirement.pk and fact.counts and fact.valid_until
        ]
        if spans:
            held.append(timeline.Held(_short(row.requirement.short_title), spans))
    happened = [
        (day(row.effective_at), _said(row))
        for row in story.events
        if row.kind in StatusEvent.MAKES_DOCUMENT
    ]
    return timeline.draw(stretches, held, happened, today=day(at), valid_until=standing.valid_until)


def _said(row: StatusEvent) -> str:
    word = row.get_kind_display().lower()
    signed = getattr(row, "signed_document", None)
    if signed is None:
        return word
    return _("%(event)s, document %(version)s") % {"event": word, "version": signed.version}


def _short(title: str) -> str:
    """The part of a requirement's title that fits beside a line."""
    return title if len(title) <= 24 else title[:22].rsplit(" ", 1)[0] + " …"


def _requirements(story: services.Story) -> list[dict[str, Any]]:
    rows = []
    for standing in story.standings:
        facts = [row for row in story.evidence if row.requirement_id == standing.requirement.pk]
        documents = {row.uuid: row for row in story.documents}
        fact = next((row for row in reversed(facts) if row.counts), None)
        document = documents.get(fact.reference) if fact else None
        review = next(iter(reversed(document.reviews.all())), None) if document else None
        rows.append(
            {
                "requirement": standing.requirement,
                "finding": standing.finding,
                "fact": fact,
                "document": document,
                "review": review,
                "url": _source_url(fact) if fact and not document else None,
            }
        )
    return rows


def _source_url(fact: Any) -> str | None:
    """Where the source of a fact is shown, if an app above gave such pages the name `source-<source>`."""
    try:
        return reverse(f"source-{fact.source}", args=[fact.reference])
    except NoReverseMatch:
        return None


def _event(story: services.Story, row: StatusEvent) -> dict[str, Any]:
    return {
        "row": row,
        "holds": row.pk not in story.broken[StatusEvent],
        "document": getattr(row, "signed_document", None),
    }


def _changes(credential: Credential, request: PersonRequest, at: datetime) -> list[tuple[str, str]]:
    """The changes this registrar may make now: (path part, label)."""
    labels = {
        "suspend": _("Suspend"),
        "reinstate": _("Reinstate"),
        "revoke": _("Revoke"),
        "renew": _("Renew"),
    }
    possible = []
    for change, kind in CHANGES.items():
        try:
            services.require_change_allowed(
                credential=credential, kind=kind, by=request.user, at=at
            )
        except Refusal:
            continue
        possible.append((change, labels[change]))
    return possible


@role_required(Role.REGISTRAR)
@never_cache
@require_GET
def dossier_export(request: PersonRequest, public_id: UUID) -> HttpResponse:
    """The dossier as one JSON file that can be checked without us."""
    credential = _credential(request, public_id)
    content = services.export_dossier(credential=credential, by=request.user, at=timezone.now())
    response = HttpResponse(
        json.dumps(content, ensure_ascii=False, indent=2), content_type="application/json"
    )
    response["Content-Disposition"] = f'attachment; filename="dossier-{credential.number}.json"'
    response["X-Content-Type-Options"] = "nosniff"
    return response


# Changing its status


@role_required(Role.REGISTRAR)
@never_cache
@require_http_methods(["GET", "POST"])
def credential_change(request: PersonRequest, public_id: UUID, change: str) -> HttpResponse:
    """Suspend, reinstate, revoke or renew: a reason, a private note, what the public will see, and a confirmation."""
    if change not in CHANGES:
        raise Http404
    credential, kind, at = _credential(request, public_id), CHANGES[change], timezone.now()
    reasons = Reason.objects.filter(
        credential_type=credential.credential_type_id, purpose=services.PURPOSE_OF[kind]
    )
    form = ChangeForm(*posted(request), reasons=list(reasons.order_by("pk")), kind=kind)
    try:
        if request.method == "POST" and form.is_valid():
            given = {
                name: value for name, value in form.cleaned_data.items() if name != "confirmed"
            }
            VERBS[change](credential=credential, by=request.user, at=at, **given)
            messages.success(request, DONE[change] % {"number": credential.number})
            return redirect("credential-dossier", public_id=public_id)
        services.require_change_allowed(credential=credential, kind=kind, by=request.user, at=at)
    except Refusal as refusal:
        if not refusal.fields:
            return refused(request, refusal)
        add_refusal(form, refusal)
    after = _standing_after(credential, kind, at)
    context = {
        **desk_context(),
        "credential": credential,
        "change": change,
        "form": form,
        "standing": services.standing_of(credential, at=at),
        "word": STATUS_WORDS[services.standing_of(credential, at=at).status],
        "after": after,
        "after_word": STATUS_WORDS[after.status],
    }
    return render(
        request, "credentials/registrar/change.html", context, status=400 if form.errors else 200
    )


def _standing_after(
    credential: Credential, kind: StatusEvent.Kind, at: datetime
) -> validity.Standing:
    """What anybody who checks the credential is told from the moment of the change."""
    events = services.events_of(credential)
    last = None
    if kind == StatusEvent.Kind.RENEWED:
        last = services.renewed_until(credential)
    coming = validity.Event(len(events) + 1, kind.value, at, last)
    return validity.standing([*events, coming], at, credential.statement["zone"])
