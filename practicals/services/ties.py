"""A tie between an examiner and a candidate, declared where both meet: the appointment. Whoever is tied does not examine (R4).

A candidate objects to an examiner of their day, without giving a reason, until so many hours before; later the registrar decides. A tie is not
taken back and has no exception: an override is the impartiality committee's, and this house has none.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Q
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.models import ConflictDeclaration, Role, User
from accounts.services import Conflict, Forbidden, Invalid, Missing, declare_conflict, notify
from practicals.models import Appointment, Assignment
from practicals.services.grid import Grid, lock_day

# What an examiner says of themselves; an objection is the candidate's, and a registrar writes it down.
OWN_KINDS = [kind for kind in ConflictDeclaration.Kind if kind != kind.OBJECTION]


def declare_tie(
    *,
    appointment: Appointment,
    examiner: User,
    kind: str,
    note: str,
    by: User,
    at: datetime,
    until: date | None = None,
) -> ConflictDeclaration:
    """Write that an examiner and the candidate of an appointment are tied, or that the candidate objects. The same is written once.

    A registrar does it for anybody; an examiner for themselves, of an appointment they are assigned to. Who is assigned stays so until the
    registrar puts somebody else there, but begins no sheet. Raises Missing, Forbidden, Conflict (a practice station), Invalid by field.
    """
    if not by.has_role(Role.REGISTRAR):
        _require_own(appointment, examiner, kind, by)
    if appointment.exam_day is None:
        raise Conflict("formative", _("A practical inside a course is scored by its instructor."))
    if kind not in ConflictDeclaration.Kind.values:
        said = _("Say what ties them.")
        raise Invalid("no_such_kind", said, fields={"kind": [said]})
    if until and until < at.date():
        said = _("Choose today or a day to come.")
        raise Invalid("over", said, fields={"until": [said]})
    return declare_conflict(
        examiner=examiner,
        candidate=appointment.candidate,
        kind=kind,
        note=note,
        until=until,
        by=by,
        at=at,
    )


def _require_own(appointment: Appointment, examiner: User, kind: str, by: User) -> None:
    if examiner.pk != by.pk:
        raise Forbidden("not_yours", _("You declare your own ties only."))
    if not Assignment.objects.visible_to(by).filter(appointment=appointment).exists():
        raise Missing("no_appointment", _("There is no such appointment."))
    if kind not in OWN_KINDS:
        raise Forbidden(
            "wrong_role", _("An objection is the candidate's; a registrar writes it down.")
        )


@dataclass(frozen=True)
class KnownExaminer:
    """An examiner of a candidate's day as the candidate knows them: by name, not where they stand."""

    examiner: User
    objected: bool


def examiners_to_know(*, appointment: Appointment) -> list[KnownExaminer]:
    """Whoever is to examine on the candidate's day, by name. Two queries."""
    if appointment.exam_day is None:
        return []
    objected = set(
        ConflictDeclaration.objects.filter(
            candidate=appointment.candidate_id, kind=ConflictDeclaration.Kind.OBJECTION
        ).values_list("examiner", flat=True)
    )
    day = appointment.exam_day
    people = (
        User.objects.filter(
            Q(exam_days=day) | Q(assignments__appointment__exam_day=day), is_active=True
        )
        .exclude(pk=appointment.candidate_id)
        .distinct()
        .order_by("name", "pk")
    )
    return [KnownExaminer(person, person.pk in objected) for person in people]


def objections_close(appointment: Appointment) -> datetime:
    """Until when a candidate may object, by the clock of the place."""
    hours = timedelta(hours=appointment.plan.objection_hours)
    return (appointment.starts_at - hours).astimezone(ZoneInfo(appointment.zone))


@transaction.atomic
def object_to_examiner(
    *, appointment: Appointment, examiner: User, by: User, at: datetime, note: str = ""
) -> ConflictDeclaration:
    """The candidate does not want to be examined by somebody of their day (R4). Nobody asks why. The same is written once.

    The examiner's places with them are open again, and registrars hear of it. Raises Missing for anybody else's appointment or an examiner who
    is none of the day, Conflict when it is closed or too late.
    """
    if appointment.candidate_id != by.pk or appointment.exam_day_id is None:
        raise Missing("no_appointment", _("There is no such appointment."))
    if examiner.pk not in {
        known.examiner.pk for known in examiners_to_know(appointment=appointment)
    }:
        raise Missing("no_examiner", _("There is no such examiner on your day."))
    grid = Grid(lock_day(appointment.exam_day_id))
    held = grid.appointments.get(appointment.pk)
    if held is None:
        raise Conflict("appointment_closed", _("This appointment is closed."))
    until = objections_close(held)
    if at > until:
        raise Conflict(
            "too_late",
            _(
                "Rule R4: objections closed on %(until)s. Speak to the registrar; they can still decide."
            )
            % {"until": date_format(until, "j F Y, H:i")},
        )
    row = declare_conflict(
        examiner=examiner,
        candidate=by,
        kind=ConflictDeclaration.Kind.OBJECTION,
        note=note,
        by=by,
        at=at,
    )
    freed = [
        place
        for place, assignment in grid.assignments.items()
        if place[0] == held.pk
        and assignment.examiner_id == examiner.pk
        and not assignment.assessments.all()
    ]
    grid.free(freed, by=by, at=at, why="R4")
    _tell_of_objection(held, examiner, len(freed), at)
    return row


def _tell_of_objection(appointment: Appointment, examiner: User, freed: int, at: datetime) -> None:
    day = appointment.day
    for registrar in User.objects.filter(groups__name=Role.REGISTRAR, is_active=True):
        notify(
            recipient=registrar,
            kind="practical_objection",
            reference=f"{appointment.uuid}:{examiner.uuid.hex}",
            subject=_("Candidate %(number)s objects to %(examiner)s")
            % {"number": appointment.candidate_number, "examiner": examiner},
            template="practicals/mail/objection.txt",
            context={
                "appointment": appointment,
                "examiner": examiner,
                "exam_day": day,
                "freed": freed,
            },
            url=f"/exam-days/{day.uuid}/",
            at=at,
        )
