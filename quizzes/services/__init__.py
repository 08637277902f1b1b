"""The door of quizzes: the item bank, quizzes, and attempts at them.

Verbs take keywords, `by` (who does it; None is the system) and `at` (server time), run in one transaction, and may be called twice.
"""

from quizzes.services.bank import Exposure, Near, exposure_of, near_duplicates
from quizzes.services.entry import Entry, entry_to
from quizzes.services.items import (
    freeze_item,
    load_domain,
    load_item,
    read_item,
    read_items,
)
from quizzes.services.life import (
    bar_to_moving,
    forms_asking,
    move_item,
    moves_of,
    publish_item,
    retire_unpublished,
)
from quizzes.services.marking import close_overdue, result_of, submit_attempt
from quizzes.services.quizzes import load_quiz, shortages_of
from quizzes.services.readiness import claims_near, lacks_of, texts_of
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
from quizzes.services.review import (
    bar_to_deciding,
    decide_on_item,
    ensure_item_workflow,
    submit_item,
    withdraw_item,
)
from quizzes.services.saving import Saved, check_response, save_response
from quizzes.services.starting import start_attempt

__all__ = [
    "Entry",
    "Exposure",
    "Near",
    "Saved",
    "appeal_until",
    "attempt_of",
    "bar_to_deciding",
    "bar_to_moving",
    "check_response",
    "claims_near",
    "close_overdue",
    "decide_on_item",
    "ensure_item_workflow",
    "entry_to",
    "explained",
    "exposure_of",
    "feedback_of",
    "forms_asking",
    "freeze_item",
    "lacks_of",
    "load_domain",
    "load_item",
    "load_quiz",
    "media_of",
    "move_item",
    "moves_of",
    "near_duplicates",
    "publish_item",
    "questions_of",
    "read_item",
    "read_items",
    "responses_of",
    "result_of",
    "retire_unpublished",
    "save_response",
    "shortages_of",
    "standing_of",
    "start_attempt",
    "submit_attempt",
    "submit_item",
    "texts_of",
    "withdraw_item",
]
