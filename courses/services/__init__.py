"""The door of courses. Quizzes, practicals and pages report facts here; what they complete is decided here and reported on to credentials.

Order of locks: the caller's own row, then the learner.
"""

from courses.claims import BadPattern, Rule
from courses.claims import lint as lint_claims
from courses.claims import rule as claim_rule
from courses.services.placing import (
    arrange,
    place_activity,
    place_course,
    place_module,
    registers_changed,
    require_may_leave,
    withdraw,
)
from courses.services.registers import (
    claim_rules,
    claims_stated_in,
    claims_touched,
    load_claim,
    load_contraindication,
    load_figure,
)
from courses.services.standing import Part, Step, hours_done, next_step, outline, syllabus
from courses.services.statements import statement_file, statement_of
from courses.services.taking import (
    admit,
    complete_due,
    complete_lesson,
    enrol,
    enrolment_of,
    may_enter,
    record_result,
    require_may_enrol,
    require_open,
    unmet_modules,
)
from courses.services.teaching import (
    ClassList,
    Learner,
    class_list,
    classes_of,
    keep_teaching_current,
    record_session,
    staff_class,
)
from courses.svg import findings as drawing_faults

__all__ = [
    "BadPattern",
    "ClassList",
    "Learner",
    "Part",
    "Rule",
    "Step",
    "admit",
    "arrange",
    "claim_rule",
    "claim_rules",
    "claims_stated_in",
    "claims_touched",
    "class_list",
    "classes_of",
    "complete_due",
    "complete_lesson",
    "drawing_faults",
    "enrol",
    "enrolment_of",
    "hours_done",
    "keep_teaching_current",
    "lint_claims",
    "load_claim",
    "load_contraindication",
    "load_figure",
    "may_enter",
    "next_step",
    "outline",
    "place_activity",
    "place_course",
    "place_module",
    "record_result",
    "record_session",
    "registers_changed",
    "require_may_enrol",
    "require_may_leave",
    "require_open",
    "staff_class",
    "statement_file",
    "statement_of",
    "syllabus",
    "unmet_modules",
    "withdraw",
]
