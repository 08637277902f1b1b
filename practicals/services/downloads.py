"""An examiner takes a whole day onto a device."""

from datetime import datetime

from django.db import transaction
from django.db.models import Prefetch, QuerySet
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.services import Missing
from practicals.models import Assignment, DayDownload, ExamDay, PracticalAssessment, Station
from practicals.sheet import Device


def with_all_a_device_needs(assignments: QuerySet[Assignment]) -> QuerySet[Assignment]:
    """Assignments with checklist, day and the sheet that counts, in a fixed number of queries."""
    stations = Station.objects.select_related("checklist")
    active = PracticalAssessment.objects.filter(active=True)
    return assignments.select_related(
        "appointment__plan", "station__checklist", "checklist_version__checklist"
    ).prefetch_related(
        Prefetch("appointment__exam_day", ExamDay.objects.select_related("plan")),
        Prefetch("appointment__exam_day__stations", stations),
        "checklist_version__criteria",
        Prefetch("assessments", active),
    )


@transaction.atomic
def download_day(*, exam_day: ExamDay, device: Device, by: User, at: datetime) -> list[Assignment]:
    """The assignments of `by` on a day, and a row that says what was taken, by whom, onto which device. Raises Missing when there are none."""
    User.objects.select_for_update().get(pk=by.pk)
    own = Assignment.objects.visible_to(by).filter(appointment__exam_day=exam_day)
    rows = list(with_all_a_device_needs(own))
    if not rows:
        raise Missing("no_assignment", _("Nothing is assigned to you on this day."))
    DayDownload.objects.append(
        chain=f"download:{by.uuid}",
        at=at,
        exam_day=exam_day,
        examiner=by,
        device=device.name,
        skew_ms=device.skew_ms,
        assignments=sorted(str(row.uuid) for row in rows),
    )
    return rows
