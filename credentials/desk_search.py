"""How registrars find a credential: by number or the beginning of one, by the holder's e-mail address, by name, a little mistyped or not."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connections
from django.db.models import Q, QuerySet, prefetch_related_objects
from django.db.models.functions import Lower

from accounts.models import User
from credentials import numbers, services
from credentials.models import Credential
from credentials.validity import FINAL
from credentials.words import STATUS_WORDS

PAGE = 50
LOOKED_AT = 500  # rows a status filter looks through for one page


@dataclass(frozen=True)
class Found:
    """One page. `near`: nothing is called so, these are what was meant perhaps. `after`: the number to go on after."""

    rows: list[dict[str, Any]]
    near: bool
    after: str | None


def look_up(*, by: User, typed: str, status: str, after: str, at: datetime) -> Found:
    """What `by` may see of the register that fits what was typed and has the status, by name; everything where nothing was typed."""
    visible = Credential.objects.visible_to(by).select_related("credential_type")
    found = _fitting(visible, typed).prefetch_related("events")
    rows, last = _page(found, after, status, at)
    if rows or last or after or not typed or "@" in typed:
        return Found(rows, False, last)
    near = services.nearest(visible, typed)
    prefetch_related_objects(near, "events")
    rows = [row for row in _entries(near, at) if not status or row["standing"].status == status]
    return Found(rows, bool(rows), None)


def _fitting(visible: QuerySet[Credential], typed: str) -> QuerySet[Credential]:
    if not typed:
        return visible.order_by("name_key", "pk")
    found: QuerySet[Credential]
    if "@" in typed:
        found = visible.alias(address=Lower("holder__email")).filter(address=typed.lower())
    elif numbers.normalise(typed) is None and (begins := numbers.beginning(typed)):
        found = visible.filter(_begins(begins))
    else:
        found = services.search(visible, typed)
    return found.order_by(Lower("name_key"), "pk")


def _begins(number: str) -> Q:
    """A number that begins so, through the index: SQLite does not use one for LIKE."""
    if connections[Credential.objects.db].vendor == "sqlite":
        return Q(number__gte=number, number__lt=number + "\U0010ffff")
    return Q(number__startswith=number)


def _page(
    found: QuerySet[Credential], after: str, status: str, at: datetime
) -> tuple[list[dict[str, Any]], str | None]:
    """One page, and the number to go on after. A status follows from events, so it is worked out for the rows looked at, no others."""
    before = Credential.objects.filter(number=after).first() if after else None
    if before:
        later = Q(name_key=before.name_key, pk__gt=before.pk)
        found = found.filter(Q(name_key__gt=before.name_key) | later)
    limit = LOOKED_AT if status else PAGE
    looked_at = list(found[: limit + 1])
    rows: list[dict[str, Any]] = []
    for row in _entries(looked_at[:limit], at):
        if len(rows) == PAGE:
            return rows, rows[-1]["credential"].number
        if not status or row["standing"].status == status:
            rows.append(row)
    return rows, looked_at[limit - 1].number if len(looked_at) > limit else None


def _entries(credentials: list[Credential], at: datetime) -> Any:
    for row in credentials:
        standing = services.standing_of(row, at=at)
        yield {
            "credential": row,
            "standing": standing,
            "word": STATUS_WORDS[standing.status],
            "ended": standing.since if standing.status in FINAL else None,
        }
