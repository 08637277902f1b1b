"""The item desk: what the secure bank can cover, and what waits for whom."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import Count, Exists, OuterRef
from django.urls import reverse
from django.utils import timezone
from wagtail.models import WorkflowState

from accounts.models import User
from credentials.models import Requirement
from lms.desks.coverage import Coverage, coverage
from practicals.models import Checklist
from practicals.models import Life as StationLife
from practicals.services import stations_under_review
from quizzes.models import BlueprintCell, Domain, Item, ItemVersion, Level, Life, Pool, Quiz
from quizzes.models.items import ItemQuerySet
from quizzes.services import Exposure, exposure_of, waiting_for

SHOWN = 10


def bank_context(user: User, wanted: str) -> dict[str, Any]:
    """What lms/desks/items.html shows. `wanted` is the uuid of an examination's activity, or anything. A fixed number of queries."""
    exams = list(
        Quiz.objects.filter(pool=Pool.SECURE, activity__is_live=True)
        .select_related("activity")
        .annotate(certifies=Exists(Requirement.objects.filter(activities=OuterRef("activity"))))
        .order_by("-certifies", "activity__title", "pk")
    )
    chosen = next((quiz for quiz in exams if str(quiz.activity.uuid) == wanted), None)
    chosen = chosen or next(iter(exams), None)
    practice = counts(Pool.PRACTICE)
    at = timezone.now()
    items = Item.objects.visible_to(user).select_related("domain")
    waiting = waiting_for(user)
    approved, overdue = items.filter(life=Life.APPROVED), items.overdue(at.date())
    return {
        "exams": exams,
        "exam": chosen,
        "coverage": bank_coverage(chosen),
        "practice": sum(practice.values()),
        "waiting": waiting[:SHOWN],
        "theirs": sum(row.is_theirs for row in waiting),
        "drafts": drafts_of(user, items, [row.item.pk for row in waiting]),
        "approved": approved.order_by("code")[:SHOWN],
        "approved_all": approved.count(),
        "overdue": overdue.order_by("review_by", "code")[:SHOWN],
        "overdue_all": overdue.count(),
        "worn": worn_among(items, at),
        "stations": stations_under_review(user)[:SHOWN],
        "stations_approved": Checklist.objects.visible_to(user).filter(life=StationLife.APPROVED),
        "stations_url": reverse(station_url_name("list")),
        "station_name": station_url_name("life"),
        "levels": Level.choices,
        **{f"{name}_url": reverse(url_name(name)) for name in ("add", "list")},
        **{f"{name}_name": url_name(name) for name in ("edit", "life")},
    }


def url_name(view: str) -> str:
    return Item.snippet_viewset.get_url_name(view)


def station_url_name(view: str) -> str:
    return Checklist.snippet_viewset.get_url_name(view)


def drafts_of(user: User, items: ItemQuerySet, under_review: Collection[int]) -> list[Item]:
    """What a person has begun and not handed in, the newest first, each with `sent_back` where its review asked for changes. Two queries."""
    drafts = list(
        items.filter(author=user, has_unpublished_changes=True)
        .exclude(life=Life.RETIRED)
        .exclude(pk__in=under_review)
        .select_related("latest_revision")
        .order_by("-latest_revision__created_at")[:SHOWN]
    )
    returned = WorkflowState.objects.filter(
        base_content_type=ContentType.objects.get_for_model(Item),
        object_id__in=[str(item.pk) for item in drafts],
        status=WorkflowState.STATUS_NEEDS_CHANGES,
    )
    sent_back = set(returned.values_list("object_id", flat=True))
    for item in drafts:
        item.sent_back = str(item.pk) in sent_back
    return drafts


def worn_among(items: ItemQuerySet, at: datetime) -> list[tuple[Item, Exposure]]:
    """Items in use that have been asked as often as they may, the most asked first. Two queries."""
    capped = list(items.in_use().filter(exposure_cap__isnull=False))
    exposures = exposure_of(capped, at)
    worn = [(item, exposures[item.pk]) for item in capped if exposures[item.pk].is_worn]
    return sorted(worn, key=lambda row: -row[1].count)[:SHOWN]


def bank_coverage(quiz: Quiz | None) -> Coverage:
    """Live secure items against what one form of `quiz` draws. Three queries."""
    form = {}
    if quiz:
        cells = BlueprintCell.objects.filter(quiz=quiz).values_list(
            "domain__code", "level", "count"
        )
        form = {(domain, level): count for domain, level, count in cells}
    domains = list(Domain.objects.values_list("code", "title"))
    have = counts(Pool.SECURE)
    named = {code for code, _level in [*have, *form]}
    return coverage([row for row in domains if row[0] in named], Level.values, have, form)


def counts(pool: str) -> dict[tuple[str, str], int]:
    """How many questions of a pool may be asked, by domain and level. One query."""
    rows = ItemVersion.objects.active().filter(pool=pool).order_by()
    grouped = rows.values("domain_code", "level").annotate(n=Count("pk"))
    return {(row["domain_code"], row["level"]): row["n"] for row in grouped}
