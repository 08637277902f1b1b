"""Checklists, exam plans and days, appointments, and what examiners wrote down."""

from practicals.models.checklists import Checklist, ChecklistVersion, Criterion
from practicals.models.plans import ExamDay, ExamPlan, Station
from practicals.models.results import Adjudication, PracticalResult
from practicals.models.review import ChecklistReviewTask
from practicals.models.sheets import (
    GLOBAL_ANCHORS,
    Observation,
    PracticalAssessment,
    SheetRevision,
    Violation,
)
from practicals.models.visits import Appointment, Assignment

__all__ = [
    "GLOBAL_ANCHORS",
    "Adjudication",
    "Appointment",
    "Assignment",
    "Checklist",
    "ChecklistReviewTask",
    "ChecklistVersion",
    "Criterion",
    "ExamDay",
    "ExamPlan",
    "Observation",
    "PracticalAssessment",
    "PracticalResult",
    "SheetRevision",
    "Station",
    "Violation",
]
