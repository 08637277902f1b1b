"""An annulment taken back: the sheet has come after all, and nothing has been built on its absence.

What came was kept beside (strays.py); from then on it counts as its examiner signed it, and the practical is decided as if it had come in time.
Order of locks: the appointment, the re-sits that rest on it, the learner.
"""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _
from wagtail.log_actions import log

from accounts.models import Role, User
from accounts.services import Conflict, Invalid, Missing, lock_learner
from practicals.models import (
    Annulment,
    AnnulmentEnd,
    Appointment,
    PracticalAssessment,
    PracticalResult,
    Station,
    StraySheet,
)
from practicals.services.adjudicating import NO_NAMES, bars_to_deciding, locked, names_somebody
from practicals.services.checks import refuse, require_role
from practicals.services.deciding import decide_if_due, resits_locked
from practicals.services.sheets import take_in
from practicals.sheet import MAX_NOTE, storable

STATES = Appointment.State


@transaction.atomic
def take_back_annulment(
    *, appointment: Appointment, station: Station, reasons: str, by: User, at: datetime
) -> AnnulmentEnd:
    """Take an annulment back, let what was kept beside count, and decide. The candidate reads the reasons. A second call returns the same.

    Raises Forbidden as annulling does, Missing where nothing was annulled, Conflict while a sheet is still missing or once the station is
    being sat again, Invalid.
    """
    require_role(by, Role.CHIEF_EXAMINER)
    appointment = locked(appointment)
    refuse(bars_to_deciding(appointment=appointment, chief=by, at=at))
    row = _annulled(appointment, station)
    ended = AnnulmentEnd.objects.filter(annulment=row).first()
    if ended:
        return ended
    resits_locked(appointment)
    lock_learner(appointment.candidate_id)
    strays = come_after_all(row)
    require_nothing_built_on(row)
    _require_readable(reasons, row)
    ended = AnnulmentEnd.objects.append(
        chain=f"appointment:{appointment.uuid}",
        at=at,
        annulment=row,
        strays=[str(stray.uuid) for stray in strays],
        reasons=reasons.strip(),
        by=by,
    )
    for stray in strays:
        take_in(stray=stray, appointment=appointment, at=at)
    data = {"station": station.checklist.code, "annulment": str(row.uuid)}
    log(appointment, "practicals.take_back_annulment", user=by, data=data, timestamp=at)
    cause = PracticalResult.Cause.TAKEN_BACK
    decide_if_due(appointment=appointment, by=by, at=at, cause=cause, why=ended.reasons)
    return ended


def require_may_take_back(
    *, appointment: Appointment, station: Station, by: User, at: datetime
) -> tuple[Annulment, list[StraySheet]]:
    """Raise what `take_back_annulment` would whatever the reasons said; the annulment, and what would count."""
    require_role(by, Role.CHIEF_EXAMINER)
    refuse(bars_to_deciding(appointment=appointment, chief=by, at=at))
    row = _annulled(appointment, station)
    if AnnulmentEnd.objects.filter(annulment=row).exists():
        raise Conflict("taken_back", _("This annulment was taken back already."))
    strays = come_after_all(row)
    require_nothing_built_on(row)
    return row, strays


def _annulled(appointment: Appointment, station: Station) -> Annulment:
    row = (
        Annulment.objects.filter(appointment=appointment, station=station)
        .select_related("appointment")
        .first()
    )
    if row is None:
        raise Missing("not_annulled", _("This station was not annulled for this candidate."))
    return row


def come_after_all(row: Annulment) -> list[StraySheet]:
    """Of each sheet that is missing, the newest signed one its examiner sent since. Raises Conflict while one has not come."""
    found = []
    signed = PracticalAssessment.objects.filter(active=True, final_at__isnull=False)
    assignments = row.appointment.assignments.filter(station=row.station_id)
    for assignment in assignments.exclude(assessments__in=signed).order_by("place"):
        sent = StraySheet.objects.filter(
            assignment=assignment,
            sent_by=assignment.examiner_id,
            reason=StraySheet.Reason.ANNULLED,
        ).select_related("assignment", "sent_by")
        stray = next((one for one in sent.order_by("-sequence") if _is_signed(one)), None)
        if stray is None:
            raise Conflict(
                "still_missing",
                _(
                    "Sheet %(place)s has not come, signed, from its examiner. If it turns up on a tablet, have it sent: it is kept beside. "
                    "Then the annulment can be taken back."
                )
                % {"place": assignment.place},
            )
        found.append(stray)
    return found


def _is_signed(stray: StraySheet) -> bool:
    return isinstance(stray.content, Mapping) and stray.content.get("final") is True


def require_nothing_built_on(row: Annulment) -> None:
    """Raise Conflict once the candidate has, or had, a place to sit the station again."""
    resits = Appointment.objects.filter(resit_of__appointment=row.appointment_id)
    live = resits.exclude(state__in=[STATES.DECLINED, STATES.CANCELLED]).first()
    if live is None:
        return
    raise Conflict(
        "sat_again",
        _(
            "The candidate has a place to sit this station again, as candidate %(number)s. The annulment stands; what came is kept beside."
        )
        % {"number": live.candidate_number},
    )


def _require_readable(reasons: str, row: Annulment) -> None:
    assignments = row.appointment.assignments.filter(station=row.station_id)
    examiners = [each.examiner for each in assignments.select_related("examiner")]
    if not reasons.strip() or len(reasons) > MAX_NOTE or not storable(reasons):
        sentence = _("Write the reasons, as the candidate will read them.")
    elif names_somebody(reasons, examiners):
        sentence = str(NO_NAMES)
    else:
        return
    raise Invalid("no_reasons", sentence, fields={"reasons": [sentence]})
