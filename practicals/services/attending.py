"""On the day: what a candidate agrees to, that a registrar saw who came, and that somebody did not come."""

import re
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from wagtail.log_actions import log

from accounts.models import Role, User
from accounts.services import Conflict, Forbidden, Invalid, Missing
from practicals.models import (
    Agreement,
    AgreementMade,
    Appointment,
    CheckIn,
    ExamPlan,
    PracticalAssessment,
)
from practicals.services.checks import require_role
from practicals.services.visits import lock_appointment

# A document is named, never numbered: four figures in a row are a number.
NUMBER = re.compile(r"\d\D?\d\D?\d\D?\d")
NAME_MAX, WORDS_MAX = 150, 100


def current_agreement(plan: ExamPlan) -> Agreement | None:
    """The newest version, if it says what the plan says now. One query."""
    newest = plan.agreements.order_by("-number").first()
    return newest if newest and newest.text == plan.agreement else None


@transaction.atomic
def agreement_of(*, plan: ExamPlan, at: datetime) -> Agreement:
    """What candidates of a plan agree to now; a changed text becomes a version of its own."""
    current = current_agreement(plan)
    if current:
        return current
    plan = ExamPlan.objects.select_for_update().get(pk=plan.pk)
    current = current_agreement(plan)
    if current:
        return current
    newest = plan.agreements.order_by("-number").first()
    return Agreement.objects.append(
        chain=f"agreement:{plan.activity.uuid}",
        at=at,
        plan=plan,
        number=newest.number + 1 if newest else 1,
        text=plan.agreement,
    )


@transaction.atomic
def agree(*, appointment: Appointment, name: str, by: User, at: datetime) -> AgreementMade:
    """The candidate, signed in, agrees to the rules of the day under their name. The same again changes nothing.

    Raises Missing for anybody else, Conflict unless the appointment is accepted and still ahead, Invalid without a name.
    """
    if appointment.candidate_id != by.pk:
        raise Missing("no_appointment", _("There is no such appointment."))
    appointment = lock_appointment(appointment)
    made = appointment.agreements_made.first()
    if made:
        return made
    if appointment.state != Appointment.State.ACCEPTED or appointment.exam_day is None:
        raise Conflict("not_accepted", _("Accept the date first; then you can agree to its rules."))
    return _agreed(appointment, name, by, at)


def _agreed(appointment: Appointment, name: str, by: User, at: datetime) -> AgreementMade:
    name = " ".join(name.split())
    if not name or len(name) > NAME_MAX or "\x00" in name:
        said = _("Write the name under which the candidate agrees.")
        raise Invalid("no_name", said, fields={"name": [said]})
    made = AgreementMade.objects.append(
        chain=f"appointment:{appointment.uuid}",
        at=at,
        appointment=appointment,
        agreement=agreement_of(plan=appointment.plan, at=at),
        name=name,
        by=by,
    )
    log(appointment, "practicals.agreed", user=by, timestamp=at)
    return made


@transaction.atomic
def check_in(
    *,
    appointment: Appointment,
    identity: str,
    by: User,
    at: datetime,
    words: str = "",
    name: str = "",
) -> Appointment:
    """A registrar saw the candidate and a document with a photo, and the candidate has agreed: on their own page, or here under `name`.

    What was seen is kept, never its number. Safe to call twice. Somebody recorded as absent who comes after all is checked in too. Raises
    Conflict before the day or for an appointment not accepted, Invalid by field, Forbidden (R2) for oneself.
    """
    require_role(by, Role.REGISTRAR)
    appointment = lock_appointment(appointment)
    if appointment.checked_in_at:
        return appointment
    _require_expected(appointment, at)
    if by.pk == appointment.candidate_id:
        raise Forbidden("R2", _("Rule R2: nobody checks themselves in."))
    words = " ".join(words.split())
    _require_identity(identity, words)
    agreed = appointment.agreements_made.first() or _agreed(appointment, name, by, at)
    CheckIn.objects.append(
        chain=f"appointment:{appointment.uuid}",
        at=at,
        appointment=appointment,
        identity=identity,
        words=words,
        agreed=agreed,
        by=by,
    )
    appointment.state, appointment.checked_in_at = Appointment.State.ACCEPTED, at
    appointment.save(update_fields=["state", "checked_in_at"])
    log(appointment, "practicals.check_in", user=by, data={"identity": identity}, timestamp=at)
    return appointment


def _require_expected(appointment: Appointment, at: datetime) -> None:
    day = appointment.exam_day
    if day is None or appointment.state not in (
        Appointment.State.ACCEPTED,
        Appointment.State.ABSENT,
    ):
        raise Conflict("not_accepted", _("The candidate has not accepted this appointment."))
    if at.astimezone(ZoneInfo(day.zone)).date() < day.date:
        raise Conflict(
            "before_the_day",
            _("Candidates are checked in on the day itself, %(day)s.")
            % {"day": date_format(day.date, "j F Y")},
        )


def _require_identity(identity: str, words: str) -> None:
    errors = {}
    if identity not in CheckIn.Identity.values:
        errors["identity"] = [_("Choose which document you saw.")]
    if identity == CheckIn.Identity.OTHER and not words:
        errors["words"] = [_("Say which document it was.")]
    if len(words) > WORDS_MAX or "\x00" in words:
        errors["words"] = [_("Say it in 100 characters at most.")]
    if NUMBER.search(words):
        errors["words"] = [_("Say what it was, never its number.")]
    if errors:
        raise Invalid("not_identified", _("Say which document you saw."), fields=errors)


@transaction.atomic
def record_absence(*, appointment: Appointment, by: User | None, at: datetime) -> Appointment:
    """A candidate who had accepted did not come. They can be offered another date. Safe to call twice.

    Raises Conflict before they were due, once they are checked in, or when a sheet was begun.
    """
    require_role(by, Role.REGISTRAR)
    appointment = lock_appointment(appointment)
    if appointment.state == Appointment.State.ABSENT:
        return appointment
    if appointment.state != Appointment.State.ACCEPTED or appointment.exam_day is None:
        raise Conflict("not_accepted", _("The candidate has not accepted this appointment."))
    if at < appointment.starts_at:
        raise Conflict("not_due", _("The candidate is not due yet."))
    if appointment.checked_in_at:
        raise Conflict("checked_in", _("The candidate is checked in."))
    if PracticalAssessment.objects.filter(assignment__appointment=appointment).exists():
        raise Conflict(
            "sheet_begun", _("An examiner has begun to score this candidate: they are here.")
        )
    appointment.state = Appointment.State.ABSENT
    appointment.save(update_fields=["state"])
    log(appointment, "practicals.absent", user=by, timestamp=at)
    return appointment
