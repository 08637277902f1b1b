"""Sitting a quiz."""

import datetime as dt
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.models import Notice
from accounts.services import Conflict, Invalid, Missing
from courses.models import Progress
from credentials.models import Credential, Evidence, Requirement
from ledger.services import verify
from quizzes.models import Attempt, ItemVersion, Pool, Quiz, Response, ResultVersion, SecureView
from quizzes.services import (
    appeal_until,
    attempt_of,
    check_response,
    close_overdue,
    entry_to,
    feedback_of,
    freeze_item,
    load_item,
    load_quiz,
    media_of,
    questions_of,
    read_item,
    save_response,
    shortages_of,
    standing_of,
    start_attempt,
    submit_attempt,
)
from tests.factories import (
    NOW,
    ActivityFactory,
    ApplicationFactory,
    RequirementFactory,
    Role,
    person,
)
from tests.quizzes.bank import (
    ANSWERS,
    add_items,
    content_at,
    entry,
    exam,
    learner_of,
    practice_quiz,
    right_answer,
    sit,
    version_of,
    wrong_answer,
)

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)
MINUTE = dt.timedelta(minutes=1)


def save(attempt, position, answer, seq=1, flagged=False, by=None, at=NOW):
    return save_response(
        uuid=attempt.uuid,
        position=position,
        answer=answer,
        flagged=flagged,
        seq=seq,
        by=by or attempt.learner,
        at=at,
    )


def answer_all(attempt, right, at=NOW):
    """Answer the first `right` questions rightly, the others wrongly."""
    for response in attempt.responses.all():
        give = right_answer if response.position <= right else wrong_answer
        save(attempt, response.position, give(attempt, response.position), at=at)


def refusal(call, **given):
    with pytest.raises((Conflict, Missing, Invalid)) as caught:
        call(**given)
    return caught.value


@pytest.fixture
def practice():
    add_items(5)
    return practice_quiz()


@pytest.fixture(scope="module")
def standing_examination(standing):
    return standing(build_examination)


@pytest.fixture
def examination(own, standing_examination):
    return own(standing_examination)


def build_examination():
    add_items(12, pool=Pool.SECURE)
    return exam(("D1", "apply", 10))


# Items and versions


def test_publishing_an_item_freezes_a_version_with_random_option_ids():
    (item,) = add_items(1)
    version = version_of(item)
    assert version.number == 1
    assert version.content["stem"] == item.stem
    (right,) = [
        row for row in version.content["options"] if row["id"] == version.content["key"]["choice"]
    ]
    assert right["text"] == "Over the vessels"
    assert set(version.content["rationales"]) == {row["id"] for row in version.content["options"]}
    assert not list(verify(ItemVersion))


@pytest.mark.parametrize("kind", ANSWERS)
def test_loading_the_same_entry_again_changes_nothing(kind):
    add_items(0)
    data = entry(kind, must_cover=["scope"], stimulus="A runner stops.")
    item, new = load_item(data=data, pool=Pool.PRACTICE, at=NOW)
    again, changed = load_item(data=data, pool=Pool.PRACTICE, at=NOW)
    assert (new, changed, again) == (True, False, item)
    assert item.versions.count() == item.revisions.count() == 1


@pytest.mark.parametrize("kind", ANSWERS)
def test_publishing_unchanged_content_makes_no_new_version(kind):
    (item,) = add_items(1, kind)
    item.save_revision().publish()
    assert item.versions.count() == 1
    item.stem = "Another question?"
    item.save_revision().publish()
    assert [version.number for version in item.versions.order_by("number")] == [1, 2]


def test_a_changed_level_is_a_new_version():
    (item,) = add_items(1)
    item.level = "recall"
    item.save()
    assert freeze_item(item=item, at=NOW).number == 2


