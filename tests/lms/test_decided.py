"""Results of real examinations: what a candidate may appeal against, who may not judge it, and which scores there are to share."""

import datetime as dt

import pytest

from accounts.models import Role
from accounts.services import Forbidden
from credentials.services import (
    appealed,
    give_case,
    lodge_appeal,
    open_to_appeal,
    possible_follows,
    possible_owners,
)
from lms.desks.decided import practical, written
from lms.desks.sources import quiz_scores
from practicals.models import PracticalResult
from quizzes.models import Pool, Quiz
from quizzes.services import release_results
from tests.factories import NOTHING, NOW, person
from tests.practicals.build import exam as practical_exam
from tests.quizzes.bank import add_items, exam
from tests.quizzes.test_release import sat

pytestmark = pytest.mark.django_db
LATER = NOW + dt.timedelta(days=3)


@pytest.fixture
def quiz():
    add_items(10, pool=Pool.SECURE)
    return exam(("D1", "", 10), pass_percent=60, scale_cut=500, scale_max=800)


def lodged(key, by, at=LATER):
    return lodge_appeal(key=key, ground="procedure", said="The alarm rang.", by=by, at=at)


def test_a_fail_can_be_appealed_against_and_a_pass_cannot(quiz):
    failed, passed = sat(quiz, 4), sat(quiz, 8)
    (row,) = open_to_appeal(by=failed.learner, at=LATER)
    assert row.key == f"written:{failed.uuid}"
    assert row.until == row.decided_on + dt.timedelta(days=30)
    assert row.application and row.application.applicant == failed.learner
    assert open_to_appeal(by=passed.learner, at=LATER) == []
    case = lodged(row.key, failed.learner)
    assert case.application == row.application
    assert open_to_appeal(by=failed.learner, at=LATER) == []


def test_what_was_not_told_cannot_be_appealed_against_and_whoever_told_it_does_not_judge():
    add_items(10, pool=Pool.SECURE)
    quiz = exam(("D1", "", 10), pass_percent=60, release=Quiz.Release.BY_PERSON)
    attempt, teller, fresh = sat(quiz, 4), person(Role.REGISTRAR), person(Role.REGISTRAR)
    assert list(written(attempt.learner)) == []
    release_results(quiz=quiz, attempts=[attempt], by=teller, at=NOW)
    (row,) = written(attempt.learner)
    case = lodged(row.key, attempt.learner)
    assert possible_owners(case=case, at=LATER) == [fresh]
    follows = possible_follows(case)
    assert [row.action for row in follows] == ["rescore", "incident", "resit", "wider"]
    assert [bool(row.url) for row in follows] == [True, bool(attempt.sitting), True, False]
    assert appealed(case).account.title == attempt.quiz.activity.title
    with pytest.raises(Forbidden, match="nobody judges what they decided"):
        give_case(case=case, owner=teller, by=fresh, at=LATER)


def test_a_practical_that_was_not_passed_can_be_appealed_against_and_its_examiners_do_not_judge():
    built = practical_exam()
    twelve = {"ratings": dict.fromkeys(range(2, 10), 1)}
    built.score(P1A=twelve, P1B=twelve, T2A=twelve, T2B=twelve)
    assert built.result.outcome == PracticalResult.Outcome.FAILED
    candidate = built.appointment.candidate
    (row,) = practical(candidate)
    at = built.result.at + dt.timedelta(days=1)
    case = lodged(row.key, candidate, at=at)
    follows = possible_follows(case)
    assert [row.action for row in follows] == ["rule", "resit", "wider"]
    assert appealed(case).account.facts
    examiner = built.appointment.assignments.first().examiner
    examiner.groups.add(*built.registrar.groups.all())
    with pytest.raises(Forbidden, match="whoever examined a person does not judge"):
        give_case(case=case, owner=examiner, by=built.registrar, at=at)


def test_only_passes_that_hold_on_a_scale_have_a_score(quiz, django_assert_num_queries):
    failed, passed = sat(quiz, 4), sat(quiz, 8)
    with django_assert_num_queries(1):
        found = quiz_scores({failed.uuid, passed.uuid, NOTHING})
    assert set(found) == {passed.uuid}
    score = found[passed.uuid]
    assert (score.value, score.cut, score.top) == (650, 500, 800)


def test_what_can_be_appealed_against_takes_a_fixed_number_of_queries(
    quiz, django_assert_max_num_queries
):
    learner = sat(quiz, 4).learner
    with django_assert_max_num_queries(2):
        found = list(written(learner))
    assert len(found) == 1
