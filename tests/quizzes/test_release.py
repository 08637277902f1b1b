"""From marked to told: what holds a result, who releases it, essays, rulings and what they move."""

import datetime as dt
import io
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Notice
from accounts.services import Conflict, Forbidden, Invalid, Missing, give_roles, record_teaching
from courses.models import Progress
from credentials.models import Evidence
from ledger.services import verify
from quizzes.models import (
    EssayMark,
    Incident,
    IncidentDecision,
    ItemRuling,
    Pool,
    Quiz,
    Release,
    ResultVersion,
)
from quizzes.services import (
    Administration,
    Hold,
    attempt_of,
    entry_to,
    essay_desk,
    essay_for,
    feedback_of,
    freeze_item,
    held_by,
    mark_essay,
    queue_of,
    release_due,
    release_if_due,
    release_results,
    released_of,
    report_file,
    result_of,
    ripple_of,
    rule_on_item,
    save_response,
    settle_fall,
    submit_attempt,
    validation_of,
    waiting_by_quiz,
)
from quizzes.services.release import holds_on
from quizzes.services.reporting import said
from quizzes.services.ruling import apply_ruling
from quizzes.tasks import render_report
from tests.factories import NOW, Role, person
from tests.quizzes.bank import (
    add_items,
    exam,
    learner_of,
    practice_quiz,
    right_answer,
    sit,
    wrong_answer,
)

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)
HOUR = dt.timedelta(hours=1)
ESSAY = "She should stop and see a doctor today."


def answer(attempt, right, at=NOW):
    """The first `right` choices rightly, the other ones wrongly; essays with a text."""
    done = 0
    for row in attempt.responses.select_related("item_version").order_by("position"):
        if row.item_version.content["type"] == "essay":
            given = {"text": ESSAY}
        else:
            give = right_answer if done < right else wrong_answer
            given, done = give(attempt, row.position), done + 1
        save_response(
            uuid=attempt.uuid,
            position=row.position,
            answer=given,
            flagged=False,
            seq=1,
            by=attempt.learner,
            at=at,
        )


def sat(quiz, right, learner=None, at=NOW):
    attempt = sit(quiz, learner, at=at)
    answer(attempt, right, at)
    submit_attempt(uuid=attempt.uuid, by=attempt.learner, at=at)
    return attempt_of(uuid=attempt.uuid, by=attempt.learner, at=at)


def progress(attempt):
    return Progress.objects.get(enrolment=attempt.enrolment, activity=attempt.quiz.activity).state


def report(attempt, at=NOW):
    return Incident.objects.append(
        chain=f"attempt:{attempt.uuid}",
        at=at,
        attempt=attempt,
        kind=Incident.Kind.OUTAGE,
        what="The lights went out.",
        reporter=person(Role.INVIGILATOR),
    )


def decide(incident, outcome, at=NOW):
    return IncidentDecision.objects.append(
        chain=f"attempt:{incident.attempt.uuid}",
        at=at,
        incident=incident,
        outcome=outcome,
        reasons="Read the log.",
        by=person(Role.REGISTRAR),
    )


@pytest.fixture
def registrar():
    return person(Role.REGISTRAR)


@pytest.fixture
def reviewer():
    return person(Role.ITEM_REVIEWER)


@pytest.fixture
def at_once():
    add_items(10, pool=Pool.SECURE)
    return exam(("D1", "", 10), pass_percent=60)


@pytest.fixture(scope="module")
def standing_by_person(standing):
    return standing(build_by_person)


@pytest.fixture
def by_person(own, standing_by_person):
    return own(standing_by_person)


def build_by_person():
    add_items(10, pool=Pool.SECURE)
    return exam(
        ("D1", "", 10),
        pass_percent=60,
        release=Quiz.Release.BY_PERSON,
        scale_cut=500,
        scale_max=800,
    )


