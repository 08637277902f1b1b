"""What happened that may touch a result: reported, held, decided; and the plan after which somebody may try once more."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from accounts.models import Role, User
from accounts.services import Conflict, Forbidden, Invalid, lock_learner
from credentials.models import Application
from quizzes.models import (
    Attempt,
    Incident,
    IncidentDecision,
    Pool,
    Quiz,
    Release,
    Remediation,
)
from quizzes.services.devices import require_watching
from quizzes.services.entry import entry_to
from quizzes.services.release import locked_attempt, release_if_due
from quizzes.services.results import released_of
from quizzes.services.standing import Standing, supersede

REPORT_WITHIN = timedelta(days=1)
TEXT_MAX = 4000


@transaction.atomic
def report_incident(*, attempt: Attempt, kind: str, what: str, by: User, at: datetime) -> Incident:
    """An invigilator of its sitting reports, or the candidate themselves within a day of submitting. It holds the result until decided.

    The same report twice is one. Raises Missing for anybody else, Conflict when it is too late, Invalid.
    """
    attempt = Attempt.objects.select_for_update(of=("self",)).get(pk=attempt.pk)
    if attempt.learner_id == by.pk:
        kind = Incident.Kind.COMPLAINT
        require_reportable(attempt, at=at)
    else:
        require_watching(attempt, by)
    problems = _too_long_or_empty(
        "what", what, _("Say what happened, in at most 4,000 characters.")
    )
    if kind not in Incident.Kind.values:
        problems["kind"] = [_("Choose what kind of incident it is.")]
    if problems:
        raise Invalid("no_report", _("This is no report. See `errors`."), fields=problems)
    same = attempt.incidents.filter(kind=kind, what=what.strip(), reporter=by).first()
    if same:
        return same
    return Incident.objects.append(
        chain=f"attempt:{attempt.uuid}",
        at=at,
        attempt=attempt,
        kind=kind,
        what=what.strip(),
        reporter=by,
    )


def _too_long_or_empty(field: str, text: str, sentence: str) -> dict[str, list[str]]:
    return {field: [sentence]} if not text.strip() or len(text) > TEXT_MAX else {}


def may_report(attempt: Attempt, *, at: datetime) -> bool:
    """Whether the candidate may report still."""
    return attempt.submitted_at is None or at <= attempt.submitted_at + REPORT_WITHIN


def require_reportable(attempt: Attempt, *, at: datetime) -> None:
    """Raises Conflict when it is too late for the candidate's own report."""
    if not may_report(attempt, at=at):
        raise Conflict(
            "too_late",
            _("What happened at an examination is reported within a day. You can still appeal."),
        )


def holds_of(attempt: Attempt) -> list[str]:
    """Why its result is held: each open incident in words; empty when nothing holds it. One query."""
    return [row.get_kind_display() for row in attempt.incidents.open()]


# Deciding


@transaction.atomic
def decide_incident(
    *, incident: Incident, outcome: str, reasons: str, by: User, at: datetime
) -> IncidentDecision:
    """A registrar who did not report it decides: the result stands, or the attempt does not count and is given back.

    A result that was told already is superseded (see `standing.py`): by one that is void, or where it was held by the one it was.
    A second call with the same outcome returns the decision. Raises Forbidden, Conflict when decided otherwise or still running, Invalid.
    """
    attempt = _held_by_registrar(incident, by)
    before = IncidentDecision.objects.filter(incident=incident).first()
    if before and before.outcome == outcome:
        return before
    if before:
        raise Conflict("decided", _("This has been decided already, and otherwise."))
    problems = _too_long_or_empty(
        "reasons", reasons, _("Give the reasons, in at most 4,000 characters.")
    )
    if outcome not in IncidentDecision.Outcome.values:
        problems["outcome"] = [_("Choose whether the result stands.")]
    if problems:
        raise Invalid("no_decision", _("This is no decision. See `errors`."), fields=problems)
    _require_submitted(attempt)
    decision = IncidentDecision.objects.append(
        chain=f"attempt:{attempt.uuid}",
        at=at,
        incident=incident,
        outcome=outcome,
        reasons=reasons.strip(),
        by=by,
    )
    told = released_of(attempt)
    if told is None:
        release_if_due(attempt=attempt, by=by, at=at, decided=True)
    elif outcome == IncidentDecision.Outcome.ANNULLED:
        supersede(attempt, standing=Standing.VOID, reasons=decision.reasons, by=by, at=at)
    elif told.standing == Standing.HELD and not attempt.incidents.open().exists():
        supersede(attempt, standing=Standing.COUNTS, reasons=decision.reasons, by=by, at=at)
    return decision


