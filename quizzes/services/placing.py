"""What of an approved item a reviewer may change without a new version: its enemies and its exposure cap. Neither is part of what is asked."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.services import Conflict, Invalid, Refusal
from courses.bank import life
from quizzes.models import FormItem, Item, ItemTransition, Life
from quizzes.services.life import ITEMS, bar_to_moving

COMMENT_MAX = 2000


def bar_to_placing(*, item: Item, by: User) -> Refusal | None:
    """Why somebody may not change where an item may stand, if they may not."""
    if refusal := bar_to_moving(item=item, by=by):
        return refusal
    if item.life in (Life.DRAFT, Life.RETIRED):
        return Conflict("not_in_use", _("Only of an item in use this is changed here."))
    return None


@transaction.atomic
def place_item(
    *,
    item: Item,
    enemies: Iterable[Item],
    exposure_cap: int | None,
    comment: str,
    by: User,
    at: datetime,
) -> ItemTransition | None:
    """A reviewer says which items it is never asked with, and in how many attempts of twelve months at most. Where both are so already,
    nothing happens. Raises Forbidden for others and for its author (R2), Invalid, Conflict for an item that is not in use.
    """
    row = life.lock(ITEMS, item.pk)
    if refusal := bar_to_placing(item=row, by=by):
        raise refusal
    chosen = {enemy.pk: enemy for enemy in enemies}
    _require_sense(row, chosen.values(), exposure_cap, comment, by)
    held = set(row.held_enemies())
    gained, lost = set(chosen) - held, held - set(chosen)
    if not gained and not lost and row.exposure_cap == exposure_cap:
        return None
    _make_enemies(row, gained)
    _make_peace(row, lost)
    before = row.exposure_cap
    Item.objects.filter(pk=row.pk).update(exposure_cap=exposure_cap)
    codes = dict(Item.objects.filter(pk__in=gained | lost).values_list("pk", "code"))
    said = _in_words(codes, gained, lost, before, exposure_cap)
    comment = f"{comment.strip()} ({said})"
    return life.note(ITEMS, row, step="placed", comment=comment, by=by, at=at)


def _require_sense(
    item: Item, enemies: Iterable[Item], cap: int | None, comment: str, by: User
) -> None:
    problems: dict[str, list[str]] = {}
    enemies = list(enemies)
    if any(enemy.pk == item.pk for enemy in enemies):
        problems["enemies"] = [_("No item is its own enemy.")]
    elif strangers := sorted(enemy.code for enemy in enemies if enemy.pool != item.pool):
        problems["enemies"] = [
            _("Enemies are of the same pool: %(codes)s are not.") % {"codes": ", ".join(strangers)}
        ]
    if cap is not None and cap < 1:
        problems["exposure_cap"] = [_("The cap is at least 1, or empty.")]
    if not comment.strip() or len(comment) > COMMENT_MAX:
        problems["comment"] = [_("Say why: the comment stays in the item's history.")]
    if problems:
        raise Invalid("no_place", _("This cannot be kept. See `errors`."), fields=problems)


def _make_enemies(item: Item, others: set[int]) -> None:
    through = Item.enemies.through
    pairs = {pair for other in others for pair in ((item.pk, other), (other, item.pk))}
    through.objects.bulk_create(
        (through(from_item_id=one, to_item_id=other) for one, other in sorted(pairs)),
        ignore_conflicts=True,
    )


def _make_peace(item: Item, others: set[int]) -> None:
    rows = Item.enemies.through.objects
    rows.filter(from_item=item.pk, to_item__in=others).delete()
    rows.filter(to_item=item.pk, from_item__in=others).delete()


def _in_words(
    codes: dict[int, str], gained: set[int], lost: set[int], before: int | None, after: int | None
) -> str:
    parts = []
    if gained:
        parts.append(
            _("new enemies: %(codes)s") % {"codes": ", ".join(sorted(codes[pk] for pk in gained))}
        )
    if lost:
        parts.append(
            _("enemies no more: %(codes)s") % {"codes": ", ".join(sorted(codes[pk] for pk in lost))}
        )
    if before != after:
        none = _("none")
        parts.append(
            _("cap: %(before)s, now %(after)s") % {"before": before or none, "after": after or none}
        )
    return "; ".join(parts)


def forms_with_enemies(item: Item) -> list[FormItem]:
    """Where locked forms in use ask an item together with one of its enemies: they are asked as they stand. One query."""
    asked = FormItem.objects.filter(
        version__item__in=item.held_enemies(),
        form__locked_at__isnull=False,
        form__retired_at=None,
        form__items__version__item=item,
    )
    return list(asked.select_related("form__quiz__activity", "version__item").order_by("form"))