@pytest.fixture
def with_essay():
    add_items(4, pool=Pool.SECURE)
    add_items(1, "essay", pool=Pool.SECURE, level="analyse")
    return exam(("D1", "apply", 4), ("D1", "analyse", 6), pass_percent=60)


# Holding and releasing


def test_a_quiz_that_releases_at_once_tells_in_the_submission(at_once):
    attempt = sat(at_once, 6)
    assert feedback_of(attempt) == {"passed": True}
    assert released_of(attempt).release.by is None
    assert progress(attempt) == "complete" and Evidence.objects.get(reference=attempt.uuid).counts
    assert not list(verify(Release))


def test_a_result_that_a_person_releases_is_told_to_nobody_before(by_person, registrar):
    attempt = sat(by_person, 6)
    assert feedback_of(attempt) == {"passed": None}
    assert progress(attempt) == "held"
    assert not Evidence.objects.filter(reference=attempt.uuid).exists()
    assert not Notice.objects.filter(kind="quiz_result").exists()
    assert held_by(attempt, at=NOW) == {Hold.PERSON}
    (release,) = release_results(quiz=by_person, attempts=[attempt], by=registrar, at=NOW + DAY)
    assert feedback_of(attempt) == {"passed": True} and held_by(attempt, at=NOW) == set()
    assert progress(attempt) == "complete" and release.by == registrar
    assert Evidence.objects.get(reference=attempt.uuid).counts
    assert Notice.objects.get(kind="quiz_result").recipient == attempt.learner


def test_releasing_twice_tells_once(by_person, registrar):
    attempt = sat(by_person, 6)
    release_results(quiz=by_person, attempts=[attempt], by=registrar, at=NOW)
    assert release_results(quiz=by_person, attempts=[attempt], by=registrar, at=NOW) == []
    assert Release.objects.count() == Notice.objects.filter(kind="quiz_result").count() == 1


def test_practice_waits_for_nobody_whatever_its_page_says():
    add_items(3)
    quiz = practice_quiz(release=Quiz.Release.BY_PERSON)
    assert feedback_of(sat(quiz, 3))["passed"] is True


@pytest.mark.parametrize("role", [Role.ITEM_REVIEWER, Role.EXAMINER, Role.ADMINISTRATOR, None])
def test_only_registrars_release(by_person, role):
    attempt = sat(by_person, 6)
    somebody = person(role) if role else attempt.learner
    with pytest.raises(Forbidden):
        release_results(quiz=by_person, attempts=[attempt], by=somebody, at=NOW)
    assert not Release.objects.exists()


def test_a_registrar_does_not_release_their_own_result(by_person):
    learner = learner_of(by_person)
    give_roles(user=learner, roles=[Role.REGISTRAR], by=None, at=NOW)
    attempt = sat(by_person, 6, learner)
    assert release_results(quiz=by_person, attempts=[attempt], by=learner, at=NOW) == []
    queue = queue_of(by_person, [*waiting_by_quiz()[by_person.pk]], by=learner)
    assert queue.ready == [] and queue.held == {Hold.PERSON: 1}


def test_a_result_newer_than_what_was_seen_is_left(by_person, registrar):
    first, second = sat(by_person, 6), sat(by_person, 6)
    seen = result_of(first).pk
    done = release_results(
        quiz=by_person, attempts=[first, second], by=registrar, at=NOW, upto=seen
    )
    assert [row.result.attempt for row in done] == [first]


def test_attempts_of_another_quiz_are_left(by_person, registrar):
    other = sat(exam(("D1", "", 3), release=Quiz.Release.BY_PERSON), 3)
    assert release_results(quiz=by_person, attempts=[other], by=registrar, at=NOW) == []


