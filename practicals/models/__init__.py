"""Checklists, exam plans and days, appointments, and what examiners wrote down."""

from practicals.models.attending import Agreement, AgreementMade, CheckIn, DateRequest
from practicals.models.checklists import (
    Checklist,
    ChecklistVersion,
    Criterion,
    Life,
    Pool,
    StationTransition,
    StationView,
    readable_pools,
)
from practicals.models.clients import ClientModel, ClientPlace
from practicals.models.devices import DayDownload, StraySheet
from practicals.models.plans import ExamDay, ExamPlan, Station
from practicals.models.practice import PracticeRun, PracticeSheet
from practicals.models.recovery import TAKE_WITHIN, DayKey, Opening
from practicals.models.results import (
    Adjudication,
    Annulment,
    AnnulmentEnd,
    FallReview,
    FurtherLearning,
    PracticalResult,
)
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
    "TAKE_WITHIN",
    "Adjudication",
    "Agreement",
    "AgreementMade",
    "Annulment",
    "AnnulmentEnd",
    "Appointment",
    "Assignment",
    "CheckIn",
    "Checklist",
    "ChecklistReviewTask",
    "ChecklistVersion",
    "ClientModel",
    "ClientPlace",
    "Criterion",
    "DateRequest",
    "DayDownload",
    "DayKey",
    "ExamDay",
    "ExamPlan",
    "FallReview",
    "FurtherLearning",
    "Life",
    "Observation",
    "Opening",
    "Pool",
    "PracticalAssessment",
    "PracticalResult",
    "PracticeRun",
    "PracticeSheet",
    "SheetRevision",
    "Station",
    "StationTransition",
    "StationView",
    "StraySheet",
    "Violation",
    "readable_pools",
]
