"""Answers that reach the server after the clock has closed their attempt: kept beside, told to the candidate, put in by a person or not at all.

Order of locks: the attempt.
"""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.services import Conflict, Invalid
from quizzes.models import Attempt, LateAnswer, Pool, Response, SittingEvent
from quizzes.services.devices import write_event

VERSIONS_MAX = 10  # of one question; a player sends the newest alone


@transaction.atomic
def keep_late(
    *,
    response: Response,
    answer: Any,
    flagged: bool | None,
    seq: int,
    device: str | None,
    at: datetime,
) -> Conflict | None:
    """Keep what came after the clock had closed an examination, and return the refusal that says so; None where nothing is kept like that.

    `errors.late` says which: true, it is kept beside; false, the same or a newer answer was saved in time. Sent again, it is kept once.
    """
    attempt = Attempt.objects.select_for_update(of=("self",)).get(pk=response.attempt_id)
    if not _is_closed_by_clock(attempt, at) or response.attempt.quiz.pool != Pool.SECURE:
        return None
    response = Response.objects.get(pk=response.pk)
    if seq <= response.seq or answer == response.answer:
        return Conflict(
            "time_up",
            _("The time is up. What was saved for this question before counts."),
            fields={"late": False},
        )
    kept = LateAnswer.objects.filter(response=response)
    if not kept.filter(seq=seq, device=device or "").exists():
        if kept.count() >= VERSIONS_MAX:
            return None
        LateAnswer.objects.append(
            chain=f"attempt:{attempt.uuid}",
            at=at,
            response=response,
            answer=answer,
            flagged=bool(flagged),
            seq=seq,
            device=device or "",
        )
    return Conflict(
        "time_up",
        _(
            "The time is up. This answer came after it: it is kept beside, and does not count by itself. If the network kept you from sending "
            "it, tell the invigilator, or report it from the next page."
        ),
        fields={"late": True},
    )


def _is_closed_by_clock(attempt: Attempt, at: datetime) -> bool:
    return attempt.closed_by_clock or attempt.is_overdue(at)


def late_of(attempt: Attempt) -> list[LateAnswer]:
    """What came late and was not put in, by question: of each device the newest. One query."""
    rows = LateAnswer.objects.waiting().filter(response__attempt=attempt)
    rows = rows.select_related("response").order_by("response__position", "seq", "pk")
    newest = {(row.response_id, row.device): row for row in rows}
    return list(newest.values())


def take_late(
    attempt: Attempt, chosen: Collection[UUID], *, reason: str, by: User, at: datetime
) -> None:
    """Put these late answers in, in the place of what was saved. The caller holds the attempt and has opened it. Raises Invalid."""
    if not chosen:
        return
    rows = [row for row in late_of(attempt) if row.uuid in set(chosen)]
    _require_sense(rows, set(chosen))
    for row in rows:
        attempt.responses.filter(pk=row.response_id).update(
            answer=row.answer, flagged=row.flagged, seq=row.seq, saved_at=at
        )
    where = ", ".join(str(row.response.position) for row in rows)
    said = f"{_('Questions %(where)s') % {'where': where}}. {reason.strip()}"
    write_event(attempt, SittingEvent.Kind.LATE_TAKEN, reason=said, by=by, at=at)


def _require_sense(rows: Iterable[LateAnswer], chosen: set[UUID]) -> None:
    rows = list(rows)
    if {row.uuid for row in rows} != chosen:
        sentence = _("Some of these are no longer waiting. Look at the list again.")
    elif len({row.response_id for row in rows}) < len(rows):
        sentence = _("Choose one answer for each question.")
    else:
        return
    raise Invalid("not_waiting", sentence, fields={"late": [sentence]})