def test_an_open_incident_holds_a_result_that_would_be_told_at_once(at_once):
    attempt = sit(at_once)
    answer(attempt, 6)
    incident = report(attempt)
    submit_attempt(uuid=attempt.uuid, by=attempt.learner, at=NOW)
    attempt.refresh_from_db()
    assert held_by(attempt, at=NOW) == {Hold.INCIDENT} and feedback_of(attempt) == {"passed": None}
    assert release_if_due(attempt=attempt, by=None, at=NOW) is None
    assert progress(attempt) == "held"
    decide(incident, IncidentDecision.Outcome.STANDS)
    assert release_if_due(attempt=attempt, by=None, at=NOW + DAY)
    assert feedback_of(attempt) == {"passed": True}
    assert release_if_due(attempt=attempt, by=None, at=NOW + DAY) is None, "it has been told"


def test_no_registrar_releases_past_an_open_incident(by_person, registrar):
    attempt = sat(by_person, 6)
    report(attempt)
    assert release_results(quiz=by_person, attempts=[attempt], by=registrar, at=NOW) == []
    assert queue_of(by_person, [*waiting_by_quiz()[by_person.pk]], by=registrar).held == {
        Hold.INCIDENT: 1
    }


def test_an_annulled_attempt_is_never_told_and_waits_for_nobody(at_once, registrar):
    attempt = sit(at_once)
    answer(attempt, 6)
    incident = report(attempt)
    submit_attempt(uuid=attempt.uuid, by=attempt.learner, at=NOW)
    attempt.refresh_from_db()
    decide(incident, IncidentDecision.Outcome.ANNULLED)
    assert release_if_due(attempt=attempt, by=None, at=NOW) is None
    assert release_results(quiz=at_once, attempts=[attempt], by=registrar, at=NOW) == []
    assert release_due(at=NOW) == 0 and not waiting_by_quiz()
    assert held_by(attempt, at=NOW) == {Hold.ANNULLED} and feedback_of(attempt) == {"passed": None}


def test_what_was_missed_is_released_by_the_sweep(at_once):
    attempt = sit(at_once)
    answer(attempt, 6)
    incident = report(attempt)
    submit_attempt(uuid=attempt.uuid, by=attempt.learner, at=NOW)
    assert release_due(at=NOW) == 0
    decide(incident, IncidentDecision.Outcome.STANDS)
    assert [release_due(at=NOW), release_due(at=NOW)] == [1, 0]


def test_nobody_starts_again_while_a_result_is_held(by_person, registrar):
    attempt = sat(by_person, 2)
    later = NOW + 40 * DAY
    entry = entry_to(activity=by_person.activity, by=attempt.learner, at=later)
    assert entry.refusal.code == "result_held"
    release_results(quiz=by_person, attempts=[attempt], by=registrar, at=later)
    assert entry_to(activity=by_person.activity, by=attempt.learner, at=later).refusal is None


def test_a_fail_on_a_scale_says_the_scaled_score_and_no_points(by_person, registrar):
    attempt = sat(by_person, 5)
    release_results(quiz=by_person, attempts=[attempt], by=registrar, at=NOW)
    told = feedback_of(attempt)
    assert (told["scaled"], told["scale_cut"], told["scale_max"]) == (425, 500, 800)
    assert set(told) == {"passed", "scaled", "scale_cut", "scale_max", "bands"}


def test_pilot_questions_are_marked_and_never_counted(at_once):
    attempt = sit(at_once)
    answer(attempt, 10)
    attempt.responses.filter(position__lte=4).update(scored=False)
    submit_attempt(uuid=attempt.uuid, by=attempt.learner, at=NOW)
    result = result_of(attempt)
    assert (result.points, result.out_of) == (6, 6)
    assert sum(row["items"] for row in result.bands) == 6
    assert attempt.responses.filter(points=1).count() == 10


def test_the_pass_mark_is_that_of_the_start(at_once):
    attempt = sit(at_once)
    answer(attempt, 6)
    Quiz.objects.filter(pk=at_once.pk).update(pass_percent=90)
    submit_attempt(uuid=attempt.uuid, by=attempt.learner, at=NOW)
    assert result_of(attempt).passed


# Essays


def lines_of(response, *points):
    rubric = response.item_version.content["scoring"]["rubric"]
    return {line["id"]: given for line, given in zip(rubric, points, strict=True)}


