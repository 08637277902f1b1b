"""What happens at the same moment to one attempt: windows, saves and submissions side by side, on PostgreSQL."""

import datetime as dt
import random
import threading
from functools import partial

import pytest
from django.db import connection, transaction

from accounts.models import Notice
from accounts.services import Conflict
from courses.models import Progress
from credentials.models import Application, Credential, Evidence, Requirement, StatusEvent
from ledger.services import verify
from quizzes.models import Attempt, Pool, Quiz, Release, Response, ResultVersion, SecureView
from quizzes.services import (
    check_response,
    close_overdue,
    freeze_item,
    questions_of,
    read_items,
    release_results,
    released_of,
    result_of,
    rule_on_item,
    rulings_on,
    save_response,
    start_attempt,
    submit_attempt,
)
from quizzes.services.results import counting_rows, totals_of
from tests.factories import NOW, EnrolmentFactory, Role, person
from tests.quizzes.bank import (
    add_items,
    exam,
    learner_of,
    practice_quiz,
    right_answer,
    sit,
    wrong_answer,
)

pytestmark = pytest.mark.postgres


@pytest.fixture
def examination():
    add_items(6, pool=Pool.SECURE)
    return exam(("D1", "", 4), pass_percent=50)


def save(attempt, position, answer, seq):
    return save_response(
        uuid=attempt.uuid,
        position=position,
        answer=answer,
        flagged=False,
        seq=seq,
        by=attempt.learner,
        at=NOW,
    )


# From marked to told


@pytest.fixture
def held():
    add_items(4, pool=Pool.SECURE)
    return exam(("D1", "", 4), pass_percent=50, release=Quiz.Release.BY_PERSON)


def sat(quiz, right):
    attempt = sit(quiz)
    for position in range(1, 5):
        give = right_answer if position <= right else wrong_answer
        save(attempt, position, give(attempt, position), 1)
    submit(attempt)
    return attempt


def release(attempts, registrar):
    return release_results(quiz=attempts[0].quiz, attempts=attempts, by=registrar, at=NOW)


def test_two_registrars_who_release_at_once_tell_each_once(held, together):
    attempts = [sat(held, 3) for _number in range(4)]
    registrars = [person(Role.REGISTRAR) for _number in range(2)]
    outcomes = together(
        partial(release, attempts, registrars[0]),
        partial(release, attempts[::-1], registrars[1]),
    )
    assert not any(isinstance(outcome, Exception) for outcome in outcomes), outcomes
    assert sum(len(outcome) for outcome in outcomes) == Release.objects.count() == 4
    assert Evidence.objects.count() == Notice.objects.filter(kind="quiz_result").count() == 4
    assert not list(verify(Release))


def test_a_ruling_and_a_release_at_once_leave_one_truth(held, together):
    """Either the release came first and the new result waits, or the ruling did and the new result is what is told."""
    registrar, reviewer = person(Role.REGISTRAR), person(Role.ITEM_REVIEWER)
    for position in (1, 2, 3, 4):
        attempt = sat(held, 1)
        version = attempt.responses.get(position=position).item_version
        kinds = [row.kind for row in version.rulings.order_by("sequence")]
        kind = "void" if kinds[-1:] != ["void"] else "credit"
        ruled, released = together(
            partial(
                rule_on_item,
                version=version,
                kind=kind,
                also=[],
                reasons="Why",
                by=reviewer,
                at=NOW,
            ),
            partial(release, [attempt], registrar),
        )
        assert not isinstance(ruled, Exception) and not isinstance(released, Exception), (
            ruled,
            released,
        )
        assert len(released) == 1
        newest, told = result_of(attempt), released_of(attempt)
        assert told.version in (newest.version, newest.version - 1)
        if told != newest:
            assert newest.reason == ruled.mark
    assert not list(verify(ResultVersion)) and not list(verify(Release))


def test_a_ruling_misses_no_attempt_that_is_submitted_at_once(held, together):
    """Whoever is second knows of the first: the result that stands is that of the ruling in force."""
    reviewer = person(Role.ITEM_REVIEWER)
    for number in range(6):
        attempt = sit(held)
        for position in range(1, 5):
            save(attempt, position, wrong_answer(attempt, position), 1)
        version = attempt.responses.get(position=1).item_version
        before = version.rulings.order_by("-sequence").first()
        kind = "void" if before is None or before.kind != "void" else "credit"
        outcomes = together(
            partial(submit, attempt),
            partial(
                rule_on_item,
                version=version,
                kind=kind,
                also=[],
                reasons=f"Why {number}",
                by=reviewer,
                at=NOW,
            ),
        )
        assert not any(isinstance(outcome, Exception) for outcome in outcomes), outcomes
        rows, result = counting_rows(attempt), result_of(attempt)
        in_force = rulings_on(row.item_version_id for row in rows)
        assert (result.points, result.out_of) == totals_of(held, rows, in_force)


