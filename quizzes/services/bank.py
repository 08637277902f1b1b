"""Looking through the bank: how often items have been asked, which read nearly the same, and who reads them (R20)."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Count, Max, Q, TextField
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast
from django.utils.translation import gettext as _

from accounts.models import User
from courses.bank import reading
from quizzes.models import Item, Response, SecureView
from quizzes.services.life import ITEMS
from quizzes.similarity import Question, nearest

YEAR = timedelta(days=365)
SHORTEST = 12  # letters: below that, everything is like everything
NEAR = "near"  # how a reading is named that the bank offered by itself


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


def near_duplicates(
    stem: str, answers: Sequence[str] = (), *, by: User, besides: int | None = None
) -> list[Near]:
    """The items nearest to a question with these answers among those the person may read, drafts as they stand now. Two queries.

    Near is what asks nearly the same, and what offers nearly the same to a question put otherwise.
    """
    if len(stem.strip()) < SHORTEST:
        return []
    rows = (
        Item.objects.visible_to(by)
        .exclude(pk=besides)
        .annotate(
            written=Cast("body", TextField()),
            drafted=KeyTextTransform("stem", "latest_revision__content"),
            drafted_body=KeyTextTransform("body", "latest_revision__content"),
        )
        .values_list("pk", "stem", "written", "drafted", "drafted_body", "has_unpublished_changes")
    )
    bank = {}
    for pk, said, written, drafted, drafted_body, changed in rows:
        asks = drafted if changed and drafted else said
        body = drafted_body if changed and drafted_body else written
        bank[pk] = Question(asks, " ".join(answers_in(body)))
    found = nearest(Question(stem, " ".join(answers)), bank.items())
    items = Item.objects.in_bulk([pk for pk, _share in found])
    return [Near(items[pk], bank[pk].asks, round(share * 100)) for pk, share in found]


# In the stored form of an answer, what is no wording of it.
UNSAID = {"id", "type", "rationale", "why_true", "why_false", "outline", "place", "picture", "model", "rubric", "unit"}  # fmt: skip


def answers_in(body: str) -> list[str]:
    """The words of an answer as it is stored: options, steps, pairs, labels; not why they are right or wrong."""
    try:
        return list(_said_in(json.loads(body or "[]")))
    except ValueError:
        return []


def _said_in(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, entry in value.items():
            if name not in UNSAID:
                yield from _said_in(entry)
    elif isinstance(value, list):
        for entry in value:
            yield from _said_in(entry)


# Reading


def read_item(*, item: Item, by: User, where: str, at: datetime) -> None:
    """Somebody reads an item: see `read_items`."""
    read_items(items=[item], by=by, where=where, at=at)


@transaction.atomic
def read_items(*, items: Sequence[Item], by: User, where: str, at: datetime) -> None:
    """Somebody reads these items with their keys; each reading of a secure one is written down. Raises Forbidden for a pool not theirs."""
    reading.require_readable(ITEMS, entries=items, by=by)
    reading.write_down(ITEMS, entries=items, by=by, where=where, at=at)


def read_near(*, items: Sequence[Item], by: User, at: datetime) -> None:
    """Somebody is shown these items beside one they write, which asks anew at every pause: each is written down once an hour."""
    lately = SecureView.objects.filter(
        reader=by, where=NEAR, at__gt=at - timedelta(hours=1), item__in=items
    )
    known = set(lately.values_list("item", flat=True))
    new = [item for item in items if item.pk not in known]
    read_items(items=new, by=by, where=NEAR, at=at)
