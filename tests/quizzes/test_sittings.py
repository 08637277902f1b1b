"""A written examination in time and place: entry, devices, breaks, outages, incidents. Who may do what, and what each finds."""

import datetime as dt
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Role
from accounts.services import Conflict, Forbidden, Invalid, Missing, accommodate
from credentials.models import Application
from ledger.services import verify
from quizzes.frozen import contents
from quizzes.models import (
    Attempt,
    Incident,
    IncidentDecision,
    ItemVersion,
    Quiz,
    Remediation,
    SittingEvent,
)
from quizzes.services import (
    attempt_of,
    close_overdue,
    credit_time,
    creditable,
    decide_incident,
    end_break,
    entry_to,
    here,
    holds_of,
    out_of_attempts,
    record_remediation,
    report_incident,
    save_response,
    seat,
    set_sitting,
    start_attempt,
    submit_attempt,
    take_break,
    unlock_device,
    unseat,
    watched,
)
from tests.factories import NOW, person
from tests.quizzes.bank import add_items, learner_of, right_answer, sit

pytestmark = pytest.mark.django_db
MINUTE = dt.timedelta(minutes=1)
SECOND = dt.timedelta(seconds=1)
HOUR = dt.timedelta(hours=1)
DAY = dt.timedelta(days=1)
NOT_REGISTRAR = [None, *(role for role in Role if role != Role.REGISTRAR)]
NOT_INVIGILATOR = [None, *(role for role in Role if role != Role.INVIGILATOR)]


def with_roles(role):
    return person(*filter(None, [role]))


@pytest.fixture
def registrar():
    return person(Role.REGISTRAR)


@pytest.fixture
def invigilator():
    return person(Role.INVIGILATOR)


@pytest.fixture
def examination(own, standing_invigilated):
    return own(standing_invigilated)


@pytest.fixture
def sitting(examination, registrar, invigilator):
    return set_sitting(
        sitting=None,
        quiz=examination,
        place="Hall 2",
        zone="Europe/London",
        opens_at=NOW - HOUR,
        closes_at=NOW + HOUR,
        invigilators=[invigilator],
        by=registrar,
        at=NOW - DAY,
    )


@pytest.fixture
def candidate(examination, sitting, registrar):
    learner = learner_of(examination)
    seat(sitting=sitting, person=learner, by=registrar, at=NOW - DAY)
    return learner


def start(quiz, learner, at=NOW, device="laptop", **given):
    return start_attempt(activity=quiz.activity, by=learner, at=at, device=device, **given)[0]


@pytest.fixture
def attempt(examination, candidate):
    return start(examination, candidate)


def save(attempt, position=1, seq=1, at=NOW, device="laptop", answer=...):
    return save_response(
        uuid=attempt.uuid,
        position=position,
        answer=right_answer(attempt, position) if answer is ... else answer,
        flagged=False,
        seq=seq,
        by=attempt.learner,
        at=at,
        device=device,
    )


def alive(attempt, at, unsent=0, device="laptop"):
    return here(uuid=attempt.uuid, unsent=unsent, by=attempt.learner, at=at, device=device)


def code_of(call, **given):
    with pytest.raises((Conflict, Missing, Invalid, Forbidden)) as caught:
        call(**given)
    return caught.value.code


def kinds(attempt):
    return list(attempt.events.order_by("sequence").values_list("kind", flat=True))


# Who may start


def test_only_who_has_a_seat_may_start(examination, sitting, candidate):
    stranger = learner_of(examination)
    assert code_of(start, quiz=examination, learner=stranger) == "no_seat"
    assert start(examination, candidate).sitting == sitting


@pytest.mark.parametrize("at", [NOW - 2 * HOUR, NOW + 2 * HOUR])
def test_nobody_starts_before_the_doors_open_or_after_they_close(examination, candidate, at):
    assert code_of(start, quiz=examination, learner=candidate, at=at) == "sitting_not_open"


def test_what_was_started_in_time_goes_on_after_the_doors_close(attempt):
    assert save(attempt, at=NOW + 2 * HOUR).seq == 1


def test_a_seat_in_an_open_sitting_binds_a_quiz_that_is_not_invigilated(examination, candidate):
    Quiz.objects.update(invigilated=False)
    assert start(examination, candidate).sitting is not None
    alone = learner_of(examination)
    assert start(examination, alone).sitting is None


