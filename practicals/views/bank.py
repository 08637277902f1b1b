"""What pages of the station bank and of practice are drawn with: a figure of a version, for whoever may read that version."""

from uuid import UUID

from django.core.files.storage import storages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.models import User
from accounts.web import role_required
from practicals.figures import media_path
from practicals.models import Assignment, ChecklistVersion, PracticeSheet, readable_pools
from practicals.signed_in import PersonRequest


@require_safe
@never_cache
@role_required()
def figure(request: PersonRequest, uuid: UUID, digest: str) -> HttpResponse:
    """A kept figure: for the examiners of an assignment with this version, who scores practice on it, and readers of its pool."""
    version = get_object_or_404(ChecklistVersion.objects.select_related("checklist"), uuid=uuid)
    figures = {entry["sha256"]: entry for entry in version.content.get("figures", [])}
    if digest not in figures or not _may_read(version, request.user):
        raise Http404
    with storages["private"].open(media_path(digest)) as file:
        return HttpResponse(
            file.read(),
            content_type=figures[digest]["type"],
            headers={"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'"},
        )


def _may_read(version: ChecklistVersion, user: User) -> bool:
    return (
        version.checklist.pool in readable_pools(user)
        or Assignment.objects.visible_to(user).filter(checklist_version=version).exists()
        or PracticeSheet.objects.visible_to(user).filter(run__version=version).exists()
    )
