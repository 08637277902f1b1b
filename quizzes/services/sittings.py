"""While an attempt is sat: breaks, signs of life, time credited. Each takes the attempt's lock, and no other."""

import itertools
from collections.abc import Callable
from datetime import datetime, timedelta
from math import ceil
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Max, Q, Sum
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from accounts.services import Conflict, Invalid, Missing
from quizzes.models import Attempt, SittingEvent
from quizzes.services.devices import (
    require_device,
    require_running,
    require_watching,
    write_event,
)
from quizzes.sitting import (
    CannotBe,
    Sat,
    breaks_off,
    comes_back,
    is_credited,
    seconds_of_break,
    settled,
)

SILENCE = timedelta(seconds=60)  # after which somebody counts as disconnected
UNSENT_MAX = 999
REOPEN_WITHIN = timedelta(days=1)  # in which what the clock closed in an outage is given back


# Breaks


@transaction.atomic
def take_break(*, uuid: UUID, by: User, at: datetime, device: str | None = None) -> Attempt:
    """The candidate leaves the questions; their clock stands still. Safe to call twice. Raises Missing, Conflict without any break left."""
    attempt = _locked(uuid, by, at, device)
    was = settle_break(attempt, at=at)
    now = _move(was, lambda sat: breaks_off(sat, at))
    if now != was:
        _keep(attempt, now)
        write_event(attempt, SittingEvent.Kind.BREAK_BEGAN, by=by, at=at)
    return attempt


@transaction.atomic
def end_break(*, uuid: UUID, by: User, at: datetime, device: str | None = None) -> Attempt:
    """The candidate is back; the end of their time has moved on by the seconds taken. Safe to call twice."""
    attempt = _locked(uuid, by, at, device)
    settle_break(attempt, at=at)
    _come_back(attempt, by, at)
    return attempt


def close_break(attempt: Attempt, *, by: User | None, at: datetime) -> None:
    """What submitting does to a break. The caller holds the attempt."""
    if settle_break(attempt, at=at).paused_at:
        _come_back(attempt, by, at)


def settle_break(attempt: Attempt, *, at: datetime) -> Sat:
    """Write down that a break has used itself up, if it has. The caller holds the attempt."""
    was = attempt.sat
    now = settled(was, at)
    if was.paused_at and not now.paused_at:
        ended = was.paused_at + timedelta(seconds=was.break_left)
        _keep(attempt, Sat(was.due_at, 0))
        _ended(attempt, was.break_left, None, ended)
    return attempt.sat


def _come_back(attempt: Attempt, by: User | None, at: datetime) -> None:
    was = attempt.sat
    now = _move(was, lambda sat: comes_back(sat, at))
    if now != was:
        _keep(attempt, now)
        _ended(attempt, seconds_of_break(was, at), by, at)


def _ended(attempt: Attempt, seconds: int, by: User | None, at: datetime) -> None:
    write_event(attempt, SittingEvent.Kind.BREAK_ENDED, seconds=seconds, by=by, at=at)
    if attempt.seen_at:
        # Being away on a break is no outage.
        attempt.seen_at = max(attempt.seen_at, at)
        attempt.save(update_fields=["seen_at"])


def is_on_break(attempt: Attempt, at: datetime) -> bool:
    return settled(attempt.sat, at).paused_at is not None


def _locked(uuid: UUID, by: User, at: datetime, device: str | None) -> Attempt:
    """The person's own attempt, held, running, and on its device."""
    rows = Attempt.objects.select_for_update(of=("self",)).select_related("quiz__activity")
    attempt = rows.filter(uuid=uuid, learner=by).first()
    if attempt is None:
        raise Missing("no_attempt", _("There is no such attempt."))
    require_running(attempt, at)
    require_device(attempt, device, by=by, at=at)
    return attempt


def _move(sat: Sat, move: Callable[[Sat], Sat]) -> Sat:
    sentences = {
        "no_break_left": _("You have no break left."),
        "no_limit": _("This attempt has no time limit to credit time to."),
        "closed": _("The time is up. The answers saved before count."),
    }
    try:
        return move(sat)
    except CannotBe as reason:
        raise Conflict(reason.code, sentences[reason.code]) from reason


def _keep(attempt: Attempt, sat: Sat) -> None:
    attempt.due_at, attempt.paused_at = sat.due_at, sat.paused_at
    attempt.break_seconds_left = sat.break_left
    attempt.save(update_fields=["due_at", "paused_at", "break_seconds_left"])


# Signs of life


