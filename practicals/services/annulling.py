"""When a sheet never comes: a chief examiner annuls the station, and the candidate sits it again at no charge.

Nobody decides on one sheet: two examiners score each station independently (R37), and one of them is not there. What is lost through no fault of
the candidate's is neither a fail nor an attempt. It is taken back in taking_back.py.
Order of locks: the appointment, the re-sits that rest on it, the learner.
"""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _
from wagtail.log_actions import log

from accounts.models import Role, User
from accounts.services import Conflict, Invalid
from practicals.models import Annulment, Appointment, PracticalResult, Station
from practicals.services.adjudicating import NO_NAMES, bars_to_deciding, locked, names_somebody
from practicals.services.cases import Case, cases_of
from practicals.services.checks import refuse, require_role
from practicals.services.deciding import decide_if_due
from practicals.services.watching import SHEETS_COME_WITHIN
from practicals.sheet import MAX_NOTE, storable


@transaction.atomic
def annul_station(
    *, appointment: Appointment, station: Station, reasons: str, by: User, at: datetime
) -> Annulment:
    """Annul a station whose sheet has not come six hours after the start, and decide what follows once nothing else is waited for.

    The candidate reads the reasons. What comes of the sheet later is kept beside. A second call returns the annulment. Raises Forbidden by rule
    for a chief examiner who examined (R2), taught (R3) or is tied to (R4) the candidate, Conflict while the sheets may still come or when they
    are all there, Invalid.
    """
    require_role(by, Role.CHIEF_EXAMINER)
    appointment = locked(appointment)
    refuse(bars_to_deciding(appointment=appointment, chief=by, at=at))
    before = Annulment.objects.filter(appointment=appointment, station=station, end=None).first()
    if before:
        return before
    case = annullable(appointment, station, at=at)
    _require_readable(reasons, case)
    row = Annulment.objects.append(
        chain=f"appointment:{appointment.uuid}",
        at=at,
        appointment=appointment,
        station=station,
        version=case.version,
        sheets=[str(case.sheets[place].uuid) for place in case.places if place in case.sheets],
        missing=[place for place in case.places if place not in case.sheets],
        reasons=reasons.strip(),
        by=by,
    )
    data = {"station": case.rule.code, "missing": row.missing, "annulment": str(row.uuid)}
    log(appointment, "practicals.annul", user=by, data=data, timestamp=at)
    cause = PracticalResult.Cause.ANNULLED
    decide_if_due(appointment=appointment, by=by, at=at, cause=cause, why=row.reasons)
    return row


def require_may_annul(
    *, appointment: Appointment, station: Station, by: User, at: datetime
) -> Case:
    """Raise what `annul_station` would whatever the reasons said; the station's case."""
    require_role(by, Role.CHIEF_EXAMINER)
    refuse(bars_to_deciding(appointment=appointment, chief=by, at=at))
    return annullable(appointment, station, at=at)


def annullable(appointment: Appointment, station: Station, *, at: datetime) -> Case:
    """The station's case, if it may be annulled. Raises Conflict."""
    if appointment.state != Appointment.State.ACCEPTED or appointment.exam_day_id is None:
        raise Conflict("not_examined", _("The candidate was not examined here."))
    case = next(
        (
            case
            for case in cases_of(appointment)
            if case.station.pk == station.pk and case.source is None
        ),
        None,
    )
    if case is None or case.version is None:
        raise Conflict("not_examined", _("The candidate was not examined at this station."))
    if case.complete:
        raise Conflict("sheets_there", _("Every sheet of this station is there."))
    if at < appointment.starts_at + SHEETS_COME_WITHIN:
        raise Conflict(
            "too_early",
            _("Wait until six hours after the start: a sheet may still come from a tablet."),
        )
    return case


def _require_readable(reasons: str, case: Case) -> None:
    examiners = [row.examiner for row in case.assignments.values()]
    if not reasons.strip() or len(reasons) > MAX_NOTE or not storable(reasons):
        sentence = _("Write the reasons, as the candidate will read them.")
    elif names_somebody(reasons, examiners):
        sentence = str(NO_NAMES)
    else:
        return
    raise Invalid("no_reasons", sentence, fields={"reasons": [sentence]})
