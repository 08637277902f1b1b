"""An examiner's sheet: synced by rising revisions from one device, signed once, then frozen into rows."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import formats
from django.utils.translation import gettext as _
from wagtail.log_actions import log

from accounts.models import Role, User
from accounts.services import Conflict, Invalid, Missing, record_examining
from practicals.decision import Line
from practicals.models import (
    Annulment,
    Appointment,
    Assignment,
    ChecklistVersion,
    Observation,
    PracticalAssessment,
    SheetRevision,
    StraySheet,
    Violation,
)
from practicals.services.checks import require_role, require_unbarred
from practicals.services.deciding import decide_if_due
from practicals.services.formative import record_formative_teaching
from practicals.services.sent import is_repeat, read_sent
from practicals.services.strays import keep_beside, refusal_of
from practicals.sheet import Content, Device, Unreadable, blanks, read_device, read_rev

SYNCED = [
    "rev",
    "draft",
    "digest",
    "global_rating",
    "signature",
    "device",
    "skew_ms",
    "started_at",
    "finished_at",
    "synced_at",
    "final_at",
]


def lines_of(version: ChecklistVersion) -> tuple[Line, ...]:
    """The lines of a version as the rules read them. Uses prefetched criteria where there are some."""
    return tuple(
        Line(row.code, row.max_points, row.critical, row.competence, row.text)
        for row in version.criteria.all()
    )


def sync_sheet(
    *, uuid: UUID, assignment: Assignment, content: Any, by: User, at: datetime
) -> tuple[PracticalAssessment, bool]:
    """Take the whole sheet as the device has it now; the second value says whether this call made the sheet.

    `content` is what the device sent. A draft with a higher `rev` replaces the one before (every one is kept); the same again changes nothing.
    With `final` it is signed, locked and frozen into rows, and the practical is decided once all sheets are there. Raises, in this order,
    Missing (not this examiner's), Forbidden by rule before the first sync (R2, R3, R4), Conflict (locked, before the exam day, a lower `rev`
    or the same with other content; or another sheet, device or version counts: then what came is kept beside it), Invalid (shape, or blanks
    in a final sheet).
    """
    outcome = _sync(uuid, assignment, content, by, at)
    if isinstance(outcome, Conflict):  # raised only now: what was kept beside stays
        raise outcome
    return outcome


@transaction.atomic
def _sync(
    uuid: UUID, assignment: Assignment, content: Any, by: User, at: datetime
) -> tuple[PracticalAssessment, bool] | Conflict:
    appointment = _locked(assignment.appointment_id)
    assignment = _own(assignment, by)
    sheet = PracticalAssessment.objects.select_related("assignment").filter(uuid=uuid).first()
    if sheet is None:
        _require_may_begin(appointment, by, at)
    elif sheet.assignment_id != assignment.pk:
        if sheet.assignment.examiner_id != by.pk:
            raise Missing("no_sheet", _("There is no such sheet."))
        raise Conflict("other_assignment", _("This sheet belongs to another of your assignments."))
    else:
        sheet.assignment = assignment  # with its checklist read once
    version = assignment.checklist_version
    device, errors = _device(content, at)
    reason = _why_beside(sheet, assignment, device)
    if reason:
        return keep_beside(
            assignment=assignment,
            sheet=uuid,
            content=content,
            device=device,
            reason=reason,
            by=by,
            at=at,
        )
    lines = lines_of(version)
    given, wrong = read_sent(content, lines, version)
    if sheet and is_repeat(sheet, given, read_rev(content), require_writable=require_writable):
        return sheet, False
    if given is None or errors:
        raise Invalid(
            "invalid", _("Some of what you sent is not right. See `errors`."), fields=errors | wrong
        )
    if given.final:
        missing = blanks(given, lines)
        if missing:
            raise Invalid(
                "sheet_incomplete",
                _("The sheet cannot be signed yet. See `errors`."),
                fields=missing,
            )
    new = sheet is None
    sheet = _write(
        sheet or PracticalAssessment(uuid=uuid, assignment=assignment), given, device, at
    )
    if given.final:
        _sign(sheet, given, appointment, by, at)
    return sheet, new


def _sign(
    sheet: PracticalAssessment, given: Content, appointment: Appointment, by: User, at: datetime
) -> None:
    """Freeze a final sheet, and decide what it completes."""
    _freeze_signed(sheet, given, appointment, by, at)
    decide_if_due(appointment=appointment, by=by if appointment.plan.is_formative else None, at=at)


def _freeze_signed(
    sheet: PracticalAssessment, given: Content, appointment: Appointment, by: User, at: datetime
) -> None:
    assignment = sheet.assignment
    freeze(sheet=sheet, content=given, version=assignment.checklist_version, at=at)
    if appointment.plan.is_formative:
        record_formative_teaching(appointment=appointment, assignment=assignment, by=by, at=at)
    else:
        record_examining(
            examiner=by,
            candidate=appointment.candidate,
            subject=str(appointment.plan),
            examined_on=at.date(),
            source=sheet.uuid,
            at=at,
        )


def _locked(appointment_id: int) -> Appointment:
    return (
        Appointment.objects.select_for_update(of=("self",))
        .select_related("plan__activity", "exam_day", "candidate", "enrolment", "resit_of")
        .get(pk=appointment_id)
    )


def _own(assignment: Assignment, by: User) -> Assignment:
    """The assignment as it is under the lock, if it is still this examiner's."""
    own = (
        Assignment.objects.visible_to(by)
        .filter(pk=assignment.pk)
        .select_related("checklist_version", "station__checklist")
        .prefetch_related("checklist_version__criteria")
        .first()
    )
    if own is None:
        raise Missing("no_assignment", _("There is no such assignment."))
    return own


