"""Items, the quizzes that draw on them, fixed forms, sittings, what people answered, and what was told them."""

from quizzes.models.forms import Form, FormItem, FormSignature
from quizzes.models.items import (
    Domain,
    Item,
    ItemTransition,
    ItemVersion,
    Level,
    Life,
    MustCover,
    Pool,
    SecureView,
    readable_pools,
)
from quizzes.models.release import EssayMark, ItemRuling, Release
from quizzes.models.review import ItemReviewTask
from quizzes.models.sittings import (
    Incident,
    IncidentDecision,
    LateAnswer,
    Remediation,
    Seat,
    Sitting,
    SittingEvent,
)
from quizzes.models.taking import Attempt, BlueprintCell, Quiz, Response, ResultVersion

__all__ = [
    "Attempt",
    "BlueprintCell",
    "Domain",
    "EssayMark",
    "Form",
    "FormItem",
    "FormSignature",
    "Incident",
    "IncidentDecision",
    "Item",
    "ItemReviewTask",
    "ItemRuling",
    "ItemTransition",
    "ItemVersion",
    "LateAnswer",
    "Level",
    "Life",
    "MustCover",
    "Pool",
    "Quiz",
    "Release",
    "Remediation",
    "Response",
    "ResultVersion",
    "Seat",
    "SecureView",
    "Sitting",
    "SittingEvent",
    "readable_pools",
]
