"""Pages anybody may open: the register's answer, the certificate, the achievement, receipts and the search by name.

They set no cookie and carry no CSRF token, so that the full-page cache can answer for them.
"""

import re
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.services import Invalid, Missing
from credentials import (
    limits,
    numbers,
    public_words,
    register_search,
    renewal_words,
    scheme_words,
    services,
    verification,
)
from credentials.models import (
    Credential,
    CredentialType,
    EditionEvent,
    Reason,
    Requirement,
    SignedDocument,
)

MAX_AGE_SECONDS = 60


# The answer


@require_safe
def verify_number(request: HttpRequest, number: str) -> HttpResponse:
    """The register's answer about one number, for today, for `?on=YYYY-MM-DD` or for `?day=&month=&year=`. However it was typed: no redirect."""
    at = timezone.now()
    try:
        credential = verification.find(number)
    except Missing:
        return unknown(request, number)
    error = ""
    try:
        given = verification.answer_about(credential, at=at, on=asked_day(request.GET))
    except Invalid as refusal:
        given, error = verification.answer_about(credential, at=at), refusal.sentence
    response = render(
        request,
        "credentials/public/answer.html",
        _answer(given, request.GET, error),
        status=400 if error else 200,
    )
    patch_cache_control(response, public=True, max_age=MAX_AGE_SECONDS)
    return response


def asked_day(query: QueryDict) -> date | None:
    """The day asked about, from `on` or from `day`, `month` and `year`; None when neither is given. Raises Invalid."""
    parts = [query.get(name, "").strip() for name in ("year", "month", "day")]
    typed = query.get("on", "").strip() or ("-".join(parts) if any(parts) else "")
    if not typed:
        return None
    try:
        if re.fullmatch(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}", typed):
            return date(*map(int, typed.split("-")))
    except ValueError:
        pass
    sentence = _("That is not a day. Enter day, month and year in numbers, for example 20 10 2026.")
    raise Invalid("not_a_day", sentence, fields={"on": [sentence]})


def _answer(answer: verification.Answer, query: QueryDict, error: str) -> dict[str, Any]:
    asked = answer.on or answer.at.astimezone(answer.zone).date()
    label, last_day = public_words.valid_until(answer)
    typed = {"day": asked.day, "month": asked.month, "year": asked.year}
    return {
        "answer": answer,
        "credential": answer.credential,
        "statement": answer.credential.statement,
        "headline": public_words.headline(answer),
        "mark": public_words.mark(answer.standing),
        "word": public_words.word(answer.standing),
        "since": public_words.since(answer.standing, answer.zone),
        "today_word": public_words.word(answer.today),
        "today_since": public_words.since(answer.today, answer.zone),
        "asked_at": public_words.moment(answer.at, answer.zone),
        "until_label": label,
        "until": last_day,
        "meaning": public_words.meaning(answer),
        "lines": [
            ("wide", public_words.line(answer, 672)),
            ("narrow", public_words.line(answer, 340)),
        ]
        if answer.history
        else [],
        "spoken": public_words.spoken(answer),
        "rows": public_words.rows(answer),
        "typed": {name: query.get(name, typed[name]) for name in typed} if error else typed,
        "error": error,
    }


def unknown(request: HttpRequest, typed: str) -> HttpResponse:
    """404 in plain words, with the form: the number cannot be one, or nobody has it."""
    possible = numbers.normalise(typed)
    typed = typed.replace("\0", "").strip()[:60]
    named = any(map(str.isalpha, typed)) and not any(map(str.isdigit, typed))
    context = {
        "typed": typed,
        "possible": possible,
        "name": typed if named else "",
        "foreign": numbers.foreign_letter(typed),
    }
    return render(request, "credentials/public/unknown.html", context, status=404)


# The certificate and what it certifies


def certificate_page(
    request: HttpRequest, credential: Credential, document: SignedDocument | None, newest: int
) -> HttpResponse:
    """The certificate of a version as a page, under the answer of today."""
    answer = verification.answer_about(credential, at=timezone.now())
    context = {
        "answer": answer,
        "credential": credential,
        "statement": credential.statement,
        "headline": public_words.headline(answer),
        "mark": public_words.mark(answer.standing),
        "word": public_words.word(answer.standing),
        "since": public_words.since(answer.standing, answer.zone),
        "document": document,
        "rendered": document is not None and hasattr(document, "rendering"),
        "older": document is not None and document.version < newest,
        "until": document and document.valid_until.astimezone(answer.zone).date(),
    }
    response = render(request, "credentials/public/certificate.html", context)
    patch_cache_control(response, public=True, max_age=MAX_AGE_SECONDS)
    return response


def achievement_page(request: HttpRequest, kind: CredentialType) -> HttpResponse:
    """What an edition says, all of it, and what it says otherwise than the one before it."""
    earlier = services.previous_of(kind)
    editions = services.editions_of(code=kind.code)
    context = {
        "kind": kind,
        "editions": editions if len(editions) > 1 else [],
        "in_force": next(
            (row for row in editions if row != kind and row.state == CredentialType.State.OPEN),
            None,
        ),
        "requirements": kind.requirements.filter(phase=Requirement.Phase.AWARD),
        "renewal": renewal_words.asks(kind),
        "renewals": kind.requirements.filter(phase=Requirement.Phase.RENEWAL),
        "opened": kind.events.filter(kind=EditionEvent.Kind.OPENED).first(),
        "closed": kind.events.filter(kind=EditionEvent.Kind.CLOSED).first(),
        "suspensions": kind.reasons.filter(purpose=Reason.Purpose.SUSPEND).order_by("pk"),
        "revocations": kind.reasons.filter(purpose=Reason.Purpose.REVOKE).order_by("pk"),
        "earlier": earlier,
        "changes": scheme_words.told(services.changes_since(credential_type=kind, earlier=earlier))
        if earlier
        else [],
    }
    return render(request, "credentials/public/achievement.html", context)


# The register


@require_safe
def register(request: HttpRequest) -> HttpResponse:
    """Search those who agreed to be listed, by number or by the beginning of a name. Without a search nobody is shown."""
    typed = request.GET.get("q", "").replace("\0", "").strip()[:80]
    context: dict[str, Any] = {"typed": typed, "searched": False}
    if not typed:
        return render(request, "credentials/public/register.html", context)
    try:
        page = register_search.look_up(request, at=timezone.now())
    except limits.TooMany as refusal:
        return too_many(request, refusal)
    except Invalid:
        context |= {"too_short": True}
        return render(request, "credentials/public/register.html", context, status=400)
    context |= {
        "searched": True,
        "page": page,
        "found": page.rows,
        "next": _page_link(typed, page.next),
        "previous": _page_link(typed, page.previous),
    }
    response = render(request, "credentials/public/register.html", context)
    response["X-Robots-Tag"] = "noindex"
    return response


def _page_link(typed: str, number: int | None) -> str | None:
    query = urlencode({"q": typed, "page": number})
    return f"{reverse('register')}?{query}" if number else None


def too_many(request: HttpRequest, refusal: limits.TooMany) -> HttpResponse:
    response = render(
        request, "credentials/public/too_many.html", {"refusal": refusal}, status=refusal.status
    )
    response["Retry-After"] = "60"
    return response
