"""Sitting a quiz: start, submit, close. Order of locks: the attempt, then the learner."""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import structlog
from django.db import transaction
from django.db.models import Case, Value, When
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.services import Conflict, Missing, lock_learner, notify
from courses.models import Activity, Progress
from courses.services import admit, record_result
from quizzes import blueprint, scoring
from quizzes.frozen import contents
from quizzes.models import Attempt, ItemVersion, Pool, Quiz, Response, ResultVersion
from quizzes.services.entry import entry_to
from quizzes.services.quizzes import candidates_of, cells_of

# Start


def start_attempt(*, activity: Activity, by: User, at: datetime) -> tuple[Attempt, bool]:
    """The person's open attempt at a quiz, or a new one; the second value says whether this call started it.

    Its questions are drawn and frozen here: the same number of statements, however many there are. An open attempt whose time is up is
    closed first. Raises Missing when there is no such quiz for this person, Conflict with the reason when it cannot be started now.
    """
    overdue = Attempt.objects.overdue(at).filter(learner=by, quiz__activity=activity).first()
    if overdue:
        submit_attempt(uuid=overdue.uuid, by=None, at=at)
    with transaction.atomic():
        lock_learner(by.pk)
        entry = entry_to(activity=activity, by=by, at=at)
        if entry.open:
            return entry.open, False
        if entry.refusal:
            raise entry.refusal
        enrolment = entry.enrolment or admit(learner=by, activity=activity, at=at)
        attempt = Attempt.objects.create(
            quiz=entry.quiz,
            enrolment=enrolment,
            learner=by,
            number=entry.before + len(entry.attempts) + 1,
            seed=secrets.randbits(63),
            started_at=at,
            due_at=_due_at(entry.quiz, at),
        )
        _lay_out(attempt)
        record_result(
            enrolment=enrolment,
            activity=activity,
            state=Progress.State.STARTED,
            reference=None,
            label=activity.title,
            by=by,
            at=at,
        )
        return attempt, True


def _due_at(quiz: Quiz, at: datetime) -> datetime | None:
    return at + timedelta(minutes=quiz.time_limit_minutes) if quiz.time_limit_minutes else None


def _lay_out(attempt: Attempt) -> None:
    """Draw the questions and write a response row for each, with its options in this attempt's order."""
    candidates = candidates_of(attempt.quiz)
    asked = Response.objects.filter(
        attempt__learner=attempt.learner_id, item_version__pool=attempt.quiz.pool
    )
    met = set(asked.order_by().values_list("item_version__item", flat=True).distinct())
    seen = frozenset(row.version for item, row in candidates.items() if item in met)
    try:
        form = blueprint.draw(
            cells_of(attempt.quiz), candidates.values(), attempt.quiz.must_cover, attempt.seed, seen
        )
    except blueprint.CannotDraw as lack:
        raise Conflict(
            "bank_too_small",
            _(
                "This quiz cannot be put together: too few questions (%(which)s). Tell your instructor or the registrar."
            )
            % {"which": lack},
        ) from lack
    if not form:
        raise Conflict("no_questions", _("This quiz has no questions yet."))
    uuids = dict(
        ItemVersion.objects.filter(pk__in=[row.version for row in form]).values_list("pk", "uuid")
    )
    texts = contents([uuids[row.version] for row in form])
    Response.objects.bulk_create(
        Response(
            attempt=attempt,
            position=position,
            item_version_id=row.version,
            option_order=_option_order(attempt.seed, position, content),
        )
        for position, (row, content) in enumerate(zip(form, texts, strict=True), start=1)
    )


def _option_order(seed: int, position: int, content: dict[str, Any]) -> list[str]:
    """The ids of options, then of targets, as this attempt shows them. True and false keep their places."""
    options = [entry["id"] for entry in content["options"]]
    if content["type"] != "truefalse":
        options = blueprint.shuffled(seed, position, options, avoid=content["key"].get("order", ()))
    targets = [entry["id"] for entry in content.get("targets", [])]
    return options + blueprint.shuffled(seed, position, targets)


# Submit


