"""Looking through the bank: how often items have been asked, and which read nearly the same."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Max, Q
from django.db.models.fields.json import KeyTextTransform
from django.utils.translation import gettext as _

from accounts.models import User
from quizzes.models import Item, Response
from quizzes.similarity import nearest

YEAR = timedelta(days=365)
SHORTEST = 12  # letters: below that, everything is like everything


@dataclass(frozen=True)
class Exposure:
    """How many attempts of the last twelve months asked any version of an item, when it was last asked, and how many may."""

    count: int = 0
    last: datetime | None = None
    cap: int | None = None

    @property
    def is_worn(self) -> bool:
        return self.cap is not None and self.count >= self.cap

    def __str__(self) -> str:
        if self.cap is None:
            return str(self.count)
        return _("%(count)s of at most %(cap)s") % {"count": self.count, "cap": self.cap}


def exposure_of(items: Iterable[Item], at: datetime) -> dict[int, Exposure]:
    """The exposure of each of these items by its primary key. One query."""
    rows = {item.pk: item for item in items}
    asked = (
        Response.objects.filter(item_version__item__in=rows)
        .order_by()
        .values_list("item_version__item")
        .annotate(
            count=Count("attempt", distinct=True, filter=Q(attempt__started_at__gt=at - YEAR)),
            last=Max("attempt__started_at"),
        )
    )
    found = {pk: (count, last) for pk, count, last in asked}
    return {
        pk: Exposure(*found.get(pk, (0, None)), cap=item.exposure_cap) for pk, item in rows.items()
    }


@dataclass(frozen=True)
class Near:
    """An item that reads much like a question: how much, in hundredths."""

    item: Item
    stem: str
    percent: int


def near_duplicates(stem: str, *, by: User, besides: int | None = None) -> list[Near]:
    """The items nearest to this stem among those the person may read, drafts as they stand now. Two queries."""
    if len(stem.strip()) < SHORTEST:
        return []
    rows = (
        Item.objects.visible_to(by)
        .exclude(pk=besides)
        .annotate(drafted=KeyTextTransform("stem", "latest_revision__content"))
        .values_list("pk", "stem", "drafted", "has_unpublished_changes")
    )
    texts = {pk: drafted if changed and drafted else said for pk, said, drafted, changed in rows}
    found = nearest(stem, texts.items())
    items = Item.objects.in_bulk([pk for pk, _share in found])
    return [Near(items[pk], texts[pk], round(share * 100)) for pk, share in found]