def test_the_window_is_counted_from_the_application_and_named(examination, candidate):
    Quiz.objects.update(window_days=10)
    Application.objects.filter(applicant=candidate).update(submitted_at=NOW - 10 * DAY)
    assert entry_to(activity=examination.activity, by=candidate, at=NOW).refusal is None
    Application.objects.filter(applicant=candidate).update(submitted_at=NOW - 11 * DAY)
    refusal = entry_to(activity=examination.activity, by=candidate, at=NOW).refusal
    assert refusal.code == "window_closed"
    assert "12 November 2026 to 22 November 2026" in refusal.sentence


def test_nobody_starts_without_agreeing(examination, candidate):
    Quiz.objects.update(agreement="I work alone.\n\nI keep the questions to myself.\n")
    with pytest.raises(Conflict) as caught:
        start(examination, candidate)
    assert caught.value.code == "agreement"
    assert caught.value.fields["agreed"] == ["I work alone.", "I keep the questions to myself."]
    assert start(examination, candidate, agreed=True).agreed_at == NOW
    assert start(examination, candidate).agreed_at == NOW  # going on asks for nothing


def test_an_accommodation_is_applied_at_the_start(examination, candidate, registrar):
    Quiz.objects.update(break_minutes=5)
    accommodate(
        person=candidate, time_factor=Decimal("1.5"), break_minutes=10, larger_type=True,
        need="A reader.", by=registrar, at=NOW,
    )  # fmt: skip
    attempt = start(examination, candidate)
    assert attempt.due_at == NOW + 225 * MINUTE
    assert attempt.break_seconds_left == 15 * 60 and attempt.larger_type


def test_a_start_takes_the_same_few_statements_with_a_seat_and_an_accommodation(
    examination, candidate, registrar
):
    accommodate(
        person=candidate, time_factor=Decimal("1.5"), break_minutes=10, larger_type=True, need="",
        by=registrar, at=NOW,
    )  # fmt: skip
    Quiz.objects.update(invigilated=False)
    start(examination, learner_of(examination))
    # Whatever is drawn, its text is at hand.
    contents(list(ItemVersion.objects.values_list("uuid", flat=True)))
    counts = []
    for learner in (learner_of(examination), candidate):
        with CaptureQueriesContext(connection) as asked:
            start(examination, learner)
        counts.append(len([row for row in asked if "SAVEPOINT" not in row["sql"]]))
    assert counts[1] - counts[0] == 3, counts  # the sitting, the accommodation, the event
    assert counts[0] <= 12, [row["sql"][:150] for row in asked]


# One device


def test_an_attempt_of_a_sitting_is_answered_on_one_device(attempt):
    save(attempt)
    assert code_of(save, attempt=attempt, seq=2, device="phone") == "other_device"
    assert code_of(alive, attempt=attempt, at=NOW, device="phone") == "other_device"
    assert (
        code_of(take_break, uuid=attempt.uuid, by=attempt.learner, at=NOW, device="phone")
        == "other_device"
    )
    assert (
        code_of(attempt_of, uuid=attempt.uuid, by=attempt.learner, at=NOW, device="phone")
        == "other_device"
    )
    assert (
        code_of(start, quiz=attempt.quiz, learner=attempt.learner, device="phone") == "other_device"
    )
    assert attempt.responses.get(position=1).seq == 1
    assert kinds(attempt) == ["started", "device_refused"]


def test_the_invigilator_lets_the_next_device_in_and_shuts_out_the_old_one(attempt, invigilator):
    unlock_device(attempt=attempt, reason="Laptop died", by=invigilator, at=NOW)
    unlock_device(attempt=attempt, reason="Laptop died", by=invigilator, at=NOW)
    assert code_of(save, attempt=attempt) == "other_device"
    assert save(attempt, device="phone").seq == 1
    assert code_of(save, attempt=attempt, seq=2) == "other_device"
    assert code_of(save, attempt=attempt, seq=2, device="tablet") == "other_device"
    assert kinds(attempt).count("device_unlocked") == 1
    assert not list(verify(SittingEvent))


