"""Items, the quizzes that draw on them, and what people answered."""

from quizzes.models.items import (
    Domain,
    Item,
    ItemReviewTask,
    ItemVersion,
    Level,
    MustCover,
    Pool,
    SecureView,
    readable_pools,
)
from quizzes.models.taking import Attempt, BlueprintCell, Quiz, Response, ResultVersion

__all__ = [
    "Attempt",
    "BlueprintCell",
    "Domain",
    "Item",
    "ItemReviewTask",
    "ItemVersion",
    "Level",
    "MustCover",
    "Pool",
    "Quiz",
    "Response",
    "ResultVersion",
    "SecureView",
    "readable_pools",
]