def essay_in(attempt):
    return attempt.responses.get(item_version__content__type="essay")


def mark(attempt, *points, by=None, comment="", at=NOW):
    row = essay_in(attempt)
    by = by or person(Role.ITEM_REVIEWER)
    return mark_essay(response=row, marker=by, lines=lines_of(row, *points), comment=comment, at=at)


def test_an_essay_holds_the_result_until_two_have_marked_it(with_essay):
    attempt = sat(with_essay, 4)
    assert held_by(attempt, at=NOW) == {Hold.ESSAY} and feedback_of(attempt) == {"passed": None}
    assert mark(attempt, 1, 1, 1).place == "A"
    assert feedback_of(attempt) == {"passed": None}
    assert mark(attempt, 2, 1, 1, at=NOW + DAY).place == "B"
    assert essay_in(attempt).points == Decimal("3.5")
    assert feedback_of(attempt) == {"passed": True}
    result = result_of(attempt)
    assert (result.version, result.points, result.out_of) == (2, Decimal("7.5"), 10)
    assert result.reason == "essays marked" and progress(attempt) == "complete"
    assert not list(verify(EssayMark)) and not list(verify(ResultVersion))


def test_where_two_differ_by_more_than_the_tolerance_a_third_decides(with_essay):
    attempt = sat(with_essay, 4)
    mark(attempt, 0, 0, 0)
    mark(attempt, 2, 2, 2)
    assert essay_in(attempt).points is None
    assert mark(attempt, 1, 1, 0).place == "C"
    assert essay_in(attempt).points == 2 and result_of(attempt).points == 6


def test_nobody_marks_twice_and_nobody_marks_what_is_decided(with_essay, reviewer):
    attempt = sat(with_essay, 4)
    mark(attempt, 1, 1, 1, by=reviewer)
    with pytest.raises(Conflict):
        mark(attempt, 1, 1, 1, by=reviewer)
    mark(attempt, 1, 1, 1)
    with pytest.raises(Conflict):
        mark(attempt, 1, 1, 1)
    assert EssayMark.objects.count() == 2


@pytest.mark.parametrize("role", [Role.EXAMINER, Role.REGISTRAR, Role.INSTRUCTOR, Role.ITEM_AUTHOR])
def test_only_item_reviewers_mark(with_essay, role):
    attempt = sat(with_essay, 4)
    with pytest.raises(Forbidden):
        mark(attempt, 1, 1, 1, by=person(role))
    with pytest.raises(Forbidden):
        essay_desk(marker=person(role), at=NOW)


def test_whoever_taught_the_candidate_does_not_mark_and_is_told_no_name(with_essay, reviewer):
    attempt = sat(with_essay, 4)
    record_teaching(
        teacher=reviewer,
        learner=attempt.learner,
        subject="Massage",
        taught_on=(NOW - 600 * DAY).date(),
        by=None,
        at=NOW,
    )
    with pytest.raises(Forbidden) as refusal:
        mark(attempt, 1, 1, 1, by=reviewer)
    assert refusal.value.code == "R3" and attempt.learner.name not in refusal.value.sentence
    desk = essay_desk(marker=reviewer, at=NOW)
    assert (desk.waiting, desk.for_others) == ([], 1)
    assert len(essay_desk(marker=reviewer, at=NOW + 300 * DAY).waiting) == 1


def test_a_reviewer_who_sat_it_does_not_mark_their_own(with_essay):
    learner = learner_of(with_essay)
    give_roles(user=learner, roles=[Role.ITEM_REVIEWER], by=None, at=NOW)
    attempt = sat(with_essay, 4, learner)
    with pytest.raises(Forbidden):
        mark(attempt, 2, 2, 2, by=learner)