def test_an_unbound_attempt_takes_the_first_device_that_comes(examination, candidate):
    attempt = start(examination, candidate, device=None)
    assert save(attempt, device="phone").seq == 1
    assert Attempt.objects.get().device == "phone"
    assert code_of(save, attempt=attempt, seq=2) == "other_device"


def test_a_caller_without_any_device_is_not_let_in(examination, candidate):
    attempt = start(examination, candidate, device=None)
    assert code_of(save, attempt=attempt, device="") == "other_device"


@pytest.mark.parametrize("role", NOT_INVIGILATOR)
def test_only_an_invigilator_acts_on_a_seat(attempt, role):
    somebody = with_roles(role)
    given = {"attempt": attempt, "reason": "x", "by": somebody, "at": NOW}
    assert code_of(unlock_device, **given) == "wrong_role"
    assert code_of(credit_time, **given, minutes=1) == "wrong_role"
    assert (
        code_of(report_incident, attempt=attempt, kind="outage", what="x", by=somebody, at=NOW)
        == "wrong_role"
    )


def test_an_invigilator_of_another_sitting_finds_nothing(attempt):
    other = person(Role.INVIGILATOR)
    given = {"attempt": attempt, "reason": "x", "by": other, "at": NOW}
    assert (
        code_of(unlock_device, **given) == code_of(credit_time, **given, minutes=1) == "no_attempt"
    )


# Breaks


@pytest.fixture
def resting(examination, candidate):
    Quiz.objects.update(break_minutes=10)
    attempt = start(examination, candidate)
    take_break(uuid=attempt.uuid, by=candidate, at=NOW + 10 * MINUTE, device="laptop")
    return attempt


def test_on_a_break_nothing_is_saved_and_the_clock_stands_still(resting):
    assert code_of(save, attempt=resting, at=NOW + 12 * MINUTE) == "on_break"
    again = end_break(uuid=resting.uuid, by=resting.learner, at=NOW + 14 * MINUTE, device="laptop")
    assert again.due_at == NOW + 154 * MINUTE
    assert again.break_seconds_left == 6 * 60
    assert save(resting, at=NOW + 14 * MINUTE).seq == 1
    assert kinds(resting) == ["started", "break_began", "break_ended"]
    assert resting.events.get(kind="break_ended").seconds == 240


def test_a_break_that_is_used_up_is_over_at_the_next_contact(resting):
    assert save(resting, at=NOW + 20 * MINUTE).seq == 1
    row = Attempt.objects.get()
    assert (row.paused_at, row.break_seconds_left, row.due_at) == (None, 0, NOW + 160 * MINUTE)
    ended = row.events.get(kind="break_ended")
    assert (ended.seconds, ended.at) == (600, NOW + 20 * MINUTE)
    assert (
        code_of(take_break, uuid=row.uuid, by=row.learner, at=NOW + 21 * MINUTE) == "no_break_left"
    )


def test_beginning_and_ending_twice_changes_nothing(resting):
    given = {"uuid": resting.uuid, "by": resting.learner, "device": "laptop"}
    take_break(**given, at=NOW + 11 * MINUTE)
    end_break(**given, at=NOW + 12 * MINUTE)
    end_break(**given, at=NOW + 13 * MINUTE)
    row = Attempt.objects.get()
    assert (row.break_seconds_left, row.due_at) == (8 * 60, NOW + 152 * MINUTE)
    assert len(kinds(row)) == 3


def test_the_sweep_closes_a_break_nobody_came_back_from_when_the_time_is_up(resting):
    assert close_overdue(at=NOW + 159 * MINUTE) == 0
    assert close_overdue(at=NOW + 160 * MINUTE) == 1
    row = Attempt.objects.get()
    assert (row.submitted_at, row.paused_at, row.closed_by_clock) == (
        NOW + 160 * MINUTE,
        None,
        True,
    )


def test_submitting_on_a_break_ends_it(resting):
    submit_attempt(uuid=resting.uuid, by=resting.learner, at=NOW + 11 * MINUTE)
    row = Attempt.objects.get()
    assert (row.paused_at, row.submitted_at) == (None, NOW + 11 * MINUTE)
    assert row.events.get(kind="break_ended").seconds == 60


# Signs of life, and time for what was lost


