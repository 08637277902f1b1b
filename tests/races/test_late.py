"""An answer that comes after the clock, beside the giving back of its attempt and beside the release of its result, on PostgreSQL."""

import datetime as dt
import threading
from functools import partial

import pytest
from django.db import connection, transaction

from accounts.models import Role
from accounts.services import Conflict
from ledger.services import verify
from quizzes.models import Attempt, LateAnswer, Pool, Quiz, Release, ResultVersion, SittingEvent
from quizzes.services import (
    close_overdue,
    late_of,
    questions_of,
    release_results,
    released_of,
    reopen_attempt,
    result_of,
    save_response,
    seat,
    set_sitting,
    start_attempt,
    submit_attempt,
)
from tests.factories import NOW, person
from tests.quizzes.bank import add_items, exam, learner_of, right_answer
from tests.races.test_quizzes import wait_until_somebody_waits

pytestmark = pytest.mark.postgres
MINUTE = dt.timedelta(minutes=1)
END = NOW + 140 * MINUTE  # two hours and twenty minutes, and no break
AFTER = END + 5 * MINUTE
ROUNDS = range(5)


@pytest.fixture
def hall():
    """How somebody's attempt in a sitting is begun, falls silent eight minutes before the end and is closed by the clock."""
    add_items(6, pool=Pool.SECURE)
    quiz = exam(("D1", "", 4), pass_percent=50)
    Quiz.objects.filter(pk=quiz.pk).update(release=Quiz.Release.BY_PERSON, break_minutes=0)
    quiz.refresh_from_db()
    registrar, invigilator = person(Role.REGISTRAR), person(Role.INVIGILATOR)
    sitting = set_sitting(
        sitting=None, quiz=quiz, place="Hall", zone="Europe/London", opens_at=NOW - 60 * MINUTE,
        closes_at=NOW + 60 * MINUTE, invigilators=[invigilator], by=registrar, at=NOW,
    )  # fmt: skip

    def closed() -> Attempt:
        learner = learner_of(quiz)
        seat(sitting=sitting, person=learner, by=registrar, at=NOW)
        attempt, _new = start_attempt(activity=quiz.activity, by=learner, at=NOW, device="laptop")
        questions_of(attempt)
        Attempt.objects.filter(pk=attempt.pk).update(due_at=END, seen_at=END - 8 * MINUTE)
        submit_attempt(uuid=attempt.uuid, by=None, at=END + MINUTE)
        return Attempt.objects.select_related("quiz", "sitting").get(pk=attempt.pk)

    closed.registrar, closed.invigilator = registrar, invigilator  # type: ignore[attr-defined]
    return closed


def save(attempt, position=1, seq=1, answer=None):
    answer = answer or right_answer(attempt, position)
    return save_response(
        uuid=attempt.uuid, position=position, answer=answer, flagged=False, seq=seq,
        by=attempt.learner, at=AFTER, device="laptop",
    )  # fmt: skip


def giving_back(hall, attempt, late=()):
    fresh = Attempt.objects.select_related("quiz", "sitting").get(pk=attempt.pk)
    return partial(
        reopen_attempt, attempt=fresh, minutes=8, reason="x", by=hall.invigilator, at=AFTER,
        late=late,
    )  # fmt: skip


def releasing(hall, attempt):
    return partial(
        release_results, quiz=attempt.quiz, attempts=[attempt], by=hall.registrar, at=AFTER
    )


def is_open(attempt):
    return Attempt.objects.get(pk=attempt.pk).submitted_at is None


def assert_every_chain_holds():
    for model in (LateAnswer, SittingEvent, ResultVersion, Release):
        assert list(verify(model)) == []


