"""Results as rows: written from the answers as they are stored and the rulings in force, read newest first."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal

from django.db.models import Exists, OuterRef, QuerySet

from quizzes import rulings, scoring
from quizzes.models import Attempt, ItemRuling, Pool, Quiz, Response, ResultVersion
from quizzes.scaling import scaled

IN_FORCE = dict[int, rulings.Ruling]


def result_of(attempt: Attempt) -> ResultVersion:
    """The newest result, whether or not anybody has been told it."""
    return attempt.results.order_by("-version")[0]


def released_of(attempt: Attempt) -> ResultVersion | None:
    """The result that holds for the candidate: the newest that was released, with its release."""
    told = attempt.results.filter(release__isnull=False).select_related("release")
    return told.order_by("-version").first()


def rulings_on(versions: Iterable[int]) -> IN_FORCE:
    """The ruling in force on each of these versions that has one. One query, none for no versions."""
    wanted = set(versions)
    if not wanted:
        return {}
    rows = ItemRuling.objects.filter(version__in=wanted).order_by("sequence")
    return {row.version_id: rulings.Ruling(row.kind, tuple(row.also)) for row in rows}


def ruled(rows: QuerySet[Response]) -> QuerySet[Response]:
    """Each with `ruled_on`, whether there is a ruling on its question."""
    there = ItemRuling.objects.filter(version=OuterRef("item_version"))
    return rows.annotate(ruled_on=Exists(there))


def counting_rows(attempt: Attempt) -> list[Response]:
    """The responses with their questions, as `marks_of` reads them. One query."""
    rows = attempt.responses.select_related("item_version__domain")
    return list(rows.order_by("position"))


def marks_of(quiz: Quiz, rows: Iterable[Response], in_force: IN_FORCE) -> list[scoring.Mark]:
    """What each answer counts: no pilot question, no essay in practice, and what rulings say."""
    marks = []
    for row in rows:
        content = row.item_version.content
        if not row.scored or (quiz.pool == Pool.PRACTICE and scoring.is_marked_by_hand(content)):
            continue
        counts = rulings.counted(content, row.answer, row.points, in_force.get(row.item_version_id))
        if counts:
            marks.append(scoring.Mark(row.item_version.domain_code, *counts))
    return marks


def totals_of(quiz: Quiz, rows: Iterable[Response], in_force: IN_FORCE) -> tuple[Decimal, Decimal]:
    """Points earned and possible."""
    return _totals(marks_of(quiz, rows, in_force))


def _totals(marks: Iterable[scoring.Mark]) -> tuple[Decimal, Decimal]:
    marks = list(marks)
    return (
        sum((mark.points for mark in marks), Decimal(0)),
        sum((mark.out_of for mark in marks), Decimal(0)),
    )


def write_result(
    attempt: Attempt,
    rows: Sequence[Response],
    *,
    after: ResultVersion | None,
    reason: str,
    at: datetime,
    in_force: IN_FORCE,
) -> ResultVersion:
    """Write the version that follows `after`, from the responses of the attempt (which is locked). `quiz` must be loaded."""
    quiz = attempt.quiz
    marks = marks_of(quiz, rows, in_force)
    titles = {row.item_version.domain_code: row.item_version.domain.title for row in rows}
    points, out_of = _totals(marks)
    # Nobody passes an examination of which nothing counts.
    empty = quiz.pool == Pool.SECURE and not out_of
    write = ResultVersion.objects.append if after else ResultVersion.objects.begin
    return write(
        chain=f"attempt:{attempt.uuid}",
        at=at,
        attempt=attempt,
        version=after.version + 1 if after else 1,
        points=points,
        out_of=out_of,
        scaled=_scaled(attempt, points, out_of),
        passed=not empty and scoring.passes(points, out_of, attempt.pass_percent),
        bands=[
            {
                "domain": row.domain,
                "title": titles[row.domain],
                "items": row.items,
                "band": str(row.band),
            }
            for row in scoring.bands(marks, attempt.pass_percent)
        ],
        reason=reason,
    )


def _scaled(attempt: Attempt, points: Decimal, out_of: Decimal) -> int | None:
    cut, top = attempt.scale_cut, attempt.scale_max
    if not cut or not top or not out_of:
        return None
    return scaled(points, out_of, attempt.pass_percent, cut=cut, top=top)