def here(
    *, uuid: UUID, unsent: object, by: User, at: datetime, device: str | None = None
) -> Attempt:
    """The player is there, with so many answers still to send. Two statements; more only when it comes back after a silence or a break.

    Raises Missing, Conflict on another device, Invalid.
    """
    if type(unsent) is not int or not 0 <= unsent <= UNSENT_MAX:
        raise Invalid(
            "no_count",
            _("This is not a sign of life. See `errors`."),
            fields={"unsent": [_("Send how many answers wait, a whole number.")]},
        )
    attempt = Attempt.objects.filter(uuid=uuid, learner=by).first()
    if attempt is None:
        raise Missing("no_attempt", _("There is no such attempt."))
    if attempt.submitted_at or attempt.is_overdue(at):
        return attempt
    require_device(attempt, device, by=by, at=at)
    if _was_silent(attempt, at) or (attempt.paused_at and not is_on_break(attempt, at)):
        attempt = _heard_again(attempt.pk, at)
    rows = Attempt.objects.filter(Q(seen_at=None) | Q(seen_at__lt=at), pk=attempt.pk)
    rows.filter(submitted_at=None).update(seen_at=at, unsent=unsent)
    return attempt


def _was_silent(attempt: Attempt, at: datetime) -> bool:
    return bool(attempt.sitting_id and attempt.seen_at and at - attempt.seen_at > SILENCE)


@transaction.atomic
def _heard_again(pk: int, at: datetime) -> Attempt:
    """Write down an outage, from the last sign of life until now, breaks apart."""
    attempt = Attempt.objects.select_for_update().get(pk=pk)
    settle_break(attempt, at=at)
    if attempt.submitted_at or attempt.paused_at or not _was_silent(attempt, at):
        return attempt
    lost = _lost_since(attempt, attempt.seen_at or at, at)
    attempt.seen_at = at
    attempt.save(update_fields=["seen_at"])
    if lost:
        write_event(attempt, SittingEvent.Kind.OUT_OF_TOUCH, seconds=lost, by=None, at=at)
    return attempt


def _lost_since(attempt: Attempt, since: datetime, at: datetime) -> int:
    """The seconds in which nothing came, neither a sign of life nor an answer: every silence of more than a minute."""
    saved = attempt.responses.filter(saved_at__gt=since, saved_at__lt=at)
    answers: list[Any] = list(saved.order_by("saved_at").values_list("saved_at", flat=True))
    gaps = [later - before for before, later in itertools.pairwise([since, *answers, at])]
    return ceil(sum((gap for gap in gaps if gap > SILENCE), timedelta(0)).total_seconds())


# Time for what was lost


def creditable(attempt: Attempt, *, at: datetime) -> int:
    """How many minutes may be credited still: the outages written down and one that lasts, less what was credited. Two queries."""
    rows = attempt.events.order_by().values("kind").annotate(total=Sum("seconds"))
    sums = dict(rows.values_list("kind", "total"))
    saved_at = attempt.responses.aggregate(last=Max("saved_at"))["last"]
    return creditable_of(attempt, sums, heard_of(attempt, saved_at), at=at)


def heard_of(attempt: Attempt, saved_at: datetime | None) -> datetime | None:
    """When anything came last: a sign of life or an answer."""
    return max(filter(None, [attempt.seen_at, saved_at]), default=None)


def creditable_of(
    attempt: Attempt, sums: dict[str, int], heard_at: datetime | None, *, at: datetime
) -> int:
    """The same, from the seconds of each kind of event and when anything came last."""
    lost = sums.get(SittingEvent.Kind.OUT_OF_TOUCH, 0)
    silent = at - heard_at if heard_at else timedelta(0)
    if attempt.sitting_id and silent > SILENCE and not is_on_break(attempt, at):
        lost += ceil(silent.total_seconds())
    given = (SittingEvent.Kind.TIME_CREDITED, SittingEvent.Kind.REOPENED)
    left = lost - sum(sums.get(kind, 0) for kind in given)
    return max(0, ceil(left / 60))


def more_than_lost(most: int) -> Conflict:
    return Conflict(
        "more_than_lost",
        ngettext(
            "No more can be credited than was lost: one minute here.",
            "No more can be credited than was lost: %(n)d minutes here.",
            most,
        )
        % {"n": most},
    )


@transaction.atomic
def credit_time(
    *, attempt: Attempt, minutes: int, reason: str, by: User, at: datetime
) -> SittingEvent:
    """Give back time that an outage took, by an invigilator of the sitting, with the reason; no more than the outage, to the next minute.

    Only while the attempt is open: one that the clock has closed is given back by `reopen_attempt`.
    """
    attempt = Attempt.objects.select_for_update(of=("self",)).get(pk=attempt.pk)
    require_watching(attempt, by)
    require_running(attempt, at)
    problems = {}
    if minutes < 1:
        problems["minutes"] = [_("Enter whole minutes, from 1.")]
    if not reason.strip():
        problems["reason"] = [_("Say what happened.")]
    if problems:
        raise Invalid("no_credit", _("This cannot be credited. See `errors`."), fields=problems)
    most = creditable(attempt, at=at)
    if minutes > most:
        raise more_than_lost(most)
    was = settle_break(attempt, at=at)
    _keep(attempt, _move(was, lambda sat: is_credited(sat, at, minutes * 60)))
    return write_event(
        attempt, SittingEvent.Kind.TIME_CREDITED, seconds=minutes * 60, reason=reason, by=by, at=at
    )