def test_one_that_waits_while_its_attempt_is_given_back_is_saved(hall):
    """It finds the attempt closed, waits for the invigilator, and then finds it open: it is no late answer any more."""
    attempt, outcome = hall(), []
    answer = right_answer(attempt, 1)

    def saver():
        try:
            outcome.append(save(attempt, answer=answer))
        except Conflict as refusal:
            outcome.append(refusal)
        connection.close()

    with transaction.atomic():
        giving_back(hall, attempt)()
        thread = threading.Thread(target=saver)
        thread.start()
        wait_until_somebody_waits()
    thread.join(20)
    assert getattr(outcome[0], "seq", None) == 1, outcome
    assert attempt.responses.get(position=1).answer == answer
    assert not LateAnswer.objects.exists()


def test_beside_the_giving_back_it_is_saved_or_kept_and_never_lost(hall, together):
    for _round in ROUNDS:
        attempt = hall()
        answer = right_answer(attempt, 1)
        saved, given = together(partial(save, attempt, answer=answer), giving_back(hall, attempt))
        assert not isinstance(given, Exception), given
        stored = attempt.responses.get(position=1)
        if isinstance(saved, Conflict):
            assert saved.fields == {"late": True} and stored.seq == 0
            assert [row.answer for row in late_of(attempt)] == [answer]
        else:
            assert (stored.seq, stored.answer) == (1, answer) and not late_of(attempt)
    assert_every_chain_holds()


def test_put_in_by_two_at_once_it_is_put_in_once(hall, together):
    for _round in ROUNDS:
        attempt = hall()
        with pytest.raises(Conflict):
            save(attempt)
        (row,) = late_of(attempt)
        outcomes = together(*[giving_back(hall, attempt, late=[row.uuid]) for _hand in range(2)])
        assert [error.code for error in outcomes if isinstance(error, Exception)] == ["not_closed"]
        assert attempt.events.filter(kind="late_taken").count() == 1
        assert attempt.responses.get(position=1).answer == row.answer and not late_of(attempt)
    assert_every_chain_holds()


def test_put_in_while_a_newer_one_comes_neither_is_lost(hall, together):
    for _round in ROUNDS:
        attempt = hall()
        first, second = right_answer(attempt, 1), right_answer(attempt, 1) | {"choice": "x"}
        options = [row["id"] for row in questions_of(attempt)[0]["options"]]
        second = {"choice": next(name for name in options if name != first["choice"])}
        with pytest.raises(Conflict):
            save(attempt, answer=first)
        (row,) = late_of(attempt)
        newer, given = together(
            partial(save, attempt, seq=2, answer=second),
            giving_back(hall, attempt, late=[row.uuid]),
        )
        stored = attempt.responses.get(position=1)
        if isinstance(given, Exception):  # the newer one was first: it alone is waiting now
            assert given.fields.keys() == {"late"} and newer.fields == {"late": True}
            assert not is_open(attempt) and [late.seq for late in late_of(attempt)] == [2]
        else:
            assert (newer.seq, stored.seq, stored.answer) == (2, 2, second)
    assert_every_chain_holds()


def test_put_in_beside_a_release_it_counts_or_the_result_is_told_without_it(hall, together):
    for _round in ROUNDS:
        attempt = hall()
        with pytest.raises(Conflict):
            save(attempt)
        (row,) = late_of(attempt)
        given, told = together(
            giving_back(hall, attempt, late=[row.uuid]), releasing(hall, attempt)
        )
        assert not isinstance(told, Exception), told
        if isinstance(given, Exception):
            assert given.code == "released" and len(told) == 1
            assert released_of(attempt).points == 0 and len(late_of(attempt)) == 1
        else:
            assert told == [] and released_of(attempt) is None
            assert close_overdue(at=AFTER + 10 * MINUTE) == 1
            assert result_of(attempt).points == 1
    assert_every_chain_holds()


def test_one_that_comes_beside_a_release_is_kept_and_changes_nothing_told(hall, together):
    for _round in ROUNDS:
        attempt = hall()
        kept, told = together(partial(save, attempt), releasing(hall, attempt))
        assert kept.fields == {"late": True} and len(told) == 1
        assert released_of(attempt).points == 0 and len(late_of(attempt)) == 1
    assert_every_chain_holds()