def test_a_sign_of_life_takes_two_statements(attempt):
    with CaptureQueriesContext(connection) as asked:
        alive(attempt, NOW + 20 * SECOND, unsent=3)
    assert len(asked) == 2
    row = Attempt.objects.get()
    assert (row.seen_at, row.unsent) == (NOW + 20 * SECOND, 3)


@pytest.mark.parametrize("unsent", [None, -1, "2", 1.5, True, 10**6])
def test_a_sign_of_life_says_how_much_waits(attempt, unsent):
    assert code_of(alive, attempt=attempt, at=NOW, unsent=unsent) == "no_count"


def test_an_older_sign_never_moves_the_newest_back(attempt):
    alive(attempt, NOW + 30 * SECOND)
    alive(attempt, NOW + 20 * SECOND)
    assert Attempt.objects.get().seen_at == NOW + 30 * SECOND


def test_time_is_credited_for_an_outage_and_no_more(attempt, invigilator):
    given = {"attempt": attempt, "reason": "Power cut", "by": invigilator}
    assert code_of(credit_time, **given, minutes=1, at=NOW + 30 * SECOND) == "more_than_lost"
    alive(attempt, NOW + 7 * MINUTE)
    assert creditable(Attempt.objects.get(), at=NOW + 7 * MINUTE) == 7
    assert code_of(credit_time, **given, minutes=8, at=NOW + 8 * MINUTE) == "more_than_lost"
    credit_time(**given, minutes=5, at=NOW + 8 * MINUTE)
    assert Attempt.objects.get().due_at == NOW + 155 * MINUTE
    assert code_of(credit_time, **given, minutes=3, at=NOW + 8 * MINUTE) == "more_than_lost"
    assert kinds(attempt) == ["started", "out_of_touch", "time_credited"]


def test_answers_that_came_are_no_outage(attempt):
    for minute in range(1, 4):
        save(attempt, position=minute, at=NOW + minute * MINUTE)
    alive(attempt, NOW + 8 * MINUTE)
    assert attempt.events.get(kind="out_of_touch").seconds == 5 * 60


def test_an_outage_that_lasts_can_be_credited_already(attempt, invigilator):
    credit_time(attempt=attempt, minutes=4, reason="Network", by=invigilator, at=NOW + 4 * MINUTE)
    alive(attempt, NOW + 6 * MINUTE)
    assert creditable(Attempt.objects.get(), at=NOW + 6 * MINUTE) == 2


def test_being_away_on_a_break_is_no_outage(resting):
    alive(resting, NOW + 25 * MINUTE)
    lost = resting.events.get(kind="out_of_touch").seconds
    assert (
        lost == 5 * 60
    )  # since the break was used up; the ten minutes before it were silent too, and are the break's
    assert creditable(Attempt.objects.get(), at=NOW + 25 * MINUTE) == 5


@pytest.mark.parametrize(("minutes", "reason"), [(0, "x"), (-3, "x"), (1, " ")])
def test_a_credit_has_minutes_and_a_reason(attempt, invigilator, minutes, reason):
    alive(attempt, NOW + 7 * MINUTE)
    given = {"attempt": attempt, "minutes": minutes, "reason": reason, "by": invigilator, "at": NOW}
    assert code_of(credit_time, **given) == "no_credit"


def test_a_closed_attempt_gets_no_time(attempt, invigilator):
    given = {"attempt": attempt, "minutes": 1, "reason": "x", "by": invigilator}
    assert code_of(credit_time, **given, at=NOW + 3 * HOUR) == "time_up"
    submit_attempt(uuid=attempt.uuid, by=attempt.learner, at=NOW + MINUTE)
    assert code_of(credit_time, **given, at=NOW + 2 * MINUTE) == "submitted"


# Incidents


def incident_of(attempt, by, at=NOW, kind="disturbance", what="A fire alarm."):
    return report_incident(attempt=attempt, kind=kind, what=what, by=by, at=at)


def decide(incident, by, outcome="stands", reasons="It lasted a minute.", at=NOW + HOUR):
    return decide_incident(incident=incident, outcome=outcome, reasons=reasons, by=by, at=at)