def test_a_stem_stands_in_one_pool_only():
    (item,) = add_items(1, pool=Pool.SECURE)
    said = refusal(load_item, data=entry(stem=item.stem), pool=Pool.PRACTICE, at=NOW)
    assert said.code == "item" and "asks this already" in said.sentence


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"options": ANSWERS["single"]["options"][2:]}, "exactly one option"),
        (
            {"options": [*ANSWERS["single"]["options"], ANSWERS["single"]["options"][0]]},
            "stand once",
        ),
        ({"domain": "D9"}, "no domain D9"),
        ({"claims": ["CC99"]}, "no claim CC99"),
        ({"level": "guess"}, "level"),
        ({"type": "drawing"}, "no item type drawing"),
        ({"stem": " "}, "stem"),
    ],
)
def test_an_entry_that_is_wrong_is_refused_by_its_code(fields, words):
    add_items(0)
    data = entry(**fields)
    said = refusal(load_item, data=data, pool=Pool.PRACTICE, at=NOW)
    assert data["code"] in said.sentence and words in said.sentence


def test_reading_a_secure_item_is_written_down_and_a_practice_item_is_not():
    author = person(Role.ITEM_AUTHOR)
    for item in add_items(2, pool=Pool.SECURE) + add_items(1):
        read_item(item=item, by=author, where="list", at=NOW)
    assert [view.reader for view in SecureView.objects.all()] == [author, author]
    assert not list(verify(SecureView))


def test_an_instructor_may_not_read_a_secure_item():
    (item,) = add_items(1, pool=Pool.SECURE)
    with pytest.raises(Exception) as caught:
        read_item(item=item, by=person(Role.INSTRUCTOR), where="list", at=NOW)
    assert caught.value.code == "pool_closed"
    assert not SecureView.objects.exists()


# Quizzes


def test_a_secure_quiz_that_would_show_its_keys_is_refused(examination):
    given = {"activity": examination.activity, "pool": Pool.SECURE, "cells": [], "at": NOW}
    assert refusal(load_quiz, **given, feedback="at_once").code == "quiz"
    with pytest.raises(IntegrityError), transaction.atomic():
        Quiz.objects.filter(pk=examination.pk).update(feedback="at_once")


def test_a_quiz_names_only_tags_and_domains_that_exist(practice):
    given = {"activity": practice.activity, "pool": Pool.PRACTICE, "at": NOW}
    assert (
        refusal(load_quiz, **given, cells=[("D1", "", 1)], must_cover={"toxins": 1}).code
        == "no_tag"
    )
    assert refusal(load_quiz, **given, cells=[("D9", "", 1)]).code == "no_domain"


def test_a_question_never_leaves_its_pool():
    (item,) = add_items(1, pool=Pool.SECURE)
    said = refusal(load_item, data=entry(code=item.code), pool=Pool.PRACTICE, at=NOW)
    assert said.code == "other_pool"
    item.refresh_from_db()
    assert item.pool == Pool.SECURE


def test_loading_a_quiz_again_changes_its_cells(practice):
    kept = list(practice.cells.values_list("pk", flat=True))
    load_quiz(activity=practice.activity, pool=Pool.PRACTICE, cells=[("D1", "", 3)], at=NOW)
    assert list(practice.cells.values_list("pk", flat=True)) == kept
    load_quiz(activity=practice.activity, pool=Pool.PRACTICE, cells=[("D2", "apply", 1)], at=NOW)
    assert list(practice.cells.values_list("domain__code", "count")) == [("D2", 1)]
    assert [str(row) for row in shortages_of(practice, NOW)] == ["D2 apply: 0 of 1"]


# Start


def test_starting_draws_the_blueprint_from_the_pool_of_the_quiz_only(examination):
    add_items(20)
    attempt = sit(examination)
    assert [row.position for row in attempt.responses.all()] == list(range(1, 11))
    assert set(attempt.responses.values_list("item_version__pool", flat=True)) == {Pool.SECURE}
    assert attempt.due_at == NOW + dt.timedelta(minutes=150)
    progress = Progress.objects.get(enrolment=attempt.enrolment, activity=examination.activity)
    assert progress.state == "started"


def test_starting_twice_resumes(practice):
    learner = learner_of(practice)
    first, new = start_attempt(activity=practice.activity, by=learner, at=NOW)
    second, again = start_attempt(activity=practice.activity, by=learner, at=NOW)
    assert (first, new, again) == (second, True, False)


