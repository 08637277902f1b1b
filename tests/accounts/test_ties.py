"""Rules R2, R3 and R4: who may not examine whom, since when, and until when."""

from datetime import UTC, date, datetime

import pytest
from django.db import IntegrityError

from accounts.models import ConflictDeclaration, Membership, Role, TeachingRecord
from accounts.services import (
    Invalid,
    bars_to_examining,
    declare_conflict,
    months_before,
    record_teaching,
)
from tests.factories import OrganisationFactory, person

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 23)


def taught(teacher, learner, day: date):
    return record_teaching(
        teacher=teacher,
        learner=learner,
        subject="Deep tissue",
        taught_on=day,
        by=teacher,
        at=datetime(2026, 11, 23, tzinfo=UTC),
    )


@pytest.mark.parametrize(
    ("day", "months", "earlier"),
    [
        (date(2026, 11, 23), 24, date(2024, 11, 23)),
        (date(2026, 3, 31), 1, date(2026, 2, 28)),
        (date(2024, 3, 31), 1, date(2024, 2, 29)),
        (date(2026, 1, 15), 1, date(2025, 12, 15)),
        (date(2024, 11, 23), -24, date(2026, 11, 23)),
        (date(2026, 12, 31), 6, date(2026, 6, 30)),
    ],
)
def test_months_are_calendar_months(day, months, earlier):
    assert months_before(day, months) == earlier


def test_strangers_may_examine_each_other():
    assert bars_to_examining(examiner=person(Role.EXAMINER), candidate=person(), on=DAY) == []


def test_nobody_examines_themselves():
    somebody = person(Role.EXAMINER)
    (bar,) = bars_to_examining(examiner=somebody, candidate=somebody, on=DAY)
    assert bar.rule == "R2"


@pytest.mark.parametrize(
    ("taught_on", "barred"),
    [
        (date(2026, 11, 23), True),
        (date(2024, 11, 24), True),  # the last day of the 24 months
        (date(2024, 11, 23), False),  # the bar ended today
        (date(2026, 11, 24), False),  # teaching that is still to come
    ],
)
def test_teaching_bars_for_24_months(taught_on, barred):
    teacher, learner = person(Role.EXAMINER), person()
    taught(teacher, learner, taught_on)
    assert bool(bars_to_examining(examiner=teacher, candidate=learner, on=DAY)) is barred
    assert bars_to_examining(examiner=learner, candidate=teacher, on=DAY) == []


def test_the_bar_names_the_rule_since_when_and_until_when():
    teacher, learner = person(Role.EXAMINER, name="Bela Sorin"), person()
    taught(teacher, learner, date(2025, 3, 1))
    taught(teacher, learner, date(2025, 6, 10))
    (bar,) = bars_to_examining(examiner=teacher, candidate=learner, on=DAY)
    assert (bar.rule, bar.since, bar.until) == ("R3", date(2025, 6, 10), date(2027, 6, 10))
    assert "Bela Sorin taught this candidate (Deep tissue), last on 10 June 2025" in bar.sentence


def test_the_same_teaching_is_written_once():
    teacher, learner = person(), person()
    assert taught(teacher, learner, DAY) == taught(teacher, learner, DAY)
    assert TeachingRecord.objects.count() == 1


def test_working_for_the_same_organisation_bars_while_it_lasts():
    examiner, candidate, school = person(Role.EXAMINER), person(), OrganisationFactory()
    Membership.objects.create(user=examiner, organisation=school, began_on=date(2020, 1, 1))
    other = Membership.objects.create(
        user=candidate, organisation=school, began_on=date(2024, 1, 1), ended_on=date(2026, 11, 22)
    )
    assert bars_to_examining(examiner=examiner, candidate=candidate, on=DAY) == []
    other.ended_on = None
    other.save()
    (bar,) = bars_to_examining(examiner=examiner, candidate=candidate, on=DAY)
    assert bar.rule == "R3"
    assert str(school) in bar.sentence


def test_a_declared_tie_or_an_objection_bars_until_it_ends(now):
    examiner, candidate = person(Role.EXAMINER), person()
    declare_conflict(
        examiner=examiner,
        candidate=candidate,
        kind=ConflictDeclaration.Kind.OBJECTION,
        note="private",
        by=candidate,
        at=now,
        until=date(2026, 12, 1),
    )
    (bar,) = bars_to_examining(examiner=examiner, candidate=candidate, on=DAY)
    assert bar.rule == "R4"
    assert "private" not in bar.sentence
    assert bars_to_examining(examiner=examiner, candidate=candidate, on=date(2026, 12, 2)) == []


def test_the_bars_of_a_pair_take_a_fixed_number_of_queries(django_assert_max_num_queries, now):
    examiner, candidate = person(Role.EXAMINER), person()
    for day in range(1, 20):
        taught(examiner, candidate, date(2026, 10, day))
    with django_assert_max_num_queries(3):
        bars_to_examining(examiner=examiner, candidate=candidate, on=DAY)


def declared(examiner, candidate, **fields):
    given = {"kind": ConflictDeclaration.Kind.FAMILY, "note": "", "until": None, **fields}
    return declare_conflict(
        examiner=examiner,
        candidate=candidate,
        by=examiner,
        at=datetime(2026, 11, 23, tzinfo=UTC),
        **given,
    )


def test_the_same_tie_is_declared_once_and_another_one_beside_it():
    examiner, candidate = person(Role.EXAMINER), person()
    first = declared(examiner, candidate)
    assert declared(examiner, candidate, note="Said again") == first
    others = [
        declared(examiner, candidate, kind=ConflictDeclaration.Kind.EMPLOYER),
        declared(examiner, candidate, until=DAY),
        declared(examiner, person()),
    ]
    assert len({first, *others}) == ConflictDeclaration.objects.count() == 4


def test_a_tie_is_between_two_people():
    somebody = person(Role.EXAMINER)
    with pytest.raises(Invalid):
        declared(somebody, somebody)
    with pytest.raises(IntegrityError, match="a_tie_is_between_two_people"):
        ConflictDeclaration.objects.append(
            chain="x",
            at=datetime(2026, 11, 23, tzinfo=UTC),
            examiner=somebody,
            candidate=somebody,
            kind="family",
            declared_by=somebody,
        )
