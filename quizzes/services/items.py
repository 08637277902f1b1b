"""The item bank: freezing versions, reading items, and loading them."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from itertools import permutations
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from wagtail.log_actions import log

from accounts.models import User
from accounts.services import Invalid
from courses.models import Claim, Figure
from quizzes.frozen import freeze, same_question
from quizzes.models import (
    Domain,
    Item,
    ItemVersion,
    Life,
)
from quizzes.services.readiness import sentences_of


@transaction.atomic
def freeze_item(*, item: Item, at: datetime) -> ItemVersion:
    """The version that says what the item says now: a new one, or the newest where nothing that is asked or placed has changed."""
    Item.objects.select_for_update().get(pk=item.pk)
    newest = item.versions.order_by("-number").first()
    content = freeze(item)
    if newest and _same_place(newest, item) and same_question(newest.content, content):
        return newest
    version = ItemVersion.objects.append(
        chain=f"item:{item.uuid}",
        at=at,
        item=item,
        number=newest.number + 1 if newest else 1,
        pool=item.pool,
        domain=item.domain,
        domain_code=item.domain.code,
        level=item.level,
        points=content["points"],
        content=content,
    )
    log(item, "quizzes.freeze", data={"version": version.number}, timestamp=at)
    return version


def _same_place(version: ItemVersion, item: Item) -> bool:
    places = [(row.pool, row.domain_id, row.level) for row in (version, item)]
    return places[0] == places[1]


# Loading


@transaction.atomic
def load_domain(*, code: str, title: str, position: int, at: datetime) -> Domain:
    """Make or change a content domain of the blueprint."""
    domain, _new = Domain.objects.update_or_create(
        code=code, defaults={"title": title, "position": position}
    )
    return domain


@transaction.atomic
def load_item(
    *, data: Mapping[str, Any], pool: str, at: datetime, author: User | None = None
) -> tuple[Item, bool]:
    """Make or change an item from its entry in content/ (see content/README.md) and publish it, which makes it active; the second value
    says whether anything changed. What has been retired stays so. Raises Invalid, with what is wrong by field.
    """
    item = Item.objects.filter(code=data["code"]).first()
    if item and item.life == Life.RETIRED:
        return item, False
    before = _said(item) if item and item.live else None
    if item is None:
        item = Item(code=data["code"], author=author, live=False)
    elif item.pool != pool:
        raise Invalid(
            "other_pool",
            f"{item.code} is in the {item.pool} pool and never leaves it. Give the new question a code of its own.",
        )
    claims = _fill(item, data, pool)
    if before == {**_said(item), "claims": {claim.pk for claim in claims}}:
        return item, False
    _check(item)
    if item.pk is None:
        item.save()
    item.claims = claims
    item.save_revision(user=author).publish()
    return Item.objects.get(pk=item.pk), True


@transaction.atomic
def load_enemies(*, groups: Iterable[Sequence[str]], at: datetime) -> int:
    """Make the items of each group, named by code, enemies of one another; returns how many pairs are new. Takes no enmity away."""
    groups = [list(map(str, group)) for group in groups]
    rows = Item.objects.filter(code__in={code for group in groups for code in group})
    by_code = dict(rows.values_list("code", "pk"))
    pairs = {
        (by_code[one], by_code[other]) for group in groups for one, other in permutations(group, 2)
    }
    through = Item.enemies.through
    held = set(through.objects.values_list("from_item", "to_item"))
    new = sorted(pairs - held)
    through.objects.bulk_create(through(from_item_id=one, to_item_id=other) for one, other in new)
    return len(new) // 2


def _fill(item: Item, data: Mapping[str, Any], pool: str) -> list[Claim]:
    """Put an entry into an item; returns the claims it touches."""
    domain = Domain.objects.filter(code=data["domain"]).first()
    if domain is None:
        raise Invalid("no_domain", f"{data['code']}: there is no domain {data['domain']}.")
    named = data.get("claims", [])
    claims = list(Claim.objects.filter(code__in=named))
    missing = set(named) - {claim.code for claim in claims}
    if missing:
        raise Invalid(
            "no_claim", f"{data['code']}: there is no claim {', '.join(sorted(missing))}."
        )
    item.pool, item.domain, item.level = pool, domain, data["level"]
    item.stem, item.stimulus = data["stem"].strip(), data.get("stimulus", "").strip()
    item.reference, item.review_by = data["reference"].strip(), data["review_by"]
    item.must_cover = list(data.get("must_cover", []))
    item.figure = Figure.objects.get(code=data["figure"]) if data.get("figure") else None
    item.body = [(data["type"], _body(data))]
    return claims


def _body(data: Mapping[str, Any]) -> dict[str, Any]:
    """The value of the item type's block."""
    match data["type"]:
        case "single" | "multiple":
            return {"options": [{"correct": False, **option} for option in data["options"]]}
        case "truefalse":
            said = {str(answer).lower(): text for answer, text in data["rationales"].items()}
            return {
                "answer": data["answer"],
                "why_true": said["true"],
                "why_false": said["false"],
            }
        case "order":
            return {"sequence": data["sequence"]}
        case "match":
            return {"pairs": data["pairs"], "extra_right": data.get("extra_right", [])}
        case "numeric":
            given = {"tolerance": 0, "unit": "", **data["numeric"]}
            numbers = {name: Decimal(str(given[name])) for name in ("value", "tolerance")}
            return {**given, **numbers}
        case "text":
            return dict(data["text"])
        case "hotspot":
            regions = [{"correct": False, **region} for region in data["regions"]]
            several = data.get("several", False)
            return {"picture": data["picture"], "several": several, "regions": regions}
        case "label":
            extra = data.get("extra_labels", [])
            return {"picture": data["picture"], "pins": data["pins"], "extra_labels": extra}
        case "extended":
            return {name: data[name] for name in ("theme", "choices", "stems")}
        case "case":
            parts = [
                {
                    "stem": part["stem"],
                    "options": [{"correct": False, **option} for option in part["options"]],
                }
                for part in data["parts"]
            ]
            return {"parts": parts}
        case "essay":
            given = {"tolerance": 1, "words": 200, **data["essay"]}
            return {**given, "tolerance": Decimal(str(given["tolerance"]))}
    raise Invalid("no_type", f"{data['code']}: there is no item type {data['type']}.")


def _said(item: Item) -> dict[str, Any]:
    """All that an item says, to compare."""
    return {
        "place": (item.pool, item.domain_id, item.level),
        "words": (item.stem, item.stimulus, item.reference, item.review_by, item.figure_id),
        "must_cover": item.must_cover,
        "body": _without_uuids(item.body.get_prep_value()),
        "claims": {claim.pk for claim in item.claims.all()} if item.pk else set(),
    }


def _without_uuids(value: Any) -> Any:
    """A block's stored form without the ids its rows get when they are saved."""
    if isinstance(value, list):
        return [_without_uuids(entry) for entry in value]
    if isinstance(value, dict):
        return {name: _without_uuids(entry) for name, entry in value.items() if name != "id"}
    return str(value) if isinstance(value, Decimal) else value


def _check(item: Item) -> None:
    try:
        item.full_clean()
        item.body.stream_block.clean(item.body)
    except ValidationError as error:
        sentences = list(sentences_of(error))
        raise Invalid(
            "item", f"{item.code}: {' '.join(sentences)}", fields={"item": sentences}
        ) from error
