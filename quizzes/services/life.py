"""The life of an item: published, moved by a reviewer, retired (R16). The steps are those of every bank (courses/bank)."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _
from wagtail.models import Revision

from accounts.models import Role, User
from accounts.services import Refusal
from courses.bank import life
from courses.bank.banks import Bank, Words
from quizzes import lifecycle
from quizzes.models import (
    FormItem,
    Item,
    ItemReviewTask,
    ItemTransition,
    ItemVersion,
    Life,
    SecureView,
    readable_pools,
)
from quizzes.services.items import freeze_item
from quizzes.services.readiness import lacks_of, texts_of

ITEMS = Bank(
    name="item",
    verb="quizzes.life",
    workflow="Item review",
    model=Item,
    transition=ItemTransition,
    reading=SecureView,
    task=ItemReviewTask,
    life=Life,
    moves=lifecycle.MOVES,
    reviewers=(Role.ITEM_REVIEWER,),
    readable_pools=readable_pools,
    lacks_of=lacks_of,
    texts_of=texts_of,
    freeze=freeze_item,
    words=Words(
        only_reviewers=_("Only an item reviewer does this."),
        wrote=_("Rule R2: nobody decides on an item they wrote. Another reviewer has to."),
        wrote_part=_(
            "Rule R2: nobody decides on an item they wrote any part of. Another reviewer has to."
        ),
        pool_closed=_("Items of this pool are read by item authors and reviewers only."),
        retired=_("This item is retired. Write a new one in its place."),
        in_review=_("This item is under review already."),
        not_the_author=_("Only who wrote or submitted an item withdraws it."),
        no_life=_("There is no such state of an item."),
        no_move=_("An item that is %(before)s cannot become %(after)s."),
        say_why=_("Say why: the comment stays in the item's history."),
        passed_over=_("Passed over: the item touches no contested claim."),
        brought_along=_("In use before the bank kept the life of its items."),
    ),
)


def publish_item(*, item: Item, revision: Revision | None, at: datetime) -> ItemVersion:
    """An item has been published: see `courses.bank.life.publish`."""
    return life.publish(ITEMS, entry=item, revision=revision, at=at)


@transaction.atomic
def pilot_loaded(*, item: Item, at: datetime) -> None:
    """Put an item that was just loaded on trial, because its content says so: asked without being scored, until a reviewer decides."""
    row = life.lock(ITEMS, item.pk)
    if row.life == Life.ACTIVE:
        comment = str(_("Loaded on trial; a reviewer decides when it counts."))
        life.note(ITEMS, row, step="published", comment=comment, by=None, at=at, after=Life.PILOT)
        item.life = Life.PILOT


def retire_unpublished(*, item: Item, at: datetime) -> None:
    """An item has been taken off by a schedule or a program: it is retired. Safe to call twice."""
    life.retire_unpublished(ITEMS, entry=item, at=at)


def move_item(*, item: Item, to: str, comment: str, by: User, at: datetime) -> Item:
    """A reviewer brings an approved item on trial, into use, out of it, or to its end: see `courses.bank.life.move`."""
    return life.move(ITEMS, entry=item, to=to, comment=comment, by=by, at=at)


def moves_of(*, item: Item, by: User) -> list[Life]:
    """Where a person may bring an item."""
    return life.moves_of(ITEMS, entry=item, by=by)


def bar_to_moving(*, item: Item, by: User) -> Refusal | None:
    """Why somebody may not decide about an item's life, if they may not."""
    return life.bar_to_moving(ITEMS, entry=item, by=by)


def forms_asking(item: Item) -> list[FormItem]:
    """Where locked forms that are in use ask a version of this item. One query."""
    return list(
        FormItem.objects.filter(
            version__item=item, form__locked_at__isnull=False, form__retired_at=None
        )
        .select_related("form__quiz__activity", "version")
        .order_by("form")
    )
