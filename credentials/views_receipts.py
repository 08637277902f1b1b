"""Receipts of a check: kept, shown, printed as a PDF, and found again by their number."""

from datetime import date
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from accounts.services import Invalid, Missing
from credentials import certificate, limits, receipts, verification
from credentials.models import IssuedFile, Receipt
from credentials.views_public import asked_day, too_many, unknown
from credentials.words import STATUS_WORDS


@csrf_exempt  # It changes nothing of anybody's, and a token would keep the answer out of the page cache.
@require_POST
def keep_receipt(request: HttpRequest, number: str) -> HttpResponse:
    """Write down the answer of this moment and show it; `document` is the SHA-256 of the document that was compared, if one was."""
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
    presented = receipts.compared(answer, request.POST.get("document", ""))
    return redirect("receipt", receipts.keep(answer, at=at, presented=presented).uuid)


@require_safe
def find_receipt(request: HttpRequest) -> HttpResponse:
    """The form, and the receipt with `?number=`: to check a copy that somebody was given."""
    typed = request.GET.get("number", "").replace("\0", "").strip()[:60]
    if not typed:
        missing = "number" in request.GET
        return render(request, "credentials/public/receipts.html", {"missing": missing})
    try:
        limits.require_below(limits.Lookups, request)
    except limits.TooMany as refusal:
        return too_many(request, refusal)
    kept = receipts.find(typed)
    if kept:
        return redirect("receipt", kept.uuid)
    context = {"typed": typed, "nobodys": True}
    return render(request, "credentials/public/receipts.html", context, status=404)


@require_safe
def receipt(request: HttpRequest, name: str) -> HttpResponse:
    """A receipt as it was given, for the personnel file; `.pdf` to print or file, `.json` for programs."""
    identifier, _dot, suffix = name.partition(".")
    wanted = _uuid(identifier)
    kept = Receipt.objects.filter(uuid=wanted).first() if wanted else None
    if kept is None or suffix not in ("", "json", "pdf"):
        raise Http404
    digest = receipts.digest(kept)
    match suffix:
        case "pdf":
            return _pdf(request, kept, digest)
        case "json":
            said = receipts.content(kept) | {"reference": kept.reference, "sha256": digest}
            return _named(JsonResponse(said), f"{kept.reference}.json")
    context = {"receipt": kept, "said": kept.answer, "digest": digest, **words(kept)}
    return render(request, "credentials/public/receipt.html", context)


def words(kept: Receipt) -> dict[str, Any]:
    """What page and PDF say of a receipt."""
    said = kept.answer
    word = STATUS_WORDS[said["status"]] if said["status"] != "pending" else _("Not yet granted")
    valid = _("Valid") if said["valid"] else _("Not valid")
    return {
        "answer": f"{valid}, {str(word).lower()}",
        "granted": date.fromisoformat(said["granted_on"]),
        "until": said["valid_until"] and date.fromisoformat(said["valid_until"]),
        "compared": _compared(kept.presented) if kept.presented else "",
    }


def _compared(presented: dict[str, Any]) -> str:
    form = _("Signed credential, JSON")
    if presented["form"] != "json":
        form = str(IssuedFile.Form(presented["form"]).label)
    return _("%(form)s, version %(version)s: exactly what was issued") % {
        "form": form, "version": presented["version"],
    }  # fmt: skip


def _pdf(request: HttpRequest, kept: Receipt, digest: str) -> HttpResponse:
    """Drawn when it is asked for: it says only what the row says, so each drawing is the same."""
    try:
        limits.require_below(limits.Receipts, request)
    except limits.TooMany as refusal:
        return too_many(request, refusal)
    made = certificate.receipt_pdf(kept, digest=digest, **words(kept))
    return _named(HttpResponse(made, content_type="application/pdf"), f"{kept.reference}.pdf")


def _named(response: HttpResponse, filename: str) -> HttpResponse:
    response["Content-Disposition"] = f'attachment; filename="{filename}"'
    patch_cache_control(response, private=True)
    return response


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text) if len(text) == 36 else None
    except ValueError:
        return None
