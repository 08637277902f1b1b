"""What a device sends when another sheet counts: kept beside it as it came, for a chief examiner, and answered with words to act on."""

from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.services import Conflict
from practicals.models import Assignment, DayDownload, PracticalAssessment, StraySheet
from practicals.sheet import Device, Unreadable, read_device, read_rev, stray_content

CODES = {
    StraySheet.Reason.REISSUED: "sheet_reissued",
    StraySheet.Reason.OTHER_SHEET: "other_sheet",
    StraySheet.Reason.OTHER_DEVICE: "other_device",
    StraySheet.Reason.OTHER_VERSION: "other_version",
    StraySheet.Reason.NOT_ASSIGNED: "not_assigned",
    StraySheet.Reason.ANNULLED: "station_annulled",
}


def keep_beside(
    *,
    assignment: Assignment,
    sheet: UUID,
    content: Any,
    device: Device,
    reason: StraySheet.Reason,
    by: User,
    at: datetime,
) -> Conflict:
    """Keep what came, as far as a database can hold it, and say what the device is told; the appointment is locked. The same again is
    the same row.
    """
    kept = stray_content(content)
    if kept is None:
        return refusal_of(reason, assignment=assignment, stray=None)
    raw, digest = kept
    same = StraySheet.objects.filter(assignment=assignment, sheet=sheet, digest=digest).first()
    stray = same or StraySheet.objects.append(
        chain=f"stray:{assignment.uuid}",
        at=at,
        assignment=assignment,
        sent_by=by,
        sheet=sheet,
        rev=read_rev(content) or 0,
        reason=reason,
        device=device.name,
        skew_ms=device.skew_ms,
        content=raw,
        digest=digest,
    )
    return refusal_of(reason, assignment=assignment, stray=stray)


def keep_unassigned(
    *, uuid: UUID, assignment: UUID, content: Any, by: User, at: datetime
) -> Conflict | None:
    """The sheet of somebody who was assigned and is not any more (replaced, or the appointment closed): kept, with the refusal to raise.

    None when it never was theirs, as far as we know; then it is not there for them.
    """
    with transaction.atomic():
        row = (
            Assignment.objects.select_related("appointment__exam_day")
            .select_for_update(of=("self",))
            .filter(uuid=assignment)
            .first()
        )
        if row is None or not _was_theirs(row, by):
            return None
        try:
            device = read_device(content, at)
        except Unreadable:
            device = Device()
        return keep_beside(
            assignment=row,
            sheet=uuid,
            content=content,
            device=device,
            reason=StraySheet.Reason.NOT_ASSIGNED,
            by=by,
            at=at,
        )


def _was_theirs(assignment: Assignment, person: User) -> bool:
    if assignment.examiner_id == person.pk:
        return True
    if assignment.assessments.filter(written_by=person, active=False).exists():
        return True  # handed over to somebody else
    downloads = DayDownload.objects.filter(
        examiner=person, exam_day=assignment.appointment.exam_day_id
    )
    return any(
        str(assignment.uuid) in taken for taken in downloads.values_list("assignments", flat=True)
    )


def refusal_of(
    reason: StraySheet.Reason, *, assignment: Assignment, stray: StraySheet | None
) -> Conflict:
    """What the device is told: why its sheet does not count, where what it sent is, and what to do."""
    sentence = _why(reason, assignment)
    if stray:
        sentence = " ".join(
            [
                sentence,
                _(
                    "What this device sent is kept beside for the chief examiner, and mixed into no other sheet."
                ),
            ]
        )
    return Conflict(CODES[reason], sentence, fields={"kept": True} if stray else None)


def _why(reason: StraySheet.Reason, assignment: Assignment) -> str:
    active = PracticalAssessment.objects.filter(assignment=assignment, active=True).first()
    zone = ZoneInfo(assignment.appointment.zone)
    sent = active.synced_at.astimezone(zone) if active else None
    values = {"time": f"{sent:%H:%M}" if sent else ""}
    if reason == StraySheet.Reason.REISSUED:
        return (
            _(
                "This assignment was issued anew, from what had been sent until %(time)s. Go on where the registrar issued it."
            )
            % values
        )
    if reason in (StraySheet.Reason.OTHER_SHEET, StraySheet.Reason.OTHER_DEVICE):
        return (
            _(
                "This assignment is scored on another device, which sent last at %(time)s. Go on there, or ask the registrar to issue it "
                "anew to this one."
            )
            % values
        )
    if reason == StraySheet.Reason.OTHER_VERSION:
        return _(
            "This sheet was scored on another version of the station than the one assigned. Ask the registrar, and download the day again."
        )
    if reason == StraySheet.Reason.ANNULLED:
        return _(
            "This station was annulled for this candidate, because its sheet had not come. It is sat again; you need do nothing."
        )
    return _(
        "You are not assigned here any more. If that is a mistake, ask the registrar to assign you again."
    )
