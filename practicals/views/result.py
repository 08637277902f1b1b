"""A candidate's own practical result: on screen by station in words, and as a report to keep."""

from typing import Any
from uuid import UUID

from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.services import Refusal
from accounts.web import refused, role_required
from practicals.documents import result_document
from practicals.models import PracticalResult
from practicals.services.reporting import appeal_until, report_file
from practicals.services.resits import SAT_AGAIN, next_after
from practicals.signed_in import PersonRequest


def versions_of(request: PersonRequest, uuid: UUID) -> list[PracticalResult]:
    """Every version of one's own result, the newest first. Raises Http404."""
    rows = (
        PracticalResult.objects.filter(appointment__uuid=uuid, appointment__candidate=request.user)
        .select_related(
            "appointment__plan__activity__module__course",
            "appointment__exam_day",
            "appointment__candidate",
        )
        .order_by("-version")
    )
    versions = list(rows)
    if not versions:
        raise Http404
    return versions


@require_safe
@never_cache
@role_required()
def result(request: PersonRequest, uuid: UUID) -> HttpResponse:
    """A result by station, in words, with what follows from it."""
    newest, *earlier = versions_of(request, uuid)
    appointment = newest.appointment
    certifies = appointment.exam_day is not None
    again = newest.outcome in SAT_AGAIN
    context: dict[str, Any] = {
        "row": appointment,
        "result": result_document(newest),
        "before": next((row for row in earlier if row.is_decided), earlier[0] if earlier else None),
        "follows": next_after(newest) if certifies and again else None,
        "appeal_until": appeal_until(newest)
        if certifies and newest.outcome != PracticalResult.Outcome.HELD
        else None,
        "crumbs": [(_("Your appointments"), "/appointments/"), (_("Result"), "")],
    }
    return render(request, "practicals/result.html", context)


@require_safe
@never_cache
@role_required()
def report(request: PersonRequest, uuid: UUID) -> HttpResponse:
    """The report of one's own decided result, as a PDF."""
    newest = versions_of(request, uuid)[0]
    try:
        file = report_file(newest)
    except Refusal as refusal:
        return refused(request, refusal)
    if file is None:
        context = {"row": newest.appointment}
        return render(request, "practicals/report_wait.html", context, status=202)
    return FileResponse(  # type: ignore[return-value]
        file,
        filename=f"practical-{newest.appointment.starts_at:%Y-%m-%d}.pdf",
        content_type="application/pdf",
    )
