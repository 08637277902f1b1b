"""What a quiz may draw now: its blueprint and the items of the bank that are in play."""

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.db.models import Count, Max, Model, QuerySet, Subquery, Value

from quizzes import blueprint
from quizzes.models import BlueprintCell, Item, ItemTransition, ItemVersion, Quiz, Response
from quizzes.services.bank import YEAR


@dataclass(frozen=True)
class Bank:
    """The blueprint of a quiz, what it may draw scored, and what it may mix in as pilots: each by the item's primary key, because the same
    question in a later version is the same question. `uuids` are the versions' own; `caps` those of the items that have one.
    """

    cells: tuple[blueprint.Cell, ...]
    active: dict[int, blueprint.Candidate]
    pilot: dict[int, blueprint.Candidate]
    uuids: dict[int, UUID]
    caps: dict[int, int]


def bank_of(quiz: Quiz, at: datetime) -> Bank:
    """The bank as it stands, without items whose exposure cap is reached. One query where nothing has changed since this process last asked."""
    stamps = [
        _newest(ItemTransition),
        _newest(ItemVersion),
        _newest(Item.enemies.through, "pk"),
        _last_published(),
    ]
    rows = BlueprintCell.objects.filter(quiz=quiz).values_list(
        "domain__code", "level", "count", *stamps
    )
    found = list(rows)
    cells = tuple(blueprint.Cell(*row[:3]) for row in found)
    bank = _read(quiz.pk, quiz.pool, cells, tuple(found[0][3:]) if found else ())
    return _without_overexposed(bank, at) if bank.caps else bank


def _newest(model: type[Model], field: str = "uuid") -> Subquery:
    """The uuid of the newest row, as a column: no other row of any database has it."""
    return Subquery(model._default_manager.order_by("-pk").values(field)[:1])


def _last_published() -> Subquery:
    rows = Item.objects.order_by().values(everything=Value(1))
    return Subquery(rows.annotate(last=Max("last_published_at")).values("last"))


@lru_cache(maxsize=64)
def _read(quiz: int, pool: str, cells: tuple[blueprint.Cell, ...], stamp: tuple[Any, ...]) -> Bank:
    """The bank at a stamp. Whatever changes what may be drawn (a version, a state, a publication) changes the stamp."""
    wanted = {cell.domain for cell in cells}
    versions = ItemVersion.objects.filter(pool=pool, domain_code__in=wanted)
    enemies = _enemies(pool)
    active = _candidates(versions.active(), enemies)
    pilot = _candidates(versions.pilot(), enemies)
    fits = {
        item: row
        for item, (row, _uuid, _cap) in active.items()
        if any(cell.domain == row.domain and cell.level in ("", row.level) for cell in cells)
    }
    every = {**active, **pilot}
    return Bank(
        cells=cells,
        active=fits,
        pilot={item: row for item, (row, _uuid, _cap) in pilot.items()},
        uuids={row.version: uuid for row, uuid, _cap in every.values()},
        caps={item: cap for item, (_row, _uuid, cap) in every.items() if cap},
    )


def _enemies(pool: str) -> dict[int, set[int]]:
    """The enemies of each item, by primary key."""
    found: dict[int, set[int]] = defaultdict(set)
    for one, other in Item.enemies.through.objects.filter(from_item__pool=pool).values_list(
        "from_item", "to_item"
    ):
        found[one].add(other)
    return found


def _candidates(
    versions: QuerySet[ItemVersion], enemies: dict[int, set[int]]
) -> dict[int, tuple[blueprint.Candidate, UUID, int | None]]:
    """Each item's newest version as blueprint.py reads it, with its uuid and the item's exposure cap."""
    rows = list(
        versions.values_list(
            "item", "pk", "uuid", "domain_code", "level", "points",
            "item__must_cover", "item__exposure_cap",
        )
    )  # fmt: skip
    newest = {row[0]: row[1] for row in rows}
    return {
        item: (
            blueprint.Candidate(
                version,
                domain,
                level,
                frozenset(tags),
                points,
                frozenset(newest[other] for other in enemies.get(item, ()) if other in newest),
            ),
            uuid,
            cap,
        )
        for item, version, uuid, domain, level, points, tags, cap in rows
    }


def _without_overexposed(bank: Bank, at: datetime) -> Bank:
    asked = Response.objects.filter(
        item_version__item__in=bank.caps, attempt__started_at__gt=at - YEAR
    )
    counts = dict(
        asked.order_by()
        .values_list("item_version__item")
        .annotate(times=Count("attempt", distinct=True))
    )
    full = {item for item, cap in bank.caps.items() if counts.get(item, 0) >= cap}
    return replace(
        bank,
        active={item: row for item, row in bank.active.items() if item not in full},
        pilot={item: row for item, row in bank.pilot.items() if item not in full},
    )


def shortages_of(quiz: Quiz, at: datetime) -> list[blueprint.Shortage]:
    """What the bank lacks for this quiz; empty when a form can be drawn."""
    bank = bank_of(quiz, at)
    try:
        blueprint.draw(bank.cells, bank.active.values(), quiz.must_cover, seed=0)
    except blueprint.CannotDraw as lack:
        return lack.shortages
    return []
