"""Checking what somebody holds in hand: a document pasted or uploaded, a list of numbers, and the badge on a holder's own site.

Like the other public pages these set no cookie and carry no token. What is presented is compared and forgotten: nothing of it is kept.
"""

import re
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from accounts.services import Invalid, Missing
from credentials import (
    batches,
    checked_words,
    comparing,
    limits,
    numbers,
    presented,
    public_words,
    receipts,
    verification,
    views_public,
    views_receipts,
)
from credentials.views_documents import open_to_all

# A form with its file, and room for the boundaries between its parts.
LARGEST_BODY = presented.LARGEST_FILE + 64 * 1024


# A document


@csrf_exempt  # It changes nothing of anybody's; a token would keep the page out of the page cache.
@require_http_methods(["GET", "HEAD", "POST"])
def verify(request: HttpRequest) -> HttpResponse:
    """The forms; the answer about `?number=`; by POST, what a document that was pasted or uploaded is."""
    if request.method == "POST":
        return check_document(request)
    typed = request.GET.get("number", "").strip()
    if (numbers.normalise(typed) or "").startswith(f"{receipts.PREFIX}-"):
        return views_receipts.find_receipt(request)
    if typed:
        return views_public.verify_number(request, typed)
    asked = "number" in request.GET
    return render(request, "credentials/public/verify.html", {"typed": "", "missing": asked})


def check_document(request: HttpRequest) -> HttpResponse:
    try:
        limits.require_below(limits.Checks, request)
        content = what_was_given(request)
        given = presented.read(content)
    except limits.TooMany as refusal:
        return views_public.too_many(request, refusal)
    except presented.Unreadable as problem:
        context = {
            "typed": "",
            "unreadable": checked_words.UNREADABLE[problem.code],
            "pasted": _pasted(request, problem),
        }
        return render(request, "credentials/public/verify.html", context, status=400)
    found = comparing.compare(given)
    return _never_kept(render(request, "credentials/public/checked.html", _checked(found)))


def _pasted(request: HttpRequest, problem: presented.Unreadable) -> str:
    """The text that could not be read, to be looked at again; empty where a file was given, or more than a form should carry."""
    if problem.code in ("empty", "too_large") or "file" in request.FILES:
        return ""
    return request.POST.get("document", "")


def what_was_given(request: HttpRequest) -> bytes:
    """The bytes of the file `file`, else of the text `document`. Raises Unreadable for what is too large, before it is read."""
    if int(request.headers.get("Content-Length") or 0) > LARGEST_BODY:
        raise presented.Unreadable("too_large")
    try:
        file = request.FILES.get("file")
        if file:
            if (file.size or 0) > presented.LARGEST_FILE:
                raise presented.Unreadable("too_large")
            return bytes(file.read())
        return request.POST.get("document", "").encode(errors="surrogatepass")
    except RequestDataTooBig:
        raise presented.Unreadable("too_large") from None


def _checked(found: comparing.Comparison) -> dict[str, Any]:
    credential = found.credential
    answer = verification.answer_about(credential, at=timezone.now()) if credential else None
    context: dict[str, Any] = {
        "found": found,
        "answer": answer,
        "headline": checked_words.headline(found, answer),
        "mark": checked_words.mark(found, answer),
        "meaning": checked_words.meaning(found, answer),
        "checks": checked_words.checks(found),
        "differing": [
            row | {"issued": _spaced(row["issued"]), "presented": _spaced(row["presented"])}
            for row in checked_words.differing(found)
        ],
        "more": max(len(found.differences) - checked_words.MOST_DIFFERENCES, 0),
    }
    if answer and credential:
        label, last_day = public_words.valid_until(answer)
        context |= {
            "credential": credential,
            "statement": credential.statement,
            "word": public_words.word(answer.standing),
            "since": public_words.since(answer.standing, answer.zone),
            "until_label": label,
            "until": last_day,
            "asked_at": public_words.moment(answer.at, answer.zone),
        }
    return context


