"""Sending people's private files: only what the caller was let see, never as a page of ours, never kept by anybody in between.

A page leads to a file by an address that is signed, names who asked, and ends in ten minutes, wherever the files lie: on a disk we serve it,
from object storage a download is served by the storage's own signed address.
"""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core import signing
from django.http import FileResponse, Http404, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from wagtail.log_actions import log

from accounts.models import User
from credentials.models import Document, Learning

LINK_SECONDS = 600
SALT = "credentials.files"
EXTENSION = {"application/pdf": ".pdf", "image/png": ".png", "image/jpeg": ".jpg"}

# What people send: documents, and the certificates of a renewal. What a signed address calls them, and the rows they come from.
Sent = Document | Learning
KINDS: dict[str, Callable[[], Any]] = {
    "document": lambda: Document.objects.select_related("application", "requirement"),
    "learning": lambda: Learning.objects.select_related("request__credential"),
}


def name_of(document: Sent) -> str:
    """The name a file is saved under: what it is for, not what the sender called it."""
    extension = EXTENSION.get(document.content_type, "")
    if isinstance(document, Learning):
        number = document.request.credential.number
        return f"{number}-{document.category}-{document.first_day:%Y-%m-%d}{extension}"
    return f"{document.application.reference}-{document.requirement.code}{extension}"


def _sender(document: Sent) -> int:
    if isinstance(document, Learning):
        return document.request.credential.holder_id
    return document.application.applicant_id


def signed_link(document: Sent, *, reader: User, download: bool = False, called: str = "") -> str:
    """The address of a document's file for somebody who may see it; it ends in LINK_SECONDS. Raises Http404 when there is no file.

    `called`: what it is called for a reader who is not told whose it is.
    """
    _require_file(document)
    if download and settings.S3_BUCKET:
        _log(document, reader)
        return _storage_link(document)
    kind = "learning" if isinstance(document, Learning) else "document"
    said = {kind: str(document.uuid), "reader": str(reader.uuid), "download": download}
    if called:
        said["called"] = called
    return reverse("signed-file", args=[signing.dumps(said, salt=SALT, compress=True)])


def file_behind(token: str) -> HttpResponseBase:
    """The file a signed address leads to. Raises Http404 for an address that is forged, too old, or whose reader may see it no longer."""
    try:
        said = signing.loads(token, salt=SALT, max_age=LINK_SECONDS)
    except signing.BadSignature:
        raise Http404 from None
    reader = User.objects.filter(uuid=said["reader"], is_active=True).first()
    if reader is None:
        raise Http404
    kind = next(name for name in KINDS if name in said)
    document = KINDS[kind]().visible_to(reader).filter(uuid=said[kind]).first()
    if document is None:
        raise Http404
    called = said.get("called", "")
    return send_file(document, reader=reader, download=said["download"], called=called)


def send_file(
    document: Sent, *, reader: User, download: bool = False, called: str = ""
) -> HttpResponseBase:
    """A document's file to somebody who may see it. A registrar's opening it is logged.

    Shown in a page it is streamed with a sandbox policy, so that nothing in it can act; a download from S3 is a link that ends soon.
    Raises Http404 when there is no file.
    """
    _require_file(document)
    _log(document, reader)
    response: HttpResponseBase
    if download and settings.S3_BUCKET:
        response = HttpResponseRedirect(_storage_link(document))
    else:
        response = FileResponse(
            document.file.open("rb"),
            as_attachment=download,
            filename=f"{called}{EXTENSION.get(document.content_type, '')}"
            if called
            else name_of(document),
            content_type=document.content_type,
        )
    response["X-Content-Type-Options"] = "nosniff"
    response["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    response["Cache-Control"] = "private, no-store"
    response["Referrer-Policy"] = "no-referrer"
    # As a response header, not an attribute of the frame: browsers show a PDF in the first and refuse to in the second.
    response["Content-Security-Policy"] = (
        "sandbox; default-src 'none'; img-src 'self'; object-src 'self'; style-src 'unsafe-inline'; "
        "frame-ancestors 'self'"
    )
    return response


def _require_file(document: Sent) -> None:
    file = document.file
    if not file.name or not file.storage.exists(file.name):
        raise Http404


def _log(document: Sent, reader: User) -> None:
    if reader.pk != _sender(document):
        log(instance=document, action="credentials.document_opened", user=reader)


def _storage_link(document: Sent) -> str:
    asked = {
        "ResponseContentDisposition": f'attachment; filename="{name_of(document)}"',
        "ResponseContentType": document.content_type,
    }
    link: str = document.file.storage.url(document.file.name, parameters=asked, expire=LINK_SECONDS)  # type: ignore[call-arg]
    return link
