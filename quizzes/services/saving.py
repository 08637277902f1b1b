"""Answering: saving as one UPDATE, and in practice checking one answer at once."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.services import Conflict, Invalid, Missing
from quizzes import scoring
from quizzes.frozen import contents, versions_asked
from quizzes.models import Attempt, Pool, Quiz, Response
from quizzes.services.devices import SHUT_OUT, require_device
from quizzes.services.late import keep_late
from quizzes.services.sittings import is_on_break, settle_break

SEQ_MAX = 2**31 - 1
TRIES = 3
ANSWER = Response._meta.get_field("answer")
ATTEMPT = Attempt._meta.get_field("uuid")


@dataclass(frozen=True)
class Saved:
    """A response as it is stored; `flagged` is None when the flag was not spoken of."""

    seq: int
    saved_at: datetime | None
    answer: dict[str, Any] | None
    flagged: bool | None


# Written out, because building this statement anew costs as much as running it, in the one request that an examination sends all the time.
# Everything it depends on stands in its own row or in the subquery: through a join, PostgreSQL would not look again after waiting.
SAVE = """
UPDATE quizzes_response SET answer = %s, flagged = COALESCE(%s, flagged), seq = %s, saved_at = %s
WHERE position = %s AND "open" AND seq < %s AND attempt_id IN (
    SELECT id FROM quizzes_attempt
    WHERE uuid = %s AND learner_id = %s AND submitted_at IS NULL AND (due_at IS NULL OR due_at > %s)
    AND paused_at IS NULL AND (sitting_id IS NULL OR device = COALESCE(%s, device))
)
"""


def save_response(
    *,
    uuid: UUID,
    position: int,
    answer: Any,
    flagged: Any,
    seq: Any,
    by: User,
    at: datetime,
    device: str | None = None,
) -> Saved:
    """Store an answer (and its flag, unless None) under a `seq` higher than the stored one; else change nothing. Returns what is stored.

    `answer`, `flagged` and `seq` may be anything; what has the wrong shape is refused. One UPDATE, which carries all its conditions
    itself, so that neither an older save nor one after the submission, on a break or from another device of a sitting can slip in.
    Raises Missing, Conflict when closed, out of time (an examination keeps it beside: late.py), on a break or on another device, Invalid.
    """
    problems = _problems(uuid, position, answer, flagged, seq)
    given = (uuid, position, answer, flagged, seq, by, at, device)
    for _time in range(TRIES):
        if not problems and _update(*given):
            return Saved(seq, at, answer, flagged)
        response = _response(uuid, position, by)
        if not problems and _keep_if_late(response, answer, flagged, seq, device, at):
            response = _response(uuid, position, by)
        _require_taking_answers(response, at)
        _let_in(response.attempt, by, at, device)
        if problems:
            raise Invalid(
                "not_an_answer", _("This cannot be saved. See `errors`."), fields=problems
            )
        # What kept it out is gone by now (a break is over, the device is bound): nothing but a newer answer keeps it out for good.
        if response.seq >= seq:
            break
    return Saved(response.seq, response.saved_at, response.answer, response.flagged)


def _update(
    uuid: UUID,
    position: int,
    answer: Any,
    flagged: bool | None,
    seq: int,
    by: User,
    at: datetime,
    device: str | None,
) -> bool:
    moment = connection.ops.adapt_datetimefield_value(at)
    stored = ANSWER.get_db_prep_save(answer, connection)
    attempt = ATTEMPT.get_db_prep_value(uuid, connection)
    if device == "":
        device = SHUT_OUT  # which is nobody's
    with connection.cursor() as cursor:
        cursor.execute(
            SAVE, [stored, flagged, seq, moment, position, seq, attempt, by.pk, moment, device]
        )
        return bool(cursor.rowcount)


def _problems(
    uuid: UUID, position: int, answer: Any, flagged: Any, seq: Any
) -> dict[str, list[str]]:
    """What is wrong with a save, by field, before the database is asked. Raises Missing for a position that is not there."""
    try:
        version = versions_asked(uuid)[position - 1] if position > 0 else None
    except LookupError:
        version = None
    if version is None:
        raise Missing("no_question", _("There is no such question."))
    problems = {}
    if type(seq) is not int or not 0 < seq <= SEQ_MAX:
        problems["seq"] = [_("Send a whole number from 1 that rises with every save.")]
    if flagged is not None and type(flagged) is not bool:
        problems["flagged"] = [_("Send true or false.")]
    wrong = scoring.check_answer(contents([version])[0], answer)
    return {**problems, "answer": wrong} if wrong else problems


def require_may_save(*, uuid: UUID, position: int, by: User, at: datetime) -> None:
    """Raise what `save_response` would whatever was sent: Missing, or Conflict when closed or out of time."""
    _require_taking_answers(_response(uuid, position, by), at)


def _response(uuid: UUID, position: int, by: User) -> Response:
    """The person's own response, with its attempt. Raises Missing."""
    rows = Response.objects.select_related("attempt__quiz__activity", "item_version")
    response = rows.filter(attempt__uuid=uuid, attempt__learner=by, position=position).first()
    if response is None:
        raise Missing("no_question", _("There is no such question."))
    return response


