"""What happens at the same moment in a sitting: breaks, devices, credits and signs of life side by side, on PostgreSQL."""

import datetime as dt
from functools import partial

import pytest

from accounts.models import Role
from accounts.services import Conflict
from ledger.services import verify
from quizzes.models import Attempt, Incident, Pool, Quiz, ResultVersion, SittingEvent
from quizzes.services import (
    close_overdue,
    credit_time,
    decide_incident,
    end_break,
    here,
    hold_told_result,
    questions_of,
    release_results,
    released_of,
    reopen_attempt,
    report_incident,
    save_response,
    seat,
    set_sitting,
    start_attempt,
    submit_attempt,
    take_break,
    unlock_device,
)
from tests.factories import NOW, person
from tests.quizzes.bank import add_items, exam, learner_of, right_answer

pytestmark = pytest.mark.postgres
MINUTE = dt.timedelta(minutes=1)
LATER = NOW + 10 * MINUTE


@pytest.fixture
def hall():
    """An examination with a break of ten minutes, its sitting, and how somebody begins in it."""
    add_items(6, pool=Pool.SECURE)
    quiz = exam(("D1", "", 4), pass_percent=50)
    Quiz.objects.filter(pk=quiz.pk).update(break_minutes=10)
    quiz.refresh_from_db()
    registrar, invigilator = person(Role.REGISTRAR), person(Role.INVIGILATOR)
    sitting = set_sitting(
        sitting=None, quiz=quiz, place="Hall", zone="Europe/London", opens_at=NOW - 60 * MINUTE,
        closes_at=NOW + 60 * MINUTE, invigilators=[invigilator], by=registrar, at=NOW,
    )  # fmt: skip

    def begin() -> Attempt:
        learner = learner_of(quiz)
        seat(sitting=sitting, person=learner, by=registrar, at=NOW)
        attempt, _new = start_attempt(activity=quiz.activity, by=learner, at=NOW, device="laptop")
        questions_of(attempt)
        return attempt

    begin.invigilator = invigilator  # type: ignore[attr-defined]
    return begin


def save(attempt, answer, seq, at=LATER, device="laptop"):
    return save_response(
        uuid=attempt.uuid, position=1, answer=answer, flagged=False, seq=seq, by=attempt.learner,
        at=at, device=device,
    )  # fmt: skip


def on(verb, attempt, at=LATER, device="laptop"):
    return partial(verb, uuid=attempt.uuid, by=attempt.learner, at=at, device=device)


def refusals(outcomes):
    return sorted(row.code for row in outcomes if isinstance(row, Conflict))


def unexpected(outcomes):
    return [row for row in outcomes if isinstance(row, Exception) and not isinstance(row, Conflict)]


def test_a_save_beside_a_break_is_stored_or_refused_and_never_lost(hall, together):
    for _round in range(8):
        attempt = hall()
        answer = right_answer(attempt, 1)
        outcomes = together(partial(save, attempt, answer, 1), on(take_break, attempt))
        assert not unexpected(outcomes), outcomes
        stored = attempt.responses.get(position=1)
        if isinstance(outcomes[0], Conflict):
            assert outcomes[0].code == "on_break" and stored.seq == 0
        else:
            assert (stored.seq, stored.answer) == (1, answer)
        assert Attempt.objects.get(pk=attempt.pk).paused_at == LATER


def test_a_break_begun_and_ended_by_many_at_once_is_one_break(hall, together):
    attempt = hall()
    together(*[on(take_break, attempt)] * 4)
    together(*[on(end_break, attempt, at=LATER + 2 * MINUTE)] * 4)
    row = Attempt.objects.get()
    assert (row.break_seconds_left, row.due_at) == (480, NOW + 152 * MINUTE)
    assert list(row.events.order_by("sequence").values_list("kind", flat=True)) == [
        "started",
        "break_began",
        "break_ended",
    ]
    assert not list(verify(SittingEvent))


def test_whoever_meets_a_break_that_is_used_up_writes_its_end_once(hall, together):
    for _round in range(4):
        attempt = hall()
        take_break(uuid=attempt.uuid, by=attempt.learner, at=LATER, device="laptop")
        after = LATER + 11 * MINUTE
        outcomes = together(
            partial(save, attempt, right_answer(attempt, 1), 1, after),
            on(end_break, attempt, at=after),
            partial(
                here, uuid=attempt.uuid, unsent=0, by=attempt.learner, at=after, device="laptop"
            ),
        )
        assert not any(isinstance(row, Exception) for row in outcomes), outcomes
        row = Attempt.objects.get(pk=attempt.pk)
        assert row.due_at == NOW + 160 * MINUTE
        assert row.events.filter(kind="break_ended").count() == 1
        assert row.responses.get(position=1).seq == 1


def test_a_save_beside_an_unlock_is_stored_before_it_or_refused(hall, together):
    for _round in range(8):
        attempt = hall()
        outcomes = together(
            partial(save, attempt, right_answer(attempt, 1), 1),
            partial(unlock_device, attempt=attempt, reason="x", by=hall.invigilator, at=LATER),
        )
        assert not unexpected(outcomes), outcomes
        assert attempt.responses.get(position=1).seq == (0 if refusals(outcomes) else 1)
        with pytest.raises(Conflict):
            save(attempt, right_answer(attempt, 1), 2)


def test_of_two_devices_that_come_after_an_unlock_one_is_let_in(hall, together):
    for _round in range(6):
        attempt = hall()
        unlock_device(attempt=attempt, reason="x", by=hall.invigilator, at=LATER)
        answer = right_answer(attempt, 1)
        outcomes = together(
            partial(save, attempt, answer, 1, LATER, "phone"),
            partial(save, attempt, answer, 1, LATER, "tablet"),
            partial(save, attempt, answer, 1, LATER, "laptop"),
        )
        assert refusals(outcomes) == ["other_device"] * 2, outcomes
        assert Attempt.objects.get(pk=attempt.pk).device in ("phone", "tablet")


