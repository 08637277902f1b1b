"""The life of a station: published, moved by a reviewer, retired. Each step is a row of its own with a comment (R16, R21)."""

from datetime import datetime

from django.db import transaction
from django.db.models import Exists, Max, OuterRef
from django.utils.translation import gettext as _
from wagtail.log_actions import log
from wagtail.models import Revision, TaskState

from accounts.models import Role, User
from accounts.services import Conflict, Forbidden, Invalid, Refusal
from practicals import lifecycle
from practicals.models import (
    Checklist,
    ChecklistVersion,
    Life,
    Station,
    StationTransition,
    readable_pools,
)
from practicals.services.checklists import freeze_checklist, require_version

REVIEWERS = (Role.ITEM_REVIEWER, Role.CHIEF_EXAMINER)


def lock_checklist(pk: int) -> Checklist:
    """A station, locked, with its life as its transitions say: a row that was written from a stale copy is set right."""
    row = Checklist.objects.select_for_update().get(pk=pk)
    newest = row.transitions.order_by("-sequence").first()
    if newest:
        row.life = newest.after
    return row


def note(
    checklist: Checklist,
    *,
    step: str,
    comment: str,
    by: User | None,
    at: datetime,
    after: str | None = None,
) -> StationTransition:
    """Write down a step of a station that is locked, and where it leaves it."""
    before, after = checklist.life, after or checklist.life
    row = StationTransition.objects.append(
        chain=f"station-life:{checklist.uuid}",
        at=at,
        checklist=checklist,
        version=_newest_number(checklist),
        before=before,
        after=after,
        step=step,
        comment=comment,
        by=by,
    )
    Checklist.objects.filter(pk=checklist.pk).update(life=after)
    checklist.life = after
    log(
        checklist,
        "practicals.life",
        user=by,
        data={"step": step, "before": before, "after": after, "comment": comment},
        timestamp=at,
    )
    return row


def _newest_number(checklist: Checklist) -> int | None:
    return checklist.versions.aggregate(newest=Max("number"))["newest"]


# Publishing


@transaction.atomic
def publish_checklist(
    *, checklist: Checklist, revision: Revision | None, at: datetime
) -> ChecklistVersion:
    """A station has been published: freeze what it says, and put it where its review, or without one the loader, leaves it."""
    row = lock_checklist(checklist.pk)
    number = _newest_number(row)
    version = freeze_checklist(checklist=checklist, at=at)
    approval = _approval_of(revision)
    if approval is None:
        after = lifecycle.after_loading(row.life)
        by, comment = None, _("Loaded from the content, without a review of its own here.")
    else:
        new = version.number != number
        after = lifecycle.after_review(row.pool, row.life, new_version=new)
        by, comment = approval.finished_by, approval.comment
    if after != row.life:
        note(row, step="published", comment=comment, by=by, at=at, after=after)
    Checklist.objects.filter(pk=row.pk).update(life=after)
    checklist.life = after
    return version


def _approval_of(revision: Revision | None) -> TaskState | None:
    """The last approval of this revision in a review that has just been finished."""
    if revision is None:
        return None
    approved = TaskState.objects.filter(revision=revision, status=TaskState.STATUS_APPROVED)
    return approved.select_related("finished_by").order_by("-finished_at", "-pk").first()


@transaction.atomic
def retire_unpublished(*, checklist: Checklist, at: datetime) -> None:
    """A station has been taken off by a schedule or a program: it is retired. Safe to call twice."""
    row = lock_checklist(checklist.pk)
    if row.life not in (Life.DRAFT, Life.RETIRED):
        comment = _("Unpublished, on schedule or by a program.")
        note(row, step="unpublished", comment=comment, by=None, at=at, after=Life.RETIRED)


@transaction.atomic
def bring_along(*, at: datetime) -> int:
    """Give stations from before there was a life of stations the one they have led: live is active, taken off is retired. Safe to call twice."""
    steps_so_far = StationTransition.objects.filter(checklist=OuterRef("pk"))
    rows = list(
        Checklist.objects.select_for_update()
        .filter(~Exists(steps_so_far), life=Life.DRAFT, last_published_at__isnull=False)
        .order_by("pk")
    )
    for row in rows:
        after = Life.ACTIVE if row.live else Life.RETIRED
        comment = _("In use before the bank kept the life of its stations.")
        note(row, step="brought-along", comment=comment, by=None, at=at, after=after)
    return len(rows)


# Moving


@transaction.atomic
def move_checklist(
    *, checklist: Checklist, to: str, comment: str, by: User, at: datetime
) -> Checklist:
    """A reviewer brings an approved station into use, out of it, or to its end. Where it stands there already, nothing happens.

    What was scored on it stays; exam days that have assigned it keep their version, and no other day draws it. Raises Forbidden for
    others than reviewers and for its author (R2), Invalid without a comment, Conflict for a move that its life does not allow.
    """
    row = lock_checklist(checklist.pk)
    refusal = bar_to_moving(checklist=row, by=by)
    if refusal:
        raise refusal
    if to not in Life.values:
        raise Invalid("no_life", _("There is no such state of a station."))
    said = comment.strip()
    if not said:
        raise Invalid(
            "no_comment",
            _("Say why: the comment stays in the station's history."),
            fields={"comment": [_("Say why.")]},
        )
    if row.life == to:
        return row
    if not lifecycle.may_move(row.life, to):
        raise Conflict(
            "no_such_move",
            _("A station that is %(before)s cannot become %(after)s.")
            % {"before": Life(row.life).label, "after": Life(to).label},
        )
    note(row, step="moved", comment=said, by=by, at=at, after=to)
    if to == Life.RETIRED and row.live:
        row.unpublish(user=by)
    return row


def moves_of(*, checklist: Checklist, by: User) -> list[Life]:
    """Where a person may bring a station."""
    if bar_to_moving(checklist=checklist, by=by):
        return []
    return [Life(life) for life in lifecycle.MOVES[checklist.life]]


def bar_to_moving(*, checklist: Checklist, by: User) -> Refusal | None:
    """Why somebody may not decide about a station's life, if they may not. Being a superuser is not a role."""
    if not by.is_active or not by.has_role(*REVIEWERS) or checklist.pool not in readable_pools(by):
        return Forbidden("wrong_role", _("Only a reviewer of stations does this."))
    if checklist.author_id == by.pk:
        return Forbidden(
            "R2", _("Rule R2: nobody decides on a station they wrote. Another reviewer has to.")
        )
    return None


# Being examined


def require_in_use(checklist: Checklist) -> None:
    """Raise Conflict unless the station may be put on an exam day: active, secure."""
    if checklist.life != Life.ACTIVE:
        raise Conflict(
            "station_not_active",
            _("Station %(code)s is %(life)s; only an active station is examined.")
            % {"code": checklist.code, "life": Life(checklist.life).label},
        )
    if checklist.open_for_practice:
        raise Conflict(
            "practice_station",
            _("Station %(code)s is open to students for practice; it is never examined.")
            % {"code": checklist.code},
        )


def version_to_examine(checklist: Checklist) -> ChecklistVersion:
    """The version scored at a station of an exam day from now on. Raises Conflict unless the station is active and was published."""
    require_in_use(checklist)
    return require_version(checklist)


def places_of(checklist: Checklist) -> list[Station]:
    """The exam plans that place a station, with their activity. One query."""
    return list(checklist.stations.select_related("plan__activity").order_by("plan"))