def test_an_open_incident_holds_the_result_until_it_is_decided(attempt, invigilator, registrar):
    assert holds_of(attempt) == []
    incident = incident_of(attempt, invigilator)
    assert incident_of(attempt, invigilator) == incident
    assert holds_of(attempt) == ["Disturbance"]
    assert code_of(decide, incident=incident, by=registrar) == "running"
    submit_attempt(uuid=attempt.uuid, by=attempt.learner, at=NOW + MINUTE)
    decision = decide(incident, registrar)
    assert decide(incident, registrar) == decision
    assert code_of(decide, incident=incident, by=registrar, outcome="annulled") == "decided"
    assert holds_of(attempt) == []
    assert not list(verify(Incident)) and not list(verify(IncidentDecision))


def test_a_candidate_reports_within_a_day_and_only_of_their_own(attempt, examination):
    submit_attempt(uuid=attempt.uuid, by=attempt.learner, at=NOW + MINUTE)
    incident = incident_of(attempt, attempt.learner, at=NOW + 20 * HOUR, kind="irregularity")
    assert incident.kind == "complaint"
    assert (
        code_of(incident_of, attempt=attempt, by=attempt.learner, at=NOW + 25 * HOUR) == "too_late"
    )
    assert code_of(incident_of, attempt=attempt, by=learner_of(examination)) == "wrong_role"


@pytest.mark.parametrize(
    ("kind", "what"), [("rumour", "x"), ("outage", " "), ("outage", "x" * 4001)]
)
def test_a_report_says_what_happened(attempt, invigilator, kind, what):
    assert (
        code_of(incident_of, attempt=attempt, by=invigilator, kind=kind, what=what) == "no_report"
    )


@pytest.mark.parametrize("role", NOT_REGISTRAR)
def test_only_a_registrar_decides(attempt, invigilator, role):
    incident = incident_of(attempt, invigilator)
    assert code_of(decide, incident=incident, by=with_roles(role)) == "wrong_role"


def test_an_annulled_attempt_counts_neither_against_the_attempts_nor_the_wait(
    attempt, invigilator, registrar, examination, candidate
):
    incident = incident_of(attempt, invigilator)
    submit_attempt(uuid=attempt.uuid, by=candidate, at=NOW + MINUTE)
    at = NOW + 30 * MINUTE
    entry = entry_to(activity=examination.activity, by=candidate, at=at)
    assert (entry.attempts_left, entry.refusal.code) == (2, "result_held")
    decide(incident, registrar, "annulled", at=at)
    entry = entry_to(activity=examination.activity, by=candidate, at=at)
    assert (entry.attempts_left, entry.refusal) == (3, None)
    assert start(examination, candidate, at=at).number == 2


# After the last attempt


@pytest.fixture
def used_up(examination, candidate):
    Quiz.objects.update(attempts_allowed=1, wait_days=0, invigilated=False)
    attempt = start(examination, candidate)
    submit_attempt(uuid=attempt.uuid, by=candidate, at=NOW + MINUTE)
    examination.refresh_from_db()
    return candidate


def test_a_plan_of_further_learning_gives_one_attempt_more(examination, used_up, registrar):
    at = NOW + 2 * MINUTE
    assert [row.learner for row in out_of_attempts(at=at)] == [used_up]
    assert code_of(start, quiz=examination, learner=used_up, at=at) == "no_attempts_left"
    given = {
        "quiz": examination,
        "learner": used_up,
        "plan": "Modules 5 and 8 again.",
        "by": registrar,
    }
    record_remediation(**given, at=at)
    assert out_of_attempts(at=at) == []
    assert code_of(record_remediation, **given, at=at) == "attempt_left"
    second = start(examination, used_up, at=at)
    submit_attempt(uuid=second.uuid, by=used_up, at=at + MINUTE)
    assert code_of(start, quiz=examination, learner=used_up, at=at + HOUR / 2) == "no_attempts_left"
    assert not list(verify(Remediation))


@pytest.mark.parametrize("role", NOT_REGISTRAR)
def test_only_a_registrar_records_a_plan(examination, used_up, role):
    given = {"quiz": examination, "learner": used_up, "plan": "x", "at": NOW}
    assert code_of(record_remediation, **given, by=with_roles(role)) == "wrong_role"


# Setting up


@pytest.mark.parametrize("role", NOT_REGISTRAR)
def test_only_registrars_set_up_and_seat(examination, sitting, candidate, role):
    somebody = with_roles(role)
    assert code_of(seat, sitting=sitting, person=candidate, by=somebody, at=NOW) == "wrong_role"
    assert code_of(unseat, seat=sitting.seats.get(), by=somebody, at=NOW) == "wrong_role"


