"""From marked to told. A result is told by its Release row and by nothing else; what it completes is reported to courses then, not before.

Order of locks: the attempt, then the learner; of several attempts each in a transaction of its own.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from enum import StrEnum

import structlog
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.models import Role, User
from accounts.services import Conflict, Forbidden, Invalid, notify
from courses.models import Progress
from courses.services import record_result
from quizzes.models import (
    Attempt,
    Incident,
    IncidentDecision,
    Pool,
    Quiz,
    Release,
    Response,
    ResultVersion,
)
from quizzes.rulings import needs_a_marker
from quizzes.services.results import released_of, result_of, rulings_on
from quizzes.services.sittings import REOPEN_WITHIN, creditable


class Hold(StrEnum):
    """What keeps a result from being told."""

    PERSON = "person"  # a registrar releases it
    INCIDENT = "incident"  # one is open
    ESSAY = "essay"  # one is not marked yet
    OUTAGE = "outage"  # the clock closed it in an outage, and for a day it may be given back
    FALL = "fall"  # it would take back a pass: a registrar decides, each on its own
    ANNULLED = "annulled"  # for good


def holds_on(attempts: Iterable[Attempt]) -> dict[int, set[Hold]]:
    """What holds the results of these attempts, by primary key, apart from whose release they wait for. Two queries, a third for essays."""
    names = [attempt.pk for attempt in attempts]
    holds: dict[int, set[Hold]] = {name: set() for name in names}
    for name, outcome in Incident.objects.filter(attempt__in=names).values_list(
        "attempt", "decision__outcome"
    ):
        if outcome is None:
            holds[name].add(Hold.INCIDENT)
        elif outcome == IncidentDecision.Outcome.ANNULLED:
            holds[name].add(Hold.ANNULLED)
    essays = list(
        Response.objects.filter(
            attempt__in=names, points__isnull=True, open=False, scored=True
        ).values_list("attempt", "item_version")
    )
    in_force = rulings_on(version for _name, version in essays) if essays else {}
    for name, version in essays:
        if needs_a_marker(None, in_force.get(version)):
            holds[name].add(Hold.ESSAY)
    return holds


def may_be_given_back(attempt: Attempt, at: datetime) -> bool:
    """Whether the clock closed it in an outage, less than a day ago. Two queries for such an attempt of a sitting, none for others."""
    closed = attempt.submitted_at
    if not (attempt.closed_by_clock and attempt.sitting_id and closed):
        return False
    return at <= closed + REOPEN_WITHIN and creditable(attempt, at=closed) > 0


def held_by(attempt: Attempt, *, at: datetime) -> set[Hold]:
    """Everything that keeps the candidate from reading a result; empty once one that counts was released. `quiz` must be loaded."""
    if attempt.submitted_at is None:
        return set()
    if told := released_of(attempt):
        return {told.Standing.HELD: {Hold.INCIDENT}, told.Standing.VOID: {Hold.ANNULLED}}.get(
            told.Standing(told.standing), set()
        )
    # Practice essays have no points for ever, and nothing waits for them.
    holds = holds_on([attempt])[attempt.pk] - ({Hold.ESSAY} if _is_practice(attempt) else set())
    if Hold.ANNULLED not in holds and may_be_given_back(attempt, at):
        holds.add(Hold.OUTAGE)
    if Hold.ANNULLED not in holds and (attempt.quiz.release == Quiz.Release.BY_PERSON or not holds):
        holds.add(Hold.PERSON)
    return holds


def _is_practice(attempt: Attempt) -> bool:
    return attempt.quiz.pool == Pool.PRACTICE


def _waits_for_a_person(attempt: Attempt) -> bool:
    """Practice waits for nobody, whatever its page says."""
    return attempt.quiz.release == Quiz.Release.BY_PERSON and not _is_practice(attempt)


def locked_attempt(pk: int) -> Attempt:
    rows = Attempt.objects.select_for_update(of=("self",))
    return rows.select_related("quiz__activity", "enrolment", "learner").get(pk=pk)


# Without anybody


@transaction.atomic
def release_if_due(
    *, attempt: Attempt, by: User | None, at: datetime, decided: bool = False
) -> Release | None:
    """Release the newest result of a quiz that releases at once, unless something holds it or an earlier one has been told already.

    Safe to call twice; `by` is whoever did what made it due, and releases nothing themselves. `decided`: somebody has decided on what happened,
    and no outage holds it any more.
    """
    locked = locked_attempt(attempt.pk)
    if locked.submitted_at is None:
        return None
    return settle(locked, result_of(locked), at=at, decided=decided)


def settle(
    attempt: Attempt,
    result: ResultVersion,
    *,
    at: datetime,
    holds: set[Hold] | None = None,
    decided: bool = False,
) -> Release | None:
    """What `release_if_due` says, of an attempt that is locked and its newest result; `holds` where the caller knows them."""
    # Once something has been told, only a person tells anything else. A submission, which knows its holds, is the first to tell.
    if holds is None and released_of(attempt):
        return None
    if holds is None:
        holds = holds_on([attempt])[attempt.pk] if not _is_practice(attempt) else set()
    if Hold.ANNULLED in holds:
        report_down(attempt, Progress.State.STARTED, None, at)
        return None
    if not holds and not decided and may_be_given_back(attempt, at):
        holds = {Hold.OUTAGE}
    if holds or _waits_for_a_person(attempt):
        report_down(attempt, Progress.State.HELD, None, at)
        return None
    return _tell(attempt, result, by=None, note="", at=at, first=True)


def release_due(*, at: datetime) -> int:
    """Release what is due and was missed, each on its own. Called by the sweep; returns how many were released."""
    told = Release.objects.filter(result__attempt=OuterRef("pk"))
    annulled = IncidentDecision.objects.filter(
        incident__attempt=OuterRef("pk"), outcome=IncidentDecision.Outcome.ANNULLED
    )
    due = Attempt.objects.filter(
        ~Exists(told),
        ~Exists(annulled),
        quiz__release=Quiz.Release.AT_ONCE,
        submitted_at__isnull=False,
    )
    released = 0
    for attempt in due.order_by("pk"):
        try:
            released += release_if_due(attempt=attempt, by=None, at=at) is not None
        except Exception:
            structlog.get_logger(__name__).exception(
                "result_not_released", attempt=str(attempt.uuid)
            )
    return released


# By a registrar


def release_results(
    *, quiz: Quiz, attempts: Sequence[Attempt], by: User, at: datetime, upto: int | None = None
) -> list[Release]:
    """Release the newest results of these attempts of a quiz, each in its own transaction; returns what this call released.

    Left as they are: what is held, one's own, what would take back a pass (see `settle_fall`), and a result newer than `upto` (the
    newest, by primary key, that the registrar has seen). Raises Forbidden.
    """
    require_registrar(by)
    released = []
    for attempt in sorted(attempts, key=lambda row: row.pk):
        with transaction.atomic():
            locked = locked_attempt(attempt.pk)
            result = result_of(locked) if locked.submitted_at else None
            if result is None or locked.quiz_id != quiz.pk or locked.learner_id == by.pk:
                continue
            if upto is not None and result.pk > upto:
                continue
            told = released_of(locked)
            if told == result or is_fall(told, result) or holds_on([locked])[locked.pk]:
                continue
            released.append(_tell(locked, result, by=by, note="", at=at, first=told is None))
    return released


def is_fall(told: ResultVersion | None, result: ResultVersion) -> bool:
    """Whether a result would take back a pass that was told."""
    return told is not None and told.passed and not result.passed


@transaction.atomic
def settle_fall(*, attempt: Attempt, stands: bool, reasons: str, by: User, at: datetime) -> Release:
    """A person decides on a pass that a newer result would take back: it stands, or it is taken back and the candidate is told.

    A pass that stands is written as a result of its own, so that the record says who let it stand. The credential is touched by neither.
    Raises Forbidden, Invalid without reasons, Conflict when there is nothing to decide.
    """
    require_registrar(by)
    if not reasons.strip():
        raise Invalid(
            "no_reasons", _("Give your reasons."), fields={"reasons": [_("Give your reasons.")]}
        )
    locked = locked_attempt(attempt.pk)
    if locked.learner_id == by.pk:
        raise Forbidden("R2", _("Rule R2: nobody decides on their own result."))
    told, result = released_of(locked), result_of(locked)
    if told is None or not is_fall(told, result):
        raise Conflict("nothing_to_decide", _("This has been decided already."))
    if stands:
        result = ResultVersion.objects.append(
            chain=f"attempt:{locked.uuid}",
            at=at,
            attempt=locked,
            version=result.version + 1,
            points=told.points,
            out_of=told.out_of,
            scaled=told.scaled,
            passed=True,
            bands=told.bands,
            reason=ResultVersion.LET_STAND,
        )
        return write_release(locked, result, by=by, note=reasons, at=at)
    return _tell(locked, result, by=by, note=reasons, at=at, first=False)


def require_registrar(by: User) -> None:
    if not by.has_role(Role.REGISTRAR):
        raise Forbidden("wrong_role", _("Results are released by a registrar."))


# Telling


def write_release(
    attempt: Attempt,
    result: ResultVersion,
    *,
    by: User | None,
    note: str,
    at: datetime,
    first: bool = False,
) -> Release:
    """The row by which a result is told."""
    write = Release.objects.begin if first else Release.objects.append
    return write(chain=f"attempt:{attempt.uuid}", at=at, result=result, by=by, note=note)


def _tell(
    attempt: Attempt,
    result: ResultVersion,
    *,
    by: User | None,
    note: str,
    at: datetime,
    first: bool,
) -> Release:
    """Write the release (the attempt's `first`), report what it completes, tell the candidate, have the report rendered. It is locked."""
    release = write_release(attempt, result, by=by, note=note, at=at, first=first)
    report_down(
        attempt,
        Progress.State.COMPLETE if result.passed else Progress.State.FAILED,
        by,
        at,
    )
    if attempt.quiz.pool == Pool.SECURE:
        from quizzes.tasks import render_report

        activity = attempt.quiz.activity
        notify(
            recipient=attempt.learner,
            kind="quiz_result",
            reference=str(result.uuid),
            subject=_("Your result: %(title)s") % {"title": activity.title},
            template="quizzes/mail/result.txt",
            context={
                "attempt": attempt,
                "activity": activity,
                "result": result,
                "marked_anew": not first,
            },
            url=f"/attempts/{attempt.uuid}/result/",
            at=at,
        )
        render_report.enqueue(release.pk)
    return release


def report_down(attempt: Attempt, state: str, by: User | None, at: datetime) -> None:
    """Tell the course how its activity stands."""
    activity = attempt.quiz.activity
    record_result(
        enrolment=attempt.enrolment,
        activity=activity,
        state=state,
        reference=attempt.uuid,
        label=_("%(title)s, passed %(day)s")
        % {"title": activity.title, "day": date_format(attempt.submitted_at or at, "j F Y")},
        by=by,
        at=at,
    )


# What waits


def waiting_by_quiz() -> dict[int, list[Attempt]]:
    """Every attempt whose newest result waits for a registrar, by quiz. One query. In practice nothing waits for anybody."""
    found: dict[int, list[Attempt]] = defaultdict(list)
    rows = Attempt.objects.waiting().filter(quiz__pool=Pool.SECURE)
    for row in rows.select_related("quiz__activity", "learner").order_by("submitted_at", "pk"):
        found[row.quiz_id].append(row)
    return found
