"""Pages anybody may open: the register's answer, the certificate, the achievement, receipts and the search by name.

They set no cookie and carry no CSRF token, so that the full-page cache can answer for them.
"""

import re
from datetime import date
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe
from rest_framework.exceptions import NotFound
from rest_framework.request import Request

from accounts.services import Invalid, Missing
from accounts.web import Results
from credentials import limits, numbers, public_words, receipts, services, verification
from credentials.models import Credential, CredentialType, Receipt, Requirement, SignedDocument
from credentials.validity import FINAL, Standing
from credentials.words import STATUS_WORDS

MAX_AGE_SECONDS = 60
SHORTEST_SEARCH = 3


# The answer


@require_safe
def verify(request: HttpRequest) -> HttpResponse:
    """The form, and the answer to it: `?number=`."""
    typed = request.GET.get("number", "").strip()
    if not typed:
        asked = "number" in request.GET
        return render(request, "credentials/public/verify.html", {"typed": "", "missing": asked})
    return verify_number(request, typed)


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
        "mark": _mark(answer.standing),
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


def _mark(standing: Standing) -> str:
    """Which mark stands beside the answer: a tick, a half disc, a crossed disc."""
    if standing.valid:
        return "yes"
    return "over" if standing.status in FINAL else "no"


def unknown(request: HttpRequest, typed: str) -> HttpResponse:
    """404 in plain words, with the form: the number cannot be one, or nobody has it."""
    possible = numbers.normalise(typed)
    context = {"typed": typed.replace("\0", "")[:60], "possible": possible}
    return render(request, "credentials/public/unknown.html", context, status=404)


# Receipts


@csrf_exempt  # It changes nothing of anybody's, and a token would keep the answer out of the page cache.
@require_POST
def keep_receipt(request: HttpRequest, number: str) -> HttpResponse:
    """Write down the answer of this moment and show it."""
    at = timezone.now()
    try:
        limits.require_below(limits.Receipts, request)
        answer = verification.answer(number, at=at, on=asked_day(request.POST))
    except limits.TooMany as refusal:
        return too_many(request, refusal)
    except Missing:
        return unknown(request, number)
    except Invalid:
        return redirect("verify-number", number)
    return redirect("receipt", receipts.keep(answer, at=at).uuid)


@require_safe
def receipt(request: HttpRequest, name: str) -> HttpResponse:
    """A receipt as it was given, for the personnel file; with `.json` for programs."""
    identifier, _dot, suffix = name.partition(".")
    wanted = _uuid(identifier)
    kept = Receipt.objects.filter(uuid=wanted).first() if wanted else None
    if kept is None or suffix not in ("", "json"):
        raise Http404
    content = {
        "receipt": str(kept.uuid),
        "checked_at": kept.checked_at.isoformat(),
        "asked_on": kept.asked_on and kept.asked_on.isoformat(),
        "answer": kept.answer,
    }
    reference, digest = receipts.reference(kept), receipts.digest(kept)
    if suffix:
        response: HttpResponse = JsonResponse(content | {"reference": reference, "sha256": digest})
        response["Content-Disposition"] = f'attachment; filename="{reference}.json"'
        return response
    context = {"receipt": kept, "said": kept.answer, "reference": reference, "digest": digest}
    context |= _receipt_words(kept)
    return render(request, "credentials/public/receipt.html", context)


def _receipt_words(kept: Receipt) -> dict[str, Any]:
    said = kept.answer
    word = STATUS_WORDS[said["status"]] if said["status"] != "pending" else _("Not yet granted")
    valid = _("Valid") if said["valid"] else _("Not valid")
    return {
        "answer": f"{valid}, {str(word).lower()}",
        "granted": date.fromisoformat(said["granted_on"]),
        "until": said["valid_until"] and date.fromisoformat(said["valid_until"]),
    }


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text) if len(text) == 36 else None
    except ValueError:
        return None


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
        "mark": _mark(answer.standing),
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
    """What an edition certifies and how it is earned."""
    context = {
        "kind": kind,
        "requirements": kind.requirements.filter(phase=Requirement.Phase.AWARD),
        "renewals": kind.requirements.filter(phase=Requirement.Phase.RENEWAL),
    }
    return render(request, "credentials/public/achievement.html", context)


# The register


class RegisterPages(Results):
    page_size = max_page_size = 20
    page_size_query_param = ""
    ordering = ("name_key", "pk")  # type: ignore[assignment]


@require_safe
def register(request: HttpRequest) -> HttpResponse:
    """Search those who agreed to be listed, by number or by the beginning of a name. Without a search nobody is shown."""
    typed = request.GET.get("q", "").replace("\0", "").strip()[:80]
    context: dict[str, Any] = {"typed": typed, "searched": False}
    if not typed:
        return render(request, "credentials/public/register.html", context)
    try:
        limits.require_below(limits.Searches, request)
    except limits.TooMany as refusal:
        return too_many(request, refusal)
    wanted = services.fold(typed)
    if not numbers.normalise(typed) and len(wanted.replace(" ", "")) < SHORTEST_SEARCH:
        return render(
            request, "credentials/public/register.html", context | {"too_short": True}, status=400
        )
    pages = RegisterPages()
    found: list[Credential] | None
    try:
        found = pages.paginate_queryset(_listed(typed), Request(request))
    except NotFound:
        raise Http404 from None
    at = timezone.now()
    context |= {
        "searched": True,
        "found": [
            _entry(credential, services.standing_of(credential, at=at))
            for credential in found or []
        ],
        "next": pages.get_next_link(),
        "previous": pages.get_previous_link(),
    }
    response = render(request, "credentials/public/register.html", context)
    response["X-Robots-Tag"] = "noindex"
    return response


def _listed(typed: str) -> Any:
    found = Credential.objects.listed().prefetch_related("events")
    if number := numbers.normalise(typed):
        return found.filter(number=number)
    return found.named_like(services.fold(typed))


def _entry(credential: Credential, standing: Standing) -> dict[str, Any]:
    return {"credential": credential, "standing": standing, "word": public_words.word(standing)}


def too_many(request: HttpRequest, refusal: limits.TooMany) -> HttpResponse:
    response = render(
        request, "credentials/public/too_many.html", {"refusal": refusal}, status=refusal.status
    )
    response["Retry-After"] = "60"
    return response
