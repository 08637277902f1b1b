"""An examiner leaves a day, before it or in the middle of it: what they have not begun is given to others, what they have scored is kept."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _
from wagtail.log_actions import log

from accounts.models import Role, User
from accounts.services import Conflict, Forbidden, Invalid, Missing, notify
from practicals import circuit
from practicals.models import Assignment, ExamDay, PracticalAssessment
from practicals.services.assigning import fill
from practicals.services.checks import refuse, require_role
from practicals.services.grid import Grid, examiners_of, lock_day
from practicals.services.sheets import is_annulled


@dataclass(frozen=True)
class Left:
    """What became of the places of somebody who left: filled again, still open, signed (they count), begun and not signed (they wait)."""

    filled: int
    open: int
    signed: list[Assignment]
    begun: list[Assignment]


@transaction.atomic
def take_off(
    *,
    exam_day: ExamDay,
    examiner: User,
    by: User | None,
    at: datetime,
    instead: User | None = None,
) -> Left:
    """Take an examiner off a day and fill their places again without conflict, with `instead` where no rule keeps them away, else with the others.

    Sheets are kept: signed ones count, a begun one waits for its signature or is handed over. Safe to call twice.
    """
    require_role(by, Role.REGISTRAR)
    grid = Grid(lock_day(exam_day.pk))
    if instead and instead.pk not in {person.pk for person in examiners_of(grid.exam_day)}:
        said = _("Choose an examiner of this day.")
        raise Invalid("not_of_the_day", said, fields={"instead": [said]})
    own = {place: row for place, row in grid.assignments.items() if row.examiner_id == examiner.pk}
    sheets = {
        place: [sheet for sheet in row.assessments.all() if sheet.active]
        for place, row in own.items()
    }
    grid.exam_day.examiners.remove(examiner)
    freed = [place for place, row in own.items() if not row.assessments.all()]
    grid.free(freed, by=by, at=at, why="examiner taken off")
    made = _give_to(grid, instead, freed, by, at) if instead else 0
    others: list[Assignment] = []
    still_open = len(freed) - made
    if freed and len(examiners_of(grid.exam_day)) >= len(circuit.PLACES):
        others, still_open = fill(grid, by=by, at=at)
    log(
        grid.exam_day,
        "practicals.take_off",
        user=by,
        data={"examiner": str(examiner.uuid), "freed": len(freed)},
        timestamp=at,
    )
    return Left(
        filled=made + len(others),
        open=still_open,
        signed=[own[place] for place, rows in sheets.items() if any(row.final_at for row in rows)],
        begun=[
            own[place]
            for place, rows in sheets.items()
            if rows and not any(r.final_at for r in rows)
        ],
    )


def _give_to(
    grid: Grid, instead: User, freed: list[tuple[int, int, str]], by: User | None, at: datetime
) -> int:
    cells = [grid.cell_of[place] for place in freed if place in grid.cell_of]
    proposed = circuit.propose(
        cells, [instead.pk], grid.barred([instead]), grid.taken, grid.away([instead])
    )
    return len(grid.write(dict.fromkeys(proposed, instead), by=by, at=at))


@transaction.atomic
def hand_over(
    *, assignment: Assignment, examiner: User, reason: str, by: User, at: datetime
) -> Assignment:
    """Give a place whose sheet is begun, not signed, to somebody else who stood there. The begun sheet is kept under its writer's name and counts no more.

    Raises Forbidden by rule as any assignment does, Conflict when it is signed or nothing was begun, Invalid without a reason.
    """
    require_role(by, Role.REGISTRAR)
    if assignment.appointment.exam_day_id is None:
        raise Missing("no_exam_day", _("There is no such exam day."))
    grid = Grid(lock_day(assignment.appointment.exam_day_id))
    place = (assignment.appointment_id, assignment.station_id, assignment.place)
    row = grid.assignments.get(place)
    if row is None or row.pk != assignment.pk:
        raise Missing("no_assignment", _("There is no such assignment."))
    _require_open_sheet(row)
    if is_annulled(row):
        raise Conflict("station_annulled", _("This station was annulled for this candidate."))
    if not reason.strip() or "\x00" in reason:
        said = _("Say why somebody else goes on.")
        raise Invalid("no_reason", said, fields={"reason": [said]})
    if row.examiner_id == examiner.pk:
        raise Conflict("same_examiner", _("%(name)s scores here already.") % {"name": examiner})
    cell = grid.cell_of[place]
    candidate = grid.appointments[row.appointment_id].candidate_id
    refuse(grid.bars([examiner]).get((examiner.pk, candidate), []))
    refuse(list(grid.busy(examiner, [cell]).values()))
    _require_not_other(grid, row, examiner)
    before = row.examiner
    PracticalAssessment.objects.filter(assignment=row, active=True).update(
        active=False, written_by=before
    )
    grid.write({cell: examiner}, by=by, at=at)
    data = {"assignment": str(row.uuid), "from": str(before.uuid), "reason": reason.strip()}
    log(row.appointment, "practicals.hand_over", user=by, data=data, timestamp=at)
    _tell(row, examiner, at)
    return row


def _require_open_sheet(row: Assignment) -> None:
    active = [sheet for sheet in row.assessments.all() if sheet.active]
    if any(sheet.final_at for sheet in active):
        raise Conflict("sheet_locked", _("This sheet is signed; it counts, whoever has left."))
    if not active:
        raise Conflict("not_begun", _("Nothing is scored here yet; simply assign somebody else."))


def _require_not_other(grid: Grid, row: Assignment, examiner: User) -> None:
    if not examiner.is_active or not examiner.has_role(Role.EXAMINER):
        said = _("Choose an examiner.")
        raise Invalid("not_an_examiner", said, fields={"examiner": [said]})
    other = "B" if row.place == "A" else "A"
    there = grid.assignments.get((row.appointment_id, row.station_id, other))
    if there and there.examiner_id == examiner.pk:
        raise Forbidden(
            "R2", _("Rule R2: %(name)s is the other examiner at this station.") % {"name": examiner}
        )


def _tell(row: Assignment, examiner: User, at: datetime) -> None:
    notify(
        recipient=examiner,
        kind="practical_handed_over",
        reference=f"{row.uuid}:{at:%Y%m%dT%H%M%S}",
        subject=_("You go on at %(station)s with candidate %(number)s")
        % {
            "station": row.station.checklist.code,
            "number": row.appointment.candidate_number,
        },
        template="practicals/mail/handed_over.txt",
        context={"assignment": row},
        url="/examine/",
        at=at,
    )
