"""Starting a quiz. Order of locks: the attempt, then the learner."""

import secrets
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Accommodation, User
from accounts.services import Conflict, lock_learner
from courses.models import Activity, Progress
from courses.services import admit, record_result
from quizzes.models import Attempt, SittingEvent
from quizzes.services.devices import require_device
from quizzes.services.entry import Entry, entry_to
from quizzes.services.layout import lay_out
from quizzes.services.marking import submit_attempt
from quizzes.sitting import begun


def start_attempt(
    *,
    activity: Activity,
    by: User,
    at: datetime,
    agreed: bool = False,
    device: str | None = None,
) -> tuple[Attempt, bool]:
    """The person's open attempt at a quiz, or a new one; the second value says whether this call started it.

    Its questions are drawn and frozen here: the same number of statements, however many there are. An open attempt whose time is up is
    closed first. `device`: the digest of the one it is started on, which matters in a sitting. Raises Missing when there is no such quiz
    for this person, Conflict with the reason when it cannot be started now (`agreement`, with its lines, until it is `agreed` to).
    """
    attempt, new, overdue = _start(activity, by, at, agreed, device)
    if overdue:
        submit_attempt(uuid=attempt.uuid, by=None, at=at)
        attempt, new, _overdue = _start(activity, by, at, agreed, device)
    if not new:
        require_device(attempt, device, by=by, at=at)
    return attempt, new


@transaction.atomic
def _start(
    activity: Activity, by: User, at: datetime, agreed: bool, device: str | None
) -> tuple[Attempt, bool, bool]:
    """The attempt, whether it is new, and whether its time is up."""
    learner = lock_learner(by.pk)
    entry = entry_to(activity=activity, by=by, at=at)
    if entry.open:
        return entry.open, False, entry.open.is_overdue(at)
    if entry.refusal:
        raise entry.refusal
    if entry.agreement and not agreed:
        raise Conflict(
            "agreement",
            _("Before you start, agree to what this examination asks of you."),
            fields={"agreed": entry.agreement},
        )
    enrolment = entry.enrolment or admit(learner=by, activity=activity, at=at)
    attempt = _begin(entry, device or "", at, enrolment=enrolment, learner=by)
    lay_out(attempt)
    record_result(
        enrolment=enrolment,
        activity=activity,
        state=Progress.State.STARTED,
        reference=None,
        label=activity.title,
        by=by,
        at=at,
        locked=learner,
    )
    return attempt, True, False


def _begin(entry: Entry, device: str, at: datetime, **whose: object) -> Attempt:
    """The attempt with its clock, as the quiz, the person's accommodation and the sitting set it."""
    quiz, sitting = entry.quiz, entry.sitting
    sitting = sitting if sitting and sitting.is_open(at) else None
    given = Accommodation.objects.get(pk=entry.accommodation) if entry.accommodation else None
    clock = begun(
        at,
        minutes=quiz.time_limit_minutes,
        factor=given.time_factor if given else Decimal(1),
        break_minutes=quiz.break_minutes + (given.break_minutes if given else 0),
    )
    attempt = Attempt.objects.create(
        quiz=quiz,
        number=entry.before + len(entry.attempts) + 1,
        seed=secrets.randbits(63),
        sitting=sitting,
        device=device if sitting else "",
        agreed_at=at if entry.agreement else None,
        larger_type=bool(given and given.larger_type),
        started_at=at,
        seen_at=at if sitting else None,
        due_at=clock.due_at,
        break_seconds_left=clock.break_left,
        pass_percent=quiz.pass_percent,
        scale_cut=quiz.scale_cut,
        scale_max=quiz.scale_max,
        **whose,
    )
    if sitting:
        SittingEvent.objects.begin(
            chain=f"attempt:{attempt.uuid}",
            at=at,
            attempt=attempt,
            kind=SittingEvent.Kind.STARTED,
            by=attempt.learner,
        )
    return attempt
