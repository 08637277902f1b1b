"""What machines fetch: signed documents, status lists, the issuer's keys. GET, no cookie, no redirect, open to scripts of every origin.

Nothing is signed or drawn here: what the worker has not made yet is answered 503 with Retry-After.
"""

import gzip
import hashlib
from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.files.storage import storages
from django.http import (
    FileResponse,
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseNotAllowed,
    JsonResponse,
)
from django.shortcuts import render
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.http import conditional_page

from credentials import issuing, keys, openbadges, services, verification, views_public
from credentials.models import Credential, CredentialType, SignedDocument, SigningKey, StatusList
from credentials.statuslist import MAX_AGE_SECONDS

View = Callable[..., HttpResponseBase]

FOREVER = 31_536_000
LINKED_DATA = (openbadges.MEDIA_TYPE, "application/vc", "application/ld+json", "application/json")
SUFFIX_OF = {"text/html": "", "application/pdf": "pdf", "image/png": "png"} | dict.fromkeys(
    LINKED_DATA, "json"
)


def open_to_all(view: View) -> View:
    """Answer GET, HEAD and OPTIONS from anywhere, and say when it was not changed."""

    @wraps(view)
    def answered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response: HttpResponseBase
        if request.method == "OPTIONS":
            response = HttpResponse(status=204)
            response["Access-Control-Max-Age"] = "86400"
        elif request.method in ("GET", "HEAD"):
            response = conditional_page(view)(request, *args, **kwargs)
        else:
            response = HttpResponseNotAllowed(["GET", "HEAD", "OPTIONS"])
        response["Access-Control-Allow-Origin"] = "*"
        response["Access-Control-Allow-Methods"] = "GET, HEAD, OPTIONS"
        response["Access-Control-Allow-Headers"] = "Accept, Content-Type, If-None-Match"
        response["Access-Control-Expose-Headers"] = "ETag"
        return response

    return answered


# Credentials


@open_to_all
def credential(request: HttpRequest, name: str) -> HttpResponseBase:
    """A credential as a page, signed document, PDF or badge: by suffix, else by Accept. The newest version, or `?version=n`."""
    identifier, suffix = _form_asked(request, name)
    found = _credential(identifier)
    if found is None:
        return (
            views_public.unknown(request, "")
            if not suffix
            else _missing("There is no credential with this id.")
        )
    newest, document = _version(found, request.GET.get("version", ""))
    response: HttpResponseBase
    if suffix in ("json", "png") and _taken_back(found, document):
        return _no_longer_shared() if document and document.version < newest else _not_made_yet()
    match suffix:
        case "":
            response = views_public.certificate_page(request, found, document, newest)
        case "json":
            response = _signed(document, pinned="version" in request.GET)
        case "pdf":
            response = _rendered(document, "pdf_path", "application/pdf", f"{found.number}.pdf")
        case "png":
            response = _rendered(document, "png_path", "image/png", f"{found.number}.png")
        case _:
            raise Http404
    if "." not in name:
        patch_vary_headers(response, ["Accept"])
    return response


@open_to_all
def current(request: HttpRequest, public_id: str) -> HttpResponse:
    """The newest signed document: what a wallet refreshes from."""
    found = _credential(public_id)
    if found is None:
        return _missing("There is no credential with this id.")
    document = _version(found, "")[1]
    return _not_made_yet() if _taken_back(found, document) else _signed(document, pinned=False)


@open_to_all
def picture(request: HttpRequest, public_id: str) -> HttpResponseBase:
    """The certificate as a picture for a page."""
    found = _credential(public_id)
    if found is None:
        return _missing("There is no credential with this id.")
    document = _version(found, request.GET.get("version", ""))[1]
    response = _rendered(document, "svg_path", "image/svg+xml", f"{found.number}.svg")
    if response.status_code == 200 and isinstance(response, FileResponse):
        if "gzip" in request.headers.get("Accept-Encoding", ""):
            response["Content-Encoding"] = "gzip"
        else:
            content = gzip.decompress(response.getvalue())
            response = HttpResponse(content, content_type="image/svg+xml")
        patch_vary_headers(response, ["Accept-Encoding"])
    return response


