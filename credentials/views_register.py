"""The register as registrars see it: search, a credential's whole story, and the changes of its status."""

import json
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.models import Role
from accounts.services import Invalid
from accounts.web import role_required
from credentials import desk_search, services, timeline, validity
from credentials.change_pages import PAGES
from credentials.desk import desk_context
from credentials.links import public_links
from credentials.models import Case, Credential, StatusEvent
from credentials.renewal_words import DESK_WORDS, TURN_WORDS
from credentials.signed_in import PersonRequest
from credentials.views_changes import seen_credential
from credentials.words import SOURCE_WORDS, STATE_WORDS, STATUS_WORDS

# The list


@role_required(Role.REGISTRAR)
@never_cache
@require_safe
def register(request: PersonRequest) -> HttpResponse:
    """Every credential by name, found by number, name or e-mail address, of one status or of all."""
    typed = request.GET.get("q", "").replace("\0", "").strip()[:100]
    status = request.GET.get("status", "")
    status = status if status in set(validity.Status) else ""
    after = request.GET.get("after", "").replace("\0", "")[:40]
    found = desk_search.look_up(
        by=request.user, typed=typed, status=status, after=after, at=timezone.now()
    )
    asked = {name: value for name, value in (("q", typed), ("status", status)) if value}
    context = {
        **desk_context(),
        "rows": found.rows,
        "near": found.near,
        "q": typed,
        "status": status,
        "statuses": [(value.value, word) for value, word in STATUS_WORDS.items()],
        "next": "?" + urlencode({**asked, "after": found.after}) if found.after else None,
        "first": "?" + urlencode(asked) if after else None,
    }
    return render(request, "credentials/registrar/register.html", context)


# One credential


@role_required(Role.REGISTRAR)
@never_cache
@require_safe
def credential_dossier(request: PersonRequest, public_id: UUID) -> HttpResponse:
    """A credential's whole story on one page; `?on=` asks for its status on a day."""
    credential = seen_credential(request, public_id)
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
            {
                "row": row,
                "source": SOURCE_WORDS[row.source],
                "url": _source_url(row),
                "account": story.accounts.get(row.reference),
            }
            for row in story.evidence
            if row.source in SOURCE_WORDS
        ],
        "events": [_event(story, row) for row in reversed(story.events)],
        "document": story.signed[-1] if story.signed else None,
        "links": public_links(credential),
        "renewal": next(
            (row.renewal for row in reversed(story.events) if hasattr(row, "renewal")), None
        ),
        "renewals": _renewals(story, standing),
        **_cases(request, story),
        "changes": _changes(credential, request, at),
        "coming": services.still_to_come(credential, at=at),
        "proposal": services.open_proposal(credential),
        "coverage": services.coverage_of(credential, at=at),
    }
    return render(request, "credentials/registrar/dossier.html", context)


def _cases(request: PersonRequest, story: services.Story) -> dict[str, Any]:
    """Its cases; an appeal that is read by number stands here without its number, which would say whose it is."""
    rows = Case.objects.visible_to(request.user).filter(
        Q(application=story.application)
        | Q(linked_credential__application=story.application)
        | Q(linked_person=story.application.applicant_id, linked_credential=None)
    )
    seen = [services.see_case(row, request.user) for row in rows.for_reading()]
    return {
        "cases": [row.case for row in seen if row.named],
        "by_number": sum(not row.named for row in seen),
    }


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
    return timeline.draw(
        stretches,
        held,
        happened,
        today=day(at),
        valid_until=standing.valid_until,
        days=timeline.Days(
            lambda said: date_format(said, "j F Y"), lambda said: date_format(said, "j M Y")
        ),
    )


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
                "state_word": STATE_WORDS[standing.finding.state],
                "fact": fact,
                "document": document,
                "review": review,
                "url": _fact_url(story, fact) if fact and not document else None,
            }
        )
    return rows


def _fact_url(story: services.Story, fact: Any) -> str | None:
    """Where the source of a requirement's evidence is shown: an exception, or a page of an app above."""
    if fact.source == "exception":
        return reverse("exemption", args=[fact.reference])
    return _source_url(fact)


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


def _renewals(story: services.Story, standing: validity.Standing) -> list[dict[str, Any]]:
    """What the holder sent to renew it, the newest first."""
    rows = []
    for row in reversed(story.renewals):
        row.credential = story.credential
        turn = services.turn_of(row, standing)
        shape, word = DESK_WORDS.get(turn, TURN_WORDS[turn])
        rows.append(
            {"renewal": row, "shape": shape, "word": word, "count": len(row.learning.all())}
        )
    return rows


def _changes(credential: Credential, request: PersonRequest, at: datetime) -> list[dict[str, Any]]:
    """The changes this registrar may make now, those that cannot be taken back last."""
    kinds = services.possible_changes(credential=credential, by=request.user, at=at)
    possible = [{"slug": slug, "page": page} for slug, page in PAGES.items() if page.kind in kinds]
    return sorted(possible, key=lambda row: row["page"].grave)


@role_required(Role.REGISTRAR)
@never_cache
@require_safe
def dossier_export(request: PersonRequest, public_id: UUID) -> HttpResponse:
    """The dossier as one JSON file that can be checked without us."""
    credential = seen_credential(request, public_id)
    content = services.export_dossier(credential=credential, by=request.user, at=timezone.now())
    response = HttpResponse(
        json.dumps(content, ensure_ascii=False, indent=2), content_type="application/json"
    )
    response["Content-Disposition"] = f'attachment; filename="dossier-{credential.number}.json"'
    response["X-Content-Type-Options"] = "nosniff"
    return response