@pytest.mark.parametrize("points", [(3, 0, 0), (-1, 0, 0), (1.5, 0, 0), ("1", 0, 0), (True, 0, 0)])
def test_marks_of_the_wrong_shape_are_refused(with_essay, points):
    attempt = sat(with_essay, 4)
    with pytest.raises(Invalid):
        mark(attempt, *points)
    assert not EssayMark.objects.exists()


def test_a_huge_comment_is_refused(with_essay):
    attempt = sat(with_essay, 4)
    with pytest.raises(Invalid):
        mark(attempt, 1, 1, 1, comment="x" * 4001)
    with pytest.raises(Invalid):
        mark(attempt, 1, 1, 1, comment="\0")


def test_an_essay_that_is_open_empty_or_no_essay_is_not_there(with_essay, reviewer):
    attempt = sit(with_essay)
    row = essay_in(attempt)
    with pytest.raises(Missing):
        essay_for(number=row.pk, marker=reviewer, at=NOW)
    submit_attempt(uuid=attempt.uuid, by=attempt.learner, at=NOW)
    with pytest.raises(Missing):
        essay_for(number=row.pk, marker=reviewer, at=NOW)
    other = attempt.responses.exclude(pk=row.pk)[0]
    with pytest.raises(Missing):
        essay_for(number=other.pk, marker=reviewer, at=NOW)


def test_an_empty_essay_has_no_points_and_waits_for_nobody(with_essay):
    attempt = sit(with_essay)
    submit_attempt(uuid=attempt.uuid, by=attempt.learner, at=NOW)
    assert essay_in(attempt).points == 0
    assert feedback_of(attempt_of(uuid=attempt.uuid, by=attempt.learner, at=NOW))["passed"] is False


def test_an_essay_of_practice_is_on_no_desk(reviewer):
    add_items(1, "essay")
    attempt = sat(practice_quiz(("D1", "", 6)), 0)
    assert essay_desk(marker=reviewer, at=NOW).waiting == []
    assert feedback_of(attempt)["passed"] is True


def test_the_desk_takes_the_same_number_of_statements_for_one_essay_and_for_many(with_essay):
    counts = []
    for more in (1, 5):
        for _number in range(more):
            sat(with_essay, 2)
        marker = person(Role.ITEM_REVIEWER)
        with CaptureQueriesContext(connection) as context:
            assert essay_desk(marker=marker, at=NOW).waiting
        counts.append(len(context))
    assert counts[0] == counts[1] <= 8, counts


def test_the_longest_waiting_essay_comes_first_with_the_place_to_take(with_essay, reviewer):
    late, early = sat(with_essay, 4, at=NOW + HOUR), sat(with_essay, 4)
    mark(early, 1, 1, 1)
    desk = essay_desk(marker=reviewer, at=NOW + DAY)
    assert [(row.response.attempt, row.place) for row in desk.waiting] == [
        (early, "B"),
        (late, "A"),
    ]


# Rulings


def version_at(attempt, position):
    return attempt.responses.get(position=position).item_version


def rule(version, kind="void", also=(), by=None, reasons="Both answers can be defended.", at=NOW):
    by = by or person(Role.ITEM_REVIEWER)
    return rule_on_item(version=version, kind=kind, also=also, reasons=reasons, by=by, at=at)


def same_form(quiz, attempts_right):
    return [sat(quiz, right) for right in attempts_right]


def test_a_void_question_leaves_every_result_that_met_it(by_person):
    first, second = same_form(by_person, [6, 10])
    wrong = first.responses.get(points=0, item_version__isnull=False, position__gt=6, position=7)
    ruling = rule(wrong.item_version)
    for attempt in (first, second):
        result = result_of(attempt)
        assert result.reason == ruling.mark and result.version == 2 and result.out_of == 9
    assert result_of(first).points == 6
    assert not list(verify(ItemRuling)) and not list(verify(ResultVersion))


def test_a_question_that_counts_for_everybody_gives_the_point_to_whoever_had_it_wrong(by_person):
    failed, passed = same_form(by_person, [5, 10])
    question = version_at(failed, 10)
    rule(question, "credit")
    assert (result_of(failed).points, result_of(failed).passed) == (6, True)
    assert result_of(passed).version == 1


