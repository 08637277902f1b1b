"""HTML pages of quizzes: the start, the player, a break, the page before submitting, the result, a report on what happened."""

from collections.abc import Callable
from functools import wraps
from math import ceil
from pathlib import Path
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.files.storage import storages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.services import Conflict, Missing, Refusal, accommodation_of
from accounts.web import refused, role_required
from courses.models import Activity
from quizzes.api import me, told
from quizzes.device import device_of, name_device, remember_device
from quizzes.frozen import media_path
from quizzes.models import Attempt, Incident, IncidentDecision, Pool, Quiz
from quizzes.pictures import pictures
from quizzes.services import (
    Entry,
    appeal_until,
    attempt_of,
    end_break,
    entry_to,
    feedback_of,
    held_by,
    late_of,
    may_report,
    media_of,
    released_of,
    report_incident,
    require_reportable,
    responses_of,
    standing_of,
    start_attempt,
    submit_attempt,
    take_break,
)
from quizzes.sitting import seconds_left
from quizzes.sitting_forms import ComplaintForm
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
            response = _refused(request, refusal)
        remember_device(request, response)
        response["Cache-Control"] = "private, no-store"
        return response

    return said


def _refused(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    if refusal.code != "other_device":
        return refused(request, refusal)
    return render(request, "quizzes/other_device.html", {"refusal": refusal}, status=refusal.status)


@page
def quiz_start(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """What this quiz is, and a button that starts it or goes on with it."""
    at = timezone.now()
    activity = Activity.objects.select_related("module__course").filter(uuid=uuid).first()
    if activity is None:
        raise Missing("no_quiz", _("There is no quiz here."))
    name_device(request)
    agreed, refusal = bool(request.POST.get("agreed")), None
    if request.method == "POST":
        try:
            attempt, _new = start_attempt(
                activity=activity,
                by=me(request),
                at=at,
                agreed=agreed,
                device=device_of(request),
            )
            return redirect("attempt", attempt.uuid)
        except Conflict as reason:
            if reason.code != "agreement":
                raise
            refusal = reason
    entry = entry_to(activity=activity, by=me(request), at=at)
    return render(
        request,
        "quizzes/start.html",
        _start_context(request, activity, entry, refusal),
        status=refusal.status if refusal else 200,
    )


def _start_context(
    request: HttpRequest, activity: Activity, entry: Entry, refusal: Refusal | None
) -> dict[str, Any]:
    quiz, course = entry.quiz, activity.module.course
    given = accommodation_of(me(request)) if entry.accommodation else None
    minutes = quiz.time_limit_minutes
    return {
        "activity": activity,
        "entry": entry,
        "quiz": quiz,
        "not_agreed": refusal,
        "minutes": minutes and ceil(minutes * (given.time_factor if given else 1)),
        "break_minutes": quiz.break_minutes + (given.break_minutes if given else 0),
        "questions": sum(cell.count for cell in quiz.cells.all()),
        "done": [row for row in entry.attempts if row.submitted_at],
        "crumbs": [(course.title, course.path), (activity.title, "")],
    }


def _open_attempt(request: HttpRequest, uuid: UUID) -> Attempt | None:
    """The person's attempt while it takes answers; None once it is submitted."""
    name_device(request)
    attempt = attempt_of(uuid=uuid, by=me(request), at=timezone.now(), device=device_of(request))
    return None if attempt.submitted_at else attempt


@page
def attempt(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The player: one question at a time, every change saved."""
    running = _open_attempt(request, uuid)
    if running is None:
        return redirect("attempt-result", uuid)
    if running.paused_at:
        return _on_break(request, running)
    context = {
        "attempt": running,
        "activity": running.quiz.activity,
        "course": running.quiz.activity.module.course,
        "data": told(running, timezone.now()),
        "words": player_words(),
        "break_minutes": ceil(running.break_seconds_left / 60),
        "answers_at_once": running.quiz.feedback == Quiz.Feedback.AT_ONCE,
    }
    response = render(request, "quizzes/player.html", context)
    response["X-Keep"] = "attempt"  # worker.js may keep it for reading without network
    return response


def _on_break(request: HttpRequest, running: Attempt) -> HttpResponse:
    """No question is shown while the clock stands still."""
    at = timezone.now()
    gone = (at - (running.paused_at or at)).total_seconds()
    context = {
        "attempt": running,
        "activity": running.quiz.activity,
        "course": running.quiz.activity.module.course,
        "minutes_left": ceil((seconds_left(running.sat, at) or 0) / 60),
        "data": {"uuid": str(running.uuid), "seconds": max(0, running.break_seconds_left - gone)},
        "words": player_words(),
    }
    return render(request, "quizzes/break.html", context)


@page
@require_POST
def attempt_break(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Take a break, or end it."""
    name_device(request)
    verb = end_break if request.POST.get("end") else take_break
    verb(uuid=uuid, by=me(request), at=timezone.now(), device=device_of(request))
    return redirect("attempt", uuid)


@page
def attempt_submit(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """All questions with how they stand, and the one button that submits."""
    running = _open_attempt(request, uuid)
    if running and request.method == "POST":
        submit_attempt(uuid=uuid, by=me(request), at=timezone.now())
    if running is None or request.method == "POST":
        return redirect("attempt-result", uuid)
    if running.paused_at:
        return redirect("attempt", uuid)
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
                "present": bool(running.sitting_id),
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
    result = feedback_of(closed)
    context: dict[str, Any] = {
        "attempt": closed,
        "quiz": closed.quiz,
        "activity": activity,
        "told": result,
        "late": late_of(closed) if closed.closed_by_clock else [],
        "may_report": closed.quiz.pool == Pool.SECURE and may_report(closed, at=at),
        "entry": entry_to(activity=activity, by=me(request), at=at),
        "crumbs": [(course.title, course.path), (activity.title, "")],
    }
    if result["passed"] is None:
        context["holds"] = {str(hold): True for hold in held_by(closed, at=at)}
        before = released_of(closed)
        context["was_told"] = before
        context["reasons"] = before.release.note if before else _decided(closed)
        return render(request, "quizzes/exam_held.html", context)
    if closed.quiz.feedback != Quiz.Feedback.BANDS:
        for question in result["questions"]:
            question["pictures"] = pictures(question)
        return render(request, "quizzes/practice_result.html", context)
    standings = standing_of(closed, at=at)
    context["kept"] = [row for row in standings if row.finding.met]
    context["missing"] = [row for row in standings if not row.finding.met]
    context["result"] = released_of(closed)
    context["appeal_until"] = appeal_until(closed)
    return render(request, "quizzes/exam_result.html", context)


def _decided(attempt: Attempt) -> str:
    """Why an attempt does not count, if that was decided."""
    decisions = IncidentDecision.objects.filter(
        incident__attempt=attempt, outcome=IncidentDecision.Outcome.ANNULLED
    )
    return decisions.order_by("-pk").values_list("reasons", flat=True).first() or ""


@page
@require_http_methods(["GET", "POST"])
def attempt_report(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The candidate tells what went wrong, before leaving or within a day."""
    at = timezone.now()
    attempt = attempt_of(uuid=uuid, by=me(request), at=at)
    require_reportable(attempt, at=at)
    form = ComplaintForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        what = form.cleaned_data["what"]
        report_incident(
            attempt=attempt, kind=Incident.Kind.COMPLAINT, what=what, by=me(request), at=at
        )
        messages.success(
            request, _("Your report is kept. A registrar decides what follows from it.")
        )
        return redirect("attempt-report", uuid)
    context = {
        "attempt": attempt,
        "activity": attempt.quiz.activity,
        "form": form,
        "told": released_of(attempt) if attempt.submitted_at else None,
        "reports": attempt.incidents.filter(reporter=me(request)).select_related("decision"),
    }
    status = 400 if form.errors else 200
    return render(request, "quizzes/report.html", context, status=status)


@require_safe
def worker(request: HttpRequest) -> HttpResponse:
    """The service worker of running attempts, at an address from which it sees no other pages."""
    script = Path(__file__).parent / "static" / "quizzes" / "worker.js"
    return HttpResponse(
        script.read_text(),
        content_type="text/javascript; charset=utf-8",
        headers={"Cache-Control": "no-cache"},
    )


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
