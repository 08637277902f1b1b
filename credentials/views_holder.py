"""Pages of a holder: what they hold, the certificate, what to share, and whether the public register lists them."""

from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.services import Conflict, Refusal
from accounts.web import refused, role_required
from credentials import services, validity
from credentials.links import linkedin_link, public_links
from credentials.models import Application, Credential, Requirement, SignedDocument, StatusEvent
from credentials.renewal_words import renewal_said
from credentials.signed_in import PersonRequest
from credentials.words import STATUS_WORDS, standing_words

SHARED = {
    "scores": gettext_lazy(
        "Your signed credential will say which examinations you passed, and your scores."
    ),
    "yes": gettext_lazy("Your signed credential will say which examinations you passed."),
    "no": gettext_lazy("Your signed credential will no longer say which examinations you passed."),
}


@role_required()
@never_cache
@require_safe
def record(request: PersonRequest) -> HttpResponse:
    """Everything one holds; and the way to an application, where there is none."""
    at = timezone.now()
    rows = (
        Credential.objects.visible_to(request.user)
        .filter(holder=request.user)
        .select_related("credential_type")
        .prefetch_related("events")
    )
    held = [
        {
            "credential": row,
            "standing": (standing := services.standing_of(row, at=at)),
            "word": STATUS_WORDS[standing.status],
            "ended": _ended(row, standing),
        }
        for row in rows
    ]
    context = {
        "held": held,
        "application": Application.objects.filter(applicant=request.user, closed_at=None)
        .select_related("credential_type")
        .first(),
        "types": [] if held else services.open_types(),
    }
    return render(request, "credentials/holder/record.html", context)


@role_required()
@never_cache
@require_http_methods(["GET", "POST"])
def credential_record(request: PersonRequest, public_id: UUID) -> HttpResponse:
    """One credential of one's own. POST sets a consent, `listed` or `shared`, or gives it back: `give_back`."""
    rows = Credential.objects.visible_to(request.user).filter(holder=request.user)
    credential = get_object_or_404(
        rows.select_related("credential_type").prefetch_related("events"), public_id=public_id
    )
    at = timezone.now()
    if request.POST.get("give_back") == "yes":
        return _give_back(request, credential, at)
    if request.method == "POST":
        return _consent(request, credential, at)
    standing = services.standing_of(credential, at=at)
    links = public_links(credential)
    context: dict[str, Any] = {
        "credential": credential,
        "standing": standing,
        "word": STATUS_WORDS[standing.status],
        "words": standing_words(credential, standing),
        "ended": _ended(credential, standing),
        "appealable": _appealable(credential, standing, at),
        "run_out": _run_out(credential, standing, at),
        "may_give_back": "surrendered" in validity.MAY_FOLLOW.get(standing.status, ()),
        "prepared": is_prepared(credential),
        "links": links,
        "linkedin": linkedin_link(credential, standing) if standing.valid else "",
        "scores": _scores(credential),
        "endings": services.ends_before(credential, at=at),
        "renewal": renewal_said(credential, standing, at=at),
        "renewable": services.rules_of(credential).asks_something
        and standing.status not in validity.FINAL,
        "spans": [
            {"span": span, "word": STATUS_WORDS[span.status]}
            for span in reversed(services.history_of(credential, at=at))
        ],
    }
    return render(request, "credentials/holder/credential.html", context)


def _ended(credential: Credential, standing: validity.Standing) -> date | None:
    """The day on which it ended for good; None while it has not, and where it only ran out."""
    if standing.status not in validity.FINAL or standing.since is None:
        return None
    return standing.since.astimezone(ZoneInfo(credential.statement["zone"])).date()


def _appealable(
    credential: Credential, standing: validity.Standing, at: datetime
) -> services.Decided | None:
    """The newest decision on this credential that its holder may still appeal against, where one keeps it from being valid."""
    if standing.status not in (validity.Status.SUSPENDED, validity.Status.REVOKED):
        return None
    found = services.open_to_appeal(by=credential.holder, at=at)
    return next((row for row in found if row.credential == credential), None)


def _run_out(
    credential: Credential, standing: validity.Standing, at: datetime
) -> list[services.Milestone]:
    """What a suspended credential is missing by now, and where its holder sends it."""
    if standing.status is not validity.Status.SUSPENDED:
        return []
    return [row for row in services.ground(credential, at=at) if row.acts]


def _scores(credential: Credential) -> list[dict[str, Any]]:
    """The examinations whose scores the holder may have put in the document: the title, and the place on the scale."""
    found = services.scores_of(credential)
    rows = Requirement.objects.filter(pk__in=found).order_by("position") if found else []
    return [{"title": row.short_title, "score": found[row.pk]} for row in rows]


def _give_back(request: PersonRequest, credential: Credential, at: datetime) -> HttpResponse:
    try:
        services.surrender(credential=credential, by=request.user, at=at)
    except Refusal as refusal:
        return refused(request, refusal)
    messages.success(request, _("You have given it back. The register says so from now on."))
    return redirect("credential-record", public_id=credential.public_id)


def _consent(request: PersonRequest, credential: Credential, at: datetime) -> HttpResponse:
    """What the holder agrees to, or no longer agrees to: to be listed by name, or to share which examinations were passed, and the scores."""
    if "shared" in request.POST:
        wanted = request.POST["shared"]
        try:
            services.share_results(
                credential=credential,
                shared=wanted in ("yes", "scores"),
                scores=wanted == "scores",
                by=request.user,
                at=at,
            )
        except Conflict as refusal:
            return refused(request, refusal)
        said = str(SHARED.get(wanted, SHARED["no"]))
    else:
        listed = request.POST.get("listed") == "yes"
        services.list_publicly(credential=credential, listed=listed, by=request.user, at=at)
        said = (
            _("The public register lists you by name.")
            if listed
            else _("The public register no longer lists you by name.")
        )
    messages.success(request, said)
    return redirect("credential-record", public_id=credential.public_id)


def is_prepared(credential: Credential) -> bool:
    """Whether the newest document is signed and its certificate rendered."""
    due = [row for row in credential.events.all() if row.kind in StatusEvent.MAKES_DOCUMENT]
    return (
        bool(due) and SignedDocument.objects.filter(event=due[-1], rendering__isnull=False).exists()
    )
