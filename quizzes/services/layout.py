"""Which questions an attempt asks, in which order."""

from itertools import chain
from typing import Any

from django.utils.translation import gettext as _

from accounts.services import Conflict
from quizzes import blueprint
from quizzes.frozen import contents
from quizzes.models import Attempt, ItemVersion, Response
from quizzes.services.quizzes import candidates_of, cells_of


def lay_out(attempt: Attempt) -> None:
    """Draw the questions and write a response row for each, with its options in this attempt's order."""
    candidates = candidates_of(attempt.quiz)
    asked = Response.objects.filter(
        attempt__learner=attempt.learner_id, item_version__pool=attempt.quiz.pool
    )
    met = set(asked.order_by().values_list("item_version__item", flat=True).distinct())
    seen = frozenset(row.version for item, row in candidates.items() if item in met)
    try:
        form = blueprint.draw(
            cells_of(attempt.quiz), candidates.values(), attempt.quiz.must_cover, attempt.seed, seen
        )
    except blueprint.CannotDraw as lack:
        raise Conflict(
            "bank_too_small",
            _(
                "This quiz cannot be put together: too few questions (%(which)s). Tell your instructor or the registrar."
            )
            % {"which": lack},
        ) from lack
    if not form:
        raise Conflict("no_questions", _("This quiz has no questions yet."))
    uuids = dict(
        ItemVersion.objects.filter(pk__in=[row.version for row in form]).values_list("pk", "uuid")
    )
    texts = contents([uuids[row.version] for row in form])
    Response.objects.bulk_create(
        Response(
            attempt=attempt,
            position=position,
            item_version_id=row.version,
            option_order=_option_order(attempt.seed, position, content),
        )
        for position, (row, content) in enumerate(zip(form, texts, strict=True), start=1)
    )


# What keeps the order it was written in: pins by their numbers, stems, and the options of an extended matching by the alphabet.
OPTIONS_KEPT = {"truefalse", "label", "extended"}
TARGETS_KEPT = {"extended"}


def _option_order(seed: int, position: int, content: dict[str, Any]) -> list[str]:
    """The ids of options, then of targets, then of the options of each part, as this attempt shows them."""
    kind = content["type"]
    options = [entry["id"] for entry in content["options"]]
    targets = [entry["id"] for entry in content.get("targets", [])]
    if kind not in OPTIONS_KEPT:
        options = blueprint.shuffled(seed, position, options, avoid=content["key"].get("order", ()))
    if kind not in TARGETS_KEPT:
        targets = blueprint.shuffled(seed, position, targets)
    parts = [
        blueprint.shuffled(seed, position, [entry["id"] for entry in part["options"]])
        for part in content.get("parts", [])
    ]
    return [*options, *targets, *chain.from_iterable(parts)]
