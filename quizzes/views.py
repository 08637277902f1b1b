"""HTML pages of quizzes: the start, the player, the page before submitting, the result."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django.core.files.storage import storages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.services import Missing, Refusal
from accounts.web import refused, role_required
from courses.models import Activity
from quizzes.api import me, told
from quizzes.frozen import media_path
from quizzes.models import Attempt, Quiz
from quizzes.services import (
    appeal_until,
    attempt_of,
    entry_to,
    feedback_of,
    media_of,
    responses_of,
    standing_of,
    start_attempt,
    submit_attempt,
)
from quizzes.words import player_words

View = Callable[..., HttpResponse]


def page(view: View) -> View:
    """A page for anybody signed in; a refusal is said in words; nothing of it stays in a browser's history or a cache."""

    @role_required()
    @wraps(view)
    def said(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            response = view(request, *args, **kwargs)
        except Refusal as refusal:
            response = refused(request, refusal)
        response["Cache-Control"] = "private, no-store"
        return response

    return said


@page
def quiz_start(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """What this quiz is, and a button that starts it or goes on with it."""
    at = timezone.now()
    activity = Activity.objects.select_related("module__course").filter(uuid=uuid).first()
    if activity is None:
        raise Missing("no_quiz", _("There is no quiz here."))
    if request.method == "POST":
        attempt, _new = start_attempt(activity=activity, by=me(request), at=at)
        return redirect("attempt", attempt.uuid)
    entry = entry_to(activity=activity, by=me(request), at=at)
    course = activity.module.course
    return render(
        request,
        "quizzes/start.html",
        {
            "activity": activity,
            "entry": entry,
            "quiz": entry.quiz,
            "questions": sum(cell.count for cell in entry.quiz.cells.all()),
            "done": [row for row in entry.attempts if row.submitted_at],
            "crumbs": [(course.title, course.path), (activity.title, "")],
        },
    )


def _open_attempt(request: HttpRequest, uuid: UUID) -> Attempt | None:
    """The person's attempt while it takes answers; None once it is submitted."""
    attempt = attempt_of(uuid=uuid, by=me(request), at=timezone.now())
    return None if attempt.submitted_at else attempt


@page
def attempt(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The player: one question at a time, every change saved."""
    running = _open_attempt(request, uuid)
    if running is None:
        return redirect("attempt-result", uuid)
    context = {
        "attempt": running,
        "activity": running.quiz.activity,
        "course": running.quiz.activity.module.course,
        "data": told(running, timezone.now()),
        "words": player_words(),
        "answers_at_once": running.quiz.feedback == Quiz.Feedback.AT_ONCE,
    }
    return render(request, "quizzes/player.html", context)


@page
def attempt_submit(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """All questions with how they stand, and the one button that submits."""
    if request.method == "POST":
        submit_attempt(uuid=uuid, by=me(request), at=timezone.now())
        return redirect("attempt-result", uuid)
    running = _open_attempt(request, uuid)
    if running is None:
        return redirect("attempt-result", uuid)
    rows = responses_of(running)
    return render(
        request,
        "quizzes/submit.html",
        {
            "attempt": running,
            "activity": running.quiz.activity,
            "course": running.quiz.activity.module.course,
            "rows": rows,
            "unanswered": [row for row in rows if not row.answered],
            "flagged": [row for row in rows if row.flagged],
            "data": {
                "uuid": str(uuid),
                "due_at": running.due_at,
                "server_time": timezone.now(),
                "responses": [{"position": row.position, "seq": row.seq} for row in rows],
            },
            "words": player_words(),
        },
    )


@page
def attempt_result(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """What came of it, as far as the quiz tells."""
    at = timezone.now()
    closed = attempt_of(uuid=uuid, by=me(request), at=at)
    if closed.submitted_at is None:
        return redirect("attempt", uuid)
    activity = closed.quiz.activity
    course = activity.module.course
    context = {
        "attempt": closed,
        "quiz": closed.quiz,
        "activity": activity,
        "told": feedback_of(closed),
        "entry": entry_to(activity=activity, by=me(request), at=at),
        "crumbs": [(course.title, course.path), (activity.title, "")],
    }
    if closed.quiz.feedback != Quiz.Feedback.BANDS:
        return render(request, "quizzes/practice_result.html", context)
    standings = standing_of(closed, at=at)
    context["kept"] = [row for row in standings if row.finding.met]
    context["missing"] = [row for row in standings if not row.finding.met]
    context["appeal_until"] = appeal_until(closed)
    return render(request, "quizzes/exam_result.html", context)


@page
def attempt_media(request: HttpRequest, uuid: UUID, digest: str) -> HttpResponse:
    """A figure of one's own attempt."""
    medium = media_of(attempt_of(uuid=uuid, by=me(request), at=timezone.now()), digest)
    with storages["private"].open(media_path(medium["sha256"])) as file:
        return HttpResponse(
            file.read(),
            content_type=medium["type"],
            headers={"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'"},
        )
