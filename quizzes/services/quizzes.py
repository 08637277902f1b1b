"""Setting up a quiz."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.services import Invalid
from courses.models import Activity
from quizzes.models import BlueprintCell, Domain, MustCover, Pool, Quiz


@transaction.atomic
def load_quiz(
    *,
    activity: Activity,
    pool: str,
    cells: Iterable[tuple[str, str, int]],
    at: datetime,
    feedback: str | None = None,
    must_cover: Mapping[str, int] | None = None,
    time_limit_minutes: int | None = None,
    pass_percent: Decimal | int = 0,
    attempts_allowed: int | None = None,
    wait_days: int = 0,
    instructions: str = "",
    delivery: str = Quiz.Delivery.DRAW,
    pilot_items: int = 0,
    release: str = Quiz.Release.AT_ONCE,
    scale_cut: int | None = None,
    scale_max: int | None = None,
    agreement: str = "",
    invigilated: bool = False,
    window_days: int | None = None,
    break_minutes: int = 0,
) -> Quiz:
    """Set the quiz of an activity. `cells`: (domain code, level or "" for any, how many). Safe to call twice.

    `feedback` is by default what the pool allows: at once in practice, bands in an examination. Raises Invalid for an unknown domain or
    tag, or a setting that the pool forbids.
    """
    usual = Quiz.Feedback.BANDS if pool == Pool.SECURE else Quiz.Feedback.AT_ONCE
    fields: dict[str, Any] = {
        "pool": pool,
        "feedback": feedback or usual,
        "must_cover": dict(must_cover or {}),
        "time_limit_minutes": time_limit_minutes,
        "pass_percent": Decimal(pass_percent),
        "attempts_allowed": attempts_allowed,
        "wait_days": wait_days,
        "instructions": instructions,
        "delivery": delivery,
        "pilot_items": pilot_items,
        "release": release,
        "scale_cut": scale_cut,
        "scale_max": scale_max,
        "agreement": agreement.strip(),
        "invigilated": invigilated,
        "window_days": window_days,
        "break_minutes": break_minutes,
    }
    unknown = sorted(set(fields["must_cover"]) - set(MustCover.values))
    if unknown:
        raise Invalid("no_tag", f"{activity}: there is no must-cover tag “{unknown[0]}”.")
    quiz = Quiz.objects.filter(activity=activity).first() or Quiz(activity=activity)
    for name, value in fields.items():
        setattr(quiz, name, value)
    try:
        quiz.full_clean()
    except ValidationError as error:
        raise Invalid(
            "quiz", f"{activity}: {' '.join(error.messages)}", fields=error.message_dict
        ) from error
    quiz.save()
    _set_cells(quiz, list(cells))
    return quiz


def _set_cells(quiz: Quiz, wanted: list[tuple[str, str, int]]) -> None:
    domains = {domain.code: domain for domain in Domain.objects.all()}
    unknown = {code for code, _level, _count in wanted} - domains.keys()
    if unknown:
        raise Invalid("no_domain", f"{quiz}: there is no domain {', '.join(sorted(unknown))}.")
    rows = BlueprintCell.objects.filter(quiz=quiz)
    if sorted(wanted) == sorted(rows.values_list("domain__code", "level", "count")):
        return
    rows.delete()
    BlueprintCell.objects.bulk_create(
        BlueprintCell(quiz=quiz, domain=domains[code], level=level, count=count)
        for code, level, count in wanted
    )
