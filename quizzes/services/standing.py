"""What an incident does to a result that was told already: held, void, or standing again. Each is a result of its own that takes the
place of the one before, is told with the reasons, and is reported to courses. No credential is touched: a person acts on it.

The caller holds the attempt; reporting locks the learner.
"""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.services import notify
from courses.models import Progress
from quizzes.models import Attempt, Release, ResultVersion
from quizzes.services.release import report_down, write_release
from quizzes.services.results import released_of, result_of

Standing = ResultVersion.Standing
REASONS = {
    Standing.HELD: "held for an incident",
    Standing.VOID: "void after an incident",
    Standing.COUNTS: "stands after an incident",
}
REPORTED = {Standing.HELD: Progress.State.HELD, Standing.VOID: Progress.State.STARTED}
SUBJECTS = {
    Standing.HELD: _("Your result is held: %(title)s"),
    Standing.VOID: _("Your attempt does not count: %(title)s"),
    Standing.COUNTS: _("Your result stands: %(title)s"),
}


def told_and_counting(attempt: Attempt) -> ResultVersion | None:
    """The newest result the candidate was told that said pass or fail, whatever became of it since."""
    told = attempt.results.filter(release__isnull=False, standing=Standing.COUNTS)
    return told.order_by("-version").first()


def supersede(
    attempt: Attempt, *, standing: str, reasons: str, by: User, at: datetime
) -> Release | None:
    """Put a result of this standing in the place of the one that was told, and tell it. None where nothing was told, or this holds already."""
    told, last = released_of(attempt), told_and_counting(attempt)
    if told is None or last is None or told.standing == standing:
        return None
    newest = result_of(attempt)
    result = _write(
        attempt,
        last,
        version=newest.version + 1,
        at=at,
        standing=standing,
        reason=REASONS[Standing(standing)],
        passed=last.passed and standing == Standing.COUNTS,
    )
    release = write_release(attempt, result, by=by, note=reasons, at=at)
    _report_and_tell(attempt, result, reasons, by, at)
    if standing == Standing.COUNTS and newest.counts:
        # Marked anew while it was held: that waits for a registrar, as it would have.
        _write(attempt, newest, version=result.version + 1, at=at)
    return release


def _write(
    attempt: Attempt, like: ResultVersion, *, version: int, at: datetime, **other: Any
) -> ResultVersion:
    """The next result, saying what an earlier one said but for `other`."""
    said = {
        name: getattr(like, name)
        for name in ("points", "out_of", "scaled", "passed", "bands", "reason", "standing")
    }
    return ResultVersion.objects.append(
        chain=f"attempt:{attempt.uuid}",
        at=at,
        attempt=attempt,
        version=version,
        **{**said, **other},
    )


def _report_and_tell(
    attempt: Attempt, result: ResultVersion, reasons: str, by: User, at: datetime
) -> None:
    state = REPORTED.get(Standing(result.standing))
    if state is None:
        state = Progress.State.COMPLETE if result.passed else Progress.State.FAILED
    report_down(attempt, state, by, at)
    activity = attempt.quiz.activity
    notify(
        recipient=attempt.learner,
        kind="quiz_result",
        reference=str(result.uuid),
        subject=str(SUBJECTS[Standing(result.standing)]) % {"title": activity.title},
        template="quizzes/mail/standing.txt",
        context={"activity": activity, "result": result, "reasons": reasons},
        url=f"/attempts/{attempt.uuid}/result/",
        at=at,
    )