def test_a_credit_beside_the_clock_that_closes_gives_time_or_is_refused(hall, together):
    due = NOW + 150 * MINUTE
    for _round in range(6):
        attempt = hall()
        Attempt.objects.filter(pk=attempt.pk).update(seen_at=due - 5 * MINUTE)
        outcomes = together(
            partial(
                credit_time,
                attempt=attempt,
                minutes=3,
                reason="x",
                by=hall.invigilator,
                at=due - MINUTE,
            ),
            partial(close_overdue, at=due),
        )
        assert not unexpected(outcomes), outcomes
        row = Attempt.objects.get(pk=attempt.pk)
        if refusals(outcomes):
            assert row.submitted_at == due and not row.events.filter(kind="time_credited").exists()
        else:
            assert row.due_at == due + 3 * MINUTE


def test_two_credits_at_once_never_give_more_than_was_lost(hall, together):
    attempt = hall()
    here(uuid=attempt.uuid, unsent=0, by=attempt.learner, at=NOW + 5 * MINUTE, device="laptop")
    given = {
        "attempt": attempt,
        "minutes": 3,
        "reason": "x",
        "by": hall.invigilator,
        "at": NOW + 6 * MINUTE,
    }
    outcomes = together(*[partial(credit_time, **given)] * 4)
    assert refusals(outcomes) == ["more_than_lost"] * 3
    assert Attempt.objects.get().due_at == NOW + 153 * MINUTE


def test_an_outage_is_written_once_whoever_is_heard_first(hall, together):
    attempt = hall()
    alive = partial(
        here, uuid=attempt.uuid, unsent=0, by=attempt.learner, at=LATER, device="laptop"
    )
    assert not any(isinstance(row, Exception) for row in together(*[alive] * 5))
    assert attempt.events.get(kind="out_of_touch").seconds == 600
    assert not list(verify(SittingEvent))


def test_submitting_beside_a_break_leaves_nobody_on_a_break(hall, together):
    for _round in range(6):
        attempt = hall()
        submit = partial(submit_attempt, uuid=attempt.uuid, by=attempt.learner, at=LATER)
        outcomes = together(submit, on(take_break, attempt))
        assert not unexpected(outcomes), outcomes
        row = Attempt.objects.get(pk=attempt.pk)
        assert (row.submitted_at, row.paused_at) == (LATER, None)


def test_a_report_beside_a_submission_is_one_chain(hall, together):
    for _round in range(4):
        attempt = hall()
        report = partial(
            report_incident, attempt=attempt, kind="outage", what="x", by=hall.invigilator, at=LATER
        )
        submit = partial(submit_attempt, uuid=attempt.uuid, by=attempt.learner, at=LATER)
        outcomes = together(report, report, submit)
        assert not any(isinstance(row, Exception) for row in outcomes), outcomes
        assert attempt.incidents.count() == 1
    assert not list(verify(Incident))


def closed_in_an_outage(hall):
    """Eight minutes before the end nothing came any more, and the clock closed it; a registrar releases."""
    attempt = hall()
    Quiz.objects.update(release=Quiz.Release.BY_PERSON)
    Attempt.objects.filter(pk=attempt.pk).update(seen_at=NOW + 142 * MINUTE)
    submit_attempt(uuid=attempt.uuid, by=None, at=NOW + 151 * MINUTE)
    return Attempt.objects.select_related("quiz").get(pk=attempt.pk)


def test_an_attempt_given_back_by_two_at_once_is_given_back_once(hall, together):
    for _round in range(4):
        attempt = closed_in_an_outage(hall)
        at = NOW + 155 * MINUTE
        give = partial(
            reopen_attempt, attempt=attempt, minutes=8, reason="x", by=hall.invigilator, at=at
        )
        outcomes = together(give, give)
        assert not unexpected(outcomes) and refusals(outcomes) == ["not_closed"]
        row = Attempt.objects.get(pk=attempt.pk)
        assert row.due_at == at + 8 * MINUTE
        assert row.events.filter(kind="reopened").count() == 1


def test_giving_back_beside_a_release_is_one_or_the_other(hall, together):
    for _round in range(6):
        attempt = closed_in_an_outage(hall)
        at = NOW + 155 * MINUTE
        together(
            partial(
                reopen_attempt, attempt=attempt, minutes=8, reason="x", by=hall.invigilator, at=at
            ),
            partial(
                release_results, quiz=attempt.quiz, attempts=[attempt],
                by=person(Role.REGISTRAR), at=at,
            ),
        )  # fmt: skip
        is_open = Attempt.objects.get(pk=attempt.pk).submitted_at is None
        assert is_open is (released_of(attempt) is None)


def test_holding_beside_deciding_leaves_one_standing_and_one_chain(hall, together):
    for _round in range(4):
        attempt = hall()
        Quiz.objects.update(release=Quiz.Release.AT_ONCE)
        submit_attempt(uuid=attempt.uuid, by=attempt.learner, at=LATER)
        incident = report_incident(
            attempt=attempt, kind="complaint", what="x", by=attempt.learner, at=LATER
        )
        given = {"incident": incident, "reasons": "x", "at": LATER + MINUTE}
        outcomes = together(
            partial(hold_told_result, by=person(Role.REGISTRAR), **given),
            partial(decide_incident, outcome="annulled", by=person(Role.REGISTRAR), **given),
        )
        assert not unexpected(outcomes), outcomes
        assert released_of(attempt).standing == "void"
    assert not list(verify(ResultVersion))
