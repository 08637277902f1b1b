"""What a ruling would move, before it is signed. Nothing is written."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from accounts.services import Invalid
from quizzes import scoring
from quizzes.models import ItemVersion, Response, ResultVersion
from quizzes.rulings import Ruling, counted, faults_of
from quizzes.services.results import counting_rows, rulings_on, totals_of


@dataclass(frozen=True)
class Foreseen:
    """How many submitted attempts met a question, how many would have other points, and how many outcomes would flip, against the newest
    result of each, told or not.
    """

    met: int
    changed: int
    rising: int
    falling: int


def foresee_ruling(*, version: ItemVersion, kind: str, also: Sequence[Any]) -> Foreseen:
    """What this ruling would move. Three queries, and two for each attempt of which a registrar let a pass stand.

    Raises Invalid for what is no ruling.
    """
    if wrong := faults_of(version.content, kind, also):
        raise Invalid("ruling", _("This is no ruling. See `errors`."), fields={"also": wrong})
    after, before = Ruling(kind, tuple(also)), rulings_on([version.pk]).get(version.pk)
    met = Response.objects.filter(
        item_version=version, scored=True, attempt__submitted_at__isnull=False
    )
    newest = {
        row.attempt_id: row
        for row in ResultVersion.objects.filter(attempt__in=met.values("attempt")).order_by(
            "version"
        )
    }
    rows = list(met.select_related("attempt__quiz"))
    flips = []
    for row in rows:
        result = newest[row.attempt_id]
        if result.standing == ResultVersion.Standing.VOID:
            continue
        points, out_of = _totals(row, result, version, before, after)
        if (points, out_of) != (result.points, result.out_of):
            passed = bool(out_of) and scoring.passes(points, out_of, row.attempt.pass_percent)
            flips.append((result.passed, passed))
    return Foreseen(len(rows), len(flips), flips.count((False, True)), flips.count((True, False)))


def _totals(
    row: Response,
    result: ResultVersion,
    version: ItemVersion,
    before: Ruling | None,
    after: Ruling,
) -> tuple[Decimal, Decimal]:
    """The points of an attempt, and what they are out of, as this ruling would have them."""
    if result.reason == ResultVersion.LET_STAND:
        # What a person let stand is not what the answers come to.
        answers = counting_rows(row.attempt)
        in_force = rulings_on(each.item_version_id for each in answers)
        return totals_of(row.attempt.quiz, answers, {**in_force, version.pk: after})
    content = version.content
    was = counted(content, row.answer, row.points, before) or (Decimal(0), Decimal(0))
    now = counted(content, row.answer, row.points, after) or (Decimal(0), Decimal(0))
    return result.points - was[0] + now[0], result.out_of - was[1] + now[1]