def test_only_current_versions_of_live_items_are_drawn():
    (changed, retired, *_others) = add_items(4)
    changed.stem = "A better question?"
    changed.save_revision().publish()
    retired.unpublish()
    attempt = sit(practice_quiz(("D1", "", 3)))
    drawn = {row.item_version for row in attempt.responses.all()}
    assert version_of(changed) in drawn and version_of(changed).number == 2
    assert version_of(retired) not in drawn


def test_questions_not_met_before_come_first(practice):
    learner = learner_of(practice)
    first = sit(practice, learner)
    submit_attempt(uuid=first.uuid, by=learner, at=NOW)
    second = sit(practice, learner)
    met = set(first.responses.values_list("item_version", flat=True))
    again = set(second.responses.values_list("item_version", flat=True))
    assert len(met & again) == 1  # five in the bank, three drawn each time


def test_a_stranger_to_the_course_knows_of_no_quiz(practice):
    said = refusal(start_attempt, activity=practice.activity, by=person(), at=NOW)
    assert said.status == 404


def test_an_activity_without_a_quiz_is_missing():
    assert refusal(start_attempt, activity=ActivityFactory(), by=person(), at=NOW).code == "no_quiz"


def test_a_quiz_in_a_closed_module_cannot_be_started(practice):
    module = practice.activity.module
    first = ActivityFactory(module__course=module.course)
    module.requires.add(first.module)
    said = refusal(start_attempt, activity=practice.activity, by=learner_of(practice), at=NOW)
    assert said.code == "module_closed"


def test_an_examination_needs_an_open_application(examination):
    learner = learner_of(examination)
    learner.applications.update(closed_at=NOW)
    said = refusal(start_attempt, activity=examination.activity, by=learner, at=NOW)
    assert said.status == 409 and not Attempt.objects.exists()


def test_an_applicant_who_never_took_the_course_is_admitted(examination):
    outsider = person()
    kind = examination.activity.satisfies.get().credential_type
    entry = entry_to(activity=examination.activity, by=outsider, at=NOW)
    assert (entry.enrolment, entry.refusal.code) == (None, "not_applied")
    ApplicationFactory(applicant=outsider, credential_type=kind)
    assert entry_to(activity=examination.activity, by=outsider, at=NOW).refusal is None
    attempt = sit(examination, outsider)
    assert attempt.enrolment.learner == outsider


def test_a_bank_that_is_too_small_is_said_and_nothing_is_left_behind(practice):
    quiz = practice_quiz(("D1", "", 6))
    said = refusal(start_attempt, activity=quiz.activity, by=learner_of(quiz), at=NOW)
    assert said.code == "bank_too_small" and "5 of 6" in said.sentence
    assert not Attempt.objects.exists()


def test_after_a_fail_one_waits_and_is_told_until_when(examination):
    learner = learner_of(examination)
    attempt = sit(examination, learner)
    submit_attempt(uuid=attempt.uuid, by=learner, at=NOW)
    said = refusal(start_attempt, activity=examination.activity, by=learner, at=NOW + 29 * DAY)
    assert (said.code, said.sentence) == ("wait", "You can sit this again from 23 December 2026.")
    again, new = start_attempt(activity=examination.activity, by=learner, at=NOW + 30 * DAY)
    assert new and again.number == 2


def test_after_the_last_attempt_comes_a_plan(examination):
    learner = learner_of(examination)
    for number in range(3):
        at = NOW + number * 30 * DAY
        submit_attempt(uuid=sit(examination, learner, at).uuid, by=learner, at=at)
    said = refusal(start_attempt, activity=examination.activity, by=learner, at=NOW + 365 * DAY)
    assert said.code == "no_attempts_left"
    entry = entry_to(activity=examination.activity, by=learner, at=NOW + 365 * DAY)
    assert (entry.attempts_left, entry.open, len(entry.attempts)) == (0, None, 3)


def test_a_passed_examination_is_not_sat_again(examination):
    learner = learner_of(examination)
    attempt = sit(examination, learner)
    answer_all(attempt, right=10)
    submit_attempt(uuid=attempt.uuid, by=learner, at=NOW)
    said = refusal(start_attempt, activity=examination.activity, by=learner, at=NOW + 60 * DAY)
    assert said.code == "already_passed"


