"""Sending people's private files: only what the caller was let see, never as a page of ours, never kept by anybody in between."""

from django.conf import settings
from django.http import FileResponse, Http404, HttpResponseRedirect
from django.http.response import HttpResponseBase
from wagtail.log_actions import log

from accounts.models import User
from credentials.models import Document

LINK_SECONDS = 600
EXTENSION = {"application/pdf": ".pdf", "image/png": ".png", "image/jpeg": ".jpg"}


def name_of(document: Document) -> str:
    """The name a file is saved under: what it is for, not what the sender called it."""
    return f"{document.application.reference}-{document.requirement.code}{EXTENSION.get(document.content_type, '')}"


def send_file(document: Document, *, reader: User, download: bool = False) -> HttpResponseBase:
    """A document's file to somebody who may see it. A registrar's opening it is logged.

    Shown in a page it is streamed with a sandbox policy, so that nothing in it can act; a download from S3 is a link that ends in ten
    minutes. Raises Http404 when there is no file.
    """
    file = document.file
    if not file.name or not file.storage.exists(file.name):
        raise Http404
    if reader.pk != document.application.applicant_id:
        log(instance=document, action="credentials.document_opened", user=reader)
    filename = name_of(document)
    response: HttpResponseBase
    if download and settings.S3_BUCKET:
        asked = {
            "ResponseContentDisposition": f'attachment; filename="{filename}"',
            "ResponseContentType": document.content_type,
        }
        link = file.storage.url(file.name, parameters=asked, expire=LINK_SECONDS)  # type: ignore[call-arg]
        response = HttpResponseRedirect(link)
    else:
        response = FileResponse(
            file.open("rb"),
            as_attachment=download,
            filename=filename,
            content_type=document.content_type,
        )
    response["X-Content-Type-Options"] = "nosniff"
    response["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    response["Cache-Control"] = "private, no-store"
    # As a response header, not an attribute of the frame: browsers show a PDF in the first and refuse to in the second.
    response["Content-Security-Policy"] = (
        "sandbox; default-src 'none'; img-src 'self'; object-src 'self'; style-src 'unsafe-inline'; "
        "frame-ancestors 'self'"
    )
    return response
