"""A tie between an examiner and a candidate, declared where both meet: the appointment. Whoever is tied does not examine (R4)."""

from datetime import date, datetime

from django.utils.translation import gettext as _

from accounts.models import ConflictDeclaration, Role, User
from accounts.services import Conflict, Forbidden, Invalid, Missing, declare_conflict
from practicals.models import Appointment, Assignment

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