def test_what_an_earlier_credential_rests_on_is_sat_again_for_the_next_one(examination):
    """Somebody whose credential has run out applies anew: neither the pass nor the attempts of then stand in the way."""
    learner = learner_of(examination)
    kind = examination.activity.satisfies.get().credential_type
    Quiz.objects.update(attempts_allowed=1)
    kind.requirements.exclude(kind=Requirement.Kind.ACTIVITY).delete()
    first = sit(examination, learner)
    answer_all(first, right=10)
    submit_attempt(uuid=first.uuid, by=learner, at=NOW)
    assert Credential.objects.get().holder == learner
    later = NOW + 800 * DAY
    ApplicationFactory(applicant=learner, credential_type=kind, submitted_at=later)
    entry = entry_to(activity=examination.activity, by=learner, at=later)
    assert (entry.refusal, entry.attempts, entry.attempts_left) == (None, [], 1)
    second = sit(examination, learner, later)
    assert second.number == 2
    answer_all(second, right=10)
    submit_attempt(uuid=second.uuid, by=learner, at=later)
    assert Credential.objects.count() == 2


def test_an_overdue_attempt_is_closed_before_another_starts(practice):
    Quiz.objects.update(time_limit_minutes=10)
    learner = learner_of(practice)
    first = sit(practice, learner)
    second, new = start_attempt(activity=practice.activity, by=learner, at=NOW + 10 * MINUTE)
    first.refresh_from_db()
    assert new and second.number == 2
    assert first.closed_by_clock and first.submitted_at == first.due_at


def statements(call, **given):
    with CaptureQueriesContext(connection) as context:
        call(**given)
    return len(context)


def test_starting_takes_the_same_number_of_statements_however_many_questions():
    add_items(40)
    small, large = practice_quiz(("D1", "", 2)), practice_quiz(("D1", "", 40))
    counts = [
        statements(start_attempt, activity=quiz.activity, by=learner_of(quiz), at=NOW)
        for quiz in (small, large)
    ]
    assert counts[0] == counts[1], counts


# Questions


@pytest.mark.parametrize("kind", ANSWERS)
def test_a_question_holds_what_is_asked_and_nothing_of_the_key(kind):
    add_items(1, kind, stimulus="A runner stops at kilometre 30.")
    attempt = sit(practice_quiz(("D1", "", 1)))
    (question,) = questions_of(attempt)
    allowed = {
        "position",
        "type",
        "stem",
        "stimulus",
        "options",
        "media",
        "points",
        "targets",
        "theme",
        "unit",
        "rule",
    }
    assert set(question) <= allowed
    known = {"id", "text", *{"hotspot": ["x", "y"], "label": ["x", "y", "where"]}.get(kind, [])}
    assert all(set(option) == known for option in question["options"])
    content = content_at(attempt, 1)
    assert {option["id"] for option in question["options"]} == {
        row["id"] for row in content["options"]
    }
    if kind == "order":
        assert [option["id"] for option in question["options"]] != content["key"]["order"]
    if kind == "truefalse":
        assert [option["id"] for option in question["options"]] == ["true", "false"]
    if kind == "match":
        assert len(question["targets"]) == 3
    if kind == "numeric":
        assert question["unit"] == "degrees"


def test_two_attempts_show_options_in_their_own_order():
    add_items(12)
    quiz = practice_quiz(("D1", "", 12))
    orders = [
        {row.item_version_id: row.option_order for row in sit(quiz).responses.all()}
        for _n in range(2)
    ]
    assert orders[0] != orders[1]


# Save


def test_a_save_stores_answer_flag_and_time(practice):
    attempt = sit(practice)
    saved = save(attempt, 1, right_answer(attempt, 1), seq=3, flagged=True)
    row = attempt.responses.get(position=1)
    assert (saved.seq, saved.saved_at, saved.answer, saved.flagged) == (3, NOW, row.answer, True)
    assert (row.seq, row.flagged, row.saved_at) == (3, True, NOW)