def _require_may_begin(appointment: Appointment, by: User, at: datetime) -> None:
    day = appointment.exam_day
    if day is None:
        return
    require_unbarred(
        examiner=by,
        candidate=appointment.candidate,
        on=day.date,
        months=appointment.plan.trainer_bar_months,
    )
    if at.astimezone(ZoneInfo(day.zone)).date() < day.date:
        raise Conflict(
            "too_early",
            _(
                "The examination is on %(day)s. Its sheets open on that day; until then you can read the station and download the day."
            )
            % {"day": formats.date_format(day.date, "l j F Y")},
        )


def _device(content: Any, at: datetime) -> tuple[Device, dict[str, Any]]:
    try:
        return read_device(content, at), {}
    except Unreadable as unreadable:
        return Device(), unreadable.errors


def _why_beside(
    sheet: PracticalAssessment | None, assignment: Assignment, device: Device
) -> StraySheet.Reason | None:
    """Why what this device sent is not the sheet that counts; None when it is."""
    reasons = StraySheet.Reason
    if (sheet is None or not sheet.is_final) and is_annulled(assignment):
        return reasons.ANNULLED
    if device.version and device.version != assignment.checklist_version.number:
        return reasons.OTHER_VERSION
    if sheet is None:
        begun = assignment.assessments.filter(active=True).exists()
        return reasons.OTHER_SHEET if begun else None
    if sheet.is_final:
        return None
    if not sheet.active:
        return reasons.REISSUED
    if sheet.device and sheet.device != device.name:
        return reasons.OTHER_DEVICE
    return None


def is_annulled(assignment: Assignment) -> bool:
    return Annulment.objects.filter(
        appointment=assignment.appointment_id, station=assignment.station_id, end=None
    ).exists()


def require_writable(sheet: PracticalAssessment) -> None:
    """Raise Conflict when the sheet takes no more changes."""
    if sheet.is_final:
        raise Conflict(
            "sheet_locked", _("This sheet is signed and locked. A chief examiner can correct it.")
        )
    if not sheet.active:
        raise refusal_of(StraySheet.Reason.REISSUED, assignment=sheet.assignment, stray=None)


def take_in(*, stray: StraySheet, appointment: Appointment, at: datetime) -> PracticalAssessment:
    """Make what was kept beside the sheet that counts, as its examiner signed it; the appointment is locked, and what it completes is not decided.

    Raises Conflict for what would have been kept beside whatever had been annulled, Invalid for what could not have been signed.
    """
    assignment = _own(stray.assignment, stray.sent_by)
    sheet = assignment.assessments.filter(uuid=stray.sheet).first()
    device, errors = _device(stray.content, stray.at)
    reason = _why_beside(sheet, assignment, device)
    if reason:
        raise Conflict(
            "cannot_count",
            _("What was kept beside cannot count: %(why)s.") % {"why": reason.label},
        )
    version = assignment.checklist_version
    lines = lines_of(version)
    given, wrong = read_sent(stray.content, lines, version)
    missing = {} if given is None else blanks(given, lines)
    if given is None or errors or missing or not given.final:
        raise Invalid(
            "sheet_incomplete",
            _("What was kept beside is no whole sheet, and cannot count."),
            fields=wrong | errors | missing,
        )
    if sheet and given.rev <= sheet.rev:
        raise Conflict("older_revision", _("What was kept beside is older than what was sent."))
    sheet = sheet or PracticalAssessment(uuid=stray.sheet, assignment=assignment)
    sheet.assignment = assignment
    sheet = _write(sheet, given, device, at)
    _freeze_signed(sheet, given, appointment, stray.sent_by, at)
    return sheet


