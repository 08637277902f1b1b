"""The item desk: what the secure bank can cover, and what waits in the item workflow."""

from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import Count, Max, QuerySet
from django.urls import reverse
from wagtail.models import WorkflowState

from accounts.models import User
from lms.desks.coverage import Coverage, coverage
from quizzes.models import BlueprintCell, Domain, Item, ItemVersion, Level, Pool, Quiz

SHOWN = 10


def bank_context(user: User, wanted: str) -> dict[str, Any]:
    """What lms/desks/items.html shows. `wanted` is the uuid of an examination's activity, or anything. A fixed number of queries."""
    exams = list(
        Quiz.objects.filter(pool=Pool.SECURE, activity__is_live=True)
        .select_related("activity")
        .order_by("activity__title", "pk")
    )
    chosen = next((quiz for quiz in exams if str(quiz.activity.uuid) == wanted), None)
    chosen = chosen or next(iter(exams), None)
    practice = counts(Pool.PRACTICE)
    mine = Item.objects.visible_to(user).select_related("domain", "latest_revision")
    reviewed = in_review(mine)
    return {
        "exams": exams,
        "exam": chosen,
        "coverage": bank_coverage(chosen),
        "practice": sum(practice.values()),
        "drafts": mine.filter(author=user, has_unpublished_changes=True)
        .exclude(pk__in=[item.pk for item in reviewed])
        .order_by("-latest_revision__created_at")[:SHOWN],
        "in_review": reviewed[:SHOWN],
        "levels": Level.choices,
        "add_url": reverse(Item.snippet_viewset.get_url_name("add")),
        "list_url": reverse(Item.snippet_viewset.get_url_name("list")),
        "edit_name": Item.snippet_viewset.get_url_name("edit"),
    }


def bank_coverage(quiz: Quiz | None) -> Coverage:
    """Live secure items against what one form of `quiz` draws. Three queries."""
    form = {}
    if quiz:
        cells = BlueprintCell.objects.filter(quiz=quiz).values_list(
            "domain__code", "level", "count"
        )
        form = {(domain, level): count for domain, level, count in cells}
    domains = list(Domain.objects.values_list("code", "title"))
    return coverage(domains, Level.values, counts(Pool.SECURE), form)


def counts(pool: str) -> dict[tuple[str, str], int]:
    """How many questions of a pool may be asked, by domain and level. One query."""
    rows = ItemVersion.objects.current().filter(pool=pool).order_by()
    grouped = rows.values("domain_code", "level").annotate(n=Count("pk"))
    return {(row["domain_code"], row["level"]): row["n"] for row in grouped}


def in_review(items: QuerySet[Item]) -> list[Item]:
    """Items under review, the longest waiting first, each with `waiting_since`. Two queries."""
    kind = ContentType.objects.get_for_model(Item)
    since = dict(
        WorkflowState.objects.filter(
            base_content_type=kind, status=WorkflowState.STATUS_IN_PROGRESS
        )
        .values_list("object_id")
        .annotate(since=Max("created_at"))
    )
    found = list(items.filter(pk__in=[int(pk) for pk in since]).select_related("author"))
    for item in found:
        item.waiting_since = since[str(item.pk)]
    return sorted(found, key=lambda item: item.waiting_since)