def test_a_save_is_one_update_of_its_own_row(practice):
    attempt = sit(practice)
    answer = right_answer(attempt, 2)
    questions_of(attempt)  # as the start answers, and what it keeps in this process
    with CaptureQueriesContext(connection) as context:
        save(attempt, 2, answer)
    (statement,) = context.captured_queries
    where = statement["sql"].partition("WHERE")[2]
    own, _in, subquery = where.partition("attempt_id IN (")
    assert statement["sql"].strip().startswith("UPDATE quizzes_response SET")
    assert '"open"' in own and "seq <" in own
    assert "learner_id" in subquery and "due_at" in subquery and "quizzes_response" not in subquery


@pytest.mark.parametrize("seq", [1, 2])
def test_an_equal_or_older_save_changes_nothing_and_returns_what_is_stored(practice, seq):
    attempt = sit(practice)
    stored = right_answer(attempt, 1)
    save(attempt, 1, stored, seq=2)
    echo = save(attempt, 1, wrong_answer(attempt, 1), seq=seq, flagged=True, at=NOW + MINUTE)
    assert (echo.seq, echo.answer, echo.flagged, echo.saved_at) == (2, stored, False, NOW)


def test_an_answer_can_be_taken_back(practice):
    attempt = sit(practice)
    save(attempt, 1, right_answer(attempt, 1))
    assert save(attempt, 1, None, seq=2).answer is None
    assert Response.objects.filter(attempt=attempt, answer__isnull=True).count() == 3


@pytest.mark.parametrize("position", [0, 4, 10**12])
def test_a_position_that_is_not_there_is_missing(practice, position):
    attempt = sit(practice)
    given = {"uuid": attempt.uuid, "answer": None, "flagged": False, "seq": 1, "at": NOW}
    assert refusal(save_response, position=position, by=attempt.learner, **given).status == 404


def test_another_learners_attempt_is_missing_even_with_a_malformed_answer(practice):
    attempt = sit(practice)
    stranger = learner_of(practice)
    for answer in (right_answer(attempt, 1), "nonsense"):
        with pytest.raises(Missing):
            save(attempt, 1, answer, by=stranger)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("seq", 0),
        ("seq", True),
        ("seq", "1"),
        ("seq", 2**31),
        ("seq", None),
        ("flagged", "yes"),
        ("answer", 5),
    ],
)
def test_a_malformed_save_is_refused_by_field(practice, field, value):
    attempt = sit(practice)
    given = {"answer": None, "flagged": False, "seq": 1, field: value}
    said = refusal(
        save_response, uuid=attempt.uuid, position=1, by=attempt.learner, at=NOW, **given
    )
    assert said.status == 400 and set(said.fields) == {field}


def test_a_closed_attempt_takes_nothing_and_says_so_before_it_looks_at_the_answer(practice):
    attempt = sit(practice)
    submit_attempt(uuid=attempt.uuid, by=attempt.learner, at=NOW)
    for answer in (None, "nonsense"):
        with pytest.raises(Conflict) as caught:
            save(attempt, 1, answer)
        assert caught.value.code == "submitted"


def test_after_the_time_nothing_is_taken(examination):
    attempt = sit(examination)
    with pytest.raises(Conflict) as caught:
        save(attempt, 1, right_answer(attempt, 1), at=attempt.due_at)
    assert caught.value.code == "time_up"


# Check


def test_checking_marks_one_answer_which_then_stands(practice):
    attempt = sit(practice)
    save(attempt, 1, right_answer(attempt, 1))
    given = {"uuid": attempt.uuid, "position": 1, "by": attempt.learner, "at": NOW}
    assert check_response(**given).points == 1
    with pytest.raises(Conflict) as caught:
        save(attempt, 1, wrong_answer(attempt, 1), seq=2)
    assert caught.value.code == "checked"
    assert check_response(**given).points == 1


def test_nothing_is_checked_before_it_is_answered(practice):
    attempt = sit(practice)
    said = refusal(check_response, uuid=attempt.uuid, position=1, by=attempt.learner, at=NOW)
    assert said.code == "not_answered"
    assert attempt.responses.get(position=1).open