def test_seats_are_numbered_and_given_once(examination, sitting, candidate, registrar):
    theirs = seat(sitting=sitting, person=candidate, by=registrar, at=NOW)
    assert theirs.number == 1
    second = learner_of(examination)
    given = {"sitting": sitting, "person": second, "by": registrar, "at": NOW}
    assert code_of(seat, **given, number=1) == "seat_taken"
    assert seat(**given).number == 2


def test_who_has_not_applied_gets_no_seat(sitting, registrar):
    assert code_of(seat, sitting=sitting, person=person(), by=registrar, at=NOW) == "not_applied"


def test_nobody_watches_over_their_own_examination(examination, sitting, invigilator, registrar):
    Application.objects.create(
        applicant=invigilator,
        credential_type=examination.activity.satisfies.get().credential_type,
        name_on_id="I", agreed_at=NOW, submitted_at=NOW,
    )  # fmt: skip
    assert code_of(seat, sitting=sitting, person=invigilator, by=registrar, at=NOW) == "R2"


def test_a_seat_is_freed_until_its_candidate_starts(sitting, examination, candidate, registrar):
    start(examination, candidate)
    assert code_of(unseat, seat=sitting.seats.get(), by=registrar, at=NOW) == "started"
    other = learner_of(examination)
    unseat(seat=seat(sitting=sitting, person=other, by=registrar, at=NOW), by=registrar, at=NOW)
    assert sitting.seats.count() == 1


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("place", " "),
        ("zone", "Mars/Base"),
        ("closes_at", NOW - 2 * HOUR),
        ("invigilators", "learner"),
    ],
)
def test_a_sitting_that_is_none_is_refused_by_its_field(
    examination, registrar, invigilator, field, value
):
    given = {
        "sitting": None, "quiz": examination, "place": "Hall", "zone": "Europe/London", "opens_at": NOW,
        "closes_at": NOW + HOUR, "invigilators": [invigilator], "by": registrar, "at": NOW,
    }  # fmt: skip
    given[field] = [person()] if value == "learner" else value
    with pytest.raises(Invalid) as caught:
        set_sitting(**given)
    assert list(caught.value.fields) == [field]


# What the invigilator sees


def test_the_desk_tells_each_seat_apart_in_a_constant_number_of_statements(
    examination, sitting, candidate, registrar
):
    Quiz.objects.update(break_minutes=10)
    people = [candidate, *(learner_of(examination) for _ in range(4))]
    for each in people[1:]:
        seat(sitting=sitting, person=each, by=registrar, at=NOW)
    accommodate(
        person=people[1], time_factor=Decimal("1.25"), break_minutes=0, larger_type=False,
        need="Sits by the door.", by=registrar, at=NOW,
    )  # fmt: skip
    attempts = [start(examination, each) for each in people[:4]]
    later = NOW + 3 * MINUTE
    save(attempts[0], at=later)
    take_break(uuid=attempts[1].uuid, by=people[1], at=later, device="laptop")
    alive(attempts[1], later)
    submit_attempt(uuid=attempts[3].uuid, by=people[3], at=later)
    with CaptureQueriesContext(connection) as asked:
        rows = watched(sitting, at=later + 10 * SECOND)
    assert [row.state for row in rows] == ["in", "on_break", "silent", "submitted", "absent"]
    assert [row.seat.number for row in rows] == [1, 2, 3, 4, 5]
    assert (rows[0].answered, rows[0].asked, rows[0].name) == (1, 4, "Orla Brandreth")
    assert rows[1].accommodation.need == "Sits by the door."
    assert rows[1].minutes_left == 185  # 150 × 1.25 and the three minutes gone
    assert rows[2].creditable == 4
    with CaptureQueriesContext(connection) as fewer:
        watched(sitting, at=later)
    assert len(asked) == len(fewer) <= 8


def test_a_practice_quiz_knows_nothing_of_devices():
    add_items(3)
    from tests.quizzes.bank import practice_quiz

    attempt = sit(practice_quiz())
    assert save(attempt, device="anything").seq == 1
    assert save(attempt, seq=2, device="another").seq == 2
