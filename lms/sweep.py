"""What a killed server or worker left undone, found again from the rows themselves. Runs every half minute; each part is safe to repeat.

A part that fails is written to the log and holds up no other.
"""

import logging
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.core.management import call_command
from wagtail.models import Revision

from accounts import services as accounts
from courses import services as courses
from credentials import issuing
from credentials import services as credentials
from lms import queue
from practicals import services as practicals
from quizzes import services as quizzes


def keep_schedule(*, at: datetime) -> int:
    """Pages, items and checklists whose hour has come go live, and those whose time is over go. Returns how many went live."""
    due = Revision.objects.filter(approved_go_live_at__lte=at).count()
    call_command("publish_scheduled", verbosity=0)
    return due


PARTS: dict[str, Callable[..., Any]] = {
    "tasks_reclaimed": queue.reclaim,
    "schedule_kept": keep_schedule,
    "attempts_closed": quizzes.close_overdue,
    "results_released": quizzes.release_due,
    "courses_completed": courses.complete_due,
    "teaching_recorded": courses.keep_teaching_current,
    "credentials_awarded": credentials.award_due,
    "documents_pending": issuing.sweep,
    "practicals_decided": practicals.decide_due,
    "day_keys_deleted": practicals.forget_keys,
    "candidates_reminded": practicals.remind_of_appointments,
    "holders_reminded": credentials.remind_of_expiry,
    "documents_reminded": credentials.remind_of_documents,
    "bulk_resumed": credentials.resume_due,
    "outcomes_told": credentials.tell_untold,
    "notices_enqueued": accounts.send_what_is_unsent,
    "rows_tidied": queue.tidy,
}


def sweep(*, at: datetime) -> dict[str, Any]:
    """Run every part once; returns what each did, or None for one that failed."""
    done: dict[str, Any] = {}
    for name, part in PARTS.items():
        try:
            done[name] = part(at=at)
        except Exception:
            logging.getLogger(__name__).exception("The sweep failed at %s", name)
            done[name] = None
    return done
