"""What a registrar does with a renewal that was sent: decide on each activity, then renew, or return it with what is missing."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.services import Conflict, Invalid, notify
from credentials import validity
from credentials.models import (
    Learning,
    LearningReview,
    Reason,
    RenewalRequest,
    RenewalStep,
    StatusEvent,
)
from credentials.services.award import today_in
from credentials.services.changing import (
    Purpose,
    named_among,
    reasons_to,
    require_registrar,
    require_uninvolved,
)
from credentials.services.preparing_renewal import hours_of, locked, papers_said
from credentials.services.renewal_steps import append_step
from credentials.services.renewals import (
    Entry,
    Progress,
    Turn,
    complete_rows,
    sent_in_time,
)
from credentials.services.status import renew

ETHICS = "ethics"
Outcome = LearningReview.Outcome
PURPOSE_OF_OUTCOME = {
    Outcome.ACCEPTED: Purpose.HOURS_ACCEPTED,
    Outcome.MORE_INFORMATION: Purpose.HOURS_UNCLEAR,
    Outcome.NOT_ACCEPTED: Purpose.HOURS_NOT_ACCEPTED,
}


def reasons_for_learning(request: RenewalRequest) -> list[Reason]:
    """The reasons a decision on an activity may name, of every outcome."""
    return reasons_to(request.credential, *PURPOSE_OF_OUTCOME.values())


def reasons_for_return(request: RenewalRequest) -> list[Reason]:
    return reasons_to(request.credential, Purpose.RETURN)


def waiting_renewals() -> QuerySet[RenewalRequest]:
    """Renewals that wait for a registrar, the oldest first."""
    return complete_rows(RenewalRequest.objects.waiting()).order_by("sent_at", "pk")


def require_may_judge(*, progress: Progress, by: User, at: datetime) -> None:
    """Raise Forbidden for role or separation, Conflict while the renewal is not with the register."""
    require_registrar(by)
    require_uninvolved(holder=progress.request.credential.holder, by=by, at=at)
    if progress.turn is Turn.WITH_REGISTER:
        return
    said = {
        Turn.RENEWED: _("This renewal is done: the credential is renewed."),
        Turn.ENDED: _("This credential has ended; it cannot be renewed."),
        Turn.TOO_LATE: _("The time for this renewal is over."),
    }
    raise Conflict(
        f"renewal_{progress.turn.value}",
        said.get(progress.turn, _("This renewal is with its holder.")),
    )


def require_undecided(entry: Entry) -> None:
    """Raise Conflict when somebody has decided on the activity, or its holder took it out."""
    review = entry.review
    if review is None:
        return
    raise Conflict(
        "already_decided",
        _("%(who)s decided on this activity on %(day)s: %(outcome)s.")
        % {
            "who": review.by,
            "day": date_format(review.at, "j F Y"),
            "outcome": review.get_outcome_display().lower(),
        },
    )


@transaction.atomic
def review_learning(
    *, learning: Learning, outcome: str, reason_code: str, by: User, at: datetime, note: str = ""
) -> LearningReview:
    """Accept an activity, ask for more, or do not accept it. The same decision by the same person is made once.

    Raises Conflict when somebody decided otherwise, or the renewal is not with the register; Invalid for a reason of another outcome.
    """
    require_registrar(by)
    progress = locked(learning.request, at)
    require_uninvolved(holder=progress.request.credential.holder, by=by, at=at)
    entry = next(row for row in progress.entries if row.learning.pk == learning.pk)
    review = entry.review
    if review and (review.outcome, review.reason_code, review.by_id) == (
        outcome,
        reason_code,
        by.pk,
    ):
        return review
    require_may_judge(progress=progress, by=by, at=at)
    require_undecided(entry)
    if outcome not in PURPOSE_OF_OUTCOME:
        raise Invalid(
            "no_such_outcome",
            _("Choose a decision."),
            fields={"outcome": [_("Choose a decision.")]},
        )
    purpose = PURPOSE_OF_OUTCOME[Outcome(outcome)]
    reason = named_among(reasons_to(progress.request.credential, purpose), reason_code)
    made: LearningReview = LearningReview.objects.append(
        chain=f"learning:{learning.uuid}",
        at=at,
        learning=entry.learning,
        outcome=outcome,
        reason_code=reason.code,
        reason_text=reason.text,
        note=note,
        by=by,
    )
    return made


def what_keeps_from_renewing(progress: Progress) -> list[str]:
    """What has to happen before a registrar can renew, sentence by sentence."""
    found = []
    if progress.undecided:
        names = ", ".join(f"“{row.learning.title}”" for row in progress.undecided)
        found.append(_("Decide on every activity first: %(which)s.") % {"which": names})
    if progress.asked:
        found.append(_("More information was asked for; return it to the holder."))
    missing = progress.accepted.missing
    if missing and not progress.undecided:
        found.append(
            _("The accepted hours do not suffice: %(hours)s are missing.")
            % {"hours": hours_of(missing)}
        )
    for row in progress.papers_not_current:
        found.append(_("%(title)s: not current.") % {"title": row.requirement.short_title})
    return found


@transaction.atomic
def renew_as_requested(
    *, request: RenewalRequest, reason_code: str, by: User, at: datetime, note: str = ""
) -> StatusEvent:
    """Renew the credential on what was sent. Asked for twice it is done once; number and history stay, a new document is signed.

    What was sent by the last valid day is in time: it takes effect from the day it was sent, so that the register's own delay leaves no gap.
    """
    require_registrar(by)
    progress = locked(request, at)
    row = progress.request
    require_uninvolved(holder=row.credential.holder, by=by, at=at)
    if row.event:
        if row.event.by_id == by.pk and row.event.reason_code == reason_code:
            return row.event
        raise Conflict(
            "renewed_already",
            _("%(who)s renewed this credential on %(day)s.")
            % {"who": row.event.by, "day": date_format(row.event.at, "j F Y")},
        )
    require_may_judge(progress=progress, by=by, at=at)
    kept = what_keeps_from_renewing(progress)
    if kept:
        raise Conflict("renewal_incomplete", " ".join(kept))
    if progress.standing.status is validity.Status.SUSPENDED:
        raise Conflict(
            "suspended", _("This credential is suspended. End the suspension, then renew it.")
        )
    accepted = progress.accepted
    over = progress.standing.status is not validity.Status.ACTIVE
    on = None
    if over and row.sent_at and sent_in_time(row):
        on = today_in(row.credential.credential_type, row.sent_at)
    return renew(
        credential=row.credential,
        reason_code=reason_code,
        by=by,
        at=at,
        note=note,
        hours=accepted.total,
        ethics_hours=accepted.counted_in(ETHICS),
        effective_on=on,
        rests_on=_rests_on(progress),
    )


def _rests_on(progress: Progress) -> dict[str, Any]:
    return {
        "hours": hours_of(progress.accepted.total),
        "reviews": {
            str(row.learning.uuid): row.review.hash for row in progress.current if row.review
        },
        "documents": papers_said(progress),
    }


@transaction.atomic
def return_renewal(
    *, request: RenewalRequest, reason_code: str, by: User, at: datetime, note: str = ""
) -> RenewalStep:
    """Give a renewal back to its holder with everything that is missing, once every activity is decided. The same by the same person twice is once.

    `note` goes to the holder. Raises Conflict while an activity is undecided, or when nothing is missing.
    """
    require_registrar(by)
    progress = locked(request, at)
    row = progress.request
    require_uninvolved(holder=row.credential.holder, by=by, at=at)
    newest = row.steps.order_by("-sequence").first()
    if newest and (newest.kind, newest.by_id, newest.reason_code) == (
        RenewalStep.Kind.RETURNED,
        by.pk,
        reason_code,
    ):
        return newest
    require_may_judge(progress=progress, by=by, at=at)
    if progress.undecided:
        names = ", ".join(f"“{entry.learning.title}”" for entry in progress.undecided)
        raise Conflict(
            "undecided", _("Decide on every activity first: %(which)s.") % {"which": names}
        )
    if not what_keeps_from_renewing(progress):
        raise Conflict("complete", _("Nothing is missing: renew the credential."))
    reason = named_among(reasons_for_return(row), reason_code)
    row.sent_at = None
    row.save(update_fields=["sent_at"])
    step = append_step(
        row,
        RenewalStep.Kind.RETURNED,
        at=at,
        reason_code=reason.code,
        reason_text=reason.text,
        note=note.strip(),
        content=_rests_on(progress),
        by=by,
    )
    _tell(progress, step, at)
    return step


def _tell(progress: Progress, step: RenewalStep, at: datetime) -> None:
    credential = progress.request.credential
    back = [
        entry
        for entry in progress.current
        if entry.review and entry.review.outcome != Outcome.ACCEPTED
    ]
    notify(
        recipient=credential.holder,
        kind="renewal_returned",
        reference=str(step.uuid),
        subject=_("Your renewal of %(number)s is not complete yet") % {"number": credential.number},
        template="credentials/mail/renewal_returned.txt",
        context={
            "credential": credential,
            "step": step,
            "back": back,
            "papers": progress.papers_not_current,
            "missing": hours_of(progress.accepted.missing),
            "cycle": progress.cycle,
            "late": progress.cycle.late_on(progress.today),
        },
        url=f"/record/{credential.public_id}/renewal/",
        at=at,
    )
