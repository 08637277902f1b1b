"""The life of an entry: published, moved by a reviewer, retired. Each step is a row of its own with a comment (R16)."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _
from wagtail.log_actions import log
from wagtail.models import Revision, TaskState

from accounts.models import User
from accounts.services import Conflict, Forbidden, Invalid, Refusal
from courses.bank import lifecycle
from courses.bank.banks import Bank, Row


def lock(bank: Bank[Row], pk: int) -> Row:
    """An entry, locked, with its life as its transitions say: a row that was written from a stale copy is set right."""
    entry = bank.model._default_manager.select_for_update().get(pk=pk)
    newest = entry.transitions.order_by("-sequence").first()
    if newest:
        entry.life = newest.after
    return entry


def note(
    bank: Bank[Row],
    entry: Row,
    *,
    step: str,
    comment: str,
    by: User | None,
    at: datetime,
    after: str | None = None,
) -> Any:
    """Write down a step of an entry that is locked, and where it leaves it."""
    before, after = entry.life, after or entry.life
    row = bank.transition.objects.append(
        chain=f"{bank.name}-life:{entry.uuid}",
        at=at,
        version=_newest_number(entry),
        before=before,
        after=after,
        step=step,
        comment=comment,
        by=by,
        **bank.of(entry),
    )
    bank.model._default_manager.filter(pk=entry.pk).update(life=after)
    entry.life = after
    log(
        entry,
        bank.verb,
        user=by,
        data={"step": step, "before": before, "after": after, "comment": comment},
        timestamp=at,
    )
    return row


def _newest_number(entry: Any) -> int | None:
    return entry.versions.aggregate(newest=Max("number"))["newest"]


# Publishing


@transaction.atomic
def publish(bank: Bank[Row], *, entry: Row, revision: Revision | None, at: datetime) -> Any:
    """An entry has been published: freeze what it says, and put it where its review, or without one the loader, leaves it."""
    row = lock(bank, entry.pk)
    number = _newest_number(row)
    version = bank.freeze(at=at, **bank.of(entry))
    approval = _approval_of(revision)
    if approval is None:
        after = lifecycle.after_loading(row.life)
        by, comment = None, _("Loaded from the content, without a review of its own here.")
    else:
        new = version.number != number
        after = lifecycle.after_review(row.pool, row.life, new_version=new)
        by, comment = approval.finished_by, approval.comment
    if after != row.life:
        note(bank, row, step="published", comment=comment, by=by, at=at, after=after)
    bank.model._default_manager.filter(pk=row.pk).update(life=after)
    entry.life = after
    return version


def _approval_of(revision: Revision | None) -> TaskState | None:
    """The last approval of this revision in a review that has just been finished."""
    if revision is None:
        return None
    approved = TaskState.objects.filter(revision=revision, status=TaskState.STATUS_APPROVED)
    return approved.select_related("finished_by").order_by("-finished_at", "-pk").first()


@transaction.atomic
def retire_unpublished(bank: Bank[Row], *, entry: Row, at: datetime) -> None:
    """An entry has been taken off by a schedule or a program: it is retired. Safe to call twice."""
    row = lock(bank, entry.pk)
    if row.life not in (lifecycle.DRAFT, lifecycle.RETIRED):
        comment = _("Unpublished, on schedule or by a program.")
        after = lifecycle.RETIRED
        note(bank, row, step="unpublished", comment=comment, by=None, at=at, after=after)


@transaction.atomic
def bring_along(bank: Bank[Row], *, at: datetime) -> int:
    """Give entries from before their life was kept the one they have led: live is active, taken off is retired. Safe to call twice."""
    rows = list(
        bank.model._default_manager.select_for_update()
        .filter(life=lifecycle.DRAFT, last_published_at__isnull=False)
        .exclude(pk__in=bank.transition.objects.values(bank.model._meta.model_name))
        .order_by("pk")
    )
    for row in rows:
        after = lifecycle.ACTIVE if row.live else lifecycle.RETIRED
        comment = str(bank.words.brought_along)
        note(bank, row, step="brought-along", comment=comment, by=None, at=at, after=after)
    return len(rows)


# Moving


@transaction.atomic
def move(bank: Bank[Row], *, entry: Row, to: str, comment: str, by: User, at: datetime) -> Row:
    """A reviewer brings an approved entry into use, out of it, or to its end. Where it stands there already, nothing happens.

    Raises Forbidden for others than reviewers and for its author (R2), Invalid without a comment, Conflict for a move that its life does
    not allow.
    """
    row = lock(bank, entry.pk)
    refusal = bar_to_moving(bank, entry=row, by=by)
    if refusal:
        raise refusal
    if to not in bank.life.values:
        raise Invalid("no_life", bank.words.no_life)
    said = comment.strip()
    if not said:
        raise Invalid("no_comment", bank.words.say_why, fields={"comment": [_("Say why.")]})
    if row.life == to:
        return row
    if not lifecycle.may_move(bank.moves, row.life, to):
        states = {"before": _word(bank, row.life), "after": _word(bank, to)}
        raise Conflict("no_such_move", bank.words.no_move % states)
    note(bank, row, step="moved", comment=said, by=by, at=at, after=to)
    if to == lifecycle.RETIRED and row.live:
        row.unpublish(user=by)
    return row


def _word(bank: Bank[Row], life: str) -> str:
    return str(bank.life(life).label).partition(":")[0]


def moves_of(bank: Bank[Row], *, entry: Row, by: User) -> list[Any]:
    """Where a person may bring an entry."""
    if bar_to_moving(bank, entry=entry, by=by):
        return []
    return [bank.life(life) for life in bank.moves[entry.life]]


def bar_to_moving(bank: Bank[Row], *, entry: Row, by: User) -> Refusal | None:
    """Why somebody may not decide about an entry's life, if they may not. Being a superuser is not a role."""
    is_reviewer = by.is_active and by.has_role(*bank.reviewers)
    if not is_reviewer or entry.pool not in bank.readable_pools(by):
        return Forbidden("wrong_role", bank.words.only_reviewers)
    if entry.author_id == by.pk:
        return Forbidden("R2", bank.words.wrote)
    return None