@transaction.atomic
def submit_attempt(*, uuid: UUID, by: User | None, at: datetime) -> ResultVersion:
    """Close an attempt and mark it; `by` is its learner, or None for the clock. A second call returns the same result. Raises Missing.

    What is passed is reported to courses, in the same transaction. At most 25 statements, however many questions.
    """
    attempts = Attempt.objects.select_for_update(of=("self",)).filter(uuid=uuid)
    if by:
        attempts = attempts.filter(learner=by)
    attempt = attempts.select_related("quiz__activity", "enrolment", "learner").first()
    if attempt is None:
        raise Missing("no_attempt", _("There is no such attempt."))
    if attempt.submitted_at:
        return result_of(attempt)
    late = attempt.is_overdue(at)
    attempt.submitted_at = attempt.due_at if late else at
    attempt.closed_by_clock = late
    attempt.save(update_fields=["submitted_at", "closed_by_clock"])
    result = _write_result(attempt, _mark(attempt), at)
    _report(attempt, result, by, at)
    return result


def result_of(attempt: Attempt) -> ResultVersion:
    """The result that holds: the newest version."""
    return attempt.results.order_by("-version")[0]


def _mark(attempt: Attempt) -> list[Response]:
    """Close and score every response. They are read under their locks: a save that was first is in, one that comes later finds it closed."""
    asked = attempt.responses.select_for_update(of=("self",)).select_related("item_version__domain")
    rows = list(asked.order_by("position"))
    worth: dict[Decimal, list[int]] = {}
    for response in rows:
        points = scoring.score(response.item_version.content, response.answer)
        worth.setdefault(points, []).append(response.position)
        response.points = points
    earned = Case(*[When(position__in=places, then=Value(each)) for each, places in worth.items()])
    attempt.responses.update(open=False, points=earned)
    return rows


def _write_result(attempt: Attempt, rows: Sequence[Response], at: datetime) -> ResultVersion:
    marks = [scoring.Mark(row.item_version.domain_code, row.points or Decimal(0)) for row in rows]
    titles = {row.item_version.domain_code: row.item_version.domain.title for row in rows}
    points = sum((mark.points for mark in marks), Decimal(0))
    out_of = sum((mark.out_of for mark in marks), Decimal(0))
    found = scoring.bands(marks, attempt.quiz.pass_percent)
    return ResultVersion.objects.append(
        chain=f"attempt:{attempt.uuid}",
        at=at,
        attempt=attempt,
        version=1,
        points=points,
        out_of=out_of,
        passed=scoring.passes(points, out_of, attempt.quiz.pass_percent),
        bands=[
            {
                "domain": row.domain,
                "title": titles[row.domain],
                "items": row.items,
                "band": str(row.band),
            }
            for row in found
        ],
        reason="closed by the clock" if attempt.closed_by_clock else "submitted",
    )


def _report(attempt: Attempt, result: ResultVersion, by: User | None, at: datetime) -> None:
    activity = attempt.quiz.activity
    record_result(
        enrolment=attempt.enrolment,
        activity=activity,
        state=Progress.State.COMPLETE if result.passed else Progress.State.FAILED,
        reference=attempt.uuid,
        label=f"{activity.title}, passed {attempt.submitted_at:%-d %B %Y}",
        by=by,
        at=at,
    )
    if attempt.quiz.pool == Pool.SECURE:
        notify(
            recipient=attempt.learner,
            kind="quiz_result",
            reference=str(result.uuid),
            subject=_("Your result: %(title)s") % {"title": activity.title},
            template="quizzes/mail/result.txt",
            context={"attempt": attempt, "activity": activity, "result": result},
            url=f"/attempts/{attempt.uuid}/result/",
            at=at,
        )


def close_overdue(*, at: datetime) -> int:
    """Submit every attempt whose time is up, each on its own, so that one that fails holds up no other. Returns how many were closed."""
    closed = 0
    for uuid in list(Attempt.objects.overdue(at).values_list("uuid", flat=True)):
        try:
            submit_attempt(uuid=uuid, by=None, at=at)
            closed += 1
        except Exception:
            structlog.get_logger(__name__).exception("attempt_not_closed", attempt=str(uuid))
    return closed