def test_another_answer_counts_as_well(by_person):
    attempt = sat(by_person, 5)
    row = attempt.responses.get(position=10)
    rule(row.item_version, "rescore", [row.answer])
    assert result_of(attempt).points == 6


def test_the_newest_ruling_holds_and_results_follow_each(by_person):
    attempt = sat(by_person, 5)
    question = version_at(attempt, 10)
    rule(question, "credit")
    rule(question, "stands", at=NOW + DAY)
    assert [row.points for row in attempt.results.order_by("version")] == [5, 6, 5]
    rule(question, "void", at=NOW + 2 * DAY)
    assert (result_of(attempt).points, result_of(attempt).out_of) == (5, 9)


def test_all_rulings_in_force_count_together(by_person):
    attempt = sat(by_person, 4)
    rule(version_at(attempt, 10), "credit")
    rule(version_at(attempt, 9), "void")
    assert (result_of(attempt).points, result_of(attempt).out_of) == (5, 9)


def test_a_ruling_holds_for_whoever_submits_later(by_person):
    attempt = sit(by_person)
    answer(attempt, 5)
    rule(version_at(attempt, 10), "credit")
    assert not attempt.results.exists()
    submit_attempt(uuid=attempt.uuid, by=attempt.learner, at=NOW)
    assert result_of(attempt).points == 6


def test_the_same_ruling_twice_is_refused_and_nothing_follows_twice(by_person):
    attempt = sat(by_person, 5)
    question = version_at(attempt, 10)
    ruling = rule(question, "credit")
    with pytest.raises(Conflict):
        rule(question, "credit")
    with pytest.raises(Conflict):
        rule(version_at(attempt, 9), "stands")
    assert apply_ruling(ruling=ruling, at=NOW) == 0
    assert attempt.results.count() == 2


def test_pilot_questions_move_nothing(by_person):
    attempt = sit(by_person)
    answer(attempt, 5)
    attempt.responses.filter(position=10).update(scored=False)
    submit_attempt(uuid=attempt.uuid, by=attempt.learner, at=NOW)
    ripple = ripple_of(rule(version_at(attempt, 10), "credit"))
    assert (ripple.met, ripple.touched) == (0, []) and result_of(attempt).version == 1


@pytest.mark.parametrize("role", [Role.REGISTRAR, Role.ITEM_AUTHOR, Role.EXAMINER])
def test_only_item_reviewers_rule(by_person, role):
    attempt = sat(by_person, 5)
    with pytest.raises(Forbidden):
        rule(version_at(attempt, 1), by=person(role))


def test_its_author_does_not_rule_on_a_question(by_person, reviewer):
    attempt = sat(by_person, 5)
    question = version_at(attempt, 1)
    type(question.item).objects.filter(pk=question.item_id).update(author=reviewer)
    with pytest.raises(Forbidden) as refusal:
        rule(question, by=reviewer)
    assert refusal.value.code == "R2"


@pytest.mark.parametrize(
    ("kind", "also", "reasons"),
    [("void", [], " "), ("gone", [], "Why"), ("rescore", [], "Why"), ("void", [], "x" * 4001), ("void", [], "a\0b")],
)  # fmt: skip
def test_what_is_no_ruling_is_refused_and_moves_nothing(by_person, kind, also, reasons):
    attempt = sat(by_person, 5)
    with pytest.raises(Invalid):
        rule(version_at(attempt, 10), kind, also, reasons=reasons)
    assert not ItemRuling.objects.exists() and attempt.results.count() == 1


def test_practice_questions_are_corrected_not_ruled_on():
    (item,) = add_items(1)
    with pytest.raises(Invalid):
        rule(freeze_item(item=item, at=NOW))