@transaction.atomic
def hold_told_result(*, incident: Incident, reasons: str, by: User, at: datetime) -> Release | None:
    """A registrar holds a result that was told already, until an incident is decided; None where it is held. The candidate reads why.

    Raises Forbidden, Invalid, Conflict where it is decided or nothing was told.
    """
    attempt = _held_by_registrar(incident, by)
    if IncidentDecision.objects.filter(incident=incident).exists():
        raise Conflict("decided", _("This has been decided already."))
    problems = _too_long_or_empty(
        "reasons", reasons, _("Give the reasons, in at most 4,000 characters.")
    )
    if problems:
        raise Invalid("no_decision", _("This is no decision. See `errors`."), fields=problems)
    _require_submitted(attempt)
    told = released_of(attempt)
    if told is None:
        raise Conflict("not_told", _("Nobody has been told the result; it is held already."))
    if told.standing == Standing.VOID:
        raise Conflict("decided", _("It has been decided that this attempt does not count."))
    return supersede(attempt, standing=Standing.HELD, reasons=reasons.strip(), by=by, at=at)


def _held_by_registrar(incident: Incident, by: User) -> Attempt:
    """The incident's attempt, locked, by a registrar who may decide on it."""
    if not by.has_role(Role.REGISTRAR):
        raise Forbidden("wrong_role", _("Registrars decide on incidents."))
    attempt = locked_attempt(incident.attempt_id)
    if by.pk in (incident.reporter_id, attempt.learner_id):
        raise Forbidden("R2", _("Rule R2: nobody decides on what they reported, or on their own."))
    return attempt


def _require_submitted(attempt: Attempt) -> None:
    if attempt.submitted_at is None:
        raise Conflict("running", _("The attempt is still running. Decide when it is submitted."))


# Another attempt


@dataclass(frozen=True)
class UsedUp:
    """Somebody who has no attempt at an examination left, with how many plans they have had."""

    quiz: Quiz
    learner: User
    attempts: int
    plans: int


def out_of_attempts(*, at: datetime) -> list[UsedUp]:
    """Everybody with an open application who has used all attempts at an examination and not passed it. Three statements."""
    exams = {
        quiz.pk: quiz
        for quiz in Quiz.objects.filter(pool=Pool.SECURE, attempts_allowed__isnull=False)
        .exclude(activity__satisfies=None)
        .select_related("activity")
    }
    applied = Application.objects.filter(
        applicant=OuterRef("learner"),
        closed_at=None,
        credential_type__requirements__activities=OuterRef("quiz__activity"),
    )
    annulled = IncidentDecision.objects.filter(
        incident__attempt=OuterRef("pk"), outcome=IncidentDecision.Outcome.ANNULLED
    )
    rows = Attempt.objects.with_result().filter(Exists(applied), ~Exists(annulled), quiz__in=exams)
    sat: dict[tuple[int, int], list[Attempt]] = {}
    for row in rows.select_related("learner").order_by("learner__name", "number"):
        sat.setdefault((row.quiz_id, row.learner_id), []).append(row)
    plans = Counter(Remediation.objects.order_by().values_list("quiz", "learner"))
    found = []
    for (quiz_id, learner_id), attempts in sat.items():
        quiz, had = exams[quiz_id], plans[quiz_id, learner_id]
        passed = any(attempt.passed for attempt in attempts)
        running = any(attempt.submitted_at is None for attempt in attempts)
        if not passed and not running and len(attempts) >= (quiz.attempts_allowed or 0) + had:
            found.append(UsedUp(quiz, attempts[0].learner, len(attempts), had))
    return found


@transaction.atomic
def record_remediation(
    *, quiz: Quiz, learner: User, plan: str, by: User, at: datetime
) -> Remediation:
    """Somebody who has used all attempts has agreed a plan of further learning and done it: one attempt more. By a registrar.

    Raises Forbidden, Missing, Conflict while there is an attempt left, Invalid.
    """
    if not by.has_role(Role.REGISTRAR):
        raise Forbidden("wrong_role", _("Registrars agree on plans of further learning."))
    if by.pk == learner.pk:
        raise Forbidden("R2", _("Rule R2: nobody gives themselves another attempt."))
    sentence = _("Say what was agreed and done, in at most 4,000 characters.")
    if problems := _too_long_or_empty("plan", plan, sentence):
        raise Invalid("no_plan", sentence, fields=problems)
    lock_learner(learner.pk)
    refusal = entry_to(activity=quiz.activity, by=learner, at=at).refusal
    if refusal is None or refusal.code != "no_attempts_left":
        raise Conflict("attempt_left", _("They have an attempt left, or need none."))
    return Remediation.objects.append(
        chain=f"remediation:{learner.uuid}",
        at=at,
        quiz=quiz,
        learner=learner,
        plan=plan.strip(),
        by=by,
    )