def test_a_submission_and_a_release_at_once_tell_nothing_that_is_not_there(held, together):
    registrar = person(Role.REGISTRAR)
    for _round in range(4):
        attempt = sit(held)
        submitted, released = together(
            partial(submit, attempt), partial(release, [attempt], registrar)
        )
        assert not isinstance(submitted, Exception) and not isinstance(released, Exception)
        assert Release.objects.filter(result__attempt=attempt).count() == len(released) <= 1
        state = Progress.objects.get(enrolment=attempt.enrolment, activity=held.activity).state
        assert state == ("failed" if released else "held")


def submit(attempt):
    return submit_attempt(uuid=attempt.uuid, by=attempt.learner, at=NOW)


def test_two_windows_that_start_at_once_sit_one_attempt(examination, together):
    learner = learner_of(examination)
    outcomes = together(
        *[lambda: start_attempt(activity=examination.activity, by=learner, at=NOW)] * 6
    )
    assert len({attempt.pk for attempt, _new in outcomes}) == 1
    assert [new for _attempt, new in outcomes].count(True) == 1
    assert Attempt.objects.get().responses.count() == 4


def test_an_older_save_never_overwrites_a_newer_one(examination, together):
    attempt = sit(examination)
    questions_of(attempt)
    answers = [right_answer(attempt, 1), wrong_answer(attempt, 1)]
    for round_number in range(8):
        seqs = list(range(round_number * 8 + 1, round_number * 8 + 9))
        random.shuffle(seqs)
        together(*[partial(save, attempt, 1, answers[seq % 2], seq) for seq in seqs])
        row = attempt.responses.get(position=1)
        assert (row.seq, row.answer) == (max(seqs), answers[max(seqs) % 2])


def test_a_save_waits_for_a_newer_one_and_then_gives_way(examination):
    """The older save begins while the newer one has not committed: it must look again once it has."""
    attempt = sit(examination)
    questions_of(attempt)
    newer, older = right_answer(attempt, 1), wrong_answer(attempt, 1)
    outcome = []

    def second_window():
        outcome.append(save(attempt, 1, older, 1))
        connection.close()

    with transaction.atomic():
        save(attempt, 1, newer, 2)
        thread = threading.Thread(target=second_window)
        thread.start()
        wait_until_somebody_waits()
    thread.join(20)
    assert (outcome[0].seq, outcome[0].answer) == (2, newer)
    assert attempt.responses.get(position=1).answer == newer


def wait_until_somebody_waits():
    """Until PostgreSQL says that a statement waits for a lock."""
    for _try in range(100_000):
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
            if cursor.fetchone()[0]:
                return
    pytest.fail("Nobody waited for a lock.")


def test_a_save_that_waits_for_a_submission_is_refused(examination):
    attempt = sit(examination)
    questions_of(attempt)
    answer = right_answer(attempt, 1)
    outcome = []

    def saver():
        try:
            outcome.append(save(attempt, 1, answer, 1))
        except Conflict as refusal:
            outcome.append(refusal.code)
        connection.close()

    with transaction.atomic():
        submit(attempt)
        thread = threading.Thread(target=saver)
        thread.start()
        wait_until_somebody_waits()
    thread.join(20)
    assert outcome == ["submitted"]
    assert attempt.responses.get(position=1).answer is None


def test_a_submission_that_waits_for_a_save_counts_it(examination):
    attempt = sit(examination)
    questions_of(attempt)
    answer = right_answer(attempt, 1)

    def submitter():
        submit(attempt)
        connection.close()

    with transaction.atomic():
        save(attempt, 1, answer, 1)
        thread = threading.Thread(target=submitter)
        thread.start()
        wait_until_somebody_waits()
    thread.join(20)
    assert result_of(attempt).points == 1


