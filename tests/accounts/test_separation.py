"""The rules on who may not act on what: every pair of the matrix, the facts it is asked about, and the rule's name in each refusal."""

import datetime as dt
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import ConflictDeclaration, ExaminingRecord, Role, User
from accounts.services import (
    MATRIX,
    Forbidden,
    Part,
    declare_conflict,
    record_examining,
    record_teaching,
    refuse,
    require_none_of,
    require_second_person,
    require_separate,
)
from ledger.services import verify
from tests.factories import NOW, person

TODAY = NOW.date()


@pytest.mark.parametrize(("was", "acts"), MATRIX)
def test_every_pair_is_refused_by_the_name_of_its_rule(was, acts):
    refusal = refuse(was, acts)
    assert refusal.code == "R2" and refusal.sentence.startswith("Rule R2: ")


@given(st.sampled_from(Part), st.sampled_from(Part), st.integers(1, 3), st.integers(1, 3))
def test_nobody_acts_who_was_the_other_part_and_everybody_else_may(was, acts, one, other):
    by = User(pk=one)
    refused = False
    try:
        require_none_of(by=by, acts=acts, people=[(was, other)])
    except Forbidden:
        refused = True
    assert refused == (one == other and (was, acts) in MATRIX)


def refused_by(by, about, acts=Part.DECIDER, on=TODAY) -> str:
    try:
        require_separate(by=by, acts=acts, about=about, on=on)
    except Forbidden as refusal:
        assert refusal.sentence.startswith(f"Rule {refusal.code}: ")
        return refusal.code
    return ""


@pytest.fixture
def people(db):
    return person(Role.REGISTRAR), person()


def test_a_stranger_to_the_case_decides(people):
    assert refused_by(*people) == ""


def test_nobody_decides_on_themselves(people):
    assert refused_by(people[0], people[0]) == "R2"


def test_whoever_taught_a_person_does_not_decide_on_them_however_long_ago(people):
    boss, holder = people
    record_teaching(
        teacher=boss,
        learner=holder,
        subject="Draping",
        taught_on=TODAY - dt.timedelta(days=4000),
        by=None,
        at=NOW,
    )
    assert refused_by(boss, holder) == "R2"
    assert refused_by(holder, boss) == ""


def test_whoever_examined_a_person_does_not_decide_on_them(people):
    boss, holder = people
    facts = {"subject": "Practical", "examined_on": TODAY, "source": uuid.uuid4(), "at": NOW}
    first = record_examining(examiner=boss, candidate=holder, **facts)
    assert record_examining(examiner=boss, candidate=holder, **facts) == first
    assert refused_by(boss, holder) == "R2"
    assert list(verify(ExaminingRecord)) == []
    assert record_examining(examiner=boss, candidate=boss, **facts) is None


def test_a_declared_tie_bars_while_it_is_in_force(people):
    boss, holder = people
    declare_conflict(
        examiner=boss,
        candidate=holder,
        kind=ConflictDeclaration.Kind.FAMILY,
        note="",
        by=boss,
        at=NOW,
        until=TODAY,
    )
    assert refused_by(boss, holder) == "R4"
    assert refused_by(boss, holder, on=TODAY + dt.timedelta(days=1)) == ""


def test_four_eyes_are_two_people(people):
    with pytest.raises(Forbidden, match="Rule R2: four eyes are two people"):
        require_second_person(first=people[0], by=people[0], acts=Part.APPROVER)
    require_second_person(first=people[0], by=people[1], acts=Part.APPROVER)
