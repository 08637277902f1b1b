"""The door of quizzes: the item bank, quizzes, and attempts at them.

Verbs take keywords, `by` (who does it; None is the system) and `at` (server time), run in one transaction, and may be called twice.
"""

from quizzes.services.attempts import (
    close_overdue,
    result_of,
    start_attempt,
    submit_attempt,
)
from quizzes.services.entry import Entry, entry_to
from quizzes.services.items import (
    ensure_item_workflow,
    freeze_item,
    load_domain,
    load_item,
    read_item,
    read_items,
)
from quizzes.services.quizzes import load_quiz, shortages_of
from quizzes.services.reading import (
    appeal_until,
    attempt_of,
    explained,
    feedback_of,
    media_of,
    questions_of,
    responses_of,
    standing_of,
)
from quizzes.services.saving import Saved, check_response, require_may_save, save_response

__all__ = [
    "Entry",
    "Saved",
    "appeal_until",
    "attempt_of",
    "check_response",
    "close_overdue",
    "ensure_item_workflow",
    "entry_to",
    "explained",
    "feedback_of",
    "freeze_item",
    "load_domain",
    "load_item",
    "load_quiz",
    "media_of",
    "questions_of",
    "read_item",
    "read_items",
    "require_may_save",
    "responses_of",
    "result_of",
    "save_response",
    "shortages_of",
    "standing_of",
    "start_attempt",
    "submit_attempt",
]