def _form_asked(request: HttpRequest, name: str) -> tuple[str, str]:
    identifier, dot, suffix = name.partition(".")
    if dot:
        return identifier, suffix
    return identifier, SUFFIX_OF.get(request.get_preferred_type(list(SUFFIX_OF)) or "text/html", "")


def _credential(identifier: str) -> Credential | None:
    try:
        wanted = UUID(identifier) if len(identifier) == 36 else None
    except ValueError:
        wanted = None
    if wanted is None:
        return None
    return (
        Credential.objects.filter(public_id=wanted).prefetch_related(verification.events()).first()
    )


def _version(found: Credential, asked: str) -> tuple[int, SignedDocument | None]:
    """The number of the newest version, and the one asked for. Raises Http404 for one that never was."""
    documents = list(found.signed_documents.select_related("rendering").order_by("version"))
    if not asked:
        return len(documents), documents[-1] if documents else None
    if (
        not asked.isascii()
        or not asked.isdigit()
        or len(asked) > 4
        or not 0 < int(asked) <= len(documents)
    ):
        raise Http404
    return len(documents), documents[int(asked) - 1]


def _signed(document: SignedDocument | None, *, pinned: bool) -> HttpResponse:
    if document is None:
        return _not_made_yet()
    response = HttpResponse(document.body, content_type=openbadges.MEDIA_TYPE)
    response["ETag"] = f'"{document.sha256}"'
    # What a holder may still take back is kept by nobody for a year.
    for_ever = pinned and not document.with_results
    patch_cache_control(response, public=True, max_age=FOREVER if for_ever else MAX_AGE_SECONDS)
    return response


def _taken_back(found: Credential, document: SignedDocument | None) -> bool:
    """Whether it says which examinations were passed, or with which scores, and the holder no longer shares that."""
    if document is None:
        return False
    results = document.with_results and not found.share_results
    return bool(results or (document.with_scores and not found.share_scores))


def _rendered(
    document: SignedDocument | None, path: str, media_type: str, filename: str
) -> HttpResponseBase:
    if document is None or not hasattr(document, "rendering"):
        return _not_made_yet()
    content = storages["private"].open(getattr(document, path))
    response = FileResponse(content, content_type=media_type, filename=filename)
    response["ETag"] = f'"{document.uuid}-{path}-{document.rendering.rendered_at:%Y%m%dT%H%M%S}"'
    patch_cache_control(response, public=True, max_age=MAX_AGE_SECONDS)
    return response


def _missing(sentence: str) -> HttpResponse:
    return _problem(404, "not_found", "Not Found", sentence)


def _no_longer_shared() -> HttpResponse:
    return _problem(
        410,
        "no_longer_shared",
        "Gone",
        "The holder no longer shares the results this version speaks of. The newest version is at the address without ?version.",
    )


def _not_made_yet() -> HttpResponse:
    response = _problem(
        503,
        "being_prepared",
        "Service Unavailable",
        "This is being signed. Try again in half a minute.",
    )
    response["Retry-After"] = "30"
    return response


def _problem(status: int, code: str, title: str, sentence: str) -> HttpResponse:
    body = {
        "type": "about:blank",
        "title": title,
        "status": status,
        "code": code,
        "detail": sentence,
    }
    return JsonResponse(
        body,
        status=status,
        content_type="application/problem+json",
        headers={"Cache-Control": "no-store"},
    )


# Achievements


@open_to_all
def achievement(request: HttpRequest, code: str, edition: str) -> HttpResponse:
    """What an edition certifies, as a page or as linked data."""
    edition, suffix = (
        (edition.removesuffix(".json"), "json") if edition.endswith(".json") else (edition, None)
    )
    if suffix is None:
        suffix = SUFFIX_OF.get(
            request.get_preferred_type(["text/html", *LINKED_DATA]) or "text/html", ""
        )
    kind = _edition(code, edition)
    if not suffix:
        response = views_public.achievement_page(request, kind)
    else:
        body = {
            "@context": openbadges.CONTEXTS[:2],
            **openbadges.achievement(services.statement_of(kind)),
        }
        response = JsonResponse(body, content_type="application/ld+json")
    patch_vary_headers(response, ["Accept"])
    patch_cache_control(response, public=True, max_age=MAX_AGE_SECONDS)
    return response


