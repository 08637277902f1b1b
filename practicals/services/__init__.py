"""The door of practicals: checklists are frozen, days planned, examiners assigned, sheets synced and signed, results decided.

Order of locks: the appointment (or the exam day), then the learner. A result is reported down with `courses.services.record_result`.
"""

from practicals.services.adjudicating import (
    adjudicate,
    bars_among_held,
    bars_to_deciding,
    require_may_adjudicate,
    require_may_supersede,
    supersede_sheet,
)
from practicals.services.assigning import (
    Refused,
    assign_examiner,
    assign_station,
    auto_assign,
    bars_of_day,
)
from practicals.services.checklists import (
    ensure_checklist_workflow,
    freeze_checklist,
    load_checklist,
)
from practicals.services.deciding import Case, cases_of, decide_if_due
from practicals.services.formative import start_formative
from practicals.services.plans import draw_stations, load_exam_plan, place_formative
from practicals.services.sheets import reissue, require_writable, sync_sheet
from practicals.services.ties import OWN_KINDS, declare_tie
from practicals.services.timetable import Timetable, timetable_of
from practicals.services.visits import (
    answer_appointment,
    cancel_appointment,
    check_identity,
    eligible_candidates,
    offer_appointment,
)

__all__ = [
    "OWN_KINDS",
    "Case",
    "Refused",
    "Timetable",
    "adjudicate",
    "answer_appointment",
    "assign_examiner",
    "assign_station",
    "auto_assign",
    "bars_among_held",
    "bars_of_day",
    "bars_to_deciding",
    "cancel_appointment",
    "cases_of",
    "check_identity",
    "decide_if_due",
    "declare_tie",
    "draw_stations",
    "eligible_candidates",
    "ensure_checklist_workflow",
    "freeze_checklist",
    "load_checklist",
    "load_exam_plan",
    "offer_appointment",
    "place_formative",
    "reissue",
    "require_may_adjudicate",
    "require_may_supersede",
    "require_writable",
    "start_formative",
    "supersede_sheet",
    "sync_sheet",
    "timetable_of",
]