def _spaced(text: str) -> str:
    """An instant with blanks between day, time and offset, so that two are compared at a glance."""
    parts = re.fullmatch(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(Z|[+-]\d\d:\d\d)", text, re.ASCII)
    return " ".join(parts.groups()) if parts else text


def _never_kept(response: HttpResponse) -> HttpResponse:
    patch_cache_control(response, no_store=True)
    response["X-Robots-Tag"] = "noindex"
    return response


# Many numbers


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def verify_many(request: HttpRequest) -> HttpResponse:
    """The answers to a list of numbers, pasted or as a CSV file: as a page, or as CSV."""
    empty = {"most": batches.MOST, "typed": ""}
    if request.method != "POST":
        return render(request, "credentials/public/many.html", empty)
    try:
        limits.require_below(limits.Batches, request)
        rows = batches.read(_list_given(request))
        answered = batches.answer(rows, at=timezone.now(), on=_day(request.POST))
    except limits.TooMany as refusal:
        return views_public.too_many(request, refusal)
    except (Invalid, presented.Unreadable) as problem:
        said = problem.sentence if isinstance(problem, Invalid) else batches.TOO_LARGE
        typed = request.POST.get("numbers", "")[:20_000] if isinstance(problem, Invalid) else ""
        context = {**empty, "error": said, "typed": typed, "of_file": "file" in request.FILES}
        return render(request, "credentials/public/many.html", context, status=400)
    if request.POST.get("as") == "csv":
        return _never_kept(_csv(answered))
    context = {
        "answered": answered,
        "again": batches.as_csv_of(rows),
        "on": request.POST.get("on", ""),
        "rows": [_row(each) for each in answered.rows],
    }
    return _never_kept(render(request, "credentials/public/many_answered.html", context))


def _list_given(request: HttpRequest) -> str:
    if int(request.headers.get("Content-Length") or 0) > batches.LARGEST * 4:
        raise presented.Unreadable("too_large")
    try:
        file = request.FILES.get("file")
        if file and (file.size or 0) > batches.LARGEST:
            raise presented.Unreadable("too_large")
        return batches.decoded(bytes(file.read())) if file else request.POST.get("numbers", "")
    except RequestDataTooBig:
        raise presented.Unreadable("too_large") from None


def _day(query: QueryDict) -> Any:
    return views_public.asked_day(query)


def _row(each: batches.Answered) -> dict[str, Any]:
    answer = each.answer
    if answer is None:
        return {"each": each, "word": each.said}
    return {
        "each": each,
        "answer": answer,
        "word": public_words.word(answer.standing),
        "since": public_words.since(answer.standing, answer.zone),
        "until": public_words.valid_until(answer)[1],
    }


def _csv(answered: batches.Batch) -> HttpResponse:
    response = HttpResponse(batches.as_csv(answered), content_type="text/csv; charset=utf-8")
    name = f"checked-{answered.at:%Y-%m-%d-%H%M}.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


# The badge on a holder's site


@open_to_all
def live_badge(request: HttpRequest, number: str) -> HttpResponse:
    """Today's status as a small picture: an SVG for an <img> on somebody else's site. It sets no cookie and asks for none."""
    try:
        answer = verification.answer(number, at=timezone.now())
    except Missing:
        answer = None
    context: dict[str, Any] = {"mark": "over", "said": _("Not in the register")}
    if answer:
        standing = answer.standing
        context = {
            "mark": public_words.mark(standing),
            "said": _("Valid today") if standing.valid else _("Not valid today"),
            "word": public_words.word(standing),
            "number": answer.credential.number,
            "title": answer.credential.statement["title"],
            "day": public_words.short_day(answer.at, answer.zone),
        }
    body = render(request, "credentials/public/badge.svg", context).content
    response = HttpResponse(body, content_type="image/svg+xml", status=200 if answer else 404)
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    # It is a picture: opened by itself it runs and loads nothing.
    response["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    patch_cache_control(response, public=True, max_age=views_public.MAX_AGE_SECONDS)
    return response