@open_to_all
def badge(request: HttpRequest, code: str, edition: str) -> HttpResponseBase:
    """The picture of an achievement, with nobody's credential in it."""
    path = issuing.badge_path(services.statement_of(_edition(code, edition)))
    storage = storages["private"]
    if not storage.exists(path):
        return _not_made_yet()
    response = FileResponse(storage.open(path), content_type="image/png")
    patch_cache_control(response, public=True, max_age=3600)
    return response


def _edition(code: str, edition: str) -> CredentialType:
    """An edition that is or was in force. Raises Http404."""
    if "\0" in code + edition:
        raise Http404
    kind = (
        CredentialType.objects.filter(code=code, edition=edition)
        .exclude(state=CredentialType.State.DRAFT)
        .first()
    )
    if kind is None:
        raise Http404
    return kind


# The issuer


@open_to_all
def issuer(request: HttpRequest, name: str = "issuer") -> HttpResponse:
    """Who issues, under which address and with which keys: as a page, or as the profile that documents name."""
    programs = name.endswith(".json") or SUFFIX_OF.get(
        request.get_preferred_type(["text/html", *LINKED_DATA]) or "text/html", ""
    )
    newest = (
        CredentialType.objects.exclude(state=CredentialType.State.DRAFT).order_by("-pk").first()
    )
    known = newest.issuer_name if newest else ""
    response: HttpResponse
    if programs:
        profile = {
            "id": keys.issuer_did(),
            "type": ["Profile"],
            "name": known,
            "url": settings.ISSUER_URL,
        }
        body = {"@context": openbadges.CONTEXTS[:2], **profile}
        response = JsonResponse(body, content_type="application/ld+json")
    else:
        response = _issuer_page(request, known)
    patch_vary_headers(response, ["Accept"])
    patch_cache_control(response, public=True, max_age=MAX_AGE_SECONDS)
    return response


def _issuer_page(request: HttpRequest, name: str) -> HttpResponse:
    """Who issues, and the keys by which anybody recognises a signature of theirs."""
    rows = SigningKey.objects.order_by("-created_at", "-pk")
    context = {
        "name": name,
        "did": keys.issuer_did(),
        "issuer_url": settings.ISSUER_URL,
        "keys": [
            {
                "key": key,
                "state": _("withdrawn: others may have it")
                if key.compromised_at
                else _("signed until then")
                if key.retired_at
                else _("signs"),
            }
            for key in rows
        ],
    }
    return render(request, "credentials/public/issuer.html", context)


# Status lists and keys


@open_to_all
def status_list(request: HttpRequest, number: int) -> HttpResponse:
    """A signed status list, as last published."""
    row = StatusList.objects.filter(number=number).first() if number < 2**31 else None
    if row is None:
        return _missing("There is no status list with this number.")
    if not row.body:
        return _not_made_yet()
    response = HttpResponse(row.body, content_type=openbadges.MEDIA_TYPE)
    response["ETag"] = f'"{hashlib.sha256(row.body.encode()).hexdigest()}"'
    patch_cache_control(response, public=True, max_age=MAX_AGE_SECONDS)
    return response


@open_to_all
def did(request: HttpRequest) -> HttpResponse:
    """The issuer's DID document: every key that ever signed and is not known to be stolen."""
    issuer = keys.issuer_did()
    rows = SigningKey.objects.filter(
        purpose=SigningKey.Purpose.CREDENTIALS, compromised_at=None
    ).order_by("pk")
    methods = [
        {
            "id": f"{issuer}#{key.public}",
            "type": "Multikey",
            "controller": issuer,
            "publicKeyMultibase": key.public,
        }
        for key in rows
    ]
    body = {
        "@context": ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/multikey/v1"],
        "id": issuer,
        "verificationMethod": methods,
        "assertionMethod": [method["id"] for method in methods],
    }
    response = JsonResponse(body)
    patch_cache_control(response, public=True, max_age=MAX_AGE_SECONDS)
    return response
