"""The life of an item: published, moved by a reviewer, retired. Each step is a row of its own with a comment (R16)."""

from datetime import datetime

from django.db import transaction
from django.db.models import Exists, Max, OuterRef
from django.utils.translation import gettext as _
from wagtail.log_actions import log
from wagtail.models import Revision, TaskState

from accounts.models import Role, User
from accounts.services import Conflict, Forbidden, Invalid, Refusal
from quizzes import lifecycle
from quizzes.models import FormItem, Item, ItemTransition, ItemVersion, Life, readable_pools
from quizzes.services.items import freeze_item


def lock_item(pk: int) -> Item:
    """An item, locked, with its life as its transitions say: a row that was written from a stale copy is set right."""
    item = Item.objects.select_for_update().get(pk=pk)
    newest = item.transitions.order_by("-sequence").first()
    if newest:
        item.life = newest.after
    return item


def note(
    item: Item,
    *,
    step: str,
    comment: str,
    by: User | None,
    at: datetime,
    after: str | None = None,
) -> ItemTransition:
    """Write down a step of an item that is locked, and where it leaves it."""
    before, after = item.life, after or item.life
    row = ItemTransition.objects.append(
        chain=f"item-life:{item.uuid}",
        at=at,
        item=item,
        version=_newest_number(item),
        before=before,
        after=after,
        step=step,
        comment=comment,
        by=by,
    )
    Item.objects.filter(pk=item.pk).update(life=after)
    item.life = after
    log(
        item,
        "quizzes.life",
        user=by,
        data={"step": step, "before": before, "after": after, "comment": comment},
        timestamp=at,
    )
    return row


def _newest_number(item: Item) -> int | None:
    return item.versions.aggregate(newest=Max("number"))["newest"]


# Publishing


@transaction.atomic
def publish_item(*, item: Item, revision: Revision | None, at: datetime) -> ItemVersion:
    """An item has been published: freeze what it says, and put it where its review, or without one the loader, leaves it."""
    row = lock_item(item.pk)
    number = _newest_number(row)
    version = freeze_item(item=item, at=at)
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
    Item.objects.filter(pk=row.pk).update(life=after)
    item.life = after
    return version


@transaction.atomic
def pilot_loaded(*, item: Item, at: datetime) -> None:
    """Put an item that was just loaded on trial, because its content says so: asked without being scored, until a reviewer decides."""
    row = lock_item(item.pk)
    if row.life == Life.ACTIVE:
        comment = _("Loaded on trial; a reviewer decides when it counts.")
        note(row, step="published", comment=comment, by=None, at=at, after=Life.PILOT)
        item.life = Life.PILOT


def _approval_of(revision: Revision | None) -> TaskState | None:
    """The last approval of this revision in a review that has just been finished."""
    if revision is None:
        return None
    approved = TaskState.objects.filter(revision=revision, status=TaskState.STATUS_APPROVED)
    return approved.select_related("finished_by").order_by("-finished_at", "-pk").first()


@transaction.atomic
def retire_unpublished(*, item: Item, at: datetime) -> None:
    """An item has been taken off by a schedule or a program: it is retired. Safe to call twice."""
    row = lock_item(item.pk)
    if row.life not in (Life.DRAFT, Life.RETIRED):
        note(
            row,
            step="unpublished",
            comment=_("Unpublished, on schedule or by a program."),
            by=None,
            at=at,
            after=Life.RETIRED,
        )


@transaction.atomic
def bring_along(*, at: datetime) -> int:
    """Give items from before there was a life of items the one they have led: live is active, taken off is retired. Safe to call twice."""
    steps_so_far = ItemTransition.objects.filter(item=OuterRef("pk"))
    rows = list(
        Item.objects.select_for_update()
        .filter(~Exists(steps_so_far), life=Life.DRAFT, last_published_at__isnull=False)
        .order_by("pk")
    )
    numbers = dict(
        ItemVersion.objects.filter(item__in=rows)
        .order_by()
        .values_list("item")
        .annotate(newest=Max("number"))
    )
    steps = []
    for item in rows:
        item.life = Life.ACTIVE if item.live else Life.RETIRED
        steps.append(
            ItemTransition(
                chain=f"item-life:{item.uuid}",
                at=at,
                item=item,
                version=numbers.get(item.pk),
                before=Life.DRAFT,
                after=item.life,
                step="brought-along",
                comment=_("In use before the bank kept the life of its items."),
            )
        )
    ItemTransition.objects.bulk_append(steps)
    Item.objects.bulk_update(rows, ["life"])
    return len(rows)


# Moving


@transaction.atomic
def move_item(*, item: Item, to: str, comment: str, by: User, at: datetime) -> Item:
    """A reviewer brings an approved item on trial, into use, out of it, or to its end. Where it stands there already, nothing happens.

    Raises Forbidden for others than item reviewers and for its author (R2), Invalid without a comment, Conflict for a move that its life
    does not allow.
    """
    row = lock_item(item.pk)
    refusal = bar_to_moving(item=row, by=by)
    if refusal:
        raise refusal
    if to not in Life.values:
        raise Invalid("no_life", _("There is no such state of an item."))
    said = comment.strip()
    if not said:
        raise Invalid(
            "no_comment",
            _("Say why: the comment stays in the item's history."),
            fields={"comment": [_("Say why.")]},
        )
    if row.life == to:
        return row
    if not lifecycle.may_move(row.life, to):
        raise Conflict(
            "no_such_move",
            _("An item that is %(before)s cannot become %(after)s.")
            % {"before": _word(row.life), "after": _word(to)},
        )
    note(row, step="moved", comment=said, by=by, at=at, after=to)
    if to == Life.RETIRED and row.live:
        row.unpublish(user=by)
    return row


def _word(life: str) -> str:
    return str(Life(life).label).partition(":")[0]


def moves_of(*, item: Item, by: User) -> list[Life]:
    """Where a person may bring an item."""
    if bar_to_moving(item=item, by=by):
        return []
    return [Life(life) for life in lifecycle.MOVES[item.life]]


def bar_to_moving(*, item: Item, by: User) -> Refusal | None:
    """Why somebody may not decide about an item's life, if they may not. Being a superuser is not a role."""
    if (
        not by.is_active
        or not by.has_role(Role.ITEM_REVIEWER)
        or item.pool not in readable_pools(by)
    ):
        return Forbidden("wrong_role", _("Only an item reviewer does this."))
    if item.author_id == by.pk:
        return Forbidden(
            "R2", _("Rule R2: nobody decides on an item they wrote. Another reviewer has to.")
        )
    return None


def forms_asking(item: Item) -> list[FormItem]:
    """Where locked forms that are in use ask a version of this item. One query."""
    return list(
        FormItem.objects.filter(
            version__item=item, form__locked_at__isnull=False, form__retired_at=None
        )
        .select_related("form__quiz__activity", "version")
        .order_by("form")
    )