def test_nobody_passes_an_examination_of_which_nothing_counts():
    add_items(1, pool=Pool.SECURE)
    attempt = sat(exam(("D1", "", 1), pass_percent=0), 1)
    rule(version_at(attempt, 1))
    assert (result_of(attempt).out_of, result_of(attempt).passed) == (0, False)


def test_a_fail_that_becomes_a_pass_is_told_and_counted_by_a_registrar_only(at_once, registrar):
    attempt = sat(at_once, 5)
    rule(version_at(attempt, 10), "credit")
    assert feedback_of(attempt)["passed"] is False and progress(attempt) == "failed"
    assert release_due(at=NOW) == 0 and release_if_due(attempt=attempt, by=None, at=NOW) is None
    queue = queue_of(at_once, waiting_by_quiz()[at_once.pk], by=registrar)
    assert (queue.ready, queue.rises) == ([attempt], 1)
    release_results(quiz=at_once, attempts=queue.ready, by=registrar, at=NOW + DAY)
    assert feedback_of(attempt) == {"passed": True} and progress(attempt) == "complete"
    assert "marked anew" in Notice.objects.filter(kind="quiz_result").latest("pk").body


def falling(quiz):
    """A pass that was told and that a ruling would take back."""
    attempt = sat(quiz, 6)
    ruling = rule(version_at(attempt, 1))
    assert result_of(attempt).passed is False
    return attempt, ruling


def test_no_release_takes_a_pass_back(at_once, registrar):
    attempt, _ruling = falling(at_once)
    assert release_results(quiz=at_once, attempts=[attempt], by=registrar, at=NOW) == []
    assert feedback_of(attempt) == {"passed": True} and progress(attempt) == "complete"
    queue = queue_of(at_once, waiting_by_quiz()[at_once.pk], by=registrar)
    assert queue.held == {Hold.FALL: 1} and queue.falls == [attempt]


def test_a_registrar_lets_a_pass_stand_and_the_record_says_who(at_once, registrar):
    attempt, ruling = falling(at_once)
    release = settle_fall(
        attempt=attempt, stands=True, reasons="Told in good faith.", by=registrar, at=NOW + DAY
    )
    assert (release.by, release.note) == (registrar, "Told in good faith.")
    assert feedback_of(attempt) == {"passed": True} and not waiting_by_quiz()
    assert result_of(attempt).reason == "the pass stands"
    assert Notice.objects.filter(kind="quiz_result").count() == 1
    assert not ripple_of(ruling).falling[0].to_decide
    with pytest.raises(Conflict):
        settle_fall(attempt=attempt, stands=False, reasons="No.", by=registrar, at=NOW + DAY)


def test_a_registrar_takes_a_pass_back_and_the_candidate_is_told(at_once, registrar):
    attempt, ruling = falling(at_once)
    settle_fall(attempt=attempt, stands=False, reasons="It was wrong.", by=registrar, at=NOW + DAY)
    assert feedback_of(attempt)["passed"] is False and progress(attempt) == "failed"
    newest = Evidence.objects.filter(reference=attempt.uuid).latest("sequence")
    assert not newest.counts and Notice.objects.filter(kind="quiz_result").count() == 2
    assert ripple_of(ruling).falling[0].released


@pytest.mark.parametrize("role", [Role.ITEM_REVIEWER, Role.ADMINISTRATOR])
def test_only_a_registrar_with_reasons_decides_on_a_pass(at_once, registrar, role):
    attempt, _ruling = falling(at_once)
    with pytest.raises(Forbidden):
        settle_fall(attempt=attempt, stands=True, reasons="Why", by=person(role), at=NOW)
    with pytest.raises(Invalid):
        settle_fall(attempt=attempt, stands=True, reasons=" ", by=registrar, at=NOW)