@pytest.mark.parametrize("feedback", ["after", "bands"])
def test_only_a_quiz_that_answers_at_once_checks(practice, feedback):
    Quiz.objects.update(feedback=feedback)
    attempt = sit(practice)
    save(attempt, 1, right_answer(attempt, 1))
    said = refusal(check_response, uuid=attempt.uuid, position=1, by=attempt.learner, at=NOW)
    assert said.code == "no_checking"


# Submit


def test_submitting_marks_reports_and_tells(examination):
    attempt = sit(examination)
    answer_all(attempt, right=7)
    result = submit_attempt(uuid=attempt.uuid, by=attempt.learner, at=NOW + MINUTE)
    assert (result.points, result.out_of, result.passed) == (7, 10, True)
    assert sum(row.points for row in attempt.responses.all()) == 7
    evidence = Evidence.objects.get(learner=attempt.learner)
    assert (evidence.reference, evidence.counts) == (attempt.uuid, True)
    assert Progress.objects.get(activity=examination.activity).state == "complete"
    assert Notice.objects.get(recipient=attempt.learner, kind="quiz_result")
    assert not list(verify(ResultVersion))


def test_a_fail_is_no_evidence(examination):
    attempt = sit(examination)
    answer_all(attempt, right=6)
    assert not submit_attempt(uuid=attempt.uuid, by=attempt.learner, at=NOW).passed
    assert not Evidence.objects.exists()
    assert Progress.objects.get(activity=examination.activity).state == "failed"


def test_submitting_twice_returns_the_same_result(examination):
    attempt = sit(examination)
    first = submit_attempt(uuid=attempt.uuid, by=attempt.learner, at=NOW)
    second = submit_attempt(uuid=attempt.uuid, by=attempt.learner, at=NOW + MINUTE)
    assert first == second
    assert Notice.objects.count() == ResultVersion.objects.count() == 1


def test_the_last_requirement_passed_issues_the_credential(examination):
    learner = learner_of(examination)
    requirement = examination.activity.satisfies.get()
    Requirement.objects.exclude(pk=requirement.pk).delete()
    attempt = sit(examination, learner)
    answer_all(attempt, right=10)
    submit_attempt(uuid=attempt.uuid, by=learner, at=NOW)
    assert Credential.objects.get().holder == learner


def test_a_strangers_submission_is_missing(practice):
    attempt = sit(practice)
    with pytest.raises(Missing):
        submit_attempt(uuid=attempt.uuid, by=person(), at=NOW)


def test_practice_sends_no_mail(practice):
    attempt = sit(practice)
    submit_attempt(uuid=attempt.uuid, by=attempt.learner, at=NOW)
    assert not Notice.objects.exists()


def test_submitting_takes_few_statements_however_many_questions():
    """The written examination of a credential, passed, with the practical still to come."""
    add_items(100, pool=Pool.SECURE)
    counts = []
    for size in (3, 100):
        quiz = exam(("D1", "", size))
        ActivityFactory(module=quiz.activity.module, kind="practical")
        attempt = sit(quiz)
        answer_all(attempt, right=size)
        counts.append(statements(submit_attempt, uuid=attempt.uuid, by=attempt.learner, at=NOW))
        assert Evidence.objects.filter(learner=attempt.learner).exists()
    assert counts[0] == counts[1] <= 25, counts


def test_the_clock_closes_what_is_overdue_and_nothing_else(examination, practice):
    late, untimed = sit(examination), sit(practice)
    save(late, 1, right_answer(late, 1))
    assert close_overdue(at=NOW + 149 * MINUTE) == 0
    assert close_overdue(at=NOW + 151 * MINUTE) == 1
    assert close_overdue(at=NOW + 152 * MINUTE) == 0
    late.refresh_from_db()
    untimed.refresh_from_db()
    assert (late.closed_by_clock, late.submitted_at, untimed.submitted_at) == (
        True,
        late.due_at,
        None,
    )
    assert late.results.get().points == 1


def test_one_attempt_that_cannot_be_closed_holds_up_no_other(examination):
    broken, sound = sit(examination), sit(examination)
    Response.objects.filter(attempt=broken, position=1).update(answer={"text": "not a choice"})
    assert close_overdue(at=NOW + DAY) == 1
    broken.refresh_from_db()
    sound.refresh_from_db()
    assert (broken.submitted_at, sound.submitted_at) == (None, sound.due_at)


