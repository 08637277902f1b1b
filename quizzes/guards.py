"""Who gets to a row of the bank in Wagtail at all: before every view of it, in every chooser."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.utils import timezone

from accounts.models import User
from accounts.services import Forbidden
from courses.bank import guards
from quizzes.models import Item, readable_pools
from quizzes.services import read_item, read_items


def read(items: list[Item], request: Any, where: str) -> None:
    try:
        read_items(items=items, by=request.user, where=where, at=timezone.now())
    except Forbidden as refusal:
        raise PermissionDenied(refusal.sentence) from refusal


class PoolGuard(guards.PoolGuard):
    """Of items and of quizzes; an item that is shown has been read."""

    def readable_pools(self, user: User) -> list[str]:
        return readable_pools(user)

    def is_read(self, row: Any, request: Any, where: str) -> None:
        if isinstance(row, Item):
            read_item(item=row, by=request.user, where=where, at=timezone.now())