def test_a_ripple_lists_what_flips_both_ways(at_once):
    falls, stays, rises = same_form(at_once, [6, 9, 5])
    down = ripple_of(rule(version_at(falls, 1)))
    assert down.met == 3 and falls in [row.attempt for row in down.falling]
    assert stays not in [row.attempt for row in down.falling] and not down.rising
    up = ripple_of(rule(version_at(falls, 1), "credit", at=NOW + DAY))
    assert falls in [row.attempt for row in up.touched]
    wrong = rises.responses.filter(points=0).exclude(item_version=down.ruling.version)[0]
    rule(wrong.item_version, "credit", at=NOW + 2 * DAY)
    assert result_of(rises).points >= 6
    for row in ripple_of(ItemRuling.objects.latest("pk")).touched:
        assert row.rises == (row.after.passed and not row.before.passed)
        assert row.before == released_of(row.attempt)


def test_a_ripple_takes_the_same_number_of_statements_for_one_attempt_and_for_many(at_once):
    counts, ruled = [], set()
    for more in (1, 5):
        attempts = same_form(at_once, [5] * more)
        missed = (version_at(attempts[0], position) for position in (10, 9))
        version = next(row for row in missed if row.pk not in ruled)
        ruled.add(version.pk)
        ruling = rule(version, "credit")
        with CaptureQueriesContext(connection) as context:
            assert ripple_of(ruling).touched
        counts.append(len(context))
    assert counts[0] == counts[1] <= 9, counts


# Key validation


def test_below_thirty_attempts_there_is_only_n(by_person):
    same_form(by_person, [10, 9])
    validation = validation_of(Administration(by_person))
    assert validation.attempts == validation.of == 2 and len(validation.questions) == 10
    assert not validation.flagged and all(row.statistics.n == 2 for row in validation.questions)


def test_waiting_results_take_the_same_number_of_statements_for_one_and_for_many(
    by_person, registrar
):
    counts = []
    for more in (1, 6):
        same_form(by_person, [6] * more)
        with CaptureQueriesContext(connection) as context:
            waiting = waiting_by_quiz()[by_person.pk]
            queue_of(by_person, waiting, by=registrar)
            validation_of(Administration(by_person))
        counts.append(len(context))
    assert counts[0] == counts[1] <= 9, counts


def test_holds_of_many_take_two_statements(by_person):
    attempts = same_form(by_person, [6, 6, 6])
    with CaptureQueriesContext(connection) as context:
        holds_on(attempts)
    assert len(context) == 2


# The report


def test_the_report_of_a_fail_says_score_bands_dates_and_no_question(by_person, registrar):
    attempt = sat(by_person, 5)
    (release,) = release_results(quiz=by_person, attempts=[attempt], by=registrar, at=NOW + DAY)
    told = said(release)
    words = repr(told)
    assert told["title"] == "Not passed this time" and told["name"] == attempt.learner.name
    assert "scaled score is 425" in words and "23 December 2026" in words
    assert told["table"][1:] == [["Domain D1", "10", "Near the standard"]]
    assert "24 December 2026" in words  # appeal: thirty days from the release
    for row in attempt.responses.select_related("item_version"):
        content = row.item_version.content
        assert content["stem"] not in words
        assert not any(option["id"] in words for option in content["options"])


def test_the_report_of_a_pass_says_pass_only(by_person, registrar):
    attempt = sat(by_person, 9)
    (release,) = release_results(quiz=by_person, attempts=[attempt], by=registrar, at=NOW)
    told = said(release)
    assert told["title"] == "You have passed" and told["table"] == []
    assert not any(word in repr(told) for word in ("scaled score is", "You earned", "Domain D1"))


def test_a_report_is_rendered_by_a_worker_and_is_a_pdf(by_person, registrar):
    attempt = sat(by_person, 5)
    (release,) = release_results(quiz=by_person, attempts=[attempt], by=registrar, at=NOW)
    assert report_file(attempt) is None
    render_report.call(release.pk)
    with report_file(attempt) as file:
        assert io.BytesIO(file.read()).getvalue().startswith(b"%PDF-")


def test_there_is_no_report_before_the_release(by_person):
    with pytest.raises(Missing):
        report_file(sat(by_person, 5))