def _keep_if_late(
    response: Response,
    answer: Any,
    flagged: bool | None,
    seq: int,
    device: str | None,
    at: datetime,
) -> bool:
    """Raises Conflict with what became of an answer that the clock has overtaken.

    True: nothing became of it, and the attempt has to be looked at again; somebody may just have given it back.
    """
    attempt = response.attempt
    if not (attempt.closed_by_clock or attempt.is_overdue(at)):
        return False
    refusal = keep_late(
        response=response, answer=answer, flagged=flagged, seq=seq, device=device, at=at
    )
    if refusal:
        raise refusal
    return True


def _let_in(attempt: Attempt, by: User, at: datetime, device: str | None) -> None:
    """Do what a first contact does: bind the device, end a break that is used up. Raises Conflict."""
    require_device(attempt, device, by=by, at=at)
    if attempt.paused_at is None:
        return
    if is_on_break(attempt, at):
        raise Conflict("on_break", _("You are on a break. End it to go on answering."))
    with transaction.atomic():
        settle_break(Attempt.objects.select_for_update().get(pk=attempt.pk), at=at)


def _require_taking_answers(response: Response, at: datetime) -> None:
    if response.attempt.submitted_at:
        raise Conflict("submitted", _("This attempt has been submitted. Its answers stand."))
    if response.attempt.is_overdue(at):
        raise Conflict("time_up", _("The time is up. The answers saved before count."))
    if not response.open:
        raise Conflict("checked", _("You have had this answer checked; it stands."))


@transaction.atomic
def check_response(*, uuid: UUID, position: int, by: User, at: datetime) -> Response:
    """Practice: mark one answer at once. From then on it stands; a second call returns the same.

    Raises Missing, Conflict where the quiz does not answer at once or nothing has been answered.
    """
    Attempt.objects.select_for_update().filter(uuid=uuid, learner=by).first()
    response = _response(uuid, position, by)
    quiz = response.attempt.quiz
    if quiz.pool != Pool.PRACTICE or quiz.feedback != Quiz.Feedback.AT_ONCE:
        raise Conflict("no_checking", _("This quiz says nothing before it is submitted."))
    if response.points is not None or _only_compared(response):
        return response
    _require_taking_answers(response, at)
    # Closed first and read afterwards, so that a save in between cannot change what is marked.
    Response.objects.filter(pk=response.pk).update(open=False)
    response.refresh_from_db(fields=["answer", "open"])
    if not scoring.is_answered(response.answer):
        raise Conflict("not_answered", _("Answer the question first."))
    response.points = scoring.earned(response.item_version.content, response.answer)
    response.save(update_fields=["points"])
    return response


def _only_compared(response: Response) -> bool:
    """Whether this is an essay that was checked: in practice nobody gives it points."""
    return not response.open and scoring.is_marked_by_hand(response.item_version.content)
