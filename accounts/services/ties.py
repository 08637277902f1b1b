"""Whom somebody taught, what ties two people, and what that forbids (rules R2, R3 and R4)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.models import ConflictDeclaration, Membership, TeachingRecord, User
from accounts.services.people import lock_learner
from accounts.services.refusals import Invalid

TRAINER_BAR_MONTHS = 24


@transaction.atomic
def record_teaching(
    *,
    teacher: User,
    learner: User,
    subject: str,
    taught_on: date,
    by: User | None,
    at: datetime,
    minutes: int | None = None,
    source: UUID | None = None,
) -> TeachingRecord:
    """Write that `teacher` taught `learner` on a day (minutes of contact, where known). The same fact is written once."""
    lock_learner(learner.pk)
    same = TeachingRecord.objects.filter(
        teacher=teacher, learner=learner, subject=subject, taught_on=taught_on, source=source
    ).first()
    if same:
        return same
    return TeachingRecord.objects.append(
        chain=f"teaching:{learner.uuid}",
        at=at,
        teacher=teacher,
        learner=learner,
        subject=subject,
        taught_on=taught_on,
        minutes=minutes,
        source=source,
        recorded_by=by,
    )


@transaction.atomic
def declare_conflict(
    *,
    examiner: User,
    candidate: User,
    kind: str,
    note: str,
    by: User,
    at: datetime,
    until: date | None = None,
) -> ConflictDeclaration:
    """Write a tie between two people, or a candidate's objection. It bars the one from examining the other.

    The same tie (examiner, candidate, kind, until) is written once. Raises Invalid for one person alone.
    """
    if examiner.pk == candidate.pk:
        said = _("A tie is between two people.")
        raise Invalid("one_person", said, fields={"candidate": [said]})
    lock_learner(candidate.pk)
    same = ConflictDeclaration.objects.filter(
        examiner=examiner, candidate=candidate, kind=kind, until=until
    ).first()
    if same:
        return same
    return ConflictDeclaration.objects.append(
        chain=f"conflicts:{candidate.uuid}",
        at=at,
        examiner=examiner,
        candidate=candidate,
        kind=kind,
        note=note,
        until=until,
        declared_by=by,
    )


@dataclass(frozen=True)
class Bar:
    """Why one person may not examine another: the rule, since when, until when, and a sentence."""

    rule: str
    since: date | None
    until: date | None
    sentence: str


def months_before(day: date, months: int) -> date:
    """The day `months` calendar months before `day`; the last day of a shorter month."""
    index = day.year * 12 + day.month - 1 - months
    year, month = divmod(index, 12)
    for last in (day.day, 30, 29, 28):
        try:
            return date(year, month + 1, last)
        except ValueError:
            continue
    raise AssertionError("unreachable")


def bars_to_examining(
    *, examiner: User, candidate: User, on: date, months: int = TRAINER_BAR_MONTHS
) -> list[Bar]:
    """Every rule that keeps `examiner` from examining `candidate` on a day: R3 teaching and employer, R4 declared ties. Three queries."""
    among = bars_among(examiners=[examiner], candidates=[candidate], on=on, months=months)
    return among.get((examiner.pk, candidate.pk), [])


def bars_among(
    *,
    examiners: Sequence[User],
    candidates: Sequence[User],
    on: date,
    months: int = TRAINER_BAR_MONTHS,
) -> dict[tuple[int, int], list[Bar]]:
    """What `bars_to_examining` says of every pair (examiner, candidate) that has a bar, by primary keys. Three queries, whatever their number."""
    bars: dict[tuple[int, int], list[Bar]] = {}
    people = {person.pk: person for person in examiners}
    for candidate in candidates:
        if candidate.pk in people:
            bars[candidate.pk, candidate.pk] = [
                Bar("R2", None, None, _("Nobody examines themselves."))
            ]
    found = [
        *_taught(people, candidates, on, months),
        *_colleagues(people, candidates, on),
        *_ties(people, candidates, on),
    ]
    for examiner_id, candidate_id, bar in found:
        if examiner_id != candidate_id:
            bars.setdefault((examiner_id, candidate_id), []).append(bar)
    return bars


Found = Iterator[tuple[int, int, Bar]]


def _taught(people: dict[int, User], candidates: Sequence[User], on: date, months: int) -> Found:
    records = TeachingRecord.objects.filter(
        teacher__in=people,
        learner__in=candidates,
        taught_on__gt=months_before(on, months),
        taught_on__lte=on,
    ).order_by("taught_on", "pk")
    newest = {(record.teacher_id, record.learner_id): record for record in records}
    for (teacher_id, learner_id), record in newest.items():
        until = months_before(record.taught_on, -months)
        words = _(
            "%(examiner)s taught this candidate (%(subject)s), last on %(day)s. "
            "Nobody examines a person they taught within %(months)s months; the bar ends on %(until)s."
        ) % {
            "examiner": people[teacher_id],
            "subject": record.subject,
            "day": date_format(record.taught_on, "j F Y"),
            "months": months,
            "until": date_format(until, "j F Y"),
        }
        yield teacher_id, learner_id, Bar("R3", record.taught_on, until, words)


def _colleagues(people: dict[int, User], candidates: Sequence[User], on: date) -> Found:
    current = (
        Membership.objects.filter(began_on__lte=on, user__in=[*people, *(c.pk for c in candidates)])
        .exclude(ended_on__lt=on)
        .select_related("organisation")
        .order_by("began_on", "pk")
    )
    of: dict[int, list[Membership]] = {}
    for membership in current:
        of.setdefault(membership.user_id, []).append(membership)
    for examiner_id in people:
        for candidate in candidates:
            for mine in of.get(examiner_id, []):
                shared = [
                    m for m in of.get(candidate.pk, []) if m.organisation_id == mine.organisation_id
                ]
                if not shared:
                    continue
                since = max(mine.began_on, shared[0].began_on)
                words = _(
                    "%(examiner)s and this candidate both belong to %(organisation)s, since %(day)s."
                ) % {
                    "examiner": people[examiner_id],
                    "organisation": mine.organisation,
                    "day": date_format(since, "j F Y"),
                }
                yield examiner_id, candidate.pk, Bar("R3", since, mine.ended_on, words)
                break


def _ties(people: dict[int, User], candidates: Sequence[User], on: date) -> Found:
    ties = ConflictDeclaration.objects.in_force(on).filter(
        examiner__in=people, candidate__in=candidates
    )
    for tie in ties.order_by("pk"):
        said = (
            _("The candidate objected to %(examiner)s on %(day)s.")
            if tie.kind == tie.Kind.OBJECTION
            else _(
                "A tie between %(examiner)s and this candidate (%(kind)s) was declared on %(day)s."
            )
        )
        words = said % {
            "examiner": people[tie.examiner_id],
            "kind": tie.get_kind_display().lower(),
            "day": date_format(tie.at, "j F Y"),
        }
        yield tie.examiner_id, tie.candidate_id, Bar("R4", tie.at.date(), tie.until, words)
