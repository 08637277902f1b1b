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
from practicals.services.annulling import annul_station, require_may_annul
from practicals.services.asking import (
    Standing,
    ask_for_date,
    open_days,
    standing_in,
    standings_of,
    withdraw_request,
)
from practicals.services.assigning import (
    Refused,
    assign_examiner,
    assign_station,
    auto_assign,
    bars_of_day,
)
from practicals.services.attending import (
    agree,
    agreement_of,
    check_in,
    current_agreement,
    record_absence,
)
from practicals.services.bars import engaged_elsewhere
from practicals.services.calendars import calendar_of
from practicals.services.cases import Case, cases_of
from practicals.services.checklists import freeze_checklist, load_checklist
from practicals.services.clients import (
    client_stops,
    clients_of,
    keep_client,
    place_client,
)
from practicals.services.days import cancel_day, set_day
from practicals.services.deciding import decide_due, decide_if_due
from practicals.services.downloads import download_day, with_all_a_device_needs
from practicals.services.editions import (
    KEEPERS,
    begun_days,
    changes_of,
    fault_words,
    faults_of,
    next_edition,
    put_in_force,
    require_changeable,
)
from practicals.services.formative import start_formative
from practicals.services.leaving import Left, hand_over, take_off
from practicals.services.plans import draw_stations, load_exam_plan, place_formative
from practicals.services.practice import (
    ask_classmate,
    asked_of,
    begin_practice,
    classmates,
    delete_practice,
    delete_practice_sheet,
    join_by_code,
    open_code,
    practice_stations,
    report_of,
    runs_of,
    score_myself,
    sync_practice,
)
from practicals.services.readiness import claims_near, lacks_of
from practicals.services.reading import (
    Exposure,
    exposure_of,
    hand_out_cards,
    read_checklists,
)
from practicals.services.recovery import allow_opening, ask_opening, forget_keys, key_of
from practicals.services.reminding import remind_of_appointments
from practicals.services.resits import (
    Next,
    Record,
    UsedUp,
    failed_stations,
    next_after,
    out_of_attempts,
    record_further_learning,
    record_of,
    require_may_sit_again,
    resit_after,
    resit_due,
    stations_to_sit,
)
from practicals.services.review import (
    UnderReview,
    bar_to_reviewing,
    decide_on_checklist,
    ensure_checklist_workflow,
    stations_under_review,
    submit_checklist,
    withdraw_checklist,
)
from practicals.services.sheets import reissue, require_writable, sync_sheet
from practicals.services.stations import (
    bar_to_moving,
    move_checklist,
    moves_of,
    places_of,
    publish_checklist,
    require_in_use,
    retire_unpublished,
)
from practicals.services.strays import keep_unassigned
from practicals.services.taking_back import require_may_take_back, take_back_annulment
from practicals.services.ties import (
    OWN_KINDS,
    declare_tie,
    examiners_to_know,
    object_to_examiner,
    objections_close,
)
from practicals.services.timetable import Timetable, timetable_of
from practicals.services.visits import (
    answer_appointment,
    cancel_appointment,
    eligible_candidates,
    offer_appointment,
)

__all__ = [
    "KEEPERS",
    "OWN_KINDS",
    "Case",
    "Exposure",
    "Left",
    "Next",
    "Record",
    "Refused",
    "Standing",
    "Timetable",
    "UnderReview",
    "UsedUp",
    "adjudicate",
    "agree",
    "agreement_of",
    "allow_opening",
    "annul_station",
    "answer_appointment",
    "ask_classmate",
    "ask_for_date",
    "ask_opening",
    "asked_of",
    "assign_examiner",
    "assign_station",
    "auto_assign",
    "bar_to_moving",
    "bar_to_reviewing",
    "bars_among_held",
    "bars_of_day",
    "bars_to_deciding",
    "begin_practice",
    "begun_days",
    "calendar_of",
    "cancel_appointment",
    "cancel_day",
    "cases_of",
    "changes_of",
    "check_in",
    "claims_near",
    "classmates",
    "client_stops",
    "clients_of",
    "current_agreement",
    "decide_due",
    "decide_if_due",
    "decide_on_checklist",
    "declare_tie",
    "delete_practice",
    "delete_practice_sheet",
    "download_day",
    "draw_stations",
    "eligible_candidates",
    "engaged_elsewhere",
    "ensure_checklist_workflow",
    "examiners_to_know",
    "exposure_of",
    "failed_stations",
    "fault_words",
    "faults_of",
    "forget_keys",
    "freeze_checklist",
    "hand_out_cards",
    "hand_over",
    "join_by_code",
    "keep_client",
    "keep_unassigned",
    "key_of",
    "lacks_of",
    "load_checklist",
    "load_exam_plan",
    "move_checklist",
    "moves_of",
    "next_after",
    "next_edition",
    "object_to_examiner",
    "objections_close",
    "offer_appointment",
    "open_code",
    "open_days",
    "out_of_attempts",
    "place_client",
    "place_formative",
    "places_of",
    "practice_stations",
    "publish_checklist",
    "put_in_force",
    "read_checklists",
    "record_absence",
    "record_further_learning",
    "record_of",
    "reissue",
    "remind_of_appointments",
    "report_of",
    "require_changeable",
    "require_in_use",
    "require_may_adjudicate",
    "require_may_annul",
    "require_may_sit_again",
    "require_may_supersede",
    "require_may_take_back",
    "require_writable",
    "resit_after",
    "resit_due",
    "retire_unpublished",
    "runs_of",
    "score_myself",
    "set_day",
    "standing_in",
    "standings_of",
    "start_formative",
    "stations_to_sit",
    "stations_under_review",
    "submit_checklist",
    "supersede_sheet",
    "sync_practice",
    "sync_sheet",
    "take_back_annulment",
    "take_off",
    "timetable_of",
    "with_all_a_device_needs",
    "withdraw_checklist",
    "withdraw_request",
]
