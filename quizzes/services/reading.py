"""What a person may see of an attempt: its questions while it is open, and feedback as far as the quiz allows."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from accounts.models import User
from accounts.services import Missing
from credentials.models import Application
from credentials.services import Standing, requirements_of
from quizzes import frozen, scoring
from quizzes.models import Attempt, Pool, Quiz, Release, Response, ResultVersion
from quizzes.services.devices import require_device
from quizzes.services.marking import submit_attempt
from quizzes.services.results import released_of
from quizzes.services.sittings import end_break, is_on_break

APPEAL_DAYS = 30


def attempt_of(*, uuid: UUID, by: User, at: datetime, device: str | None = None) -> Attempt:
    """The person's own attempt; one whose time is up is closed first, a break that is used up is ended.

    Raises Missing, Conflict when it is open in a sitting and bound to another device than `device` (a digest; None asks for none).
    """
    rows = Attempt.objects.visible_to(by).select_related(
        "quiz__activity__module__course", "enrolment", "sitting"
    )
    attempt = rows.filter(uuid=uuid).first()
    if attempt is None:
        raise Missing("no_attempt", _("There is no such attempt."))
    if attempt.is_overdue(at):
        submit_attempt(uuid=uuid, by=None, at=at)
        attempt.refresh_from_db(fields=["submitted_at", "closed_by_clock"])
    require_device(attempt, device, by=by, at=at)
    if attempt.paused_at and not attempt.submitted_at and not is_on_break(attempt, at):
        end_break(uuid=uuid, by=by, at=at)
        attempt.refresh_from_db(fields=["due_at", "paused_at", "break_seconds_left"])
    return attempt


def media_url(attempt: Attempt) -> str:
    return f"/attempts/{attempt.uuid}/media/"


def questions_of(attempt: Attempt) -> list[dict[str, Any]]:
    """The questions as the candidate sees them, without any key. At most three queries."""
    return [
        frozen.question(
            content,
            position=row.position,
            option_order=row.option_order,
            media_url=media_url(attempt),
        )
        for row, content in _asked(attempt)
    ]


def responses_of(attempt: Attempt) -> list[Response]:
    return list(attempt.responses.order_by("position"))


def _asked(attempt: Attempt) -> list[tuple[Response, dict[str, Any]]]:
    texts = frozen.contents(frozen.versions_asked(attempt.uuid))
    return list(zip(responses_of(attempt), texts, strict=True))


def feedback_of(attempt: Attempt) -> dict[str, Any]:
    """What the learner is told of a submitted attempt: nothing before a result is released.

    An examination says whether it is passed and, if not, the score and bands by domain: nothing of any question. Practice gives each
    question back with the reason for each option.
    """
    result = released_of(attempt) if attempt.submitted_at else None
    if result is None or not result.counts:
        return {"passed": None}
    told: dict[str, Any] = {"passed": result.passed}
    if attempt.quiz.feedback == Quiz.Feedback.BANDS:
        if not result.passed:
            told |= _score(attempt, result)
            told["bands"] = result.bands
        return told
    told |= _score(attempt, result)
    told["questions"] = [explained(attempt, row, content) for row, content in _asked(attempt)]
    return told


def _score(attempt: Attempt, result: ResultVersion) -> dict[str, Any]:
    """On the scale that was the quiz's when the attempt began, where it had one; else in points."""
    if result.scaled is not None and attempt.scale_cut:
        return {
            "scaled": result.scaled,
            "scale_cut": attempt.scale_cut,
            "scale_max": attempt.scale_max,
        }
    return {
        "points": float(result.points),
        "out_of": float(result.out_of),
        "pass_percent": float(attempt.pass_percent),
    }


def explained(attempt: Attempt, response: Response, content: dict[str, Any]) -> dict[str, Any]:
    """A practice question after it was answered: what was given, what it earned, what is right and why."""
    if attempt.quiz.pool == Pool.SECURE:
        raise ValueError("A secure question is never explained.")
    asked = frozen.question(
        content,
        position=response.position,
        option_order=response.option_order,
        media_url=media_url(attempt),
    )
    points = response.points
    if points is None:
        points = scoring.earned(content, response.answer)
    by_hand = scoring.is_marked_by_hand(content)
    return {
        **asked,
        "answer": response.answer,
        "earned": None if by_hand or points is None else float(points),
        **frozen.explanation(content, order=response.option_order, answer=response.answer),
    }


def media_of(attempt: Attempt, digest: str) -> dict[str, str]:
    """A medium that one of the attempt's questions shows. Raises Missing."""
    for _row, content in _asked(attempt):
        for entry in content["media"]:
            if entry["sha256"] == digest:
                return entry
    raise Missing("no_medium", _("There is no such figure."))


# Around a result


def appeal_until(attempt: Attempt) -> date | None:
    """The last day to appeal against the result; None before one is released."""
    told = released_of(attempt)
    return appeal_ends(told.release) if told else None


def appeal_ends(release: Release) -> date:
    return release.at.date() + timedelta(days=APPEAL_DAYS)


def standing_of(attempt: Attempt, *, at: datetime) -> list[Standing]:
    """How the learner stands with what the examination's credential asks for; empty where it counts to none."""
    requirement = attempt.quiz.activity.satisfies.select_related("credential_type").first()
    if requirement is None:
        return []
    kind = requirement.credential_type
    application = (
        Application.objects.filter(applicant=attempt.learner_id, credential_type=kind)
        .order_by("-submitted_at")
        .first()
    )
    return requirements_of(
        learner=attempt.learner, credential_type=kind, at=at, application=application
    )
