"""Which questions an attempt asks, in which order."""

from itertools import chain
from typing import Any
from uuid import UUID

from django.db.models import Count, Q
from django.utils.translation import gettext as _

from accounts.services import Conflict
from quizzes import blueprint
from quizzes.frozen import contents
from quizzes.models import Attempt, Form, Quiz, Response
from quizzes.services.drawing import bank_of


def lay_out(attempt: Attempt) -> None:
    """Choose the questions and write a response row for each, with its options in this attempt's order: from a locked form, or drawn."""
    chosen = _of_a_form(attempt) if attempt.quiz.delivery == Quiz.Delivery.FORM else _drawn(attempt)
    if not chosen:
        raise Conflict("no_questions", _("This quiz has no questions yet."))
    texts = contents([uuid for _pk, uuid, _scored in chosen])
    Response.objects.bulk_create(
        Response(
            attempt=attempt,
            position=position,
            item_version_id=version,
            option_order=_option_order(attempt.seed, position, content),
            scored=scored,
        )
        for position, ((version, _uuid, scored), content) in enumerate(
            zip(chosen, texts, strict=True), start=1
        )
    )


# A version's primary key, its uuid, and whether it is scored.
Chosen = list[tuple[int, UUID, bool]]


def _drawn(attempt: Attempt) -> Chosen:
    quiz = attempt.quiz
    bank = bank_of(quiz, attempt.started_at)
    asked = Response.objects.filter(
        attempt__learner=attempt.learner_id, item_version__pool=quiz.pool
    )
    met = set(asked.order_by().values_list("item_version__item", flat=True).distinct())
    every = {**bank.active, **bank.pilot}
    seen = frozenset(row.version for item, row in every.items() if item in met)
    try:
        form = blueprint.draw(bank.cells, bank.active.values(), quiz.must_cover, attempt.seed, seen)
    except blueprint.CannotDraw as lack:
        raise Conflict(
            "bank_too_small",
            _(
                "This quiz cannot be put together: too few questions (%(which)s). Tell your instructor or the registrar."
            )
            % {"which": lack},
        ) from lack
    mixed = blueprint.mix_in(form, bank.pilot.values(), quiz.pilot_items, attempt.seed, seen)
    return [(row.version, bank.uuids[row.version], scored) for row, scored in mixed]


def _of_a_form(attempt: Attempt) -> Chosen:
    """The questions of the form that this person has sat least often, the newest of those; the attempt keeps its pass mark. A form with a
    suspended question is not asked until that is active again.
    """
    sat = Count("attempts", filter=Q(attempts__learner=attempt.learner_id))
    forms = Form.objects.askable().filter(quiz=attempt.quiz).annotate(sat=sat)
    form = forms.order_by("sat", "-number").first()
    if form is None:
        raise Conflict(
            "no_form", _("No form of this examination is in use yet. Tell the registrar.")
        )
    attempt.form, attempt.pass_percent = form, form.pass_percent
    attempt.save(update_fields=["form", "pass_percent"])
    return list(form.items.order_by("position").values_list("version", "version__uuid", "scored"))


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