# Feedback


def test_an_open_attempt_says_nothing(practice):
    assert feedback_of(sit(practice)) == {"passed": None}


def test_a_pass_says_pass_and_no_more(examination):
    attempt = sit(examination)
    answer_all(attempt, right=9)
    submit_attempt(uuid=attempt.uuid, by=attempt.learner, at=NOW)
    attempt.refresh_from_db()
    assert feedback_of(attempt) == {"passed": True}


def test_a_fail_says_bands_by_domain_and_nothing_of_a_question(examination):
    attempt = sit(examination)
    answer_all(attempt, right=5)
    submit_attempt(uuid=attempt.uuid, by=attempt.learner, at=NOW)
    attempt.refresh_from_db()
    assert feedback_of(attempt) == {
        "passed": False,
        "points": 5.0,
        "out_of": 10.0,
        "pass_percent": 68.0,
        "bands": [{"domain": "D1", "title": "Domain D1", "items": 10, "band": "below"}],
    }


@pytest.mark.parametrize("kind", ANSWERS)
def test_practice_gives_each_question_back_with_the_reasons(kind):
    add_items(1, kind)
    attempt = sit(practice_quiz(("D1", "", 1), feedback="after"))
    save(attempt, 1, right_answer(attempt, 1))
    submit_attempt(uuid=attempt.uuid, by=attempt.learner, at=NOW)
    attempt.refresh_from_db()
    told = feedback_of(attempt)
    (question,) = told["questions"]
    assert (told["passed"], question["earned"]) == (True, 1.0)
    reasons = [option["rationale"] for option in question["options"]] or [question["rationale"]]
    assert all(reasons)


def test_a_secure_question_is_never_explained(examination):
    from quizzes.services import explained

    attempt = sit(examination)
    with pytest.raises(ValueError, match="never explained"):
        explained(attempt, attempt.responses.first(), content_at(attempt, 1))


def test_reading_an_overdue_attempt_closes_it(examination):
    attempt = sit(examination)
    found = attempt_of(uuid=attempt.uuid, by=attempt.learner, at=NOW + DAY)
    assert found.submitted_at == attempt.due_at


def test_a_result_knows_its_appeal_and_what_else_stands(examination):
    attempt = sit(examination)
    submit_attempt(uuid=attempt.uuid, by=attempt.learner, at=NOW)
    attempt.refresh_from_db()
    assert appeal_until(attempt) == dt.date(2026, 12, 23)
    assert [row.requirement.title for row in standing_of(attempt, at=NOW)] == [
        "Written examination",
        "Insurance",
    ]


def test_partial_credit_counts_in_thousandths():
    add_items(1, "order")
    attempt = sit(practice_quiz(("D1", "", 1), feedback="after"))
    first, second, third = right_answer(attempt, 1)["order"]
    save(attempt, 1, {"order": [third, first, second]})
    result = submit_attempt(uuid=attempt.uuid, by=attempt.learner, at=NOW)
    assert result.points == Decimal("0.500")


def test_a_figure_is_kept_by_its_hash_and_shown_to_who_is_asked(settings, tmp_path):
    from courses.models import Figure

    figure = Figure.objects.create(
        code="fossa",
        title="Fossa",
        svg='<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><path d="M0 0H9"/></svg>',
        alt="The back of the knee",
        credit="Palpate",
    )
    add_items(1, figure="fossa")
    attempt = sit(practice_quiz(("D1", "", 1)))
    (medium,) = questions_of(attempt)[0]["media"]
    digest = medium["url"].rstrip("/").rpartition("/")[2]
    assert medium["alt"] == figure.alt and media_of(attempt, digest)["type"] == "image/svg+xml"
    with pytest.raises(Missing):
        media_of(attempt, "0" * 64)


def test_an_application_to_another_type_opens_nothing(examination):
    learner = learner_of(examination)
    learner.applications.all().delete()
    other = RequirementFactory(credential_type__code="OTHER").credential_type
    ApplicationFactory(applicant=learner, credential_type=other)
    assert refusal(start_attempt, activity=examination.activity, by=learner, at=NOW).status == 409
