"""What a chief examiner and a registrar keep an eye on: practicals that wait for a sheet, sheets kept beside those that count, passes that an amendment took back."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Prefetch
from django.utils.translation import gettext as _

from accounts.models import Role, User
from accounts.services import Conflict, Forbidden, Invalid
from credentials.models import Credential
from credentials.services import standing_of
from practicals.models import (
    Appointment,
    Assignment,
    ExamDay,
    FallReview,
    PracticalAssessment,
    PracticalResult,
    StraySheet,
)
from practicals.models.results import PracticalResultQuerySet
from practicals.services.cases import Case
from practicals.services.checks import require_role
from practicals.services.resits import TEXT_MAX
from practicals.sheet import Content, Unreadable, read

# A circuit takes under three hours; a sheet that is not there by then is looked for.
SHEETS_COME_WITHIN = timedelta(hours=6)


# Sheets that have not come


@dataclass(frozen=True)
class Missing:
    """A sheet that is not signed: `heard_at`, when its device last sent something, None if never."""

    assignment: Assignment
    heard_at: datetime | None


@dataclass(frozen=True)
class Waiting:
    """A practical that cannot be decided yet, and whose sheets it waits for."""

    appointment: Appointment
    exam_day: ExamDay
    signed: int
    missing: list[Missing]

    @property
    def codes(self) -> list[str]:
        """The stations they are missing from."""
        return list(dict.fromkeys(row.assignment.station.checklist.code for row in self.missing))


def waiting_for_sheets(*, at: datetime) -> list[Waiting]:
    """Practicals that are over and not decided, the oldest first. What the sheets say is not looked at. Four queries."""
    active = PracticalAssessment.objects.filter(active=True).defer("draft")
    assignments = (
        Assignment.objects.select_related("station__checklist", "examiner")
        .prefetch_related(Prefetch("assessments", active))
        .order_by("station__position", "place")
    )
    rows = (
        Appointment.objects.filter(
            state=Appointment.State.ACCEPTED,
            results=None,
            exam_day__isnull=False,
            starts_at__lte=at - SHEETS_COME_WITHIN,
        )
        .select_related("exam_day")
        .prefetch_related(Prefetch("assignments", assignments), "annulments")
        .order_by("starts_at", "pk")
    )
    return [_waiting(row, row.exam_day) for row in rows if row.exam_day]


def _waiting(appointment: Appointment, day: ExamDay) -> Waiting:
    annulled = {row.station_id for row in appointment.annulments.all()}
    rows = [row for row in appointment.assignments.all() if row.station_id not in annulled]
    missing = []
    for row in rows:
        sheet = next(iter(row.assessments.all()), None)
        if sheet is None or not sheet.is_final:
            missing.append(Missing(row, sheet.synced_at if sheet else None))
    return Waiting(appointment, day, len(rows) - len(missing), missing)


# Sheets kept beside


@dataclass(frozen=True)
class Kept:
    """A sheet that does not count, of one place: `why` it is kept, and where it says something else than the one that counts.

    `differs` are (code, what counts, what this one says); None when it cannot be read.
    """

    place: str
    why: str
    at: datetime
    who: str
    device: str
    differs: list[tuple[str, str, str]] | None


def kept_beside(case: Case) -> list[Kept]:
    """Every other sheet of a station: issued anew, superseded, or sent late by a device that was replaced. Two queries."""
    by_pk = {row.pk: row for row in case.assignments.values()}
    found = [
        Kept(
            place=by_pk[sheet.assignment_id].place,
            why=_why_inactive(sheet),
            at=sheet.final_at or sheet.synced_at,
            who=str(sheet.written_by or by_pk[sheet.assignment_id].examiner),
            device="",
            differs=_differences(case, by_pk[sheet.assignment_id].place, sheet.draft),
        )
        for sheet in PracticalAssessment.objects.filter(assignment__in=by_pk, active=False)
        .select_related("written_by")
        .prefetch_related("superseded_by")
    ]
    newest: dict[Any, StraySheet] = {}
    for stray in StraySheet.objects.filter(assignment__in=by_pk).select_related("sent_by"):
        newest[stray.assignment_id, stray.sheet] = stray
    found += [
        Kept(
            place=by_pk[stray.assignment_id].place,
            why=stray.get_reason_display(),
            at=stray.at,
            who=str(stray.sent_by),
            device=stray.device,
            differs=_differences(case, by_pk[stray.assignment_id].place, stray.content),
        )
        for stray in newest.values()
    ]
    return sorted(found, key=lambda row: (row.place, row.at))


def _why_inactive(sheet: PracticalAssessment) -> str:
    if not sheet.is_final:
        return _("Replaced: the assignment was issued anew")
    later = next(iter(sheet.superseded_by.all()), None)
    return _("Superseded: %(why)s") % {"why": later.supersedes_reason if later else ""}


def _differences(case: Case, place: str, content: Any) -> list[tuple[str, str, str]] | None:
    counted = case.sheets.get(place)
    try:
        other = read(content, case.rule.lines, list(case.rule.violations))
    except Unreadable:
        return None
    if counted is None:
        return []
    ours = {row.criterion_code: str(row.rating) for row in counted.observations.all()}
    theirs = _ratings(other)
    seen = _("seen")
    ours |= {row.code: seen for row in counted.violations.all()}
    theirs |= {row.code: seen for row in other.violations}
    codes = [*(line.code for line in case.rule.lines), *case.rule.violations]
    return [
        (code, ours.get(code, "–"), theirs.get(code, "–"))
        for code in codes
        if ours.get(code) != theirs.get(code)
    ]


def _ratings(content: Content) -> dict[str, str]:
    return {
        mark.criterion: str(mark.rating) for mark in content.observations if mark.rating is not None
    }


# Passes that were taken back


@dataclass(frozen=True)
class Fall:
    """A pass that is one no longer, and the credentials that were issued on it and still stand."""

    result: PracticalResult
    passed: PracticalResult
    credentials: list[Credential]


def fallen(results: PracticalResultQuerySet) -> PracticalResultQuerySet:
    """Of these, the newest versions that are no pass although an earlier one was."""
    passed = PracticalResult.Outcome.PASSED
    earlier = PracticalResult.objects.filter(
        appointment=OuterRef("appointment"), outcome=passed, version__lt=OuterRef("version")
    )
    rows = results.newest().filter(Exists(earlier), appointment__exam_day__isnull=False)
    return rows.exclude(outcome=passed)


def falls(*, at: datetime, results: Iterable[PracticalResult] | None = None) -> list[Fall]:
    """What waits for a registrar: nothing but the result has changed yet. Three queries, and the standing of each credential."""
    passed = PracticalResult.Outcome.PASSED
    rows = (
        fallen(PracticalResult.objects.all())
        .filter(fall_review=None)
        .select_related(
            "appointment__candidate", "appointment__exam_day", "appointment__plan", "by"
        )
        .order_by("at", "pk")
    )
    if results is not None:
        rows = rows.filter(pk__in=[row.pk for row in results])
    newest = list(rows)
    before = {
        row.appointment_id: row
        for row in PracticalResult.objects.filter(
            appointment__in=[row.appointment_id for row in newest], outcome=passed
        ).order_by("version")
    }
    found = [
        Fall(row, before[row.appointment_id], _resting_on(before[row.appointment_id], row, at))
        for row in newest
    ]
    return [fall for fall in found if fall.credentials]


def _resting_on(passed: PracticalResult, result: PracticalResult, at: datetime) -> list[Credential]:
    """Credentials issued to the candidate since the pass, for what the practical counts to, that still stand."""
    rows = Credential.objects.filter(
        holder=result.appointment.candidate_id,
        credential_type__requirements__activities=result.appointment.plan.activity_id,
        issued_at__gte=passed.at,
        issued_at__lte=result.at,
    ).select_related("credential_type")
    return [row for row in rows.distinct() if standing_of(row, at=at).status == "active"]


@transaction.atomic
def review_fall(*, result: PracticalResult, reasons: str, by: User, at: datetime) -> FallReview:
    """A registrar has looked at a pass that was taken back, and says why the credentials that rest on it stay as they are.

    A second review is a conflict. To suspend or revoke is done on the credential's own page, and takes it off the list as well.
    """
    require_role(by, Role.REGISTRAR)
    result = (
        PracticalResult.objects.select_for_update(of=("self",))
        .select_related("appointment")
        .get(pk=result.pk)
    )
    if result.appointment.candidate_id == by.pk:
        raise Forbidden("R2", _("Rule R2: nobody decides on their own result."))
    if FallReview.objects.filter(result=result).exists() or not falls(at=at, results=[result]):
        raise Conflict(
            "nothing_to_review", _("This was looked at already, or nothing rests on it.")
        )
    if not reasons.strip() or len(reasons) > TEXT_MAX or "\x00" in reasons:
        sentence = _("Give your reasons, in at most 4,000 characters.")
        raise Invalid("no_reasons", sentence, fields={"reasons": [sentence]})
    return FallReview.objects.append(
        chain=f"fall:{result.uuid}", at=at, result=result, reasons=reasons.strip(), by=by
    )