def test_every_answer_acknowledged_before_a_submission_is_counted(examination, together):
    """Saves and a submission at the same moment: what was saved is marked, what was refused is not stored."""
    for _round in range(6):
        attempt = sit(examination)
        questions_of(attempt)
        calls = [
            partial(save, attempt, position, right_answer(attempt, position), 1)
            for position in range(1, 5)
        ]
        *saves, result = together(*calls, partial(submit, attempt))
        saved = [outcome for outcome in saves if not isinstance(outcome, Exception)]
        refused = [outcome for outcome in saves if isinstance(outcome, Exception)]
        assert all(isinstance(outcome, Conflict) for outcome in refused), refused
        assert result.points == len(saved)
        stored = Response.objects.filter(attempt=attempt, answer__isnull=False)
        assert stored.count() == len(saved)
        assert all(row.points == 1 and not row.open for row in stored)


def test_a_double_submission_gives_one_result_one_evidence_one_message(examination, together):
    attempt = sit(examination)
    for position in range(1, 5):
        save(attempt, position, right_answer(attempt, position), 1)
    outcomes = together(*[lambda: submit(attempt)] * 6)
    assert len({outcome.pk for outcome in outcomes}) == 1
    assert ResultVersion.objects.count() == Evidence.objects.count() == 1
    assert Notice.objects.filter(kind="quiz_result").count() == 1


def test_the_clock_and_the_learner_close_an_attempt_once(examination, together):
    attempt = sit(examination)
    at = attempt.due_at + dt.timedelta(seconds=1)
    together(
        lambda: close_overdue(at=at),
        lambda: submit_attempt(uuid=attempt.uuid, by=attempt.learner, at=at),
        lambda: close_overdue(at=at),
    )
    attempt.refresh_from_db()
    assert attempt.closed_by_clock and ResultVersion.objects.count() == 1


def test_two_last_examinations_at_once_issue_one_credential(together):
    """Two written papers of one credential, submitted at the same moment: one of the two is the last, and exactly one issues."""
    add_items(8, pool=Pool.SECURE)
    first = exam(("D1", "", 2), pass_percent=0)
    kind = first.activity.satisfies.get().credential_type
    Requirement.objects.filter(title="Insurance").delete()
    other = Requirement.objects.create(
        credential_type=kind, code="second", kind=Requirement.Kind.ACTIVITY, title="Second paper"
    )
    second = exam(("D1", "", 2), pass_percent=0, requirement=other)
    Requirement.objects.filter(title="Insurance").delete()
    for _round in range(5):
        learner = learner_of(first)
        Application.objects.filter(applicant=learner).exclude(credential_type=kind).delete()
        EnrolmentFactory(learner=learner, course=second.activity.module.course)
        attempts = [sit(quiz, learner) for quiz in (first, second)]
        outcomes = together(*[partial(submit, attempt) for attempt in attempts])
        assert not any(isinstance(outcome, Exception) for outcome in outcomes), outcomes
        credential = Credential.objects.get(holder=learner)
        assert StatusEvent.objects.filter(credential=credential, kind="issued").count() == 1
        assert Progress.objects.filter(enrolment__learner=learner, state="complete").count() == 2


def test_checking_and_saving_at_once_marks_what_is_stored(together):
    add_items(3)
    quiz = practice_quiz(("D1", "", 1))
    for _round in range(6):
        attempt = sit(quiz)
        questions_of(attempt)
        save(attempt, 1, wrong_answer(attempt, 1), 1)
        right = right_answer(attempt, 1)
        saved, checked = together(
            partial(save, attempt, 1, right, 2),
            partial(check_response, uuid=attempt.uuid, position=1, by=attempt.learner, at=NOW),
        )
        row = attempt.responses.get(position=1)
        was_saved = not isinstance(saved, Exception)
        assert (row.answer == right) == was_saved
        assert row.points == checked.points == (1 if was_saved else 0)


def test_publishing_an_item_twice_at_once_freezes_one_version(together):
    (item,) = add_items(1)
    item.stem = "Asked otherwise?"
    item.save()
    together(*[lambda: freeze_item(item=item, at=NOW)] * 4)
    assert item.versions.count() == 2


def test_readings_of_one_person_at_once_stay_one_chain(together):
    items = add_items(4, pool=Pool.SECURE)
    author = person(Role.ITEM_AUTHOR)
    together(*[lambda: read_items(items=items, by=author, where="list", at=NOW)] * 5)
    assert SecureView.objects.count() == 20
    assert not list(verify(SecureView))