def _write(
    sheet: PracticalAssessment, given: Content, device: Device, at: datetime
) -> PracticalAssessment:
    """Store a revision, with the device it came from and how far its clock was off; the appointment is locked."""
    sheet.rev, sheet.draft, sheet.digest = given.rev, given.plain(), given.digest
    sheet.global_rating, sheet.signature = given.global_rating, given.signature
    sheet.device, sheet.skew_ms = sheet.device or device.name, device.skew_ms
    sheet.started_at, sheet.finished_at, sheet.synced_at = given.started_at, given.finished_at, at
    if given.final:
        sheet.final_at = at
        sheet.finished_at = given.finished_at or at
        sheet.started_at = given.started_at or sheet.finished_at
    if sheet.pk:
        sheet.save(update_fields=SYNCED)
    else:
        sheet.save(force_insert=True)
    sent = {**given.plain(), "device": device.name, "skew_ms": device.skew_ms}
    SheetRevision.objects.append(
        chain=f"sheet:{sheet.uuid}", at=at, assessment=sheet, rev=given.rev, content=sent
    )
    return sheet


def freeze(
    *, sheet: PracticalAssessment, content: Content, version: ChecklistVersion, at: datetime
) -> None:
    """Write the rows of a signed sheet: one observation a line, in order, and the violations."""
    criteria = {row.code: row for row in version.criteria.all()}
    chain, ended = f"sheet:{sheet.uuid}", sheet.finished_at or at
    Observation.objects.bulk_append(
        [
            Observation(
                chain=chain,
                at=at,
                assessment=sheet,
                criterion=criteria[mark.criterion],
                criterion_code=mark.criterion,
                rating=mark.rating,
                note=mark.note,
                observed_at=mark.at or ended,
            )
            for mark in content.observations
            if mark.rating is not None
        ]
    )
    texts = version.violation_texts
    Violation.objects.bulk_append(
        [
            Violation(
                chain=chain,
                at=at,
                assessment=sheet,
                code=seen.code,
                text=texts[seen.code],
                note=seen.note,
                observed_at=seen.at or ended,
            )
            for seen in content.violations
        ]
    )


@transaction.atomic
def reissue(*, assignment: Assignment, by: User, at: datetime) -> PracticalAssessment:
    """Start a new sheet from the last synced draft, for another device; the old sheet is kept and takes no more changes.

    The new one belongs to whichever device sends it first; what the old device sends later is kept beside (StraySheet).
    Raises Missing when nothing was synced yet, Conflict when the sheet is signed or the station annulled.
    """
    require_role(by, Role.REGISTRAR, Role.CHIEF_EXAMINER)
    _locked(assignment.appointment_id)
    if is_annulled(assignment):
        raise Conflict("station_annulled", _("This station was annulled for this candidate."))
    old = PracticalAssessment.objects.filter(assignment=assignment, active=True).first()
    if old is None:
        raise Missing(
            "no_sheet", _("Nothing was synced from this assignment; the examiner can simply begin.")
        )
    if old.is_final:
        raise Conflict(
            "sheet_locked", _("This sheet is signed and locked. A chief examiner can correct it.")
        )
    PracticalAssessment.objects.filter(pk=old.pk).update(active=False)
    new = PracticalAssessment.objects.create(
        uuid=uuid4(),
        assignment=assignment,
        rev=old.rev,
        draft=old.draft,
        digest=old.digest,
        global_rating=old.global_rating,
        signature=old.signature,
        started_at=old.started_at,
        synced_at=old.synced_at,
        supersedes=old,
        supersedes_reason="Issued anew from the last synced draft",
    )
    SheetRevision.objects.append(
        chain=f"sheet:{new.uuid}", at=at, assessment=new, rev=new.rev, content=new.draft
    )
    log(
        assignment.appointment,
        "practicals.reissue",
        user=by,
        data={"assignment": str(assignment.uuid)},
        timestamp=at,
    )
    return new
