"""Who may not act on what, in one place: R2 (the parts one person may not play together), R4 (declared ties). R3, the trainer's bar on
examining, is in ties.py. Each refusal names its rule. Layers above report facts down: whom somebody taught, whom they examined.
"""

from collections.abc import Iterable
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import ConflictDeclaration, ExaminingRecord, TeachingRecord, User
from accounts.services.people import lock_learner
from accounts.services.refusals import Forbidden


class Part(StrEnum):
    """What somebody is to a case: whose it is, what they did in it, or what they are about to do."""

    OWNER = "owner"  # the person the case is about
    AUTHOR = "author"
    REPORTER = "reporter"
    TRAINER = "trainer"
    EXAMINER = "examiner"
    FIRST = "first"  # the first of four eyes
    REVIEWER = "reviewer"
    DECIDER = "decider"
    APPROVER = "approver"
    INVIGILATOR = "invigilator"
    JUDGE = "judge"  # decides an appeal or a concern


# The matrix: whoever was the first may not be the second in the same case. What is not here is allowed.
MATRIX: dict[tuple[Part, Part], object] = {
    (Part.OWNER, Part.DECIDER): gettext_lazy("nobody decides on their own case"),
    (Part.OWNER, Part.REVIEWER): gettext_lazy("nobody decides on their own case"),
    (Part.OWNER, Part.APPROVER): gettext_lazy("nobody decides on their own case"),
    (Part.OWNER, Part.EXAMINER): gettext_lazy("nobody examines themselves"),
    (Part.OWNER, Part.INVIGILATOR): gettext_lazy("nobody watches over their own examination"),
    (Part.AUTHOR, Part.APPROVER): gettext_lazy("nobody approves what they wrote"),
    (Part.REPORTER, Part.DECIDER): gettext_lazy("nobody decides on what they reported"),
    (Part.TRAINER, Part.DECIDER): gettext_lazy("whoever taught a person does not decide on them"),
    (Part.EXAMINER, Part.DECIDER): gettext_lazy(
        "whoever examined a person does not decide on them"
    ),
    (Part.OWNER, Part.JUDGE): gettext_lazy("nobody judges their own case"),
    (Part.TRAINER, Part.JUDGE): gettext_lazy("whoever taught a person does not judge their case"),
    (Part.EXAMINER, Part.JUDGE): gettext_lazy(
        "whoever examined a person does not judge their case"
    ),
    (Part.REVIEWER, Part.JUDGE): gettext_lazy("nobody judges what they reviewed"),
    (Part.DECIDER, Part.JUDGE): gettext_lazy("nobody judges what they decided"),
    (Part.APPROVER, Part.JUDGE): gettext_lazy("nobody judges what they approved"),
    (Part.FIRST, Part.APPROVER): gettext_lazy("four eyes are two people"),
    (Part.FIRST, Part.EXAMINER): gettext_lazy("the two sheets come from two people"),
}


def refuse(was: Part, acts: Part, *, another: str = "") -> Forbidden:
    """The refusal R2 gives whoever was the one and would be the other. Raises KeyError for a pair the matrix does not know."""
    words = _("Rule R2: %(rule)s. %(another)s") % {
        "rule": MATRIX[was, acts],
        "another": another or _("Another person has to."),
    }
    return Forbidden("R2", words)


def require_not_own(*, person: User, by: User, acts: Part = Part.DECIDER) -> None:
    """R2: raise Forbidden when `by` would act on their own case."""
    if person.pk == by.pk:
        raise refuse(Part.OWNER, acts, another=_("Another registrar has to."))


def require_second_person(*, first: User, by: User, acts: Part) -> None:
    """R2: raise Forbidden when the second pair of eyes is the first."""
    if first.pk == by.pk:
        raise refuse(Part.FIRST, acts, another=_("Another registrar has to."))


def require_none_of(
    *, by: User, acts: Part, people: Iterable[tuple[Part, int | None]], another: str = ""
) -> None:
    """R2: raise Forbidden when `by` is one of `people`, given as (part, primary key), and may not act then."""
    for part, pk in people:
        if pk == by.pk and (part, acts) in MATRIX:
            raise refuse(part, acts, another=another)


def require_separate(*, by: User, acts: Part, about: User, on: date) -> None:
    """Raise Forbidden when `by` may not act on a person's case: their own, taught or examined by them (R2), or a tie in force (R4).

    Three queries; the facts were reported by courses, examinations and the people themselves.
    """
    require_not_own(person=about, by=by, acts=acts)
    for refusal in separations(by=by, acts=acts, about=[about], on=on).values():
        raise refusal


def separations(*, by: User, acts: Part, about: Iterable[User], on: date) -> dict[int, Forbidden]:
    """What keeps `by` from acting on the cases of many people, by a person's primary key. Three queries, whatever their number."""
    people, another = {person.pk for person in about}, _("Another registrar has to.")
    tied = ConflictDeclaration.objects.in_force(on).filter(examiner=by, candidate__in=people)
    words = _("Rule R4: a tie between you and this person is declared. Another registrar has to.")
    found = {pk: Forbidden("R4", words) for pk in tied.values_list("candidate_id", flat=True)}
    if (Part.EXAMINER, acts) in MATRIX:
        examined = ExaminingRecord.objects.filter(examiner=by, candidate__in=people)
        for pk in examined.values_list("candidate_id", flat=True):
            found[pk] = refuse(Part.EXAMINER, acts, another=another)
    if (Part.TRAINER, acts) in MATRIX:
        taught = TeachingRecord.objects.filter(teacher=by, learner__in=people)
        for pk in taught.values_list("learner_id", flat=True):
            found[pk] = refuse(Part.TRAINER, acts, another=another)
    if by.pk in people:
        found[by.pk] = refuse(Part.OWNER, acts, another=another)
    return found


@transaction.atomic
def record_examining(
    *,
    examiner: User,
    candidate: User,
    subject: str,
    examined_on: date,
    source: UUID,
    at: datetime,
    locked: bool = False,
) -> ExaminingRecord | None:
    """Write that one person examined another (`source`: the sheet, marking or ruling). Written once; None for oneself.

    `locked`: the caller holds the candidate's lock already.
    """
    if examiner.pk == candidate.pk:
        return None
    if not locked:
        lock_learner(candidate.pk)
    same = ExaminingRecord.objects.filter(examiner=examiner, candidate=candidate, source=source)
    return same.first() or ExaminingRecord.objects.append(
        chain=f"examining:{candidate.uuid}",
        at=at,
        examiner=examiner,
        candidate=candidate,
        subject=subject[:200],
        examined_on=examined_on,
        source=source,
    )
